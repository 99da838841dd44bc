//! One data file of a table: written under a name that follows from its run, with the statistics
//! that the log keeps of it.

use crate::Error;
use arrow_array::{Array, Float32Array, RecordBatch, StringArray};
use arrow_schema::SchemaRef;
use datafusion::arrow::compute;
use deltalake_core::kernel::Add;
use object_store::{ObjectStoreExt, buffered::BufWriter, path::Path};
use parquet::{
    arrow::AsyncArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};
use serde_json::{Map, Value, json};
use shards::Store;

use super::{BUCKET_COLUMN, Change};

/// Most rows in a row group.
pub const ROWS_PER_GROUP: usize = 65_536;

/// The columns whose ranges the log tells.
const TOLD: [&str; 2] = ["image_domain", "similarity"];

/// Largest row group in memory: rows with stored pictures are thousands of times larger than rows without.
const BYTES_PER_GROUP: usize = 128 * 1024 * 1024;

/// Name of the file number `part` that `run` adds to `bucket`. It follows from the run alone, so
/// that a killed publish leaves nothing behind that the next attempt would not write over.
pub(crate) fn data_path(bucket: i32, run: &str, part: usize) -> String {
    format!("{BUCKET_COLUMN}={bucket}/part-{run}-{part}.parquet")
}

/// Writes `batches` as the file `path` and gives the log's entry for it.
pub(crate) async fn write_file(
    store: &Store,
    path: &str,
    bucket: i32,
    schema: &SchemaRef,
    batches: &[RecordBatch],
    change: &Change,
) -> Result<Add, Error> {
    let mut file = DataFile::create(store, path, bucket, schema)?;
    for batch in batches {
        file.write(batch).await?;
    }
    file.close(change).await
}

/// A data file in the making, a batch at a time. Nothing is seen under its name before [`DataFile::close`].
pub(crate) struct DataFile {
    store: Store,
    path: String,
    bucket: i32,
    writer: AsyncArrowWriter<BufWriter>,
    /// What the log's statistics are made of.
    told: Vec<RecordBatch>,
}

impl DataFile {
    pub(crate) fn create(store: &Store, path: &str, bucket: i32, schema: &SchemaRef) -> Result<Self, Error> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
            .set_max_row_group_bytes(Some(BYTES_PER_GROUP))
            .set_created_by(concat!("pinakes ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let sink = BufWriter::new(store.inner(), Path::from(path));
        let writer = AsyncArrowWriter::try_new(sink, SchemaRef::clone(schema), Some(properties))
            .map_err(|source| Error::Parquet { name: path.to_owned(), source })?;
        Ok(Self { store: store.clone(), path: path.to_owned(), bucket, writer, told: Vec::new() })
    }

    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = batch.schema();
        let told: Vec<usize> = TOLD.iter().filter_map(|name| columns.index_of(name).ok()).collect();
        self.told.push(batch.project(&told)?);
        self.writer.write(batch).await.map_err(|source| Error::Parquet { name: self.path.clone(), source })
    }

    /// Puts the file under its name and gives the log's entry for it.
    pub(crate) async fn close(self, change: &Change) -> Result<Add, Error> {
        let Self { store, path, bucket, writer, told } = self;
        writer.close().await.map_err(|source| Error::Parquet { name: path.clone(), source })?;
        let size = store.inner().head(&Path::from(path.as_str())).await?.size;
        Ok(Add {
            path,
            partition_values: [(BUCKET_COLUMN.to_owned(), Some(bucket.to_string()))].into(),
            size: size.cast_signed(),
            modification_time: change.at.timestamp_millis(),
            data_change: true,
            stats: Some(statistics(&told).to_string()),
            ..Add::default()
        })
    }
}

/// Row count, and the ranges by which readers skip whole files.
///
/// Not the range of `url`: it skips nothing that `image_domain` does not, since files are sorted by
/// domain first, and the log, which is never cleaned, must not keep the URLs of rows taken out.
fn statistics(batches: &[RecordBatch]) -> Value {
    let rows: usize = batches.iter().map(RecordBatch::num_rows).sum();
    let (mut least, mut most, mut nulls) = (Map::new(), Map::new(), Map::new());
    if let Some((low, high)) = text_range(batches, "image_domain") {
        least.insert("image_domain".into(), json!(low));
        most.insert("image_domain".into(), json!(high));
        nulls.insert("image_domain".into(), json!(0));
    }
    if let Some((low, high)) = score_range(batches, "similarity") {
        least.insert("similarity".into(), json!(low));
        most.insert("similarity".into(), json!(high));
        nulls.insert("similarity".into(), json!(0));
    }
    json!({ "numRecords": rows, "minValues": least, "maxValues": most, "nullCount": nulls })
}

fn text_range(batches: &[RecordBatch], column: &str) -> Option<(String, String)> {
    let mut range: Option<(String, String)> = None;
    for batch in batches {
        let texts = batch.column_by_name(column)?.as_any().downcast_ref::<StringArray>()?;
        let (Some(low), Some(high)) = (compute::min_string(texts), compute::max_string(texts)) else { continue };
        range = Some(match range {
            None => (low.to_owned(), high.to_owned()),
            Some((least, most)) => (least.min(low.to_owned()), most.max(high.to_owned())),
        });
    }
    range
}

/// `None` where a value is missing or not a number: then there is no range to rely on.
fn score_range(batches: &[RecordBatch], column: &str) -> Option<(f32, f32)> {
    let mut range: Option<(f32, f32)> = None;
    for batch in batches {
        let scores = batch.column_by_name(column)?.as_any().downcast_ref::<Float32Array>()?;
        if scores.null_count() > 0 || scores.values().iter().any(|score| !score.is_finite()) {
            return None;
        }
        let (Some(low), Some(high)) = (compute::min(scores), compute::max(scores)) else { continue };
        range = Some(match range {
            None => (low, high),
            Some((least, most)) => (least.min(low), most.max(high)),
        });
    }
    range
}
