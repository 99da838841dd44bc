//! `pinakes search`, and `pinakes index`.

use super::{Output, Shelf};
use clap::{ArgGroup, Args};
use std::path::PathBuf;

/// What is to be near to what.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("query").required(true).args(["text", "image", "id", "verify"])))]
pub(crate) struct Search {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// Pictures that fit this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// Pictures that look like the one in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) image: Option<PathBuf>,
    /// Pictures near to that of this row, itself left out
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    pub(crate) id: Option<i64>,
    /// Measures instead what the index finds of what the exact scan finds, with rows and with captions as queries
    #[arg(long, conflicts_with_all = ["condition", "page", "exact", "most"])]
    pub(crate) verify: bool,
    /// Most hits
    #[arg(short = 'k', long = "most", value_name = "NUMBER", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) most: u32,
    /// Only rows for which this condition in SQL holds, for example `width >= 512 and license is not null`
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) condition: Option<String>,
    /// Scans all rows, even where there is an index
    #[arg(long)]
    pub(crate) exact: bool,
    /// Also writes a page of one file with the pictures that were stored
    #[arg(long, value_name = "FILE.html")]
    pub(crate) page: Option<PathBuf>,
    /// Queries of each kind for `--verify`
    // To require `verify` says nothing beside `text`: clap waives what is required where it conflicts with what is given.
    #[arg(long, value_name = "NUMBER", default_value_t = 100, conflicts_with_all = ["text", "image", "id"], value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) queries: u32,
    /// Recall of the ten nearest for which `--verify` names the number of lists
    #[arg(long, value_name = "SHARE", default_value_t = 0.98, conflicts_with_all = ["text", "image", "id"])]
    pub(crate) recall: f64,
    #[command(flatten)]
    pub(crate) encoder: Encoder,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// An index to search faster by.
#[derive(Args, Clone, Debug)]
pub(crate) struct Index {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// Recall of the ten nearest that searches are to reach; how many lists that takes is measured, with rows and, where the
    /// model is on this machine, with captions
    #[arg(long, value_name = "SHARE", default_value_t = 0.98)]
    pub(crate) recall: f64,
    /// Makes it anew, even if bringing it up to date would do
    #[arg(long)]
    pub(crate) anew: bool,
    #[command(flatten)]
    pub(crate) encoder: Encoder,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// The model that scored the dataset, on this machine.
#[derive(Args, Clone, Debug)]
pub(crate) struct Encoder {
    /// Model whose embeddings are searched: a name, a folder with a `model.toml`, or an id as the column `model` has it; the
    /// dataset's own where it has one
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// ONNX Runtime's shared library; overrides `score.onnxruntime`
    #[arg(long, value_name = "LIBRARY")]
    pub(crate) onnxruntime: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) library: Shelf,
}
