//! Where lists are to lie: the centres of a sample's clusters (k-means). The same sample gives the same centres.

use super::centres::{Centres, mean};

/// Rounds after which the centres hardly move any more.
const ROUNDS: usize = 10;

/// A cluster of fewer of the sample is no list: it lends its centre to the largest.
const LEAST: i64 = 4;

/// The sample's rows for each of the coarse clusters.
const COARSE_SAMPLE: usize = 256;

/// Finds `lists` centres, or as many as the sample is good for. `sample` has the numbers of directions one behind the other, in an
/// order of chance.
///
/// In two steps, since one would hold every row against every centre: a few coarse clusters first, then within each as many
/// lists as are its share of the sample. So lists are about as long where many rows are as where few are.
pub fn train(dimension: usize, sample: &[i16], lists: usize) -> Centres {
    let rows = sample.len() / dimension.max(1);
    let coarse = lists.isqrt().max(1);
    if coarse < 4 {
        return flat(dimension, sample, lists);
    }
    let some = &sample[..rows.min(coarse * COARSE_SAMPLE) * dimension];
    let clusters = flat(dimension, some, coarse);
    let mut members = vec![Vec::new(); clusters.count()];
    for (row, cluster) in sample.chunks_exact(dimension).zip(clusters.assign(sample)) {
        members[cluster as usize].extend_from_slice(row);
    }
    let mut steps = Vec::new();
    let (mut dealt, mut seen) = (0, 0);
    for members in members.iter().filter(|members| !members.is_empty()) {
        // What rounding takes from one cluster the next one gets.
        seen += members.len() / dimension;
        let share = (lists * seen / rows).saturating_sub(dealt).max(1);
        dealt += share;
        steps.extend_from_slice(flat(dimension, members, share).steps());
    }
    Centres::new(dimension, steps)
}

/// Rows of a list that is split by which it is split, for each of the new lists.
const SPLIT_SAMPLE: usize = 64;

/// Splits the rows of a list that became long into `lists`: the new list of each row. In a sample a crowd looks smaller than it
/// is, since centres that many rows made lie nearer to all others.
pub fn split(dimension: usize, rows: &[i16], lists: usize) -> Vec<u32> {
    let all: Vec<&[i16]> = rows.chunks_exact(dimension.max(1)).collect();
    let step = (all.len() / (lists * SPLIT_SAMPLE).max(1)).max(1);
    let sample = all.iter().step_by(step).copied().collect::<Vec<_>>().concat();
    flat(dimension, &sample, lists).assign(rows)
}

/// The same in one step.
pub(super) fn flat(dimension: usize, sample: &[i16], lists: usize) -> Centres {
    let rows: Vec<&[i16]> = sample.chunks_exact(dimension.max(1)).collect();
    let lists = lists.min(rows.len() / usize::try_from(LEAST).unwrap_or(1)).max(usize::from(!rows.is_empty()));
    let mut centres = Centres::new(dimension, rows[..lists].concat());
    let mut before = Vec::new();
    for _ in 0..ROUNDS {
        let nearest = centres.assign_plainly(sample);
        let moved = before.iter().zip(&nearest).filter(|(before, now)| before != now).count();
        if !before.is_empty() && moved * 200 < rows.len() {
            break;
        }
        centres = Centres::new(dimension, middles(dimension, &rows, &nearest, lists));
        before = nearest;
    }
    centres
}

