//! The candidates of one group, and what became of them.

use schema::Stage;
use serde::{Serialize, Serializer};
use std::{ops::Index, sync::Arc};

/// The candidates of one group, and what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditRow {
    /// The group.
    pub name: String,
    /// All of them.
    pub candidates: u64,
    /// Somebody said no, or could not be asked.
    pub refused: u64,
    /// Could not be had.
    pub failed: u64,
    /// Fell under a threshold.
    pub filtered: u64,
    /// Were not kept, and why is not known any more: their file was deleted.
    #[serde(skip_serializing_if = "is_zero")]
    pub unknown: u64,
    /// Are samples.
    pub kept: u64,
    /// Those not kept, by reason.
    pub reasons: Reasons,
    /// Candidates that came to each stage.
    pub reached: Reached,
}

/// Counts by reason, in the order of their names. There may be half a million of these, most with a reason or two, so they are no
/// maps with names of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reasons(Vec<(Arc<str>, u64)>);

/// Candidates that came to each stage; extract is where they are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the stages of the same names")]
pub struct Reached {
    pub admit: u64,
    pub fetch: u64,
    pub score: u64,
    pub publish: u64,
}

impl AuditRow {
    /// The counts in the order of the columns.
    pub fn numbers(&self) -> [u64; 5] {
        [self.candidates, self.refused, self.failed, self.filtered, self.kept]
    }

    /// The sums of many.
    pub(super) fn sum(name: &str, rows: impl Iterator<Item = Self>) -> Self {
        let mut sum = Self { name: name.to_owned(), ..Self::default() };
        for row in rows {
            sum.candidates += row.candidates;
            sum.refused += row.refused;
            sum.failed += row.failed;
            sum.filtered += row.filtered;
            sum.unknown += row.unknown;
            sum.kept += row.kept;
            for (reason, count) in row.reasons.0 {
                sum.reasons.add(&reason, count);
            }
            sum.reached.admit += row.reached.admit;
            sum.reached.fetch += row.reached.fetch;
            sum.reached.score += row.reached.score;
            sum.reached.publish += row.reached.publish;
        }
        sum
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Reasons {
    /// Reasons and counts.
    pub fn each(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(reason, count)| (&**reason, *count))
    }

    /// So many came to this end.
    pub fn get(&self, reason: &str) -> u64 {
        self.0.iter().find(|(known, _)| **known == *reason).map_or(0, |(_, count)| *count)
    }

    pub(super) fn add(&mut self, reason: &Arc<str>, count: u64) {
        let place = self.0.iter().position(|(known, _)| Arc::ptr_eq(known, reason) || *known == *reason);
        if let Some(place) = place {
            self.0[place].1 += count;
        } else {
            let place = self.0.partition_point(|(known, _)| known < reason);
            self.0.insert(place, (Arc::clone(reason), count));
        }
    }
}

impl Index<&str> for Reasons {
    type Output = u64;

    fn index(&self, reason: &str) -> &u64 {
        self.0.iter().find(|(known, _)| **known == *reason).map_or(&0, |(_, count)| count)
    }
}

impl Serialize for Reasons {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.each())
    }
}

impl Reached {
    /// Counts by stage.
    pub(super) fn by_stage(self) -> [(Stage, u64); 4] {
        [
            (Stage::Admit, self.admit),
            (Stage::Fetch, self.fetch),
            (Stage::Score, self.score),
            (Stage::Publish, self.publish),
        ]
    }

    /// Adds candidates that ended at `last`, which they came to as to all stages before it.
    pub(super) fn add(&mut self, last: Stage, rows: u64) {
        for (stage, count) in [
            (Stage::Admit, &mut self.admit),
            (Stage::Fetch, &mut self.fetch),
            (Stage::Score, &mut self.score),
            (Stage::Publish, &mut self.publish),
        ] {
            if stage <= last {
                *count += rows;
            }
        }
    }
}
