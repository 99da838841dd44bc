//! Metas of people's own making: names that speak of AI, and words that answer yes or no.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../../data/metas.tsv");

/// Kind, word, signal.
static ROWS: LazyLock<Vec<[&'static str; 3]>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

fn row(line: &'static str) -> Option<[&'static str; 3]> {
    if line.starts_with('#') {
        return None;
    }
    let mut columns = line.split('\t');
    Some([columns.next()?, columns.next()?, columns.next()?])
}

/// The signal of a name that speaks of AI. `name` must be lower case.
pub(super) fn signal(name: &str) -> Option<&'static str> {
    ROWS.iter().find(|[kind, word, _]| *kind == "name" && *word == name).map(|[_, _, signal]| *signal)
}

/// All names that speak of AI.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().filter(|[kind, ..]| *kind == "name").map(|[_, word, _]| *word)
}

/// How such a meta is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Response {
    No,
    Yes,
    Neither,
}

/// A no among several answers stands.
pub(super) fn response(content: &str) -> Response {
    let mut found = Response::Neither;
    for item in content.split([',', ';', '|']) {
        let item = item.trim_matches(|c: char| crate::directive::blank(c) || matches!(c, '"' | '\'' | '.'));
        match ROWS.iter().find(|[kind, word, _]| *kind != "name" && item.eq_ignore_ascii_case(word)) {
            Some(["no", ..]) => return Response::No,
            Some(_) => found = Response::Yes,
            None => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(ROWS.len(), lines.count());
        assert!(
            ROWS.iter().all(|[kind, word, _]| matches!(*kind, "name" | "no" | "yes") && *word == word.to_lowercase())
        );
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }

    #[test]
    fn answers_are_whole_items() {
        for (content, expected) in [
            ("disallow", Response::No),
            (" Disallowed ", Response::No),
            ("\"false\"", Response::No),
            ("no; see /terms", Response::No),
            ("yes, no", Response::No),
            ("allowed", Response::Yes),
            ("permitted; license=CC-BY-4.0", Response::Yes),
            ("no restrictions", Response::Neither),
            ("none of your business", Response::Neither),
            ("non-commercial-only", Response::Neither),
            ("", Response::Neither),
        ] {
            assert_eq!(response(content), expected, "{content}");
        }
    }
}
