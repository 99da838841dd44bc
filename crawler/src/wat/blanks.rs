//! White space of texts, collapsed.

use std::borrow::Cow;
use wide::u8x16;

/// So many bytes are looked at in one go.
const CHUNK: usize = 16;

/// Runs of white space become one space each, those at the ends nothing; `None` where nothing is left.
pub(super) fn collapsed(text: Cow<'_, str>) -> Option<String> {
    if is_collapsed(text.as_bytes()) {
        return Some(text.into_owned());
    }
    let mut words = text.split_whitespace();
    let mut line = String::with_capacity(text.len());
    line.push_str(words.next()?);
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    Some(line)
}

/// Whether it is told at a glance that there is nothing to collapse.
fn is_collapsed(text: &[u8]) -> bool {
    if text.first().is_none_or(|first| *first == b' ') || text.ends_with(b" ") {
        return false;
    }
    let Some(last) = text.last_chunk() else {
        let mut padded = [b'-'; CHUNK];
        padded[..text.len()].copy_from_slice(text);
        return !is_odd(&padded);
    };
    let mut found = is_odd(last);
    let mut rest = text;
    while let Some(chunk) = rest.first_chunk() {
        found |= is_odd(chunk);
        // Each shares a byte with the next, so that two spaces side by side are in one of them.
        rest = &rest[CHUNK - 1..];
    }
    !found
}

/// Whether there are two spaces side by side, control characters, or first bytes of characters beyond ASCII some of
/// which are white space.
#[inline]
fn is_odd(chunk: &[u8; CHUNK]) -> bool {
    let chunk = u8x16::new(*chunk);
    let equal = |byte| chunk.simd_eq(u8x16::splat(byte));
    let control = chunk.min(u8x16::splat(0x1F)).simd_eq(chunk);
    let wide = chunk.max(u8x16::splat(0xE1)).min(u8x16::splat(0xE3)).simd_eq(chunk);
    let spaces = equal(b' ').to_bitmask();
    (control | wide | equal(0xC2)).to_bitmask() | (spaces & (spaces >> 1)) != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slowly(text: &str) -> Option<String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// Every character there is, at either end of texts of every length around that of a chunk, and within.
    #[test]
    fn every_white_space_is_collapsed_wherever_it_stands() {
        let blank: Vec<char> = ('\0'..=char::MAX).filter(|char| char.is_whitespace()).collect();
        assert_eq!(blank.len(), 25);
        for length in 0..50 {
            for odd in blank.iter().chain(&['é', 'я', '猫', '😀', '\u{7f}', '\0']) {
                for place in 0..=length {
                    for filling in ["x", "я"] {
                        let (before, after) = (filling.repeat(place), filling.repeat(length - place));
                        for middle in [format!("{odd}"), format!("{odd} "), format!(" {odd}")] {
                            let text = format!("{before}{middle}{after}");
                            assert_eq!(collapsed(text.as_str().into()), slowly(&text), "{text:?}");
                        }
                    }
                }
            }
        }
    }

    /// No character of white space is taken for plain.
    #[test]
    fn only_single_spaces_are_plain() {
        for char in ('\0'..=char::MAX).filter(|char| char.is_whitespace() && *char != ' ') {
            assert!(!is_collapsed(format!("a{char}b").as_bytes()), "{char:?}");
        }
        assert!(is_collapsed("Ein müder Hund".as_bytes()) && is_collapsed("рыжий кот на окне".as_bytes()));
        assert!(!is_collapsed(b"a  b") && !is_collapsed(b" a") && !is_collapsed(b"a ") && !is_collapsed(b""));
    }
}
