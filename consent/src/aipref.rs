//! Content-Usage: preferences of the IETF's AIPREF group, in headers and robots.txt
//! (draft-ietf-aipref-vocab-07, draft-ietf-aipref-attach-05).
//!
//! A preference is a dictionary of RFC 9651: keys in lower case, the last of two equal keys stands,
//! and a field that does not parse states nothing. Strict reads that first, and beside it every
//! plain no: nobody writes `Train-AI=N` who does not mind.

use crate::{
    policy::Reading,
    statement::Statement,
    usage::{self, Carrier, Effect, Label},
};
use schema::Verdict;
use sfv::{BareItem, Dictionary, Item, ListEntry, Parser};

/// Splits the value of a robots.txt line into its path, if it has one, and the preferences.
pub(crate) fn split_path(value: &str) -> (Option<&str>, &str) {
    let value = value.trim();
    if !value.starts_with('/') {
        return (None, value);
    }
    match value.find([' ', '\t']) {
        Some(end) => (Some(&value[..end]), value[end..].trim_start()),
        None => (Some(value), ""),
    }
}

/// What a robots.txt line states, its path taken off.
pub(crate) fn of_robots(preferences: &str, reading: Reading) -> Vec<Statement> {
    read(preferences, reading)
}

/// What a header states: all its lines joined by `, `.
pub(crate) fn of_header(value: &str, reading: Reading) -> Vec<Statement> {
    read(value, reading)
}

fn read(text: &str, reading: Reading) -> Vec<Statement> {
    let mut found = by_the_letter(text);
    if reading == Reading::Strict {
        for label in usage::plain_noes(Carrier::Aipref, text) {
            let signal = signal(label);
            if label.effect != Effect::Record && !found.iter().any(|said| said.signal == signal && said.denies()) {
                found.push(Statement::new(signal, label.category, Verdict::MalformedDeny, text));
            }
        }
    }
    found
}

fn by_the_letter(text: &str) -> Vec<Statement> {
    let Ok(dictionary) = Parser::new(text).parse::<Dictionary>() else { return Vec::new() };
    dictionary.iter().filter_map(|(key, value)| preference(key.as_str(), value, text)).collect()
}

/// Values are the tokens `y` and `n`; anything else states nothing (vocab-07 section 6.2).
fn preference(key: &str, value: &ListEntry, text: &str) -> Option<Statement> {
    let label = usage::label(Carrier::Aipref, key).filter(|label| label.effect != Effect::Misnomer)?;
    let ListEntry::Item(item) = value else { return None };
    let BareItem::Token(token) = &item.bare_item else { return None };
    let verdict = match (token.as_str(), label.effect) {
        ("n", Effect::Deny) if has_exceptions(item) => Verdict::Conditional,
        ("n", Effect::Deny) => Verdict::Deny,
        ("y", Effect::Deny) => Verdict::Allow,
        ("n" | "y", _) => Verdict::Info,
        _ => return None,
    };
    Some(Statement::new(signal(label), label.category, verdict, text))
}

/// CC signals: a no with terms under which it is a yes. Nobody has met them.
fn has_exceptions(item: &Item) -> bool {
    item.params.iter().any(|(key, _)| key.as_str() == "exceptions")
}

