//! What a later round asks for again: failures that were not the last word, and answers grown old.
//!
//! Their rows are taken out of the bucket's ledgers; once the task's report is gone, too, the task goes on as if
//! it had been killed before it came to them, and asks for nothing else.

use super::shares::Names;
use crate::Error;
use chrono::{DateTime, Utc};
use schema::{Bucket, DropReason, Kind, LedgerRow};
use shards::{ShardWriter, Store, read_all};

/// Which ends are not the last word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Failures of the moment: no connection, no answer in time, 429 and 5xx, a host that was let alone or could not
    /// be asked whether we may.
    Transient,
    /// Refusals, pictures that were gone, and all others that ended before this moment: the answer may be another
    /// by now.
    Expired(DateTime<Utc>),
}

impl Again {
    fn names(self, row: &LedgerRow) -> bool {
        let Some(reason) = DropReason::named(&row.reason) else { return false };
        match self {
            Self::Transient => is_transient(reason, row.status),
            // What was dropped by a rule of ours would be dropped again.
            Self::Expired(before) => {
                matches!(reason.kind(), Kind::Refused | Kind::Failed) && row.ended_at.is_some_and(|end| end < before)
            }
        }
    }
}

fn is_transient(reason: DropReason, status: Option<i32>) -> bool {
    use DropReason::{Connection, HostLetAlone, HttpError, ImageUnknown, Throttled, Timeout};
    match reason {
        Connection | HostLetAlone | ImageUnknown | Throttled | Timeout => true,
        HttpError => status.is_some_and(|status| status >= 500),
        _ => false,
    }
}

/// Where `round` puts down which rows it asks for again.
fn retried_name(round: u32, share: usize, bucket: Bucket) -> String {
    format!("retried/{round}/{bucket}-{share:05}.parquet")
}

/// How many rows of `bucket` would be asked for again.
pub async fn count(store: &Store, bucket: Bucket, again: Again) -> Result<u64, Error> {
    let mut count = 0;
    for share in 0.. {
        let ledger = Names::of(bucket, share).ledger;
        if !store.exists(&ledger).await? {
            break;
        }
        let rows: Vec<LedgerRow> = read_all(store, &ledger).await?;
        count += rows.iter().filter(|row| again.names(row)).count() as u64;
    }
    Ok(count)
}

/// Takes the rows that `again` names out of the ledgers of `bucket`, for `round` to ask for them. The task's report
/// must be gone. Done again after a kill, it does what is left to do.
pub async fn reopen(store: &Store, bucket: Bucket, round: u32, again: Again) -> Result<(), Error> {
    for share in 0.. {
        let ledger = Names::of(bucket, share).ledger;
        if !store.exists(&ledger).await? {
            break;
        }
        let rows: Vec<LedgerRow> = read_all(store, &ledger).await?;
        let (retried, kept): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| again.names(row));
        if retried.is_empty() {
            continue;
        }
        // First, so that a dataset that has them already is told which they are, whatever happens in between. The same
        // round may have asked for others before.
        let name = retried_name(round, share, bucket);
        let mut all: Vec<LedgerRow> =
            if store.exists(&name).await? { read_all(store, &name).await? } else { Vec::new() };
        all.extend(retried);
        ShardWriter::write_all(store, &name, all, |_| bucket).await?;
        ShardWriter::write_all(store, &ledger, kept, |_| bucket).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::plan::tests::row;

    fn lost(number: i64, reason: DropReason, status: Option<i32>) -> LedgerRow {
        let mut row = LedgerRow::of(&row(&format!("http://a.example/{number}"), "http://p/", false).candidate, reason);
        row.status = status;
        row.ended_at = DateTime::from_timestamp(number, 0);
        row
    }

    fn urls(rows: &[LedgerRow]) -> Vec<&str> {
        rows.iter().map(|row| &row.url["http://a.example/".len()..]).collect()
    }

    #[tokio::test]
    async fn only_what_was_not_the_last_word_is_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        let bucket = Bucket(3);
        let rows = [
            lost(0, DropReason::Timeout, None),
            lost(1, DropReason::Gone, Some(404)),
            lost(2, DropReason::HttpError, Some(500)),
            lost(3, DropReason::HttpError, Some(418)),
            lost(4, DropReason::ImageRobots, None),
            lost(5, DropReason::HostLetAlone, None),
            lost(6, DropReason::BodyTooSmall, Some(200)),
        ];
        for (share, rows) in [&rows[..4], &rows[4..]].into_iter().enumerate() {
            let name = Names::of(bucket, share).ledger;
            ShardWriter::write_all(&store, &name, rows.to_vec(), |_| bucket).await.unwrap();
        }
        let ledger = async || {
            let mut left: Vec<LedgerRow> = Vec::new();
            for share in 0..2 {
                left.extend(read_all(&store, &Names::of(bucket, share).ledger).await.unwrap());
            }
            left
        };
        assert_eq!(count(&store, bucket, Again::Transient).await.unwrap(), 3);
        for _ in 0..2 {
            reopen(&store, bucket, 1, Again::Transient).await.unwrap();
            assert_eq!(urls(&ledger().await), ["1", "3", "4", "6"]);
            let retried: Vec<LedgerRow> = read_all(&store, &retried_name(1, 0, bucket)).await.unwrap();
            assert_eq!(urls(&retried), ["0", "2"]);
        }
        let expired = Again::Expired(DateTime::from_timestamp(4, 0).unwrap());
        assert_eq!(count(&store, bucket, expired).await.unwrap(), 2);
        // In the same round: what it asked for before stays known.
        reopen(&store, bucket, 1, expired).await.unwrap();
        assert_eq!(urls(&ledger().await), ["4", "6"]);
        let retried: Vec<LedgerRow> = read_all(&store, &retried_name(1, 0, bucket)).await.unwrap();
        assert_eq!(urls(&retried), ["0", "2", "1", "3"]);
        assert_eq!(count(&store, bucket, Again::Transient).await.unwrap(), 0);
    }
}
