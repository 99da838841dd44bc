//! The middle of each list, and which list a direction belongs to.

use super::{direction::closeness, train};
use std::{num::NonZero, panic::resume_unwind, sync::OnceLock, thread};

/// More threads do not help: they wait for memory.
const MOST_THREADS: usize = 16;

/// So many directions are held against a centre while it is at hand: with it they fit the innermost cache.
const BLOCK: usize = 24;

/// So few centres are all looked at.
const FEW: usize = 256;

/// In so many groups a row's centre is looked for.
const GROUPS: usize = 8;

/// The centres of all lists.
#[derive(Clone, Debug)]
pub struct Centres {
    dimension: usize,
    /// One behind the other.
    steps: Vec<i16>,
    /// The square of each one's length.
    squares: Vec<i32>,
    /// Made where many rows are to be assigned.
    groups: OnceLock<Box<Groups>>,
}

/// Centres that lie together.
#[derive(Clone, Debug)]
struct Groups {
    middles: Centres,
    /// The centres of each group, and their numbers.
    members: Vec<(Centres, Vec<u32>)>,
}

impl Groups {
    fn of(centres: &Centres) -> Self {
        let middles = train::flat(centres.dimension, &centres.steps, centres.count().isqrt());
        let mut members = vec![(Vec::new(), Vec::new()); middles.count()];
        let places = middles.assign_plainly(&centres.steps);
        for ((number, centre), place) in (0..).zip(centres.steps.chunks_exact(centres.dimension)).zip(places) {
            let (steps, numbers) = &mut members[place as usize];
            steps.extend_from_slice(centre);
            numbers.push(number);
        }
        let centres = |(steps, numbers)| (Centres::new(centres.dimension, steps), numbers);
        Self { middles, members: members.into_iter().map(centres).collect() }
    }

    fn nearest(&self, row: &[i16]) -> u32 {
        let mut best = (i64::MIN, 0);
        let groups = self.middles.ranked(row);
        let some = groups.iter().filter(|group| !self.members[**group as usize].1.is_empty()).take(GROUPS);
        for (centres, numbers) in some.map(|group| &self.members[*group as usize]) {
            let all = centres.steps.chunks_exact(centres.dimension).zip(&centres.squares).zip(numbers);
            for ((centre, square), number) in all {
                let nearness = 2 * i64::from(closeness(row, centre)) - i64::from(*square);
                if nearness > best.0 {
                    best = (nearness, *number);
                }
            }
        }
        best.1
    }
}

impl PartialEq for Centres {
    fn eq(&self, other: &Self) -> bool {
        (self.dimension, &self.steps) == (other.dimension, &other.steps)
    }
}

impl Eq for Centres {}

impl Centres {
    /// Centres whose numbers, `dimension` each, lie one behind the other.
    pub fn new(dimension: usize, steps: Vec<i16>) -> Self {
        let squares = steps.chunks_exact(dimension.max(1)).map(|centre| closeness(centre, centre)).collect();
        Self { dimension, steps, squares, groups: OnceLock::new() }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.squares.len()
    }

    /// Their numbers.
    pub fn steps(&self) -> &[i16] {
        &self.steps
    }

    /// A near centre of each of `rows`, which lie one behind the other: where there are many centres the nearest of those in the
    /// nearest groups of centres, which mostly is the nearest of all.
    pub fn assign(&self, rows: &[i16]) -> Vec<u32> {
        if self.count() < FEW {
            return self.assign_plainly(rows);
        }
        let groups = self.groups.get_or_init(|| Box::new(Groups::of(self)));
        self.in_shares(rows, |rows| rows.chunks_exact(self.dimension).map(|row| groups.nearest(row)).collect())
    }

    /// The nearest centre of each of `rows`.
    pub(super) fn assign_plainly(&self, rows: &[i16]) -> Vec<u32> {
        self.in_shares(rows, |rows| self.assign_share(rows))
    }

    fn in_shares(&self, rows: &[i16], work: impl Fn(&[i16]) -> Vec<u32> + Sync) -> Vec<u32> {
        let count = rows.len() / self.dimension.max(1);
        let threads = threads().min(count.div_ceil(BLOCK)).max(1);
        let share = count.div_ceil(threads).max(1) * self.dimension;
        if threads == 1 {
            return work(rows);
        }
        thread::scope(|scope| {
            let work = &work;
            let workers: Vec<_> = rows.chunks(share).map(|rows| scope.spawn(move || work(rows))).collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }

    fn assign_share(&self, rows: &[i16]) -> Vec<u32> {
        let mut nearest = Vec::with_capacity(rows.len() / self.dimension);
        for block in rows.chunks(BLOCK * self.dimension) {
            let mut best = [(i64::MIN, 0_u32); BLOCK];
            for ((number, centre), square) in (0..).zip(self.steps.chunks_exact(self.dimension)).zip(&self.squares) {
                for (best, row) in best.iter_mut().zip(block.chunks_exact(self.dimension)) {
                    let nearness = 2 * i64::from(closeness(row, centre)) - i64::from(*square);
                    if nearness > best.0 {
                        *best = (nearness, number);
                    }
                }
            }
            nearest.extend(best.iter().take(block.len() / self.dimension).map(|(_, number)| *number));
        }
        nearest
    }

    /// All lists in the order in which they are to be looked through for `query`.
    pub fn ranked(&self, query: &[i16]) -> Vec<u32> {
        let mut ranks: Vec<(i64, u32)> = (0..)
            .zip(self.steps.chunks_exact(self.dimension))
            .zip(&self.squares)
            // By distance; negative, so that the nearest is the least.
            .map(|((number, centre), square)| (i64::from(*square) - 2 * i64::from(closeness(query, centre)), number))
            .collect();
        ranks.sort_unstable();
        ranks.into_iter().map(|(_, number)| number).collect()
    }
}

/// The middle of `rows`, whose numbers lie one behind the other.
pub fn middle(dimension: usize, rows: &[i16]) -> Vec<i16> {
    let mut sums = vec![0_i64; dimension];
    let mut count = 0;
    for row in rows.chunks_exact(dimension.max(1)) {
        count += 1;
        for (sum, step) in sums.iter_mut().zip(row) {
            *sum += i64::from(*step);
        }
    }
    mean(&sums, count)
}

#[expect(clippy::cast_possible_truncation, reason = "a mean of such numbers is one")]
pub(super) fn mean(sums: &[i64], count: i64) -> Vec<i16> {
    sums.iter().map(|sum| (sum / count.max(1)) as i16).collect()
}

pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS)
}
