//! Reads rows back: all of a file, or only the row groups of one bucket.

use crate::{Error, Store, writer::BUCKETS_KEY};
use bytes::Bytes;
use futures::{FutureExt, Stream, StreamExt, TryFutureExt, TryStreamExt, future::BoxFuture};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use parquet::{
    arrow::{ParquetRecordBatchStreamBuilder, arrow_reader::ArrowReaderOptions, async_reader::AsyncFileReader},
    errors::ParquetError,
    file::metadata::{ParquetMetaData, ParquetMetaDataReader},
};
use schema::{Bucket, Row, from_batch};
use std::{ops::Range, sync::Arc};

/// All rows of the file `name`.
pub async fn read_all<T: Row>(store: &Store, name: &str) -> Result<Vec<T>, Error> {
    stream(store, name, None).await?.try_concat().await
}

/// The rows of `bucket` in the file `name`.
pub async fn read_bucket<T: Row>(store: &Store, name: &str, bucket: Bucket) -> Result<Vec<T>, Error> {
    stream_bucket(store, name, bucket).await?.try_concat().await
}

/// The rows of `bucket` in the file `name`, a batch at a time.
pub async fn stream_bucket<T: Row>(
    store: &Store,
    name: &str,
    bucket: Bucket,
) -> Result<impl Stream<Item = Result<Vec<T>, Error>> + use<T>, Error> {
    stream(store, name, Some(bucket)).await
}

/// The buckets that the file `name` holds rows of, ascending.
pub async fn buckets_of(store: &Store, name: &str) -> Result<Vec<Bucket>, Error> {
    let builder = open(store, name).await?;
    let mut buckets = listed_buckets(name, &builder)?;
    // A file written load by load has several groups of a bucket.
    buckets.sort_unstable();
    buckets.dedup();
    Ok(buckets)
}

async fn stream<T: Row>(
    store: &Store,
    name: &str,
    bucket: Option<Bucket>,
) -> Result<impl Stream<Item = Result<Vec<T>, Error>> + use<T>, Error> {
    let mut builder = open(store, name).await?;
    if let Some(bucket) = bucket {
        let listed = listed_buckets(name, &builder)?;
        let groups = listed.iter().enumerate().filter(|(_, b)| **b == bucket).map(|(group, _)| group).collect();
        builder = builder.with_row_groups(groups);
    }
    let batches = builder.build().map_err(|source| Error::Parquet { name: name.to_owned(), source })?;
    let name = name.to_owned();
    Ok(batches.map(move |batch| {
        let batch = batch.map_err(|source| Error::Parquet { name: name.clone(), source })?;
        from_batch(&batch).map_err(|source| Error::Rows { name: name.clone(), source })
    }))
}

async fn open(store: &Store, name: &str) -> Result<ParquetRecordBatchStreamBuilder<StoredFile>, Error> {
    let file = StoredFile { store: store.inner(), path: Path::from(name) };
    ParquetRecordBatchStreamBuilder::new(file).await.map_err(|source| Error::Parquet { name: name.to_owned(), source })
}

fn listed_buckets(name: &str, builder: &ParquetRecordBatchStreamBuilder<StoredFile>) -> Result<Vec<Bucket>, Error> {
    let footer = builder.metadata().file_metadata().key_value_metadata();
    let listed = footer.into_iter().flatten().find(|pair| pair.key == BUCKETS_KEY).and_then(|pair| pair.value.as_ref());
    let problem = || Error::Report { name: name.to_owned(), problem: "its footer lists no buckets".into() };
    let buckets: Vec<Bucket> = serde_json::from_str(listed.ok_or_else(problem)?).map_err(|_| problem())?;
    if buckets.len() == builder.metadata().num_row_groups() { Ok(buckets) } else { Err(problem()) }
}

/// A file on the store, as the Parquet reader wants to see it: ranges of bytes, and a footer.
struct StoredFile {
    store: Arc<dyn ObjectStore>,
    path: Path,
}

