//! `pinakes subset`.

use clap::{ArgGroup, Args};
use std::path::PathBuf;

/// Which rows, in which shape, where to.
#[derive(Args, Clone, Debug)]
#[command(group(ArgGroup::new("by_domain").multiple(true).args(["per_domain", "per_page_domain"])))]
#[command(
    after_help = "Each option sees what the ones before it left, in this order, whatever the order on the command line:\n  \
    --where, --recipe; --ids, --urls, --exclude-ids, --exclude-urls, --exclude-domains; rows without a picture, in layouts that need \
    one; --without-duplicates; rows of the same URL, in lists of URLs; --top-fraction; --per-domain, --per-page-domain; --stratify; \
    --sample; --limit.\nThe manifest tells how many rows each of them dropped."
)]
pub(crate) struct Subset {
    /// The dataset's folder
    pub(crate) dataset: Option<String>,
    /// Condition in SQL, for example `similarity > 0.3 and width >= 512`
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) condition: Option<String>,
    /// A ready recipe, such as `laion-aesthetics-6plus`; may be repeated: all hold. `list` shows them
    #[arg(long = "recipe", value_name = "NAME")]
    pub(crate) recipes: Vec<String>,
    /// parquet, laion (LAION's column names), urls, webdataset (tar shards), img2dataset (its metadata's columns), huggingface
    /// (what `load_dataset` reads, with pictures), or datacomp (metadata and uids.npy)
    #[arg(long, default_value = "parquet")]
    pub(crate) layout: String,
    /// New folder to write into
    #[arg(long)]
    pub(crate) out: Option<String>,
    /// Only rows whose id stands in this file: one a line, or a column `id` or `hash` of .csv, .tsv or .parquet
    #[arg(long, value_name = "FILE")]
    pub(crate) ids: Option<PathBuf>,
    /// Only rows whose image URL stands in this file: one a line, or a column `url` or `URL`
    #[arg(long, value_name = "FILE")]
    pub(crate) urls: Option<PathBuf>,
    /// No row whose id stands in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude_ids: Option<PathBuf>,
    /// No row whose image URL stands in this file
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude_urls: Option<PathBuf>,
    /// No row whose image or page lies on a domain of this file, or below it: one a line, or a column `domain`
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude_domains: Option<PathBuf>,
    /// One row of each cluster that `pinakes dedup` marked: its largest picture of those that are left
    #[arg(long)]
    pub(crate) without_duplicates: bool,
    /// Takes this share with the best scores, exactly: `0.3` the best 30 in 100
    #[arg(long, value_name = "FRACTION")]
    pub(crate) top_fraction: Option<f64>,
    /// The score of `--top-fraction`: similarity or aesthetic
    #[arg(long, value_name = "SCORE", default_value = "similarity", requires = "top_fraction")]
    pub(crate) by: String,
    /// At most so many rows of one registrable image domain, the best by `--by-score`
    #[arg(long, value_name = "ROWS")]
    pub(crate) per_domain: Option<usize>,
    /// At most so many rows of one registrable page domain; rows whose page is not known are left alone
    #[arg(long, value_name = "ROWS")]
    pub(crate) per_page_domain: Option<usize>,
    /// The score of `--per-domain` and `--per-page-domain`: similarity or aesthetic
    #[arg(long, value_name = "SCORE", default_value = "similarity", requires = "by_domain")]
    pub(crate) by_score: String,
    /// Balances by language, license, mime or `text_source`, or by aesthetic, similarity or punsafe, with edges that ascend if you
    /// like: `aesthetic:4.5,5,6`. The manifest tells which strata have fewer rows than `--per-stratum`
    #[arg(long, value_name = "COLUMN[:EDGES]")]
    pub(crate) stratify: Option<String>,
    /// At most so many rows of each stratum, by chance
    #[arg(long, value_name = "ROWS")]
    pub(crate) per_stratum: Option<usize>,
    /// A sample: `1000` rows, or `0.1` of them. The same rows whatever the order of files; a smaller one is a part of a larger one
    #[arg(long, value_name = "ROWS|FRACTION")]
    pub(crate) sample: Option<String>,
    /// What the chance of `--sample`, `--stratify` and `--preview` begins with
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Most rows: those with the least ids, which are hashes
    #[arg(long, value_name = "ROWS")]
    pub(crate) limit: Option<usize>,
    /// Writes `preview.html` beside the rows: so many of them with their pictures, and histograms of all
    #[arg(long, value_name = "ROWS", conflicts_with = "dry_run")]
    pub(crate) preview: Option<usize>,
    /// Writes that page to this file, of `--preview` rows or 50, and no subset
    #[arg(long, value_name = "FILE", conflicts_with_all = ["out", "dry_run"])]
    pub(crate) preview_only: Option<PathBuf>,
    /// Chooses, counts, prints the manifest, and writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}
