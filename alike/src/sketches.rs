//! Pairs of embeddings that point nearly the same way, without holding every one against every other.
//!
//! A sketch is 512 bits, each the side of a random plane that the embedding lies on, so that two embeddings at an angle `a` differ in
//! about `512 a / π` of them (Charikar 2002, "Similarity estimation techniques from rounding algorithms"). Planes go through the
//! mean of all embeddings, since CLIP's lie in a narrow cone and would be on the same side of most others. They are
//! the rows of three rounds of random signs and a Hadamard transform, some thousand additions where a matrix took a quarter of
//! a million (Andoni et al. 2015, "Practical and optimal LSH for angular distance"). Sketches that agree in one of
//! some thirty stretches of bits are held against each other.

use crate::Embedding;
use std::{
    f64::consts::PI,
    num::NonZero,
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Bits of a sketch.
const BITS: usize = 512;

/// Each thread has a table of its own: 8 bytes a sketch.
const MOST_THREADS: usize = 4;

/// In a cell with more sketches each is held only against so many that come next.
const LARGE_CELL: usize = 1024;
const WINDOW: usize = 64;

/// The sides of 512 planes that an embedding lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sketch([u64; BITS / 64]);

impl Sketch {
    fn differs_in(&self, other: &Self) -> u32 {
        self.0.iter().zip(other.0).map(|(one, other)| (one ^ other).count_ones()).sum()
    }

    /// `length` bits from `begin` on; 32 at most.
    fn stretch(&self, begin: usize, length: usize) -> u32 {
        let (word, bit) = (begin / 64, begin % 64);
        let next = self.0.get(word + 1).copied().unwrap_or_default();
        let both = u128::from(self.0[word]) | u128::from(next) << 64;
        u32::try_from(both >> bit & ((1 << length) - 1)).unwrap_or_default()
    }
}

/// Makes sketches of the embeddings of one model.
#[derive(Clone, Debug, Default)]
pub struct Sketcher {
    sum: Vec<f64>,
    count: u32,
    /// Three times as many as the numbers filled up to a power of two, for each round.
    signs: Vec<f32>,
}

impl Sketcher {
    /// Takes note of an embedding; all are to be seen before the first is sketched. What has other numbers than those
    /// before is let be.
    pub fn see(&mut self, embedding: &Embedding) {
        if self.count == 0 {
            self.sum = vec![0.0; embedding.len()];
            let rounds = BITS.div_ceil(filled_up(embedding.len()));
            self.signs = (0..3 * rounds * filled_up(embedding.len())).map(sign).collect();
        }
        if self.sum.len() == embedding.len() {
            self.count += 1;
            for (sum, number) in self.sum.iter_mut().zip(embedding.numbers()) {
                *sum += f64::from(number);
            }
        }
    }

    /// The sketch of an embedding; `None` if it has other numbers than those seen.
    pub fn sketch(&self, embedding: &Embedding) -> Option<Sketch> {
        if self.count == 0 || self.sum.len() != embedding.len() {
            return None;
        }
        let mut centred = embedding.numbers();
        centred.iter_mut().zip(self.mean()).for_each(|(number, mean)| *number -= mean);
        centred.resize(filled_up(embedding.len()), 0.0);
        let mut bits = [0; BITS / 64];
        let rounds = self.signs.chunks_exact(3 * centred.len());
        for (signs, begin) in rounds.zip((0..BITS).step_by(centred.len())) {
            let mut turned = centred.clone();
            for signs in signs.chunks_exact(centred.len()) {
                turned.iter_mut().zip(signs).for_each(|(number, sign)| *number *= sign);
                hadamard(&mut turned);
            }
            for (bit, number) in (begin..BITS).zip(turned) {
                bits[bit / 64] |= u64::from(number > 0.0) << (bit % 64);
            }
        }
        Some(Sketch(bits))
    }

    /// The most bits in which the sketches of two embeddings differ whose cosine is `cosine` or more: what is to be expected
    /// about the mean, and four standard deviations.
    pub fn most_bits(&self, cosine: f32) -> u32 {
        let mean: f64 = self.mean().map(|number| f64::from(number * number)).sum();
        let spread = (1.0 - mean).max(f64::EPSILON);
        let centred = (1.0 - (1.0 - f64::from(cosine)) / spread).clamp(-1.0, 1.0);
        let share = centred.acos() / PI;
        let bits = BITS as f64;
        (0..=512)
            .find(|most| f64::from(*most) >= bits * share + 4.0 * (bits * share * (1.0 - share)).sqrt())
            .unwrap_or(512)
    }

    #[expect(clippy::cast_possible_truncation, reason = "as exact as the numbers that it is the mean of")]
    fn mean(&self) -> impl Iterator<Item = f32> {
        self.sum.iter().map(|sum| (sum / f64::from(self.count.max(1))) as f32)
    }
}

/// The transform is for powers of two.
fn filled_up(numbers: usize) -> usize {
    numbers.next_power_of_two()
}

/// A sign that looks like chance and is always the same.
fn sign(place: usize) -> f32 {
    let mut bits = (place as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 29).wrapping_mul(0x94d0_49bb_1331_11eb);
    if (bits ^ bits >> 32) & 1 == 0 { 1.0 } else { -1.0 }
}

/// The Walsh-Hadamard transform, in place and not scaled: only signs are looked at.
fn hadamard(numbers: &mut [f32]) {
    let mut half = 1;
    while half < numbers.len() {
        for block in numbers.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (*a + *b, *a - *b);
            }
        }
        half *= 2;
    }
}

