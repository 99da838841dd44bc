//! The middle of each list, and which list a direction belongs to.

use super::{direction::closeness, groups::Groups, product};
use std::{cmp::Reverse, num::NonZero, panic::resume_unwind, sync::OnceLock, thread};

/// More threads do not help: they wait for memory.
const MOST_THREADS: usize = 16;

/// So many directions are held against a centre while it is at hand: with it they fit the innermost cache.
pub(super) const BLOCK: usize = 24;

/// So few centres are all looked at.
const FEW: usize = 256;

/// How near a centre is, and its number: of two as near the lesser one is meant.
pub(super) type Nearest = (i64, Reverse<u32>);

/// Before any centre was looked at.
pub(super) const NONE: Nearest = (i64::MIN, Reverse(0));

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

    /// How many numbers each has.
    pub(super) fn dimension(&self) -> usize {
        self.dimension
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
        self.in_shares(rows, |rows| groups.assign(rows))
    }

    /// The nearest centre of each of `rows`.
    pub(super) fn assign_plainly(&self, rows: &[i16]) -> Vec<u32> {
        self.in_shares(rows, |rows| {
            let blocks = rows.chunks(BLOCK * self.dimension);
            let nearest = blocks.flat_map(|block| self.nearest(block).into_iter().take(block.len() / self.dimension));
            nearest.map(|(_, number)| number.0).collect()
        })
    }

    /// The nearest centre of each row of a block.
    pub(super) fn nearest(&self, block: &[i16]) -> [Nearest; BLOCK] {
        let (mut nearest, mut sums) = ([NONE; BLOCK], [0; BLOCK]);
        let sums = &mut sums[..block.len() / self.dimension];
        for ((number, centre), square) in (0..).zip(self.steps.chunks_exact(self.dimension)).zip(&self.squares) {
            product::with_steps(centre, block, sums);
            for (nearest, sum) in nearest.iter_mut().zip(&*sums) {
                *nearest = (*nearest).max((2 * i64::from(*sum) - i64::from(*square), Reverse(number)));
            }
        }
        nearest
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

    /// The `most` lists that are to be looked through first for `query`, in that order.
    pub fn ranked(&self, query: &[i16], most: usize) -> Vec<u32> {
        let mut sums = vec![0; self.count()];
        product::with_steps(query, &self.steps, &mut sums);
        // By distance; negative, so that the nearest is the least.
        let distances = sums.iter().zip(&self.squares).map(|(sum, square)| i64::from(*square) - 2 * i64::from(*sum));
        let mut ranks: Vec<(i64, u32)> = distances.zip(0..).collect();
        if most < ranks.len() {
            ranks.select_nth_unstable(most);
            ranks.truncate(most);
        }
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
