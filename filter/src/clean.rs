//! What is done to a text before its tokenizer sees it, as those did who trained and used the model.
//!
//! It is the model's property (`[tokenizer] clean` in `model.toml`): the same caption has other ids, and another score, without it.

mod charset;
mod mend;
mod mojibake;
mod unlikely;

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How a text is cleaned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Clean {
    /// Not at all: the tokenizer's file does what there is to do, as transformers has it.
    #[default]
    None,
    /// As OpenAI's CLIP and `open_clip` do (`basic_clean`, `whitespace_clean`), and so LAION did, which scored by
    /// `clip.tokenize`: mended as by `ftfy`, references of HTML undone twice more, white space collapsed, in small letters.
    Clip,
    /// As transformers' `SiglipTokenizer` does (`canonicalize_text`): in small letters, without ASCII's punctuation, white space
    /// collapsed.
    Siglip,
}

impl Clean {
    /// Whether nothing is done.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// `text`, cleaned.
    pub fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::None => Cow::Borrowed(text),
            Self::Clip => Cow::Owned(clip(text)),
            Self::Siglip => {
                let kept: String =
                    text.to_lowercase().chars().filter(|letter| !letter.is_ascii_punctuation()).collect();
                Cow::Owned(collapsed(&kept))
            }
        }
    }
}

fn clip(text: &str) -> String {
    let mended = mend::mended(text);
    let once = markup::dereferenced(&mended);
    // Small letters of the whole word: a sigma at its end is another one, which tokenizers that look at each letter alone miss.
    collapsed(&markup::dereferenced(&once)).to_lowercase()
}

/// White space as single spaces, none at the ends.
fn collapsed(text: &str) -> String {
    text.split(is_space).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What Python calls white space: four separators more than Unicode's.
fn is_space(letter: char) -> bool {
    letter.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn siglips_texts_are_small_and_without_punctuation() {
        for (text, cleaned) in [
            ("A photo of a CAT!", "a photo of a cat"),
            ("  it's\u{a0}snake_case,\n(really)  ", "its snakecase really"),
            ("¡Olé! «Bär» – ΟΔΟΣ", "¡olé «bär» – οδος"),
            ("...", ""),
        ] {
            assert_eq!(Clean::Siglip.apply(text), cleaned, "{text:?}");
        }
    }

    #[test]
    fn clips_texts_are_mended_and_undone_and_small() {
        for (text, cleaned) in [
            ("A  Dog\ton the\u{3000}BEACH! ", "a dog on the beach!"),
            ("\u{201c}It\u{2019}s\u{201d} &amp;amp;amp; more", "\"it's\" & more"),
            ("caf&eacute &copy 2020 &ndash; <b>", "café © 2020 – <b>"),
            ("dÃ©jÃ  vu", "déjà vu"),
            ("ΟΔΟΣ", "οδος"),
            ("", ""),
        ] {
            assert_eq!(Clean::Clip.apply(text), cleaned, "{text:?}");
        }
        assert!(matches!(Clean::None.apply(" As  it IS "), Cow::Borrowed(" As  it IS ")));
    }
}
