//! A data file made of another's row groups: those that stay as they are are copied byte by byte, without being read.
//! Blocking: for threads that may wait. In memory is one row group.

use super::{
    Change,
    file::{Told, added},
    groups::Groups,
    parts::{Parts, close_of},
    properties::properties,
    stored::Pieces,
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

    /// Takes over a row group as it is. `metadata` is the footer of `groups` with its pages.
    pub(super) fn copy(
        &mut self,
        groups: &Groups,
        metadata: &ParquetMetaData,
        group: usize,
        bytes: &Pieces,
    ) -> Result<(), Error> {
        let told: Vec<&str> = Told::COLUMNS.into_iter().filter(|name| groups.has(name)).collect();
        self.told.add(&groups.read(bytes, group, &told, None)?);
        self.copied(metadata, group, bytes).map_err(|source| self.failed(source))?;
        self.drain()
    }

    fn copied(&mut self, metadata: &ParquetMetaData, group: usize, bytes: &Pieces) -> Result<(), ParquetError> {
        let source = metadata.row_group(group);
        let mut copy = self.writer.next_row_group()?;
        for leaf in 0..source.num_columns() {
            copy.append_column(bytes, close_of(metadata, group, leaf))?;
        }
        copy.close()?;
        Ok(())
    }

    /// Takes over a row group without the rows that are `gone`; `groups` is of a file that this one [takes](Self::takes).
    pub(super) fn without(
        &mut self,
        groups: &Groups,
        metadata: &ParquetMetaData,
        group: usize,
        bytes: &Pieces,
        gone: &BooleanArray,
    ) -> Result<(), Error> {
        let told: Vec<&str> = Told::COLUMNS.into_iter().filter(|name| groups.has(name)).collect();
        let kept = RowSelection::from_filters(&[compute::not(gone)?]);
        self.told.add(&groups.read(bytes, group, &told, Some(kept))?);
        let parts = Parts::of(groups, metadata, group, bytes, gone)?;
        let next = self.writer.next_row_group();
        let written = next.and_then(|to| parts.write(to, metadata, group, bytes));
        written.map_err(|source| self.failed(source))?;
        self.drain()
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
