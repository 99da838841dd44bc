//! A Delta Lake table at a store: created, opened, appended to, and its history told.
//!
//! Only the log goes through `deltalake`. The Parquet files are written here, so that they carry
//! our names and settings, and read through `DataFusion` ([`crate::Dataset`]).

mod added;
mod bounds;
mod columns;
mod commit;
mod doomed;
mod file;
mod groups;
mod merge;
mod parts;
mod past;
mod properties;
mod ranges;
mod recoded;
mod replaced;
mod rewrite;
mod spans;
mod spliced;
mod stored;
mod update;

pub(crate) use commit::is_of;
pub use commit::{Change, Commit};
pub(crate) use doomed::Doomed;
pub(crate) use file::{DataFile, data_path, write_file};
pub(crate) use groups::Groups;
pub(crate) use merge::Merge;
pub(crate) use past::{FileId, Life};
pub use properties::ROWS_PER_GROUP;
pub(crate) use ranges::{Range, ranges_of};
pub use rewrite::Rewritten;
pub(crate) use rewrite::{all_of, at_once, in_background, removal};
pub(crate) use spans::Stray;

use crate::Error;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use deltalake_core::{
    DeltaTable, DeltaTableBuilder,
    kernel::{
        Action, Add, StructType,
        engine::arrow_conversion::TryIntoKernel,
        transaction::{CommitBuilder, CommitProperties, TransactionError},
    },
    logstore::{LogStore, get_actions},
    operations::create::CreateBuilder,
    protocol::{DeltaOperation, SaveMode},
};
use schema::Row;
use shards::Store;
use std::sync::Arc;

/// The partition column: the share of hosts that a row's image host belongs to.
pub const BUCKET_COLUMN: &str = "bucket";

/// Table property that holds the number of buckets: one host's rows lie in one partition only as
/// long as nobody publishes with another number.
const BUCKETS_PROPERTY: &str = "pinakes.buckets";

/// One version of a Delta table.
#[derive(Clone)]
pub struct Table {
    store: Store,
    delta: DeltaTable,
}

/// A data file of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveFile {
    /// Its name, relative to the table's folder.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its rows.
    pub rows: u64,
    /// The partition it belongs to.
    pub bucket: i32,
}

impl Table {
    /// Opens the table at `store` in `version` or the latest; `None` where there is none.
    pub async fn open(store: &Store, version: Option<u64>) -> Result<Option<Self>, Error> {
        let mut delta = DeltaTableBuilder::from_url(store.url().clone())?.build()?;
        if !delta.verify_deltatable_existence().await? {
            return Ok(None);
        }
        delta.load().await?;
        if let Some(asked) = version {
            let latest = delta.version().unwrap_or_default();
            if asked > latest {
                return Err(Error::NoVersion { asked, latest });
            }
            delta.load_version(asked).await?;
        }
        Ok(Some(Self { store: store.clone(), delta }))
    }

    /// Opens the table of `T` at `store`, making it where it is missing.
    pub async fn open_or_create<T: Row>(store: &Store, buckets: u32, change: &Change) -> Result<Self, Error> {
        if let Some(table) = Self::open(store, None).await? {
            return match table.buckets() {
                Some(dataset) if dataset != buckets => Err(Error::Buckets { run: buckets, dataset }),
                _ => table.grown::<T>(change).await,
            };
        }
        let mut fields = T::fields();
        fields.push(Field::new(BUCKET_COLUMN, DataType::Int32, false));
        let columns: StructType = (&Schema::new(fields)).try_into_kernel()?;
        let created = CreateBuilder::new()
            .with_location(store.url().as_str())
            .with_columns(columns.fields().cloned())
            .with_partition_columns([BUCKET_COLUMN])
            .with_configuration([
                (BUCKETS_PROPERTY, Some(buckets.to_string())),
                // The log is the dataset's diary: audits compare versions years apart.
                ("delta.enableExpiredLogCleanup", Some("false".to_owned())),
            ])
            .with_raise_if_key_not_exists(false)
            .with_actions([Action::CommitInfo(change.info("CREATE TABLE"))])
            .await;
        match created {
            Ok(delta) => Ok(Self { store: store.clone(), delta }),
            // Of two that create it at once one finds the other's table.
            Err(error) => Self::open(store, None).await?.ok_or_else(|| error.into()),
        }
    }

    /// The folder.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The version that is open.
    pub fn version(&self) -> u64 {
        self.delta.version().unwrap_or_default()
    }

