//! `pinakes sql`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// A question.
#[derive(Args, Clone, Debug)]
#[command(after_help = "Tables:\n  \
    samples   kept rows\n  \
    ledger    candidates that were refused, failed or filtered out, with stage, kind, reason, signal and evidence\n  \
    runs      published runs: run, round, published_at, command, pinakes, buckets, samples, ledger\n  \
    versions  commits of both tables: table_name, version, committed_at, operation, run, command, counts (JSON), pinakes\n  \
    optouts   standing opt-outs: file, line, type, value, entry (the whole line)\n\n\
    `describe samples` lists columns, `explain select …` shows the plan. Rows of an answer are written as they come.")]
pub(crate) struct Sql {
    /// The dataset's folder
    pub(crate) dataset: String,
    /// One read-only query
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub(crate) query: Option<String>,
    /// Reads the query from a file
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// How the answer is written [default: by the name of `--out`, else table]
    #[arg(long, value_enum)]
    pub(crate) format: Option<SqlFormat>,
    /// Writes the answer to a file, which appears when it is whole
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Rows that a table for people is cut at; the other formats have all
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) rows: u64,
    /// Memory for sorting, joining and grouping, such as 512MB; what needs more goes to the disk for the while
    #[arg(long, value_name = "SIZE", default_value = "4GB", value_parser = bytes)]
    pub(crate) memory: usize,
    /// Another version than the latest
    #[arg(long, value_name = "N")]
    pub(crate) version: Option<u64>,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SqlFormat {
    /// For people
    Table,
    /// For spreadsheets; lists and groups as JSON
    Csv,
    /// One array of objects
    Json,
    /// An object a line
    Jsonl,
    /// A file of columns, compressed with zstd
    Parquet,
}

impl SqlFormat {
    /// The format that a file's name tells.
    pub(crate) fn of_name(name: &std::path::Path) -> Option<Self> {
        match name.extension()?.to_str()? {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

impl From<SqlFormat> for index::sql::Format {
    fn from(format: SqlFormat) -> Self {
        match format {
            SqlFormat::Table => Self::Table,
            SqlFormat::Csv => Self::Csv,
            SqlFormat::Json => Self::Json,
            SqlFormat::Jsonl => Self::JsonLines,
            SqlFormat::Parquet => Self::Parquet,
        }
    }
}

/// `4GB`, `512MB`, `1GiB`: so many bytes.
fn bytes(text: &str) -> Result<usize, String> {
    const UNITS: [(&str, usize); 6] =
        [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1000)];
    let (number, unit) =
        UNITS.into_iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, size))).unwrap_or((text, 1));
    let number = number.trim().parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
    number
        .filter(|size| *size >= 1 << 20)
        .ok_or_else(|| "a size is written `512MB`, `4GB` or `2GiB`, 1MiB at least".into())
}
