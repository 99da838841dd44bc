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

/// Text as a field of CSV.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
