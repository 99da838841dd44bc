//! `pinakes audit`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// What is counted, and by what.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "The funnel without `--by`. Counts hold refused and failed rows, too: candidates = refused + failed + \
    filtered + kept, in each group and in all.\n\n\
    pinakes audit DATASET --by image-domain --top 20 --reasons\n\
    pinakes audit DATASET --by country --where \"reason is null or stage = 'fetch'\" --format csv\n\
    pinakes audit DATASET --by image-domain --diff 1 3\n\
    pinakes audit DATASET --trace https://example.com/a.jpg\n\
    pinakes audit DATASET --html audit.html"
)]
#[expect(clippy::struct_excessive_bools, reason = "switches of the command line")]
pub(crate) struct Audit {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// image-domain, page-domain (registrable ones), image-host, page-host, signal, license, language, country (suffix of the
    /// image's domain), archive, crawl, model, mime, reason or stage
    #[arg(long, value_name = "WHAT")]
    pub(crate) by: Option<String>,
    /// Only rows for which this holds: SQL over columns that samples and ledger both have
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) condition: Option<String>,
    /// So many groups, the rest summed up as `(N others)` [default: 50 for people and with `--scores`, else all]
    #[arg(long, value_name = "N")]
    pub(crate) top: Option<usize>,
    /// Groups of fewer candidates are summed up with the rest
    #[arg(long, value_name = "N")]
    pub(crate) min_rows: Option<u64>,
    /// The largest by this count come first [default: candidates]
    #[arg(long, value_enum, conflicts_with_all = ["diff", "diff_with"])]
    pub(crate) sort: Option<AuditSort>,
    /// A column for each reason
    #[arg(long, conflicts_with_all = ["diff", "diff_with"])]
    pub(crate) reasons: bool,
    /// A column for each stage: how many candidates came to it
    #[arg(long, conflicts_with_all = ["diff", "diff_with"])]
    pub(crate) stages: bool,
    /// Quantiles of scores, over all and by group, of samples and of what was scored and not kept
    #[arg(long)]
    pub(crate) scores: bool,
    /// What changed between two versions (`1 3`), or from crawl to crawl (`crawl:CC-MAIN-2024-18 crawl:CC-MAIN-2024-22`)
    #[arg(long, num_args = 2, value_names = ["BEFORE", "AFTER"], conflicts_with_all = ["version", "scores", "trace"])]
    pub(crate) diff: Option<Vec<String>>,
    /// What is different in another dataset
    #[arg(long, value_name = "DATASET", conflicts_with_all = ["diff", "scores", "trace"])]
    pub(crate) diff_with: Option<String>,
    /// Everything that is known of one picture: its URL, that of its page, or an id
    #[arg(
        long,
        value_name = "URL",
        allow_hyphen_values = true,
        conflicts_with_all = ["by", "condition", "top", "min_rows", "sort", "reasons", "stages", "scores", "report", "html"]
    )]
    pub(crate) trace: Option<String>,
    /// Everything at once: the funnel, all sides, scores, versions; as JSON, or as a page
    #[arg(long, conflicts_with_all = ["by", "diff", "diff_with"])]
    pub(crate) report: bool,
    /// Another version than the latest
    #[arg(long, value_name = "N")]
    pub(crate) version: Option<u64>,
    /// How it is printed on stdout
    #[arg(long, value_enum, default_value_t = AuditFormat::Table)]
    pub(crate) format: AuditFormat,
    /// Writes a page with tables and plots, which needs nothing beside it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["diff", "diff_with"])]
    pub(crate) html: Option<PathBuf>,
}

/// How an audit is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// A page with plots
    Html,
}

/// By which count the largest come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditSort {
    Candidates,
    Refused,
    Failed,
    Filtered,
    Kept,
}
