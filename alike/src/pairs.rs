//! Pairs of hashes that differ in few bits, without holding every hash against every other.
//!
//! The bits are dealt out to `d + k` blocks. Two hashes that differ in `d` bits at most are equal in `k` blocks at least, so
//! that sorting by each choice of `k` blocks brings every such pair together once (Manku, Jain and Das Sarma 2007, "Detecting
//! near-duplicates for web crawling"). More blocks a key make keys longer and comparisons fewer, and tables more.

use std::{
    num::NonZero,
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// The largest distance that can be asked for: 165 tables of keys of 17 bits. Beyond it, hashes of pictures that have nothing
/// in common are near each other, too.
pub const MAX_DISTANCE: u32 = 8;

/// Each thread has a table of its own: 16 bytes a hash.
const MOST_THREADS: usize = 4;

/// Most blocks in a key.
const MOST_CHOSEN: u32 = 3;

/// All pairs of places in `hashes`, the lesser first, whose hashes differ in 1 to `max_distance` bits. Equal hashes are no
/// pair: collect them beforehand. Pairs come in ascending order.
pub fn near_pairs(hashes: &[u64], max_distance: u32) -> Vec<(u32, u32)> {
    if max_distance == 0 || hashes.len() < 2 {
        return Vec::new();
    }
    let masks = masks(hashes.len(), max_distance.min(MAX_DISTANCE));
    let next = AtomicUsize::new(0);
    let search = || {
        let (mut table, mut found) = (Vec::new(), Vec::new());
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= masks.len() {
                return found;
            }
            search_table(hashes, &masks[..=number], max_distance, &mut table, &mut found);
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS).min(masks.len());
    let mut pairs: Vec<(u32, u32)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(search)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    pairs.sort_unstable();
    pairs
}

/// The keys: a mask for each choice of blocks.
fn masks(hashes: usize, max_distance: u32) -> Vec<u64> {
    // So long that a key is shared by some eight hashes by chance.
    let wanted = hashes.ilog2().saturating_sub(3);
    let chosen = (1..MOST_CHOSEN).find(|chosen| 64 * chosen / (max_distance + chosen) >= wanted).unwrap_or(MOST_CHOSEN);
    let blocks = max_distance + chosen;
    // Dealt out like cards: neighbours in a hash of frequencies are alike, and keys of such bits would crowd.
    let block = |number: u32| (number..64).step_by(blocks as usize).fold(0_u64, |mask, bit| mask | 1 << bit);
    (0..1_u32 << blocks)
        .filter(|choice| choice.count_ones() == chosen)
        .map(|choice| {
            (0..blocks).filter(|number| choice >> number & 1 == 1).fold(0, |mask, number| mask | block(number))
        })
        .collect()
}

/// Finds the pairs that agree under the last of `masks`, and under none before: each pair is found once.
fn search_table(
    hashes: &[u64],
    masks: &[u64],
    max_distance: u32,
    table: &mut Vec<(u64, u32)>,
    found: &mut Vec<(u32, u32)>,
) {
    let Some((mask, earlier)) = masks.split_last() else { return };
    table.clear();
    table.extend(hashes.iter().zip(0_u32..).map(|(hash, place)| (hash & mask, place)));
    table.sort_unstable();
    for run in table.chunk_by(|one, other| one.0 == other.0) {
        for (at, (_, one)) in run.iter().enumerate() {
            let hash = hashes[*one as usize];
            for (_, other) in &run[at + 1..] {
                let different = hash ^ hashes[*other as usize];
                if different.count_ones() <= max_distance
                    && different != 0
                    && earlier.iter().all(|mask| different & mask != 0)
                {
                    found.push((*one, *other));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_brute_force(hashes: &[u64], max_distance: u32) -> Vec<(u32, u32)> {
        let mut pairs = Vec::new();
        for (one, first) in hashes.iter().enumerate() {
            for (other, second) in hashes.iter().enumerate().skip(one + 1) {
                if (1..=max_distance).contains(&(first ^ second).count_ones()) {
                    pairs.push((u32::try_from(one).unwrap(), u32::try_from(other).unwrap()));
                }
            }
        }
        pairs
    }

    /// A few hashes, and others so many bits away from one of them: hashes by chance alone are never near.
    fn near_ones() -> impl Strategy<Value = Vec<u64>> {
        let seeds = prop::collection::vec(any::<u64>(), 1..8);
        let steps =
            prop::collection::vec((any::<prop::sample::Index>(), prop::collection::vec(0_u32..64, 0..12)), 0..200);
        (seeds, steps).prop_map(|(seeds, steps)| {
            let near =
                steps.iter().map(|(seed, bits)| bits.iter().fold(*seed.get(&seeds), |hash, bit| hash ^ 1 << bit));
            seeds.iter().copied().chain(near).collect()
        })
    }

    proptest! {
        #[test]
        fn the_pairs_are_those_of_brute_force(hashes in near_ones(), max_distance in 0..=MAX_DISTANCE) {
            prop_assert_eq!(near_pairs(&hashes, max_distance), by_brute_force(&hashes, max_distance));
        }
    }

    #[test]
    fn any_length_of_key_finds_the_same_pairs() {
        // One, two and three blocks a key; 2^k hashes decide which.
        for (hashes, max_distance, tables) in [(100, 4, 5), (1 << 20, 4, 15), (1 << 25, 4, 35), (1 << 20, 8, 165)] {
            let masks = masks(hashes, max_distance);
            assert_eq!(masks.len(), tables, "{hashes} {max_distance}");
            // Whatever bits differ, one mask has none of them.
            let mut random = 0x9e37_79b9_7f4a_7c15_u64;
            for _ in 0..2000 {
                let mut different = 0_u64;
                while different.count_ones() < max_distance {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    different |= 1 << (random >> 58);
                }
                assert!(masks.iter().any(|mask| mask & different == 0), "{different:x}");
            }
        }
    }

    #[test]
    fn thousands_of_random_hashes_as_by_brute_force() {
        let mut random = 7_u64;
        let mut next = || {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            random ^ random >> 29
        };
        // Twenty bits that vary, so that many are near by chance, and keys of two blocks.
        let hashes: Vec<u64> = (0..4096).map(|_| next() & 0x1111_1111_1111_1f1f).collect();
        let pairs = near_pairs(&hashes, 4);
        assert_eq!(pairs, by_brute_force(&hashes, 4));
        assert!(pairs.len() > 10_000, "{}", pairs.len());
    }
}
