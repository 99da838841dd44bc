//! One record of an archive.

use chrono::{DateTime, Utc};

/// A WARC record: its named fields and its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it begins in the file: the offset of its gzip member, or of its first byte.
    pub offset: u64,
    /// Named fields in order, as written.
    pub fields: Vec<(String, String)>,
    /// The block.
    pub block: Vec<u8>,
}

impl Record {
    /// The first field of this name, whatever its case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Whether the record is of this `WARC-Type`.
    pub fn is(&self, kind: &str) -> bool {
        self.field("WARC-Type").is_some_and(|value| value.eq_ignore_ascii_case(kind))
    }

    /// The address captured. Some writers put it between angle brackets.
    pub fn target(&self) -> Option<&str> {
        let target = self.field("WARC-Target-URI")?.trim();
        Some(target.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(target))
    }

    /// When it was captured.
    pub fn date(&self) -> Option<DateTime<Utc>> {
        let text = self.field("WARC-Date")?;
        DateTime::parse_from_rfc3339(text).ok().map(|date| date.with_timezone(&Utc))
    }
}
