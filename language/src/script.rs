//! Which script a character belongs to, and the letter that it counts as: lower case, one code unit.
//!
//! Many scripts write one language of the web each and decide by themselves; six write several
//! and have a table in the model.
use std::sync::LazyLock;

/// A writing system, or [`Script::None`] for all that is no letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Script {
    /// No letter: punctuation, digits, symbols, spaces.
    None,
    /// Latin: told apart by the model.
    Latin,
    /// Cyrillic: told apart by the model.
    Cyrillic,
    /// Arabic: told apart by the model.
    Arabic,
    /// Devanagari: told apart by the model.
    Devanagari,
    /// Han characters without kana: Chinese or Japanese, told apart by the model.
    Han,
    /// Hiragana and katakana.
    Kana,
    /// Korean.
    Hangul,
    /// Greek.
    Greek,
    /// Hebrew and Yiddish.
    Hebrew,
    /// Armenian.
    Armenian,
    /// Georgian.
    Georgian,
    /// Thai.
    Thai,
    /// Lao.
    Lao,
    /// Burmese.
    Myanmar,
    /// Khmer.
    Khmer,
    /// Tibetan.
    Tibetan,
    /// Bengali and Assamese.
    Bengali,
    /// Punjabi as written in India.
    Gurmukhi,
    /// Gujarati.
    Gujarati,
    /// Odia.
    Odia,
    /// Tamil.
    Tamil,
    /// Telugu.
    Telugu,
    /// Kannada.
    Kannada,
    /// Malayalam.
    Malayalam,
    /// Sinhala.
    Sinhala,
    /// Amharic and Tigrinya.
    Ethiopic,
    /// Dhivehi.
    Thaana,
}

/// How many scripts there are, [`Script::None`] among them.
pub(crate) const SCRIPTS: usize = Script::Thaana as usize + 1;

/// The blocks of letters, in the order of their code points; first and last, both within.
const BLOCKS: &[(u32, u32, Script)] = &[
    (0x41, 0x5A, Script::Latin),
    (0x61, 0x7A, Script::Latin),
    (0xC0, 0xD6, Script::Latin),
    (0xD8, 0xF6, Script::Latin),
    (0xF8, 0x24F, Script::Latin),
    (0x250, 0x2AF, Script::Latin),
    (0x370, 0x373, Script::Greek),
    (0x376, 0x377, Script::Greek),
    (0x37F, 0x37F, Script::Greek),
    (0x386, 0x386, Script::Greek),
    (0x388, 0x3FF, Script::Greek),
    (0x400, 0x481, Script::Cyrillic),
    (0x48A, 0x52F, Script::Cyrillic),
    (0x531, 0x556, Script::Armenian),
    (0x561, 0x587, Script::Armenian),
    (0x5B0, 0x5BC, Script::Hebrew),
    (0x5D0, 0x5F2, Script::Hebrew),
    (0x620, 0x63F, Script::Arabic),
    (0x641, 0x64A, Script::Arabic),
    (0x66E, 0x66F, Script::Arabic),
    (0x671, 0x6D3, Script::Arabic),
    (0x6D5, 0x6D5, Script::Arabic),
    (0x6EE, 0x6EF, Script::Arabic),
    (0x6FA, 0x6FF, Script::Arabic),
    (0x750, 0x77F, Script::Arabic),
    (0x780, 0x7B1, Script::Thaana),
    (0x900, 0x963, Script::Devanagari),
    (0x971, 0x97F, Script::Devanagari),
    (0x980, 0x9E3, Script::Bengali),
    (0x9F0, 0x9F1, Script::Bengali),
    (0xA00, 0xA5F, Script::Gurmukhi),
    (0xA70, 0xA7F, Script::Gurmukhi),
    (0xA80, 0xAE3, Script::Gujarati),
    (0xB00, 0xB63, Script::Odia),
    (0xB71, 0xB71, Script::Odia),
    (0xB80, 0xBE5, Script::Tamil),
    (0xC00, 0xC63, Script::Telugu),
    (0xC80, 0xCE3, Script::Kannada),
    (0xD00, 0xD63, Script::Malayalam),
    (0xD7A, 0xD7F, Script::Malayalam),
    (0xD80, 0xDDF, Script::Sinhala),
    (0xE01, 0xE3A, Script::Thai),
    (0xE40, 0xE4E, Script::Thai),
    (0xE81, 0xECF, Script::Lao),
    (0xEDC, 0xEDF, Script::Lao),
    (0xF00, 0xF00, Script::Tibetan),
    (0xF40, 0xFBC, Script::Tibetan),
    (0x1000, 0x103F, Script::Myanmar),
    (0x1050, 0x108F, Script::Myanmar),
    (0x10A0, 0x10FF, Script::Georgian),
    (0x1100, 0x11FF, Script::Hangul),
    (0x1200, 0x135F, Script::Ethiopic),
    (0x1380, 0x138F, Script::Ethiopic),
    (0x1780, 0x17D3, Script::Khmer),
    (0x1C90, 0x1CBF, Script::Georgian),
    (0x1E00, 0x1EFF, Script::Latin),
    (0x1F00, 0x1FFF, Script::Greek),
    (0x3041, 0x3096, Script::Kana),
    (0x30A1, 0x30FA, Script::Kana),
    (0x3131, 0x318E, Script::Hangul),
    (0x3400, 0x4DBF, Script::Han),
    (0x4E00, 0x9FFF, Script::Han),
    (0xAC00, 0xD7A3, Script::Hangul),
    (0xF900, 0xFAFF, Script::Han),
    (0xFF66, 0xFF9D, Script::Kana),
];

