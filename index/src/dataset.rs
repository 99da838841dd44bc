//! A dataset opened for reading: one version of its samples and of its ledger, ready for SQL.

use crate::{
    Error,
    provider::{self, ActiveFiles},
    run::Record,
    table::{BUCKET_COLUMN, Commit, Table},
    upkeep,
};
use arrow_schema::{DataType, Field, Schema};
use datafusion::prelude::{SessionConfig, SessionContext};
use schema::{LedgerRow, Row};
use shards::Store;
use std::collections::BTreeSet;

/// The folder of a dataset within the folder of a run.
pub const DATASET_FOLDER: &str = "dataset";

/// The ledger's folder within the dataset: readers of Delta skip what begins with `_`.
pub const LEDGER_FOLDER: &str = "_ledger";

/// One version of a dataset.
pub struct Dataset {
    samples: Table,
    ledger: Option<Table>,
    context: SessionContext,
}

impl Dataset {
    /// Opens the latest version of the dataset at `location`.
    pub async fn open(location: &str) -> Result<Self, Error> {
        Self::open_version(location, None).await
    }

    /// Opens `version` of the dataset at `location`, or the latest.
    pub async fn open_version(location: &str, version: Option<u64>) -> Result<Self, Error> {
        let store = Store::open(location)?;
        let Some(samples) = Table::open(&store, version).await? else {
            return Err(no_dataset(location, &store).await?);
        };
        let mut ledger = Table::open(&store.below(LEDGER_FOLDER)?, None).await?;
        if version.is_some() {
            upkeep::check_whole(&samples).await?;
            if let Some(table) = &ledger {
                let version = version_of_ledger(&samples, table).await?;
                let table = Table::open(table.store(), Some(version)).await?;
                if let Some(table) = &table {
                    upkeep::check_whole(table).await?;
                }
                ledger = table;
            }
        }
        let context = SessionContext::new_with_config(SessionConfig::new().with_information_schema(true));
        let files = samples.files()?;
        context.register_table("samples", ActiveFiles::register(&context, "samples", &samples, files)?)?;
        if let Some(ledger) = &ledger {
            let files = ledger.files()?;
            context.register_table("ledger", ActiveFiles::register(&context, "ledger", ledger, files)?)?;
        } else {
            let mut fields = LedgerRow::fields();
            fields.push(Field::new(BUCKET_COLUMN, DataType::Int32, false));
            context.register_table("ledger", provider::empty(Schema::new(fields)))?;
        }
        Ok(Self { samples, ledger, context })
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
