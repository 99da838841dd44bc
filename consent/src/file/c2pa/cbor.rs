//! CBOR (RFC 8949) into values: every major type, indefinite lengths, and lengths that lie.

use super::value::{MAX_BOX_BYTES, Unreadable, Value};
use std::borrow::Cow;

/// Deepest nesting read. Assertions need four levels.
const MAX_DEPTH: usize = 32;
/// The byte that ends an item of indefinite length.
const BREAK: u8 = 0xFF;

/// Reads the first item of `bytes`. What follows it is padding to us.
pub(super) fn read(bytes: &[u8]) -> Result<Value<'_>, Unreadable> {
    if bytes.len() > MAX_BOX_BYTES {
        return Err(Unreadable);
    }
    Reader { rest: bytes }.item(0)
}

struct Reader<'a> {
    rest: &'a [u8],
}

/// First byte of an item and the number that belongs to it (RFC 8949 section 3).
struct Head {
    major: u8,
    /// `None` for an indefinite length.
    argument: Option<u64>,
}

impl<'a> Reader<'a> {
    fn item(&mut self, depth: usize) -> Result<Value<'a>, Unreadable> {
        if depth > MAX_DEPTH {
            return Err(Unreadable);
        }
        let head = self.head()?;
        match (head.major, head.argument) {
            // Numbers.
            (0 | 1, Some(_)) => Ok(Value::Other),
            (2, length) => self.string(2, length).map(|_| Value::Other),
            (3, length) => self.string(3, length).map(|bytes| Value::Text(text(bytes))),
            (4, count) => self.array(count, depth),
            (5, count) => self.map(count, depth),
            // A tag says how to take what follows; we take it as it is.
            (6, Some(_)) => self.item(depth + 1),
            (7, Some(20)) => Ok(Value::Bool(false)),
            (7, Some(21)) => Ok(Value::Bool(true)),
            // Null, other simple values, floats of any width: `head` has stepped over them.
            (7, Some(_)) => Ok(Value::Other),
            _ => Err(Unreadable),
        }
    }

    fn head(&mut self) -> Result<Head, Unreadable> {
        let [first] = *self.take(1)? else { return Err(Unreadable) };
        let argument = match first & 0x1F {
            small @ 0..=23 => Some(u64::from(small)),
            width @ 24..=27 => Some(self.number(1 << (width - 24))?),
            31 => None,
            // Reserved (RFC 8949 section 3): how long the item is cannot be known.
            _ => return Err(Unreadable),
        };
        Ok(Head { major: first >> 5, argument })
    }

    fn number(&mut self, width: usize) -> Result<u64, Unreadable> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// A byte or text string, in one piece or in chunks (RFC 8949 section 3.2.3).
    fn string(&mut self, major: u8, length: Option<u64>) -> Result<Cow<'a, [u8]>, Unreadable> {
        if let Some(length) = length {
            return self.take_long(length).map(Cow::Borrowed);
        }
        let mut whole = Vec::new();
        while !self.ends() {
            let chunk = self.head()?;
            let length = chunk.argument.filter(|_| chunk.major == major).ok_or(Unreadable)?;
            whole.extend_from_slice(self.take_long(length)?);
        }
        Ok(Cow::Owned(whole))
    }

    /// Grows as items are found: a count is only believed when they are there.
    fn array(&mut self, count: Option<u64>, depth: usize) -> Result<Value<'a>, Unreadable> {
        let mut items = Vec::new();
        let mut left = count;
        while self.another(&mut left) {
            items.push(self.item(depth + 1)?);
        }
        Ok(Value::Array(items))
    }

    fn map(&mut self, count: Option<u64>, depth: usize) -> Result<Value<'a>, Unreadable> {
        let mut pairs = Vec::new();
        let mut left = count;
        while self.another(&mut left) {
            let key = self.item(depth + 1)?.into_key();
            pairs.push((key, self.item(depth + 1)?));
        }
        Ok(Value::Map(pairs))
    }

    /// Whether a list goes on; counts down, or looks for the break.
    fn another(&mut self, left: &mut Option<u64>) -> bool {
        match left {
            Some(0) => false,
            Some(count) => {
                *count -= 1;
                true
            }
            None => !self.ends(),
        }
    }

    /// Steps over a break, if here is one.
    fn ends(&mut self) -> bool {
        let Some(rest) = self.rest.strip_prefix(&[BREAK]) else { return false };
        self.rest = rest;
        true
    }

    fn take_long(&mut self, length: u64) -> Result<&'a [u8], Unreadable> {
        self.take(usize::try_from(length).map_err(|_| Unreadable)?)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Unreadable)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn text(bytes: Cow<'_, [u8]>) -> Cow<'_, str> {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an item says, in diagnostic notation.
    fn said(bytes: &[u8]) -> Option<String> {
        let mut out = String::new();
        read(bytes).ok()?.write(&mut out);
        Some(out)
    }

    #[test]
    fn items_are_read() {
        for (bytes, expected) in [
            // RFC 8949 appendix A, with what says nothing to us as "…".
            (&b"\x00"[..], "…"),
            (b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff", "…"),
            (b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", "…"),
            (b"\xf9\x3c\x00", "…"),
            (b"\xfa\x47\xc3\x50\x00", "…"),
            (b"\xfb\x7e\x37\xe4\x3c\x88\x00\x75\x9c", "…"),
            (b"\xf4", "false"),
            (b"\xf5", "true"),
            (b"\xf6", "…"),
            (b"\xf8\xff", "…"),
            (b"\x43abc", "…"),
            (b"\x60", "\"\""),
            (b"\x62\xc3\xbc", "\"ü\""),
            (b"\x83\x01\x61a\xf5", "[…, \"a\", true]"),
            (b"\xa2\x61a\x61b\x61c\x80", "{\"a\": \"b\", \"c\": []}"),
            (b"\xc1\x1a\x51\x4b\x67\xb0", "…"),
            (b"\xd8\x20\x61u", "\"u\""),
            (b"\x5f\x42ab\x41c\xff", "…"),
            (b"\x7f\x65strea\x64ming\xff", "\"streaming\""),
            (b"\x9f\x61a\x9f\xff\xff", "[\"a\", []]"),
            (b"\xbf\x61a\xf4\xff", "{\"a\": false}"),
            // A length written longer than needed.
            (b"\x7b\x00\x00\x00\x00\x00\x00\x00\x01a", "\"a\""),
            // Keys that stand twice, keys that are no text.
            (b"\xa2\x61a\xf4\x61a\xf5", "{\"a\": false, \"a\": true}"),
            (b"\xa1\x01\xf5", "{\"\": true}"),
            // Invalid UTF-8, and padding behind the item.
            (b"\x62a\xff", "\"a\u{FFFD}\""),
            (b"\x61a\x00\x00", "\"a\""),
        ] {
            assert_eq!(said(bytes).as_deref(), Some(expected), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_is_not_well_formed_is_unreadable() {
        for bytes in [
            &b""[..],
            b"\x62a",
            b"\x1c",
            b"\x1f",
            b"\xdf\x00",
            b"\xff",
            b"\x81",
            b"\xa1\x61a",
            b"\x9f\x61a",
            b"\xbf\x61a\xff",
            b"\x7f\x41a\xff",
            b"\x7f\x7f\x61a\xff\xff",
            // Lengths that lie.
            b"\x7b\xff\xff\xff\xff\xff\xff\xff\xffa",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x00",
            b"\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00",
        ] {
            assert_eq!(said(bytes), None, "{bytes:02x?}");
        }
    }

    #[test]
    fn nesting_and_size_are_bounded() {
        let nested = |byte: u8, depth: usize| [vec![byte; depth], vec![0]].concat();
        assert!(read(&nested(0x81, MAX_DEPTH)).is_ok());
        assert_eq!(read(&nested(0x81, MAX_DEPTH + 1)), Err(Unreadable));
        assert_eq!(read(&nested(0xC1, 200_000)), Err(Unreadable));
        assert_eq!(read(&nested(0x9F, 200_000)), Err(Unreadable));
        assert_eq!(read(&vec![0x60; MAX_BOX_BYTES + 1]), Err(Unreadable));
    }
}
