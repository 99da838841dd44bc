//! How unevenly rows are spread over groups: shares of the largest, Gini, Herfindahl, how many make half, and sizes.

use serde::Serialize;

/// The points of [`Concentration::lorenz`] beside the first.
const POINTS: usize = 100;

/// How unevenly rows are spread over groups. Groups without such rows do not count.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Concentration {
    /// Groups that have rows.
    pub groups: u64,
    /// Their rows.
    pub rows: u64,
    /// Share of all rows that the largest 1, 10, 100 and 1,000 groups have, where there are so many.
    pub top: Vec<Share>,
    /// Gini coefficient: 0 where all groups are of one size, near 1 where one has nearly everything.
    pub gini: f64,
    /// Herfindahl index: the sum of squares of the groups' shares; 1 divided by it is how many groups of one size would be
    /// as concentrated.
    pub herfindahl: f64,
    /// How many of the largest groups have half of all rows between them.
    pub half: u64,
    /// How many groups are of which size, by powers of ten.
    pub sizes: Vec<Size>,
    /// The Lorenz curve: the share of rows that the smallest groups have together, at equal steps of the share of groups.
    pub lorenz: Vec<f64>,
}

/// What the largest groups have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    /// So many of the largest.
    pub groups: u64,
    /// Of all rows.
    pub share: f64,
}

/// Groups of about one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Size {
    /// Least rows of such a group.
    pub from: u64,
    /// Most rows.
    pub to: u64,
    /// How many groups.
    pub groups: u64,
    /// Their rows together.
    pub rows: u64,
}

impl Concentration {
    /// Of groups with so many rows each.
    pub(super) fn of(rows: impl Iterator<Item = u64>) -> Self {
        let mut sorted: Vec<u64> = rows.filter(|rows| *rows > 0).collect();
        if sorted.is_empty() {
            return Self::default();
        }
        sorted.sort_unstable();
        let groups = sorted.len();
        // Sums of the smallest, of the smallest two, …
        let sums: Vec<u64> = sorted.iter().scan(0, |sum, rows| Some(add(sum, *rows))).collect();
        let all = sums[groups - 1];
        let share = |rows: u64| rows as f64 / all as f64;
        let top = [1, 10, 100, 1000].into_iter().filter(|most| groups >= *most).map(|most| {
            let rest = groups.checked_sub(most).filter(|rest| *rest > 0).map_or(0, |rest| sums[rest - 1]);
            Share { groups: most as u64, share: share(all - rest) }
        });
        let half =
            sorted.iter().rev().scan(0, |sum, rows| Some(add(sum, *rows))).take_while(|sum| *sum * 2 < all).count();
        // The mean height of the curve's steps is one minus twice the area beneath it, or the Gini coefficient.
        let area: f64 = sums.iter().map(|sum| share(*sum)).sum::<f64>() / groups as f64;
        let lorenz = (0..=POINTS).map(|point| match point * groups / POINTS {
            0 => 0.0,
            place => share(sums[place - 1]),
        });
        Self {
            groups: groups as u64,
            rows: all,
            top: top.collect(),
            gini: (1.0 + 1.0 / groups as f64 - 2.0 * area).max(0.0),
            herfindahl: sorted.iter().map(|rows| share(*rows).powi(2)).sum(),
            half: half as u64 + 1,
            sizes: sizes(&sorted),
            lorenz: lorenz.collect(),
        }
    }
}

fn add(sum: &mut u64, rows: u64) -> u64 {
    *sum += rows;
    *sum
}

fn sizes(sorted: &[u64]) -> Vec<Size> {
    let mut sizes: Vec<Size> = Vec::new();
    for rows in sorted {
        let from = 10_u64.pow(rows.ilog10());
        match sizes.last_mut() {
            Some(size) if size.from == from => {
                size.groups += 1;
                size.rows += rows;
            }
            _ => sizes.push(Size { from, to: from.saturating_mul(10) - 1, groups: 1, rows: *rows }),
        }
    }
    sizes
}
