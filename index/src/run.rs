//! A run as a dataset remembers it: who published what, and the accounts of its stages.
//!
//! The record lies in the dataset itself (`_runs/<run>.json`), so that a dataset that was moved or
//! handed on still tells its whole funnel.

use crate::{
    Error,
    dataset::{DATASET_FOLDER, LEDGER_FOLDER},
    publish::Key,
    table::Change,
};
use chrono::{DateTime, Utc};
use deltalake_core::kernel::Add;
use schema::{Counts, Duplicates, Stage, Tally};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use shards::Store;
use std::collections::BTreeSet;

/// What publishing needs to know of a run. The clock is read by the caller, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Its id: letters, digits, `.`, `-` and `_`. The same id is the same run.
    pub id: String,
    /// How often it was published before with other rows still to be asked for again: each round is published once.
    #[serde(default)]
    pub round: u32,
    /// The command line.
    pub command: String,
    /// `output.buckets`.
    pub buckets: u32,
    /// `keep.duplicates`.
    #[serde(default)]
    pub duplicates: Duplicates,
    /// When it is published.
    pub at: DateTime<Utc>,
}

impl RunInfo {
    /// Refuses ids that could not stand in a file name.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        let good = !self.id.is_empty() && self.id.len() <= 100 && !self.id.starts_with('.');
        if good && self.id.bytes().all(plain) { Ok(()) } else { Err(Error::RunId(self.id.clone())) }
    }

    /// Id of this round's changes, and a part of its files' names.
    pub(crate) fn change_id(&self) -> String {
        if self.round == 0 { self.id.clone() } else { format!("{}.{}", self.id, self.round) }
    }

    /// The run as a change of a table, with what it comes to.
    pub(crate) fn change(&self, counts: &[(&str, u64)]) -> Change {
        Change {
            id: self.change_id(),
            command: self.command.clone(),
            at: self.at,
            counts: counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
        }
    }
}

/// A stage's accounts, summed over its tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageTotal {
    /// The stage.
    pub stage: Stage,
    /// Tasks done.
    pub tasks: u64,
    /// Rows in, rows on, rows dropped by reason.
    pub rows: Tally,
    /// What else was counted.
    pub counts: Counts,
    /// Seconds of work, over all tasks.
    pub seconds: f64,
}

impl StageTotal {
    /// Sums up the reports of `stage` in the run's folder.
    pub(crate) async fn of(store: &Store, stage: Stage) -> Result<Self, Error> {
        let mut total = Self { stage, tasks: 0, rows: Tally::default(), counts: Counts::default(), seconds: 0.0 };
        for report in store.reports(stage).await? {
            total.tasks += 1;
            total.rows += &report.rows;
            total.counts.add(&report.counts);
            total.seconds += report.seconds;
        }
        Ok(total)
    }
}

/// What a dataset remembers of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The run.
    pub run: RunInfo,
    /// Version of Pinakes that published it.
    pub pinakes: String,
    /// The five stages.
    pub stages: Vec<StageTotal>,
    /// Rows it added to the samples.
    pub samples: u64,
    /// Rows it added to the ledger.
    pub ledger: u64,
    /// Files it added, relative to the run's folder.
    pub outputs: Vec<String>,
    /// Its later rounds, and what they moved between the tables.
    #[serde(default)]
    pub rounds: Vec<Round>,
}

/// What a later round of a run did: pictures were asked for again, or thresholds moved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Its number; the first publishing was 0.
    pub round: u32,
    /// Rows that came out of the ledger into the samples.
    pub into_samples: u64,
    /// Rows that left the samples for the ledger.
    pub into_ledger: u64,
    /// Rows that stayed in the ledger, looked at again.
    pub still_in_ledger: u64,
}

impl Record {
    /// The account of one stage.
    pub fn stage(&self, stage: Stage) -> Option<&StageTotal> {
        self.stages.iter().find(|total| total.stage == stage)
    }

