//! Charsets in which somebody may have read UTF-8, and what UTF-8 looks like as bytes.

use encoding_rs::{
    Encoding, ISO_8859_2, MACINTOSH, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252, WINDOWS_1253, WINDOWS_1254, WINDOWS_1257,
};
use std::sync::LazyLock;

/// Stands for a byte that somebody lost (U+FFFD), as in ftfy.
pub(super) const LOST: u8 = 0x1a;

/// What the bytes of a charset stand for, from 0x80 on.
pub(super) struct Charset {
    pub(super) high: Vec<char>,
    /// The web's usual one: single characters of it convince, and runs of it are repaired where the whole text is not of it.
    pub(super) is_western: bool,
}

/// In the order in which they are tried.
pub(super) static CHARSETS: LazyLock<Vec<Charset>> = LazyLock::new(|| {
    let others = [WINDOWS_1251, WINDOWS_1250, WINDOWS_1253, WINDOWS_1254, WINDOWS_1257, ISO_8859_2, MACINTOSH]
        .map(|it| Charset::of(it, false));
    [Charset::of(WINDOWS_1252, true)].into_iter().chain(others).collect()
});

impl Charset {
    fn of(encoding: &'static Encoding, is_western: bool) -> Self {
        let character = |byte: u8| encoding.decode_without_bom_handling(&[byte]).0.chars().next();
        Self { high: (0x80..=0xff).filter_map(character).collect(), is_western }
    }

    pub(super) fn byte(&self, letter: char) -> Option<u8> {
        match letter {
            // Latin-1 has it under the same number, control characters too.
            '\0'..='\u{7f}' if letter != char::from(LOST) => u8::try_from(letter).ok(),
            '\u{80}'..='\u{ff}' if self.is_western => u8::try_from(u32::from(letter)).ok(),
            char::REPLACEMENT_CHARACTER => Some(LOST),
            _ => self.high.iter().position(|known| *known == letter).and_then(|at| u8::try_from(at + 0x80).ok()),
        }
    }

    /// All of `text`, if it can be written in this charset.
    pub(super) fn bytes(&self, text: &str) -> Option<Vec<u8>> {
        text.chars().map(|letter| self.byte(letter)).collect()
    }
}

/// The character that `bytes` begin with, if UTF-8 writes it with several.
pub(super) fn sequence(bytes: &[u8]) -> Option<&[u8]> {
    let count = match bytes.first()? {
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf4 => 3,
        _ => return None,
    };
    bytes.get(..=count).filter(|sequence| sequence[1..].iter().copied().all(follows))
}

pub(super) fn follows(byte: u8) -> bool {
    (0x80..=0xbf).contains(&byte) || byte == LOST
}
