//! White space and lengths.

use crate::chunk::Chunk;

/// White space collapsed; `None` where nothing is left.
pub(crate) fn collapsed(text: &str) -> Option<String> {
    let mut words = words(text);
    let mut line = String::with_capacity(text.len());
    line.push_str(words.next()?);
    for word in words {
        line.push(' ');
        line.push_str(word);
    }
    Some(line)
}

/// Whether source is one word, or words that a space parts, and means what is written: as most of it is.
#[inline]
pub(crate) fn is_plain(source: &str) -> bool {
    let bytes = source.as_bytes();
    let (chunks, rest) = bytes.as_chunks();
    let mut last = [b'.'; Chunk::LENGTH];
    last[..rest.len()].copy_from_slice(rest);
    // As if a blank stood before.
    let mut after = 1;
    let mut plain = |chunk| {
        let chunk = Chunk::of(chunk);
        let blanks = chunk.are(b' ');
        let is_plain = (blanks & (blanks << 1 | after)) | chunk.may_be_odd() == 0;
        after = blanks >> (Chunk::LENGTH - 1);
        is_plain
    };
    bytes.last().is_some_and(|byte| *byte != b' ') && chunks.iter().all(&mut plain) && plain(&last)
}

/// What stands between white space.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.len() - trimmed_start(rest).len();
        let word = &rest[start..];
        let length = word_end(word);
        rest = &word[length..];
        (length > 0).then_some(&word[..length])
    })
}

fn trimmed_start(text: &str) -> &str {
    let plain = text.bytes().take_while(|byte| *byte == b' ').count();
    match text.as_bytes().get(plain) {
        Some(byte) if KINDS[usize::from(*byte)] == WORD => &text[plain..],
        _ => text.trim_start(),
    }
}

/// Where the word at the beginning of `text` ends.
fn word_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match KINDS[usize::from(*byte)] {
            WORD => at += 1,
            BLANK => return at,
            _ => match text[at..].chars().next() {
                Some(letter) if !letter.is_whitespace() => at += letter.len_utf8(),
                _ => return at,
            },
        }
    }
    at
}

const WORD: u8 = 0;
const BLANK: u8 = 1;
const EITHER: u8 = 2;

/// What a byte says of the character that it belongs to: that it is white space or not, or, at the beginning of a
/// longer one, that it may be.
const KINDS: [u8; 256] = {
    let mut kinds = [WORD; 256];
    let mut at = 0;
    while at < kinds.len() {
        kinds[at] = match at {
            0x09..=0x0D | 0x20 => BLANK,
            0xC2 | 0xE1..=0xE3 => EITHER,
            _ => WORD,
        };
        at += 1;
    }
    kinds
};

/// The beginning of `text`, at most so many bytes, in memory of its own.
pub(crate) fn clipped(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_stands_between_white_space() {
        for letter in (0..=0x3100).chain(0xFEFF..=0xFEFF).filter_map(char::from_u32) {
            for text in [format!("{letter}"), format!(" a{letter}b  {letter}"), format!("{letter}{letter}é\u{3000}")] {
                assert!(words(&text).eq(text.split_whitespace()), "{text:?}");
            }
        }
        for (source, plain) in [
            ("", false),
            (" ", false),
            ("a", true),
            (" a", false),
            ("a ", false),
            ("a b ü €", false),
            ("a b ü \u{7f}", true),
            ("a  b", false),
            ("a\tb", false),
            ("a&amp;", false),
            ("a\u{3000}", false),
            ("a\u{a0}", false),
            ("0123456789abcde f", true),
            ("0123456789abcde  f", false),
            ("0123456789abcdef  g", false),
            ("0123456789abcdef g", true),
            ("0123456789abcdef ", false),
        ] {
            assert_eq!(is_plain(source), plain, "{source:?}");
        }
        assert_eq!(collapsed(" \n"), None);
        assert_eq!(collapsed("\u{a0}a \n b").as_deref(), Some("a b"));
    }
}
