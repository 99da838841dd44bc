//! `optout rewrite`: subsets that were cut before.

use super::quoted;
use crate::{
    cli::{Format, OptoutRewrite},
    exit::{Stop, json, print},
};
use chrono::Utc;
use index::{
    Dataset,
    optout::{FoundInSubset, InSubset, check_subset, rewrite_subset, standing},
};
use std::process::ExitCode;

/// Takes what stands opted out out of the subset, and says what that came to.
pub(super) async fn run(what: &OptoutRewrite) -> Result<ExitCode, Stop> {
    let dataset = Dataset::open(&what.dataset).await?;
    let named = standing(&dataset).await?;
    let found = if what.dry_run {
        check_subset(&what.subset, &named, Some(&dataset)).await?
    } else {
        rewrite_subset(&what.subset, &named, Some(&dataset), Utc::now()).await?
    };
    print(&match what.output.format {
        Format::Json => json(&found)?,
        Format::Csv => csv(&found),
        Format::Table => told_of(&found),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn csv(found: &InSubset) -> String {
    let mut text = "type,value,rows\n".to_owned();
    for FoundInSubset { kind, value, rows } in &found.found {
        text += &format!("{kind},{},{rows}\n", quoted(value));
    }
    text
}

/// What was found in a subset, for people.
pub(super) fn told_of(subset: &InSubset) -> String {
    let InSubset { folder, layout, dataset_version, rows, named, found, files, rewritten } = subset;
    let mut text =
        format!("subset `{folder}` ({layout}, of version {dataset_version}): {named} of {rows} rows are named\n");
    for FoundInSubset { kind, value, rows } in found {
        text += &format!("{rows:>9}  {kind} {value}\n");
    }
    let done = if *rewritten { "written anew" } else { "to be written anew" };
    text + &format!("{:>9}  files {done}\n", files.len())
}
