//! An answer as it comes: no more than a batch of it is in memory, however large it is.

use super::{Format, explain, plan_in, tables, write::Writer};
use crate::{Dataset, Error};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::{execution::SendableRecordBatchStream, prelude::SessionContext};
use futures::TryStreamExt;
use std::{io::Write, sync::Arc};

/// The answer to a query, not yet read.
pub struct Answer<'a> {
    dataset: &'a Dataset,
    context: SessionContext,
    schema: SchemaRef,
    rows: SendableRecordBatchStream,
}

/// What was written of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows written.
    pub rows: u64,
    /// Whether there were more.
    pub cut: bool,
}

/// Asks `query` over [`super::TABLES`], with so many bytes of memory for sorting, joining and grouping, and the disk beyond.
pub async fn ask<'a>(dataset: &'a Dataset, query: &str, memory: Option<usize>) -> Result<Answer<'a>, Error> {
    let context = dataset.session(memory)?;
    tables::register(&context, dataset).await?;
    let frame = plan_in(&context, dataset, query).await?;
    let schema = Arc::clone(frame.schema().inner());
    let rows = frame.execute_stream().await.map_err(|error| explain(&context, dataset, &error))?;
    Ok(Answer { dataset, context, schema, rows })
}

impl Answer<'_> {
    /// Writes it to `out`, `most` rows of it or all.
    pub async fn write(mut self, format: Format, out: impl Write + Send, most: Option<u64>) -> Result<Written, Error> {
        let mut writer = Writer::new(format, &self.schema, out)?;
        let mut written = Written { rows: 0, cut: false };
        while let Some(batch) = self.next().await? {
            let room = most.map_or(u64::MAX, |most| most - written.rows);
            let rows = (batch.num_rows() as u64).min(room);
            written.cut = rows < batch.num_rows() as u64;
            #[expect(clippy::cast_possible_truncation, reason = "no more than the batch has")]
            writer.write(&batch.slice(0, rows as usize))?;
            written.rows += rows;
            if written.cut {
                break;
            }
        }
        if written.rows == 0 {
            // An empty answer still has its columns.
            writer.write(&RecordBatch::new_empty(Arc::clone(&self.schema)))?;
        }
        writer.finish()?;
        Ok(written)
    }

    async fn next(&mut self) -> Result<Option<RecordBatch>, Error> {
        let next = self.rows.try_next().await;
        next.map_err(|error| explain(&self.context, self.dataset, &error))
    }
}
