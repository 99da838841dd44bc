//! Takes rows out of a table: files that hold such rows are written anew without them, and one
//! commit swaps old for new. Files without such rows are not touched.
//!
//! Copy on write, not deletion vectors: after a takedown the bytes must go, not only be hidden.

use super::{ActiveFile, Change, Table, data_path, write_file};
use crate::{Error, provider::ActiveFiles};
use arrow_array::{BooleanArray, RecordBatch};
use datafusion::{arrow::compute, prelude::SessionContext};
use deltalake_core::{
    kernel::{Action, Add, Remove},
    logstore::{LogStore, get_actions},
    protocol::{DeltaOperation, SaveMode},
};
use futures::TryStreamExt;
use std::collections::{BTreeMap, BTreeSet};

/// What a rewrite came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The version it made; `None` where no row was to go.
    pub version: Option<u64>,
    /// Rows taken out.
    pub rows: u64,
    /// Files written anew, or dropped since nothing was left in them.
    pub files: u64,
}

impl Table {
    /// Takes out the rows that `doomed` marks, looking only at `buckets`, or at all of them. The commit counts them
    /// under `counted_as`.
    pub(crate) async fn rewrite(
        &self,
        buckets: Option<&BTreeSet<i32>>,
        doomed: impl Fn(&RecordBatch) -> Result<BooleanArray, Error>,
        counted_as: &str,
        change: &Change,
    ) -> Result<Rewritten, Error> {
        let (mut outcome, actions) = self.plan_rewrite(buckets, doomed, change).await?;
        if outcome.rows == 0 {
            return Ok(outcome);
        }
        let mut change = change.clone();
        change.counts.insert(counted_as.to_owned(), outcome.rows);
        let operation = DeltaOperation::Delete { predicate: None };
        outcome.version = Some(self.commit(actions, operation, &change).await?.ok_or(Error::Contended)?);
        Ok(outcome)
    }

