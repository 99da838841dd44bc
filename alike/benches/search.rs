//! Time and memory of the search by hash: so many made-up pictures, a tenth of them copies a few bits away.
//!
//! `cargo bench -p alike --bench search -- 1000000 6`: pictures, and most bits.
#![expect(clippy::unwrap_used, reason = "a bench")]

use alike::{Cosines, Neighbourhoods, Picture};
use std::time::Instant;

fn main() {
    let numbers: Vec<u32> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let (count, max_distance) = (numbers.first().copied().unwrap_or(1_000_000), numbers.get(1).copied().unwrap_or(6));
    let mut random = Random(281);
    let mut pictures: Vec<Picture> = Vec::with_capacity(count as usize);
    let mut copies = 0_u64;
    for id in 0..i64::from(count) {
        let phash = if id > 0 && id % 10 == 0 {
            copies += 1;
            let original = pictures[usize::try_from(random.next()).unwrap_or(usize::MAX) % pictures.len()].phash;
            (0..max_distance / 2).fold(original, |hash, _| turned(hash, &mut random))
        } else {
            random.half_set()
        };
        pictures.push(Picture { id, phash, width: 640, height: 480 });
    }
    let before = peak_mib();
    let start = Instant::now();
    let neighbourhoods = Neighbourhoods::find(pictures, max_distance);
    let found = start.elapsed();
    let sets = neighbourhoods.sets();
    let least = Cosines { with_hash: 0.94, alone: 0.97 };
    let members: usize = sets.iter().map(|set| neighbourhoods.clusters(set, least, |_, _| None).len()).sum();
    println!(
        "{count} pictures, {max_distance} bits: pairs in {:.1} s, all in {:.1} s; {} sets, {members} members, {copies} copies \
         made; {} MiB at most, {before} before",
        found.as_secs_f64(),
        start.elapsed().as_secs_f64(),
        sets.len(),
        peak_mib(),
    );
}

/// Another hash of as many bits: one set, one unset.
fn turned(hash: u64, random: &mut Random) -> u64 {
    let mut pick = |wanted: u64| loop {
        let bit = random.next() >> 58;
        if hash >> bit & 1 == wanted {
            return bit;
        }
    };
    hash ^ 1 << pick(0) ^ 1 << pick(1)
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    /// A hash as pictures have them: half of the bits lie over the median.
    fn half_set(&mut self) -> u64 {
        let mut hash = self.next();
        while hash.count_ones() != 32 {
            let bit = 1 << (self.next() >> 58);
            if (hash.count_ones() > 32) == (hash & bit != 0) {
                hash ^= bit;
            }
        }
        hash
    }
}

/// The most memory that this process had.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or(0, |line| line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024)
}