impl AsyncFileReader for StoredFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, Result<Bytes, ParquetError>> {
        self.store.get_range(&self.path, range).map_err(|error| ParquetError::External(error.into())).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, ParquetError>> {
        async move {
            let meta = self.store.head(&self.path).await.map_err(|error| ParquetError::External(error.into()))?;
            let footer = ParquetMetaDataReader::new().load_and_finish(self, meta.size).await?;
            Ok(Arc::new(footer))
        }
        .boxed()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ShardWriter;
    use chrono::{TimeZone, Utc};
    use schema::{ArchivedSiteFile, Candidate, Evidence, ImageSource, SampleId, Scope, Source, TextSource, Verdict};

    pub(crate) fn candidate(host: &str, text: &str) -> Candidate {
        let url = format!("http://{host}/a.jpg");
        Candidate {
            id: SampleId::of(&url, text),
            text: text.into(),
            text_source: TextSource::Alt,
            text_flags: Vec::new(),
            language: None,
            alt: Some(text.into()),
            title: None,
            caption: None,
            image_source: ImageSource::Src,
            other_urls: Vec::new(),
            page_url: format!("http://{host}/"),
            page_host: host.into(),
            image_host: host.into(),
            archive: "a.warc".into(),
            archive_offset: 7,
            captured_at: Utc.timestamp_opt(1_700_000_000, 0).single(),
            page_language: None,
            license_url: None,
            evidence: vec![Evidence {
                signal: "meta.noai".into(),
                scope: Scope::Page,
                category: schema::Category::Train,
                verdict: Verdict::Deny,
                place: "meta".into(),
                raw: "noai".into(),
                addressed_to: Some("*".into()),
                source: Source::Warc,
                seen_at: None,
            }],
            checked: vec!["meta".into()],
            url,
        }
    }

    #[tokio::test]
    async fn a_bucket_is_read_without_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        let rows: Vec<_> = (0..50).map(|n| candidate(&format!("h{}.example", n % 10), &format!("text {n}"))).collect();
        let bucket_of = |row: &Candidate| Bucket::of(&row.image_host, 4);
        ShardWriter::write_all(&store, "c.parquet", rows.clone(), bucket_of).await.unwrap();

        let mut seen = Vec::new();
        for bucket in buckets_of(&store, "c.parquet").await.unwrap() {
            let part: Vec<Candidate> = read_bucket(&store, "c.parquet", bucket).await.unwrap();
            assert!(part.iter().all(|row| bucket_of(row) == bucket));
            seen.extend(part);
        }
        assert_eq!(seen, read_all(&store, "c.parquet").await.unwrap());
        seen.sort_by_key(|row| row.id);
        let mut rows = rows;
        rows.sort_by_key(|row| row.id);
        assert_eq!(seen, rows);
    }

    #[tokio::test]
    async fn an_empty_file_has_its_schema_and_an_unfinished_one_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        ShardWriter::<ArchivedSiteFile>::create(&store, "empty.parquet").unwrap().close().await.unwrap();
        assert!(read_all::<ArchivedSiteFile>(&store, "empty.parquet").await.unwrap().is_empty());
        let mut unfinished = ShardWriter::<Candidate>::create(&store, "half.parquet").unwrap();
        unfinished.write(Bucket(0), &[candidate("a.example", "a")]).await.unwrap();
        drop(unfinished);
        assert!(!store.exists("half.parquet").await.unwrap());
    }

    #[tokio::test]
    async fn other_rows_than_asked_for_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        ShardWriter::write_all(&store, "c.parquet", vec![candidate("a.example", "a")], |_| Bucket(0)).await.unwrap();
        assert!(read_all::<schema::Sample>(&store, "c.parquet").await.is_err());
        store.put("torn.parquet", "PAR1").await.unwrap();
        let error = read_all::<Candidate>(&store, "torn.parquet").await.unwrap_err();
        assert!(error.to_string().contains("torn.parquet"), "{error}");
    }
}
