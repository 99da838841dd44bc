//! `sql`: one read-only query on a dataset.

use crate::{
    cli::Format,
    exit::{Stop, print},
};
use index::Dataset;
use std::process::ExitCode;

/// Prints the answer to `query`.
pub(crate) async fn run(location: &str, query: &str, format: Format) -> Result<ExitCode, Stop> {
    let dataset = Dataset::open(location).await?;
    let batches = index::sql::run(&dataset, query).await?;
    print(&index::sql::format(&batches, format.into())?)?;
    Ok(ExitCode::SUCCESS)
}
