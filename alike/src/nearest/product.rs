//! Sums of products of steps: all that a search computes.
//!
//! Written as plain loops, of which the compiler makes one version for processors with AVX2 and one for all others, so that
//! nothing here is unsafe and both give the same sums. Which of them runs is found out once; a call costs a jump, so that many
//! rows are held against one at a time.

use multiversion::multiversion;

/// So many products are added up side by side. Of such a loop the compiler makes the instruction that multiplies sixteen
/// numbers at a time and adds them in pairs; with half as many or twice as many it does not, or waits for each sum.
const LANES: usize = 32;

/// Holds `one` against each of `rows`, which lie one behind the other in little-endian bytes.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn with_bytes(one: &[i16], rows: &[u8], sums: &mut [i32]) {
    products(one, rows.as_chunks().0, sums, i16::from_le_bytes);
}

/// The same of `rows` that are numbers already.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn with_steps(one: &[i16], rows: &[i16], sums: &mut [i32]) {
    products(one, rows, sums, |step| step);
}

/// A row of the first half and one of the second by turns: memory brings both at the same time.
#[expect(clippy::inline_always, reason = "compiled for the processor that the caller is compiled for")]
#[inline(always)]
fn products<T: Copy>(one: &[i16], rows: &[T], sums: &mut [i32], step: impl Fn(T) -> i16 + Copy) {
    let count = sums.len().min(rows.len() / one.len().max(1));
    let half = count.div_ceil(2);
    for first in 0..half {
        for at in (first..count).step_by(half) {
            sums[at] = product(one, &rows[at * one.len()..(at + 1) * one.len()], step);
        }
    }
}

/// Lengths of one keep the sum within 31 bits, however many numbers there are. It is added without a check, since one at each
/// step would keep a debug build from taking many at a time.
#[expect(clippy::inline_always, reason = "likewise")]
#[inline(always)]
fn product<T: Copy>(one: &[i16], other: &[T], step: impl Fn(T) -> i16) -> i32 {
    let (ones, one_rest) = one.as_chunks::<LANES>();
    let (others, other_rest) = other.as_chunks::<LANES>();
    let mut sums = [0_i32; LANES];
    for (one, other) in ones.iter().zip(others) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum = sum.wrapping_add(i32::from(*one) * i32::from(step(*other)));
        }
    }
    let sum = sums.iter().fold(0_i32, |all, sum| all.wrapping_add(*sum));
    let rest = one_rest.iter().zip(other_rest);
    rest.fold(sum, |all, (one, other)| all.wrapping_add(i32::from(*one) * i32::from(step(*other))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_a_plain_loop() {
        for length in [0, 1, 31, 32, 33, 70, 512] {
            let numbers = |seed: i32| -> Vec<i16> {
                let numbers = (0..length * 7).map(|at| (at * 7919 + seed) % 65_536 - 32_768);
                numbers.map(|number| i16::try_from(number / 16).unwrap()).collect()
            };
            let (one, rows) = (&numbers(1)[..usize::try_from(length).unwrap()], numbers(4711));
            let expected: Vec<i32> = rows
                .chunks_exact(one.len().max(1))
                .map(|row| one.iter().zip(row).map(|(one, other)| i32::from(*one) * i32::from(*other)).sum())
                .collect();
            for count in 0..=expected.len() {
                let mut sums = vec![0; count];
                with_steps(one, &rows, &mut sums);
                assert_eq!(sums, expected[..count], "{length}");
                let bytes: Vec<u8> = rows.iter().flat_map(|step| step.to_le_bytes()).collect();
                with_bytes(one, &bytes, &mut sums);
                assert_eq!(sums, expected[..count], "{length}");
            }
        }
    }
}
