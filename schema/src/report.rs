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
    /// Candidates out of lists of URLs that name no page: nothing was asked on a page's side.
    pub pages_unknown: u64,
    /// The least similarity that the model itself asks for, noted where rows are scored: thresholds are moved without it.
    pub model_similarity: Option<f32>,
    /// Remarks a person should read: a damaged archive, a model labelled demo.
    pub notes: Vec<String>,
}

impl Counts {
    /// What must be said wherever the counts are shown: that no page was asked for these candidates. Said of a
    /// sum, and not among the notes of each task, since a list often lies in a thousand parts.
    pub fn pages_unknown_note(&self) -> Option<String> {
        let what = match self.pages_unknown {
            0 => return None,
            1 => "the page of 1 picture is".to_owned(),
            count => format!("the pages of {} pictures are", grouped(count)),
        };
        Some(format!("{what} unknown: only the image's own side was asked"))
    }

    /// Adds another task's counts to these.
    pub fn add(&mut self, other: &Counts) {
        self.records += &other.records;
        self.bytes_in += other.bytes_in;
        self.pages_unknown += other.pages_unknown;
        self.model_similarity = self.model_similarity.or(other.model_similarity);
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

/// A count as people read it: 1,234,567.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_are_unknown_are_summed_up_and_said() {
        let mut sum = Counts::default();
        assert_eq!(sum.pages_unknown_note(), None);
        for (count, said) in [
            (1, "the page of 1 picture is unknown: only the image's own side was asked"),
            (1_233, "the pages of 1,234 pictures are unknown: only the image's own side was asked"),
            (998_766, "the pages of 1,000,000 pictures are unknown: only the image's own side was asked"),
        ] {
            sum.add(&Counts { pages_unknown: count, ..Counts::default() });
            assert_eq!(sum.pages_unknown_note().as_deref(), Some(said));
        }
        // Reports written before there were lists.
        assert_eq!(serde_json::from_str::<Counts>("{}").unwrap(), Counts::default());
    }
}
