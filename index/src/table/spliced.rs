//! A column chunk without some of its rows, made of its own pages: those in which no such row lies are copied byte by byte, and
//! only the others are encoded anew.
//!
//! That is for columns without a dictionary, since one would keep the values of rows that go, and with one value a row.

use super::bounds::{Bounds, index, statistics};
use arrow_array::BooleanArray;
use bytes::Bytes;
use parquet::{
    basic::Encoding,
    column::writer::ColumnCloseResult,
    errors::{ParquetError, Result},
    file::{
        metadata::{ColumnChunkMetaData, OffsetIndexBuilder, ParquetMetaData},
        page_index::{column_index::ColumnIndexMetaData, offset_index::PageLocation},
        properties::WriterProperties,
    },
};
use std::{mem::discriminant, ops::Range};

/// Pages one after the other, all of them with rows that go, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pages: Range<usize>,
    /// Their rows, counted in the row group.
    pub(super) rows: Range<usize>,
    pub(super) is_anew: bool,
    /// Whether not all of its rows go.
    pub(super) has_rows_left: bool,
}

/// The pages of a column chunk in spans, in order; `None` where it is to be encoded anew as a whole. What is encoded anew is
/// written by `properties`.
pub(super) fn spans(
    metadata: &ParquetMetaData,
    group: usize,
    leaf: usize,
    gone: &BooleanArray,
    properties: &WriterProperties,
) -> Option<Vec<Span>> {
    let column = metadata.row_group(group).column(leaf);
    let description = column.column_descr();
    let is_plain = description.path().parts().len() == 1
        && description.max_rep_level() == 0
        && column.dictionary_page_offset().is_none()
        // Some writers do not tell where the dictionary is.
        && !column.encodings().any(|encoding| matches!(encoding, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY))
        // In one chunk there is one compression; how much of it, a reader need not know.
        && discriminant(&column.compression()) == discriminant(&properties.compression(description.path()));
    let pages = pages(metadata, group, leaf).filter(|_| is_plain)?;
    let first_row = |page: &PageLocation| usize::try_from(page.first_row_index).ok();
    let mut spans: Vec<Span> = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        let rows = first_row(page)?..pages.get(number + 1).map_or(Some(gone.len()), first_row)?;
        if rows.start > rows.end || rows.end > gone.len() {
            return None;
        }
        let count = gone.slice(rows.start, rows.len()).true_count();
        let (is_anew, has_rows_left) = (count > 0, count < rows.len());
        match spans.last_mut().filter(|span| span.is_anew == is_anew) {
            Some(span) => {
                (span.pages.end, span.rows.end) = (number + 1, rows.end);
                span.has_rows_left |= has_rows_left;
            }
            None => spans.push(Span { pages: number..number + 1, rows, is_anew, has_rows_left }),
        }
    }
    spans.iter().any(|span| !span.is_anew).then_some(spans)
}

fn pages(metadata: &ParquetMetaData, group: usize, leaf: usize) -> Option<&[PageLocation]> {
    Some(metadata.offset_index()?.get(group)?.get(leaf)?.page_locations())
}

/// A column chunk that was encoded anew for one span: where its pages are in `bytes`.
pub(super) struct Anew<'a> {
    pub(super) bytes: &'a Bytes,
    pub(super) metadata: &'a ParquetMetaData,
    pub(super) group: usize,
    pub(super) leaf: usize,
}

/// A column chunk in the making.
pub(super) struct Splice<'a> {
    column: &'a ColumnChunkMetaData,
    bytes: Vec<u8>,
    pages: OffsetIndexBuilder,
    /// Of each page; `None` once that of one is not known.
    bounds: Option<Vec<Bounds>>,
    encodings: Vec<Encoding>,
    rows: i64,
    uncompressed: i64,
}

impl<'a> Splice<'a> {
    /// One that is to stand for `column`.
    pub(super) fn of(column: &'a ColumnChunkMetaData) -> Self {
        Self {
            column,
            bytes: Vec::new(),
            pages: OffsetIndexBuilder::new(),
            bounds: Some(Vec::new()),
            encodings: Vec::new(),
            rows: 0,
            uncompressed: 0,
        }
    }

    /// Takes over the pages of `span` as they are. `bytes` are those of the column's chunk.
    pub(super) fn copy(
        &mut self,
        from: &ParquetMetaData,
        group: usize,
        leaf: usize,
        bytes: &[u8],
        span: &Span,
    ) -> Result<()> {
        let start = from.row_group(group).column(leaf).data_page_offset();
        self.take(from, group, leaf, span.pages.clone(), |page| {
            let start = usize::try_from(page.offset - start).ok()?;
            bytes.get(start..start + usize::try_from(page.compressed_page_size).ok()?)
        })
    }

