//! `subset`: rows of a dataset in the layout that training code reads.

use crate::{
    cli,
    exit::{Stop, print},
    progress::Progress,
};
use index::{
    Dataset,
    dedup::last_search,
    subset::{Layout, Wanted, subset},
};
use std::process::ExitCode;

/// Writes the subset, and prints its manifest.
pub(crate) async fn run(what: &cli::Subset, progress: Progress) -> Result<ExitCode, Stop> {
    let layout: Layout = what
        .layout
        .parse()
        .map_err(|problem: String| Stop::yours(problem, "`pinakes subset --help` says what each is"))?;
    let wanted =
        Wanted { condition: what.condition.as_deref(), limit: what.limit, without_duplicates: what.without_duplicates };
    let dataset = Dataset::open(&what.dataset).await?;
    let manifest = subset(&dataset, wanted, layout, &what.out).await?;
    if wanted.without_duplicates
        && let Some((version, false)) = last_search(&dataset).await?
    {
        progress.say(&format!(
            "the dataset changed since near-duplicates were looked for (version {version}): rows that came later are not marked"
        ));
    }
    let text = serde_json::to_string_pretty(&manifest).map_err(|error| Stop::ours(error.into()))?;
    print(&format!("{text}\n"))?;
    Ok(ExitCode::SUCCESS)
}
