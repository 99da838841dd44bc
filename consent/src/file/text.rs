//! Text of unknown encoding: UTF-8 where it can be, else what the carrier's habits suggest.

use super::bytes::Order;
use std::borrow::Cow;

/// UTF-8 if it is valid, else Latin-1, in which everything is valid.
pub(super) fn guess(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(latin1(bytes)),
    }
}

/// Every byte the character of its number.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

pub(super) fn utf16(bytes: &[u8], order: Order) -> String {
    let units = bytes.chunks_exact(2).map(|pair| match order {
        Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
        Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
    });
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn utf32(bytes: &[u8], order: Order) -> String {
    let units = bytes.chunks_exact(4).map(|four| {
        let four = [four[0], four[1], four[2], four[3]];
        let unit = if order == Order::Big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) };
        char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
    });
    units.collect()
}

/// UTF-16 whose order nobody states: by its mark, else by where the zeros of its Latin letters
/// stand, else as the carrier counts.
pub(super) fn utf16_guess(bytes: &[u8], carrier: Order) -> String {
    match bytes {
        [0xFE, 0xFF, rest @ ..] => return utf16(rest, Order::Big),
        [0xFF, 0xFE, rest @ ..] => return utf16(rest, Order::Little),
        _ => {}
    }
    let zeros = |offset: usize| bytes.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    match zeros(0).cmp(&zeros(1)) {
        std::cmp::Ordering::Greater => utf16(bytes, Order::Big),
        std::cmp::Ordering::Less => utf16(bytes, Order::Little),
        std::cmp::Ordering::Equal => utf16(bytes, carrier),
    }
}

/// XML in whichever Unicode encoding it is: by its mark, or by how its first `<` is written
/// (XML 1.0, appendix F; XMP part 1, section 7.3.2 has the same for the packet wrapper).
pub(super) fn xml(bytes: &[u8]) -> Cow<'_, str> {
    match bytes {
        [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<', ..] => Cow::Owned(utf32(bytes, Order::Big)),
        [0xFF, 0xFE, 0, 0, ..] | [b'<', 0, 0, 0, ..] => Cow::Owned(utf32(bytes, Order::Little)),
        [0xFE, 0xFF, ..] | [0, b'<', ..] => Cow::Owned(utf16(bytes, Order::Big)),
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => Cow::Owned(utf16(bytes, Order::Little)),
        _ => String::from_utf8_lossy(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(text: &str, order: Order) -> Vec<u8> {
        let bytes = |unit: u16| if order == Order::Big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn encodings_are_told_apart() {
        for order in [Order::Big, Order::Little] {
            assert_eq!(xml(&encode("<a>é</a>", order)), "<a>é</a>");
            assert_eq!(xml(&encode("\u{feff}<a/>", order)), "\u{feff}<a/>");
            assert_eq!(utf16_guess(&encode("Steps: 20", order), Order::Big), "Steps: 20");
            assert_eq!(utf16_guess(&encode("\u{feff}学習禁止", order), Order::Big), "学習禁止");
            assert_eq!(utf16_guess(&encode("学習禁止", order), order), "学習禁止");
        }
        assert_eq!(xml(b"<\0\0\0a\0\0\0"), "<a");
        assert_eq!(xml(b"\0\0\0<\0\0\0a"), "<a");
        assert_eq!(xml("<é>".as_bytes()), "<é>");
        assert_eq!(guess(b"\xA9 Name"), "© Name");
        assert_eq!(guess("© Name".as_bytes()), "© Name");
    }

    #[test]
    fn odd_ends_and_lone_surrogates_are_survived() {
        assert_eq!(utf16(&[0xD8, 0x00, 0x00], Order::Big), "\u{fffd}");
        assert_eq!(xml(&[0, 0, 0, b'<', 0xFF, 0xFF, 0xFF, 0xFF]), "<\u{fffd}");
        assert_eq!(xml(&[]), "");
    }
}
