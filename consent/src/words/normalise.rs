//! The form in which texts are compared with phrases, and the way back to the words as written.
//!
//! Lower case, compatibility forms folded (NFKC), marks taken off letters, invisible characters
//! gone, one blank between words, hyphens and brackets as blanks, `\n` where a sentence ends.
//! Scripts that set no blanks between words lose those that were typed for looks.

use super::script::{is_tight, joins};
use std::ops::Range;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A text in comparable form.
#[derive(Debug, Default)]
pub(super) struct Normal {
    text: String,
    /// For every byte of `text` where its character began in the original; one more for the end.
    origins: Vec<usize>,
}

/// A character on its way, with the place it came from.
#[derive(Clone, Copy)]
struct Letter {
    char: char,
    origin: usize,
}

impl Normal {
    /// Brings `text` into comparable form.
    pub(super) fn of(text: &str) -> Self {
        let letters = folded(text);
        let mut normal = Self::default();
        for (at, letter) in letters.iter().enumerate() {
            normal.take(&letters, at, *letter);
        }
        normal.origins.push(text.len());
        normal
    }

    /// The text in comparable form.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where `span` of the comparable form stands in the original.
    pub(super) fn original(&self, span: &Range<usize>) -> Range<usize> {
        let place = |at: usize| self.origins.get(at).or(self.origins.last()).copied().unwrap_or(0);
        place(span.start)..place(span.end)
    }

