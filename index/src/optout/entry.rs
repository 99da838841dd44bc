//! One thing that somebody asked to be left out.

use crate::Error;
use consent::{ListKind, OptOutList};
use schema::sha256_hex;
use serde::{Deserialize, Serialize};
use std::fmt::{self, Write};

/// One thing that somebody asked to be left out: a line of `_optout/*.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it names.
    #[serde(rename = "type")]
    pub kind: EntryKind,
    /// The domain, host, URL, hash or row.
    pub value: String,
}

/// What an entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A domain with all its subdomains.
    Domain,
    /// One host.
    Host,
    /// One URL.
    Url,
    /// All URLs that begin so.
    UrlPrefix,
    /// A picture by its bytes, wherever it lies.
    Sha256,
    /// A picture by its looks, wherever it lies.
    Phash,
    /// One row: its id, and behind a blank the picture's URL.
    Id,
}

impl EntryKind {
    /// Its name in lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Host => "host",
            Self::Url => "url",
            Self::UrlPrefix => "url-prefix",
            Self::Sha256 => "sha256",
            Self::Phash => "phash",
            Self::Id => "id",
        }
    }

    /// What an entry of a list is here; nothing for a person's name, which takes out nothing by itself.
    fn of(kind: ListKind) -> Option<Self> {
        match kind {
            ListKind::Domain => Some(Self::Domain),
            ListKind::Host => Some(Self::Host),
            ListKind::Url => Some(Self::Url),
            ListKind::UrlPrefix => Some(Self::UrlPrefix),
            ListKind::Sha256 => Some(Self::Sha256),
            ListKind::Phash => Some(Self::Phash),
            ListKind::Name => None,
        }
    }
}

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The entries of a list that take something out, in their order. Names of persons are not among them.
pub fn entries_of(list: &OptOutList) -> Vec<Entry> {
    let entry = |kind, value| EntryKind::of(kind).map(|kind| Entry { kind, value });
    list.entries().filter_map(|hit| entry(hit.kind, hit.value)).collect()
}

/// `entries` as a file of standing opt-outs has them: one JSON object a line.
pub(crate) fn lines(name: &str, entries: &[Entry]) -> Result<String, Error> {
    let mut lines = String::new();
    for entry in entries {
        let line = serde_json::to_string(entry);
        lines.push_str(&line.map_err(|error| Error::Record { name: name.to_owned(), problem: error.to_string() })?);
        lines.push('\n');
    }
    Ok(lines)
}

/// What tells one request from another: the SHA-256 of its entries as lines. The same entries in another form of list are
/// the same request.
pub fn digest_of(entries: &[Entry]) -> Result<String, Error> {
    Ok(sha256_hex(lines("the request", entries)?.as_bytes()))
}

/// `entries` ready for look-ups, but for those of single rows. Goes through the list's own CSV, so that there is one
/// reading of what an entry names. Each stands on the line of its number, from 2.
pub(super) fn list_of(name: &str, entries: &[Entry]) -> Result<OptOutList, Error> {
    let problem = |problem: String| Error::Record { name: name.to_owned(), problem };
    let mut csv = String::from("type,value\n");
    for entry in entries {
        if entry.value.contains(['\n', '\r']) {
            return Err(problem(format!("`{}` holds a line break", entry.value)));
        }
        if entry.kind == EntryKind::Id {
            // Its line is kept free.
            csv.push('\n');
        } else {
            let _ = writeln!(csv, "{},\"{}\"", entry.kind.name(), entry.value.replace('"', "\"\""));
        }
    }
    OptOutList::parse(name, &csv).map_err(|error| problem(error.problem))
}

/// The id of a row and, if it is said, its URL.
pub(super) fn row_of(name: &str, value: &str) -> Result<(i64, Option<String>), Error> {
    let (id, url) = match value.split_once(' ') {
        Some((id, url)) => (id, Some(url.to_owned())),
        None => (value, None),
    };
    let problem = format!("`{value}` is no row: write its id, or its id, a blank and its URL");
    let id = id.parse().map_err(|_| Error::Record { name: name.to_owned(), problem })?;
    Ok((id, url))
}
