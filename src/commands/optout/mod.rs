//! `optout`: for artists and site owners. One file a verb.

mod apply;
mod asking;
mod check;
mod key;
mod pictures;
mod receipts;
mod review;
mod rewrite;

use crate::{cli::Optout, exit::Stop};
use serde::Serialize;
use std::process::ExitCode;

/// Does what was asked for.
pub(crate) async fn run(action: &Optout) -> Result<ExitCode, Stop> {
    match action {
        Optout::Check(what) => check::run(what).await,
        Optout::Apply(what) => apply::run(what).await,
        Optout::Rewrite(what) => rewrite::run(what).await,
        Optout::Receipts(what) => receipts::run(what).await,
    }
}

fn json(value: &impl Serialize) -> Result<String, Stop> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Stop::ours(error.into()))?;
    Ok(format!("{text}\n"))
}

/// Text as a field of CSV.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
