//! Embeddings as searches compare them: at length one, in whole steps.
//!
//! Sums of whole numbers come out the same in any order and on any machine, so that a scan, an index and an index built
//! elsewhere agree to the last bit; and every processor has an instruction that multiplies eight such numbers and more at a
//! time. A step is 1/32,767, about what a half can tell of numbers as embeddings of hundreds have them.

use super::{Best, Hit, product};
use half::{f16, slice::HalfFloatSliceExt};

/// Rows that a query is held against at a time.
const BLOCK: usize = 64;

/// The bits of a number this large end in what is added to it, rounded.
const ROUNDING: f32 = 12_582_912.0;

/// One, in steps.
const ONE: f32 = 32_767.0;

/// Where a picture or a text points to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Direction(Box<[i16]>);

impl Direction {
    /// That of an encoder's numbers. `None` where they are none, or no direction: zeros, infinities.
    pub fn of(numbers: &[f32]) -> Option<Self> {
        let length = length(numbers);
        if !length.is_normal() {
            return None;
        }
        let scale = ONE / length;
        #[expect(clippy::cast_possible_truncation, reason = "what is added has sixteen bits")]
        let steps = numbers.iter().map(|number| (number * scale + ROUNDING).to_bits() as i16);
        Some(Self(steps.collect()))
    }

    /// Reads the column's bytes, halves; `None` as above.
    pub fn read(halves: &[u8]) -> Option<Self> {
        let (pairs, rest) = halves.as_chunks::<2>();
        if !rest.is_empty() {
            return None;
        }
        let halves: Vec<f16> = pairs.iter().map(|pair| f16::from_le_bytes(*pair)).collect();
        let mut numbers = vec![0.0; halves.len()];
        halves.convert_to_f32_slice(&mut numbers);
        Self::of(&numbers)
    }

    /// How many numbers it has.
    pub fn dimension(&self) -> usize {
        self.0.len()
    }

    /// Its numbers, in steps.
    pub fn steps(&self) -> &[i16] {
        &self.0
    }

    /// How close it is to the direction that lies in `bytes`, see [`write_steps`]. Both have as many numbers.
    pub fn closeness(&self, bytes: &[u8]) -> i32 {
        let mut sum = [0];
        product::with_bytes(&self.0, bytes, &mut sum);
        sum[0]
    }
}

/// Holds `query` against all rows whose numbers lie in `bytes`, one behind the other. `hit` is asked only about rows that are
/// among the best so far: who it is, or `None` where it is not to be found.
pub fn scan(query: &Direction, bytes: &[u8], best: &mut Best, mut hit: impl FnMut(usize) -> Option<(i64, u32)>) {
    let length = (2 * query.dimension()).max(1);
    let mut sums = [0; BLOCK];
    for (block, rows) in bytes.chunks(BLOCK * length).enumerate() {
        product::with_bytes(&query.0, rows, &mut sums);
        for (at, closeness) in sums.iter().enumerate().take(rows.len() / length) {
            if best.wants(*closeness)
                && let Some((id, place)) = hit(block * BLOCK + at)
            {
                best.offer(Hit { closeness: *closeness, id, place });
            }
        }
    }
}

/// How close two directions are.
pub(super) fn closeness(one: &[i16], other: &[i16]) -> i32 {
    let mut sum = [0];
    product::with_steps(one, other, &mut sum);
    sum[0]
}

/// A closeness as a cosine.
#[expect(clippy::cast_possible_truncation, reason = "a cosine")]
pub fn cosine(closeness: i32) -> f32 {
    (f64::from(closeness) / f64::from(ONE * ONE)) as f32
}

/// Puts numbers in steps behind `bytes`, two bytes each, little-endian.
pub fn write_steps(steps: &[i16], bytes: &mut Vec<u8>) {
    bytes.extend(steps.iter().flat_map(|step| step.to_le_bytes()));
}

/// Puts the numbers that lie in `bytes` behind `steps`.
pub fn read_steps(bytes: &[u8], steps: &mut Vec<i16>) {
    let (pairs, _) = bytes.as_chunks::<2>();
    steps.extend(pairs.iter().map(|pair| i16::from_le_bytes(*pair)));
}

/// In lanes, whose order is fixed and which a processor can take at a time.
fn length(numbers: &[f32]) -> f32 {
    const WIDTH: usize = 16;
    let mut lanes = [0.0_f32; WIDTH];
    let (pieces, rest) = numbers.as_chunks::<WIDTH>();
    for piece in pieces {
        for (lane, number) in lanes.iter_mut().zip(piece) {
            *lane += number * number;
        }
    }
    for (lane, number) in lanes.iter_mut().zip(rest) {
        *lane += number * number;
    }
    lanes.iter().sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn halves(numbers: &[f32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| f16::from_f32(*number).to_le_bytes()).collect()
    }

    #[test]
    #[expect(clippy::cast_possible_truncation, reason = "numbers of single precision")]
    fn cosines_are_those_of_the_numbers() {
        for count in [1, 3, 19, 64, 512, 1024] {
            let one: Vec<f32> = (0..count).map(|n| (n as f32 + 1.0).sin()).collect();
            let two: Vec<f32> = (0..count).map(|n| (n as f32 * 1.1 + 1.0).sin() - 0.3).collect();
            let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
            let expected = dot(&one, &two) / (dot(&one, &one) * dot(&two, &two)).sqrt();
            let (from, to) = (Direction::of(&one).unwrap(), Direction::of(&two).unwrap());
            let mut bytes = Vec::new();
            write_steps(to.steps(), &mut bytes);
            let found = from.closeness(&bytes);
            assert_eq!(found, closeness(from.steps(), to.steps()));
            assert!((f64::from(cosine(found)) - expected).abs() < 5e-5, "{count}: {} {expected}", cosine(found));
            let mut steps = Vec::new();
            read_steps(&bytes, &mut steps);
            assert_eq!(steps, to.steps());
            // As written in the dataset: halves, about at length one.
            let length = dot(&two, &two).sqrt();
            let written: Vec<f32> = two.iter().map(|number| (f64::from(*number) / length) as f32).collect();
            let read = Direction::read(&halves(&written)).unwrap();
            let found = cosine(closeness(from.steps(), read.steps()));
            assert!((f64::from(found) - expected).abs() < 5e-4, "{count}: {found} {expected}");
            assert!((cosine(closeness(read.steps(), read.steps())) - 1.0).abs() < 1e-3);
        }
    }

    #[test]
    fn what_has_no_direction_is_none() {
        for numbers in [&[0.0, 0.0][..], &[], &[f32::NAN, 1.0], &[f32::INFINITY, 1.0]] {
            assert_eq!(Direction::of(numbers), None, "{numbers:?}");
            assert_eq!(Direction::read(&halves(numbers)), None, "{numbers:?}");
        }
        assert_eq!(Direction::read(&[0, 60, 0]), None);
        // Halves of the least size that there is.
        assert_eq!(Direction::read(&[1, 0, 1, 128]).unwrap().steps(), [23_170, -23_170]);
    }
}
