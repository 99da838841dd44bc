//! A dataset opened for reading: one version of its samples and of its ledger, ready for SQL.

use crate::{
    Error,
    provider::{self, ActiveFiles},
    run::Record,
    table::{ActiveFile, BUCKET_COLUMN, Commit, Table},
    upkeep,
};
use arrow_schema::{DataType, Field, Schema};
use datafusion::{
    execution::{
        memory_pool::{FairSpillPool, TrackConsumersPool},
        runtime_env::RuntimeEnvBuilder,
    },
    prelude::{SessionConfig, SessionContext},
};
use schema::{LedgerRow, Row};
use serde::Serialize;
use shards::Store;
use std::{collections::BTreeSet, num::NonZeroUsize, sync::Arc};

/// The folder of a dataset within the folder of a run.
pub const DATASET_FOLDER: &str = "dataset";

/// The ledger's folder within the dataset: readers of Delta skip what begins with `_`.
pub const LEDGER_FOLDER: &str = "_ledger";

/// One version of a dataset.
pub struct Dataset {
    samples: Table,
    ledger: Option<Table>,
    files: Files,
    context: SessionContext,
}

/// The files that queries read.
struct Files {
    samples: Vec<ActiveFile>,
    ledger: Vec<ActiveFile>,
}

/// What an old version held and no longer has, since a takedown or a vacuum deleted its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// Files of the samples.
    pub sample_files: u64,
    /// Their rows, by the log.
    pub samples: u64,
    /// Files of the ledger.
    pub ledger_files: u64,
    /// Their rows, by the log.
    pub ledger: u64,
}

impl Gone {
    /// Whether nothing is.
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }
}

impl Dataset {
    /// Opens the latest version of the dataset at `location`.
    pub async fn open(location: &str) -> Result<Self, Error> {
        Self::open_version(location, None).await
    }

    /// Opens `version` of the dataset at `location`, or the latest. An old version whose files were deleted since is an error:
    /// what is left of it would be a wrong answer in silence.
    pub async fn open_version(location: &str, version: Option<u64>) -> Result<Self, Error> {
        let dataset = Self::open_any(location, version).await?;
        if version.is_some() {
            upkeep::check_whole(&dataset.samples).await?;
            if let Some(ledger) = &dataset.ledger {
                upkeep::check_whole(ledger).await?;
            }
        }
        Ok(dataset)
    }

    /// Opens what is left of `version`, or the latest, and says what is not: for counts that say so, too.
    pub async fn open_what_is_left(location: &str, version: Option<u64>) -> Result<(Self, Gone), Error> {
        let dataset = Self::open_any(location, version).await?;
        if version.is_some() { dataset.without_gone().await } else { Ok((dataset, Gone::default())) }
    }

    async fn open_any(location: &str, version: Option<u64>) -> Result<Self, Error> {
        let store = Store::open(location)?;
        let Some(samples) = Table::open(&store, version).await? else {
            return Err(no_dataset(location, &store).await?);
        };
        let mut ledger = Table::open(&store.below(LEDGER_FOLDER)?, None).await?;
        if let (Some(table), Some(_)) = (&ledger, version) {
            let version = version_of_ledger(&samples, table).await?;
            ledger = Table::open(table.store(), Some(version)).await?;
        }
        let files =
            Files { samples: samples.files()?, ledger: ledger.as_ref().map_or_else(|| Ok(Vec::new()), Table::files)? };
        let context = SessionContext::new_with_config(settings());
        let dataset = Self { samples, ledger, files, context };
        dataset.register(&dataset.context, ActiveFiles::register)?;
        Ok(dataset)
    }

    /// The same version without the files that were deleted since, and what they held.
    async fn without_gone(mut self) -> Result<(Self, Gone), Error> {
        let mut gone = Gone::default();
        (self.files.samples, gone.sample_files, gone.samples) = left(&self.samples, self.files.samples).await?;
        if let Some(ledger) = &self.ledger {
            (self.files.ledger, gone.ledger_files, gone.ledger) = left(ledger, self.files.ledger).await?;
        }
        self.context = SessionContext::new_with_config(settings());
        self.register(&self.context, ActiveFiles::register)?;
        Ok((self, gone))
    }

    /// A session of its own over both tables, with texts as views, that takes no more than so many bytes of memory for
    /// sorting, joining and grouping, and the disk beyond.
    pub(crate) fn session(&self, memory: Option<usize>) -> Result<SessionContext, Error> {
        let (mut runtime, mut config) = (RuntimeEnvBuilder::new(), settings());
        if let Some(memory) = memory {
            const NAMED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(4);
            // A sort sets 10 MB aside in each of its parts for merging: of many parts with little each none could begin.
            const EACH: usize = 40_000_000;
            let parts = config.target_partitions().min(memory / EACH).max(1);
            config = config.with_target_partitions(parts);
            runtime = runtime.with_memory_pool(Arc::new(TrackConsumersPool::new(FairSpillPool::new(memory), NAMED)));
        }
        let context = SessionContext::new_with_config_rt(config, runtime.build_arc()?);
        self.register(&context, ActiveFiles::register_views)?;
        Ok(context)
    }

