//! `pinakes optout`.

use super::Output;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Optout {
    /// Counts what a list of domains, hosts, URLs, URL prefixes or hashes names; changes nothing
    Check(OptoutCheck),
}

/// Am I in it?
#[derive(Args, Clone, Debug)]
pub(crate) struct OptoutCheck {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// List file: one domain or URL a line, or CSV or JSON lines with `type` and `value`
    pub(crate) list: PathBuf,
    #[command(flatten)]
    pub(crate) output: Output,
}
