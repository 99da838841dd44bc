//! A data file made of another's row groups: those that stay as they are are copied byte by byte, without being read.
//! Blocking: for threads that may wait. In memory is one row group.

use super::{
    Change,
    file::{Told, added},
    parts::{Old, Parts, close_of},
    properties::properties,
};
use crate::Error;
use arrow_array::{BooleanArray, RecordBatch};
use arrow_schema::SchemaRef;
use bytes::Bytes;
use datafusion::arrow::compute;
use deltalake_core::kernel::Add;
use object_store::{buffered::BufWriter, path::Path};
use parquet::{
    arrow::{
        ArrowWriter,
        arrow_reader::RowSelection,
        arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves},
    },
    errors::ParquetError,
    file::{metadata::ParquetMetaData, writer::SerializedFileWriter},
};
use shards::Store;
use std::mem;
use tokio::{io::AsyncWriteExt, runtime::Handle};

/// The file in the making. Nothing is seen under its name before [`Recoded::close`].
pub(super) struct Recoded {
    path: String,
    bucket: i32,
    schema: SchemaRef,
    writer: SerializedFileWriter<Vec<u8>>,
    factory: ArrowRowGroupWriterFactory,
    sink: BufWriter,
    size: u64,
    told: Told,
    handle: Handle,
}

impl Recoded {
    pub(super) fn create(
        store: &Store,
        path: String,
        bucket: i32,
        schema: &SchemaRef,
        handle: &Handle,
    ) -> Result<Self, Error> {
        let writer = properties(schema)
            .and_then(|properties| ArrowWriter::try_new(Vec::new(), SchemaRef::clone(schema), Some(properties)));
        let opened = writer.and_then(ArrowWriter::into_serialized_writer);
        let (writer, factory) = opened.map_err(|source| Error::Parquet { name: path.clone(), source })?;
        let sink = BufWriter::new(store.inner(), Path::from(path.as_str()));
        let (schema, handle) = (SchemaRef::clone(schema), handle.clone());
        Ok(Self { path, bucket, schema, writer, factory, sink, size: 0, told: Told::default(), handle })
    }

    /// Whether row groups of a file with this footer can stand in this one: of the same columns, whatever the whole is called,
    /// and with an index of their pages, which a file has for all of its groups or for none.
    pub(super) fn takes(&self, metadata: &ParquetMetaData) -> bool {
        let theirs = metadata.file_metadata().schema_descr().root_schema();
        let has_pages = metadata.offset_index().is_some_and(|all| {
            let groups = metadata.row_groups().iter();
            all.len() == groups.len() && groups.zip(all).all(|(group, pages)| group.num_columns() == pages.len())
        });
        has_pages && self.writer.schema_descr().root_schema().get_fields() == theirs.get_fields()
    }

    /// Takes over a row group as it is, of a file that this one [takes](Self::takes).
    pub(super) fn copy(&mut self, old: &Old<'_>) -> Result<(), Error> {
        self.tell(old, None)?;
        self.copied(old).map_err(|source| self.failed(source))?;
        self.drain()
    }

    fn copied(&mut self, old: &Old<'_>) -> Result<(), ParquetError> {
        let mut copy = self.writer.next_row_group()?;
        for leaf in 0..old.metadata.row_group(old.group).num_columns() {
            copy.append_column(old.bytes, close_of(old.metadata, old.group, leaf))?;
        }
        copy.close()?;
        Ok(())
    }

    /// Takes over such a row group without the rows that are `gone`.
    pub(super) fn without(&mut self, old: &Old<'_>, gone: &BooleanArray) -> Result<(), Error> {
        self.tell(old, Some(RowSelection::from_filters(&[compute::not(gone)?])))?;
        let parts = Parts::of(old, gone)?;
        let written = self.writer.next_row_group().and_then(|to| parts.write(to, old));
        written.map_err(|source| self.failed(source))?;
        self.drain()
    }

    /// Notes what the log is to be told of these rows of a row group.
    fn tell(&mut self, old: &Old<'_>, rows: Option<RowSelection>) -> Result<(), Error> {
        let told: Vec<&str> = Told::COLUMNS.into_iter().filter(|name| old.groups.has(name)).collect();
        self.told.add(&old.groups.read(old.bytes, old.group, &told, rows)?);
        Ok(())
    }

    /// Writes `batch` as a row group of its own.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.told.add(batch);
        self.encoded(batch).map_err(|source| self.failed(source))?;
        self.drain()
    }

    fn encoded(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let number = self.writer.flushed_row_groups().len();
        let mut columns = self.factory.create_column_writers(number)?.into_iter();
        let mut group = self.writer.next_row_group()?;
        for (field, values) in self.schema.fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, values)? {
                let missing = || ParquetError::General(format!("no column for `{}`", field.name()));
                let mut column = columns.next().ok_or_else(missing)?;
                column.write(&leaf)?;
                column.close()?.append_to_row_group(&mut group)?;
            }
        }
        group.close()?;
        Ok(())
    }

    /// Puts the file under its name and gives the log's entry for it.
    pub(super) fn close(mut self, change: &Change) -> Result<Add, Error> {
        self.writer.finish().map_err(|source| Error::Parquet { name: self.path.clone(), source })?;
        self.drain()?;
        let ended = self.handle.block_on(self.sink.shutdown());
        ended.map_err(|error| self.failed(ParquetError::External(Box::new(error))))?;
        Ok(added(self.path, self.bucket, self.size, &self.told, change))
    }

    /// Gives what is ready to the store.
    fn drain(&mut self) -> Result<(), Error> {
        let flushed = self.writer.flush();
        flushed.map_err(|error| self.failed(ParquetError::External(Box::new(error))))?;
        let ready = mem::take(self.writer.inner_mut());
        self.size += ready.len() as u64;
        Ok(self.handle.block_on(self.sink.put(Bytes::from(ready)))?)
    }

    fn failed(&self, source: ParquetError) -> Error {
        Error::Parquet { name: self.path.clone(), source }
    }
}
