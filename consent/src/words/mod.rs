//! What authors write in words: phrases in many languages, found in captions, small print,
//! metadata, comments in a robots.txt.
//!
//! No standard asks for this; it is honoured because software of today can read it. So strict
//! mode refuses on a plain objection, and spec mode records it.
//!
//! - [`prefilter`] turns most texts away without an allocation.
//! - [`normalise`] brings a text into the form in which phrases are written.
//! - [`sieve`] tells which phrases a text can hold, by the literals that they demand.
//! - [`phrases`] finds those of `data/phrases.tsv`.
//! - [`guards`] drops what only looks like an objection: negations, questions, promises of
//!   vendors, talk about the topic, rules of contests (`data/phrase-guards.tsv`).
//!
//! A phrase is *strong* (refuses alone), *weak* or a *label*. A weak one is recorded; two different
//! weak ones in one text refuse, if one of them names AI. An objection to copying refuses where
//! pictures are redistributed. A label (`made without AI`) speaks of how a picture was made.
//!
//! # Languages
//!
//! Every phrase carries a mark in the table. Verified [V], against phrases met in public pages and
//! code: most of English, Japanese, Chinese (simplified and traditional) and Korean, and the German and French
//! legal formulas. Awaiting review by native readers [M]: Arabic, Catalan, Czech, Danish, Dutch,
//! Finnish, Greek, Hungarian, Indonesian and Malay, Italian, Norwegian, Polish, Portuguese,
//! Romanian, Russian, Slovak, Spanish, Swedish, Thai, Turkish, Ukrainian, Vietnamese, and the
//! rest of German and French.

mod demand;
mod fold;
mod guards;
mod normalise;
mod pattern;
mod phrase_table;
mod phrases;
mod prefilter;
mod script;
mod sieve;
mod table;
mod windows;

use crate::{Policy, policy::Reading, statement::Statement};
use normalise::Normal;
use phrases::{Found, Strength};
use schema::{Category, Verdict};
use std::ops::Range;

/// Most statements made of one text.
const MOST: usize = 64;
/// Longer texts are read in pieces of this size, in bytes.
const PIECE_BYTES: usize = 64 << 10;
/// How far each piece reaches into the next, so that no phrase is cut.
const OVERLAP_BYTES: usize = 1 << 10;
/// What is kept around the words matched, in bytes on either side.
const CONTEXT_BYTES: usize = 80;

/// How far apart two weak phrases of one caption may stand, in bytes of the comparable form.
const PAIR_BYTES: usize = 300;

/// The signal of what is recorded and refuses nothing by itself.
const WEAK: &str = "nl.weak";
/// The signal of labels that say no AI was used.
const MADE_WITHOUT_AI: &str = "nl.made-without-ai";

/// Whether an author's `text` (an alt text, a caption, a copyright notice) objects to the use that
/// `policy` makes of it. In strict mode only: no standard says how to read words.
pub fn objects_in_words(policy: &Policy, text: &str) -> bool {
    statements(policy, "nl", text).iter().any(Statement::denies)
}

/// What `text` says; `signal` names the carrier (`nl.alt`, `nl.caption`, `nl.notice`, …).
pub(crate) fn statements(policy: &Policy, signal: &'static str, text: &str) -> Vec<Statement> {
    let mut said: Vec<Statement> = Vec::new();
    for piece in pieces(text) {
        if !prefilter::may_speak(&text[piece.clone()]) {
            continue;
        }
        for statement in of_piece(policy, signal, text, &piece) {
            if !said.contains(&statement) {
                said.push(statement);
            }
        }
    }
    // Refusals first, so that the bound never takes one away.
    said.sort_by_key(|statement| !statement.denies());
    said.truncate(MOST);
    said
}

/// Whether `text` may say anything: most texts are turned away by this.
pub(crate) fn may_speak(text: &str) -> bool {
    pieces(text).any(|piece| prefilter::may_speak(&text[piece]))
}

/// Cuts a long text into overlapping pieces.
fn pieces(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let end = text.floor_char_boundary(start + PIECE_BYTES);
        next = (end < text.len()).then(|| text.floor_char_boundary(end - OVERLAP_BYTES));
        Some(start..end)
    })
}

fn of_piece(policy: &Policy, signal: &'static str, text: &str, piece: &Range<usize>) -> Vec<Statement> {
    let normal = Normal::of(&text[piece.clone()]);
    let found = phrases::find(&text[piece.clone()], &normal);
    let pair = is_objecting_pair(&found);
    let said = found.iter().map(|one| {
        let (signal, category, verdict) = weigh(policy, signal, one, pair);
        let span = normal.original(&one.span);
        let span = piece.start + span.start..piece.start + span.end;
        Statement::new(signal, category, verdict, in_context(text, &span)).at(format!("byte {}", span.start))
    });
    said.collect()
}

/// Two different weak phrases near each other, of which one names AI, say together what neither
/// says alone.
fn is_objecting_pair(found: &[Found]) -> bool {
    let weak: Vec<&Found> = found.iter().filter(|one| !one.guarded && one.phrase.strength.is_weak()).collect();
    weak.iter().filter(|one| one.phrase.strength == Strength::WeakAi).any(|one| {
        let near = |other: &&&Found| other.span.start.abs_diff(one.span.start) <= PAIR_BYTES;
        weak.iter().filter(near).any(|other| other.words.trim() != one.words.trim())
    })
}

fn weigh(policy: &Policy, signal: &'static str, one: &Found, pair: bool) -> (&'static str, Category, Verdict) {
    let category = one.category();
    let refuses = policy.reading() == Reading::Strict
        && !one.guarded
        && match one.phrase.strength {
            Strength::Strong => true,
            Strength::WeakAi => pair,
            Strength::WeakCopy => policy.redistributes,
            Strength::Rights | Strength::Label => false,
        };
    match one.phrase.strength {
        _ if refuses => (signal, category, Verdict::Deny),
        Strength::Strong => (signal, category, Verdict::Info),
        Strength::Label => (MADE_WITHOUT_AI, category, Verdict::Info),
        Strength::WeakAi | Strength::WeakCopy | Strength::Rights => (WEAK, category, Verdict::Info),
    }
}

/// The words matched, with a little of what stands around them.
fn in_context<'a>(text: &'a str, span: &Range<usize>) -> &'a str {
    let start = text.ceil_char_boundary(span.start.saturating_sub(CONTEXT_BYTES));
    let end = text.floor_char_boundary(span.end + CONTEXT_BYTES);
    text[start..end].trim()
}

/// Texts that hold a phrase, one for each.
#[cfg(test)]
pub(crate) fn examples() -> Vec<&'static str> {
    phrase_table::Table::get().phrases.iter().map(|phrase| phrase.example).collect()
}

#[cfg(test)]
mod tests;
