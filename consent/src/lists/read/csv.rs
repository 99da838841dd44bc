//! CSV (RFC 4180) with a header, separated by commas, semicolons or tabs.

use super::{Lines, Numbered, Problem, Row};
use std::borrow::Cow;

/// One row's cells.
type Record<'t> = Vec<Cow<'t, str>>;

/// Which column holds what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// What spreadsheets write depends on where they stand.
    separator: char,
    kind: usize,
    value: usize,
    date: Option<usize>,
    proof: Option<usize>,
}

impl Header {
    /// The columns, if `line` names `type` and `value`.
    pub(super) fn of(line: &str) -> Option<Self> {
        [',', ';', '\t'].into_iter().find_map(|separator| {
            let mut reader = Reader { rest: line, line: 1, separator };
            let names = reader.record().ok()?;
            let place = |wanted: &str| names.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
            let (kind, value) = place("type").zip(place("value"))?;
            Some(Self { separator, kind, value, date: place("date"), proof: place("evidence") })
        })
    }
}

/// All rows below the header.
pub(super) fn rows(text: &str, header: Header) -> impl Iterator<Item = Numbered<'_>> {
    let mut reader = Reader { rest: text, line: 1, separator: header.separator };
    // The header itself is the first that is not blank.
    let records = std::iter::from_fn(move || reader.next_record()).skip(1);
    records.map(move |(line, record)| (line, record.map(|fields| row(fields, header))))
}

fn row(mut fields: Record<'_>, header: Header) -> Row<'_> {
    let mut field = |place: usize| fields.get_mut(place).map(std::mem::take).unwrap_or_default();
    Row {
        kind: field(header.kind),
        value: field(header.value),
        date: header.date.map(&mut field).unwrap_or_default(),
        proof: header.proof.map(&mut field).unwrap_or_default(),
    }
}

struct Reader<'t> {
    rest: &'t str,
    /// Of what `rest` begins with.
    line: usize,
    separator: char,
}

impl<'t> Reader<'t> {
    /// The next record that holds something, with the line it begins on.
    fn next_record(&mut self) -> Option<(usize, Result<Record<'t>, Problem>)> {
        while !self.rest.is_empty() {
            let line = self.line;
            if self.skip_comment() {
                continue;
            }
            match self.record() {
                // Spreadsheets end with rows of separators alone.
                Ok(fields) if fields.iter().all(|field| field.trim().is_empty()) => {}
                Ok(fields) => return Some((line, Ok(fields))),
                Err(problem) => {
                    self.rest = "";
                    return Some((line, Err(problem)));
                }
            }
        }
        None
    }

    fn skip_comment(&mut self) -> bool {
        let blanks = |c: char| c.is_whitespace() && !matches!(c, '\n' | '\r') && c != self.separator;
        if !self.rest.trim_start_matches(blanks).starts_with('#') {
            return false;
        }
        let mut lines = Lines::new(self.rest);
        lines.next();
        self.rest = lines.rest;
        self.line += 1;
        true
    }

    fn record(&mut self) -> Result<Record<'t>, Problem> {
        let mut fields = Vec::with_capacity(4);
        loop {
            fields.push(self.field()?);
            if let Some(rest) = self.rest.strip_prefix(self.separator) {
                self.rest = rest;
                continue;
            }
            let ended = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix(['\n', '\r']));
            self.rest = ended.unwrap_or_default();
            self.line += 1;
            return Ok(fields);
        }
    }

    /// Up to the separator, the line's end or the text's.
    fn field(&mut self) -> Result<Cow<'t, str>, Problem> {
        let separator = self.separator;
        let blank = |c: char| c == ' ' || (c == '\t' && separator != '\t');
        if let Some(quoted) = self.rest.trim_start_matches(blank).strip_prefix('"') {
            let field = self.quoted(quoted)?;
            self.rest = self.rest.trim_start_matches(blank);
            if self.rest.is_empty() || self.rest.starts_with([separator, '\n', '\r']) {
                return Ok(field);
            }
            let hint = "write a `\"` within a quoted field twice";
            return Err(Problem::new("words stand behind a closing quote", hint));
        }
        let end = self.rest.find([separator, '\n', '\r']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        self.rest = rest;
        Ok(Cow::Borrowed(field))
    }

    /// A field whose opening quote has been read; it may hold separators and ends of lines.
    fn quoted(&mut self, text: &'t str) -> Result<Cow<'t, str>, Problem> {
        let mut field = Cow::Borrowed("");
        let mut rest = text;
        loop {
            let unclosed = || Problem::new("a quoted field is not closed", "write `\"` at its end");
            let (part, after) = rest.split_once('"').ok_or_else(unclosed)?;
            field += part;
            self.line += Lines::new(part).count().saturating_sub(1) + usize::from(part.ends_with(['\n', '\r']));
            let Some(after_both) = after.strip_prefix('"') else {
                self.rest = after;
                return Ok(field);
            };
            field += "\"";
            rest = after_both;
        }
    }
}
