//! `pinakes sql`.

use super::Output;
use clap::Args;

/// A question.
#[derive(Args, Clone, Debug)]
pub(crate) struct Sql {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// One read-only query
    pub(crate) query: String,
    #[command(flatten)]
    pub(crate) output: Output,
}
