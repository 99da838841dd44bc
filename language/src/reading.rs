//! A text as the model sees it: the words of its main script, in lower case, and its shape.
//!
//! File names, addresses and codes are left out word by word, so that `IMG_1234.JPG` has no
//! letters at all and `Rotes Kleid DSC0042` has two words.
use unicode_normalization::UnicodeNormalization;

use crate::script::{Letters, SCRIPTS, Script, is_accent};

/// Only so many bytes of a text are looked at; a language shows itself in far fewer.
pub(crate) const MOST_BYTES: usize = 512;
/// Letters and the gaps between words; no character of one byte makes more than one of them.
const MOST_LETTERS: usize = MOST_BYTES + 2;
/// Stands between words, and before the first and after the last.
pub(crate) const GAP: u16 = 0;

/// What was read of one text.
pub(crate) struct Reading {
    letters: [u16; MOST_LETTERS],
    scripts: [Script; MOST_LETTERS],
    end: usize,
    counts: Counts,
    digits: bool,
}

/// What can be taken back when a word turns out to be a file name.
#[derive(Clone, Copy)]
struct Counts {
    of_script: [u16; SCRIPTS],
    words: u16,
    capitalised: u16,
    capitals: u16,
}

/// A run of characters without white space, while it is being read.
struct Token {
    begin: usize,
    before: Counts,
    hyphens: u8,
    code: bool,
    only_latin: bool,
}

impl Reading {
    /// Reads the first [`MOST_BYTES`] of a text.
    pub(crate) fn of(text: &str) -> Self {
        let text = &text[..text.floor_char_boundary(MOST_BYTES)];
        if text.is_ascii() || !text.chars().any(is_accent) {
            Self::of_characters(text.chars())
        } else {
            Self::of_characters(text.nfc())
        }
    }

    fn of_characters(characters: impl Iterator<Item = char>) -> Self {
        let table = Letters::table();
        let mut reading = Self {
            letters: [GAP; MOST_LETTERS],
            scripts: [Script::None; MOST_LETTERS],
            end: 1,
            counts: Counts { of_script: [0; SCRIPTS], words: 0, capitalised: 0, capitals: 0 },
            digits: false,
        };
        let mut token = reading.new_token();
        let mut previous = ' ';
        for character in characters {
            let (script, letter) = table.letter(character);
            if script != Script::None {
                token.code |= previous == '.' && character.is_ascii_lowercase() && reading.end > token.begin;
                token.only_latin &= script == Script::Latin;
                reading.push_letter(script, letter, u32::from(letter) != character as u32);
            } else if character.is_whitespace() {
                reading.end_token(&token);
                token = reading.new_token();
            } else if !is_accent(character) {
                reading.digits |= character.is_ascii_digit();
                token.note(character, previous);
                reading.push_gap();
            }
            previous = character;
        }
        reading.end_token(&token);
        reading
    }

    fn new_token(&self) -> Token {
        Token { begin: self.end, before: self.counts, hyphens: 0, code: false, only_latin: true }
    }

    fn push_letter(&mut self, script: Script, letter: u16, capital: bool) {
        if self.end + 1 >= MOST_LETTERS {
            return;
        }
        let counts = &mut self.counts;
        if self.letters[self.end - 1] == GAP {
            counts.words += 1;
            counts.capitalised += u16::from(capital);
        }
        counts.capitals += u16::from(capital);
        counts.of_script[script as usize] += 1;
        self.letters[self.end] = letter;
        self.scripts[self.end] = script;
        self.end += 1;
    }

    fn push_gap(&mut self) {
        if self.letters[self.end - 1] != GAP && self.end < MOST_LETTERS {
            self.letters[self.end] = GAP;
            self.scripts[self.end] = Script::None;
            self.end += 1;
        }
    }

    fn end_token(&mut self, token: &Token) {
        if token.only_latin && (token.code || token.hyphens > 1) {
            self.end = token.begin;
            self.counts = token.before;
        }
        self.push_gap();
    }