    /// Takes out the rows that `doomed` marks and puts `adds` in, as one version; `None` if another writer changed the
    /// table since it was opened.
    pub(crate) async fn replace(
        &self,
        doomed: impl Fn(&RecordBatch) -> Result<BooleanArray, Error>,
        adds: Vec<Add>,
        change: &Change,
    ) -> Result<Option<u64>, Error> {
        let mut renamed = change.clone();
        // The files of `adds` have the change's own name.
        renamed.id.push_str(".kept");
        let (_, mut actions) = self.plan_rewrite(None, doomed, &renamed).await?;
        actions.extend(adds.into_iter().map(Action::Add));
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(vec![super::BUCKET_COLUMN.to_owned()]),
            predicate: None,
        };
        self.commit(actions, operation, change).await
    }

    /// Writes files anew without the rows that `doomed` marks; what is to be committed for it.
    async fn plan_rewrite(
        &self,
        buckets: Option<&BTreeSet<i32>>,
        doomed: impl Fn(&RecordBatch) -> Result<BooleanArray, Error>,
        change: &Change,
    ) -> Result<(Rewritten, Vec<Action>), Error> {
        let mut outcome = Rewritten::default();
        let mut actions = Vec::new();
        let mut parts: BTreeMap<i32, usize> = BTreeMap::new();
        for file in self.files()? {
            if buckets.is_some_and(|buckets| !buckets.contains(&file.bucket)) {
                continue;
            }
            let (kept, gone) = self.without(&file, &doomed).await?;
            if gone == 0 {
                continue;
            }
            outcome.rows += gone;
            outcome.files += 1;
            actions.push(Action::Remove(removal(&file, change)));
            if kept.iter().any(|batch| batch.num_rows() > 0) {
                let part = parts.entry(file.bucket).or_default();
                let path = data_path(file.bucket, &change.id, *part);
                *part += 1;
                let add = write_file(self.store(), &path, file.bucket, &self.file_schema()?, &kept, change).await?;
                actions.push(Action::Add(add));
            }
        }
        Ok((outcome, actions))
    }

    /// Deletes the files that `change` removed from the table. Files already gone are no error, so
    /// that a killed takedown can be ended.
    pub(crate) async fn delete_removed(&self, change: &Change) -> Result<u64, Error> {
        let log = self.delta.log_store();
        let mut deleted = 0;
        for commit in self.history().await? {
            if commit.run.as_ref() != Some(&change.id) {
                continue;
            }
            let Some(bytes) = log.read_commit_entry(commit.version).await? else { continue };
            for action in get_actions(commit.version, &bytes)? {
                let Action::Remove(removed) = action else { continue };
                if self.store().exists(&removed.path).await? {
                    self.store().delete(&removed.path).await?;
                    deleted += 1;
                }
            }
        }
        Ok(deleted)
    }

    /// Deletes the files of older versions that hold rows which `doomed` marks by these `columns`: whatever replaced them,
    /// it did not delete them.
    pub(crate) async fn delete_replaced(
        &self,
        columns: &[&str],
        doomed: impl Fn(&RecordBatch) -> Result<BooleanArray, Error>,
    ) -> Result<u64, Error> {
        let log = self.delta.log_store();
        let active: BTreeSet<String> = self.files()?.into_iter().map(|file| file.path).collect();
        let mut replaced: BTreeMap<String, ActiveFile> = BTreeMap::new();
        for version in 0..=self.version() {
            let Some(bytes) = log.read_commit_entry(version).await? else { continue };
            for action in get_actions(version, &bytes)? {
                let Action::Remove(Remove { path, size: Some(size), .. }) = action else { continue };
                if !active.contains(&path) {
                    // Which partition it was in says nothing of what is in it.
                    let file = ActiveFile { path: path.clone(), size: size.unsigned_abs(), rows: 0, bucket: 0 };
                    replaced.insert(path, file);
                }
            }
        }
        let mut deleted = 0;
        for file in replaced.into_values() {
            if self.store().exists(&file.path).await? && self.holds_any(&file, columns, &doomed).await? {
                self.store().delete(&file.path).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    async fn holds_any(
        &self,
        file: &ActiveFile,
        columns: &[&str],
        doomed: impl Fn(&RecordBatch) -> Result<BooleanArray, Error>,
    ) -> Result<bool, Error> {
        let mut batches = self.rows_of(file, Some(columns)).await?;
        while let Some(batch) = batches.try_next().await? {
            if doomed(&batch)?.true_count() > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The file's rows that stay, and how many do not.
    async fn without(
        &self,
        file: &ActiveFile,
        doomed: impl Fn(&RecordBatch) -> Result<BooleanArray, Error>,
    ) -> Result<(Vec<RecordBatch>, u64), Error> {
        let context = SessionContext::new();
        let provider = ActiveFiles::register(&context, "rewrite", self, vec![file.clone()])?;
        let (mut kept, mut gone) = (Vec::new(), 0);
        for batch in context.read_table(provider)?.collect().await? {
            let doomed = doomed(&batch)?;
            gone += doomed.true_count() as u64;
            let columns: Vec<usize> = (0..batch.num_columns() - 1).collect();
            let stays = compute::filter_record_batch(&batch, &compute::not(&doomed)?)?.project(&columns)?;
            kept.push(stays.with_schema(self.file_schema()?)?);
        }
        Ok((kept, gone))
    }
}

pub(super) fn removal(file: &ActiveFile, change: &Change) -> Remove {
    Remove {
        path: file.path.clone(),
        data_change: true,
        deletion_timestamp: Some(change.at.timestamp_millis()),
        extended_file_metadata: Some(true),
        partition_values: Some([(super::BUCKET_COLUMN.to_owned(), Some(file.bucket.to_string()))].into()),
        size: Some(file.size.cast_signed()),
        ..Remove::default()
    }
}
