//! How a list of directives is split. Linear, whatever the list: every octet is looked at a few
//! times at most.

use super::meaning::{Meaning, is_truth_value, meaning};
use crate::{date, policy::Reading};

/// One directive of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    /// The crawler it names, if it names one.
    pub(crate) scope: Option<&'a str>,
    pub(crate) name: &'a str,
    /// What follows its `:` or `=`.
    pub(crate) value: Option<&'a str>,
}

/// Splits a list.
///
/// `token:` scopes what follows, until the next `token:` (Google, MDN). A few names take a value
/// behind a colon instead. A date as value may hold commas and colons of its own.
pub(crate) fn items(text: &str, reading: Reading) -> Vec<Item<'_>> {
    let mut list = List { reading, scope: None, items: Vec::new() };
    let mut rest = Some(text);
    while let Some(text) = rest {
        rest = list.add_part(text);
    }
    list.items
}

/// White space, and what cannot be seen: to a reader the word ends there.
pub(crate) fn blank(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

struct List<'a> {
    reading: Reading,
    scope: Option<&'a str>,
    items: Vec<Item<'a>>,
}

impl<'a> List<'a> {
    /// Adds what stands before the next separator; returns what is left after it.
    fn add_part(&mut self, text: &'a str) -> Option<&'a str> {
        let (mut part, after) = cut(text, self.reading);
        let end = part.len();
        while let Some((left, right)) = part.split_once(':') {
            let name = self.add_words_before_last(left);
            if meaning(name, None) == Meaning::NoIndexAfter {
                return self.add_date(name, &text[end - right.len()..]);
            }
            let (value, more) = first_word(right);
            if takes_value(name) || (self.is_known(name) && is_truth_value(value)) {
                self.add(name, Some(value));
                part = more;
            } else {
                if self.is_negative(name) {
                    // "noai: noindex": no crawler is called `noai`.
                    self.add(name, None);
                } else {
                    self.scope = Some(name).filter(|name| !name.is_empty());
                }
                part = right;
            }
        }
        let last = self.add_words_before_last(part);
        self.add(last, None);
        after
    }

    /// In strict reading blanks separate, too. Returns the last word, which is not added yet.
    fn add_words_before_last(&mut self, text: &'a str) -> &'a str {
        if self.reading == Reading::Spec {
            return text.trim_ascii();
        }
        let text = text.trim_matches(blank);
        let Some((front, last)) = text.rsplit_once(blank) else { return bare(text) };
        for word in front.split(blank) {
            self.add(word, None);
        }
        bare(last)
    }

    /// `from` begins behind the colon and runs to the end of the list.
    fn add_date(&mut self, name: &'a str, from: &'a str) -> Option<&'a str> {
        let (value, after) = date_and_rest(from, self.reading);
        if self.reading == Reading::Spec || date::parse(value).is_some() {
            self.add(name, Some(value.trim()));
            return after;
        }
        // "unavailable_after: 1 Jan 2030 noai": the date ends where it stops being one, and what
        // follows are directives.
        let date = date_in_front(value);
        self.add(name, Some(date.unwrap_or(value).trim()));
        let words = value[date.map_or(0, str::len)..].split(|c| c == ':' || blank(c));
        for word in words.filter(|word| meaning(bare(word), None) != Meaning::Unknown) {
            self.add(word, None);
        }
        after
    }

    fn is_known(&self, name: &str) -> bool {
        self.reading == Reading::Strict && meaning(name, None) != Meaning::Unknown
    }

    fn is_negative(&self, name: &str) -> bool {
        self.is_known(name) && meaning(name, None) != Meaning::Permission
    }

    fn add(&mut self, word: &'a str, value: Option<&'a str>) {
        let word = if self.reading == Reading::Strict { bare(word) } else { word };
        let (name, value) = match (word.split_once('='), value) {
            (Some((name, value)), None) => (bare(name.trim()), Some(bare(value.trim()))),
            _ => (word, value),
        };
        if !name.is_empty() {
            self.items.push(Item { scope: self.scope, name, value });
        }
    }
}

/// A word without the quotes and brackets that people put around it.
fn bare(word: &str) -> &str {
    let around = ['"', '\'', '`', '“', '”', '‘', '’', '„', '[', ']', '(', ')', '{', '}', '<', '>', '.'];
    word.trim_matches(around)
}

/// Cuts at the first separator: a comma, and in strict reading whatever is used for one.
fn cut(text: &str, reading: Reading) -> (&str, Option<&str>) {
    let separates =
        |c: char| c == ',' || (reading == Reading::Strict && matches!(c, ';' | '|' | '，' | '、' | '；' | '،' | '·'));
    match text.split_once(separates) {
        Some((part, after)) => (part, Some(after)),
        None => (text, None),
    }
}

/// The word at the start, and the rest. It ends at a colon too, so that a run of `noai:noai:…` is
/// looked at once and not from every colon to its end.
fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start_matches(blank);
    text.split_at(text.find(|c: char| c == ':' || blank(c)).unwrap_or(text.len()))
}

fn takes_value(name: &str) -> bool {
    const NAMES: [&str; 4] = ["max-snippet", "max-image-preview", "max-video-preview", "tdm-reservation"];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// A date may hold two commas of its own: `Saturday, June 25, 2050`. The shortest text that is a
/// date is the date; if none is, what stands before the first separator.
fn date_and_rest(from: &str, reading: Reading) -> (&str, Option<&str>) {
    let first = cut(from, reading);
    let mut found = first;
    for _ in 0..3 {
        if date::parse(found.0).is_some() {
            return found;
        }
        let Some(after) = found.1 else { break };
        let (next, rest) = cut(after, reading);
        let end = from.len() - after.len() + next.len();
        found = (&from[..end], rest);
    }
    first
}

/// The longest run of words at the start that is a date. No date is long, so little is tried.
fn date_in_front(text: &str) -> Option<&str> {
    let mut end = text.len().min(date::LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut front = &text[..end];
    while let Some((shorter, _)) = front.trim_end().rsplit_once(blank) {
        if date::parse(shorter).is_some() {
            return Some(shorter);
        }
        front = shorter;
    }
    None
}
