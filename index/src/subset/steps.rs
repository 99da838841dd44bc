//! The steps of a choice over rows in memory. Each leaves a part of what it is given, and is decided by ids where all else is equal,
//! so that the order of files plays no part.

use super::{
    hash::{Purpose, place, share},
    scan::Names,
    wanted::{Sampling, Score},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// A row whose domain is not known: it shares it with nobody.
pub(super) const NO_DOMAIN: u32 = u32::MAX;

/// What is known of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) id: i64,
    /// Similarity and aesthetic, as far as somebody asks for them; the least there is where it has none.
    pub(super) scores: [f32; 2],
    pub(super) domain: u32,
    pub(super) page: u32,
    pub(super) stratum: u32,
}

impl Row {
    fn score(&self, by: Score) -> f32 {
        match by {
            Score::Similarity => self.scores[0],
            Score::Aesthetic => self.scores[1],
        }
    }
}

/// What a step dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The option, or the recipe.
    pub step: String,
    /// Rows that it dropped.
    pub dropped: u64,
    /// Rows that it left.
    pub left: u64,
}

/// A stratum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stratum {
    /// Its value, or where it begins and ends.
    pub name: String,
    /// Its rows before.
    pub rows: u64,
    /// How many of them were taken.
    pub taken: u64,
    /// Whether it has fewer than were asked for.
    pub is_short: bool,
}

/// A row that is in a group of which one is to be left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    pub(super) group: u128,
    /// Whether another one goes before it whatever its size.
    pub(super) later: bool,
    pub(super) size: i64,
    pub(super) id: i64,
}

/// Ids of all members but the first of each group: it is the one that goes before, else the largest, else that with the least id.
pub(super) fn not_first(mut members: Vec<Member>) -> HashSet<i64> {
    members.sort_unstable_by_key(|member| (member.group, member.later, std::cmp::Reverse(member.size), member.id));
    let pairs = members.iter().zip(members.iter().skip(1));
    pairs.filter(|(before, this)| before.group == this.group).map(|(_, this)| this.id).collect()
}

/// Drops `others`.
pub(super) fn one_of_each(rows: &mut Vec<Row>, others: &HashSet<i64>) {
    rows.retain(|row| !others.contains(&row.id));
}

/// The best `fraction`, rounded down, but one row where there is one; of equal scores the least ids.
pub(super) fn best(rows: &mut Vec<Row>, fraction: f64, by: Score) {
    // 0.29 of 100 is 29, though the product of both is a little less.
    let most = whole(fraction * rows.len() as f64 * (1.0 + 1e-12)).max(1);
    if most < rows.len() {
        rows.select_nth_unstable_by(most, |a, b| b.score(by).total_cmp(&a.score(by)).then(a.id.cmp(&b.id)));
        rows.truncate(most);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a number of rows")]
fn whole(number: f64) -> usize {
    number as usize
}

/// At most so many rows of each domain, the best first; of equal scores the least ids.
pub(super) fn best_of_each(rows: &mut Vec<Row>, most: usize, by: Score, domain: impl Fn(&Row) -> u32) {
    rows.sort_unstable_by(|a, b| {
        let scores = || b.score(by).total_cmp(&a.score(by));
        domain(a).cmp(&domain(b)).then_with(scores).then(a.id.cmp(&b.id))
    });
    first_of_each(rows, most, domain);
}

/// The first rows of each run of one key.
fn first_of_each(rows: &mut Vec<Row>, most: usize, key: impl Fn(&Row) -> u32) {
    let (mut last, mut taken) = (NO_DOMAIN, 0);
    rows.retain(|row| {
        let this = key(row);
        if this == NO_DOMAIN {
            return true;
        }
        taken = if this == last { taken + 1 } else { 1 };
        last = this;
        taken <= most
    });
}

/// At most so many rows of each stratum, by chance, and what became of each.
pub(super) fn balanced(rows: &mut Vec<Row>, most: usize, seed: u64, names: &Names) -> Vec<Stratum> {
    rows.sort_unstable_by_key(|row| (row.stratum, place(row.id, seed, Purpose::Stratum)));
    let mut strata: BTreeMap<u32, u64> = BTreeMap::new();
    for row in rows.iter() {
        *strata.entry(row.stratum).or_default() += 1;
    }
    first_of_each(rows, most, |row| row.stratum);
    let most = most as u64;
    let mut strata: Vec<Stratum> = strata
        .into_iter()
        .map(|(name, rows)| Stratum {
            name: names.text(name).to_owned(),
            rows,
            taken: rows.min(most),
            is_short: rows < most,
        })
        .collect();
    // Numbers of names are those of the order of files.
    strata.sort_by(|a, b| a.name.cmp(&b.name));
    strata
}

/// A sample. A smaller one is a part of a larger one, and of two versions the rows in both have the same place in line.
pub(super) fn sampled(rows: &mut Vec<Row>, sampling: Sampling, seed: u64) {
    let place = |row: &Row| place(row.id, seed, Purpose::Sample);
    match sampling {
        Sampling::Fraction(fraction) => rows.retain(|row| share(place(row)) < fraction),
        Sampling::Rows(most) if most < rows.len() => {
            rows.select_nth_unstable_by_key(most, place);
            rows.truncate(most);
        }
        Sampling::Rows(_) => {}
    }
}

/// The rows with the least ids, which are hashes: so they come from everywhere.
pub(super) fn limited(rows: &mut Vec<Row>, most: usize) {
    if most < rows.len() {
        rows.select_nth_unstable_by_key(most, |row| row.id);
        rows.truncate(most);
    }
}
