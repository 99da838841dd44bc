//! `pinakes audit`.

use super::Output;
use clap::Args;

/// What is counted, and by what.
#[derive(Args, Clone, Debug)]
pub(crate) struct Audit {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// image-domain, page-domain, signal, license, language or reason; the funnel without it
    #[arg(long)]
    pub(crate) by: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
}
