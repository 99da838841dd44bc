//! What has come back, on its way to disk: a share is written when it is full or has waited long
//! enough, and counted only when it is on disk.

use super::{
    download::End,
    queue::{counts_against_host, reason_of},
};
use crate::Error;
use futures::TryStreamExt;
use schema::{Bucket, DropReason, Fetched, LedgerRow, Work};
use shards::{ShardWriter, Store, read_all, stream_bucket};
use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};
use tokio::time::Instant;

/// A share is full with so many bytes of pictures, which bounds memory, …
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// … or so many rows.
const MOST_ROWS: usize = 4096;
/// Longest time that a picture waits to be on disk: so much work at most is done again after a kill.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// The shares of one bucket.
#[derive(Debug)]
pub(super) struct Shares {
    store: Store,
    bucket: Bucket,
    /// How many are on disk.
    written: usize,
    /// URLs of all that is on disk from an earlier attempt.
    held: HashSet<String>,
    /// Failures in a row by host, in the same.
    failures: HashMap<String, u32>,
    kept: Vec<Fetched>,
    lost: Vec<LedgerRow>,
    bytes: usize,
    /// When the open share is written even if it is not full.
    due: Option<Instant>,
    work: Work,
}

impl Shares {
    /// Takes stock of what an earlier attempt left.
    pub(super) async fn open(store: &Store, bucket: Bucket) -> Result<Self, Error> {
        let mut shares = Self {
            store: store.clone(),
            bucket,
            written: 0,
            held: HashSet::new(),
            failures: HashMap::new(),
            kept: Vec::new(),
            lost: Vec::new(),
            bytes: 0,
            due: None,
            work: Work::default(),
        };
        // The ledger of a share is written last: where it is, the share is whole.
        while store.exists(&shares.names()[1]).await? {
            shares.take_stock().await?;
        }
        Ok(shares)
    }

    async fn take_stock(&mut self) -> Result<(), Error> {
        let [name, ledger] = self.names();
        let mut batches = Box::pin(stream_bucket::<Fetched>(&self.store, &name, self.bucket).await?);
        let mut images = 0;
        while let Some(batch) = batches.try_next().await? {
            for row in batch {
                // What it took is not written down: one request at least.
                images += 1;
                self.count(&End::Fetched(Box::new(row)));
            }
        }
        for row in read_all::<LedgerRow>(&self.store, &ledger).await? {
            images += u64::try_from(row.attempts).unwrap_or(0);
            self.count(&End::Lost(Box::new(row)));
        }
        *self.work.counts.requests.entry("image".into()).or_default() += images;
        self.work.outputs.extend([name, ledger]);
        self.written += 1;
        Ok(())
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
        }
        self.work.outputs.push(name.to_owned());
    }

    /// Puts an end into the open share; writes it if it is full.
    pub(super) async fn add(&mut self, end: End) -> Result<(), Error> {
        match end {
            End::Fetched(row) => {
                self.bytes += row.body.len();
                self.kept.push(*row);
            }
            End::Lost(row) => self.lost.push(*row),
        }
        self.due.get_or_insert_with(|| Instant::now() + LONGEST_WAIT);
        if self.bytes >= MOST_BYTES || self.kept.len() + self.lost.len() >= MOST_ROWS {
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
        let (mut kept, mut lost) = (std::mem::take(&mut self.kept), std::mem::take(&mut self.lost));
        self.bytes = 0;
        // Pictures of a host side by side, in whatever order they came.
        kept.sort_by(|a, b| {
            (&a.candidate.image_host, &a.candidate.url).cmp(&(&b.candidate.image_host, &b.candidate.url))
        });
        lost.sort_by(|a, b| (&a.image_host, &a.url).cmp(&(&b.image_host, &b.url)));
        let [name, ledger] = self.names();
        let mut writer = ShardWriter::create(&self.store, &name)?;
        writer.write(self.bucket, &kept).await?;
        writer.close().await?;
        let mut writer = ShardWriter::create(&self.store, &ledger)?;
        writer.write(self.bucket, &lost).await?;
        writer.close().await?;
        for row in &kept {
            count_kept(&mut self.work, row);
        }
        for row in &lost {
            count_lost(&mut self.work, row);
        }
        self.work.outputs.extend([name, ledger]);
        self.written += 1;
        Ok(())
    }

    /// Writes what is left; gives the account of the whole bucket.
    pub(super) async fn close(mut self) -> Result<Work, Error> {
        self.write().await?;
        Ok(self.work)
    }

    /// The files of the next share: pictures, ledger.
    fn names(&self) -> [String; 2] {
        let (bucket, number) = (self.bucket, self.written);
        [format!("fetch/{bucket}-{number:05}.parquet"), format!("fetch/{bucket}-{number:05}.ledger.parquet")]
    }

    /// Counts what an earlier attempt left.
    fn count(&mut self, end: &End) {
        let host = match end {
            End::Fetched(row) => {
                count_kept(&mut self.work, row);
                self.held.insert(row.candidate.url.clone());
                &row.candidate.image_host
            }
            End::Lost(row) => {
                count_lost(&mut self.work, row);
                self.held.insert(row.url.clone());
                &row.image_host
            }
        };
        let failures = self.failures.entry(host.clone()).or_default();
        match end {
            End::Fetched(_) => *failures = 0,
            End::Lost(_) => *failures += u32::from(counts_against_host(end)),
        }
    }
}

fn count_kept(work: &mut Work, row: &Fetched) {
    work.rows.keep();
    work.counts.bytes_in += row.body.len() as u64;
}

fn count_lost(work: &mut Work, row: &LedgerRow) {
    work.rows.drop(reason_of(row).unwrap_or(DropReason::HttpError));
    if let (Some(signal), "refused") = (&row.signal, row.kind.as_str()) {
        *work.counts.signals.entry(signal.clone()).or_default() += 1;
    }
}
