//! The quick look at a text against a slow and plain one.

use super::*;
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use proptest::prelude::*;

static AUTOMATON: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .match_kind(MatchKind::Standard)
        .build(words())
        .unwrap()
});

/// The same answer by looking for all words everywhere.
pub(crate) fn may_speak_by_automaton(text: &str) -> bool {
    AUTOMATON.find_overlapping_iter(text).any(|hit| match hit.pattern().as_usize() {
        number if number < SHORT.len() => is_word(text, hit.start(), hit.end()),
        number if number >= SHORT.len() + FRAGMENTS.len() + INVISIBLE.len() => is_odd(text, hit.start()),
        _ => true,
    })
}

#[test]
fn every_word_is_found_wherever_it_stands() {
    for word in words().filter_map(|word| std::str::from_utf8(word).ok()) {
        for upper in [false, true] {
            let word = if upper { word.to_ascii_uppercase() } else { word.to_owned() };
            for (before, after) in
                [("", ""), ("x ", " x"), ("x", "x"), ("\u{44F}", "\u{44F}"), ("学", "学"), ("\0", "\u{10}")]
            {
                let text = format!("{before}{word}{after}");
                assert_eq!(may_speak(&text), may_speak_by_automaton(&text), "{text:?}");
            }
            assert!(may_speak(&word), "{word:?}");
        }
    }
}

#[test]
fn every_odd_character_is_seen() {
    for char in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
        let text = format!("ow{char}l");
        assert_eq!(may_speak(&text), may_speak_by_automaton(&text), "{char:?} {:x}", u32::from(char));
    }
}

/// Text out of pieces of the words looked for and what may stand between them.
fn mixed() -> impl Strategy<Value = String> {
    let words: Vec<&str> = SHORT.iter().chain(FRAGMENTS).chain(&INVISIBLE).copied().collect();
    let part =
        (prop::sample::select(words), 0_usize..4, 0_usize..4, any::<bool>()).prop_map(|(word, from, to, upper)| {
            let chars: Vec<char> = word.chars().collect();
            let part: String = chars.iter().skip(from).take(chars.len().saturating_sub(from + to)).collect();
            if upper { part.to_ascii_uppercase() } else { part }
        });
    let piece = prop_oneof![3 => part, 2 => "[ .,a-zA-Z0-9_-]{0,4}", 1 => ".{0,2}"];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]
    #[test]
    fn the_answer_is_that_of_the_automaton(text in mixed()) {
        prop_assert_eq!(may_speak(&text), may_speak_by_automaton(&text));
    }
}

#[test]
fn ordinary_texts_are_turned_away() {
    for text in [
        "",
        "A big burly grizzly bear is shown with grass in the background.",
        "She said it again: Spain, a painting of Hanoi, the chair and the fair",
        "Café \u{201C}Zur Linde\u{201D} \u{2013} Straße",
        "港の夕暮れ",
        "Вид на море",
    ] {
        assert!(!may_speak(text), "{text}");
    }
    for text in ["AI", "no-ai", "#NoAI", "(a.i.)", "ai学習", "Ａ", "ma\u{AD}chine", "n\u{200B}o", "Обучение ИИ", "𝐀𝐈"]
    {
        assert!(may_speak(text), "{text}");
    }
}
