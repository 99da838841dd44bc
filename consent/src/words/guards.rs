//! What keeps a phrase from counting: signs around it that it is no objection.
//!
//! A guard looks at one phrase met and at the sentence it stands in, so that a second objection
//! elsewhere in the text still counts.

use super::{
    normalise::Normal,
    pattern::{self, Words, is_tight_language},
    phrases::{Phrase, Subject},
    sieve::Sieve,
    table::rows,
};
use crate::shortcut;
use regex::Regex;
use std::{
    ops::Range,
    sync::{LazyLock, OnceLock},
};

const TABLE: &str = include_str!("../../data/phrase-guards.tsv");
/// How far a sentence is looked at, in bytes on either side: legal sentences have no end.
const SENTENCE_BYTES: usize = 240;

/// Where a guard looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// At what ends where the phrase begins.
    Before,
    /// At what begins where the phrase ends.
    After,
    /// At the phrase itself.
    Inside,
    /// At the whole sentence.
    Sentence,
    /// At the sentence, for phrases about any use: contests and schools forbid AI to people.
    Contest,
    /// At what stands before the phrase, if it is quoted.
    QuotedBefore,
    /// At what stands after the phrase, if it is quoted.
    QuotedAfter,
}

/// Whether the phrase met at `span` is no objection.
pub(super) fn guard(phrase: &Phrase, text: &str, normal: &Normal, span: &Range<usize>) -> bool {
    let scene = Scene::of(text, normal, span);
    if !shortcut::is_taken() {
        return GUARDS.all.iter().any(|guard| scene.answers(guard, phrase));
    }
    let mut likely = GUARDS.sieve.pass(scene.sentence).into_iter().map(|number| &GUARDS.all[number]);
    likely.any(|guard| scene.answers(guard, phrase))
}

/// A phrase met, and what stands around it.
struct Scene<'a> {
    /// In comparable form: the sentence, and its parts before, within and after the phrase.
    sentence: &'a str,
    before: &'a str,
    within: &'a str,
    after: &'a str,
    opens_quotation: bool,
    closes_quotation: bool,
}

impl<'a> Scene<'a> {
    fn of(text: &str, normal: &'a Normal, span: &Range<usize>) -> Self {
        let (sentence, original) = (sentence(normal.text(), span), normal.original(span));
        let near = normal.between_initials(&sentence, span);
        Self {
            sentence: &normal.text()[near.clone()],
            before: &normal.text()[near.start..span.start],
            within: &normal.text()[span.clone()],
            after: &normal.text()[span.end..sentence.end],
            opens_quotation: opens_quotation(text, &original),
            closes_quotation: closes_quotation(text, &original),
        }
    }

    fn answers(&self, guard: &Guard, phrase: &Phrase) -> bool {
        let (part, counts) = match guard.kind {
            Kind::Before => (self.before, true),
            Kind::After => (self.after, true),
            Kind::Inside => (self.within, true),
            Kind::Sentence => (self.sentence, true),
            Kind::Contest => (self.sentence, phrase.subject == Subject::AnyUse),
            Kind::QuotedBefore => (self.before, self.opens_quotation),
            Kind::QuotedAfter => (self.after, self.closes_quotation),
        };
        let regex = || guard.compiled.get_or_init(|| compile(guard.kind, &guard.expression)).as_ref();
        counts && concerns(guard.language, phrase.language) && regex().is_some_and(|regex| regex.is_match(part))
    }
}

/// The sentence around `span`, or as much of it as is looked at.
fn sentence(text: &str, span: &Range<usize>) -> Range<usize> {
    let from = text.ceil_char_boundary(span.start.saturating_sub(SENTENCE_BYTES));
    let to = text.floor_char_boundary(span.end + SENTENCE_BYTES);
    let start = text[from..span.start].rfind('\n').map_or(from, |end| from + end + 1);
    // A phrase may take in the sign of a sentence's end.
    let end = if text[..span.end].ends_with('\n') { Some(0) } else { text[span.end..to].find('\n') };
    start..end.map_or(to, |end| span.end + end)
}

