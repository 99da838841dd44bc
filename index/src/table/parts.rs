//! A row group without some of its rows, put together column by column: some are encoded anew as a whole, and of the others
//! only the pages that have rows to go.

use super::{
    groups::Groups,
    properties::properties_of_columns,
    spliced::{Anew, Span, Splice, spans},
    stored::Pieces,
};
use crate::Error;
use arrow_array::{BooleanArray, RecordBatch};
use bytes::Bytes;
use datafusion::arrow::compute;
use parquet::{
    arrow::{ArrowWriter, arrow_reader::RowSelection, arrow_writer::ArrowWriterOptions},
    column::writer::ColumnCloseResult,
    errors::{ParquetError, Result},
    file::{metadata::ParquetMetaData, reader::ChunkReader, writer::SerializedRowGroupWriter},
};
use std::{io::Write, mem};

/// All its columns, encoded.
pub(super) struct Parts {
    parts: Vec<(Part, Encoded)>,
}

/// Columns whose pages with rows to go lie in the same places.
struct Part {
    /// `None`: they are encoded anew as a whole.
    spans: Option<Vec<Span>>,
    /// Their names.
    roots: Vec<String>,
    /// Their places among all leaves of the table's schema.
    leaves: Vec<usize>,
}

/// What was encoded anew of a part: a Parquet file of its columns, with a row group for each span that has rows left.
struct Encoded {
    bytes: Bytes,
    metadata: ParquetMetaData,
}

/// A row group as it is in its file.
pub(super) struct Old<'a> {
    pub(super) groups: &'a Groups,
    /// The file's footer, with its pages.
    pub(super) metadata: &'a ParquetMetaData,
    pub(super) group: usize,
    /// All of the row group.
    pub(super) bytes: &'a Pieces,
}

impl Parts {
    /// Reads and encodes what is to be anew of `old` without the rows that are `gone`.
    pub(super) fn of(old: &Old<'_>, gone: &BooleanArray) -> std::result::Result<Self, Error> {
        let Old { groups, metadata, group, bytes } = *old;
        let properties = properties_of_columns(groups.schema(), false).map_err(|source| groups.failed(source))?;
        let mut parts: Vec<Part> = Vec::new();
        for (leaf, column) in metadata.row_group(group).columns().iter().enumerate() {
            let Some(root) = column.column_path().parts().first() else { continue };
            let spans = spans(metadata, group, leaf, gone, &properties);
            if !parts.iter().any(|part| part.spans == spans) {
                parts.push(Part { spans: spans.clone(), roots: Vec::new(), leaves: Vec::new() });
            }
            for part in parts.iter_mut().filter(|part| part.spans == spans) {
                part.leaves.push(leaf);
                if part.roots.last() != Some(root) {
                    part.roots.push(root.clone());
                }
            }
        }
        let kept = compute::not(gone)?;
        let mut all = Vec::new();
        for part in parts {
            let roots: Vec<&str> = part.roots.iter().map(String::as_str).collect();
            let rows = groups.read(bytes, group, &roots, Some(part.anew(&kept)))?;
            let encoded = part.encoded(&rows, &kept).map_err(|source| groups.failed(source))?;
            all.push((part, encoded));
        }
        Ok(Self { parts: all })
    }

    /// Writes them as the next row group.
    pub(super) fn write<W: Write + Send>(&self, mut to: SerializedRowGroupWriter<'_, W>, old: &Old<'_>) -> Result<()> {
        let mut leaves = Vec::new();
        for (part, encoded) in &self.parts {
            leaves.extend(part.leaves.iter().enumerate().map(|(place, leaf)| (*leaf, place, &part.spans, encoded)));
        }
        leaves.sort_by_key(|(leaf, ..)| *leaf);
        for (leaf, place, spans, encoded) in leaves {
            if let Some(spans) = spans {
                let (bytes, close) = encoded.spliced(place, spans, old, leaf)?;
                to.append_column(&bytes, close)?;
            } else {
                to.append_column(&encoded.bytes, close_of(&encoded.metadata, 0, place))?;
            }
        }
        to.close()?;
        Ok(())
    }
}

impl Encoded {
    /// The column in this `place`, between the pages of the old `leaf` that are copied.
    fn spliced(&self, place: usize, spans: &[Span], old: &Old<'_>, leaf: usize) -> Result<(Bytes, ColumnCloseResult)> {
        let Old { metadata, group, bytes, .. } = *old;
        let column = metadata.row_group(group).column(leaf);
        let (start, length) = column.byte_range();
        let length = usize::try_from(length).map_err(|error| ParquetError::External(Box::new(error)))?;
        let bytes = bytes.get_bytes(start, length)?;
        let mut splice = Splice::of(column);
        let mut anew = Anew { bytes: &self.bytes, metadata: &self.metadata, group: 0, leaf: place };
        for span in spans {
            if !span.is_anew {
                splice.copy(metadata, group, leaf, &bytes, span)?;
            } else if span.has_rows_left {
                splice.put(&anew)?;
                anew.group += 1;
            }
        }
        splice.close(metadata.column_index().and_then(|index| index.get(group)?.get(leaf)))
    }
}

impl Part {
    /// The rows to be encoded anew.
    fn anew(&self, kept: &BooleanArray) -> RowSelection {
        let Some(spans) = &self.spans else { return RowSelection::from_filters(std::slice::from_ref(kept)) };
        let mut anew = vec![false; kept.len()];
        for row in spans.iter().filter(|span| span.is_anew).flat_map(|span| span.rows.clone()) {
            anew[row] = kept.value(row);
        }
        RowSelection::from_filters(&[BooleanArray::from(anew)])
    }

    /// `rows` are those to be encoded anew, of all spans.
    fn encoded(&self, rows: &RecordBatch, kept: &BooleanArray) -> Result<Encoded> {
        let properties = properties_of_columns(&rows.schema(), self.spans.is_none())?;
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(Vec::new(), rows.schema(), options)?;
        match &self.spans {
            None => writer.write(rows)?,
            Some(spans) => {
                let mut done = 0;
                for span in spans.iter().filter(|span| span.is_anew && span.has_rows_left) {
                    let count = kept.slice(span.rows.start, span.rows.len()).true_count();
                    writer.write(&rows.slice(done, count))?;
                    writer.flush()?;
                    done += count;
                }
            }
        }
        let metadata = writer.finish()?;
        writer.sync()?;
        Ok(Encoded { bytes: Bytes::from(mem::take(writer.inner_mut())), metadata })
    }
}

/// What a file is told of a column that it takes over as it stands in another.
pub(super) fn close_of(metadata: &ParquetMetaData, group: usize, leaf: usize) -> ColumnCloseResult {
    let column = metadata.row_group(group).column(leaf);
    ColumnCloseResult {
        bytes_written: column.compressed_size().unsigned_abs(),
        rows_written: metadata.row_group(group).num_rows().unsigned_abs(),
        metadata: column.clone(),
        bloom_filter: None,
        column_index: metadata.column_index().and_then(|all| all.get(group)?.get(leaf)).cloned(),
        offset_index: metadata.offset_index().and_then(|all| all.get(group)?.get(leaf)).cloned(),
    }
}
