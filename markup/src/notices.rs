//! Small print: footers, copyright notices and `small`.

use crate::attributes::{Attributes, Key};
use crate::names::Name;
use crate::page::{Notice, Place};
use crate::references::{Site, decoded};
use crate::words::Words;
use memchr::memchr2_iter;
use std::collections::VecDeque;

/// Most that a page is given.
const MAX_NOTICES: usize = 16;
/// Most that are kept while reading: the last ones, since small print stands at the end of a page.
const MAX_CANDIDATES: usize = 4096;
const MAX_BYTES: usize = 4096;
/// How much of a text before its copyright sign is kept.
const MAX_BYTES_BEFORE_SIGN: usize = 1024;

/// The role of an element that is small print.
const CONTENT_INFO: &str = "contentinfo";

/// The copyright sign.
pub(crate) const SIGN: [u8; 2] = [0xC2, 0xA9];

/// How plainly an element says that it is small print.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A footer, or what is named copyright.
    Named,
    /// A mere `small`: dates and prices are too.
    Small,
}

/// What an element's class and id say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Labels {
    /// A word of its class is `noai`, `no-ai` or `noimageai`.
    pub(crate) noai: bool,
    /// Class or id names it as small print.
    notice: bool,
}

impl Labels {
    #[inline]
    pub(crate) fn of(attributes: &Attributes<'_>) -> Self {
        let mut labels = Self::default();
        if attributes.may_be_labelled {
            labels.read_all(attributes);
        }
        // References make it longer, not shorter.
        if let Some(role) = attributes.raw(Key::Role)
            && role.len() >= CONTENT_INFO.len()
        {
            labels.notice |= decoded(role, Site::Attribute).trim().eq_ignore_ascii_case(CONTENT_INFO);
        }
        labels
    }

    fn read_all(&mut self, attributes: &Attributes<'_>) {
        for key in [Key::Class, Key::Id] {
            if let Some(value) = attributes.value(key) {
                self.read(&value, key == Key::Class);
            }
        }
    }

    fn read(&mut self, value: &str, is_class: bool) {
        for word in value.split_ascii_whitespace() {
            match word.len() {
                4 => self.noai |= is_class && word.eq_ignore_ascii_case("noai"),
                5 => self.noai |= is_class && word.eq_ignore_ascii_case("no-ai"),
                6 => self.notice |= word.eq_ignore_ascii_case("footer"),
                9.. => {
                    self.noai |= is_class && word.eq_ignore_ascii_case("noimageai");
                    self.notice |= holds_copyright(word.as_bytes());
                }
                _ => {}
            }
        }
    }
}

/// Looks for the letter that is rare elsewhere.
fn holds_copyright(word: &[u8]) -> bool {
    let around = |at: usize| word.get(at.checked_sub(3)?..at + 6);
    memchr2_iter(b'y', b'Y', word).filter_map(around).any(|part| part.eq_ignore_ascii_case(b"copyright"))
}

/// Whether an element is small print, and how plainly.
pub(crate) fn kind(name: Name, labels: Labels) -> Option<Kind> {
    match name {
        // A page about copyright is no notice.
        Name::Html | Name::Body => None,
        Name::Footer => Some(Kind::Named),
        _ if labels.notice => Some(Kind::Named),
        Name::Small => Some(Kind::Small),
        _ => None,
    }
}

/// Whether a text, as written, has a copyright sign.
pub(crate) fn has_sign(source: &str) -> bool {
    let bytes = source.as_bytes();
    let [first, second] = SIGN;
    memchr2_iter(b'&', first, bytes).any(|at| {
        let after = &bytes[at + 1..];
        if bytes[at] == first { after.first() == Some(&second) } else { may_be_sign(after) }
    }) && decoded(source, Site::Text).contains('©')
}

/// Whether what follows an `&` may make it a copyright sign.
fn may_be_sign(name: &[u8]) -> bool {
    match name {
        [b'#', b'x' | b'X', digits @ ..] => {
            without_zeros(digits).first().is_some_and(|digit| matches!(digit, b'a' | b'A'))
        }
        [b'#', digits @ ..] => without_zeros(digits).starts_with(b"169"),
        _ => name.starts_with(b"copy") || name.starts_with(b"COPY"),
    }
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    &digits[zeros..]
}

/// An element that is small print, from its first piece of text to its last.
#[derive(Debug)]
struct Candidate<'a> {
    element: &'a str,
    at: usize,
    kind: Kind,
    /// Elements opened before it.
    order: u32,
    first: usize,
    end: Option<usize>,
}

/// The small print of a page.
#[derive(Default)]
pub(crate) struct Notices<'a> {
    candidates: VecDeque<Candidate<'a>>,
    dropped: usize,
}

/// A candidate's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number(usize);

impl<'a> Notices<'a> {
    /// An element is small print; `order` elements were opened before it, and its text begins with piece `first`.
    pub(crate) fn begin(&mut self, element: &'a str, at: usize, kind: Kind, order: u32, first: usize) -> Number {
        if self.candidates.len() == MAX_CANDIDATES {
            self.candidates.pop_front();
            self.dropped += 1;
        }
        self.candidates.push_back(Candidate { element, at, kind, order, first, end: None });
        Number(self.dropped + self.candidates.len() - 1)
    }

    /// A `small` turns out to hold a copyright sign in piece `sign`.
    pub(crate) fn signed(&mut self, number: Number, words: &Words<'_>, sign: usize) {
        if let Some(candidate) = self.get(number)
            && candidate.kind == Kind::Small
        {
            candidate.kind = Kind::Named;
            candidate.first = start(words, sign, candidate.first);
        }
    }

    /// The element ended before piece `end`.
    pub(crate) fn end(&mut self, number: Number, end: usize) {
        if let Some(candidate) = self.get(number) {
            candidate.end = Some(end);
        }
    }

    fn get(&mut self, Number(number): Number) -> Option<&mut Candidate<'a>> {
        self.candidates.get_mut(number.checked_sub(self.dropped)?)
    }

    /// What to give: the last that say plainly what they are, then the last of the others, in the
    /// order they were opened; none whose text an earlier one holds.
    pub(crate) fn read(&self, words: &Words<'_>) -> Vec<Notice> {
        let mut candidates: Vec<_> = self.candidates.iter().collect();
        candidates.sort_by_key(|candidate| candidate.order);
        let of = |kind| candidates.iter().rev().filter(move |candidate| candidate.kind == kind);
        let all = of(Kind::Named).chain(of(Kind::Small));
        let read = |candidate: &&Candidate<'a>| Some((candidate.order, candidate.read(words)?));
        let mut chosen: Vec<_> = all.filter_map(read).take(MAX_NOTICES).collect();
        chosen.sort_by_key(|(order, _)| *order);
        let mut notices: Vec<Notice> = Vec::with_capacity(chosen.len());
        for (_, notice) in chosen {
            if !notices.iter().any(|earlier| earlier.text.contains(&notice.text)) {
                notices.push(notice);
            }
        }
        notices
    }
}

impl Candidate<'_> {
    fn read(&self, words: &Words<'_>) -> Option<Notice> {
        let text = words.text(self.first..self.end.unwrap_or_else(|| words.count()), MAX_BYTES)?;
        let element = self.element.to_ascii_lowercase().replace('\0', "\u{fffd}");
        Some(Notice { element, text, at: Place { line: 0, byte: self.at } })
    }
}

/// Where a notice known by its sign begins, in an element whose text begins with piece `first`.
pub(crate) fn start(words: &Words<'_>, sign: usize, first: usize) -> usize {
    words.start_before(sign, first, MAX_BYTES_BEFORE_SIGN)
}
