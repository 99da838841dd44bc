//! The form in which texts are compared with phrases, and the way back to the words as written.
//!
//! Lower case, compatibility forms folded (NFKC), marks taken off letters, invisible characters
//! gone, one blank between words, hyphens and brackets as blanks, `\n` where a sentence ends.
//! Scripts that set no blanks between words lose those that were typed for looks.

use super::{
    fold::{Letter, folded, origin},
    script::{is_tight, joins},
};
use std::ops::Range;

/// A text in comparable form.
#[derive(Debug, Default)]
pub(super) struct Normal {
    text: String,
    /// For every byte of `text` where its character began in the original; one more for the end.
    origins: Vec<u32>,
    /// Where in `text` a sentence may end with an initial: `by A. B. Do not …`.
    initials: Vec<usize>,
}

impl Normal {
    /// Brings `text` into comparable form; it must be shorter than 4 GiB, as all pieces are.
    pub(super) fn of(text: &str) -> Self {
        let letters = folded(text);
        let room = letters.len() + 1;
        let mut normal =
            Self { text: String::with_capacity(room), origins: Vec::with_capacity(room), initials: Vec::new() };
        let (mut at, mut words) = (0, Vec::with_capacity(room));
        while at < letters.len() {
            at += normal.take_words(&letters[at..], &mut words);
            if let Some(letter) = letters.get(at) {
                normal.take(text, &letters, at, *letter);
                at += 1;
            }
        }
        normal.origins.push(origin(text.len()));
        normal
    }

    /// The text in comparable form.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where `span` of the comparable form stands in the original.
    pub(super) fn original(&self, span: &Range<usize>) -> Range<usize> {
        let place = |at: usize| self.origins.get(at).or(self.origins.last()).map_or(0, |at| *at as usize);
        place(span.start)..place(span.end)
    }

    /// What of `sentence` surely belongs to the words at `span`: an initial before a capital letter may end
    /// the sentence before.
    pub(super) fn between_initials(&self, sentence: &Range<usize>, span: &Range<usize>) -> Range<usize> {
        let next = self.initials.partition_point(|at| *at <= span.start);
        let start = self.initials[..next].last().map_or(sentence.start, |at| sentence.start.max(*at));
        let end = self.initials[next..].iter().find(|at| **at >= span.end);
        start..end.map_or(sentence.end, |at| sentence.end.min(*at))
    }

    /// Adds the plain words that `letters` begin with, with the blanks between them; tells how many letters
    /// they are. `words` is lent for it.
    fn take_words(&mut self, letters: &[Letter], words: &mut Vec<u8>) -> usize {
        words.clear();
        let mut last = b' ';
        for (at, letter) in letters.iter().enumerate() {
            // A blank between "a" and "i" may be none, and one before a sign may be needless.
            let is_blank = letter.char == ' '
                && last.is_ascii_alphanumeric()
                && last != b'a'
                && letters.get(at + 1).is_some_and(|next| next.char.is_ascii_alphanumeric());
            match u8::try_from(letter.char) {
                Ok(byte) if byte.is_ascii_alphanumeric() || is_blank => last = byte,
                _ => break,
            }
            words.push(last);
        }
        self.text.push_str(std::str::from_utf8(words).unwrap_or_default());
        self.origins.extend(letters[..words.len()].iter().map(|letter| letter.origin));
        words.len()
    }

    /// Adds the letter at `at`.
    fn take(&mut self, text: &str, letters: &[Letter], at: usize, letter: Letter) {
        let next = letters.get(at + 1).map(|next| next.char);
        match letter.char {
            '.' if ends_initial(letters, at) => {
                if begins_with_capital(text, letters.get(at + 1..).unwrap_or_default()) {
                    self.initials.push(self.text.len());
                }
            }
            '.' if next.is_some_and(|next| next != ' ') || is_abbreviation(letters, at) => {
                self.push('.', letter.origin);
            }
            // The question mark stays: a question forbids nothing.
            '?' => {
                self.push('?', letter.origin);
                self.end_sentence(letter.origin);
            }
            '.' | '!' | '。' | ';' | '|' | '\u{2022}' | '\n' => self.end_sentence(letter.origin),
            ' ' if self.is_spaced_ai(letters, at) => {}
            ' ' => self.push_blank(next, letter.origin),
            // Middle dots list words in Chinese, Japanese and Korean.
            '\u{B7}' | '\u{30FB}' | '\u{2027}' | '\u{2219}' => {
                let tight = self.text.chars().next_back().is_some_and(is_tight) || next.is_some_and(is_tight);
                if !tight {
                    self.push_blank(next, letter.origin);
                }
            }
            char => self.push(char, letter.origin),
        }
    }

    fn push(&mut self, char: char, origin: u32) {
        self.text.push(char);
        if char.is_ascii() {
            self.origins.push(origin);
        } else {
            self.origins.resize(self.text.len(), origin);
        }
    }

    fn push_blank(&mut self, next: Option<char>, origin: u32) {
        let last = self.text.chars().next_back();
        let needless = last.is_none_or(|last| last == ' ' || last == '\n' || is_tight(last));
        if !needless && next.is_some_and(|next| next != ' ' && !is_tight(next)) {
            self.push(' ', origin);
        }
    }

    fn end_sentence(&mut self, origin: u32) {
        while self.text.ends_with(' ') {
            self.text.pop();
            self.origins.truncate(self.text.len());
        }
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.push('\n', origin);
        }
    }

    /// Whether the blank at `at` only spreads the two letters of AI among spread ideographs.
    fn is_spaced_ai(&self, letters: &[Letter], at: usize) -> bool {
        let char = |at: usize| letters.get(at).map(|letter| letter.char);
        if !self.text.ends_with('a') || char(at + 1) != Some('i') {
            return false;
        }
        let before = self.text.chars().rev().nth(1);
        let after = if char(at + 2) == Some(' ') { char(at + 3) } else { char(at + 2) };
        before.is_none_or(|before| !joins(before, 'a')) && (before.is_some_and(is_tight) || after.is_some_and(is_tight))
    }
}

/// Whether the full stop at `at` follows a single letter and is part of `A.I.` or `i. S. d.`.
fn ends_initial(letters: &[Letter], at: usize) -> bool {
    let back = |by: usize| at.checked_sub(by).and_then(|at| letters.get(at)).map(|letter| letter.char);
    let single = back(1).filter(|last| last.is_alphabetic() && !is_tight(*last));
    single.is_some_and(|last| !back(2).is_some_and(|before| joins(before, last)))
}

/// Whether what follows a full stop is a blank and a word with a capital letter.
fn begins_with_capital(text: &str, after: &[Letter]) -> bool {
    let [blank, first, ..] = after else { return false };
    let first = text.get(first.origin as usize..).and_then(|rest| rest.chars().next());
    blank.char == ' ' && first.is_some_and(char::is_uppercase)
}

/// Whether the full stop at `at` is followed by a number or a section sign: `Art. 4`, `gem. § 44b`.
fn is_abbreviation(letters: &[Letter], at: usize) -> bool {
    letters.get(at + 2).is_some_and(|after| after.char.is_numeric() || after.char == '§')
}

#[cfg(test)]
mod tests;
