//! Names of persons, found in texts for somebody to look at.
//!
//! A name alone proves nothing: two people bear it, and a caption may speak of somebody. So a
//! name never refuses; it is found and told.

use super::{ListKind, index::Index};
use aho_corasick::AhoCorasick;
use std::sync::OnceLock;
use unicode_normalization::UnicodeNormalization;

/// Most names told of one text.
const MOST: usize = 64;

/// Made when first asked, since lists are added to one another before they are used.
#[derive(Clone, Default)]
pub(super) struct Names(OnceLock<Finder>);

#[derive(Clone, Default)]
struct Finder {
    /// Fails to build only beyond 2³¹ states: gigabytes of names.
    automaton: Option<AhoCorasick>,
    /// The number of each pattern's entry.
    numbers: Vec<u32>,
}

impl Names {
    /// The numbers of the names that stand in `text`, in the order of the list.
    pub(super) fn find(&self, index: &Index, text: &str) -> Vec<u32> {
        if index.count(ListKind::Name) == 0 {
            return Vec::new();
        }
        let finder = self.0.get_or_init(|| Finder::new(index));
        let text = folded(text);
        let mut found = Vec::new();
        for name in finder.automaton.iter().flat_map(|automaton| automaton.find_overlapping_iter(&text)) {
            let number = finder.numbers.get(name.pattern().as_usize()).copied();
            let number =
                number.filter(|number| !found.contains(number) && stands_alone(&text, name.start(), name.end()));
            found.extend(number);
            if found.len() == MOST {
                break;
            }
        }
        found.sort_unstable();
        found
    }
}

impl Finder {
    fn new(index: &Index) -> Self {
        let numbers: Vec<u32> = index.of_kind(ListKind::Name).collect();
        let automaton = AhoCorasick::new(numbers.iter().map(|number| index.entries().key(*number)));
        Self { automaton: automaton.ok(), numbers }
    }
}

/// As names are compared: compatibility forms and case folded, white space single.
pub(super) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.nfkc().flat_map(char::to_lowercase) {
        match character {
            'ß' => folded.push_str("ss"),
            // Greek writes its last sigma otherwise.
            'ς' => folded.push('σ'),
            '’' | 'ʼ' => folded.push('\''),
            '‐' | '‑' => folded.push('-'),
            blank if blank.is_whitespace() => {
                if !folded.ends_with(' ') && !folded.is_empty() {
                    folded.push(' ');
                }
            }
            other => folded.push(other),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// Whether no word goes on across the ends.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let joined = |at: usize| {
        let (before, after) = text.split_at_checked(at).unwrap_or_default();
        before.chars().next_back().zip(after.chars().next()).is_some_and(|(one, other)| is_word(one) && is_word(other))
    };
    !joined(start) && !joined(end)
}

/// A letter or digit of a script that puts blanks between its words.
fn is_word(character: char) -> bool {
    let unspaced = matches!(character,
        '\u{0E00}'..='\u{0EFF}' // Thai, Lao
        | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' // Myanmar, Khmer
        | '\u{3040}'..='\u{30FF}' // Kana
        | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' // Han
        | '\u{AC00}'..='\u{D7AF}' // Hangul: particles follow a name without a blank
    );
    character.is_alphanumeric() && !unspaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_folded() {
        for (text, expected) in [
            ("  Ada \u{A0}\tLovelace ", "ada lovelace"),
            ("ＡＤＡ", "ada"),
            ("Jose\u{301}", "josé"),
            ("Groß", "gross"),
            ("ΣΩΚΡΑΤΗΣ", "σωκρατησ"),
            ("O’Brien‑Smith", "o'brien-smith"),
            ("", ""),
        ] {
            assert_eq!(folded(text), expected);
        }
    }
}
