//! Phrases, and finding them in a text.

use super::{guards, normalise::Normal, pattern, phrase_table::Table, script::joins};
use regex::Regex;
use schema::Category;
use std::{ops::Range, sync::OnceLock};

/// Words by which a phrase speaks of generative models, in comparable form.
const GENERATIVE: [&str; 8] = ["generativ", "generatif", "gen ai", "genai", "生成", "생성", "генератив", "uretken"];

/// One phrase of the table.
#[derive(Debug)]
pub(super) struct Phrase {
    /// BCP 47, or `mul` for what every language writes alike.
    pub(super) language: &'static str,
    /// What it counts for.
    pub(super) strength: Strength,
    /// What it speaks of.
    pub(super) subject: Subject,
    /// A text that it is found in.
    #[cfg_attr(not(test), expect(dead_code, reason = "for tests and readers"))]
    pub(super) example: &'static str,
    /// As a regular expression in folded letters, compiled when first needed.
    pub(super) expanded: String,
    pub(super) compiled: OnceLock<Option<Regex>>,
}

/// What a phrase counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    /// Refuses alone.
    Strong,
    /// An objection to AI, recorded.
    WeakAi,
    /// An objection to copying.
    WeakCopy,
    /// A plain notice of rights, recorded.
    Rights,
    /// Says how a picture was made.
    Label,
}

/// What a phrase speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Training.
    Train,
    /// Any use by AI; rules of contests and schools sound the same.
    AnyUse,
    /// Text and data mining.
    Mining,
    /// Copies.
    Copy,
    /// Nothing that could be refused.
    Nothing,
}

impl Subject {
    /// By its name in the table.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "train" => Self::Train,
            "use" => Self::AnyUse,
            "tdm" => Self::Mining,
            "copy" => Self::Copy,
            "none" => Self::Nothing,
            _ => return None,
        })
    }
}

/// A phrase met in a text.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) phrase: &'static Phrase,
    /// Where, in the comparable form.
    pub(super) span: Range<usize>,
    /// The words, in comparable form.
    pub(super) words: String,
    /// Whether it only looks like an objection.
    pub(super) guarded: bool,
}

impl Strength {
    /// Whether it takes another phrase to make it count.
    pub(super) fn is_weak(self) -> bool {
        matches!(self, Self::WeakAi | Self::WeakCopy | Self::Rights)
    }

    /// By its name in the table.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "strong" => Self::Strong,
            "weak-ai" => Self::WeakAi,
            "weak-copy" => Self::WeakCopy,
            "rights" => Self::Rights,
            "label" => Self::Label,
            _ => return None,
        })
    }
}

impl Found {
    /// The use it speaks of.
    pub(super) fn category(&self) -> Category {
        match self.phrase.subject {
            Subject::Train | Subject::AnyUse if GENERATIVE.iter().any(|word| self.words.contains(word)) => {
                Category::GenTrain
            }
            Subject::Train | Subject::AnyUse => Category::Train,
            Subject::Mining => Category::Tdm,
            Subject::Copy => Category::CacheCopy,
            Subject::Nothing => Category::Info,
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.span.start < other.span.end && other.span.start < self.span.end
    }

    /// What is kept first where two overlap: the objection, the stronger, the longer.
    fn rank(&self) -> (bool, usize, usize, usize) {
        (self.guarded, self.phrase.strength as usize, self.span.start, usize::MAX - self.span.end)
    }
}

/// The phrases in `text`, of which `normal` is the comparable form, in order.
pub(super) fn find(text: &str, normal: &Normal) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for phrase in Table::get().candidates(normal.text()) {
        phrase.find(text, normal, &mut found);
    }
    without_overlaps(found)
}

fn without_overlaps(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(Found::rank);
    let mut kept: Vec<Found> = Vec::new();
    for one in found {
        if kept.len() < super::MOST && !kept.iter().any(|other| one.overlaps(other)) {
            kept.push(one);
        }
    }
    kept.sort_by_key(|one| one.span.start);
    kept
}

impl Phrase {
    /// Looks for the phrase from left to right until it is met as an objection.
    pub(super) fn find(&'static self, text: &str, normal: &Normal, found: &mut Vec<Found>) {
        let Some(regex) = self.compiled.get_or_init(|| pattern::compile_phrase(&self.expanded)) else { return };
        let mut from = 0;
        let mut guarded_before = false;
        while let Some(hit) = regex.find_at(normal.text(), from) {
            let span = hit.range();
            if !is_whole(normal.text(), &span) {
                from = span.start + normal.text()[span.start..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
            from = span.end;
            let guarded = guards::guard(self, text, normal, &span);
            if !(guarded && guarded_before) {
                let words = normal.text()[span.clone()].to_owned();
                found.push(Found { phrase: self, span, words, guarded });
            }
            if !guarded {
                return;
            }
            guarded_before = true;
        }
    }
}

/// Whether a span begins and ends at the borders of words.
fn is_whole(text: &str, span: &Range<usize>) -> bool {
    let (before, within, after) = (&text[..span.start], &text[span.clone()], &text[span.end..]);
    let apart = |one: Option<char>, other: Option<char>| !one.zip(other).is_some_and(|(one, other)| joins(one, other));
    apart(before.chars().next_back(), within.chars().next()) && apart(within.chars().next_back(), after.chars().next())
}
