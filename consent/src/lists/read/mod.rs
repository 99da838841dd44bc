//! Reads opt-out lists: plain text, CSV with `type` and `value`, or JSON Lines.

mod csv;
mod json;
mod plain;
mod value;

pub(super) use value::{phash_key, phash_of};

use super::{
    ListKind, OptOutList,
    entries::{Asked, MAX_TEXT_BYTES},
};
use crate::findings::clip;
use std::{borrow::Cow, sync::Arc};

/// A list that cannot be used, with the place and the way out. A line that were skipped would be
/// an opt-out ignored, so one bad line stops the list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{line}: {problem}\nhint: {hint}")]
pub struct ListError {
    /// The list's name.
    pub name: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub problem: String,
    /// What to write instead.
    pub hint: String,
}

/// What is wrong with one line, and the way out.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    problem: String,
    hint: &'static str,
}

impl Problem {
    fn new(problem: impl Into<String>, hint: &'static str) -> Self {
        Self { problem: problem.into(), hint }
    }
}

/// One entry as it stands in a list, whatever the list's form.
#[derive(Debug, Default, PartialEq, Eq)]
struct Row<'t> {
    kind: Cow<'t, str>,
    value: Cow<'t, str>,
    date: Cow<'t, str>,
    proof: Cow<'t, str>,
}

/// A row with the number of its first line.
type Numbered<'t> = (usize, Result<Row<'t>, Problem>);

pub(super) fn read(name: &str, text: &str) -> Result<OptOutList, ListError> {
    let shared: Arc<str> = name.into();
    let mut list = OptOutList::default();
    for (line, row) in rows(text.trim_start_matches('\u{FEFF}')) {
        let added = row.and_then(|row| add(&mut list, &shared, line, &row));
        added.map_err(|Problem { problem, hint }| ListError {
            name: name.to_owned(),
            line,
            problem,
            hint: hint.to_owned(),
        })?;
    }
    list.index.shrink();
    Ok(list)
}

/// The rows of a list, by the form its first line has.
fn rows(text: &str) -> Box<dyn Iterator<Item = Numbered<'_>> + '_> {
    let first = Lines::new(text).map(|(_, line)| line.trim()).find(|line| !is_blank(line)).unwrap_or_default();
    if first.starts_with('{') {
        return Box::new(json::rows(text));
    }
    match csv::Header::of(first) {
        Some(header) => Box::new(csv::rows(text, header)),
        None => Box::new(plain::rows(text)),
    }
}

fn add(list: &mut OptOutList, name: &Arc<str>, line: usize, row: &Row<'_>) -> Result<(), Problem> {
    let kind = value::kind(&row.kind)?;
    let value = row.value.trim();
    if value.len() > MAX_TEXT_BYTES {
        let hint = "no entry is longer than 8 KiB; for long addresses a `url-prefix` does";
        return Err(Problem::new(format!("`{}…` is too long", clip(value, 60)), hint));
    }
    let key = value::key(kind, value)?;
    // What was said when it was asked is told and not compared, so it may be cut.
    let (date, proof) = (clip(row.date.trim(), 64), clip(row.proof.trim(), schema::Evidence::MAX_RAW_BYTES));
    list.add(kind, &key, value, &Asked { list: Arc::clone(name), line, date: &date, proof: &proof });
    Ok(())
}

/// Whether a line holds nothing: no words, or a comment.
fn is_blank(line: &str) -> bool {
    line.is_empty() || line.starts_with('#')
}

/// Lines with their numbers. LF, CR LF and CR alone end them: a file of the last kind, read as
/// one line, could be one comment.
struct Lines<'t> {
    rest: &'t str,
    number: usize,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self { rest: text, number: 0 }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = (usize, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', self.rest.as_bytes()).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix(['\n', '\r'])).unwrap_or(rest);
        self.number += 1;
        Some((self.number, line))
    }
}
