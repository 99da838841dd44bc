//! `audit`: the funnel, or who contributed and who was refused.

use super::funnel;
use crate::{cli::Format, exit::Stop};
use index::{Audit, By, Dataset, Funnel};
use serde_json::json;
use std::process::ExitCode;

/// Prints the funnel, or candidates counted `by` one of their sides.
pub(crate) async fn run(location: &str, by: Option<&str>, format: Format) -> Result<ExitCode, Stop> {
    let by: Option<By> = match by {
        Some(text) => {
            Some(text.parse().map_err(|problem: String| Stop::yours(problem, "leave `--by` out for the funnel"))?)
        }
        None => None,
    };
    let dataset = Dataset::open(location).await?;
    match by {
        Some(by) => {
            let batch = Audit::by(&dataset, by).await?.to_batch()?;
            print!("{}", index::sql::format(&[batch], format.into())?);
        }
        None => print_funnel(&Funnel::of(&dataset).await?, format),
    }
    Ok(ExitCode::SUCCESS)
}

fn print_funnel(funnel: &Funnel, format: Format) {
    match format {
        Format::Table => print!("{}", funnel::table(funnel)),
        Format::Json => {
            let Funnel { samples, ledger, removed, .. } = funnel;
            let check = funnel.check();
            let text = json!({
                "stages": funnel.stages(),
                "samples": samples,
                "ledger": ledger,
                "removed": removed,
                "adds_up": check.is_ok(),
                "problem": check.err(),
            });
            println!("{text:#}");
        }
        Format::Csv => {
            println!("stage,outcome,rows");
            for stage in funnel.stages() {
                println!("{},seen,{}", stage.stage, stage.rows.seen());
                println!("{},kept,{}", stage.stage, stage.rows.kept());
                for (reason, count) in stage.rows.dropped() {
                    println!("{},{reason},{count}", stage.stage);
                }
            }
        }
    }
}
