//! What can go wrong with a dataset, and the way out where there is one to name.

use datafusion::error::DataFusionError;
use deltalake_core::DeltaTableError;

/// What can go wrong with a dataset. A bad row is data; a bad disk, log or query is an error.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A stage file or a folder cannot be read or written.
    #[error(transparent)]
    Shards(#[from] shards::Error),
    /// The store failed.
    #[error("storage: {0}")]
    Store(#[from] object_store::Error),
    /// The table's log failed.
    #[error("table log: {0}")]
    Log(#[from] Box<DeltaTableError>),
    /// Another writer was faster each time.
    #[error("another writer keeps changing the dataset")]
    Contended,
    /// A Parquet file cannot be written.
    #[error("parquet file `{name}`: {source}")]
    Parquet {
        /// The file, relative to its table.
        name: String,
        /// What the writer says.
        source: parquet::errors::ParquetError,
    },
    /// Rows and schema do not fit.
    #[error(transparent)]
    Rows(#[from] schema::RowError),
    /// Columns cannot be computed with.
    #[error("columns: {0}")]
    Columns(#[from] arrow_schema::ArrowError),
    /// An answer that cannot be written where it was to go.
    #[error("the answer cannot be written: {0}")]
    Output(String),
    /// A query that cannot be answered.
    #[error("{message}")]
    Query {
        /// As the engine says it.
        message: String,
        /// The columns there are, for instance.
        hint: Option<String>,
    },
    /// The folder holds no dataset.
    #[error("`{location}` is no dataset: {found}")]
    NoDataset {
        /// As it was named.
        location: String,
        /// What stands there instead.
        found: String,
        /// Where the dataset may be.
        hint: String,
    },
    /// A version that the dataset does not have.
    #[error("the dataset has no version {asked}, the latest is {latest}")]
    NoVersion {
        /// The version asked for.
        asked: u64,
        /// The newest there is.
        latest: u64,
    },
    /// A version whose files were deleted.
    #[error("version {version} can no longer be read whole: {gone} of its {files} files are gone, {taken_by}")]
    Gone {
        /// The version asked for.
        version: u64,
        /// How many are missing.
        gone: usize,
        /// How many it has.
        files: usize,
        /// The takedown or vacuum that took them.
        taken_by: String,
    },
    /// A run with another number of buckets than the dataset's.
    #[error("the run has {run} buckets, the dataset {dataset}")]
    Buckets {
        /// The run's.
        run: u32,
        /// The dataset's.
        dataset: u32,
    },
    /// A run id that cannot stand in a file name.
    #[error("`{0}` is no run id")]
    RunId(String),
    /// A small file of the dataset is not what it should be.
    #[error("`{name}`: {problem}")]
    Record {
        /// The file, relative to the dataset.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A folder that is to be written into holds something already.
    #[error("`{0}` is not empty")]
    NotEmpty(String),
    /// A threshold that makes no sense.
    #[error("`{name}` is `{value}`")]
    Threshold {
        /// The option.
        name: &'static str,
        /// As it was given.
        value: String,
        /// What to write instead.
        hint: &'static str,
    },
    /// A ready recipe that there is not, or that this dataset cannot follow.
    #[error("recipe `{name}`: {problem}")]
    Recipe {
        /// Its name.
        name: String,
        /// What is wrong.
        problem: String,
        /// What to do instead.
        hint: String,
    },
    /// A list of ids, URLs or domains that cannot be read.
    #[error("list `{file}`: {problem}")]
    List {
        /// As it was named.
        file: String,
        /// What is wrong with it.
        problem: String,
        /// How such a list is written.
        hint: &'static str,
    },
    /// Rows without near-duplicates were asked for, and nobody looked for any.
    #[error("near-duplicates were never looked for in this dataset")]
    NotSearched,
    /// A search that cannot be done.
    #[error("{problem}")]
    Search {
        /// What is in the way.
        problem: String,
        /// The way out.
        hint: String,
    },
    /// A key to sign or verify receipts with cannot be used.
    #[error("the key cannot be used: {problem}")]
    Key {
        /// What is wrong with it.
        problem: String,
        /// What to name instead.
        hint: &'static str,
    },
    /// A takedown after which something is left of what was to go.
    #[error("something is left: {samples} samples and {ledger} rows of the ledger, in {files} files")]
    StillThere {
        /// Samples that are named still.
        samples: u64,
        /// Rows of the ledger that are.
        ledger: u64,
        /// Files with such rows, of older versions too.
        files: u64,
    },
    /// A name that more texts hold than anybody looks at.
    #[error("more than {0} texts hold such a name")]
    TooManyNames(usize),
    /// A folder that is no subset.
    #[error("`{0}` is no subset: it has no `manifest.json`")]
    NoSubset(String),
    /// A receipt that the dataset does not have.
    #[error("there is no receipt `{0}`")]
    NoReceipt(String),
    /// Pictures were asked for, and none is stored.
    #[error("no picture is stored in the rows asked for")]
    NoPictures,
}

impl Error {
    /// The way out, where there is one to name.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Query { hint, .. } => return hint.clone(),
            Self::NoDataset { hint, .. } | Self::Search { hint, .. } | Self::Recipe { hint, .. } => {
                return Some(hint.clone());
            }
            Self::Shards(shards::Error::Location { .. }) => "name a folder that is there, and can be read and written",
            Self::Contended => "do it again when nobody else publishes, compacts or takes out",
            Self::NoVersion { .. } => "`pinakes audit DATASET` without `--version` reads the latest",
            Self::Gone { .. } => "`pinakes versions DATASET` tells which versions are whole",
            Self::Buckets { .. } => "set `output.buckets` to the dataset's number, or publish into another folder",
            Self::RunId(_) => "letters, digits, `.`, `-` and `_`, 100 at most, not beginning with `.`",
            Self::NotEmpty(_) => "name a new folder, or empty this one",
            Self::Output(_) => "make room, or name another place with `--out`",
            Self::Threshold { hint, .. } | Self::List { hint, .. } | Self::Key { hint, .. } => hint,
            Self::StillThere { .. } => "another writer was at work: give the same command again, it goes on",
            Self::TooManyNames(_) => "ask for the whole name, or for the person's domain",
            Self::NoSubset(_) => "name the folder that `pinakes subset --out` wrote",
            Self::NoReceipt(_) => "`pinakes optout receipts DATASET` lists those there are",
            Self::NotSearched => "do `pinakes dedup DATASET` first: it marks them",
            Self::NoPictures => "run with `fetch.store = \"resized\"` or \"original\", or choose another layout",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

impl From<DeltaTableError> for Error {
    fn from(error: DeltaTableError) -> Self {
        // Boxed, since it is several times the size of all others.
        Self::Log(Box::new(error))
    }
}

impl From<DataFusionError> for Error {
    fn from(error: DataFusionError) -> Self {
        // Without the backtrace and the chain of contexts, which speak of our code, not of the query.
        Self::Query { message: error.strip_backtrace(), hint: None }
    }
}
