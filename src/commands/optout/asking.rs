//! What is asked about: a list, or entries on the command line.

use crate::{cli::Asking, exit::Stop};
use consent::OptOutList;
use index::optout::{Entry, EntryKind, Named, entries_of};
use schema::sha256_hex;
use std::{io::Read, path::Path};

/// Most bytes of a list: beyond that it is no list.
const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// A request, understood.
pub(super) struct Request {
    /// All that was named, for look-ups.
    pub(super) named: Named,
    /// What takes something out.
    pub(super) entries: Vec<Entry>,
    /// The list's name and digest, if there was one.
    pub(super) list: Option<(String, String)>,
}

impl Request {
    /// Reads it. What cannot be understood stops everything: skipped, it were an opt-out ignored.
    pub(super) fn read(asking: &Asking) -> Result<Self, Stop> {
        let mut named = Named::in_list(OptOutList::empty());
        let mut entries = Vec::new();
        let mut came_as = None;
        if let Some(path) = &asking.list {
            let (name, text) = text_of(path)?;
            let list = OptOutList::parse(&name, &text)?;
            entries.extend(entries_of(&list));
            named.extend(Named::in_list(list));
            // Where it lies on this machine is nobody's business.
            let file = path.file_name().filter(|_| path.exists()).map(|file| file.to_string_lossy().into_owned());
            came_as = Some((file.unwrap_or(name), sha256_hex(text.as_bytes())));
        }
        for (kind, values) in [
            ("domain", &asking.domain),
            ("host", &asking.host),
            ("url", &asking.url),
            ("url-prefix", &asking.url_prefix),
            ("sha256", &asking.sha256),
            ("phash", &asking.phash),
            ("name", &asking.name),
        ] {
            for value in values {
                let list = one(kind, value)?;
                entries.extend(entries_of(&list));
                named.extend(Named::in_list(list));
            }
        }
        for value in &asking.id {
            let entry = [Entry { kind: EntryKind::Id, value: value.clone() }];
            let by_id = Named::of("--id", &entry).map_err(|_| {
                Stop::yours(
                    format!("`--id {value}` is no row"),
                    "write the number in its column `id`, and its URL behind a blank if you like",
                )
            })?;
            named.extend(by_id);
            entries.extend(entry);
        }
        Ok(Self { named, entries, list: came_as })
    }

    /// Adds rows that somebody decided on.
    pub(super) fn decide(&mut self, file: &str, rows: Vec<Entry>) -> Result<(), Stop> {
        self.named.extend(Named::of(file, &rows)?);
        self.entries.extend(rows);
        Ok(())
    }

    /// How many names of persons are among it.
    pub(super) fn names(&self) -> u64 {
        self.named.list().names().count() as u64
    }
}

/// The list's name for messages, and its text.
fn text_of(path: &Path) -> Result<(String, String), Stop> {
    if path == Path::new("-") {
        let mut text = String::new();
        let read = std::io::stdin().lock().take(MOST_BYTES).read_to_string(&mut text);
        read.map_err(|error| {
            Stop::yours(format!("standard input cannot be read: {error}"), "write a list as UTF-8 into it")
        })?;
        return Ok(("standard input".to_owned(), text));
    }
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::yours(format!("list `{name}` cannot be read: {error}"), "name a list that exists"))?;
    Ok((name, text))
}

/// One entry of the command line, read as a list's line is.
fn one(kind: &str, value: &str) -> Result<OptOutList, Stop> {
    let option = format!("--{kind}");
    if value.contains(['\n', '\r']) {
        return Err(Stop::yours(format!("`{option}` holds a line break"), "give each by an option of its own"));
    }
    let csv = format!("type,value\n{kind},\"{}\"\n", value.replace('"', "\"\""));
    OptOutList::parse(&option, &csv).map_err(|error| Stop::yours(format!("{option}: {}", error.problem), error.hint))
}
