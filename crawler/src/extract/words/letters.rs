//! One pass over a text that counts its letters, and tells which closer looks are worth it.

/// What a text is made of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Letters {
    /// Letters and the marks on them.
    alphabetic: usize,
    upper: usize,
    lower: usize,
    pub(super) digits: usize,
    blanks: usize,
    /// All characters.
    all: usize,
    /// Whether it holds what names of files and addresses are known by: `.`, `-`, `_`, `/`, `:`.
    pub(super) may_be_name: bool,
    /// Whether it holds what markup and code are known by: `<`, `&`, `{`, `%`, `[`, `(`, `=`, `$`, `#`.
    pub(super) may_be_markup: bool,
}

/// Counts of capitals, small letters, digits and blanks, sixteen bits each.
const UPPER: u64 = 1;
const LOWER: u64 = 1 << 16;
const DIGIT: u64 = 1 << 32;
const BLANK: u64 = 1 << 48;
/// As many bytes as such counts hold.
const MOST_COUNTED: usize = 0xFFFF;

const NAME: u8 = 1;
const MARKUP: u8 = 2;

/// What a byte of ASCII counts as, and what it is known by.
const CLASSES: [(u64, u8); 128] = {
    let mut classes = [(0, 0); 128];
    let mut byte: u8 = 0;
    while byte < 128 {
        classes[byte as usize] = match byte {
            b'A'..=b'Z' => (UPPER, 0),
            b'a'..=b'z' => (LOWER, 0),
            b'0'..=b'9' => (DIGIT, 0),
            b' ' => (BLANK, 0),
            b'.' | b'-' | b'_' | b'/' | b':' => (0, NAME),
            b'<' | b'&' | b'{' | b'%' | b'[' | b'(' | b'=' | b'$' | b'#' => (0, MARKUP),
            _ => (0, 0),
        };
        byte += 1;
    }
    classes
};

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        let mut letters = Self::default();
        if text.is_ascii() {
            letters.add_ascii(text.as_bytes());
        } else {
            for character in text.chars() {
                letters.add(character);
            }
        }
        letters
    }

    fn add_ascii(&mut self, text: &[u8]) {
        for part in text.chunks(MOST_COUNTED) {
            let (mut counts, mut seen) = (0, 0);
            for byte in part {
                let (count, known_by) = CLASSES[usize::from(byte & 127)];
                counts += count;
                seen |= known_by;
            }
            let count = |of: u64| ((counts / of) & 0xFFFF) as usize;
            self.alphabetic += count(UPPER) + count(LOWER);
            self.upper += count(UPPER);
            self.lower += count(LOWER);
            self.digits += count(DIGIT);
            self.blanks += count(BLANK);
            self.may_be_name |= seen & NAME != 0;
            self.may_be_markup |= seen & MARKUP != 0;
        }
        self.all += text.len();
    }

    fn add(&mut self, character: char) {
        if character.is_ascii() {
            return self.add_ascii(&[character as u8]);
        }
        self.all += 1;
        let is_letter = character.is_alphabetic();
        self.alphabetic += usize::from(is_letter);
        self.upper += usize::from(is_letter && character.is_uppercase());
        self.lower += usize::from(is_letter && character.is_lowercase());
        self.digits += usize::from(!is_letter && character.is_numeric());
    }

    /// Whether less than half of what is printed is letters.
    pub(super) fn are_few(&self) -> bool {
        self.alphabetic == 0 || self.alphabetic * 2 < self.all - self.blanks
    }

    /// Whether all letters that have case are capitals, and they are enough to tell it from an
    /// abbreviation.
    pub(super) fn are_capitals(&self) -> bool {
        const LEAST: usize = 8;
        self.upper >= LEAST && self.lower == 0
    }
}
