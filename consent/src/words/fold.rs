//! Folds the characters of a text: lower case, compatibility forms, marks and accents, what cannot be seen.

use crate::shortcut;
use std::sync::OnceLock;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A character on its way, with the place it came from.
#[derive(Clone, Copy)]
pub(super) struct Letter {
    pub(super) char: char,
    pub(super) origin: u32,
}

/// `text` letter by letter, runs of blanks as one.
pub(super) fn folded(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(text.len());
    let mut push = |char: char, at: usize| {
        let repeats = char == ' ' && letters.last().is_none_or(|last| last.char == ' ');
        if !repeats {
            letters.push(Letter { char, origin: origin(at) });
        }
    };
    let (bytes, mut at) = (text.as_bytes(), 0);
    while let Some(byte) = bytes.get(at) {
        if byte.is_ascii() && bytes.get(at + 1).is_none_or(u8::is_ascii) {
            push(plain_ascii(*byte).into(), at);
            at += 1;
        } else if let Some((char, length)) = at_once(&text[at..]).filter(|_| shortcut::is_taken()) {
            push(char, at);
            at += length;
        } else {
            at += take_unit(&text[at..], |char, within| push(plain(char), at + within));
        }
    }
    letters
}

/// The first letter folded and its length as written, if it is one letter that needs no look at those after
/// it: as most are in scripts other than Latin.
fn at_once(text: &str) -> Option<(char, usize)> {
    let mut chars = text.chars();
    let (first, next) = (chars.next()?, chars.next());
    let next_begins = next.is_none_or(|next| known(next).is_some_and(|next| next.begins));
    let folded = known(first).and_then(|first| first.folded);
    folded.filter(|_| next_begins).map(|folded| (folded, first.len_utf8()))
}

/// What is known of a character by itself.
#[derive(Clone, Copy)]
struct Known {
    /// What it is folded to, where that is one character.
    folded: Option<char>,
    /// Whether it begins a unit: it can be seen, and is no mark on the one before.
    begins: bool,
}

/// Characters in one block of those that are known.
const BLOCK: usize = 256;
/// Blocks up to the last character of two bytes in UTF-16.
const BLOCKS: usize = 256;

/// What is known of a character; nothing of the rare ones.
fn known(char: char) -> Option<Known> {
    static ALL: [OnceLock<Box<[Known]>>; BLOCKS] = [const { OnceLock::new() }; BLOCKS];
    let number = char as usize;
    let block = ALL.get(number / BLOCK)?;
    let of_block = || (0..BLOCK).map(|at| Known::of(number / BLOCK * BLOCK + at)).collect();
    block.get_or_init(of_block).get(number % BLOCK).copied()
}

impl Known {
    fn of(number: usize) -> Self {
        let char = u32::try_from(number).ok().and_then(char::from_u32).filter(|char| !is_invisible(*char));
        let Some(char) = char else { return Self { folded: None, begins: false } };
        let mut all = Vec::new();
        fold_unit(char.encode_utf8(&mut [0; 4]), |char| all.push(plain(char)));
        Self { folded: Some(all).filter(|all| all.len() == 1).map(|all| all[0]), begins: !continues(char) }
    }
}

/// Folds the first unit: a letter with the marks that follow it, invisible characters left out. Tells how
/// long it is; `push` is told where within it each character began.
fn take_unit(text: &str, mut push: impl FnMut(char, usize)) -> usize {
    let mut rest = text.char_indices().filter(|(_, char)| !is_invisible(*char)).peekable();
    let Some((begin, first)) = rest.next() else { return text.len() };
    if first.is_ascii() && rest.peek().is_none_or(|(_, next)| next.is_ascii()) {
        push(first.to_ascii_lowercase(), begin);
    } else {
        let mut unit = String::from(first);
        while let Some((_, mark)) = rest.next_if(|(_, next)| continues(*next) && unit.len() < MAX_UNIT_BYTES) {
            unit.push(mark);
        }
        fold_unit(&unit, |char| push(char, begin));
    }
    rest.peek().map_or(text.len(), |(next, _)| *next)
}

