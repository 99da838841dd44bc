//! A text made printable: what is not seen is taken out, white space collapsed. Letters stay as
//! they are written, in whatever normal form, and so do emoji.

use std::borrow::Cow;

/// What becomes of a character.
enum Use {
    Keep,
    /// White space, and control characters that stand for it.
    Blank,
    /// Joins or parts the letters beside it. Persian, the scripts of India and emoji are written with these.
    Joiner,
    Drop,
}

/// `text`, printable, without white space at its ends.
pub(in crate::extract) fn clean(text: &str) -> Cow<'_, str> {
    if is_clean(text) { Cow::Borrowed(text) } else { Cow::Owned(cleaned(text)) }
}

fn is_clean(text: &str) -> bool {
    if text.is_ascii() {
        return is_clean_ascii(text.as_bytes());
    }
    // A blank at the beginning counts as a second one.
    let mut after_blank = true;
    for character in text.chars() {
        let is_blank = character == ' ';
        let is_kept = matches!(character, '!'..='~') || (!character.is_ascii() && matches!(used(character), Use::Keep));
        if !is_kept && (!is_blank || after_blank) {
            return false;
        }
        after_blank = is_blank;
    }
    !after_blank || text.is_empty()
}

fn is_clean_ascii(text: &[u8]) -> bool {
    // Without a way out of the loops, so that they take many bytes at once.
    let is_odd = |byte: u8| !matches!(byte, b' '..=b'~');
    let has_odd = text.iter().fold(false, |has, byte| has | is_odd(*byte));
    let after_first = text.get(1..).unwrap_or_default();
    let two_blanks = |one: u8, other: u8| one == b' ' && other == b' ';
    let has_blanks = text.iter().zip(after_first).fold(false, |has, (one, other)| has | two_blanks(*one, *other));
    !has_odd && !has_blanks && text.first() != Some(&b' ') && text.last() != Some(&b' ')
}

fn cleaned(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut last = ' ';
    let mut blank = false;
    let mut joiner = None;
    for character in text.chars() {
        match used(character) {
            Use::Keep => {
                if blank && !clean.is_empty() {
                    clean.push(' ');
                } else if !last.is_ascii() && !character.is_ascii() {
                    clean.extend(joiner);
                }
                clean.push(character);
                (last, blank, joiner) = (character, false, None);
            }
            Use::Blank => blank = true,
            Use::Joiner => joiner = joiner.or(Some(character)),
            Use::Drop => {}
        }
    }
    clean
}

fn used(character: char) -> Use {
    match character {
        '!'..='~' => Use::Keep,
        '\t'..='\r' | ' ' => Use::Blank,
        '\u{200C}' | '\u{200D}' => Use::Joiner,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' => Use::Drop,
        // Soft hyphen, Arabic letter mark, Mongolian vowel separator, zero width, bidi controls and
        // isolates, invisible operators, byte order mark, interlinear marks, replacements.
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' => Use::Drop,
        '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFF}' => Use::Drop,
        // Private use, where fonts of icons live, and what is no character.
        '\u{E000}'..='\u{F8FF}' | '\u{FDD0}'..='\u{FDEF}' | '\u{F0000}'..='\u{10FFFF}' => Use::Drop,
        // Musical format controls; tags, with which texts are hidden from people and not from models.
        '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E007F}' => Use::Drop,
        _ if u32::from(character) & 0xFFFE == 0xFFFE => Use::Drop,
        _ if character.is_whitespace() => Use::Blank,
        _ => Use::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_seen_is_left() {
        for (text, expected) in [
            ("", ""),
            ("A cat on a sofa", "A cat on a sofa"),
            (" \t A\r\ncat\u{A0}\u{3000}on\u{2028} a  sofa ", "A cat on a sofa"),
            ("A\u{0}\u{7}\u{7F}\u{9B} c\u{AD}at", "A cat"),
            ("A\u{85}cat", "A cat"),
            ("\u{FEFF}A\u{200B} \u{2060}cat\u{200E}", "A cat"),
            ("\u{202E}A\u{202C} \u{2067}cat\u{2069}", "A cat"),
            ("A \u{200B} cat", "A cat"),
            ("\u{F0C9} Menu \u{E001}\u{F0000}\u{10FFFD}", "Menu"),
            ("caf\u{FFFD} \u{FDD0}\u{FFFE}\u{1FFFF}", "caf"),
            ("\u{200B}\u{F0C9} \u{200D}", ""),
            // Neither composed nor taken apart.
            ("e\u{301}\u{E9} \u{FB01}", "e\u{301}\u{E9} \u{FB01}"),
            // Emoji, with what makes one of several.
            (
                "\u{2764}\u{FE0F} \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} \u{1F44D}\u{1F3FD}",
                "\u{2764}\u{FE0F} \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} \u{1F44D}\u{1F3FD}",
            ),
            // Persian "I want", Hindi with a joiner: spelled with them.
            (
                "\u{645}\u{6CC}\u{200C}\u{62E}\u{648}\u{627}\u{647}\u{645}",
                "\u{645}\u{6CC}\u{200C}\u{62E}\u{648}\u{627}\u{647}\u{645}",
            ),
            ("\u{915}\u{94D}\u{200D}\u{937}", "\u{915}\u{94D}\u{200D}\u{937}"),
            // Elsewhere they join nothing.
            (
                "\u{200D}A\u{200D}cat\u{200C} \u{645}\u{200C}\u{200C}\u{6CC}\u{200C} \u{645}\u{200D}",
                "Acat \u{645}\u{200C}\u{6CC} \u{645}",
            ),
            // A text hidden in tags.
            ("Cat\u{E0001}\u{E0049}\u{E0067}", "Cat"),
        ] {
            assert_eq!(clean(text), expected, "{text:?}");
        }
        assert!(matches!(clean("Größe, 猫 👍"), Cow::Borrowed(_)));
    }

    fn any_text() -> impl Strategy<Value = String> {
        let odd = prop::sample::select(
            "\u{200B}\u{200C}\u{200D}\u{202E}\u{FEFF}\u{E000}\u{FFFD}\u{85}\u{A0}\u{3000}\u{E0041}\t\0é猫👍 a"
                .chars()
                .collect::<Vec<_>>(),
        );
        prop::collection::vec(prop_oneof![any::<char>(), odd], 0..40).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn cleaning_again_changes_nothing(text in any_text()) {
            let once = clean(&text).into_owned();
            let has_joiner = once.contains(['\u{200C}', '\u{200D}']);
            prop_assert!(has_joiner || matches!(clean(&once), Cow::Borrowed(_)));
            prop_assert_eq!(clean(&once), &once[..]);
        }

        #[test]
        fn a_clean_text_is_never_longer_and_holds_no_controls(text in any_text()) {
            let clean = clean(&text);
            prop_assert!(clean.len() <= text.len());
            let is_unseen = |c: char| c.is_control() || matches!(c, '\u{FFFD}' | '\u{E000}'..='\u{F8FF}');
            prop_assert!(!clean.chars().any(is_unseen));
            prop_assert!(!clean.chars().any(|c| c.is_whitespace() && c != ' ') && !clean.contains("  "));
            prop_assert_eq!(clean.trim(), &clean[..]);
        }

        #[test]
        fn letters_stay(text in "[a-zA-Z\u{C0}-\u{24F}\u{4E00}-\u{4FFF} ]{0,40}") {
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert_eq!(clean(&text), words(&text));
        }
    }
}
