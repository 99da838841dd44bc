//! Reading of numbers and slices that may not be there: every length in a file may lie.

use std::borrow::Cow;

/// Byte order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Big,
    Little,
}

/// The unsigned number of `size` bytes (at most eight) at `at`.
pub(super) fn number(bytes: &[u8], at: usize, size: usize, order: Order) -> Option<usize> {
    let digits = bytes.get(at..at.checked_add(size)?)?;
    let join = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
    let value = match order {
        Order::Big => digits.iter().fold(0, join),
        Order::Little => digits.iter().rev().fold(0, join),
    };
    usize::try_from(value).ok()
}

/// A big-endian number: most formats use these.
pub(super) fn big(bytes: &[u8], at: usize, size: usize) -> Option<usize> {
    number(bytes, at, size, Order::Big)
}

/// As much of `length` bytes from `start` on as there is.
pub(super) fn slice(bytes: &[u8], start: usize, length: usize) -> &[u8] {
    let start = start.min(bytes.len());
    let end = start.saturating_add(length).min(bytes.len());
    &bytes[start..end]
}

/// Some bytes and where in the file they lie (or, decompressed, came from).
#[derive(Debug)]
pub(super) struct Block<'a> {
    pub(super) byte: usize,
    pub(super) bytes: Cow<'a, [u8]>,
}

impl<'a> Block<'a> {
    pub(super) fn borrowed(byte: usize, bytes: &'a [u8]) -> Self {
        Self { byte, bytes: Cow::Borrowed(bytes) }
    }

    pub(super) fn owned(byte: usize, bytes: Vec<u8>) -> Self {
        Self { byte, bytes: Cow::Owned(bytes) }
    }

    /// As much of a part as there is, borrowed where it can be.
    pub(super) fn part(&self, start: usize, length: usize) -> Self {
        let bytes = match &self.bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(slice(bytes, start, length)),
            Cow::Owned(bytes) => Cow::Owned(slice(bytes, start, length).to_vec()),
        };
        Self { byte: self.byte.saturating_add(start), bytes }
    }
}

/// What stands before and after the first `separator`.
pub(super) fn split_at_byte(bytes: &[u8], separator: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(separator, bytes)?;
    Some((&bytes[..at], &bytes[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_is_not_read() {
        let bytes = [1, 2, 3, 4];
        assert_eq!(big(&bytes, 0, 2), Some(0x0102));
        assert_eq!(number(&bytes, 1, 3, Order::Little), Some(0x0004_0302));
        assert_eq!(big(&bytes, 3, 2), None);
        assert_eq!(big(&bytes, usize::MAX, 8), None);
        assert_eq!(slice(&bytes, 2, usize::MAX), [3, 4]);
        assert_eq!(slice(&bytes, 9, 1), [0_u8; 0]);
        assert_eq!(split_at_byte(b"key\0value", 0), Some((&b"key"[..], &b"value"[..])));
    }
}