    fn register(&self, context: &SessionContext, open: Opening) -> Result<(), Error> {
        context.register_table("samples", open(context, "samples", &self.samples, self.files.samples.clone())?)?;
        if let Some(ledger) = &self.ledger {
            context.register_table("ledger", open(context, "ledger", ledger, self.files.ledger.clone())?)?;
        } else {
            let mut fields = LedgerRow::fields();
            fields.push(Field::new(BUCKET_COLUMN, DataType::Int32, false));
            context.register_table("ledger", provider::empty(Schema::new(fields)))?;
        }
        Ok(())
    }

    /// Its version.
    pub fn version(&self) -> u64 {
        self.samples.version()
    }

    /// Its folder.
    pub fn store(&self) -> &Store {
        self.samples.store()
    }

    /// The table of kept rows.
    pub fn samples(&self) -> &Table {
        &self.samples
    }

    /// The table of dropped rows.
    pub fn ledger(&self) -> Option<&Table> {
        self.ledger.as_ref()
    }

    /// Where `samples` and `ledger` stand for queries.
    pub fn context(&self) -> &SessionContext {
        &self.context
    }

    /// Rows of both tables in this version, by the log.
    pub fn rows(&self) -> (u64, u64) {
        let rows = |files: &[ActiveFile]| files.iter().map(|file| file.rows).sum();
        (rows(&self.files.samples), rows(&self.files.ledger))
    }

    /// The columns of `ledger`, in their order.
    pub fn ledger_columns(&self) -> Result<Vec<String>, Error> {
        let Some(ledger) = &self.ledger else {
            return Ok(LedgerRow::fields().iter().map(|field| field.name().clone()).collect());
        };
        Ok(ledger.schema()?.fields().iter().map(|field| field.name().clone()).collect())
    }

    /// The columns of `samples`, in their order.
    pub fn columns(&self) -> Result<Vec<String>, Error> {
        Ok(self.samples.schema()?.fields().iter().map(|field| field.name().clone()).collect())
    }

    /// What happened to it up to this version, oldest first.
    pub async fn history(&self) -> Result<Vec<Commit>, Error> {
        self.samples.history().await
    }

    /// The records of the runs published up to this version, in the order of their publishing.
    pub async fn runs(&self) -> Result<Vec<Record>, Error> {
        let mut records = Vec::new();
        for run in published(&self.history().await?) {
            if let Some(record) = Record::read(self.store(), &run).await? {
                records.push(record);
            }
        }
        Ok(records)
    }
}

/// How files become a table of queries.
type Opening = fn(&SessionContext, &str, &Table, Vec<ActiveFile>) -> Result<Arc<ActiveFiles>, Error>;

/// Settings of every session. What a condition is about is read first, and of other columns only rows for which it holds:
/// texts and pictures are most of a row.
fn settings() -> SessionConfig {
    let mut config = SessionConfig::new().with_information_schema(true);
    let parquet = &mut config.options_mut().execution.parquet;
    parquet.pushdown_filters = true;
    parquet.reorder_filters = true;
    config
}

/// The files that are still there; how many are not, and how many rows these had.
async fn left(table: &Table, files: Vec<ActiveFile>) -> Result<(Vec<ActiveFile>, u64, u64), Error> {
    let names: BTreeSet<String> = table.store().list("").await?.into_iter().collect();
    let (left, gone): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| names.contains(&file.path));
    Ok((left, gone.len() as u64, gone.iter().map(|file| file.rows).sum()))
}

/// Ids of the runs and takedowns that made versions, oldest first.
fn published(history: &[Commit]) -> Vec<String> {
    let changes = history.iter().filter(|commit| commit.operation != "CREATE TABLE");
    changes.filter_map(|commit| commit.run.clone()).collect()
}

/// The ledger's version that goes with this version of the samples: the last one before a change
/// that the samples do not know yet. Both tables see the same changes in the same order.
pub(crate) async fn version_of_ledger(samples: &Table, ledger: &Table) -> Result<u64, Error> {
    let known: BTreeSet<String> = published(&samples.history().await?).into_iter().collect();
    let mut version = 0;
    for commit in ledger.history().await? {
        let foreign = commit.run.as_ref().is_some_and(|run| !known.contains(run));
        // A takedown may have touched the ledger alone, and what it took is gone from all versions.
        let reopened = commit.run.as_ref().is_some_and(|run| run.ends_with(".retried"));
        if foreign && (commit.operation == "WRITE" || reopened) {
            break;
        }
        version = commit.version;
    }
    Ok(version)
}

/// Says what stands at `location` instead, and where the dataset may be.
async fn no_dataset(location: &str, store: &Store) -> Result<Error, Error> {
    let below = store.below(DATASET_FOLDER)?;
    let place = location.trim_end_matches('/');
    let (found, hint) = if Table::open(&below, None).await?.is_some() {
        ("it is the folder of a run".to_owned(), format!("its dataset is `{place}/{DATASET_FOLDER}`"))
    } else {
        let listed = store.inner().list_with_delimiter(None).await?;
        let folders = listed.common_prefixes.iter().map(|folder| format!("{folder}/"));
        let names: Vec<_> = folders.chain(listed.objects.iter().map(|file| file.location.to_string())).collect();
        let shown = names.iter().take(4).cloned().collect::<Vec<_>>().join(", ");
        let found = match names.len() {
            0 => "the folder is empty".to_owned(),
            1..=4 => format!("it holds {shown}"),
            many => format!("it holds {shown} and {} more", many - 4),
        };
        (found, "a dataset is a folder with a `_delta_log`, as `pinakes publish` writes it".to_owned())
    };
    Ok(Error::NoDataset { location: location.to_owned(), found, hint })
}
