//! Writes one Parquet file of rows, a row group per bucket (or several), in bucket order.

use crate::{Error, Store};
use arrow_schema::SchemaRef;
use object_store::{buffered::BufWriter, path::Path};
use parquet::{
    arrow::AsyncArrowWriter,
    basic::Compression,
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties},
    },
};
use schema::{Bucket, Row, schema_of, to_batch};
use std::marker::PhantomData;

/// Footer key under which each row group's bucket is listed, in order, as a JSON array.
pub(crate) const BUCKETS_KEY: &str = "pinakes.buckets";

/// Rows turned into columns at a time, which bounds memory.
const ROWS_AT_A_TIME: usize = 1024;

/// A Parquet file in the making. Nothing is seen under its name before [`ShardWriter::close`].
pub struct ShardWriter<T: Row> {
    name: String,
    schema: SchemaRef,
    writer: AsyncArrowWriter<BufWriter>,
    buckets: Vec<u32>,
    rows: PhantomData<T>,
}

impl<T: Row> ShardWriter<T> {
    /// Begins the file `name`.
    pub fn create(store: &Store, name: &str) -> Result<Self, Error> {
        let schema = schema_of::<T>();
        // Stage files are read whole, once or twice, and thrown away: what would help a query is left out, for
        // small row groups of many buckets pay for it most.
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::None)
            .set_offset_index_disabled(true)
            .set_created_by(concat!("pinakes ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let sink = BufWriter::new(store.inner(), Path::from(name));
        let writer = AsyncArrowWriter::try_new(sink, SchemaRef::clone(&schema), Some(properties))
            .map_err(|source| Error::Parquet { name: name.to_owned(), source })?;
        Ok(Self { name: name.to_owned(), schema, writer, buckets: Vec::new(), rows: PhantomData })
    }

    /// Writes `rows` of one bucket as one row group. No rows, no group.
    pub async fn write(&mut self, bucket: Bucket, rows: &[T]) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        for part in rows.chunks(ROWS_AT_A_TIME) {
            let batch =
                to_batch(&self.schema, part).map_err(|source| Error::Rows { name: self.name.clone(), source })?;
            self.writer.write(&batch).await.map_err(|source| Error::Parquet { name: self.name.clone(), source })?;
        }
        self.writer.flush().await.map_err(|source| Error::Parquet { name: self.name.clone(), source })?;
        self.buckets.push(bucket.0);
        Ok(())
    }

    /// Finishes the file and puts it under its name.
    pub async fn close(mut self) -> Result<(), Error> {
        let buckets = serde_json::json!(self.buckets).to_string();
        self.writer.append_key_value_metadata(KeyValue::new(BUCKETS_KEY.to_owned(), buckets));
        let name = self.name;
        self.writer.close().await.map_err(|source| Error::Parquet { name, source })?;
        Ok(())
    }

    /// Writes all of `rows`, sorted by the bucket that `bucket_of` gives, and finishes the file.
    /// Rows of one bucket keep their order.
    pub async fn write_all(
        store: &Store,
        name: &str,
        rows: Vec<T>,
        bucket_of: impl Fn(&T) -> Bucket,
    ) -> Result<(), Error> {
        let mut writer = Self::create(store, name)?;
        writer.write_sorted(rows, bucket_of).await?;
        writer.close().await
    }

    /// Writes `rows`, a row group for each bucket among them. Rows of one bucket keep their order.
    pub async fn write_sorted(&mut self, rows: Vec<T>, bucket_of: impl Fn(&T) -> Bucket) -> Result<(), Error> {
        let mut rows: Vec<(Bucket, T)> = rows.into_iter().map(|row| (bucket_of(&row), row)).collect();
        rows.sort_by_key(|(bucket, _)| *bucket);
        let mut rows = rows.into_iter().peekable();
        while let Some((bucket, row)) = rows.next() {
            let mut group = vec![row];
            while let Some((_, row)) = rows.next_if(|(next, _)| *next == bucket) {
                group.push(row);
            }
            self.write(bucket, &group).await?;
        }
        Ok(())
    }
}
