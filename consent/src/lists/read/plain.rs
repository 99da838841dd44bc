//! Plain text: one entry a line, its type told by its looks.

use super::{Lines, ListKind, Numbered, Problem, Row, is_blank, value};
use std::borrow::Cow;

pub(super) fn rows(text: &str) -> impl Iterator<Item = Numbered<'_>> {
    let lines = Lines::new(text).map(|(number, line)| (number, line.trim())).filter(|(_, line)| !is_blank(line));
    lines.map(|(number, line)| (number, row(line)))
}

fn row(line: &str) -> Result<Row<'_>, Problem> {
    if line == "[" || line.starts_with("[{") {
        return Err(Problem::new("this is a JSON array", "write one object a line (JSON Lines), without `[` and `,`"));
    }
    let value = without_comment(line);
    Ok(Row { kind: Cow::Owned(kind(value).to_string()), value: Cow::Borrowed(value), ..Row::default() })
}

/// A `#` behind a blank starts a comment; one within a URL is its fragment.
fn without_comment(line: &str) -> &str {
    let starts_comment = |(place, _): &(usize, &str)| line[..*place].ends_with(char::is_whitespace);
    match line.match_indices('#').find(starts_comment) {
        Some((place, _)) => line[..place].trim_end(),
        None => line,
    }
}

fn kind(value: &str) -> ListKind {
    match (value.contains("://"), value.ends_with('*')) {
        (true, true) => ListKind::UrlPrefix,
        (true, false) => ListKind::Url,
        // No label of a host is as long.
        (false, _) if value::is_sha256(value) => ListKind::Sha256,
        (false, _) => ListKind::Domain,
    }
}