    /// Letters of one script.
    pub(crate) fn count(&self, script: Script) -> usize {
        usize::from(self.counts.of_script[script as usize])
    }

    /// Words of any script.
    pub(crate) fn word_count(&self) -> usize {
        usize::from(self.counts.words)
    }

    /// Whether a letter occurs.
    pub(crate) fn has(&self, wanted: impl Fn(u16) -> bool) -> bool {
        self.letters[..self.end].iter().any(|&letter| wanted(letter))
    }

    /// The words of one script; letters of others become gaps.
    pub(crate) fn words(&mut self, script: Script) -> &[u16] {
        let all: usize = self.counts.of_script.iter().map(|&count| usize::from(count)).sum();
        if self.count(script) < all {
            self.keep_only(script);
        }
        self.push_gap();
        &self.letters[..self.end]
    }

    fn keep_only(&mut self, script: Script) {
        let end = self.end;
        self.end = 1;
        for at in 1..end {
            if self.scripts[at] == script {
                self.letters[self.end] = self.letters[at];
                self.end += 1;
            } else {
                self.push_gap();
            }
        }
    }

    /// How the text looks apart from its letters: how many words, how capitals are used, whether
    /// there are digits. Names and codes look different from sentences.
    pub(crate) fn shape(&self) -> u16 {
        let Counts { of_script, words, capitalised, capitals } = self.counts;
        let letters: u16 = of_script.iter().sum();
        let length = match words {
            0 | 1 => 0,
            2 => 1,
            3 => 2,
            4 | 5 => 3,
            6..=8 => 4,
            _ => 5,
        };
        let case = if capitals == 0 {
            0
        } else if capitals == letters {
            1
        } else if capitalised == words {
            2
        } else if capitalised <= 1 {
            3
        } else {
            4
        };
        (length * 5 + case) * 2 + u16::from(self.digits)
    }
}

impl Token {
    /// What a character that is no letter says of the run it stands in.
    fn note(&mut self, character: char, previous: char) {
        match character {
            '0'..='9' | '_' | '@' | '\\' | '%' | '=' => self.code = true,
            '/' => self.code |= previous == ':',
            '-' => self.hyphens += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, script: Script) -> String {
        let mut reading = Reading::of(text);
        String::from_utf16_lossy(reading.words(script)).replace('\0', " ").trim().to_owned()
    }

    #[test]
    fn words_are_lower_case_letters() {
        let cases = [
            ("A Dog, running!", "a dog running"),
            ("l'été à la plage", "l été à la plage"),
            ("l'e\u{301}te\u{301}", "l été"),
            ("black/white and well-known", "black white and well known"),
            ("", ""),
            ("  ... 😀 ", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text, Script::Latin), expected, "{text}");
        }
    }

    #[test]
    fn names_of_files_and_codes_are_left_out() {
        for text in ["IMG_1234.JPG", "dsc00042", "photo.jpg", "http://a.example/b", "red-summer-dress", "me@a.example"]
        {
            assert_eq!(words(text, Script::Latin), "", "{text}");
        }
        assert_eq!(words("Rotes Kleid DSC0042.jpg", Script::Latin), "rotes kleid");
        assert_eq!(words("The end. New text", Script::Latin), "the end new text");
        assert_eq!(words("2019年新款iPhone手机", Script::Han), "年新款 手机");
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        for text in ["é".repeat(4000), "字".repeat(4000), "a ".repeat(4000), "a".repeat(4000)] {
            let mut reading = Reading::of(&text);
            assert!(reading.words(Script::Latin).len() <= MOST_LETTERS);
            assert!(reading.letters[reading.end - 1] == GAP);
        }
    }

    #[test]
    fn shapes_tell_names_from_sentences() {
        let shapes = ["Maria Garcia", "maria garcia", "MARIA GARCIA", "Maria garcia", "Maria Garcia 7"];
        let shapes = shapes.map(|text| Reading::of(text).shape());
        for (one, shape) in shapes.iter().enumerate() {
            assert!(!shapes[..one].contains(shape), "{one}");
        }
    }
}
