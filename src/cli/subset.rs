//! `pinakes subset`.

use clap::Args;

/// Which rows, in which shape, where to.
#[derive(Args, Clone, Debug)]
pub(crate) struct Subset {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// Condition in SQL, for example `similarity > 0.3 and width >= 512`
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) condition: Option<String>,
    /// parquet, laion (LAION's column names), urls, or webdataset (tar shards)
    #[arg(long, default_value = "parquet")]
    pub(crate) layout: String,
    /// New folder to write into
    #[arg(long)]
    pub(crate) out: String,
    /// Most rows
    #[arg(long)]
    pub(crate) limit: Option<usize>,
    /// One row of each cluster that `pinakes dedup` marked: its largest picture of those for which the condition holds
    #[arg(long)]
    pub(crate) without_duplicates: bool,
}
