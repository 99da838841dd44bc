//! Subsets as Parquet, under our own column names or LAION's.

use super::{Written, batches};
use crate::{Error, table::BUCKET_COLUMN, table::ROWS_PER_GROUP};
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

/// Rows per file.
const ROWS_PER_FILE: u64 = 1_000_000;

/// The columns of LAION-5B's joined tables with the aesthetic score of its v2 sets. There is no
/// `pwatermark`, since nothing here computes it, and an empty column would read as "no watermark".
pub(super) const LAION: &str = "url as \"URL\", text as \"TEXT\", width as \"WIDTH\", height as \"HEIGHT\", \
     similarity, coalesce(language, 'nolang') as \"LANGUAGE\", id as hash, punsafe, aesthetic as \"AESTHETIC_SCORE\"";

/// The dataset's columns but the bucket, which says where a row lies, not what it is.
pub(super) fn own(columns: &[String]) -> String {
    let quoted = columns.iter().filter(|name| *name != BUCKET_COLUMN).map(|name| format!("\"{name}\""));
    quoted.collect::<Vec<_>>().join(", ")
}

/// Writes `part-00000.parquet` and so on; one file without rows where there are none.
pub(super) async fn write(frame: DataFrame, store: &Store) -> Result<Vec<Written>, Error> {
    let mut stream = batches(frame).await?;
    let schema = stream.schema();
    let mut files = Vec::new();
    let mut writer = Part::create(store, 0, &schema)?;
    while let Some(batch) = stream.try_next().await? {
        if writer.rows >= ROWS_PER_FILE {
            let number = files.len() + 1;
            files.push(writer.close().await?);
            writer = Part::create(store, number, &schema)?;
        }
        writer.rows += batch.num_rows() as u64;
        writer.inner.write(&batch).await.map_err(|source| Error::Parquet { name: writer.name.clone(), source })?;
    }
    files.push(writer.close().await?);
    Ok(files)
}

struct Part {
    name: String,
    rows: u64,
    inner: AsyncArrowWriter<BufWriter>,
}

impl Part {
    fn create(store: &Store, number: usize, schema: &SchemaRef) -> Result<Self, Error> {
        let name = format!("part-{number:05}.parquet");
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
            .set_created_by(concat!("pinakes ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let sink = BufWriter::new(store.inner(), Path::from(name.as_str()));
        let inner = AsyncArrowWriter::try_new(sink, SchemaRef::clone(schema), Some(properties))
            .map_err(|source| Error::Parquet { name: name.clone(), source })?;
        Ok(Self { name, rows: 0, inner })
    }

    async fn close(self) -> Result<Written, Error> {
        let Self { name, rows, inner } = self;
        inner.close().await.map_err(|source| Error::Parquet { name: name.clone(), source })?;
        Ok(Written { name, rows })
    }
}
