//! Centres that lie together: where there are many, a row is held against those of a few groups, not against all.

use super::{
    centres::{BLOCK, Centres, NONE},
    train,
};
use std::cmp::Reverse;

/// In so many groups a row's centre is looked for.
const GROUPS: usize = 8;

/// All centres, by group.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    middles: Centres,
    /// The centres of each group, and their numbers.
    members: Vec<(Centres, Vec<u32>)>,
}

impl Groups {
    pub(super) fn of(centres: &Centres) -> Self {
        let dimension = centres.dimension();
        let middles = train::flat(dimension, centres.steps(), centres.count().isqrt());
        let mut groups = vec![(Vec::new(), Vec::new()); middles.count()];
        let places = middles.assign_plainly(centres.steps());
        for ((number, centre), place) in (0..).zip(centres.steps().chunks_exact(dimension)).zip(places) {
            let (steps, numbers) = &mut groups[place as usize];
            steps.extend_from_slice(centre);
            numbers.push(number);
        }
        let (mut steps, mut members) = (Vec::new(), Vec::new());
        for (middle, (own, numbers)) in middles.steps().chunks_exact(dimension).zip(groups) {
            if !numbers.is_empty() {
                steps.extend_from_slice(middle);
                members.push((Centres::new(dimension, own), numbers));
            }
        }
        Self { middles: Centres::new(dimension, steps), members }
    }

    /// The nearest centre of each of `rows` among those of the nearest groups. Group by group, so that the centres of one stay
    /// at hand for all rows that are held against them.
    pub(super) fn assign(&self, rows: &[i16]) -> Vec<u32> {
        let rows: Vec<&[i16]> = rows.chunks_exact(self.middles.dimension()).collect();
        let mut held = vec![Vec::new(); self.members.len()];
        for (at, row) in rows.iter().enumerate() {
            for group in self.middles.ranked(row, GROUPS) {
                held[group as usize].push(at);
            }
        }
        let mut nearest = vec![NONE; rows.len()];
        let mut block = Vec::new();
        for ((centres, numbers), held) in self.members.iter().zip(held) {
            for held in held.chunks(BLOCK) {
                block.clear();
                for at in held {
                    block.extend_from_slice(rows[*at]);
                }
                for (at, (nearness, number)) in held.iter().zip(centres.nearest(&block)) {
                    // Of two as near the one with the lesser number, in whatever order groups come.
                    nearest[*at] = nearest[*at].max((nearness, Reverse(numbers[number.0 as usize])));
                }
            }
        }
        nearest.into_iter().map(|(_, number)| number.0).collect()
    }
}
