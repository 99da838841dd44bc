//! The files that the earlier stages left in the run's folder, read bucket by bucket.

use crate::Error;
use schema::{Admitted, Bucket, LedgerRow, Row, Scored};
use shards::{Store, buckets_of, read_bucket};

/// A file with the buckets it holds rows of.
type StageFile = (String, Vec<Bucket>);

/// Every file that publish reads.
pub(crate) struct StageFiles {
    admitted: Vec<StageFile>,
    scored: Vec<StageFile>,
    ledgers: Vec<StageFile>,
}

impl StageFiles {
    /// Looks through the run's folder. Footers only, no rows.
    pub(crate) async fn find(store: &Store) -> Result<Self, Error> {
        let mut found = Self { admitted: Vec::new(), scored: Vec::new(), ledgers: Vec::new() };
        for (folder, ledger) in [("admit", false), ("fetch", true), ("score", false), ("score", true)] {
            for name in store.list(folder).await? {
                if !is_parquet(&name) || name.ends_with(".ledger.parquet") != ledger {
                    continue;
                }
                let buckets = buckets_of(store, &name).await?;
                let files = match (folder, ledger) {
                    ("admit", _) => &mut found.admitted,
                    (_, false) => &mut found.scored,
                    (_, true) => &mut found.ledgers,
                };
                files.push((name, buckets));
            }
        }
        Ok(found)
    }

    /// What score wrote for `bucket`.
    pub(crate) async fn scored(&self, store: &Store, bucket: Bucket) -> Result<Vec<Scored>, Error> {
        read(store, &self.scored, bucket).await
    }

    /// What admit refused in `bucket`, and what fetch and score entered into their ledgers.
    pub(crate) async fn dropped_before(&self, store: &Store, bucket: Bucket) -> Result<Vec<LedgerRow>, Error> {
        let mut rows = read(store, &self.ledgers, bucket).await?;
        for admitted in read::<Admitted>(store, &self.admitted, bucket).await? {
            if let Some(reason) = admitted.refused {
                rows.push(LedgerRow::of(&admitted.candidate, reason));
            }
        }
        Ok(rows)
    }
}

fn is_parquet(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "parquet")
}

async fn read<T: Row>(store: &Store, files: &[StageFile], bucket: Bucket) -> Result<Vec<T>, Error> {
    let mut rows = Vec::new();
    for (name, buckets) in files {
        if buckets.contains(&bucket) {
            rows.extend(read_bucket::<T>(store, name, bucket).await?);
        }
    }
    Ok(rows)
}
