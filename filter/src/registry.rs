//! Which models there are: the registry in the binary (`configs/models.toml`) and what a file of the user's adds,
//! and the cache that holds those that were pulled.
//!
//! Pure data, and files of this machine: whoever downloads does so elsewhere, into a [`Stage`].

mod cache;
mod entry;
mod receipt;
mod stage;

pub use cache::{Cache, Checked, State};
pub use entry::{Entry, HubFile, KnownThreshold, Runs};
pub use stage::{Lock, Stage};

use crate::{Error, model};
use schema::nearest;
use serde::Deserialize;
use std::path::Path;

/// The registry in the binary.
const BUILT_IN: &str = include_str!("../../configs/models.toml");

/// All models that are known by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Registry {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    models: Vec<Entry>,
}

impl Registry {
    /// The registry in the binary.
    pub fn built_in() -> Result<Self, Error> {
        Self { entries: Vec::new() }.with(BUILT_IN, "configs/models.toml")
    }

    /// The same with the entries of the file `text`, found at `place`: an entry under a known name takes its place.
    pub fn with(mut self, text: &str, place: &str) -> Result<Self, Error> {
        let wrong = |problem: String| Error::File {
            file: place.to_owned(),
            problem,
            hint: "write it as configs/models.toml, which shows every key".into(),
        };
        let written: Written =
            toml::from_str(text).map_err(|error| wrong(format!("is no registry: {}", error.to_string().trim_end())))?;
        let mut seen = Vec::new();
        for entry in written.models {
            if let Some(problem) = entry.nonsense() {
                return Err(wrong(format!("names `{}`, which {problem}", entry.name)));
            }
            if seen.contains(&entry.name) {
                return Err(wrong(format!("names `{}` twice", entry.name)));
            }
            seen.push(entry.name.clone());
            match self.entries.iter_mut().find(|known| known.name == entry.name) {
                Some(known) => *known = entry,
                None => self.entries.push(entry),
            }
        }
        Ok(self)
    }

    /// All entries, in the order they are written.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry of this name, or of which this is another name.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        let by_name = self.entries.iter().find(|entry| entry.name == name);
        by_name.or_else(|| self.entries.iter().find(|entry| entry.aliases.iter().any(|alias| alias == name)))
    }

    /// That there is no model `name`, with the nearest there is in registry and cache.
    pub fn unknown(&self, name: &str, cache: &Cache) -> Error {
        let held = cache.names().unwrap_or_default();
        let own = self.entries.iter().flat_map(|entry| entry.aliases.iter().chain([&entry.name]));
        let known = own.chain(&held).map(String::as_str).chain([model::DEMO]);
        Error::UnknownModel { name: name.to_owned(), nearest: nearest(name, known).map(str::to_owned) }
    }

    /// What [`crate::Model::open`] is to open for `name`: `demo`, a folder with a `model.toml`, or the folder in the
    /// cache of a model that was pulled or added.
    pub fn locate(&self, name: &str, cache: &Cache) -> Result<String, Error> {
        if name == model::DEMO || Path::new(name).join(model::MODEL_TOML).is_file() {
            return Ok(name.to_owned());
        }
        let entry = self.find(name);
        let held = entry.map_or(name, |entry| entry.name.as_str());
        if let Some(folder) = cache.folder(held).filter(|folder| folder.join(model::MODEL_TOML).is_file()) {
            return Ok(folder.display().to_string());
        }
        match entry {
            Some(entry) => {
                entry.must_run()?;
                Err(Error::NotPulled { name: entry.name.clone() })
            }
            None => Err(self.unknown(name, cache)),
        }
    }
}

#[cfg(test)]
mod tests;