    /// Adds the letter at `at`.
    fn take(&mut self, letters: &[Letter], at: usize, letter: Letter) {
        let next = letters.get(at + 1).map(|next| next.char);
        match letter.char {
            '.' if ends_initial(letters, at) => {}
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

    fn push(&mut self, char: char, origin: usize) {
        self.text.push(char);
        self.origins.resize(self.text.len(), origin);
    }

    fn push_blank(&mut self, next: Option<char>, origin: usize) {
        let last = self.text.chars().next_back();
        let needless = last.is_none_or(|last| last == ' ' || last == '\n' || is_tight(last));
        if !needless && next.is_some_and(|next| next != ' ' && !is_tight(next)) {
            self.push(' ', origin);
        }
    }

    fn end_sentence(&mut self, origin: usize) {
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

/// Whether the full stop at `at` is followed by a number or a section sign: `Art. 4`, `gem. § 44b`.
fn is_abbreviation(letters: &[Letter], at: usize) -> bool {
    letters.get(at + 2).is_some_and(|after| after.char.is_numeric() || after.char == '§')
}

/// `text` letter by letter, runs of blanks as one.
fn folded(text: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(text.len());
    let mut push = |char: char, origin: usize| {
        let char = plain(char);
        let repeats = char == ' ' && letters.last().is_none_or(|last| last.char == ' ');
        if !repeats {
            letters.push(Letter { char, origin });
        }
    };
    let mut rest = text.char_indices().filter(|(_, char)| !is_invisible(*char)).peekable();
    while let Some((origin, first)) = rest.next() {
        if first.is_ascii() && rest.peek().is_none_or(|(_, next)| next.is_ascii()) {
            push(first.to_ascii_lowercase(), origin);
            continue;
        }
        // A letter with the marks that follow it is one unit of normalisation.
        let mut unit = String::from(first);
        while let Some((_, mark)) = rest.next_if(|(_, next)| continues(*next) && unit.len() < MAX_UNIT_BYTES) {
            unit.push(mark);
        }
        fold_unit(&unit, |char| push(char, origin));
    }
    letters
}

/// A stack of marks higher than this belongs to no word.
const MAX_UNIT_BYTES: usize = 32;

/// Folds a pattern's literal characters as texts are folded; what is ASCII stays as it is.
pub(super) fn fold_pattern(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    for char in pattern.nfc() {
        if char.is_ascii() {
            text.push(char);
        } else {
            fold_unit(char.encode_utf8(&mut [0; 4]), |char| text.push(char));
        }
    }
    text
}

fn fold_unit(unit: &str, mut push: impl FnMut(char)) {
    for char in unit.nfkc().flat_map(char::to_lowercase) {
        match char {
            // Composed kana and Hangul stay: taken apart they are other letters.
            '\u{3040}'..='\u{30FF}' | '\u{AC00}'..='\u{D7A3}' => push(char),
            'ß' => "ss".chars().for_each(&mut push),
            'æ' => "ae".chars().for_each(&mut push),
            'œ' => "oe".chars().for_each(&mut push),
            'đ' | 'ð' => push('d'),
            'ł' => push('l'),
            'ø' => push('o'),
            'ı' => push('i'),
            'ς' => push('σ'),
            '\u{640}' => {} // Arabic lengthening, a matter of type
            _ => std::iter::once(char).nfd().filter(|part| !is_accent(*part)).for_each(&mut push),
        }
    }
}

/// Marks on Latin, Cyrillic, Greek, Hebrew and Arabic letters, which many leave out. Thai and
/// Indic marks are vowels and stay.
fn is_accent(char: char) -> bool {
    matches!(char, '\u{300}'..='\u{36F}' | '\u{591}'..='\u{5C7}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}')
}

/// Whether a character belongs to the one before it: marks, and the parts of a Hangul syllable.
fn continues(char: char) -> bool {
    !char.is_ascii() && (is_combining_mark(char) || matches!(char, '\u{1161}'..='\u{11FF}' | '\u{FF9E}' | '\u{FF9F}'))
}

/// Characters without width, soft hyphens, direction and variation marks.
pub(super) fn is_invisible(char: char) -> bool {
    matches!(char, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E01EF}')
}

/// Hyphens, brackets, quotation and emphasis marks separate words and mean nothing else here.
fn plain(char: char) -> char {
    match char {
        '\'' | '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{2BC}' | '\u{B4}' => '\'',
        '-' | '_' | '*' | '~' | '`' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{AB}' | '\u{BB}' | '\u{201C}'..='\u{201F}' => ' ',
        '\u{2033}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301F}' | '\u{FE58}' | '\u{FE63}' => ' ',
        char if char.is_whitespace() || char.is_control() => ' ',
        char => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_take_their_comparable_form() {
        for (text, expected) in [
            ("No  AI\ttraining!", "no ai training\n"),
            ("don\u{2019}t", "don't"),
            ("KI\u{2013}Training", "ki training"),
            ("Text- und Data-Mining (TDM)", "text und data mining tdm"),
            ("A.I. training, k.i.", "ai training, ki"),
            ("U.S. photo. Next", "us photo\nnext"),
            ("i. S. d. § 44b Abs. 3 UrhG. Ende", "i s d § 44b abs. 3 urhg\nende"),
            ("Art. 4(3)", "art. 4 3"),
            ("L.122-5-3", "l122 5 3"),
            ("example.com", "example.com"),
            ("Why?", "why?\n"),
            ("**#no_ai**", "#no ai"),
            ("Entraînement d\u{2019}IA", "entrainement d'ia"),
            ("e\u{302}tre", "etre"),
            ("Zażółć Ærø Straße IĞDIR ığ", "zazolc aero strasse igdir ig"),
            ("Й ё ї", "и е і"),
            ("ma\u{AD}chine\u{200B} learn\u{FE0F}ing", "machine learning"),
            ("ＡＩ学習", "ai学習"),
            ("Ａ I 学 習 禁 止", "ai学習禁止"),
            ("AI 学習・転載 禁止。", "ai学習転載禁止\n"),
            ("Photo AI学習", "photo ai学習"),
            ("【AI学習】禁止", "ai学習禁止"),
            ("ｶﾞ か\u{3099}", "ガが"),
            ("\u{1112}\u{1161}\u{11A8}습", "학습"),
            ("AI 학습 금지", "ai학습금지"),
            ("ห้าม AI เรียนรู้", "ห้ามaiเรียนรู้"),
            ("vitamin a in", "vitamin a in"),
            ("أَ", "ا"),
            ("", ""),
            (" . ! ", ""),
        ] {
            assert_eq!(Normal::of(text).text(), expected, "{text}");
        }
    }

    #[test]
    fn spans_lead_back_to_the_words_as_written() {
        let text = "Ｎｏ  A.I. „training“ ✓ 禁 止";
        let normal = Normal::of(text);
        for (words, expected) in [("no ai", "Ｎｏ  A.I"), ("training", "training"), ("禁止", "禁 止")] {
            let start = normal.text().find(words).unwrap();
            let span = normal.original(&(start..start + words.len()));
            assert!(text[span.clone()].starts_with(expected), "{words}: {}", &text[span]);
        }
    }

    proptest! {
        #[test]
        fn every_text_has_a_form(text in any::<String>()) {
            let normal = Normal::of(&text);
            prop_assert_eq!(normal.origins.len(), normal.text.len() + 1);
            prop_assert!(normal.origins.is_sorted());
            prop_assert!(normal.origins.iter().all(|origin| text.is_char_boundary(*origin)));
        }
    }
}
