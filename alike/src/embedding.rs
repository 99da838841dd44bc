//! Embeddings as the dataset keeps them: float16, little-endian.

use half::{f16, slice::HalfFloatSliceExt};

/// A picture's embedding, and its length.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding {
    numbers: Box<[f16]>,
    length: f32,
}

impl Embedding {
    /// Reads the column's bytes. `None` where they are none, or no direction: zeros, infinities.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let numbers: Box<[f16]> = pairs.iter().map(|pair| f16::from_le_bytes(*pair)).collect();
        // Written at length one, but for what halves lose.
        let length = dot(&numbers, &numbers).sqrt();
        (rest.is_empty() && length.is_normal()).then_some(Self { numbers, length })
    }

    /// How many numbers it has.
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Its numbers, at length one.
    pub(crate) fn numbers(&self) -> Vec<f32> {
        let mut numbers = vec![0.0; self.numbers.len()];
        self.numbers.convert_to_f32_slice(&mut numbers);
        for number in &mut numbers {
            *number /= self.length;
        }
        numbers
    }

    /// The cosine of both; `None` where they have not as many numbers.
    pub fn cosine(&self, other: &Self) -> Option<f32> {
        let is_comparable = self.numbers.len() == other.numbers.len();
        is_comparable.then(|| dot(&self.numbers, &other.numbers) / (self.length * other.length))
    }
}

/// In pieces, which are turned into single precision at once where the processor can.
fn dot(one: &[f16], other: &[f16]) -> f32 {
    const PIECE: usize = 64;
    let (mut a, mut b) = ([0.0; PIECE], [0.0; PIECE]);
    let mut sum = 0.0;
    for (one, other) in one.chunks(PIECE).zip(other.chunks(PIECE)) {
        let (a, b) = (&mut a[..one.len()], &mut b[..other.len()]);
        one.convert_to_f32_slice(a);
        other.convert_to_f32_slice(b);
        sum += a.iter().zip(b).map(|(a, b)| *a * *b).sum::<f32>();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(numbers: &[f32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| f16::from_f32(*number).to_le_bytes()).collect()
    }

    #[test]
    fn cosines_are_those_of_the_written_numbers() {
        let one: Vec<f32> = (0..19).map(|n| (n as f32).sin()).collect();
        let two: Vec<f32> = (0..19).map(|n| (n as f32 * 1.1).sin()).collect();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
        let expected = dot(&one, &two) / (dot(&one, &one) * dot(&two, &two)).sqrt();
        let [one, two] = [&one, &two].map(|numbers| Embedding::read(&bytes(numbers)).unwrap());
        assert!((f64::from(one.cosine(&two).unwrap()) - expected).abs() < 1e-3);
        assert!((one.cosine(&one).unwrap() - 1.0).abs() < 1e-6);
        assert_eq!(one.cosine(&Embedding::read(&bytes(&[1.0])).unwrap()), None);
    }

    #[test]
    fn what_has_no_direction_is_none() {
        for numbers in [&[0.0, 0.0][..], &[], &[f32::NAN, 1.0], &[f32::INFINITY, 1.0]] {
            assert_eq!(Embedding::read(&bytes(numbers)), None, "{numbers:?}");
        }
        assert_eq!(Embedding::read(&[0, 60, 0]), None);
    }
}