/// Pairs of the places of `sketches`, the lesser first and ascending, that differ in `most_bits` at most: most of them, not
/// all. The more they differ, the more are missed.
pub fn near_sketches(sketches: &[(u32, Sketch)], most_bits: u32) -> Vec<(u32, u32)> {
    // So long that a key is shared by some eight sketches by chance.
    let length = sketches.len().max(2).ilog2().saturating_sub(3).clamp(8, 20) as usize;
    near_by_keys(sketches, most_bits, length)
}

fn near_by_keys(sketches: &[(u32, Sketch)], most_bits: u32, length: usize) -> Vec<(u32, u32)> {
    let tables = BITS / length;
    let next = AtomicUsize::new(0);
    let search = || {
        let (mut table, mut found, mut settled) = (Vec::new(), Vec::new(), 0);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= tables {
                return found;
            }
            search_table(sketches, most_bits, (number * length, length), &mut table, &mut found);
            // Most pairs are found again and again.
            if found.len() > 2 * settled {
                found.sort_unstable();
                found.dedup();
                settled = found.len();
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
    let mut pairs: Vec<(u32, u32)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(search)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn search_table(
    sketches: &[(u32, Sketch)],
    most_bits: u32,
    (begin, length): (usize, usize),
    table: &mut Vec<(u32, u32)>,
    found: &mut Vec<(u32, u32)>,
) {
    table.clear();
    table.extend(sketches.iter().zip(0_u32..).map(|((_, sketch), at)| (sketch.stretch(begin, length), at)));
    table.sort_unstable();
    for cell in table.chunk_by(|one, other| one.0 == other.0) {
        let window = if cell.len() > LARGE_CELL { WINDOW } else { cell.len() };
        for (at, (_, one)) in cell.iter().enumerate() {
            let (place, sketch) = &sketches[*one as usize];
            for (_, other) in cell[at + 1..].iter().take(window) {
                let (other, other_sketch) = &sketches[*other as usize];
                if sketch.differs_in(other_sketch) <= most_bits {
                    found.push((*place.min(other), *place.max(other)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBERS: usize = 256;

    struct Random(u64);

    impl Random {
        fn bits(&mut self) -> u64 {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            bits ^ bits >> 31
        }

        /// About normal: the sum of twelve even numbers.
        fn number(&mut self) -> f32 {
            (0..12).map(|_| (self.bits() >> 40) as f32 / (1 << 24) as f32).sum::<f32>() - 6.0
        }

        fn vector(&mut self) -> Vec<f32> {
            (0..NUMBERS).map(|_| self.number()).collect()
        }
    }

    fn embedding(numbers: &[f32]) -> Embedding {
        let length = numbers.iter().map(|number| number * number).sum::<f32>().sqrt();
        let bytes = numbers.iter().flat_map(|number| half::f16::from_f32(number / length).to_le_bytes());
        Embedding::read(&bytes.collect::<Vec<u8>>()).unwrap()
    }

    /// Embeddings in a cone as CLIP's are (cosine of two by chance: about 0.5), every third a copy of the one before, a little
    /// or more turned.
    fn cone(count: usize) -> Vec<Embedding> {
        let mut random = Random(281);
        let mean = random.vector();
        let mut last = Vec::new();
        let mut all = Vec::new();
        for number in 0..count {
            if number % 3 == 2 {
                let turn = 0.05 + 0.35 * (number % 100) as f32 / 100.0;
                let noise = random.vector();
                all.push(embedding(
                    &last.iter().zip(noise).map(|(a, b): (&f32, f32)| a + turn * b).collect::<Vec<_>>(),
                ));
            } else {
                last = mean.iter().zip(random.vector()).map(|(a, b)| a + b).collect();
                all.push(embedding(&last));
            }
        }
        all
    }

    fn sketched(all: &[Embedding]) -> (Sketcher, Vec<(u32, Sketch)>) {
        let mut pen = Sketcher::default();
        for embedding in all {
            pen.see(embedding);
        }
        let sketches = (0..).zip(all).map(|(place, embedding)| (place, pen.sketch(embedding).unwrap())).collect();
        (pen, sketches)
    }

    #[test]
    fn most_pairs_of_the_exact_scan_are_found_at_any_length_of_key() {
        let all = cone(3000);
        let (pen, sketches) = sketched(&all);
        let mut exact = Vec::new();
        for (one, first) in (0_u32..).zip(&all) {
            for (other, second) in (one + 1..).zip(&all[one as usize + 1..]) {
                if first.cosine(second).unwrap() >= 0.97 {
                    exact.push((one, other));
                }
            }
        }
        assert!(exact.len() > 500, "{}", exact.len());
        // Keys of 20 bits are those of some eight million rows and more.
        for (length, least) in [(8, 0.999), (14, 0.99), (17, 0.97), (20, 0.93)] {
            let found = near_by_keys(&sketches, pen.most_bits(0.97), length);
            let hits = exact.iter().filter(|pair| found.binary_search(pair).is_ok()).count();
            let recall = hits as f64 / exact.len() as f64;
            println!("keys of {length} bits: {hits} of {} pairs, {} looked at", exact.len(), found.len());
            assert!(recall >= least, "keys of {length} bits: {recall}");
            assert!(found.len() < 3 * exact.len(), "{} pairs to look at for {}", found.len(), exact.len());
        }
    }

    #[test]
    fn sketches_tell_the_angle() {
        let all = cone(300);
        let (pen, sketches) = sketched(&all);
        for (one, other) in [(1, 2), (4, 5), (0, 1), (10, 200)] {
            let cosine = all[one].cosine(&all[other]).unwrap();
            assert!(sketches[one].1.differs_in(&sketches[other].1) <= pen.most_bits(cosine), "{cosine}");
        }
        assert_eq!(sketches[7].1.differs_in(&sketches[7].1), 0);
        // Those by chance differ in half of the bits.
        let bits = sketches[0].1.differs_in(&sketches[100].1);
        assert!((200..312).contains(&bits), "{bits}");
    }

    #[test]
    fn any_number_of_numbers_makes_512_bits() {
        for numbers in [1, 2, 3, 64, 512, 768, 1024] {
            let mut random = Random(7);
            let all: Vec<_> =
                (0..4).map(|_| embedding(&(0..numbers).map(|_| random.number()).collect::<Vec<_>>())).collect();
            let (pen, sketches) = sketched(&all);
            assert_eq!(sketches.len(), 4);
            assert_eq!(pen.sketch(&embedding(&vec![1.0; numbers + 1])), None);
        }
        assert_eq!(Sketcher::default().sketch(&embedding(&[1.0])), None);
    }

    #[test]
    fn a_cell_of_thousands_costs_no_square() {
        let all = vec![cone(1)[0].clone(); 5000];
        let (_, sketches) = sketched(&all);
        let found = near_sketches(&sketches, 10);
        assert!(found.len() <= 5000 * WINDOW && found.len() > 4000 * WINDOW, "{}", found.len());
    }
}
