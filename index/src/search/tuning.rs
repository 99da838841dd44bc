//! How many lists a search has to look through, measured on queries while the rows go by.

use super::{Direction, Hit, chance};
use alike::nearest::{Best, Centres, Recall, probes_for};
use std::{
    collections::{HashMap, HashSet},
    num::NonZero,
    thread,
};

/// Neighbours whose recall is measured.
pub(super) const NEAREST: usize = 10;

/// More threads do not help.
const MOST_THREADS: usize = 16;

/// Queries, and the nearest rows of each so far.
pub(super) struct Tuning {
    /// Rows of the dataset first, each with its id; then others.
    queries: Vec<(Option<i64>, Direction)>,
    best: Vec<Best>,
    own: usize,
}

impl Tuning {
    pub(super) fn new(rows: Vec<(i64, Direction)>, others: &[Direction]) -> Self {
        let own = rows.len();
        let queries: Vec<_> = rows
            .into_iter()
            .map(|(id, row)| (Some(id), row))
            .chain(others.iter().map(|other| (None, other.clone())))
            .collect();
        Self { best: vec![Best::new(NEAREST); queries.len()], queries, own }
    }

    /// Shows it rows; `bytes` are their directions, one behind the other.
    pub(super) fn see(&mut self, ids: &[i64], bytes: &[u8]) {
        let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
        let share = self.queries.len().div_ceil(threads).max(1);
        let length = bytes.len() / ids.len().max(1);
        thread::scope(|scope| {
            for (queries, best) in self.queries.chunks(share).zip(self.best.chunks_mut(share)) {
                scope.spawn(move || {
                    for (id, row) in ids.iter().zip(bytes.chunks_exact(length.max(1))) {
                        for ((own, query), best) in queries.iter().zip(&mut *best) {
                            let closeness = query.closeness(row);
                            if best.wants(closeness) && *own != Some(*id) {
                                best.offer(Hit { closeness, id: *id, place: 0 });
                            }
                        }
                    }
                });
            }
        });
    }

    /// The rows that were found, by their ids.
    pub(super) fn done(self) -> Tuned {
        let truths: Vec<Vec<Hit>> = self.best.into_iter().map(Best::into_hits).collect();
        Tuned { queries: self.queries.into_iter().map(|(_, query)| query).collect(), truths, own: self.own }
    }
}

/// Queries, and the nearest rows of each.
pub(super) struct Tuned {
    queries: Vec<Direction>,
    truths: Vec<Vec<Hit>>,
    own: usize,
}

impl Tuned {
    pub(super) fn ids(&self) -> HashSet<i64> {
        self.truths.iter().flatten().map(|hit| hit.id).collect()
    }

    /// The number of lists that finds `wanted` of the nearest rows, for rows and for others; it is the same for whoever asks
    /// from within the dataset and by texts. A quarter of what may be lost is kept back, since queries are few.
    ///
    /// `lists` are those of the rows.
    pub(super) fn probes(self, centres: &Centres, lists: &HashMap<i64, u32>, wanted: f64) -> usize {
        let wanted = wanted + (1.0 - wanted) / 4.0;
        let placed = |hit: &Hit| lists.get(&hit.id).map(|list| Hit { place: *list, ..*hit });
        let truths: Vec<Vec<Hit>> = self.truths.iter().map(|truth| truth.iter().filter_map(placed).collect()).collect();
        let known: Vec<Recall<'_>> =
            self.queries.iter().zip(&truths).map(|(query, truth)| Recall { query, truth }).collect();
        let (rows, others) = known.split_at(self.own);
        probes_for(centres, rows, wanted).max(probes_for(centres, others, wanted))
    }
}

/// Of so many rows, a share of about `wanted`: whether `id` is one of them.
pub(super) fn is_chosen(id: i64, wanted: u64, of: u64) -> bool {
    u128::from(chance(id)) * u128::from(of.max(1)) < u128::from(wanted) << 64
}
