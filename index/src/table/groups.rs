//! One data file, a row group at a time and only the columns that are asked for. Blocking: for threads that may wait.

use super::stored::{Pieces, StoredFile};
use crate::Error;
use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use object_store::ObjectStore;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
            RowSelection,
        },
    },
    errors::ParquetError,
    file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader, RowGroupMetaData},
};
use std::{ops::Range, sync::Arc};
use tokio::runtime::Handle;

/// A row group of no more bytes is read in one piece.
const SMALL_GROUP: u64 = 8 * 1024 * 1024;

/// A data file whose footer was read.
pub(crate) struct Groups {
    path: String,
    file: StoredFile,
    plain: ArrowReaderMetadata,
    /// The same with texts as numbers of a dictionary: columns of few values are read without making their texts.
    numbered: ArrowReaderMetadata,
}

impl Groups {
    pub(crate) fn open(store: Arc<dyn ObjectStore>, path: &str, handle: &Handle) -> Result<Self, Error> {
        let file = StoredFile::open(store, path, handle.clone())?;
        let failed = |source| Error::Parquet { name: path.to_owned(), source };
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).map_err(failed)?;
        let metadata = Arc::new(metadata);
        let plain = ArrowReaderMetadata::try_new(Arc::clone(&metadata), ArrowReaderOptions::new()).map_err(failed)?;
        let options = ArrowReaderOptions::new().with_schema(numbered(plain.schema()));
        let numbered = ArrowReaderMetadata::try_new(metadata, options).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, plain, numbered })
    }

    /// The columns as they are written.
    pub(crate) fn schema(&self) -> &SchemaRef {
        self.plain.schema()
    }

    pub(crate) fn metadata(&self) -> &ParquetMetaData {
        self.plain.metadata()
    }

    pub(crate) fn count(&self) -> usize {
        self.metadata().num_row_groups()
    }

    pub(crate) fn rows(&self, group: usize) -> usize {
        usize::try_from(self.metadata().row_group(group).num_rows()).unwrap_or_default()
    }

    pub(crate) fn has(&self, column: &str) -> bool {
        self.schema().column_with_name(column).is_some()
    }

    /// The footer with what stands in the file of each page.
    pub(super) fn with_pages(&self) -> Result<ParquetMetaData, Error> {
        let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
        reader.parse_and_finish(&self.file).map_err(|source| self.failed(source))
    }

    /// The bytes of these columns in these row groups.
    pub(crate) fn fetch(&self, groups: Range<usize>, columns: &[&str]) -> Result<Pieces, Error> {
        let wanted = self.mask(columns);
        let mut ranges = Vec::new();
        for group in groups {
            for (leaf, column) in self.metadata().row_group(group).columns().iter().enumerate() {
                if wanted.leaf_included(leaf) {
                    let (start, length) = column.byte_range();
                    ranges.push(start..start + length);
                }
            }
        }
        self.file.pieces(ranges).map_err(|source| self.failed(source))
    }

    /// All bytes of a row group.
    pub(super) fn fetch_whole(&self, group: usize) -> Result<Pieces, Error> {
        let range = |column: &parquet::file::metadata::ColumnChunkMetaData| {
            let (start, length) = column.byte_range();
            start..start + length
        };
        let ranges = self.metadata().row_group(group).columns().iter().map(range).collect();
        self.file.pieces(ranges).map_err(|source| self.failed(source))
    }

    /// The rows of a group that are selected, or all of them, in these columns, whose bytes are in `pieces`.
    pub(crate) fn read(
        &self,
        pieces: &Pieces,
        group: usize,
        columns: &[&str],
        selected: Option<RowSelection>,
    ) -> Result<RecordBatch, Error> {
        self.decode(&self.plain, pieces, group, self.mask(columns), selected)
    }

    /// The same with texts as numbers of a dictionary.
    pub(crate) fn read_numbered(&self, pieces: &Pieces, group: usize, columns: &[&str]) -> Result<RecordBatch, Error> {
        self.decode(&self.numbered, pieces, group, self.mask(columns), None)
    }

    /// All columns of a group.
    pub(super) fn read_whole(&self, pieces: &Pieces, group: usize) -> Result<RecordBatch, Error> {
        self.decode(&self.plain, pieces, group, ProjectionMask::all(), None)
    }

    /// The rows of a group in batches, page by page where it is large.
    pub(super) fn stream(&self, group: usize, rows_at_a_time: usize) -> Result<ParquetRecordBatchReader, Error> {
        let metadata = self.plain.clone();
        let built = if bytes_of(self.metadata().row_group(group)) <= SMALL_GROUP {
            let bytes = self.fetch_whole(group)?;
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, metadata);
            builder.with_row_groups(vec![group]).with_batch_size(rows_at_a_time).build()
        } else {
            let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.clone(), metadata);
            builder.with_row_groups(vec![group]).with_batch_size(rows_at_a_time).build()
        };
        built.map_err(|source| self.failed(source))
    }

    /// Bytes of a row in memory, on average.
    pub(super) fn bytes_a_row(&self) -> u64 {
        let groups = self.metadata().row_groups();
        let rows: u64 = groups.iter().map(|group| group.num_rows().unsigned_abs()).sum();
        groups.iter().map(|group| group.total_byte_size().unsigned_abs()).sum::<u64>() / rows.max(1)
    }

    fn decode(
        &self,
        metadata: &ArrowReaderMetadata,
        pieces: &Pieces,
        group: usize,
        columns: ProjectionMask,
        selected: Option<RowSelection>,
    ) -> Result<RecordBatch, Error> {
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(pieces.clone(), metadata.clone());
        let mut builder =
            builder.with_row_groups(vec![group]).with_projection(columns).with_batch_size(self.rows(group).max(1));
        if let Some(selected) = selected {
            builder = builder.with_row_selection(selected);
        }
        let mut reader = builder.build().map_err(|source| self.failed(source))?;
        let schema = arrow_array::RecordBatchReader::schema(&reader);
        match reader.next() {
            Some(batch) => Ok(batch?),
            None => Ok(RecordBatch::new_empty(schema)),
        }
    }

    fn mask(&self, columns: &[&str]) -> ProjectionMask {
        ProjectionMask::columns(self.metadata().file_metadata().schema_descr(), columns.iter().copied())
    }

    pub(super) fn failed(&self, source: ParquetError) -> Error {
        Error::Parquet { name: self.path.clone(), source }
    }
}

/// `schema` with texts as numbers of a dictionary.
fn numbered(schema: &Schema) -> SchemaRef {
    let field = |field: &Arc<Field>| {
        if *field.data_type() == DataType::Utf8 {
            let texts = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
            Arc::new(field.as_ref().clone().with_data_type(texts))
        } else {
            Arc::clone(field)
        }
    };
    let fields: Vec<_> = schema.fields().iter().map(field).collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// How many bytes a row group has.
pub(super) fn bytes_of(group: &RowGroupMetaData) -> u64 {
    group.compressed_size().unsigned_abs()
}
