//! Stage three: the hosts of the images are asked, and what nobody objects to is downloaded.
//!
//! A task takes one bucket of image hosts: every page that shows one of their pictures. Refusals
//! of any page stick to the URL. What is left is downloaded in shares of fixed content, each
//! share's files written before the next begins, so that a killed task goes on where it stopped
//! and asks no host twice for what is already here.

mod download;
mod plan;

use crate::{Error, Sites, door::Door};
use chrono::Utc;
use consent::Policy;
use download::{Downloader, End};
use futures::{StreamExt, stream};
use plan::{Plan, Wanted};
use schema::{Admitted, Bucket, Config, DropReason, Fetched, Kind, LedgerRow, Work};
use shards::{ShardWriter, Store, read_all, read_bucket};
use std::{collections::BTreeMap, ops::AddAssign};

/// What the fetch stage works with, shared by its tasks.
#[derive(Clone, Copy, Debug)]
pub struct Tools<'a> {
    /// Where stage files are.
    pub store: &'a Store,
    /// The run's settings.
    pub config: &'a Config,
    /// The rules of consent.
    pub policy: &'a Policy,
    /// The way out.
    pub door: &'a Door,
    /// What sites state.
    pub sites: &'a Sites,
}

/// Runs the task of one bucket of image hosts.
pub async fn run(tools: Tools<'_>, bucket: Bucket) -> Result<Work, Error> {
    let mut rows: Vec<Admitted> = Vec::new();
    for name in tools.store.list("admit").await? {
        rows.extend(read_bucket::<Admitted>(tools.store, &name, bucket).await?);
    }
    let plan = Plan::of(rows, tools.config.fetch.host_budget);
    let mut requests = Requests::default();
    let mut work = Work::default();

    let dropped = format!("fetch/{bucket}.ledger.parquet");
    let unasked: Vec<LedgerRow> = plan.dropped.iter().map(|(row, reason)| LedgerRow::of(row, *reason)).collect();
    count(&mut work, &[], &unasked);
    ShardWriter::write_all(tools.store, &dropped, unasked, |_| bucket).await?;
    work.outputs.push(dropped);

    let mut hosts = Hosts::default();
    for (number, share) in plan.shares.into_iter().enumerate() {
        let name = format!("fetch/{bucket}-{number:05}.parquet");
        let ledger = format!("fetch/{bucket}-{number:05}.ledger.parquet");
        // The ledger is written last: where it is, the share is done.
        let (kept, lost) = if tools.store.exists(&ledger).await? {
            let kept = read_all::<Fetched>(tools.store, &name).await?;
            let lost = read_all::<LedgerRow>(tools.store, &ledger).await?;
            requests += Requests::at_least(&kept, &lost);
            (kept, lost)
        } else {
            let Share { kept, lost, requests: sent } = download_share(tools, &hosts, share).await;
            requests += sent;
            let mut writer = ShardWriter::create(tools.store, &name)?;
            writer.write(bucket, &kept).await?;
            writer.close().await?;
            ShardWriter::write_all(tools.store, &ledger, lost.clone(), |_| bucket).await?;
            (kept, lost)
        };
        hosts.learn(&kept, &lost);
        count(&mut work, &kept, &lost);
        work.outputs.extend([name, ledger]);
    }
    work.counts.requests.insert("site files".into(), requests.site_files);
    work.counts.requests.insert("image".into(), requests.images);
    Ok(work)
}

/// What came of a share.
#[derive(Debug, Default)]
struct Share {
    kept: Vec<Fetched>,
    lost: Vec<LedgerRow>,
    requests: Requests,
}

/// Requests sent, by what for.
#[derive(Clone, Copy, Debug, Default)]
struct Requests {
    /// robots.txt and its kin, licence terms.
    site_files: u64,
    /// Redirects and retries among them.
    images: u64,
}

impl Requests {
    /// What a share must have taken that a killed process left: one request for each picture that
    /// came, the attempts written down for the others.
    fn at_least(kept: &[Fetched], lost: &[LedgerRow]) -> Self {
        let attempts = lost.iter().map(|row| u64::try_from(row.attempts).unwrap_or(0)).sum::<u64>();
        Self { site_files: 0, images: kept.len() as u64 + attempts }
    }
}

impl AddAssign for Requests {
    fn add_assign(&mut self, more: Self) {
        self.site_files += more.site_files;
        self.images += more.images;
    }
}

/// Downloads one share: all hosts side by side, each host one after the other.
async fn download_share(tools: Tools<'_>, hosts: &Hosts, wanted: Vec<Wanted>) -> Share {
    let mut by_host: BTreeMap<String, Vec<Wanted>> = BTreeMap::new();
    for wanted in wanted {
        by_host.entry(wanted.candidate.image_host.clone()).or_default().push(wanted);
    }
    let ends = stream::iter(by_host)
        .map(|(host, queue)| {
            let failures = hosts.failures(&host);
            async move { Downloader::new(tools, failures).all(queue).await }
        })
        .buffered(tools.config.fetch.max_connections)
        .collect::<Vec<_>>()
        .await;
    let mut share = Share::default();
    for (ends, requests) in ends {
        share.requests += requests;
        for end in ends {
            match end {
                End::Fetched(row) => share.kept.push(*row),
                End::Lost(mut row) => {
                    row.ended_at = Some(Utc::now());
                    share.lost.push(*row);
                }
            }
        }
    }
    share
}

/// Adds a share's rows to the task's account.
fn count(work: &mut Work, kept: &[Fetched], lost: &[LedgerRow]) {
    for row in kept {
        work.rows.keep();
        work.counts.bytes_in += row.body.len() as u64;
    }
    for row in lost {
        let reason = DropReason::ALL.iter().find(|reason| reason.name() == row.reason);
        work.rows.drop(reason.copied().unwrap_or(DropReason::HttpError));
        if let (Some(signal), "refused") = (&row.signal, row.kind.as_str()) {
            *work.counts.signals.entry(signal.clone()).or_default() += 1;
        }
    }
}

/// How the hosts of a bucket have behaved in the shares before this one.
#[derive(Debug, Default)]
struct Hosts {
    failures: BTreeMap<String, u32>,
}

impl Hosts {
    fn failures(&self, host: &str) -> u32 {
        self.failures.get(host).copied().unwrap_or(0)
    }

    /// Counts failures in a row, from what was written down: the same after a kill as without.
    fn learn(&mut self, kept: &[Fetched], lost: &[LedgerRow]) {
        for row in lost {
            let failures = self.failures.entry(row.image_host.clone()).or_default();
            let reason = DropReason::ALL.iter().find(|reason| reason.name() == row.reason);
            *failures += u32::from(reason.copied().is_some_and(counts_against_host));
        }
        for row in kept {
            self.failures.remove(&row.candidate.image_host);
        }
    }
}

/// Whether an end counts against its host's patience: it failed us, or it said no to one picture
/// after the other once we had asked.
fn counts_against_host(reason: DropReason) -> bool {
    use DropReason::{AccessRefused, Gone, ImageFile, ImageHeader, NotAnImage, TooManyPixels};
    let harmless = matches!(reason, Gone | NotAnImage | TooManyPixels);
    matches!(reason, AccessRefused | ImageHeader | ImageFile) || (reason.kind() == Kind::Failed && !harmless)
}
