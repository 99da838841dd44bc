//! Standing opt-outs: they lie in the dataset and are asked at every publish.

use crate::Error;
use consent::{ListHit, OptOutList};
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, path::Path};
use serde::{Deserialize, Serialize};
use shards::Store;
use std::fmt::Write;

/// The folder of standing opt-outs within the dataset.
const FOLDER: &str = "_optout";

/// One thing that somebody asked to be left out: a line of `_optout/*.jsonl`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it names.
    #[serde(rename = "type")]
    pub kind: EntryKind,
    /// The domain, host or URL.
    pub value: String,
}

/// What an entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
}

impl EntryKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Host => "host",
            Self::Url => "url",
            Self::UrlPrefix => "url-prefix",
        }
    }
}

/// All standing opt-outs of a dataset.
pub(crate) struct Standing {
    list: OptOutList,
}

impl Standing {
    /// Reads them. A line that cannot be read is an error: skipped, it were an opt-out ignored.
    pub(crate) async fn read(dataset: &Store) -> Result<Self, Error> {
        let mut list = OptOutList::empty();
        for name in dataset.list(FOLDER).await? {
            let Some(bytes) = dataset.get(&name).await? else { continue };
            let problem = |problem: String| Error::Record { name: name.clone(), problem };
            let text = std::str::from_utf8(&bytes).map_err(|error| problem(error.to_string()))?;
            let mut entries: Vec<Entry> = Vec::new();
            for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
                let entry = serde_json::from_str(line);
                entries.push(entry.map_err(|error| problem(format!("line {}: {error}", number + 1)))?);
            }
            list.extend(list_of(&name, &entries)?);
        }
        Ok(Self { list })
    }

    /// What changes when an opt-out comes to stand: the files that hold them, with their sizes and times.
    pub(crate) async fn mark(dataset: &Store) -> Result<Vec<(String, u64, i64)>, Error> {
        let files = dataset.inner().list(Some(&Path::from(FOLDER)));
        let mark = |file: ObjectMeta| (file.location.to_string(), file.size, file.last_modified.timestamp_micros());
        let mut marks: Vec<_> = files.map_ok(mark).try_collect().await?;
        marks.sort();
        Ok(marks)
    }

    /// Whether one of them names the picture or its page.
    pub(crate) fn names(&self, url: &str, page_url: &str) -> bool {
        !self.list.is_empty() && super::named(&self.list, url, page_url).is_some()
    }

    /// The entry that names the picture or, if none does, its page.
    pub(crate) fn find(&self, url: &str, page_url: &str) -> Option<ListHit> {
        super::named(&self.list, url, page_url)
    }

    /// Adds `entries` under the name of the takedown `id`. The same id again writes the same file.
    pub(crate) async fn add(dataset: &Store, id: &str, entries: &[Entry]) -> Result<(), Error> {
        let name = format!("{FOLDER}/{id}.jsonl");
        let mut lines = String::new();
        for entry in entries {
            let line = serde_json::to_string(entry);
            lines.push_str(&line.map_err(|error| Error::Record { name: name.clone(), problem: error.to_string() })?);
            lines.push('\n');
        }
        Ok(dataset.put(&name, lines).await?)
    }
}

/// `entries` ready for look-ups. Goes through the list's own CSV, so that there is one reading of
/// what an entry names.
pub(super) fn list_of(name: &str, entries: &[Entry]) -> Result<OptOutList, Error> {
    let problem = |problem: String| Error::Record { name: name.to_owned(), problem };
    let mut csv = String::from("type,value\n");
    for entry in entries {
        if entry.value.contains(['\n', '\r']) {
            return Err(problem(format!("`{}` holds a line break", entry.value)));
        }
        let _ = writeln!(csv, "{},\"{}\"", entry.kind.name(), entry.value.replace('"', "\"\""));
    }
    OptOutList::parse(name, &csv).map_err(|error| problem(error.problem))
}
