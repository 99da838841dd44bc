//! Gives rows another value in one column: the files that hold such rows are written anew, batch by batch and in their
//! order, and one commit swaps old for new.

use super::{ActiveFile, Change, DataFile, Table, data_path, file::attempt, removal};
use crate::{Error, provider::ActiveFiles};
use arrow_array::{ArrayRef, RecordBatch};
use datafusion::{
    execution::SendableRecordBatchStream,
    prelude::{SessionConfig, SessionContext},
};
use deltalake_core::{kernel::Action, protocol::DeltaOperation};
use futures::TryStreamExt;

impl Table {
    /// The rows of one file in their order, with these `columns` or all of them.
    pub(crate) async fn rows_of(
        &self,
        file: &ActiveFile,
        columns: Option<&[&str]>,
    ) -> Result<SendableRecordBatchStream, Error> {
        // Several readers would give the rows of a large file in any order.
        let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
        let provider = ActiveFiles::register(&context, "file", self, vec![file.clone()])?;
        let mut frame = context.read_table(provider)?;
        if let Some(columns) = columns {
            frame = frame.select_columns(columns)?;
        }
        Ok(frame.execute_stream().await?)
    }

    /// Writes `files` anew with what `values` gives for `column`; `None` if another writer changed the table since it was
    /// opened. No files make a version, too: it tells that somebody looked.
    pub(crate) async fn update(
        &self,
        files: &[ActiveFile],
        column: &str,
        values: impl Fn(&RecordBatch) -> Result<ArrayRef, Error>,
        change: &Change,
    ) -> Result<Option<u64>, Error> {
        let id = attempt(change, self.version());
        let path = |(part, file): (usize, &ActiveFile)| data_path(file.bucket, &id, part);
        let paths: Vec<String> = files.iter().enumerate().map(path).collect();
        let updated = self.write_updated(files, &paths, column, values, change).await;
        if !matches!(updated, Ok(Some(_))) {
            self.discard(&paths).await;
        }
        updated
    }

    /// Writes them under the names in `paths`, and commits them.
    async fn write_updated(
        &self,
        files: &[ActiveFile],
        paths: &[String],
        column: &str,
        values: impl Fn(&RecordBatch) -> Result<ArrayRef, Error>,
        change: &Change,
    ) -> Result<Option<u64>, Error> {
        let schema = self.file_schema()?;
        let place = schema.index_of(column)?;
        let mut actions = Vec::new();
        for (file, path) in files.iter().zip(paths) {
            let mut written = DataFile::create(self.store(), path, file.bucket, &schema)?;
            let mut batches = self.rows_of(file, None).await?;
            while let Some(batch) = batches.try_next().await? {
                let mut columns = batch.columns()[..schema.fields().len()].to_vec();
                columns[place] = values(&batch)?;
                written.write(&RecordBatch::try_new(schema.clone(), columns)?).await?;
            }
            actions.push(Action::Remove(removal(file, change)));
            actions.push(Action::Add(written.close(change).await?));
        }
        self.commit(actions, DeltaOperation::Update { predicate: None }, change).await
    }
}
