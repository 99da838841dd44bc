//! Deletes the files that no kept version reads, and what killed attempts left. The log stays whole.
//!
//! How it knows that nobody is writing a file that is not in the log: the file's name tells its change. A change that was
//! committed writes no more, and what a compaction, a takedown or a search for near-duplicates made from an older version is
//! refused. Any other file may belong to a publish or takedown that is at work, or was killed and will go on: it is deleted only when a
//! week old, and never while a publish that was decided names it.

use super::{ATTEMPTS, Asked, latest, tables};
use crate::{
    Error,
    dataset::version_of_ledger,
    run::Pending,
    table::{Change, Commit, Stray, Table},
};
use chrono::{DateTime, TimeDelta, Utc};
use deltalake_core::protocol::DeltaOperation;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// As Delta's own tools have it.
const SAFE_AGE: TimeDelta = TimeDelta::days(7);

/// Which versions are kept whole. The latest always is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// The last so many.
    Versions(u64),
    /// Those that somebody may have opened since then.
    Since(DateTime<Utc>),
}

/// What is deleted of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cleared {
    /// Files that only versions that are not kept read.
    pub files: u64,
    /// Files that no version reads.
    pub strays: u64,
    /// Bytes of both.
    pub bytes: u64,
}

/// What a vacuum came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Vacuumed {
    /// The first version of the dataset that is kept whole.
    pub kept_from: u64,
    /// The latest version before the vacuum's own.
    pub latest: u64,
    /// Of the samples.
    pub samples: Cleared,
    /// Of the ledger.
    pub ledger: Cleared,
    /// Versions of the dataset that can no longer be read whole afterwards.
    pub unreadable: Vec<u64>,
    /// The version that tells of the vacuum; none where nothing was deleted.
    pub version: Option<u64>,
}

/// Deletes what only versions of the dataset at `location` read that are not kept; with `dry_run` only counts it.
pub async fn vacuum(location: &str, keep: Keep, asked: &Asked, dry_run: bool) -> Result<Vacuumed, Error> {
    if keep == Keep::Versions(0) {
        let hint = "keep 1 or more: the latest version is always kept";
        return Err(Error::Threshold { name: "--keep-versions", value: "0".into(), hint });
    }
    let (samples, ledger) = tables(location).await?;
    let mut vacuumed = Vacuumed { latest: samples.version(), ..Vacuumed::default() };
    vacuumed.kept_from = kept_from(&samples, keep).await?;
    let of_samples = Sweep::of(&samples, vacuumed.kept_from, asked.at).await?;
    vacuumed.samples = of_samples.cleared;
    let mut sweeps = vec![(samples.clone(), vacuumed.kept_from, of_samples)];
    if let Some(ledger) = ledger {
        let oldest = Table::open(samples.store(), Some(vacuumed.kept_from)).await?;
        let kept = match &oldest {
            Some(oldest) => version_of_ledger(oldest, &ledger).await?,
            None => 0,
        };
        let of_ledger = Sweep::of(&ledger, kept, asked.at).await?;
        vacuumed.ledger = of_ledger.cleared;
        sweeps.push((ledger, kept, of_ledger));
    }
    for (table, kept, sweep) in &sweeps {
        if dry_run || (sweep.paths.is_empty() && sweep.strays.is_empty()) {
            continue;
        }
        // Before anything is deleted: whoever misses a file is told who took it.
        let version = note(table, *kept, sweep.cleared, asked).await?;
        if table.store().url() == samples.store().url() {
            vacuumed.version = Some(version);
        }
        for path in &sweep.paths {
            table.store().delete(path).await?;
        }
        // Who was at work may have come to an end while the table was looked through.
        let latest = latest(table).await?;
        let spans = latest.spans().await?;
        let read: BTreeSet<&str> = spans.iter().map(|span| span.path.as_str()).collect();
        let decided = Pending::files(table.store()).await?;
        let is_free = |stray: &&Stray| !read.contains(stray.path.as_str()) && !decided.contains(&stray.path);
        for stray in sweep.strays.iter().filter(is_free) {
            table.delete_stray(stray).await?;
        }
    }
    let gone: BTreeSet<&str> = sweeps.first().iter().flat_map(|(.., sweep)| &sweep.paths).map(String::as_str).collect();
    vacuumed.unreadable = unreadable(&samples, &gone).await?;
    Ok(vacuumed)
}

