//! What has come back, on its way to disk. Bodies go into the share's pack as they come; its rows are
//! written when it is full or has waited long enough, and counted only when they are on disk.

mod stock;

use super::{Live, download::End, stats::Stats};
use crate::Error;
use chrono::{DateTime, Utc};
use schema::{Bucket, DropReason, Fetched, LedgerRow, Work};
use shards::{PackWriter, ShardWriter, Store};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::time::Instant;

/// A share is full with so many bytes of pictures: a task of score, …
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// … or so many rows.
const MOST_ROWS: usize = 1024;
/// Longest time that a picture waits to be on disk: so much work at most is done again after a kill.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The shares of one bucket.
#[derive(Debug)]
pub(super) struct Shares {
    store: Store,
    bucket: Bucket,
    live: Arc<Live>,
    /// How many are on disk.
    written: usize,
    /// URLs of all that is on disk from an earlier attempt.
    held: HashSet<String>,
    /// Failures in a row by host, in the same.
    failures: HashMap<String, u32>,
    kept: Vec<Fetched>,
    lost: Vec<LedgerRow>,
    /// Bodies of the open share, from the first on.
    pack: Option<PackWriter>,
    /// When the open share was opened.
    opened: Option<DateTime<Utc>>,
    /// When the open share is written even if it is not full.
    due: Option<Instant>,
    work: Work,
}

impl Shares {
    /// Takes stock of what an earlier attempt left.
    pub(super) async fn open(store: &Store, bucket: Bucket, live: Arc<Live>) -> Result<Self, Error> {
        let mut shares = Self {
            store: store.clone(),
            bucket,
            live,
            written: 0,
            held: HashSet::new(),
            failures: HashMap::new(),
            kept: Vec::new(),
            lost: Vec::new(),
            pack: None,
            opened: None,
            due: None,
            work: Work::default(),
        };
        // Whoever was killed left bodies behind under names that nobody looks for; some may be refused by now.
        store.remove_unfinished(&format!("fetch/{bucket}-"))?;
        // The ledger of a share is written last: where it is, the share is whole.
        while store.exists(&shares.names().ledger).await? {
            shares.take_stock().await?;
        }
        Ok(shares)
    }

    /// Whether the picture at `url` has come to its end in an earlier attempt.
    pub(super) fn holds(&self, url: &str) -> bool {
        self.held.contains(url)
    }

    /// How often in a row `host` has failed us in an earlier attempt.
    pub(super) fn failures(&self, host: &str) -> u32 {
        self.failures.get(host).copied().unwrap_or(0)
    }

    /// Counts rows that nobody was asked for, and the file they are in.
    pub(super) fn count_unasked(&mut self, rows: &[LedgerRow], name: &str) {
        for row in rows {
            count_lost(&mut self.work, row);
            self.live.lose(&row.reason);
        }
        self.work.outputs.push(name.to_owned());
    }

    /// Puts an end into the open share; writes it if it is full.
    pub(super) async fn add(&mut self, end: End) -> Result<(), Error> {
        self.live.end(&end);
        self.opened.get_or_insert_with(Utc::now);
        match end {
            // Its place is free again when the pack has the body.
            End::Fetched(mut row, _held) => {
                let name = self.names().pack;
                let pack = self.pack.get_or_insert_with(|| PackWriter::create(&self.store, &name));
                row.offset = pack.put(std::mem::take(&mut row.body)).await?;
                self.kept.push(*row);
            }
            End::Lost(row) => self.lost.push(*row),
        }
        self.due.get_or_insert_with(|| Instant::now() + LONGEST_WAIT);
        let bytes = self.pack.as_ref().map_or(0, PackWriter::length);
        if bytes >= MOST_BYTES || self.kept.len() + self.lost.len() >= MOST_ROWS {
            self.write().await?;
        }
        Ok(())
    }

    /// Waits until the open share is to be written although it is not full.
    pub(super) async fn is_due(&self) {
        match self.due {
            Some(due) => tokio::time::sleep_until(due).await,
            None => std::future::pending().await,
        }
    }

    /// Writes the open share, if there is anything in it.
    pub(super) async fn write(&mut self) -> Result<(), Error> {
        self.due = None;
        if self.kept.is_empty() && self.lost.is_empty() {
            return Ok(());
        }
        // Rows stay in the order in which they came, which is that of their bodies in the pack.
        let (kept, lost) = (std::mem::take(&mut self.kept), std::mem::take(&mut self.lost));
        let names = self.names();
        // An empty one, too, so that none is left of an attempt that kept something.
        let pack = self.pack.take().unwrap_or_else(|| PackWriter::create(&self.store, &names.pack));
        pack.close().await?;
        let mut writer = ShardWriter::create(&self.store, &names.rows)?;
        writer.write(self.bucket, &kept).await?;
        writer.close().await?;
        let stats = Stats::of(kept.len(), &lost, self.opened.take().unwrap_or_else(Utc::now), Utc::now());
        self.store.put(&names.stats, stats.to_json()).await?;
        let mut writer = ShardWriter::create(&self.store, &names.ledger)?;
        writer.write(self.bucket, &lost).await?;
        writer.close().await?;
        for row in &kept {
            count_kept(&mut self.work, row);
        }
        for row in &lost {
            count_lost(&mut self.work, row);
        }
        self.work.outputs.extend(names.all());
        self.written += 1;
        Ok(())
    }

    /// Writes what is left; gives the account of the whole bucket.
    pub(super) async fn close(mut self) -> Result<Work, Error> {
        self.write().await?;
        Ok(self.work)
    }

