//! Texts that fit any picture ("image", "logo", "no image available"), by a table of many languages.

use std::{collections::HashSet, sync::LazyLock};

/// Longer texts are not looked for. Those of the table are shorter.
const MOST_BYTES: usize = 80;

/// The table, in the form in which texts are compared.
static TEXTS: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let lines = include_str!("../../../data/generic-texts.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).map(|(_, text)| folded(text)).collect()
});

/// Which lengths the texts have that begin with a byte, as a set of bits: most texts are told by that alone.
static LENGTHS: LazyLock<[u128; 128]> = LazyLock::new(|| {
    let mut lengths = [0; 128];
    for text in TEXTS.iter() {
        if let Some(set) = text.bytes().next().and_then(|first| lengths.get_mut(usize::from(first))) {
            *set |= 1 << text.len().min(127);
        }
    }
    lengths
});

/// Whether `text` is one of them, with or without a number behind it.
pub(super) fn is_one(text: &str) -> bool {
    if text.len() > MOST_BYTES {
        return false;
    }
    if text.is_ascii() {
        // The same, where marks and numbers are all that is no letter.
        let whole = text.trim_matches(|character: char| !character.is_ascii_alphanumeric());
        return is_in_table(whole)
            || (whole.ends_with(|character: char| character.is_ascii_digit())
                && without_number(whole).is_some_and(is_in_table));
    }
    let whole = text.trim_matches(is_around);
    is_in_table(whole) || without_number(whole).is_some_and(is_in_table)
}

fn is_in_table(text: &str) -> bool {
    if text.is_ascii() {
        let lengths = text.bytes().next().map_or(0, |first| LENGTHS[usize::from(first.to_ascii_lowercase() & 127)]);
        if (lengths >> text.len()) & 1 == 0 {
            return false;
        }
    }
    TEXTS.contains(&folded(text))
}

/// Lower case, and blanks for what joins words in names.
fn folded(text: &str) -> String {
    let blank = |character: char| if matches!(character, '_' | '-' | '\u{A0}') { ' ' } else { character };
    if text.is_ascii() {
        return text.chars().map(|character| blank(character.to_ascii_lowercase())).collect();
    }
    let mut folded = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        match character {
            // Turkish has a dot on a capital and none on a small letter.
            '\u{307}' => {}
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            'ß' => folded.push_str("ss"),
            '’' => folded.push('\''),
            other => folded.push(blank(other)),
        }
    }
    folded
}

/// Marks that stand around a text and mean nothing.
fn is_around(character: char) -> bool {
    character.is_ascii_punctuation()
        || matches!(
            character,
            ' ' | '…' | '«' | '»' | '“' | '”' | '„' | '。' | '！' | '¡' | '¿' | '「' | '」' | '【' | '】' | '：'
        )
}

/// "image 3", "Bild (3)", "photo #3", "image 1 of 5", "画像3".
fn without_number(text: &str) -> Option<&str> {
    let is_numeric = |character: char| character.is_numeric() || is_around(character) || character == '№';
    let shorter = text.trim_end_matches(is_numeric);
    if shorter.len() == text.len() {
        return None;
    }
    // "photo No. 7", "image 1 of 5"
    let between = [" of", " von", " sur", " de", " di", " av", " af", " van", " z", " из", " x", " no", " nr"];
    let first =
        between.iter().find_map(|word| without_word(shorter, word)).map(|text| text.trim_end_matches(is_numeric));
    Some(first.unwrap_or(shorter))
}

/// `text` without `word` at its end, in any case of ASCII.
fn without_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (start, end) = text.split_at_checked(text.len().checked_sub(word.len())?)?;
    end.eq_ignore_ascii_case(word).then_some(start)
}
