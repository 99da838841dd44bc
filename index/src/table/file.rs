//! One data file of a table: written under a name that follows from its run, with the statistics
//! that the log keeps of it.

use super::{BUCKET_COLUMN, Change, properties::properties};
use crate::Error;
use arrow_array::{Array, Float32Array, RecordBatch, StringArray};
use arrow_schema::SchemaRef;
use datafusion::arrow::compute;
use deltalake_core::kernel::Add;
use object_store::{ObjectStoreExt, buffered::BufWriter, path::Path};
use parquet::arrow::AsyncArrowWriter;
use serde_json::{Map, Value, json};
use shards::Store;
use std::{
    collections::BTreeSet,
    process,
    sync::atomic::{AtomicU64, Ordering},
};

/// Name of the file number `part` that `run` adds to `bucket`. It follows from the run alone, so
/// that a killed publish leaves nothing behind that the next attempt would not write over.
pub(crate) fn data_path(bucket: i32, run: &str, part: usize) -> String {
    format!("{BUCKET_COLUMN}={bucket}/part-{run}-{part}.parquet")
}

/// What stands for `change` in the names of files that are made of those of `version`, new for each attempt: another
/// process, or the next attempt on a later version, must not write over a file that is in. No run's id has a `+`: the
/// change is what stands before it. The version behind it tells when a file that was left can no longer come in.
pub(super) fn attempt(change: &Change, version: u64) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let (at, process) = (change.at.timestamp_micros(), process::id());
    format!("{}+{version}-{at:x}-{process:x}-{number:x}", change.id)
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
    told: Told,
}

impl DataFile {
    pub(crate) fn create(store: &Store, path: &str, bucket: i32, schema: &SchemaRef) -> Result<Self, Error> {
        let sink = BufWriter::new(store.inner(), Path::from(path));
        let writer = properties(schema)
            .and_then(|properties| AsyncArrowWriter::try_new(sink, SchemaRef::clone(schema), Some(properties)))
            .map_err(|source| Error::Parquet { name: path.to_owned(), source })?;
        Ok(Self { store: store.clone(), path: path.to_owned(), bucket, writer, told: Told::default() })
    }

    pub(crate) async fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.told.add(batch);
        self.writer.write(batch).await.map_err(|source| Error::Parquet { name: self.path.clone(), source })
    }

    /// Puts the file under its name and gives the log's entry for it.
    pub(crate) async fn close(self, change: &Change) -> Result<Add, Error> {
        let Self { store, path, bucket, writer, told } = self;
        writer.close().await.map_err(|source| Error::Parquet { name: path.clone(), source })?;
        let size = store.inner().head(&Path::from(path.as_str())).await?.size;
        Ok(added(path, bucket, size, &told, change))
    }
}

/// What the log tells of a file: its rows, and the ranges by which readers skip whole files.
///
/// Not the range of `url`: it skips nothing that `image_domain` does not, since files are sorted by
/// domain first, and the log, which is never cleaned, must not keep the URLs of rows taken out.
#[derive(Default)]
pub(super) struct Told {
    rows: usize,
    domains: Option<(String, String)>,
    scores: Option<(f32, f32)>,
    /// The columns that hold something which has no range.
    without_range: BTreeSet<&'static str>,
}

impl Told {
    /// The columns whose ranges the log tells.
    pub(super) const COLUMNS: [&str; 2] = ["image_domain", "similarity"];

    pub(super) fn add(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows();
        let [domains, scores] = Self::COLUMNS.map(|name| batch.column_by_name(name));
        match domains.and_then(|column| column.as_any().downcast_ref::<StringArray>()) {
            Some(texts) if texts.null_count() == 0 => self.domain_range(texts),
            _ => {
                self.without_range.insert("image_domain");
            }
        }
        // Where a value is missing or not a number there is no range to rely on.
        match scores.and_then(|column| column.as_any().downcast_ref::<Float32Array>()) {
            Some(scores) if scores.null_count() == 0 && scores.values().iter().all(|score| score.is_finite()) => {
                self.score_range(scores);
            }
            _ => {
                self.without_range.insert("similarity");
            }
        }
    }

    fn domain_range(&mut self, texts: &StringArray) {
        let (Some(low), Some(high)) = (compute::min_string(texts), compute::max_string(texts)) else { return };
        match &mut self.domains {
            None => self.domains = Some((low.to_owned(), high.to_owned())),
            Some((least, most)) => {
                if low < least.as_str() {
                    low.clone_into(least);
                }
                if high > most.as_str() {
                    high.clone_into(most);
                }
            }
        }
    }

    fn score_range(&mut self, scores: &Float32Array) {
        let (Some(low), Some(high)) = (compute::min(scores), compute::max(scores)) else { return };
        self.scores = Some(match self.scores {
            None => (low, high),
            Some((least, most)) => (least.min(low), most.max(high)),
        });
    }

    fn statistics(&self) -> Value {
        let (mut least, mut most, mut nulls) = (Map::new(), Map::new(), Map::new());
        let mut range = |name: &str, range: Option<(Value, Value)>| {
            if let Some((low, high)) = range.filter(|_| !self.without_range.contains(name)) {
                least.insert(name.into(), low);
                most.insert(name.into(), high);
                nulls.insert(name.into(), json!(0));
            }
        };
        range("image_domain", self.domains.as_ref().map(|(low, high)| (json!(low), json!(high))));
        range("similarity", self.scores.map(|(low, high)| (json!(low), json!(high))));
        json!({ "numRecords": self.rows, "minValues": least, "maxValues": most, "nullCount": nulls })
    }
}

/// The log's entry for a file.
pub(super) fn added(path: String, bucket: i32, size: u64, told: &Told, change: &Change) -> Add {
    Add {
        path,
        partition_values: [(BUCKET_COLUMN.to_owned(), Some(bucket.to_string()))].into(),
        size: size.cast_signed(),
        modification_time: change.at.timestamp_millis(),
        data_change: true,
        stats: Some(told.statistics().to_string()),
        ..Add::default()
    }
}
