//! The table of phrases: read once, and asked which of them a text may hold.

use super::{
    pattern::{self, Words},
    phrases::{Phrase, Strength, Subject},
    table::rows,
};
use aho_corasick::{AhoCorasick, MatchKind};
use std::sync::{LazyLock, OnceLock};

const TABLE: &str = include_str!("../../data/phrases.tsv");

/// All phrases, with the words that tell which of them a text can hold.
pub(super) struct Table {
    pub(super) phrases: Vec<Phrase>,
    /// Phrases without a word of their own: always looked for.
    unanchored: Vec<usize>,
    anchors: Option<AhoCorasick>,
    /// For every anchor the phrases it belongs to.
    owners: Vec<Vec<usize>>,
}

impl Table {
    /// The table of this version.
    pub(super) fn get() -> &'static Self {
        static READ: LazyLock<Table> = LazyLock::new(|| Table::of(read(TABLE)));
        &READ
    }

    fn of(phrases: Vec<Phrase>) -> Self {
        let mut literals: Vec<String> = Vec::new();
        let mut owners: Vec<Vec<usize>> = Vec::new();
        let mut unanchored = Vec::new();
        for (number, phrase) in phrases.iter().enumerate() {
            let anchors = pattern::anchors(&phrase.expanded);
            if anchors.is_empty() {
                unanchored.push(number);
            }
            for anchor in anchors {
                let known = literals.iter().position(|literal| *literal == anchor);
                let place = known.unwrap_or(literals.len());
                if known.is_none() {
                    literals.push(anchor);
                    owners.push(Vec::new());
                }
                owners[place].push(number);
            }
        }
        let anchors = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&literals).ok();
        Self { phrases, unanchored, anchors, owners }
    }

    /// The phrases that `text` may hold.
    pub(super) fn candidates(&'static self, text: &str) -> impl Iterator<Item = &'static Phrase> {
        let mut wanted = vec![self.anchors.is_none(); self.phrases.len()];
        let mut seen = vec![false; self.owners.len()];
        self.unanchored.iter().for_each(|number| wanted[*number] = true);
        for hit in self.anchors.iter().flat_map(|anchors| anchors.find_overlapping_iter(text)) {
            let anchor = hit.pattern().as_usize();
            if !std::mem::replace(&mut seen[anchor], true) {
                self.owners[anchor].iter().for_each(|number| wanted[*number] = true);
            }
        }
        self.phrases.iter().zip(wanted).filter_map(|(phrase, wanted)| wanted.then_some(phrase))
    }
}

/// Reads the table. A row that cannot be read is left out; its test fails on one.
fn read(table: &'static str) -> Vec<Phrase> {
    let mut words = Words::new();
    let mut phrases = Vec::new();
    for row in rows(table) {
        if let [language, "let", name, meaning] = row[..] {
            let meaning = pattern::expand(language, meaning, &words);
            words.insert((language.to_owned(), name.to_owned()), meaning);
        } else if let Some(phrase) = phrase(&row, &words) {
            phrases.push(phrase);
        }
    }
    phrases
}

fn phrase(row: &[&'static str], words: &Words) -> Option<Phrase> {
    let [language, strength, subject, pattern, example, _mark] = row[..] else { return None };
    Some(Phrase {
        language,
        strength: Strength::parse(strength)?,
        subject: Subject::parse(subject)?,
        example,
        expanded: pattern::expand(language, pattern, words),
        compiled: OnceLock::new(),
    })
}

/// The rows that [`read`] leaves out.
#[cfg(test)]
pub(super) fn unreadable() -> Vec<String> {
    let mut words = Words::new();
    let mut lost = Vec::new();
    for row in rows(TABLE) {
        if let [language, "let", name, meaning] = row[..] {
            let meaning = pattern::expand(language, meaning, &words);
            words.insert((language.to_owned(), name.to_owned()), meaning);
        } else if phrase(&row, &words).is_none_or(|phrase| pattern::compile_phrase(&phrase.expanded).is_none()) {
            lost.push(row.join(" | "));
        }
    }
    lost
}
