//! Pictures that come twice: the same bytes under two addresses whose hosts fall into one bucket.
//!
//! Publish is where a bucket is seen whole and in an order of its own, so that the same run gives the same table, whatever
//! came first and however often it was killed. What is published already was there first.

use super::round::{Key, keys};
use crate::{Error, provider::ActiveFiles, table::Table};
use arrow_array::{RecordBatch, cast::AsArray};
use datafusion::prelude::SessionContext;
use schema::{Bucket, DropReason, Duplicates, Sample};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// What rows have in common that come twice: half of a SHA-256 of the bytes' digest and, where it counts, the text. Nothing
/// where nobody asks.
type Mark = Option<u128>;

/// The rows met so far.
pub(crate) struct Twins {
    kept: Duplicates,
    met: HashSet<u128>,
}

impl Twins {
    pub(crate) fn of(kept: Duplicates) -> Self {
        Self { kept, met: HashSet::new() }
    }

    /// Takes note of a row that stays, whatever came before it.
    pub(crate) fn note(&mut self, mark: Mark) {
        self.met.extend(mark);
    }

    /// Takes note of `sample`; the reason to drop it if it came before.
    pub(crate) fn repeated(&mut self, sample: &Sample) -> Option<DropReason> {
        let mark = mark(self.kept, &sample.sha256, &sample.text)?;
        (!self.met.insert(mark)).then_some(DropReason::SameBytes)
    }
}

fn mark(kept: Duplicates, sha256: &str, text: &str) -> Mark {
    let text = match kept {
        Duplicates::All => return None,
        Duplicates::OtherText => text,
        Duplicates::None => "",
    };
    let hash = Sha256::new().chain_update(sha256).chain_update(text).finalize();
    hash.first_chunk().map(|half| u128::from_le_bytes(*half))
}

/// A row that a table holds.
pub(crate) struct HeldRow {
    pub(crate) key: Key,
    pub(crate) mark: Mark,
}

/// The rows that the samples hold in `bucket`.
pub(crate) async fn held_samples(samples: &Table, bucket: Bucket, kept: Duplicates) -> Result<Vec<HeldRow>, Error> {
    let mut held = Vec::new();
    for batch in read(samples, bucket, &["sha256", "text"]).await? {
        let (digests, texts) = (batch.column(3).as_string::<i32>(), batch.column(4).as_string::<i32>());
        for (row, key) in keys(&batch)?.into_iter().enumerate() {
            held.push(HeldRow { key, mark: mark(kept, digests.value(row), texts.value(row)) });
        }
    }
    Ok(held)
}

/// The rows that the ledger holds in `bucket`, each with its reason.
pub(crate) async fn held_ledger(ledger: &Table, bucket: Bucket) -> Result<HashMap<Key, Option<DropReason>>, Error> {
    let mut held = HashMap::new();
    for batch in read(ledger, bucket, &["reason"]).await? {
        let reasons = batch.column(3).as_string::<i32>();
        let reasons = reasons.iter().map(|reason| reason.and_then(DropReason::named));
        held.extend(keys(&batch)?.into_iter().zip(reasons));
    }
    Ok(held)
}

/// The keys of the rows in `bucket`, and `columns` behind them.
async fn read(table: &Table, bucket: Bucket, columns: &[&str]) -> Result<Vec<RecordBatch>, Error> {
    let mut files = table.files()?;
    files.retain(|file| u32::try_from(file.bucket) == Ok(bucket.0));
    let context = SessionContext::new();
    let provider = ActiveFiles::register(&context, "held", table, files)?;
    let columns: Vec<&str> = ["id", "archive", "archive_offset"].iter().chain(columns).copied().collect();
    Ok(context.read_table(provider)?.select_columns(&columns)?.collect().await?)
}