/// How far a quotation may go on behind the words matched, in bytes.
const QUOTED_BYTES: usize = 120;

/// Whether the words at `span` begin a quotation.
fn opens_quotation(text: &str, span: &Range<usize>) -> bool {
    let far = text.floor_char_boundary(span.end + QUOTED_BYTES);
    let begins = text[..span.start].trim_end().ends_with(is_quote) || text[span.clone()].starts_with(is_quote);
    begins && text[span.start..far].char_indices().any(|(at, char)| at > 0 && is_quote(char))
}

/// Whether the words at `span` end a quotation.
fn closes_quotation(text: &str, span: &Range<usize>) -> bool {
    text[span.end..].trim_start().starts_with(is_quote) || text[span.clone()].trim_end().ends_with(is_quote)
}

fn is_quote(char: char) -> bool {
    matches!(char, '"' | '\'' | '`' | '\u{AB}' | '\u{BB}' | '\u{2018}'..='\u{201F}' | '\u{2039}' | '\u{203A}' | '\u{300A}'..='\u{300F}' | '\u{FF02}')
}

/// What a row says.
struct Guard {
    language: &'static str,
    kind: Kind,
    expression: String,
    /// Compiled when first needed.
    compiled: OnceLock<Option<Regex>>,
}

/// All of them, and what tells which can speak in a sentence.
struct Guards {
    all: Vec<Guard>,
    sieve: Sieve,
}

/// Whether a guard of one language concerns a phrase of another: words of other languages that look
/// alike do not, but simplified and traditional Chinese share theirs.
fn concerns(guard: &str, phrase: &str) -> bool {
    phrase == "mul" || guard.split('-').next() == phrase.split('-').next()
}

static GUARDS: LazyLock<Guards> = LazyLock::new(|| {
    let all: Vec<Guard> = rows(TABLE).filter_map(|row| read(&row)).collect();
    Guards { sieve: Sieve::of(all.iter().map(|guard| guard.expression.as_str())), all }
});

fn compile(kind: Kind, any: &str) -> Option<Regex> {
    pattern::compile(&match kind {
        Kind::Before | Kind::QuotedBefore => format!("(?:{any}) ?$"),
        Kind::After | Kind::QuotedAfter => format!("^[ ,:]?(?:{any})"),
        Kind::Inside | Kind::Sentence | Kind::Contest => any.to_owned(),
    })
}

fn read(row: &[&'static str]) -> Option<Guard> {
    let [language, kind, pattern, _example] = row[..] else { return None };
    let kind = match kind {
        "before" => Kind::Before,
        "after" => Kind::After,
        "inside" => Kind::Inside,
        "sentence" => Kind::Sentence,
        "contest" => Kind::Contest,
        "quoted-before" => Kind::QuotedBefore,
        "quoted-after" => Kind::QuotedAfter,
        _ => return None,
    };
    let pattern = pattern::expand(language, pattern, &Words::new());
    // Letters with accents are folded to ASCII, so that its word borders serve Latin scripts.
    let spaced = !is_tight_language(language) && pattern.is_ascii();
    let expression = if spaced { format!(r"(?-u:\b|^)(?:{pattern})(?-u:\b|$)") } else { format!("(?:{pattern})") };
    Some(Guard { language, kind, expression, compiled: OnceLock::new() })
}

/// The rows of the table for its tests: language, kind, pattern, and an example that must not refuse.
#[cfg(test)]
pub(super) fn table() -> Vec<Vec<&'static str>> {
    rows(TABLE).collect()
}

/// Whether one row alone speaks against the phrase met at `span`; nothing if it cannot be read.
#[cfg(test)]
pub(super) fn speaks(
    row: &[&'static str],
    phrase: &Phrase,
    text: &str,
    normal: &Normal,
    span: &Range<usize>,
) -> Option<bool> {
    let guard = read(row)?;
    compile(guard.kind, &guard.expression)?;
    Some(Scene::of(text, normal, span).answers(&guard, phrase))
}