    /// What the commits of both tables say it comes to.
    pub(crate) fn counts(&self) -> [(&'static str, u64); 2] {
        [("samples", self.samples), ("ledger", self.ledger)]
    }

    /// The record of `run`; `None` where it was not published, or not to its end.
    pub(crate) async fn read(dataset: &Store, run: &str) -> Result<Option<Self>, Error> {
        read_json(dataset, &record_name(run)).await
    }

    pub(crate) async fn write(&self, dataset: &Store) -> Result<(), Error> {
        write_json(dataset, &record_name(&self.run.id), self).await
    }
}

/// A publish that was decided and may not be through yet: everything that is needed to end it
/// without looking at the stage files again, whose meaning changes once the samples are in.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pending {
    /// The record to be.
    pub(crate) record: Record,
    /// Entries of the ledger's log.
    pub(crate) ledger: Vec<Add>,
    /// Rows of the ledger that the round takes up beside those it lists.
    #[serde(default)]
    pub(crate) reopened: Vec<Key>,
    /// The mark of the standing opt-outs that were asked about its rows.
    #[serde(default)]
    pub(crate) standing: Vec<(String, u64, i64)>,
}

impl Pending {
    pub(crate) async fn read(dataset: &Store, run: &str) -> Result<Option<Self>, Error> {
        read_json(dataset, &pending_name(run)).await
    }

    pub(crate) async fn write(&self, dataset: &Store) -> Result<(), Error> {
        write_json(dataset, &pending_name(&self.record.run.id), self).await
    }

    /// Whether a publish was decided, by anybody, and did not come to its end yet.
    pub(crate) async fn any(dataset: &Store) -> Result<bool, Error> {
        Ok(dataset.list("_runs").await?.iter().any(|name| name.ends_with(".pending.json")))
    }

    /// The files that publishes which are not through yet will enter into the table in `folder`, a dataset's or its ledger's.
    pub(crate) async fn files(folder: &Store) -> Result<BTreeSet<String>, Error> {
        let is_ledger = folder.url().path().ends_with(&format!("/{LEDGER_FOLDER}/"));
        let above = folder.url().join("..").ok().filter(|_| is_ledger);
        let dataset = match above {
            Some(above) => Store::open(above.as_str())?,
            None => folder.clone(),
        };
        let mut files = BTreeSet::new();
        for name in dataset.list("_runs").await? {
            let Some(run) = name.strip_prefix("_runs/").and_then(|name| name.strip_suffix(".pending.json")) else {
                continue;
            };
            if let Some(pending) = Self::read(&dataset, run).await? {
                files.extend(pending.ledger.into_iter().map(|add| add.path));
                let below = format!("{DATASET_FOLDER}/");
                files
                    .extend(pending.record.outputs.iter().filter_map(|name| name.strip_prefix(&below)).map(Into::into));
            }
        }
        Ok(files)
    }

    pub(crate) async fn delete(dataset: &Store, run: &str) -> Result<(), Error> {
        Ok(dataset.delete(&pending_name(run)).await?)
    }
}

fn record_name(run: &str) -> String {
    format!("_runs/{run}.json")
}

fn pending_name(run: &str) -> String {
    format!("_runs/{run}.pending.json")
}

async fn read_json<T: DeserializeOwned>(store: &Store, name: &str) -> Result<Option<T>, Error> {
    let Some(bytes) = store.get(name).await? else { return Ok(None) };
    let problem = |error: serde_json::Error| Error::Record { name: name.to_owned(), problem: error.to_string() };
    serde_json::from_slice(&bytes).map(Some).map_err(problem)
}

async fn write_json<T: Serialize>(store: &Store, name: &str, value: &T) -> Result<(), Error> {
    let problem = |error: serde_json::Error| Error::Record { name: name.to_owned(), problem: error.to_string() };
    Ok(store.put(name, serde_json::to_vec_pretty(value).map_err(problem)?).await?)
}
