//! Brings a run's rows into the dataset: kept ones into the samples, all others into the ledger.
//!
//! Exactly once, whenever it is killed. Files get names that follow from the run, so an attempt
//! that was killed before its commit is simply written over. The commit of the samples decides;
//! before it, all that is needed to finish (`Pending`) is put down beside the table, and
//! after it the ledger's commit and the record follow, by this attempt or the next.
//!
//! A run that asks for some of its pictures again is published again, a round later: `round` has what is different.

mod round;
mod rows;
mod stages;
mod twins;

pub(crate) use round::Key;

use crate::{
    Error,
    dataset::{DATASET_FOLDER, LEDGER_FOLDER},
    optout::{Standing, take_out_standing},
    run::{Pending, Record, Round, RunInfo, StageTotal},
    table::{Doomed, Table, data_path, write_file},
};
use deltalake_core::kernel::Add;
use round::{Leaving, Reopened};
use rows::Shares;
use schema::{Bucket, Counts, DropReason, Duplicates, LedgerRow, Row, Sample, Stage, Tally, schema_of, to_batch};
use shards::Store;
use stages::StageFiles;
use std::{collections::HashSet, sync::Arc};
use twins::{Twins, held_samples};

/// Most rows in a file. Keeps a takedown's rewriting small.
const ROWS_PER_FILE: usize = 262_144;

/// Rows are turned into Arrow so many at a time, which bounds memory.
const ROWS_AT_A_TIME: usize = 4096;

/// Another writer may be faster now and then, but not for ever.
const ATTEMPTS: usize = 20;

/// What a publish came to: the makings of its task report.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// Rows that came in kept from score, went on, or were dropped here.
    pub rows: Tally,
    /// What else was counted.
    pub counts: Counts,
    /// Files added, relative to the run's folder.
    pub outputs: Vec<String>,
    /// The dataset's version with this run in it.
    pub version: u64,
    /// Whether the run was in the dataset already, so that nothing was done.
    pub repeated: bool,
}

/// Publishes the run in the folder `store` into its dataset. The same run again does nothing.
pub async fn publish(store: &Store, run: &RunInfo) -> Result<Published, Error> {
    run.check()?;
    let dataset = store.below(DATASET_FOLDER)?;
    let ledger_folder = dataset.below(LEDGER_FOLDER)?;
    let change = run.change(&[]);
    let reopened = Reopened::read(store, run).await?;
    for _ in 0..ATTEMPTS {
        let samples = Table::open_or_create::<Sample>(&dataset, run.buckets, &change).await?;
        let ledger = Table::open_or_create::<LedgerRow>(&ledger_folder, run.buckets, &change).await?;
        if samples.holds(&change).await? {
            return finish(&samples, &ledger, run, reopened.as_ref(), true).await;
        }
        let mark = Standing::mark(&dataset).await?;
        let sources = Sources {
            store,
            stages: StageFiles::find(store).await?,
            standing: Standing::read(&dataset).await?,
            mark,
            samples: &samples,
            ledger: &ledger,
            reopened: reopened.as_ref(),
            duplicates: run.duplicates,
        };
        let (pending, adds, leaving) = match write(&sources, run).await {
            // A takedown deleted what was being read.
            Err(_) if samples.has_moved().await? || ledger.has_moved().await? => continue,
            written => written?,
        };
        pending.write(&dataset).await?;
        // A takedown that began meanwhile may have looked at the table already: either it saw that somebody publishes, or
        // its opt-outs are seen here.
        if Standing::mark(&dataset).await? != pending.standing {
            continue;
        }
        let change = run.change(&pending.record.counts());
        let committed = if leaving.is_empty() {
            samples.append(adds, &change).await?
        } else {
            let leaving: Arc<dyn Doomed> = Arc::new(Leaving(leaving));
            match samples.replace(&leaving, adds, &change).await {
                Err(_) if samples.has_moved().await? => continue,
                replaced => replaced?,
            }
        };
        if committed.is_some() {
            let samples = reopen(&samples).await?;
            return finish(&samples, &ledger, run, reopened.as_ref(), false).await;
        }
        tracing::warn!(run = run.id, "another writer was faster, looking again");
    }
    Err(Error::Contended)
}

/// Whether this round of the run was published, if not to its end: it takes in nothing more.
pub async fn has_begun(store: &Store, run: &RunInfo) -> Result<bool, Error> {
    match Table::open(&store.below(DATASET_FOLDER)?, None).await? {
        Some(samples) => samples.holds(&run.change(&[])).await,
        None => Ok(false),
    }
}

