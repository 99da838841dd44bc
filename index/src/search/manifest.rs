//! `_search/index.json`: what the index is of.

use super::{FOLDER, damaged};
use crate::{Error, table::ActiveFile};
use serde::{Deserialize, Serialize};
use shards::Store;

/// How the files are laid out. Another number is another program's index.
const FORMAT: u32 = 1;

const NAME: &str = "index.json";

/// What the index is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Manifest {
    format: u32,
    /// Version of Pinakes that wrote it.
    pub(super) pinakes: String,
    /// The dataset's version when it was last brought up to date.
    pub(super) version: u64,
    /// The model whose embeddings are in it.
    pub(super) model: String,
    /// Numbers of each.
    pub(super) dimension: usize,
    /// Rows in it.
    pub(super) rows: u64,
    /// Rows that were there when the lists were made and the number of probes was measured.
    pub(super) made_with: u64,
    /// How many lists a search looks through.
    pub(super) probes: usize,
    /// The recall of the ten nearest that this number was chosen for.
    pub(super) recall: f64,
    /// The data files whose rows are in it.
    pub(super) files: Vec<Covered>,
    /// Its own files, in the order of their lists.
    pub(super) segments: Vec<SegmentFile>,
}

/// A data file of the dataset, known for good: its name is never given to other bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Covered {
    /// What its rows call it by in the index.
    pub(super) number: u32,
    path: String,
    bytes: u64,
    rows: u64,
}

/// A file of the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SegmentFile {
    /// Its name: a digest of what is in it.
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) rows: u64,
    pub(super) lists: usize,
}

impl Covered {
    pub(super) fn of(number: u32, file: &ActiveFile) -> Self {
        Self { number, path: file.path.clone(), bytes: file.size, rows: file.rows }
    }

    pub(super) fn is(&self, file: &ActiveFile) -> bool {
        self.path == file.path && self.bytes == file.size && self.rows == file.rows
    }
}

impl Manifest {
    /// That of an index without rows.
    pub(super) fn new(model: &str, dimension: usize) -> Self {
        Self {
            format: FORMAT,
            pinakes: env!("CARGO_PKG_VERSION").to_owned(),
            version: 0,
            model: model.to_owned(),
            dimension,
            rows: 0,
            made_with: 0,
            probes: 1,
            recall: 0.0,
            files: Vec::new(),
            segments: Vec::new(),
        }
    }

    /// Reads it; `None` where there is no index.
    pub(super) async fn read(dataset: &Store) -> Result<Option<Self>, Error> {
        let Some(bytes) = dataset.get(&format!("{FOLDER}/{NAME}")).await? else { return Ok(None) };
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(NAME, error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(damaged(NAME, format!("is of format {}, not {FORMAT}", manifest.format)));
        }
        Ok(Some(manifest))
    }

    /// Puts it in the place of the one before: from here on the index is this one.
    pub(super) async fn write(&self, dataset: &Store) -> Result<(), Error> {
        let text = serde_json::to_vec_pretty(self).map_err(|error| damaged(NAME, error.to_string()))?;
        Ok(dataset.put(&format!("{FOLDER}/{NAME}"), text).await?)
    }

    /// Whether `name` in the index's folder belongs to it.
    pub(super) fn names(&self, name: &str) -> bool {
        name == NAME || self.segments.iter().any(|segment| segment.name == name)
    }

    /// Of `files`, which are those of a version: the ones that it does not cover.
    pub(super) fn uncovered(&self, files: &[ActiveFile]) -> Vec<ActiveFile> {
        files.iter().filter(|file| !self.files.iter().any(|covered| covered.is(file))).cloned().collect()
    }

    /// Takes the files that are not among `files` off it, and gives their numbers, ascending.
    pub(super) fn take_off_missing(&mut self, files: &[ActiveFile]) -> Vec<u32> {
        let is_there = |covered: &Covered| files.iter().any(|file| covered.is(file));
        let mut gone: Vec<u32> =
            self.files.iter().filter(|covered| !is_there(covered)).map(|covered| covered.number).collect();
        gone.sort_unstable();
        self.files.retain(is_there);
        gone
    }

    /// Counts what the segments hold.
    pub(super) fn count(&mut self) {
        self.rows = self.segments.iter().map(|segment| segment.rows).sum();
    }
}