/// The first version that is kept.
async fn kept_from(samples: &Table, keep: Keep) -> Result<u64, Error> {
    let latest = samples.version();
    match keep {
        Keep::Versions(versions) => Ok((latest + 1).saturating_sub(versions)),
        Keep::Since(time) => {
            // A version was there to be opened until the next one came.
            let is_later = |commit: &Commit| commit.version > 0 && commit.at.is_none_or(|at| at >= time);
            let next = samples.history().await?.into_iter().find(is_later);
            Ok(next.map_or(latest, |next| next.version - 1))
        }
    }
}

/// Files that go.
struct Sweep {
    paths: Vec<String>,
    strays: Vec<Stray>,
    cleared: Cleared,
}

impl Sweep {
    /// Of `table`, of which versions from `kept` on are kept.
    async fn of(table: &Table, kept: u64, at: DateTime<Utc>) -> Result<Self, Error> {
        let spans = table.spans().await?;
        let mut sweep = Self { paths: Vec::new(), strays: Vec::new(), cleared: Cleared::default() };
        let live: BTreeSet<&str> = spans
            .iter()
            .filter(|span| span.until.is_none_or(|until| until > kept))
            .map(|span| span.path.as_str())
            .collect();
        for span in &spans {
            if !live.contains(span.path.as_str()) && table.store().exists(&span.path).await? {
                sweep.paths.push(span.path.clone());
                sweep.cleared.files += 1;
                sweep.cleared.bytes += span.size;
            }
        }
        let changes = table.changes().await?;
        let decided = Pending::files(table.store()).await?;
        let old = (at - SAFE_AGE).timestamp_micros();
        for stray in table.strays(&spans).await? {
            if decided.contains(&stray.path) || !(table.is_dead(&stray, &changes) || stray.modified < old) {
                continue;
            }
            sweep.cleared.strays += 1;
            sweep.cleared.bytes += stray.size;
            sweep.strays.push(stray);
        }
        Ok(sweep)
    }
}

/// Tells of the vacuum in the log.
async fn note(table: &Table, kept: u64, cleared: Cleared, asked: &Asked) -> Result<u64, Error> {
    let counts = [("kept_from", kept), ("files", cleared.files), ("strays", cleared.strays), ("bytes", cleared.bytes)];
    for _ in 0..ATTEMPTS {
        let table = latest(table).await?;
        let change = Change {
            id: format!("vacuum-{}-{:x}", table.version(), asked.at.timestamp_micros()),
            command: asked.command.clone(),
            at: asked.at,
            counts: counts.map(|(name, count)| (name.to_owned(), count)).into(),
        };
        let operation = DeltaOperation::VacuumEnd { status: "COMPLETED".into() };
        if let Some(version) = table.commit(Vec::new(), operation, &change).await? {
            return Ok(version);
        }
    }
    Err(Error::Contended)
}

/// Versions of `samples` that miss a file, or will once `gone` are deleted.
async fn unreadable(samples: &Table, gone: &BTreeSet<&str>) -> Result<Vec<u64>, Error> {
    let mut missing = BTreeMap::new();
    let spans = samples.spans().await?;
    for span in spans.iter().filter(|span| span.until.is_some()) {
        let is_gone = gone.contains(span.path.as_str()) || !samples.store().exists(&span.path).await?;
        missing.insert(span.path.as_str(), is_gone);
    }
    let is_missing = |path: &str| missing.get(path).copied().unwrap_or_default();
    let reads_missing = |version: &u64| spans.iter().any(|span| span.is_in(*version) && is_missing(&span.path));
    Ok((0..=samples.version()).filter(reads_missing).collect())
}
