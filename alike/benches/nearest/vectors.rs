//! Made-up embeddings, as halves at length one.

use half::f16;
use std::thread;

pub(crate) const DIMENSION: usize = 512;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As CLIP's lie: all in a narrow cone, in clusters whose sizes are heavy-tailed (the first of 4,000 has a share of a
    /// ninth), each flat (24 directions of its own, out of 64 sets that clusters share) and noisy in all others.
    Mixture,
    /// Evenly in all directions: nothing to find lists by.
    Gaussian,
}

const CLUSTERS: u64 = 4000;
const SETS: u64 = 64;
const FLAT: u64 = 24;

/// `count` embeddings, one behind the other. The same each time.
pub(crate) fn make(kind: Kind, count: usize) -> Vec<u8> {
    let mixture = Mixture::new();
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = count.div_ceil(threads);
    thread::scope(|scope| {
        let mixture = &mixture;
        let part = move |begin: usize| {
            let mut bytes = Vec::with_capacity(share * 2 * DIMENSION);
            for number in begin..(begin + share).min(count) {
                let mut random = Random(number as u64 ^ 0x5eed_0000_0000);
                random.bits();
                let numbers = if kind == Kind::Gaussian { random.vector() } else { mixture.draw(&mut random) };
                let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
                bytes.extend(numbers.iter().flat_map(|number| f16::from_f32(number / length).to_le_bytes()));
            }
            bytes
        };
        let parts: Vec<_> = (0..threads).map(|thread| scope.spawn(move || part(thread * share))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

struct Mixture {
    mean: Vec<f32>,
    centres: Vec<Vec<f32>>,
    sets: Vec<Vec<Vec<f32>>>,
    /// Sums of the shares of clusters.
    ends: Vec<f64>,
}

impl Mixture {
    fn new() -> Self {
        let mut random = Random(281);
        let mut ends = Vec::new();
        let mut end = 0.0;
        for number in 1..=CLUSTERS {
            end += 1.0 / number as f64;
            ends.push(end);
        }
        Self {
            mean: random.vector(),
            centres: (0..CLUSTERS).map(|_| random.vector()).collect(),
            sets: (0..SETS).map(|_| (0..FLAT).map(|_| random.vector()).collect()).collect(),
            ends,
        }
    }

    /// The parts' lengths give cosines as CLIP's are: about a half for two by chance, 0.75 within a cluster.
    fn draw(&self, random: &mut Random) -> Vec<f32> {
        let wanted = random.even() * self.ends[self.ends.len() - 1];
        let cluster = self.ends.partition_point(|end| *end < wanted).min(self.centres.len() - 1);
        let mut numbers: Vec<f32> =
            self.mean.iter().zip(&self.centres[cluster]).map(|(mean, centre)| mean + 0.7 * centre).collect();
        for flat in &self.sets[cluster % self.sets.len()] {
            let far = 0.6 * random.normal() / (FLAT as f32).sqrt();
            for (number, flat) in numbers.iter_mut().zip(flat) {
                *number += far * flat;
            }
        }
        for number in &mut numbers {
            *number += 0.35 * random.normal();
        }
        numbers
    }
}

struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    fn even(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal: the sum of eight even numbers of sixteen bits each, brought to variance one.
    fn normal(&mut self) -> f32 {
        let (one, two) = (self.bits(), self.bits());
        let sum: u64 = (0..4).map(|at| (one >> (16 * at) & 0xffff) + (two >> (16 * at) & 0xffff)).sum();
        (sum as f32 / 65_536.0 - 4.0) * 1.224_744_9
    }

    fn vector(&mut self) -> Vec<f32> {
        (0..DIMENSION).map(|_| self.normal()).collect()
    }
}
