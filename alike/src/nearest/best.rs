//! The best of many, in an order that leaves nothing to chance.

use std::{cmp::Reverse, collections::BinaryHeap};

/// Something near what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// How close it is, see [`super::cosine`].
    pub closeness: i32,
    /// Its row's id.
    pub id: i64,
    /// Where it was found: the number of a list, or what the caller calls it by.
    pub place: u32,
}

impl Hit {
    /// Greater is better: the closer, of two as close that with the lesser id.
    fn rank(&self) -> (i32, Reverse<i64>, Reverse<u32>) {
        (self.closeness, Reverse(self.id), Reverse(self.place))
    }
}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// The best of what it was shown, no more than so many.
#[derive(Clone, Debug)]
pub struct Best {
    most: usize,
    kept: BinaryHeap<Reverse<Hit>>,
}

impl Best {
    /// Keeps `most`.
    pub fn new(most: usize) -> Self {
        Self { most, kept: BinaryHeap::new() }
    }

    /// Whether one as close as this may be among the best.
    pub fn wants(&self, closeness: i32) -> bool {
        self.kept.len() < self.most || self.kept.peek().is_some_and(|worst| closeness >= worst.0.closeness)
    }

    /// Shows it one.
    pub fn offer(&mut self, hit: Hit) {
        if self.kept.len() < self.most {
            self.kept.push(Reverse(hit));
        } else if let Some(mut worst) = self.kept.peek_mut()
            && hit > worst.0
        {
            worst.0 = hit;
        }
    }

    /// Shows it all that another kept.
    pub fn merge(&mut self, other: Self) {
        for Reverse(hit) in other.kept {
            self.offer(hit);
        }
    }

    /// The best first. Of a row that was shown twice only the better one.
    pub fn into_hits(self) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self.kept.into_sorted_vec().into_iter().map(|Reverse(hit)| hit).collect();
        let mut seen = std::collections::HashSet::new();
        hits.retain(|hit| seen.insert(hit.id));
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(closeness: i32, id: i64) -> Hit {
        Hit { closeness, id, place: 0 }
    }

    #[test]
    fn the_best_stay_whatever_the_order() {
        let all: Vec<Hit> = (0..200_i32).map(|n| hit(n * 37 % 50, i64::from(n))).collect();
        let mut expected = all.clone();
        expected.sort_by_key(|hit| (Reverse(hit.closeness), hit.id));
        expected.truncate(7);
        for turn in [0, 50, 199] {
            let (mut one, mut other) = (Best::new(7), Best::new(7));
            for (at, hit) in all.iter().cycle().skip(turn).take(all.len()).enumerate() {
                if at % 3 == 0 { &mut one } else { &mut other }.offer(*hit);
            }
            one.merge(other);
            assert_eq!(one.into_hits(), expected);
        }
    }

    #[test]
    fn nothing_and_the_same_row_twice() {
        assert_eq!(Best::new(3).into_hits(), []);
        let mut best = Best::new(0);
        best.offer(hit(1, 1));
        assert_eq!(best.into_hits(), []);
        let mut best = Best::new(3);
        for (closeness, id) in [(5, 1), (6, 1), (4, 2)] {
            best.offer(hit(closeness, id));
        }
        assert_eq!(best.into_hits(), [hit(6, 1), hit(4, 2)]);
    }
}
