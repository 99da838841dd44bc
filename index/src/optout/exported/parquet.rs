//! Parquet with whatever columns, as long as one tells where a row is from.

use super::{Judge, Seen, replace, wrong};
use crate::{Error, optout::named::Facts, table::ROWS_PER_GROUP};
use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, cast::AsArray, types::Int64Type};
use arrow_schema::{DataType, SchemaRef};
use datafusion::arrow::compute::{cast, filter_record_batch};
use parquet::{
    arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder},
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};
use std::{fs::File, path::Path};

/// Largest row group in memory.
const BYTES_PER_GROUP: usize = 128 * 1024 * 1024;

/// Rows read at a time.
const BATCH: usize = 4096;

/// What the columns are called in the layouts there are: ours, LAION's, img2dataset's, `DataComp`'s.
const URL: [&str; 2] = ["url", "URL"];
const ID: [&str; 2] = ["id", "hash"];

/// Whether a row of the file would tell the page that its picture stands on.
pub(super) fn knows_pages(path: &Path) -> Result<bool, Error> {
    Ok(open(path)?.schema().column_with_name("page_url").is_some())
}

pub(super) fn read(path: &Path, judge: &mut Judge<'_>, rewrite: bool) -> Result<Seen, Error> {
    if !rewrite {
        return pass(path, judge, None);
    }
    let mut seen = Seen::default();
    replace(path, |file| {
        seen = pass(path, judge, Some(file))?;
        Ok(())
    })?;
    Ok(seen)
}

fn pass(path: &Path, judge: &mut Judge<'_>, out: Option<&mut File>) -> Result<Seen, Error> {
    let name = path.display().to_string();
    let failed = |source| Error::Parquet { name: name.clone(), source };
    let reader = open(path)?;
    let schema = reader.schema().clone();
    let more = reader.metadata().file_metadata().key_value_metadata().cloned();
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .set_max_row_group_bytes(Some(BYTES_PER_GROUP))
        // What other programs keep there, but for the schema, which the writer puts in itself.
        .set_key_value_metadata(more.map(|more| more.into_iter().filter(|pair| pair.key != "ARROW:schema").collect()))
        .set_created_by(concat!("pinakes ", env!("CARGO_PKG_VERSION")).to_owned())
        .build();
    let mut out =
        out.map(|out| ArrowWriter::try_new(out, schema.clone(), Some(properties))).transpose().map_err(failed)?;
    let mut seen = Seen::default();
    for batch in reader.with_batch_size(BATCH).build().map_err(failed)? {
        let batch = batch?;
        let columns = Columns::of(&schema, &batch).ok_or_else(|| {
            wrong(&name, "no column tells where its rows are from: none is called `url`, `URL`, `id`, `hash` or `uid`")
        })?;
        let stays: BooleanArray = (0..batch.num_rows()).map(|row| Some(!columns.named(row, judge))).collect();
        seen.rows += batch.num_rows() as u64;
        seen.named += (batch.num_rows() - stays.true_count()) as u64;
        if let Some(out) = &mut out {
            out.write(&filter_record_batch(&batch, &stays)?).map_err(failed)?;
        }
    }
    if let Some(out) = out {
        out.close().map_err(failed)?;
    }
    Ok(seen)
}

fn open(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, Error> {
    let name = path.display().to_string();
    let file = File::open(path).map_err(|error| wrong(&name, &error.to_string()))?;
    ParquetRecordBatchReaderBuilder::try_new(file).map_err(|source| Error::Parquet { name, source })
}

/// The columns that tell where rows are from, as texts and numbers.
struct Columns {
    urls: Option<ArrayRef>,
    pages: Option<ArrayRef>,
    sha256: Option<ArrayRef>,
    phash: Option<ArrayRef>,
    ids: Option<ArrayRef>,
    uids: Option<ArrayRef>,
}

impl Columns {
    fn of(schema: &SchemaRef, batch: &RecordBatch) -> Option<Self> {
        let column = |names: &[&str], kind: DataType| {
            let place = names.iter().find_map(|name| schema.index_of(name).ok())?;
            cast(batch.column(place), &kind).ok()
        };
        let text = |names: &[&str]| column(names, DataType::Utf8);
        let columns = Self {
            urls: text(&URL),
            pages: text(&["page_url"]),
            sha256: text(&["sha256"]),
            phash: column(&["phash"], DataType::Int64),
            ids: column(&ID, DataType::Int64),
            uids: text(&["uid"]),
        };
        let is_told = columns.urls.is_some() || columns.ids.is_some() || columns.uids.is_some();
        is_told.then_some(columns)
    }

    fn named(&self, row: usize, judge: &mut Judge<'_>) -> bool {
        let text = |column: &'_ Option<ArrayRef>| -> Option<String> {
            let column = column.as_ref().filter(|column| column.is_valid(row))?;
            Some(column.as_string::<i32>().value(row).to_owned())
        };
        let number = |column: &Option<ArrayRef>| {
            let column = column.as_ref().filter(|column| column.is_valid(row))?;
            Some(column.as_primitive::<Int64Type>().value(row))
        };
        // The first half of a uid is the row's id.
        let of_uid = |uid: String| u64::from_str_radix(uid.get(..16)?, 16).ok().map(u64::cast_signed);
        let (url, page, sha256) = (text(&self.urls), text(&self.pages), text(&self.sha256));
        let facts = Facts {
            url: url.as_deref().unwrap_or_default(),
            page_url: page.as_deref().unwrap_or_default(),
            sha256: sha256.as_deref(),
            phash: number(&self.phash),
            id: number(&self.ids).or_else(|| text(&self.uids).and_then(of_uid)),
        };
        judge.names(&facts, self.pages.is_some())
    }
}
