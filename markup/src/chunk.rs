//! Bytes of the source looked at many at a time: which of sixteen are what is searched for, as a
//! set of bits, the first byte's the lowest.

use wide::u8x16;

/// Sixteen bytes of the source.
#[derive(Clone, Copy)]
pub(crate) struct Chunk(u8x16);

impl Chunk {
    pub(crate) const LENGTH: usize = 16;

    /// Those from `at` on, if there are so many.
    #[inline]
    pub(crate) fn at(bytes: &[u8], at: usize) -> Option<Self> {
        window(bytes, at).map(Self::of)
    }

    #[inline]
    pub(crate) fn of(bytes: &[u8; Self::LENGTH]) -> Self {
        Self(u8x16::new(*bytes))
    }

    /// Letters small; other bytes change too, but none into a letter.
    #[inline]
    pub(crate) fn small(self) -> Self {
        Self(self.0 | u8x16::splat(0x20))
    }

    /// Which are `byte`.
    #[inline]
    pub(crate) fn are(self, byte: u8) -> u32 {
        self.equal(byte).to_bitmask()
    }

    /// Which are one of two.
    #[inline]
    pub(crate) fn are_either(self, one: u8, other: u8) -> u32 {
        (self.equal(one) | self.equal(other)).to_bitmask()
    }

    /// Which are blanks.
    #[inline]
    pub(crate) fn are_blank(self) -> u32 {
        let feeds = self.equal(b'\n') | self.equal(b'\r') | self.equal(b'\x0c');
        (feeds | self.equal(b' ') | self.equal(b'\t')).to_bitmask()
    }

    /// Which may not mean themselves, or may be white space other than a blank: references, control characters, and the
    /// first bytes of characters beyond ASCII some of which are white space.
    #[inline]
    pub(crate) fn may_be_odd(self) -> u32 {
        let control = self.0.min(u8x16::splat(0x1F)).simd_eq(self.0);
        let wide = self.0.max(u8x16::splat(0xE1)).min(u8x16::splat(0xE3)).simd_eq(self.0);
        (control | wide | self.equal(0xC2) | self.equal(b'&')).to_bitmask()
    }

    /// Which may end the name of an attribute: all that do, and control characters.
    #[inline]
    pub(crate) fn may_end_attribute(self) -> u32 {
        (self.equal(b'=') | self.equal(b'>') | self.equal(b'/') | self.low()).to_bitmask()
    }

    /// Which are `quote`, and which of those before the first of them may begin a word that an element's class or id is
    /// asked for: `noai`, `no-ai`, `noimageai`, `footer`, those with `yr` in them, as `copyright` has it, and references.
    /// `before` and `after` are the bytes one place before and after.
    #[inline]
    pub(crate) fn labels(self, quote: u8, before: Self, after: Self) -> (u32, u32) {
        let (small, next) = (self.small(), after.small());
        let begins = before.low() | before.equal(quote);
        let no_or_fo = (small.equal(b'n') | small.equal(b'f')) & next.equal(b'o') & begins;
        let found = no_or_fo | small.equal(b'y') & next.equal(b'r') | self.equal(b'&');
        let ends = self.are(quote);
        (ends, found.to_bitmask() & ends.wrapping_sub(1) & !ends)
    }

    /// The same, each byte all ones or all zeros.
    #[inline]
    fn equal(self, byte: u8) -> u8x16 {
        self.0.simd_eq(u8x16::splat(byte))
    }

    /// Which are blanks or control characters.
    #[inline]
    fn low(self) -> u8x16 {
        self.0.min(u8x16::splat(b' ')).simd_eq(self.0)
    }
}

/// So many bytes from `at` on, if there are.
#[inline]
pub(crate) fn window<const LENGTH: usize>(bytes: &[u8], at: usize) -> Option<&[u8; LENGTH]> {
    bytes.get(at..at.checked_add(LENGTH)?)?.first_chunk()
}

/// Eight bytes from `at` on, the first the lowest, if there are so many.
#[inline]
pub(crate) fn word(bytes: &[u8], at: usize) -> Option<u64> {
    window(bytes, at).map(|part| u64::from_le_bytes(*part))
}

/// The first `length` bytes of `word`, at most eight, letters small; other bytes change too, but none into a letter,
/// a digit or a dash, save for blanks and control characters.
#[inline]
pub(crate) const fn small(word: u64, length: usize) -> u64 {
    (word | 0x2020_2020_2020_2020) & MASKS[if length > 8 { 8 } else { length }]
}

/// The first bytes of a word, by their number.
const MASKS: [u64; 9] = {
    let mut masks = [u64::MAX; 9];
    let mut length = 0;
    while length < 8 {
        masks[length] = (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};

/// The small letters of a short name as [`small`] gives them.
pub(crate) const fn packed(name: &[u8]) -> u64 {
    let (mut word, mut at) = (0, 0);
    while at < name.len() && at < 8 {
        word |= ((name[at] | 0x20) as u64) << (8 * at);
        at += 1;
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bits of those of `bytes` that `is` it.
    fn bits(bytes: [u8; 16], is: impl Fn(u8) -> bool) -> u32 {
        bytes.iter().enumerate().map(|(at, byte)| u32::from(is(*byte)) << at).sum()
    }

    #[test]
    fn sixteen_bytes_are_told_apart_as_one_is() {
        for first in (0..=255_u8).step_by(16) {
            let bytes = std::array::from_fn(|at| first + u8::try_from(at).unwrap());
            let chunk = Chunk::of(&bytes);
            assert_eq!(chunk.are(b'<'), bits(bytes, |byte| byte == b'<'));
            assert_eq!(chunk.are_either(b'&', 0xC2), bits(bytes, |byte| byte == b'&' || byte == 0xC2));
            assert_eq!(chunk.are_blank(), bits(bytes, crate::tokens::is_blank));
            assert_eq!(chunk.may_end_attribute(), bits(bytes, |byte| byte <= b' ' || b"=>/".contains(&byte)));
            let odd = |byte| byte < b' ' || [b'&', 0xC2, 0xE1, 0xE2, 0xE3].contains(&byte);
            assert_eq!(chunk.may_be_odd(), bits(bytes, odd));
        }
        assert!(Chunk::at(&[0; 16], 0).is_some() && Chunk::at(&[0; 16], 1).is_none());
        assert_eq!(small(word(b"xLi-K3>>>", 1).unwrap(), 5), packed(b"li-k3"));
    }
}