/// Pieces of texts are far shorter than 4 GiB.
pub(super) fn origin(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// What [`plain`] makes of an ASCII character in lower case.
const fn plain_ascii(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => byte.to_ascii_lowercase(),
        0..=b' ' | 0x7F | b'-' | b'_' | b'*' | b'~' | b'`' | b'"' => b' ',
        b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' => b' ',
        _ => byte,
    }
}

/// A stack of marks higher than this belongs to no word.
const MAX_UNIT_BYTES: usize = 32;

/// Folds a pattern's literal characters as texts are folded; what is ASCII stays as it is.
pub(super) fn fold_pattern(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    for char in pattern.nfc() {
        if char.is_ascii() {
            text.push(char);
        } else {
            fold_unit(char.encode_utf8(&mut [0; 4]), |char| text.push(char));
        }
    }
    text
}

fn fold_unit(unit: &str, mut push: impl FnMut(char)) {
    for char in unit.nfkc().flat_map(char::to_lowercase) {
        match char {
            // Composed kana and Hangul stay: taken apart they are other letters.
            '\u{3040}'..='\u{30FF}' | '\u{AC00}'..='\u{D7A3}' => push(char),
            'ß' => "ss".chars().for_each(&mut push),
            'æ' => "ae".chars().for_each(&mut push),
            'œ' => "oe".chars().for_each(&mut push),
            'đ' | 'ð' => push('d'),
            'ł' => push('l'),
            'ø' => push('o'),
            'ı' => push('i'),
            'ς' => push('σ'),
            '\u{640}' => {} // Arabic lengthening, a matter of type
            _ => std::iter::once(char).nfd().filter(|part| !is_accent(*part)).for_each(&mut push),
        }
    }
}

/// Marks on Latin, Cyrillic, Greek, Hebrew and Arabic letters, which many leave out. Thai and
/// Indic marks are vowels and stay.
fn is_accent(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Whether a character belongs to the one before it: marks, and the parts of a Hangul syllable.
fn continues(char: char) -> bool {
    !char.is_ascii() && (is_combining_mark(char) || matches!(char, '\u{1161}'..='\u{11FF}' | '\u{FF9E}' | '\u{FF9F}'))
}

/// Characters without width, soft hyphens, direction and variation marks.
pub(super) fn is_invisible(char: char) -> bool {
    matches!(char, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E01EF}')
}

/// Hyphens, brackets, quotation and emphasis marks separate words and mean nothing else here.
fn plain(char: char) -> char {
    match char {
        'a'..='z' | '0'..='9' | ' ' => char,
        '\'' | '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{2BC}' | '\u{B4}' => '\'',
        '-' | '_' | '*' | '~' | '`' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{AB}' | '\u{BB}' | '\u{201C}'..='\u{201F}' => ' ',
        '\u{2033}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301F}' | '\u{FE58}' | '\u{FE63}' => ' ',
        char if char.is_whitespace() || char.is_control() => ' ',
        char => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(text: &str) -> Vec<(char, u32)> {
        folded(text).iter().map(|letter| (letter.char, letter.origin)).collect()
    }

    #[test]
    fn ascii_is_plain_by_either_way() {
        for byte in 0..0x80_u8 {
            assert_eq!(char::from(plain_ascii(byte)), plain(char::from(byte).to_ascii_lowercase()), "{byte}");
        }
    }

    #[test]
    fn every_character_is_folded_alike_either_way() {
        for char in (0..0x2_0000).chain(0xE_0000..0xE_0200).filter_map(char::from_u32) {
            for text in [format!("o{char}o"), format!("{char}\u{301}"), format!("é{char}{char}学")] {
                assert_eq!(shown(&text), shortcut::without(|| shown(&text)), "{char:?} {:x}", u32::from(char));
            }
        }
    }

    proptest! {
        #[test]
        fn every_text_is_folded_alike_either_way(text in any::<String>(), marked in "[a-zé\u{300}-\u{303}\u{AD}\u{200B}ｶﾞ학\u{1112}\u{1161}\u{11A8} ]{0,12}") {
            for text in [&text, &marked] {
                prop_assert_eq!(shown(text), shortcut::without(|| shown(text)));
            }
        }
    }
}
