//! One record of an archive, lent out of the reader's memory.

use super::{
    arc,
    digest::{self, DigestCheck},
};
use chrono::{DateTime, NaiveDateTime, Utc};
use std::borrow::Cow;

/// A WARC record: its head and its block. A record of an ARC file answers to the same names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Where it begins in the file: the offset of its gzip member, or of its first byte.
    pub offset: u64,
    /// Version and named fields as written, up to the empty line; of an ARC record, its line.
    pub head: &'a [u8],
    /// The block.
    pub block: &'a [u8],
}

impl<'a> Record<'a> {
    /// The first field of this name, whatever its case.
    pub fn field(&self, name: &str) -> Option<Cow<'a, str>> {
        if self.head.starts_with(b"WARC/") {
            return find_field(self.head, name);
        }
        arc::Line::parse(self.head)?.field(name)
    }

    /// Whether the record is of this `WARC-Type`.
    pub fn is(&self, kind: &str) -> bool {
        self.field("WARC-Type").is_some_and(|value| value.eq_ignore_ascii_case(kind))
    }

    /// The address captured. Some writers put it between angle brackets.
    pub fn target(&self) -> Option<Cow<'a, str>> {
        let target = self.field("WARC-Target-URI")?;
        let bare = target.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        Some(bare.map(|bare| bare.to_owned().into()).unwrap_or(target))
    }

    /// When it was captured.
    pub fn date(&self) -> Option<DateTime<Utc>> {
        let text = self.field("WARC-Date")?;
        let digits = |text: &str| NaiveDateTime::parse_from_str(text.get(..14)?, "%Y%m%d%H%M%S").ok();
        match DateTime::parse_from_rfc3339(&text) {
            Ok(date) => Some(date.with_timezone(&Utc)),
            Err(_) => digits(&text).map(|date| date.and_utc()),
        }
    }

    /// Why the crawler broke the block off, where it says that it did (`length`, `time`, …).
    pub fn truncated(&self) -> Option<Cow<'a, str>> {
        self.field("WARC-Truncated")
    }

    /// Whether the block is what was captured, as far as the record's digests tell.
    pub fn check_digest(&self) -> DigestCheck {
        digest::check(self)
    }
}

/// A named field of a head. Continuation lines are joined (ISO 28500 section 4); lines that are
/// neither carry nothing we use, and old writers leave some.
pub(super) fn find_field<'a>(head: &'a [u8], name: &str) -> Option<Cow<'a, str>> {
    let mut start = memchr::memchr(b'\n', head)? + 1;
    while start < head.len() {
        let line = line_at(head, start);
        start += line.len();
        let Some(value) = value_of(line, name) else { continue };
        let mut value = String::from_utf8_lossy(value);
        while matches!(head.get(start), Some(b' ' | b'\t')) {
            let line = line_at(head, start);
            start += line.len();
            let value = value.to_mut();
            value.push(' ');
            value.push_str(&String::from_utf8_lossy(line.trim_ascii()));
        }
        return Some(value);
    }
    None
}

/// The line with its end.
fn line_at(head: &[u8], start: usize) -> &[u8] {
    let rest = &head[start..];
    &rest[..memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1)]
}

fn value_of<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let (start, rest) = line.split_at_checked(name.len())?;
    if !start.eq_ignore_ascii_case(name.as_bytes()) {
        return None;
    }
    rest.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_name() {
        let head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI : <http://a.example/>\r\nnonsense\r\n\
            WARC-Date:2024-01-02T03:04:05Z\r\nLong: one\r\n two\r\n\tthree: 3\r\nwarc-type: second\r\nEmpty:\r\n";
        let record = Record { offset: 0, head, block: b"" };
        assert!(record.is("Response") && !record.is("request"));
        assert_eq!(record.target().as_deref(), Some("http://a.example/"));
        assert_eq!(record.date().unwrap().to_rfc3339(), "2024-01-02T03:04:05+00:00");
        for (name, value) in [
            ("long", Some("one two three: 3")),
            ("WARC", None),
            ("three", None),
            ("empty", Some("")),
            ("nonsense", None),
            ("WARC/1.0", None),
            ("", None),
        ] {
            assert_eq!(record.field(name).as_deref(), value, "{name}");
        }
    }

    #[test]
    fn an_arc_line_answers_to_the_names_of_warc() {
        let head = b"http://a.example/x y 10.0.0.1 20080430204825 text/html 5\n";
        let record = Record { offset: 0, head, block: b"HTTP/" };
        assert!(record.is("response"));
        assert_eq!(record.target().as_deref(), Some("http://a.example/x y"));
        assert_eq!(record.date().unwrap().to_rfc3339(), "2008-04-30T20:48:25+00:00");
        assert_eq!(record.field("content-length").as_deref(), Some("5"));
        assert_eq!(record.field("WARC-Record-ID"), None);
    }
}
