//! `subset`: rows of a dataset in the layout that training code reads.

use crate::exit::{Stop, print};
use index::{
    Dataset,
    subset::{Layout, subset},
};
use std::process::ExitCode;

/// Writes the subset, and prints its manifest.
pub(crate) async fn run(
    location: &str,
    condition: Option<&str>,
    layout: &str,
    out: &str,
    limit: Option<usize>,
) -> Result<ExitCode, Stop> {
    let layout: Layout =
        layout.parse().map_err(|problem: String| Stop::yours(problem, "`pinakes subset --help` says what each is"))?;
    let dataset = Dataset::open(location).await?;
    let manifest = subset(&dataset, condition, layout, out, limit).await?;
    let text = serde_json::to_string_pretty(&manifest).map_err(|error| Stop::ours(error.into()))?;
    print(&format!("{text}\n"))?;
    Ok(ExitCode::SUCCESS)
}