/// The middle of each cluster. One with hardly anybody in it moves into the largest, where it finds more.
fn middles(dimension: usize, rows: &[&[i16]], nearest: &[u32], lists: usize) -> Vec<i16> {
    let mut sums = vec![0_i64; lists * dimension];
    let mut counts = vec![0_i64; lists];
    // The last of each cluster: where a centre goes that moves into it.
    let mut member = vec![0; lists];
    for (at, (row, list)) in rows.iter().zip(nearest).enumerate() {
        let list = *list as usize;
        counts[list] += 1;
        member[list] = at;
        for (sum, step) in sums[list * dimension..].iter_mut().zip(*row) {
            *sum += i64::from(*step);
        }
    }
    let mut by_size: Vec<usize> = (0..lists).collect();
    by_size.sort_by_key(|list| (std::cmp::Reverse(counts[*list]), *list));
    let mut largest = by_size.iter().copied().filter(|list| counts[*list] >= 2 * LEAST);
    let mut steps = Vec::with_capacity(lists * dimension);
    for list in 0..lists {
        match if counts[list] < LEAST { largest.next() } else { None } {
            Some(other) => steps.extend_from_slice(rows[member[other]]),
            None => steps.extend(mean(&sums[list * dimension..(list + 1) * dimension], counts[list])),
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::super::{Best, Direction, Hit, Recall, probes_for, scan, write_steps};
    use super::*;

    const DIMENSION: usize = 48;

    struct Random(u64);

    impl Random {
        fn number(&mut self) -> f32 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            (bits >> 40) as f32 / (1 << 23) as f32 - 1.0
        }

        fn vector(&mut self) -> Vec<f32> {
            (0..DIMENSION).map(|_| self.number()).collect()
        }
    }

    /// In a cone, around sixty centres.
    fn directions(count: usize) -> Vec<Direction> {
        let mut random = Random(281);
        let (mean, centres) = (random.vector(), (0..60).map(|_| random.vector()).collect::<Vec<_>>());
        let mut one = |n: usize| -> Vec<f32> {
            let noise = random.vector();
            let near = mean.iter().zip(&centres[n * n % 60]).zip(noise);
            near.map(|((mean, centre), noise)| mean + 0.8 * centre + 0.5 * noise).collect()
        };
        (0..count).map(|n| Direction::of(&one(n)).unwrap()).collect()
    }

    fn together(rows: &[Direction]) -> Vec<i16> {
        rows.iter().flat_map(|row| row.steps().to_vec()).collect()
    }

    #[test]
    fn as_many_lists_as_are_said_find_the_wanted_share_of_the_exact_scan() {
        let all = directions(6400);
        let (queries, rows) = all.split_at(400);
        let centres = train(DIMENSION, &together(&rows[..3000]), 80);
        assert_eq!(centres, train(DIMENSION, &together(&rows[..3000]), 80));
        let list_of = centres.assign(&together(rows));
        let mut lists = vec![(Vec::new(), Vec::new()); centres.count()];
        for ((id, row), list) in (0_i64..).zip(rows).zip(&list_of) {
            let (ids, bytes) = &mut lists[*list as usize];
            ids.push(id);
            write_steps(row.steps(), bytes);
        }
        let search = |query: &Direction, probes: usize| {
            let mut best = Best::new(10);
            for list in &centres.ranked(query.steps(), probes) {
                let (ids, bytes) = &lists[*list as usize];
                scan(query, bytes, &mut best, |at| Some((ids[at], *list)));
            }
            best.into_hits()
        };
        // The truth does not come from here: in double precision, all against all.
        let truth = |query: &Direction| {
            let dot = |row: &Direction| -> f64 {
                query.steps().iter().zip(row.steps()).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
            };
            let mut all: Vec<(i64, f64)> = (0..).zip(rows).map(|(id, row)| (id, dot(row))).collect();
            all.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
            all.into_iter().take(10).map(|(id, _)| id).collect::<Vec<_>>()
        };
        let truths: Vec<Vec<Hit>> = queries.iter().map(|query| search(query, centres.count())).collect();
        for (query, found) in queries.iter().zip(&truths) {
            assert_eq!(
                found.iter().map(|hit| hit.id).collect::<Vec<_>>(),
                truth(query),
                "all lists are the exact scan"
            );
        }
        let (tuned, measured) = queries.split_at(200);
        let known: Vec<_> = tuned.iter().zip(&truths).map(|(query, truth)| Recall { query, truth }).collect();
        for wanted in [0.8, 0.95, 0.99] {
            let probes = probes_for(&centres, &known, wanted);
            let found: usize = measured
                .iter()
                .zip(&truths[200..])
                .map(|(query, truth)| search(query, probes).iter().filter(|hit| truth.contains(hit)).count())
                .sum();
            let recall = found as f64 / 2000.0;
            println!("wanted {wanted}: {probes} of {} lists, recall {recall}", centres.count());
            assert!(recall > wanted - 0.02, "{recall} for {wanted} with {probes} lists");
            assert!(probes < centres.count() / 2, "{probes} lists for {wanted}");
        }
        assert_eq!(probes_for(&centres, &[], 0.9), 1);
    }

    #[test]
    fn few_rows_and_rows_that_are_all_the_same_have_lists_too() {
        for (count, lists) in [(0, 5), (1, 5), (3, 5), (9, 5)] {
            let centres = train(DIMENSION, &together(&directions(count)), lists);
            assert_eq!(centres.count(), if count == 0 { 0 } else { (count / 4).max(1) });
        }
        let same = vec![directions(1)[0].clone(); 100];
        let centres = train(DIMENSION, &together(&same), 10);
        assert_eq!(centres.assign(&together(&same)).len(), 100);
        assert_eq!(centres.ranked(same[0].steps(), 20).len(), 10);
        assert_eq!(split(DIMENSION, &together(&same), 3).len(), 100);
        let parts = split(DIMENSION, &together(&directions(500)), 5);
        assert!((0..5).all(|part| parts.contains(&part)) && parts.len() == 500);
        assert!(train(DIMENSION, &together(&vec![same[0].clone(); 2000]), 100).count() >= 1);
    }
}
