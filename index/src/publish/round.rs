//! A later round of a run that is published already: only the rows that were asked for again are published, in
//! place of what the ledger said of them.

use crate::{Error, RunInfo, provider::ActiveFiles, table::Table};
use arrow_array::{BooleanArray, RecordBatch, cast::AsArray, types::Int64Type};
use datafusion::prelude::SessionContext;
use schema::{Bucket, LedgerRow, SampleId};
use shards::{Store, read_all};
use std::collections::HashSet;

/// What tells candidates apart: id (hash of URL and text), archive, and the page's record in it.
type Key = (i64, String, i64);

/// The rows that one round asked for again.
pub(crate) struct Retried(HashSet<Key>);

impl Retried {
    /// Reads which they are; `None` in the first round, which publishes everything.
    pub(crate) async fn read(store: &Store, run: &RunInfo) -> Result<Option<Self>, Error> {
        if run.round == 0 {
            return Ok(None);
        }
        let mut keys = HashSet::new();
        for name in store.list(&format!("retried/{}", run.round)).await? {
            let rows: Vec<LedgerRow> = read_all(store, &name).await?;
            keys.extend(rows.into_iter().map(|row| (row.id.0, row.archive, row.archive_offset)));
        }
        Ok(Some(Self(keys)))
    }

    pub(crate) fn holds(&self, id: SampleId, archive: &str, offset: i64) -> bool {
        self.0.contains(&(id.0, archive.to_owned(), offset))
    }

    /// Those that the ledger still holds in `bucket`: what a takedown removed since is not brought back.
    pub(crate) async fn in_ledger(&self, ledger: &Table, bucket: Bucket) -> Result<Self, Error> {
        let mut files = ledger.files()?;
        files.retain(|file| u32::try_from(file.bucket) == Ok(bucket.0));
        let context = SessionContext::new();
        let provider = ActiveFiles::register(&context, "retried", ledger, files)?;
        let rows = context.read_table(provider)?.select_columns(&["id", "archive", "archive_offset"])?;
        let mut held = HashSet::new();
        for batch in rows.collect().await? {
            held.extend(keys(&batch)?.into_iter().filter(|key| self.0.contains(key)));
        }
        Ok(Self(held))
    }

    pub(crate) fn len(&self) -> u64 {
        self.0.len() as u64
    }

    /// Takes what the ledger said of these rows out of it. Their new rows must not be in it yet.
    pub(crate) async fn leave_ledger(&self, ledger: &Table, run: &RunInfo) -> Result<(), Error> {
        let mut change = run.change(&[]);
        change.id.push_str(".retried");
        if ledger.holds(&change).await? {
            return Ok(());
        }
        let doomed = |batch: &RecordBatch| -> Result<BooleanArray, Error> {
            Ok(keys(batch)?.iter().map(|key| Some(self.0.contains(key))).collect())
        };
        ledger.rewrite(None, doomed, "retried", &change).await?;
        Ok(())
    }
}

fn keys(batch: &RecordBatch) -> Result<Vec<Key>, Error> {
    let column = |name: &str| {
        let missing = || Error::Record { name: name.to_owned(), problem: "the ledger has no such column".into() };
        batch.column_by_name(name).ok_or_else(missing)
    };
    let (ids, offsets) =
        (column("id")?.as_primitive::<Int64Type>(), column("archive_offset")?.as_primitive::<Int64Type>());
    let archives = column("archive")?.as_string::<i32>();
    Ok((0..batch.num_rows()).map(|row| (ids.value(row), archives.value(row).to_owned(), offsets.value(row))).collect())
}