    /// The table's own id, given to it when it was made.
    pub(crate) fn id(&self) -> Result<String, Error> {
        Ok(self.delta.snapshot()?.metadata().id().to_owned())
    }

    /// The number of buckets it was made with.
    pub fn buckets(&self) -> Option<u32> {
        let metadata = self.delta.snapshot().ok()?.metadata();
        metadata.configuration().get(BUCKETS_PROPERTY)?.parse().ok()
    }

    /// All columns, the partition column last.
    pub fn schema(&self) -> Result<SchemaRef, Error> {
        let schema = self.delta.snapshot()?.snapshot().arrow_schema();
        let (last, mut fields): (Vec<_>, Vec<_>) =
            schema.fields().iter().map(Arc::clone).partition(|field| field.name() == BUCKET_COLUMN);
        fields.extend(last);
        Ok(Arc::new(Schema::new(fields)))
    }

    /// The columns that stand in the files: all but the partition column.
    pub fn file_schema(&self) -> Result<SchemaRef, Error> {
        let schema = self.schema()?;
        let fields: Vec<_> = schema.fields().iter().filter(|field| field.name() != BUCKET_COLUMN).cloned().collect();
        Ok(Arc::new(Schema::new(fields)))
    }

    /// The data files of this version, by name.
    pub fn files(&self) -> Result<Vec<ActiveFile>, Error> {
        let mut files = Vec::new();
        for file in self.delta.snapshot()?.log_data().iter() {
            let path = file.path().into_owned();
            let bucket = file.partition_values_map().get(BUCKET_COLUMN).cloned().flatten();
            let bucket = bucket.and_then(|bucket| bucket.parse().ok());
            let (Some(bucket), Some(rows)) = (bucket, file.num_records()) else {
                let problem = "its entry in the log names no bucket or no number of rows".into();
                return Err(Error::Record { name: path, problem });
            };
            files.push(ActiveFile { path, size: file.size().unsigned_abs(), rows: rows as u64, bucket });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// Rows in this version, by the log.
    pub fn rows(&self) -> Result<u64, Error> {
        Ok(self.files()?.iter().map(|file| file.rows).sum())
    }

    /// Whether somebody changed the table since it was opened. Then files that it reads may be gone: what fails is to be
    /// tried again on what is there now.
    pub(crate) async fn has_moved(&self) -> Result<bool, Error> {
        let latest = Self::open(&self.store, None).await?;
        Ok(latest.is_some_and(|latest| latest.version() != self.version()))
    }

    /// Whether `change` was committed before.
    pub async fn holds(&self, change: &Change) -> Result<bool, Error> {
        let log = self.delta.log_store();
        Ok(self.delta.snapshot()?.transaction_version(&log, change.application()).await?.is_some())
    }

    /// Commits `adds` as one version; `None` if another writer changed the table since it was
    /// opened. Adding nothing is a version too: it records that the run was published.
    pub(crate) async fn append(&self, adds: Vec<Add>, change: &Change) -> Result<Option<u64>, Error> {
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(vec![BUCKET_COLUMN.to_owned()]),
            predicate: None,
        };
        self.commit(adds.into_iter().map(Action::Add).collect(), operation, change).await
    }

    pub(crate) async fn commit(
        &self,
        mut actions: Vec<Action>,
        operation: DeltaOperation,
        change: &Change,
    ) -> Result<Option<u64>, Error> {
        actions.insert(0, Action::CommitInfo(change.info(operation.name())));
        // No retries in here: what is appended was chosen by what the table held when it was
        // opened, so whoever lost the race must look again.
        let properties =
            CommitProperties::default().with_max_retries(0).with_application_transaction(change.transaction());
        let committed = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(self.delta.snapshot()?), self.delta.log_store(), operation)
            .await;
        match committed {
            Ok(done) => Ok(Some(done.version())),
            Err(deltalake_core::DeltaTableError::Transaction {
                source: TransactionError::MaxCommitAttempts(_) | TransactionError::CommitConflict(_),
            }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What happened to the table up to this version, oldest first.
    pub async fn history(&self) -> Result<Vec<Commit>, Error> {
        let log = self.delta.log_store();
        let mut commits = Vec::new();
        for version in 0..=self.version() {
            // Old entries may have been cleaned away by another tool.
            let Some(bytes) = log.read_commit_entry(version).await? else { continue };
            for action in get_actions(version, &bytes)? {
                if let Action::CommitInfo(info) = action {
                    commits.push(Commit::of(version, info));
                }
            }
        }
        Ok(commits)
    }
}
