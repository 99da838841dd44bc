//! The table of phrases: read once, and asked which of them a text may hold.

use super::{
    pattern::{self, Words},
    phrases::{Phrase, Strength, Subject},
    sieve::Sieve,
    table::rows,
};
use crate::shortcut;
use std::sync::{LazyLock, OnceLock};

const TABLE: &str = include_str!("../../data/phrases.tsv");

/// All phrases, and what tells which of them a text can hold.
pub(super) struct Table {
    pub(super) phrases: Vec<Phrase>,
    sieve: Sieve,
}

impl Table {
    /// The table of this version.
    pub(super) fn get() -> &'static Self {
        static READ: LazyLock<Table> = LazyLock::new(|| Table::of(read(TABLE)));
        &READ
    }

    fn of(phrases: Vec<Phrase>) -> Self {
        let sieve = Sieve::of(phrases.iter().map(|phrase| phrase.expanded.as_str()));
        Self { phrases, sieve }
    }

    /// The phrases that `text` may hold.
    pub(super) fn candidates(&'static self, text: &str) -> impl Iterator<Item = &'static Phrase> {
        let all = || (0..self.phrases.len()).collect();
        let numbers: Vec<usize> = if shortcut::is_taken() { self.sieve.pass(text) } else { all() };
        numbers.into_iter().map(|number| &self.phrases[number])
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