/// All that comes after the samples' commit.
async fn finish(
    samples: &Table,
    ledger: &Table,
    run: &RunInfo,
    reopened: Option<&Reopened>,
    repeated: bool,
) -> Result<Published, Error> {
    let dataset = samples.store();
    let done = Record::read(dataset, &run.id).await?.filter(|record| record.run.round == run.round);
    let repeated = repeated && done.is_some();
    let record = match done {
        Some(record) => record,
        None => enter_ledger(dataset, ledger, run, reopened).await?,
    };
    // An attempt that was killed, or began before an opt-out came to stand, may have written more parts than the last.
    let mut change = run.change(&[]);
    reopen(samples).await?.delete_attempts(&change).await?;
    let ledger = reopen(ledger).await?;
    ledger.delete_attempts(&change).await?;
    if reopened.is_some() {
        change.id.push_str(".retried");
        ledger.delete_attempts(&change).await?;
    }
    Pending::delete(dataset, &run.id).await?;
    let commits = samples.history().await?;
    let commit = commits.iter().rev().find(|commit| commit.run.as_ref() == Some(&run.change_id()));
    let version = commit.map_or(samples.version(), |commit| commit.version);
    let total = record.stage(Stage::Publish);
    let (rows, counts) = total.map(|total| (total.rows.clone(), total.counts.clone())).unwrap_or_default();
    Ok(Published { rows, counts, outputs: record.outputs, version, repeated })
}

/// Commits the ledger's files as they were decided on, and puts the record in its place.
async fn enter_ledger(
    dataset: &Store,
    ledger: &Table,
    run: &RunInfo,
    reopened: Option<&Reopened>,
) -> Result<Record, Error> {
    let Some(pending) = Pending::read(dataset, &run.id).await? else {
        let name = format!("_runs/{}.json", run.id);
        return Err(Error::Record { name, problem: "the run is published, its record is missing".into() });
    };
    let change = run.change(&pending.record.counts());
    let mut ledger = ledger.clone();
    if let Some(reopened) = reopened
        && !ledger.holds(&change).await?
    {
        reopened.leave_ledger(&ledger, run, &pending.reopened).await?;
        ledger = reopen(&ledger).await?;
    }
    for _ in 0..ATTEMPTS {
        if ledger.holds(&change).await? || ledger.append(pending.ledger.clone(), &change).await?.is_some() {
            // A takedown since the rows were decided on may be through, and has not seen them: they were in no version.
            // One that begins from here on sees them.
            if Standing::mark(dataset).await? != pending.standing {
                let mut change = run.change(&[]);
                change.id.push_str(".taken-out");
                take_out_standing(dataset, &ledger, &change).await?;
            }
            pending.record.write(dataset).await?;
            return Ok(pending.record);
        }
        ledger = reopen(&ledger).await?;
    }
    Err(Error::Contended)
}

async fn reopen(table: &Table) -> Result<Table, Error> {
    let name = table.store().url().to_string();
    let missing = || Error::Record { name, problem: "the table is gone".into() };
    Table::open(table.store(), None).await?.ok_or_else(missing)
}

/// Where the rows of a publish come from, and what decides where they go.
struct Sources<'a> {
    store: &'a Store,
    stages: StageFiles,
    standing: Standing,
    /// The mark of the standing opt-outs, from before they were read.
    mark: Vec<(String, u64, i64)>,
    samples: &'a Table,
    ledger: &'a Table,
    /// The rows that this round is about, unless it is about all of them.
    reopened: Option<&'a Reopened>,
    duplicates: Duplicates,
}

