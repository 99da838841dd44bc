//! `pinakes optout`.

use super::Output;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Optout {
    /// Am I in it? Looks for domains, URLs, hashes, names or one's own pictures; changes nothing
    Check(OptoutCheck),
    /// Take me out: from all versions and for good, with a signed receipt
    Apply(OptoutApply),
    /// Takes all that stands opted out of a dataset out of a subset that was cut from it before
    Rewrite(OptoutRewrite),
    /// Lists the receipts of takedowns, or verifies them against the dataset as it is now
    Receipts(OptoutReceipts),
}

/// What is asked about: a list, or entries one by one.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Asking {
    /// List file: one domain or URL a line, or CSV or JSON lines with `type` and `value`; `-` reads standard input
    pub(crate) list: Option<PathBuf>,
    /// A domain with all below it; may be repeated, as all of these
    #[arg(long, value_name = "DOMAIN")]
    pub(crate) domain: Vec<String>,
    /// One host
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Vec<String>,
    /// A URL of a picture or page
    #[arg(long, value_name = "URL")]
    pub(crate) url: Vec<String>,
    /// All URLs that begin so
    #[arg(long, value_name = "BEGINNING")]
    pub(crate) url_prefix: Vec<String>,
    /// A picture by the SHA-256 of its bytes
    #[arg(long, value_name = "DIGITS")]
    pub(crate) sha256: Vec<String>,
    /// A picture by its perceptual hash; `/8` behind it lets 8 bits differ
    #[arg(long, value_name = "DIGITS")]
    pub(crate) phash: Vec<String>,
    /// One row by its id; with its URL behind a blank, only that one
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    pub(crate) id: Vec<String>,
    /// A person's name, found in texts for somebody to look at; takes out nothing
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,
}

/// Am I in it?
#[derive(Args, Clone, Debug)]
pub(crate) struct OptoutCheck {
    /// The dataset's folder
    pub(crate) dataset: String,
    #[command(flatten)]
    pub(crate) asking: Asking,
    #[command(flatten)]
    pub(crate) own: OwnPictures,
    /// A folder that `pinakes subset` wrote: looks through it, too; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(crate) subset: Vec<String>,
    /// Writes an HTML page that shows what was found, with the pictures that are stored
    #[arg(long, value_name = "FILE.html")]
    pub(crate) page: Option<PathBuf>,
    /// Writes what somebody has to look at, names in texts and pictures alike, as CSV with an empty column `decision`;
    /// `apply --review` takes it back
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) review: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Pictures of one's own, to be looked for.
#[derive(Args, Clone, Debug)]
pub(crate) struct OwnPictures {
    /// Folder of one's own pictures, with all below it: found by their bytes, by their looks, and near by embedding
    #[arg(long, value_name = "DIR")]
    pub(crate) pictures: Option<PathBuf>,
    /// Most bits in which perceptual hashes may differ, 0 to 16
    #[arg(long, value_name = "BITS", default_value_t = 8)]
    pub(crate) max_distance: u32,
    /// Least cosine of embeddings
    #[arg(long, value_name = "COSINE", default_value_t = 0.9, allow_hyphen_values = true)]
    pub(crate) min_cosine: f32,
    /// Model of the embeddings, as `score.model` names it; the dataset's own without it, if it is here
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// ONNX Runtime's shared library
    #[arg(long, value_name = "LIBRARY")]
    pub(crate) onnxruntime: Option<PathBuf>,
}

/// Take me out.
#[derive(Args, Clone, Debug)]
pub(crate) struct OptoutApply {
    /// The dataset's folder
    pub(crate) dataset: String,
    #[command(flatten)]
    pub(crate) asking: Asking,
    /// A file that `check --review` wrote: takes out the rows whose `decision` is `yes`, `y` or `take-out`
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) review: Option<PathBuf>,
    /// Says who would go, how many, from which versions and files; writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Signs with this Ed25519 key (PEM, as OpenSSL writes it); else with `PINAKES_RECEIPT_KEY`, or a key of one's own in the
    /// user's configuration, made at first use
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Take me out of what was handed on.
#[derive(Args, Clone, Debug)]
pub(crate) struct OptoutRewrite {
    /// The dataset's folder, whose standing opt-outs are asked
    pub(crate) dataset: String,
    /// The subset's folder, as `pinakes subset` wrote it
    pub(crate) subset: String,
    /// Says which rows and files it would be; writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What was done?
#[derive(Args, Clone, Debug)]
pub(crate) struct OptoutReceipts {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// One receipt; all of them without it
    pub(crate) id: Option<String>,
    /// Holds them against their signatures, the files they name, and what is named today
    #[arg(long)]
    pub(crate) verify: bool,
    /// The key that must have signed them (PEM, or 64 hexadecimal digits); without it any key that fits is told of
    #[arg(long, value_name = "FILE", requires = "verify")]
    pub(crate) public_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
}
