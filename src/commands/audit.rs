//! `audit`: the funnel, or who contributed and who was refused.

use super::funnel;
use crate::{
    cli::{self, Format},
    exit::{Stop, print},
};
use index::{Audit, By, Dataset, Funnel};
use serde_json::json;
use std::process::ExitCode;

/// Prints the funnel, or candidates counted by one of their sides.
pub(crate) async fn run(what: &cli::Audit) -> Result<ExitCode, Stop> {
    let by: Option<By> = match what.by.as_deref() {
        Some(text) => {
            Some(text.parse().map_err(|problem: String| Stop::yours(problem, "leave `--by` out for the funnel"))?)
        }
        None => None,
    };
    let dataset = Dataset::open(&what.dataset).await?;
    let format = what.output.format;
    match by {
        Some(by) => {
            let batch = Audit::by(&dataset, by).await?.to_batch()?;
            print(&index::sql::format(&[batch], format.into())?)?;
        }
        None => print(&funnel_text(&Funnel::of(&dataset).await?, format))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn funnel_text(funnel: &Funnel, format: Format) -> String {
    match format {
        Format::Table => funnel::table(funnel),
        Format::Json => {
            let Funnel { samples, ledger, removed, near_duplicates, .. } = funnel;
            let check = funnel.check();
            let value = json!({
                "stages": funnel.stages(),
                "samples": samples,
                "ledger": ledger,
                "removed": removed,
                "near_duplicates": near_duplicates,
                "adds_up": check.is_ok(),
                "problem": check.err(),
            });
            format!("{value:#}\n")
        }
        Format::Csv => {
            let mut text = "stage,outcome,rows\n".to_owned();
            for stage in funnel.stages() {
                text += &format!("{},seen,{}\n", stage.stage, stage.rows.seen());
                text += &format!("{},kept,{}\n", stage.stage, stage.rows.kept());
                for (reason, count) in stage.rows.dropped() {
                    text += &format!("{},{reason},{count}\n", stage.stage);
                }
            }
            text
        }
    }
}