/// Writes the files of both tables, bucket by bucket, without committing any.
async fn write(sources: &Sources<'_>, run: &RunInfo) -> Result<(Pending, Vec<Add>, HashSet<Key>), Error> {
    let Sources { store, samples, ledger, .. } = sources;
    let mut tally = Tally::default();
    let (mut adds, mut ledger_adds) = (Vec::new(), Vec::new());
    let (mut sample_count, mut ledger_count) = (0, 0);
    let (mut leaving, mut taken_up) = (HashSet::new(), Vec::new());
    let mut moved = Round { round: run.round, ..Round::default() };
    for bucket in (0..run.buckets).map(Bucket) {
        let shares = match sources.reopened {
            Some(reopened) => reopened.shares(sources, bucket, &mut tally).await?,
            None => sources.shares(bucket, &mut tally).await?,
        };
        sample_count += shares.samples.len() as u64;
        ledger_count += shares.ledger.len() as u64;
        moved.into_samples += shares.moved.into_samples;
        moved.into_ledger += shares.moved.into_ledger;
        moved.still_in_ledger += shares.moved.still_in_ledger;
        leaving.extend(shares.leaving);
        taken_up.extend(shares.reopened);
        adds.extend(write_rows(samples, bucket, shares.samples, run).await?);
        ledger_adds.extend(write_rows(ledger, bucket, shares.ledger, run).await?);
    }
    let of_samples = adds.iter().map(|add| format!("{DATASET_FOLDER}/{}", add.path));
    let of_ledger = ledger_adds.iter().map(|add| format!("{DATASET_FOLDER}/{LEDGER_FOLDER}/{}", add.path));
    let mut outputs: Vec<String> = of_samples.chain(of_ledger).collect();
    let mut rounds = Vec::new();
    let before = Record::read(samples.store(), &run.id).await?;
    if let Some(before) = before.filter(|before| before.run.round < run.round) {
        // Counted anew: takedowns may have removed some meanwhile.
        sample_count = tally.kept();
        ledger_count = (before.ledger + moved.into_ledger).saturating_sub(moved.into_samples);
        outputs.splice(0..0, before.outputs.iter().cloned());
        rounds = before.rounds;
        rounds.push(moved);
    }
    let mut stages = Vec::new();
    for stage in [Stage::Extract, Stage::Admit, Stage::Fetch, Stage::Score] {
        stages.push(StageTotal::of(store, stage).await?);
    }
    stages.push(StageTotal { stage: Stage::Publish, tasks: 1, rows: tally, counts: Counts::default(), seconds: 0.0 });
    let pinakes = env!("CARGO_PKG_VERSION").to_owned();
    let record =
        Record { run: run.clone(), pinakes, stages, samples: sample_count, ledger: ledger_count, outputs, rounds };
    let standing = sources.mark.clone();
    Ok((Pending { record, ledger: ledger_adds, reopened: taken_up, standing }, adds, leaving))
}

impl Sources<'_> {
    /// What earlier stages dropped in `bucket`; nothing tells whose it was where a standing opt-out names it.
    async fn dropped_before(&self, bucket: Bucket) -> Result<Vec<LedgerRow>, Error> {
        let mut dropped = self.stages.dropped_before(self.store, bucket).await?;
        dropped.iter_mut().filter(|row| self.standing.names_row(row)).for_each(rows::withhold);
        Ok(dropped)
    }

    /// What `bucket` adds to the two tables.
    async fn shares(&self, bucket: Bucket, tally: &mut Tally) -> Result<Shares, Error> {
        let mut shares = Shares::default();
        let mut scored = self.stages.scored(self.store, bucket).await?;
        shares.ledger = self.dropped_before(bucket).await?;
        scored.sort_by(|a, b| rows::order_of_samples(&a.sample).cmp(&rows::order_of_samples(&b.sample)));
        let held = held_samples(self.samples, bucket, self.duplicates).await?;
        let mut published: HashSet<i64> = held.iter().map(|row| row.key.0).collect();
        let mut twins = Twins::of(self.duplicates);
        for row in &held {
            twins.note(row.mark);
        }
        for row in scored {
            let is_named = self.standing.names(&row.sample);
            let reason = if row.dropped.is_some() {
                row.dropped
            } else if is_named {
                Some(DropReason::TakenOut)
            } else if !published.insert(row.sample.id.0) {
                Some(DropReason::AlreadyPublished)
            } else {
                twins.repeated(&row.sample)
            };
            match reason {
                // What score dropped has been counted there.
                Some(_) if row.dropped.is_some() => {}
                Some(reason) => tally.drop(reason),
                None => tally.keep(),
            }
            match reason {
                Some(reason) => shares.ledger.push(rows::ledger_row(row.sample, reason, is_named)),
                None => shares.samples.push(row.sample),
            }
        }
        shares.ledger.sort_by(|a, b| rows::order_of_ledger(a).cmp(&rows::order_of_ledger(b)));
        Ok(shares)
    }
}

async fn write_rows<T: Row>(table: &Table, bucket: Bucket, rows: Vec<T>, run: &RunInfo) -> Result<Vec<Add>, Error> {
    let schema = schema_of::<T>();
    let bucket = bucket.0.cast_signed();
    let mut adds = Vec::new();
    for (part, rows) in rows.chunks(ROWS_PER_FILE).enumerate() {
        let mut batches = Vec::new();
        for rows in rows.chunks(ROWS_AT_A_TIME) {
            batches.push(to_batch(&schema, rows)?);
        }
        let path = data_path(bucket, &run.change_id(), part);
        adds.push(write_file(table.store(), &path, bucket, &schema, &batches, &run.change(&[])).await?);
    }
    Ok(adds)
}