    /// The files of the next share.
    fn names(&self) -> Names {
        Names::of(self.bucket, self.written)
    }
}

/// The files of a share, in the order in which they are written.
pub(super) struct Names {
    pack: String,
    rows: String,
    stats: String,
    pub(super) ledger: String,
}

impl Names {
    pub(super) fn of(bucket: Bucket, share: usize) -> Self {
        let share = format!("fetch/{bucket}-{share:05}");
        Self {
            pack: format!("{share}.pack"),
            rows: format!("{share}.parquet"),
            stats: format!("{share}_stats.json"),
            ledger: format!("{share}.ledger.parquet"),
        }
    }

    fn all(self) -> [String; 4] {
        [self.pack, self.rows, self.stats, self.ledger]
    }
}

fn count_kept(work: &mut Work, row: &Fetched) {
    work.rows.keep();
    work.counts.bytes_in += row.bytes;
}

fn count_lost(work: &mut Work, row: &LedgerRow) {
    work.rows.drop(DropReason::named(&row.reason).unwrap_or(DropReason::HttpError));
    if let (Some(signal), "refused") = (&row.signal, row.kind.as_str()) {
        *work.counts.signals.entry(signal.clone()).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{door::Held, fetch::plan::tests::row};
    use std::fs;

    fn kept(url: &str, second: i64) -> End {
        let candidate = row(url, "http://p.example/", false).candidate;
        End::Fetched(
            Box::new(Fetched {
                candidate,
                final_url: url.into(),
                attempts: 2,
                seconds: 0.1,
                fetched_at: DateTime::from_timestamp(second, 0).unwrap(),
                mime: "image/jpeg".into(),
                width: 1,
                height: 1,
                sha256: String::new(),
                ai_generated: None,
                offset: 0,
                bytes: 1000,
                body: vec![7; 1000].into(),
            }),
            Held::default(),
        )
    }

    fn lost(url: &str, second: i64, reason: DropReason) -> End {
        let mut row = LedgerRow::of(&row(url, "http://p.example/", false).candidate, reason);
        row.ended_at = DateTime::from_timestamp(second, 0);
        row.attempts = 2;
        End::Lost(Box::new(row))
    }

    #[tokio::test]
    async fn a_later_attempt_goes_on_from_the_shares_that_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        let bucket = Bucket(3);
        let mut shares = Shares::open(&store, bucket, Arc::default()).await.unwrap();
        assert!(!shares.holds("http://a.example/1") && shares.failures("a.example") == 0);
        for end in [
            lost("http://a.example/1", 1, DropReason::Timeout),
            lost("http://a.example/2", 2, DropReason::Timeout),
            kept("http://a.example/3", 3),
            lost("http://a.example/4", 4, DropReason::Timeout),
            lost("http://a.example/5", 5, DropReason::Gone),
            kept("http://b.example/1", 1),
            lost("http://b.example/2", 2, DropReason::Connection),
        ] {
            shares.add(end).await.unwrap();
        }
        shares.write().await.unwrap();
        shares.add(lost("http://b.example/3", 3, DropReason::HostLetAlone)).await.unwrap();
        shares.write().await.unwrap();
        let whole = shares.close().await.unwrap();
        assert!(whole.rows.adds_up() && whole.rows.kept() == 2 && whole.rows.seen() == 8);

        // Killed before its ledger was there: not done.
        shares_without_ledger(folder.path(), &store, bucket).await;
        let mut again = Shares::open(&store, bucket, Arc::default()).await.unwrap();
        assert_eq!((again.failures("a.example"), again.failures("b.example")), (1, 2));
        assert!(again.holds("http://a.example/5") && again.holds("http://b.example/3"));
        assert!(!again.holds("http://c.example/1"));
        assert_eq!(again.work.counts.requests["image"], 8 * 2);
        assert_eq!((again.live.rows(), again.live.bytes()), (again.work.rows.clone(), 0));
        again.add(kept("http://c.example/1", 9)).await.unwrap();
        let work = again.close().await.unwrap();
        assert_eq!((work.rows.kept(), work.rows.seen(), work.outputs.len()), (3, 9, 12));
        assert_eq!(work.counts.bytes_in, 3000);
    }

    async fn shares_without_ledger(folder: &std::path::Path, store: &Store, bucket: Bucket) {
        let mut shares = Shares::open(store, bucket, Arc::default()).await.unwrap();
        shares.add(kept("http://c.example/1", 8)).await.unwrap();
        let ledger = shares.names().ledger;
        shares.close().await.unwrap();
        fs::remove_file(folder.join(ledger)).unwrap();
    }

    #[tokio::test]
    async fn shares_are_written_when_they_are_full_or_have_waited() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        let mut shares = Shares::open(&store, Bucket(0), Arc::default()).await.unwrap();
        for number in 0..MOST_ROWS {
            shares.add(lost(&format!("http://a.example/{number}"), 1, DropReason::Gone)).await.unwrap();
        }
        assert_eq!((shares.written, shares.due), (1, None));
        let End::Fetched(mut large, _) = kept("http://a.example/x", 1) else { panic!("a picture") };
        large.body = vec![7; usize::try_from(MOST_BYTES).unwrap()].into();
        shares.add(End::Fetched(large, Held::default())).await.unwrap();
        assert_eq!((shares.written, shares.due), (2, None));
        shares.add(kept("http://a.example/y", 1)).await.unwrap();
        assert!(shares.written == 2 && shares.due.is_some_and(|due| due <= Instant::now() + LONGEST_WAIT));
    }
}