/// Characters below this are looked up in [`SMALL`].
const SMALL_END: u32 = 0x2000;

/// Script and letter of every character below [`SMALL_END`]: searching blocks and lower-casing
/// take longer than all the rest of a short text.
static SMALL: LazyLock<Box<[(Script, u16)]>> = LazyLock::new(|| (0..SMALL_END).map(searched).collect());

/// A view of the table, taken once a text.
#[derive(Clone, Copy)]
pub(crate) struct Letters(&'static [(Script, u16)]);

impl Letters {
    pub(crate) fn table() -> Self {
        Self(&SMALL)
    }

    /// The script of a character and the letter it counts as; `(None, 0)` for what is no letter.
    #[inline]
    pub(crate) fn letter(self, character: char) -> (Script, u16) {
        let code = character as u32;
        self.0.get(code as usize).copied().unwrap_or_else(|| searched(code))
    }
}

fn searched(code: u32) -> (Script, u16) {
    let block = BLOCKS.partition_point(|&(_, last, _)| last < code);
    match BLOCKS.get(block) {
        Some(&(first, _, script)) if first <= code => (script, lower(code)),
        _ => (Script::None, 0),
    }
}

/// Lower case; a character that becomes two (the Turkish dotted I) counts as the first of them.
fn lower(code: u32) -> u16 {
    let lower = char::from_u32(code).and_then(|character| character.to_lowercase().next());
    lower.and_then(|character| u16::try_from(character as u32).ok()).unwrap_or(0)
}

/// A combining accent: the text is in decomposed form and is composed before it is read.
pub(crate) fn is_accent(character: char) -> bool {
    ('\u{300}'..='\u{36f}').contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_in_order_and_apart() {
        for pair in BLOCKS.windows(2) {
            assert!(pair[0].0 <= pair[0].1 && pair[0].1 < pair[1].0, "{pair:x?}");
        }
    }

    #[test]
    fn letters_are_lower_case_and_others_are_none() {
        let letters = Letters::table();
        let cases = [
            ('A', Script::Latin, 'a'),
            ('ß', Script::Latin, 'ß'),
            ('Ő', Script::Latin, 'ő'),
            ('Ệ', Script::Latin, 'ệ'),
            ('İ', Script::Latin, 'i'),
            ('Ж', Script::Cyrillic, 'ж'),
            ('Ұ', Script::Cyrillic, 'ұ'),
            ('پ', Script::Arabic, 'پ'),
            ('क', Script::Devanagari, 'क'),
            ('漢', Script::Han, '漢'),
            ('カ', Script::Kana, 'カ'),
            ('한', Script::Hangul, '한'),
        ];
        for (character, script, letter) in cases {
            assert_eq!(letters.letter(character), (script, letter as u16), "{character}");
        }
        for character in "0 ,.-_×÷ªº·ー。、「😀\u{301}\u{640}\u{200c}".chars() {
            assert_eq!(letters.letter(character).0, Script::None, "{character:?}");
        }
    }
}