fn signal(label: &Label) -> String {
    format!("aipref.{}", label.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Allow, Conditional, Deny, Info, MalformedDeny};

    #[test]
    fn paths_are_split_off() {
        for (value, path, rest) in [
            ("train-ai=n", None, "train-ai=n"),
            ("/a train-ai=n", Some("/a"), "train-ai=n"),
            (" /a\t train-ai=n ", Some("/a"), "train-ai=n"),
            ("/with space/ train-ai=n", Some("/with"), "space/ train-ai=n"),
            ("/a", Some("/a"), ""),
            ("", None, ""),
        ] {
            assert_eq!(split_path(value), (path, rest), "{value}");
        }
    }

    /// Signal and verdict of each statement.
    type Said = &'static [(&'static str, Verdict)];

    const TRAIN: &str = "aipref.train-ai";

    #[test]
    fn preferences_are_read_to_the_letter_and_beyond() {
        let rows: &[(&str, Said, Said)] = &[
            ("train-ai=n", &[(TRAIN, Deny)], &[(TRAIN, Deny)]),
            ("train-ai=y", &[(TRAIN, Allow)], &[(TRAIN, Allow)]),
            (
                "search=n, train-ai=n",
                &[("aipref.search", Info), (TRAIN, Deny)],
                &[("aipref.search", Info), (TRAIN, Deny)],
            ),
            ("train-ai=n, train-ai=y", &[(TRAIN, Allow), (TRAIN, MalformedDeny)], &[(TRAIN, Allow)]),
            ("train-ai=y, train-ai=n", &[(TRAIN, Deny)], &[(TRAIN, Deny)]),
            ("train-ai=y, train-ai, search=n, search=\"n\"", &[], &[]),
            ("train-ai;allow=n, train-ai=y", &[(TRAIN, Allow)], &[(TRAIN, Allow)]),
            ("train-ai=n;why=\"a, b\"", &[(TRAIN, Deny)], &[(TRAIN, Deny)]),
            ("Train-AI=n", &[(TRAIN, MalformedDeny)], &[]),
            ("train-ai=N", &[(TRAIN, MalformedDeny)], &[]),
            ("train-ai=?0", &[(TRAIN, MalformedDeny)], &[]),
            ("train-ai=no", &[(TRAIN, MalformedDeny)], &[]),
            ("train-ai: n", &[(TRAIN, MalformedDeny)], &[]),
            ("train-ai=\"n\"", &[(TRAIN, MalformedDeny)], &[]),
            ("train-ai=(n)", &[(TRAIN, MalformedDeny)], &[]),
            ("train-ai = n", &[(TRAIN, MalformedDeny)], &[]),
            ("train-ai=n,", &[(TRAIN, MalformedDeny)], &[]),
            ("search=y; train-ai=n", &[("aipref.search", Info), (TRAIN, MalformedDeny)], &[("aipref.search", Info)]),
            ("ai-train=no", &[("aipref.ai-train", MalformedDeny)], &[]),
            ("ai=n", &[("aipref.ai", Deny)], &[("aipref.ai", Deny)]),
            ("all=n", &[("aipref.all", Deny)], &[("aipref.all", Deny)]),
            (
                "train-genai=n;exceptions=cc-cr-ec",
                &[("aipref.train-genai", Conditional)],
                &[("aipref.train-genai", Conditional)],
            ),
            ("train-genai=y;exceptions=cc-cr-ec", &[("aipref.train-genai", Allow)], &[("aipref.train-genai", Allow)]),
            (
                "ai-output=n, inference=y",
                &[("aipref.ai-output", Info), ("aipref.inference", Info)],
                &[("aipref.ai-output", Info), ("aipref.inference", Info)],
            ),
            ("TRAIN-AI=Y", &[], &[]),
            ("space/ train-ai=n", &[(TRAIN, MalformedDeny)], &[]),
            ("unknown=n", &[], &[]),
            ("train-ai=maybe", &[], &[]),
            ("", &[], &[]),
            ("=n", &[], &[]),
            ("none", &[], &[]),
        ];
        for (text, strict, spec) in rows {
            let said =
                |reading| read(text, reading).into_iter().map(|one| (one.signal, one.verdict)).collect::<Vec<_>>();
            let as_said =
                |rows: Said| rows.iter().map(|(signal, verdict)| ((*signal).into(), *verdict)).collect::<Vec<_>>();
            assert_eq!(said(Reading::Strict), as_said(strict), "strict: {text}");
            assert_eq!(said(Reading::Spec), as_said(spec), "spec: {text}");
        }
    }
}
