//! Subsets as Parquet, under our own column names or LAION's; and the writer of all layouts that are Parquet.

use super::{Cut, Files, Source, Written};
use crate::{
    Error,
    subset::pictures,
    table::{BUCKET_COLUMN, ROWS_PER_GROUP},
};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use datafusion::prelude::DataFrame;
use futures::TryStreamExt;
use object_store::{buffered::BufWriter, path::Path};
use parquet::{
    arrow::AsyncArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};
use shards::Store;

/// The columns of LAION-5B's joined tables with the aesthetic score of its v2 sets. There is no
/// `pwatermark`, since nothing here computes it, and an empty column would read as "no watermark".
const LAION: &str = "url as \"URL\", text as \"TEXT\", width as \"WIDTH\", height as \"HEIGHT\", \
     similarity, coalesce(language, 'nolang') as \"LANGUAGE\", id as hash, punsafe, aesthetic as \"AESTHETIC_SCORE\"";

/// How large files and their row groups become.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) rows_per_file: u64,
    pub(super) bytes_per_file: usize,
    pub(super) rows_per_group: usize,
    /// A row group is in memory until it is whole.
    pub(super) bytes_per_group: usize,
}

impl Limits {
    pub(super) const OURS: Self = Self {
        rows_per_file: 1_000_000,
        bytes_per_file: 1 << 30,
        rows_per_group: ROWS_PER_GROUP,
        bytes_per_group: 128 << 20,
    };
}

/// The dataset's columns but the bucket, which says where a row lies, not what it is.
pub(super) async fn own(cut: Cut<'_>, store: &Store) -> Result<Files, Error> {
    let columns = cut.dataset.columns()?;
    let quoted = columns.iter().filter(|name| *name != BUCKET_COLUMN).map(|name| format!("\"{name}\""));
    let source = if pictures::test(cut.dataset).await? == "false" { Source::Facts } else { Source::Pictures };
    let frame = cut.rows.select(cut.dataset, &quoted.collect::<Vec<_>>().join(", "), source).await?;
    write(frame, store).await
}

/// LAION's columns.
pub(super) async fn laion(cut: Cut<'_>, store: &Store) -> Result<Files, Error> {
    write(cut.rows.select(cut.dataset, LAION, Source::Facts).await?, store).await
}

/// Writes `part-00000.parquet` and so on.
async fn write(frame: DataFrame, store: &Store) -> Result<Files, Error> {
    let mut stream = frame.execute_stream().await?;
    let mut parts = Parts::create(store, stream.schema(), part, Limits::OURS)?;
    while let Some(batch) = stream.try_next().await? {
        parts.write(&batch).await?;
    }
    parts.close().await
}

/// Names of files, by their number.
pub(super) fn part(number: usize) -> String {
    format!("part-{number:05}.parquet")
}

/// Parquet files one after the other; one file without rows where there are none.
pub(super) struct Parts {
    store: Store,
    schema: SchemaRef,
    name: fn(usize) -> String,
    limits: Limits,
    written: Vec<Written>,
    open: Part,
}

impl Parts {
    pub(super) fn create(
        store: &Store,
        schema: SchemaRef,
        name: fn(usize) -> String,
        limits: Limits,
    ) -> Result<Self, Error> {
        let open = Part::create(store, name(0), &schema, limits)?;
        Ok(Self { store: store.clone(), schema, name, limits, written: Vec::new(), open })
    }

    /// The next row's place: the number of the file, and of the row in it.
    pub(super) fn next(&self) -> (usize, u64) {
        if self.is_full() { (self.written.len() + 1, 0) } else { (self.written.len(), self.open.rows) }
    }

    fn is_full(&self) -> bool {
        self.open.rows >= self.limits.rows_per_file || self.open.bytes() >= self.limits.bytes_per_file
    }

    pub(super) async fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let mut from = 0;
        while from < batch.num_rows() {
            if self.is_full() {
                let name = (self.name)(self.written.len() + 1);
                let next = Part::create(&self.store, name, &self.schema, self.limits)?;
                let full = std::mem::replace(&mut self.open, next);
                self.written.push(full.close().await?);
            }
            let room = usize::try_from(self.limits.rows_per_file - self.open.rows).unwrap_or(usize::MAX);
            let length = room.min(batch.num_rows() - from);
            self.open.write(&batch.slice(from, length)).await?;
            from += length;
        }
        Ok(())
    }

    pub(super) async fn close(mut self) -> Result<Files, Error> {
        self.written.push(self.open.close().await?);
        Ok(Files { written: self.written, schema: Some(self.schema) })
    }
}

/// One Parquet file in the making.
pub(super) struct Part {
    name: String,
    rows: u64,
    inner: AsyncArrowWriter<BufWriter>,
}

impl Part {
    pub(super) fn create(store: &Store, name: String, schema: &SchemaRef, limits: Limits) -> Result<Self, Error> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(limits.rows_per_group))
            .set_max_row_group_bytes(Some(limits.bytes_per_group))
            .set_created_by(concat!("pinakes ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let sink = BufWriter::new(store.inner(), Path::from(name.as_str()));
        let inner = AsyncArrowWriter::try_new(sink, SchemaRef::clone(schema), Some(properties))
            .map_err(|source| Error::Parquet { name: name.clone(), source })?;
        Ok(Self { name, rows: 0, inner })
    }

    pub(super) async fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.rows += batch.num_rows() as u64;
        self.inner.write(batch).await.map_err(|source| Error::Parquet { name: self.name.clone(), source })
    }

    fn bytes(&self) -> usize {
        self.inner.bytes_written() + self.inner.in_progress_size()
    }

    pub(super) async fn close(self) -> Result<Written, Error> {
        let Self { name, rows, inner } = self;
        inner.close().await.map_err(|source| Error::Parquet { name: name.clone(), source })?;
        Ok(Written { name, rows })
    }
}
