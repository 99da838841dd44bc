//! `sql`: one read-only query on a dataset.

use crate::{
    cli,
    exit::{Stop, print},
};
use index::Dataset;
use std::process::ExitCode;

/// Prints the answer.
pub(crate) async fn run(what: &cli::Sql) -> Result<ExitCode, Stop> {
    let dataset = Dataset::open(&what.dataset).await?;
    let batches = index::sql::run(&dataset, &what.query).await?;
    print(&index::sql::format(&batches, what.output.format.into())?)?;
    Ok(ExitCode::SUCCESS)
}
