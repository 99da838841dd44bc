//! A keyed hash that can be taken at many lengths of the same bytes in one pass.
//!
//! Entries may come from strangers, so the key is drawn anew in every process: nobody can prepare
//! addresses that all fall on one place of the table. What the hash finds is always compared in
//! full, so that a collision costs time and never changes an answer.

use std::hash::{BuildHasher, RandomState};

/// Two odd numbers without pattern (digits of π and of the golden ratio).
const MULTIPLIER: u64 = 0x2437_5A30_8D31_3199;
const LAST_MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// The secret of one process.
#[derive(Clone, Copy, Debug)]
pub(super) struct Secret(u64);

impl Default for Secret {
    fn default() -> Self {
        Self(RandomState::new().hash_one(0_u8))
    }
}

impl Secret {
    /// Hashes of beginnings of `bytes`. The same bytes under another `salt` hash otherwise.
    pub(super) fn beginnings(self, salt: u8, bytes: &[u8]) -> Beginnings<'_> {
        Beginnings { state: fold(self.0 ^ u64::from(salt), MULTIPLIER), bytes, done: 0 }
    }

    /// The hash of all of `bytes`.
    pub(super) fn hash(self, salt: u8, bytes: &[u8]) -> u32 {
        self.beginnings(salt, bytes).at(bytes.len())
    }
}

/// Hashes of beginnings of the same bytes, shorter ones first.
pub(super) struct Beginnings<'b> {
    bytes: &'b [u8],
    /// How many of them are in `state`: a multiple of eight.
    done: usize,
    state: u64,
}

impl Beginnings<'_> {
    /// The hash of the first `length` bytes; no shorter than asked for before.
    pub(super) fn at(&mut self, length: usize) -> u32 {
        while self.done + 8 <= length {
            let Some(word) = self.bytes.get(self.done..).and_then(|rest| rest.first_chunk()) else { break };
            self.state = fold(self.state ^ u64::from_le_bytes(*word), MULTIPLIER);
            self.done += 8;
        }
        let tail = self.bytes.get(self.done..length).unwrap_or_default();
        let mut word = [0; 8];
        for (place, byte) in word.iter_mut().zip(tail) {
            *place = *byte;
        }
        let hash = fold(self.state ^ u64::from_le_bytes(word), LAST_MULTIPLIER ^ length as u64);
        u32::try_from(hash >> 32).unwrap_or_default()
    }
}

/// Both halves of the product, so that every bit of the one factor reaches every bit of the sum.
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    let half = |bits: u128| u64::try_from(bits).unwrap_or_default();
    half(product & u128::from(u64::MAX)) ^ half(product >> 64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn beginnings_hash_as_by_themselves() {
        let secret = Secret::default();
        let bytes: Vec<u8> = (0..100).collect();
        let mut beginnings = secret.beginnings(3, &bytes);
        for length in [0, 1, 7, 8, 9, 9, 40, 63, 64, 99, 100] {
            assert_eq!(beginnings.at(length), secret.hash(3, &bytes[..length]), "{length}");
        }
    }

    #[test]
    fn hashes_are_spread() {
        let secret = Secret::default();
        let of = |salt, n: u32| secret.hash(salt, format!("host{n}.example/{n}").as_bytes());
        let tags: HashSet<u32> = (0..20_000).map(|n| of(0, n)).collect();
        assert!(tags.len() > 19_990, "{}", tags.len());
        // The table takes the upper bits for the place.
        let places: HashSet<u32> = tags.iter().map(|tag| tag >> 20).collect();
        assert!(places.len() > 4_000, "{}", places.len());
        assert_ne!(of(0, 1), of(1, 1), "the salt counts");
        assert_ne!(secret.hash(0, b"a"), secret.hash(0, b"a\0"), "the length counts");
    }
}
