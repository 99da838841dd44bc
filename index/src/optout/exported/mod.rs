//! Subsets that were cut from a dataset before: what of them is named, and their files without it.
//!
//! A file is read by what it is, told by its name's end, whatever the layout is called; a new kind of file is a new arm in
//! [`Kind::of`] and a file here. Before anything is replaced, the folder is told which files will be (`takedown.json`), so that one who
//! was killed is known from one who damaged the folder; files are replaced whole; the manifest comes last.

mod folder;
mod judge;
mod lines;
mod npy;
mod parquet;
mod tar;

use super::{Hit, Named};
use crate::{Dataset, Error};
use chrono::{DateTime, Utc};
use folder::{Subset, replace};
use judge::Judge;
use serde::Serialize;
use std::path::Path;

const MANIFEST: &str = "manifest.json";
/// Which files are being replaced, while they are.
const BEGUN: &str = "takedown.json";

/// What is named in a subset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InSubset {
    /// Its folder.
    pub folder: String,
    /// Its layout, by its manifest.
    pub layout: String,
    /// The dataset's version that it was cut from.
    pub dataset_version: u64,
    /// Rows looked through.
    pub rows: u64,
    /// Rows that are named.
    pub named: u64,
    /// By entry. `gone` is no entry: such rows do not know their page, and are no longer in the dataset.
    pub found: Vec<FoundInSubset>,
    /// Files with such rows.
    pub files: Vec<String>,
    /// Whether files were replaced.
    pub rewritten: bool,
}

/// What one entry names in a subset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundInSubset {
    /// As in lists, or `gone`.
    pub kind: String,
    /// The entry as written.
    pub value: String,
    /// Rows.
    pub rows: u64,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Parquet,
    /// A URL a line.
    Lines,
    Tar,
    /// Uids.
    Npy,
    /// A page for people, with rows in it.
    Page,
    /// img2dataset's account of a shard.
    Stats,
    /// A card, or another account, without rows.
    Beside,
}

impl Kind {
    fn of(name: &str, rows: u64) -> Result<Self, Error> {
        let end = Path::new(name).extension().and_then(|end| end.to_str()).unwrap_or_default();
        Ok(match end {
            "parquet" => Self::Parquet,
            "txt" => Self::Lines,
            "tar" => Self::Tar,
            "npy" => Self::Npy,
            "html" => Self::Page,
            _ if shard_of(name).is_some() => Self::Stats,
            // Passed over, it were an opt-out ignored.
            _ if rows > 0 => return Err(wrong(name, "no way is known to look through such a file")),
            _ => Self::Beside,
        })
    }
}

/// What was read, or written, of a file.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    rows: u64,
    named: u64,
}

/// Looks through the subset in `folder` for what is named. With the dataset it was cut from, rows that do not know their
/// page are also held against that: those it no longer has are counted as `gone`.
pub async fn check_subset(folder: &str, named: &Named, dataset: Option<&Dataset>) -> Result<InSubset, Error> {
    let subset = Subset::open(folder).await?;
    let mut judge = subset.judge(named, dataset).await?;
    let (found, _) = subset.look(&mut judge).await?;
    Ok(found)
}

/// Takes what is named out of the subset in `folder`. The same again, after it was killed, ends it. The manifest notes it, with
/// the time `at`.
pub async fn rewrite_subset(
    folder: &str,
    named: &Named,
    dataset: Option<&Dataset>,
    at: DateTime<Utc>,
) -> Result<InSubset, Error> {
    let mut subset = Subset::open(folder).await?;
    let mut judge = subset.judge(named, dataset).await?;
    let (mut found, looked) = subset.look(&mut judge).await?;
    if found.files.is_empty() && subset.begun.is_empty() {
        return Ok(found);
    }
    let mut changed = subset.begun.clone();
    for name in &found.files {
        let rows = looked.get(name).map_or(0, |(_, seen)| if seen.rows > 0 { seen.named } else { 0 });
        let told = changed.entry(name.clone()).or_default();
        *told = rows.max(*told);
    }
    let begun = serde_json::to_vec(&changed).map_err(|error| wrong(BEGUN, &error.to_string()))?;
    subset.store.put(BEGUN, begun).await?;
    for name in &found.files {
        match looked.get(name).map_or(Kind::Beside, |(kind, _)| *kind) {
            Kind::Page => subset.store.delete(name).await?,
            Kind::Stats => subset.recount(name, &looked).await?,
            kind => {
                subset.read(name, kind, &mut judge, true)?;
            }
        }
    }
    subset.update(&changed, &looked, at).await?;
    subset.store.delete(BEGUN).await?;
    found.rewritten = true;
    Ok(found)
}

/// The shard that an account is of: `00000_stats.json` stands beside `00000.tar`.
fn shard_of(name: &str) -> Option<String> {
    name.strip_suffix("_stats.json").map(|shard| format!("{shard}.tar"))
}

fn wrong(name: &str, problem: &str) -> Error {
    Error::Record { name: name.to_owned(), problem: problem.to_owned() }
}

impl From<(Hit, u64)> for FoundInSubset {
    fn from((Hit { kind, value, .. }, rows): (Hit, u64)) -> Self {
        Self { kind, value, rows }
    }
}
