//! Subsets as Parquet with the columns of img2dataset's own metadata, ten thousand rows a file.

use super::{
    Cut, Files, Picture, Source,
    facts::{img2dataset_batch, img2dataset_schema},
    parquet::{Limits, Parts},
};
use crate::Error;
use futures::TryStreamExt;
use schema::from_batch;
use shards::Store;

/// Samples per shard: img2dataset's own number, and what leaves four digits for the key.
pub(super) const SAMPLES_PER_SHARD: u64 = 10_000;

/// Their Parquet files.
pub(super) const LIMITS: Limits = Limits { rows_per_file: SAMPLES_PER_SHARD, ..Limits::OURS };

/// A row's key: five digits of its shard and four of its place.
pub(super) fn key(shard: usize, row: u64) -> String {
    format!("{shard:05}{row:04}")
}

/// Writes `00000.parquet` and so on. Pictures are read for their size alone; where none is stored, `width` and `height` are empty.
pub(super) async fn write(cut: Cut<'_>, store: &Store) -> Result<Files, Error> {
    let mut stream =
        cut.rows.select(cut.dataset, &Picture::columns(), Source::Pictures).await?.execute_stream().await?;
    let schema = img2dataset_schema();
    let mut parts = Parts::create(store, schema.clone(), |number| format!("{number:05}.parquet"), LIMITS)?;
    while let Some(batch) = stream.try_next().await? {
        let rows = from_batch::<Picture>(&batch)?;
        let (shard, first) = parts.next();
        let places = (first..).zip(&rows).map(|(place, _)| place);
        let keys: Vec<String> = places
            .map(|place| {
                let further = usize::try_from(place / SAMPLES_PER_SHARD).unwrap_or_default();
                key(shard + further, place % SAMPLES_PER_SHARD)
            })
            .collect();
        let rows: Vec<&Picture> = rows.iter().collect();
        parts.write(&img2dataset_batch(&schema, &keys, &rows)?).await?;
    }
    parts.close().await
}
