//! `pinakes compact`, `vacuum`, `versions`.

use super::Output;
use clap::{ArgGroup, Args};

/// How large files are to be.
#[derive(Args, Clone, Debug)]
pub(crate) struct Compact {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// Most rows of a file
    #[arg(long, value_name = "N", default_value_t = 1_048_576)]
    pub(crate) rows: u64,
    /// Most bytes of a file, about
    #[arg(long, value_name = "N", default_value_t = 268_435_456)]
    pub(crate) bytes: u64,
    /// Counts the files and writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Which versions are kept.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("keep").required(true).args(["keep_versions", "older_than"])))]
pub(crate) struct Vacuum {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// Keeps the last N versions
    #[arg(long, value_name = "N")]
    pub(crate) keep_versions: Option<u64>,
    /// Gives up versions that were replaced so long ago: `7d`, `12h`, `30m`
    #[arg(long, value_name = "AGE")]
    pub(crate) older_than: Option<String>,
    /// Counts the files and deletes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Which versions there are.
#[derive(Args, Clone, Debug)]
pub(crate) struct Versions {
    /// The dataset's folder
    pub(crate) dataset: String,
    #[command(flatten)]
    pub(crate) output: Output,
}
