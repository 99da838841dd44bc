//! What a finished task says of itself. Written last: a task whose report exists is done.

use crate::{Stage, Tally};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The account of one task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskReport {
    /// Its stage.
    pub stage: Stage,
    /// Its key: an archive's name, a bucket, a shard.
    pub key: String,
    /// Digest of the settings and inputs it ran under.
    pub fingerprint: String,
    /// Version of the program that wrote it.
    pub version: String,
    /// Rows in, rows on, rows dropped by reason.
    pub rows: Tally,
    /// What else was counted on the way.
    pub counts: Counts,
    /// Output files, relative to the run's folder.
    pub outputs: Vec<String>,
    /// Wall time in seconds.
    pub seconds: f64,
}

/// What a task did, as its stage hands it over to be reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// Rows in, rows on, rows dropped by reason.
    pub rows: Tally,
    /// What else was counted on the way.
    pub counts: Counts,
    /// Output files, relative to the run's folder.
    pub outputs: Vec<String>,
}

/// What a task counts beside its rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Archive records: kept means read as a page.
    pub records: Tally,
    /// HTTP requests sent, by what for (`robots`, `image`).
    pub requests: BTreeMap<String, u64>,
    /// Bytes read from archives or the network.
    pub bytes_in: u64,
    /// Refusals by the signal that spoke first.
    pub signals: BTreeMap<String, u64>,
    /// Remarks a person should read: a damaged archive, a model labelled demo.
    pub notes: Vec<String>,
}

impl Counts {
    /// Adds another task's counts to these.
    pub fn add(&mut self, other: &Counts) {
        self.records += &other.records;
        self.bytes_in += other.bytes_in;
        for (what, count) in &other.requests {
            *self.requests.entry(what.clone()).or_default() += count;
        }
        for (signal, count) in &other.signals {
            *self.signals.entry(signal.clone()).or_default() += count;
        }
        for note in &other.notes {
            if !self.notes.contains(note) {
                self.notes.push(note.clone());
            }
        }
    }
}
