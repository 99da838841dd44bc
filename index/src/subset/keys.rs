//! Keys of 128 bits that stand for texts, and for ids as they are.

use ahash::RandomState;
use std::hash::Hasher;

/// A key is a hash already.
#[derive(Default)]
pub(super) struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..piece.len()].copy_from_slice(piece);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    fn write_u128(&mut self, key: u128) {
        // Both halves: an id fills the lower one only.
        #[expect(clippy::cast_possible_truncation, reason = "the halves")]
        let (low, high) = (key as u64, (key >> 64) as u64);
        self.0 = low ^ high;
    }
}

/// Keys of texts: two hashes of 64 bits, whose own keys are made up anew each time. That two of a billion texts have the same one
/// by chance comes to pass less than once in 10²⁰ times. Nobody can prepare such a pair without knowing the hashes' keys; more is
/// not promised, since ahash is no cryptographic hash.
pub(super) struct Hashers(RandomState, RandomState);

impl Hashers {
    pub(super) fn new() -> Self {
        Self(RandomState::new(), RandomState::new())
    }

    pub(super) fn key(&self, text: &str) -> u128 {
        self.whole(self.first(text), text)
    }

    /// The first half of a text's key.
    pub(super) fn first(&self, text: &str) -> u64 {
        self.0.hash_one(text)
    }

    /// The whole of it.
    pub(super) fn whole(&self, first: u64, text: &str) -> u128 {
        u128::from(first) << 64 | u128::from(self.1.hash_one(text))
    }
}

/// What the first halves of many keys begin with, a bit for each beginning. There are at least sixteen times as many bits as
/// keys, so that of texts without a key fifteen in sixteen are told by one hash and a look at one word of memory.
pub(super) struct Beginnings {
    words: Vec<u64>,
    /// How far a half is shifted, so that its beginning is left.
    shift: u32,
}

impl Beginnings {
    pub(super) fn of(keys: impl ExactSizeIterator<Item = u128>) -> Self {
        let bits = (keys.len() * 16).max(64).ilog2() + 1;
        let mut beginnings = Self { words: vec![0; 1 << (bits - 6)], shift: 64 - bits };
        for key in keys {
            let (word, bit) = beginnings.place(u64::try_from(key >> 64).unwrap_or_default());
            beginnings.words[word] |= bit;
        }
        beginnings
    }

    /// Whether a key may begin with this half. Where it says no, none does.
    pub(super) fn may_begin(&self, first: u64) -> bool {
        let (word, bit) = self.place(first);
        self.words[word] & bit != 0
    }

    /// The word, and the bit in it.
    fn place(&self, first: u64) -> (usize, u64) {
        #[expect(clippy::cast_possible_truncation, reason = "fewer bits than a list in memory has entries times 32")]
        let place = (first >> self.shift) as usize;
        (place / 64, 1 << (place % 64))
    }
}
