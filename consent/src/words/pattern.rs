//! The little language in which phrases are written.
//!
//! A pattern is a regular expression over the comparable form of a text (see
//! [`Normal`](super::normalise::Normal)), with two additions: `…` is a gap within the sentence,
//! `……` a long one, and `{name}` stands for a group of words defined further up in the table.

use super::fold::fold_pattern;
use regex::{Regex, RegexBuilder};
use std::collections::HashMap;

/// Words that have a name, by language and name.
pub(super) type Words = HashMap<(String, String), String>;

/// Characters a gap may span in scripts with blanks, and in those without.
const GAP: (usize, usize) = (60, 12);
/// What a long gap may span, as lawyers write.
const LONG_GAP: usize = 160;
/// Above this a pattern is a mistake.
const MAX_COMPILED_BYTES: usize = 4 << 20;

/// A pattern as a regular expression in folded letters.
pub(super) fn expand(language: &str, pattern: &str, words: &Words) -> String {
    let gap = if is_tight_language(language) { GAP.1 } else { GAP.0 };
    let mut pattern = with_words(language, pattern, words);
    for (sign, gap) in [("……", LONG_GAP), ("…", gap)] {
        // With blanks around it a gap takes whole words, or none.
        pattern = pattern
            .replace(&format!("( {sign})?"), &format!("(?:[ ,:/][^\\n]{{0,{gap}}}?)?"))
            .replace(&format!(" {sign} "), &format!("[ ,:/](?:[^\\n]{{0,{gap}}}?[ ,:/'])?"))
            .replace(sign, &format!("[^\\n]{{0,{gap}}}?"));
    }
    fold_pattern(&pattern)
}

/// Compiles a phrase. Where it ends in a choice such as "reserve" or "reserved" the one is taken
/// that ends with its word.
pub(super) fn compile_phrase(expanded: &str) -> Option<Regex> {
    let latin = expanded.is_ascii() && expanded.ends_with(')');
    compile(&if latin { format!("(?:{expanded})(?-u:\\b)") } else { expanded.to_owned() })
}

/// Compiles what [`expand`] made. The tables' tests compile them all, so that none fails later.
pub(super) fn compile(expanded: &str) -> Option<Regex> {
    RegexBuilder::new(expanded).size_limit(MAX_COMPILED_BYTES).build().ok()
}

/// Whether the language sets no blanks between words, or is read as if it did not.
pub(super) fn is_tight_language(language: &str) -> bool {
    matches!(language.split('-').next(), Some("ja" | "zh" | "ko" | "th"))
}

fn with_words(language: &str, pattern: &str, words: &Words) -> String {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let named = after.split_once('}').and_then(|(name, after)| {
            let meaning = words.get(&(language.to_owned(), name.to_owned()))?;
            Some((meaning, after))
        });
        if let Some((meaning, after)) = named {
            text.push_str(meaning);
            rest = after;
        } else {
            // A repetition such as `{0,3}`.
            text.push('{');
            rest = after;
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_expanded() {
        let words = Words::from([(("fr".into(), "ai".into()), "(ia|robots)".into())]);
        for (language, pattern, expected) in [
            ("fr", "Entraîné d'{ai}", "Entraine d'(ia|robots)"),
            ("fr", "a{0,3} {none}", "a{0,3} {none}"),
            ("de", "a … b", "a[ ,:/](?:[^\\n]{0,60}?[ ,:/'])?b"),
            ("de", "a( ……)? b", "a(?:[ ,:/][^\\n]{0,160}?)? b"),
            ("ja", "学習…禁止", "学習[^\\n]{0,12}?禁止"),
        ] {
            assert_eq!(expand(language, pattern, &words), expected, "{pattern}");
        }
    }
}
