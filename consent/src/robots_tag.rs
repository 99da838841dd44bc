//! `Robots-Tag` in its structured forms (draft-illyes-repext). The draft changed its mind:
//!
//! ```text
//! *;noindex;nosnippet, ExampleBot;        a List; rules are parameters (2026)
//! ;noindex;nosnippet, ExampleBot=;        the name for all left out (2025)
//! *=noindex, nosnippet; ExampleBot=       a Dictionary
//! ```
//!
//! All are read, leniently, since a rule that is missed would be a no overheard. Rules of a token
//! that stands twice add up, as do those for all and for one. There is no limit to the length
//! (the draft asks for 8 KiB at least): one pass reads it.

use crate::directive::{Item, Meaning, meaning};

/// What a value that looks like a structured form says; nothing where it does not.
///
/// The caller reads every value in the old form, too, and all that is found in either counts.
pub(crate) fn items(value: &str) -> Vec<Item<'_>> {
    match form(value) {
        Form::Dictionary => dictionary(value),
        Form::List => list(value),
        Form::Old => Vec::new(),
    }
}

enum Form {
    Dictionary,
    List,
    Old,
}

/// A `=` before the first comma or semicolon gives a Dictionary away, any semicolon a List.
fn form(value: &str) -> Form {
    let first = value.find([',', ';']).unwrap_or(value.len());
    let key = value[..first].split_once('=').map(|(key, _)| key);
    match key {
        Some(key) if is_token(unquoted(key)) => Form::Dictionary,
        _ if value.contains(';') || key.is_some() => Form::List,
        _ => Form::Old,
    }
}

/// `token=rule, rule; token=rule`: both marks part, since either was used for either.
fn dictionary(value: &str) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut to = None;
    for piece in pieces(value, [',', ';']) {
        let rules = match piece.split_once('=') {
            // "noai=true": a rule with its value and not a crawler of that name.
            Some((name, _)) if is_rule(name) => piece,
            Some((token, rules)) => {
                to = addressee(token);
                rules
            }
            None => piece,
        };
        // A string may hold several: `ExampleBot="noindex, noai"`.
        items.extend(unquoted(rules).split([',', ';']).filter_map(|rule| item(to, rule)));
    }
    items
}

/// `token;rule;rule, token;rule`.
fn list(value: &str) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    for member in pieces(value, [',', ',']) {
        let mut parts = pieces(member, [';', ';']);
        let first = parts.next().unwrap_or_default();
        let to = if is_rule(first) {
            // "noindex; nofollow" names nobody.
            items.extend(item(None, first));
            None
        } else if is_token(unquoted(first)) || unquoted(first).is_empty() {
            addressee(first)
        } else {
            // "googlebot: noindex; nofollow" is the old form.
            continue;
        };
        items.extend(parts.filter_map(|rule| item(to, rule)));
    }
    items
}

fn item<'a>(to: Option<&'a str>, rule: &'a str) -> Option<Item<'a>> {
    let (name, value) = match rule.split_once('=') {
        Some((name, value)) => (name, Some(unquoted(value))),
        None => (rule, None),
    };
    let name = unquoted(name);
    // `noindex=?1` is the long way to write a parameter that is true (RFC 9651 section 3.3.6).
    let value = value.filter(|value| *value != "?1");
    (!name.is_empty()).then_some(Item { scope: to, name, value })
}

/// `None` speaks to all.
fn addressee(token: &str) -> Option<&str> {
    Some(unquoted(token)).filter(|token| !matches!(*token, "" | "*"))
}

fn is_rule(text: &str) -> bool {
    let name = text.split(['=', ':']).next().unwrap_or_default();
    let name = unquoted(name);
    // `ai` as a name stands for all AI crawlers.
    let is_known = !name.eq_ignore_ascii_case("ai") && meaning(name, None) != Meaning::Unknown;
    is_known || name.starts_with("max-")
}

/// A product token as they are in use: `img2dataset` and `Foo.bot/1.0` are none by RFC 9309.
fn is_token(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '-' | '_' | '.' | '/');
    !text.is_empty() && text.chars().all(known)
}

fn unquoted(text: &str) -> &str {
    text.trim().trim_matches('"').trim()
}

/// Splits at either of `marks`, but not within quotes.
fn pieces(text: &str, marks: [char; 2]) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c: char| {
        quoted ^= c == '"';
        !quoted && marks.contains(&c)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Vec<String> {
        let show = |item: Item<'_>| {
            let value = item.value.map(|value| format!("={value}")).unwrap_or_default();
            format!("{}>{}{value}", item.scope.unwrap_or("*"), item.name)
        };
        items(value).into_iter().map(show).collect()
    }

    #[test]
    fn the_drafts_own_examples() {
        for (value, expected) in [
            ("*;noindex;nosnippet, ExampleBot;", &["*>noindex", "*>nosnippet"][..]),
            (";noindex;nosnippet, ExampleBot=;", &["*>noindex", "*>nosnippet"]),
            ("*;nosnippet, ExampleBot;noindex", &["*>nosnippet", "ExampleBot>noindex"]),
            ("*=noindex, nosnippet; ExampleBot=", &["*>noindex", "*>nosnippet"]),
            ("ExampleBot=noindex", &["ExampleBot>noindex"]),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
    }

    #[test]
    fn forms_people_may_make_of_it() {
        for (value, expected) in [
            ("ExampleBot;noindex, ExampleBot;noai", &["ExampleBot>noindex", "ExampleBot>noai"][..]),
            ("*=\"noindex, noai\", GPTBot=\"none\"", &["*>noindex", "*>noai", "GPTBot>none"]),
            ("\"ExampleBot\";noai", &["ExampleBot>noai"]),
            ("*;noindex=?1;noai=?0", &["*>noindex", "*>noai=?0"]),
            ("*;max-snippet=0", &["*>max-snippet=0"]),
            ("noindex; nofollow", &["*>noindex", "*>nofollow"]),
            ("noai=true, noindex", &["*>noai=true", "*>noindex"]),
            ("* ; noindex ; noai , b ; all", &["*>noindex", "*>noai", "b>all"]),
            ("googlebot: noindex; nofollow", &[]),
            ("noindex, nofollow", &[]),
            ("=noai", &[]),
            (";;,;=,=;,", &[]),
            ("\"noai;noindex", &[]),
            ("", &[]),
        ] {
            assert_eq!(read(value), expected, "{value}");
        }
    }

    #[test]
    fn eight_kibibytes_and_more_are_read() {
        let long = format!("{}*;noindex", "ExampleBot;x, ".repeat(1000));
        assert!(long.len() > 8 * 1024);
        assert_eq!(read(&long).last().map(String::as_str), Some("*>noindex"));
        for hostile in [";".repeat(300_000), "\"".repeat(300_001), "*=".repeat(200_000), "a;b,".repeat(100_000)] {
            assert!(items(&hostile).len() <= 100_000);
        }
    }
}