    /// Puts in what was encoded anew.
    pub(super) fn put(&mut self, anew: &Anew<'_>) -> Result<()> {
        let count = pages(anew.metadata, anew.group, anew.leaf).map_or(0, <[PageLocation]>::len);
        self.take(anew.metadata, anew.group, anew.leaf, 0..count, |page| {
            let start = usize::try_from(page.offset).ok()?;
            anew.bytes.get(start..start + usize::try_from(page.compressed_page_size).ok()?)
        })
    }

    fn take<'b>(
        &mut self,
        from: &ParquetMetaData,
        group: usize,
        leaf: usize,
        numbers: Range<usize>,
        bytes_of: impl Fn(&PageLocation) -> Option<&'b [u8]>,
    ) -> Result<()> {
        let missing = || ParquetError::General("a page is not where the index says".to_owned());
        let all = pages(from, group, leaf).ok_or_else(missing)?;
        let index = from.column_index().and_then(|index| index.get(group)?.get(leaf));
        let rows_of_group = from.row_group(group).num_rows();
        for number in numbers {
            let page = all.get(number).ok_or_else(missing)?;
            let bytes = bytes_of(page).ok_or_else(missing)?;
            let rows = all.get(number + 1).map_or(rows_of_group, |next| next.first_row_index) - page.first_row_index;
            let head = Head::read(bytes).ok_or_else(missing)?;
            let offset = i64::try_from(self.bytes.len()).map_err(|_| missing())?;
            self.pages.append_row_count(rows);
            self.pages.append_offset_and_size(offset, page.compressed_page_size);
            self.bytes.extend_from_slice(bytes);
            self.uncompressed += i64::try_from(head.bytes + head.uncompressed).map_err(|_| missing())?;
            self.rows += rows;
            let bounds = index.and_then(|index| Bounds::of(index, number));
            self.bounds = self.bounds.take().zip(bounds).map(|(mut all, bounds)| {
                all.push(bounds);
                all
            });
        }
        for encoding in from.row_group(group).column(leaf).encodings() {
            if !self.encodings.contains(&encoding) {
                self.encodings.push(encoding);
            }
        }
        Ok(())
    }

    /// The chunk, and what its file is to be told of it. `order` is the index that the column had.
    pub(super) fn close(self, order: Option<&ColumnIndexMetaData>) -> Result<(Bytes, ColumnCloseResult)> {
        let too_large = || ParquetError::General("a column chunk is too large".to_owned());
        let size = i64::try_from(self.bytes.len()).map_err(|_| too_large())?;
        let description = self.column.column_descr_ptr();
        let mut metadata = ColumnChunkMetaData::builder(description.clone())
            .set_compression_codec(self.column.compression_codec())
            .set_encodings(self.encodings)
            .set_num_values(self.rows)
            .set_data_page_offset(0)
            .set_total_compressed_size(size)
            .set_total_uncompressed_size(self.uncompressed);
        let known = self.bounds.filter(|pages| !pages.is_empty());
        if let Some(statistics) = known.as_deref().and_then(|pages| statistics(&description, pages)) {
            metadata = metadata.set_statistics(statistics);
        }
        let column_index = known.map(|pages| index(&description, &pages, order)).transpose()?;
        let close = ColumnCloseResult {
            bytes_written: size.unsigned_abs(),
            rows_written: self.rows.unsigned_abs(),
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index,
            offset_index: Some(self.pages.build()),
        };
        Ok((Bytes::from(self.bytes), close))
    }
}

/// What stands before a page: `PageHeader` of Parquet's thrift definitions, in the compact protocol, as far as sizes are told.
struct Head {
    /// Its own size.
    bytes: usize,
    /// What stands behind it, once it is decompressed.
    uncompressed: usize,
}

impl Head {
    /// Reads the first three fields: the page's type and its sizes, without this head. `None` if it does not begin so.
    fn read(page: &[u8]) -> Option<Self> {
        // A field's head is the step from the last field's number and its type; 5 is a 32-bit number.
        const NEXT_NUMBER: u8 = 0x15;
        let mut rest = page;
        let mut sizes = [0; 3];
        for size in &mut sizes {
            let (head, behind) = rest.split_first()?;
            (*head == NEXT_NUMBER).then_some(())?;
            (*size, rest) = number(behind)?;
        }
        let [_, uncompressed, compressed] = sizes;
        Some(Self { bytes: page.len().checked_sub(compressed)?, uncompressed })
    }
}

/// A number of seven bits a byte, zigzag, and what stands behind it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_u64;
    for (place, byte) in bytes.iter().enumerate().take(5) {
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value >> 1).ok()?, bytes.get(place + 1..)?));
        }
    }
    None
}
