//! What a subset says of itself: how it was chosen, of what, and what is in it. Written last: a folder with a manifest is whole.

use super::{
    conditions::{conditions, last_step},
    layout::Layout,
    layouts::Written,
    lists::ListReport,
    recipes::Recipe,
    steps::{Step, Stratum},
    wanted::Wanted,
};
use crate::{Dataset, Error};
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::{ObjectStoreExt, path::Path};
use schema::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shards::Store;

/// Its name.
pub(super) const NAME: &str = "manifest.json";

/// What a subset is made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of Pinakes that made it.
    pub pinakes: String,
    /// When it was asked for.
    #[serde(default)]
    pub made_at: Option<DateTime<Utc>>,
    /// The dataset's version it was cut from.
    pub dataset_version: u64,
    /// Which dataset, wherever it lies.
    #[serde(default)]
    pub dataset: Identity,
    /// Its shape.
    pub layout: Layout,
    /// All that was asked for.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// The recipes, as they were.
    #[serde(default)]
    pub recipes: Vec<Recipe>,
    /// The query that the steps begin with, with all conditions.
    pub query: String,
    /// Rows of the dataset: `seen` is `rows` and the sum of what `steps` dropped.
    #[serde(default)]
    pub seen: u64,
    /// What became of the others, in order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Strata, where rows are balanced, and which have fewer rows than were asked for.
    #[serde(default)]
    pub strata: Vec<Stratum>,
    /// Lists that were used.
    #[serde(default)]
    pub lists: Vec<ListReport>,
    /// What else is to be known.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Rows that meet conditions and lists.
    #[serde(default)]
    pub asked: u64,
    /// Of these, rows without a stored picture, where the layout needs one.
    #[serde(default)]
    pub without_picture: u64,
    /// Rows chosen; all of them are written, unless this was a dry run.
    #[serde(default)]
    pub written: u64,
    /// Rows in all files.
    pub rows: u64,
    /// The columns of its Parquet files.
    #[serde(default)]
    pub columns: Vec<ManifestColumn>,
    /// The files, in order.
    pub files: Vec<ManifestFile>,
}

impl Manifest {
    /// Takes in how many rows the conditions left, where nobody knew before these were read.
    pub(super) fn take_count(&mut self, rows: u64) -> Result<(), Error> {
        let before = self.steps.last().map_or(self.seen, |step| step.left);
        let step = last_step(&conditions(&self.wanted, &self.recipes), before, rows)?;
        self.steps.extend(step);
        (self.asked, self.written) = (rows, rows);
        Ok(())
    }
}

/// A file of a subset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name in the subset's folder.
    pub name: String,
    /// Its rows; 0 of what stands beside the rows: cards, accounts, lists of uids, previews.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// A column of a subset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestColumn {
    /// Its name.
    pub name: String,
    /// Its type, as Arrow calls it.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Which dataset, and which version of it: the same wherever the folder lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The table's id, given to it once.
    pub table: String,
    /// The version.
    pub version: u64,
    /// Its rows.
    pub rows: u64,
    /// Its data files.
    pub files: u64,
    /// SHA-256 over names, sizes and rows of the data files, a line each: `NAME SIZE ROWS`.
    pub digest: String,
}

impl Identity {
    /// Of `dataset`.
    pub(super) fn of(dataset: &Dataset) -> Result<Self, Error> {
        let files = dataset.samples().files()?;
        let mut hash = Sha256::new();
        for file in &files {
            hash.update(format!("{} {} {}\n", file.path, file.size, file.rows));
        }
        Ok(Self {
            table: dataset.samples().id()?,
            version: dataset.version(),
            rows: files.iter().map(|file| file.rows).sum(),
            files: files.len() as u64,
            digest: hex(&hash.finalize()),
        })
    }
}

/// A file's size and digest, read back from where it was written.
pub(super) async fn described(store: &Store, file: Written) -> Result<ManifestFile, Error> {
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut stream = store.inner().get(&Path::from(file.name.as_str())).await?.into_stream();
    while let Some(piece) = stream.try_next().await? {
        bytes += piece.len() as u64;
        hash.update(&piece);
    }
    Ok(ManifestFile { name: file.name, rows: file.rows, bytes, sha256: hex(&hash.finalize()) })
}
