//! Near-duplicates: which samples look alike, whatever their hosts and runs, written as the column `cluster`. Marks, never
//! deletes.
//!
//! What is marked follows from the table and the settings alone, so that the same again changes nothing. Only files with
//! marks that change are written anew. Who publishes or takes out meanwhile goes first: the search is done again on what is
//! there then. Killed, it leaves the table as it was, and files that can never come in.

mod marks;
mod read;
mod sketch;

use crate::{
    Dataset, Error, sql,
    table::{Change, Commit, Table},
};
use alike::{Cosines, Neighbourhoods};
use arrow_array::{cast::AsArray, types::Int64Type};
use chrono::{DateTime, Utc};
use marks::Marks;
use schema::{Row, Sample};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// The column that is written.
pub(crate) const COLUMN: &str = "cluster";

/// What commits of a search count under: by it they are known.
const COUNTED: &str = "near_duplicates";

/// Another writer may be faster now and then, but not for ever.
const ATTEMPTS: usize = 20;

/// When two samples are near-duplicates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Most bits in which their perceptual hashes differ, 0 to [`Settings::MAX_DISTANCE`].
    pub max_distance: u32,
    /// Least cosine of their embeddings, where both have one of the same model.
    pub min_cosine: f32,
    /// Least cosine of embeddings whose pictures count as near-duplicates whatever their hashes; if absent, none do.
    pub embedding_cosine: Option<f32>,
}

impl Settings {
    /// The most that can be asked for.
    pub const MAX_DISTANCE: u32 = alike::MAX_DISTANCE;

    fn check(self) -> Result<(), Error> {
        let wrong = |name, value: String, hint| Err(Error::Threshold { name, value, hint });
        if self.max_distance > Self::MAX_DISTANCE {
            let hint = "choose 0 to 8 bits: beyond that pictures that have nothing in common are near each other";
            return wrong("--max-distance", self.max_distance.to_string(), hint);
        }
        if !(-1.0..=1.0).contains(&self.min_cosine) {
            return wrong("--min-cosine", self.min_cosine.to_string(), "choose a cosine: 0.9 to 1 for copies");
        }
        if let Some(cosine) = self.embedding_cosine.filter(|cosine| !(0.5..=1.0).contains(cosine)) {
            return wrong(
                "--embedding-cosine",
                cosine.to_string(),
                "choose 0.5 to 1: nothing less is found, or tells of copies",
            );
        }
        Ok(())
    }
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deduplicated {
    /// The version that was searched.
    pub searched: u64,
    /// The version with the marks; none where they stood already, or nothing was to be written.
    pub version: Option<u64>,
    /// Samples looked at.
    pub samples: u64,
    /// Clusters found.
    pub clusters: u64,
    /// Samples in them beside those that they are called by.
    pub near_duplicates: u64,
    /// Samples whose mark changes.
    pub changed: u64,
    /// Files that are written anew for it.
    pub files: u64,
}

/// Who asks, and when. The clock is read by the caller, once.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The command line.
    pub command: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Finds near-duplicates among the samples of the dataset at `location` and marks them; with `dry_run` only counts them.
pub async fn dedup(location: &str, settings: Settings, asked: &Asked, dry_run: bool) -> Result<Deduplicated, Error> {
    settings.check()?;
    for _ in 0..ATTEMPTS {
        let dataset = Dataset::open(location).await?;
        let mut outcome = Deduplicated {
            searched: dataset.version(),
            version: None,
            samples: 0,
            clusters: 0,
            near_duplicates: 0,
            changed: 0,
            files: 0,
        };
        let (marks, mut change) = match search(&dataset, settings, asked, &mut outcome).await {
            // A takedown deleted what was being read.
            Err(_) if dataset.samples().has_moved().await? => continue,
            found => found?,
        };
        let last = dataset.history().await?.into_iter().rfind(|commit| !commit.is_upkeep());
        let is_done = outcome.changed == 0 && last.is_some_and(|commit| is_search(&commit));
        if dry_run || is_done {
            return Ok(outcome);
        }
        // This one column, and no other that the table may lack: others may have made it.
        let column = Sample::fields().into_iter().filter(|field| field.name() == COLUMN).collect();
        // Without the counts: by them the search is known, which this is not yet.
        let grown = Change { counts: BTreeMap::new(), ..change.clone() };
        let table = match dataset.samples().clone().with_columns(column, &grown).await {
            Err(Error::Contended) => continue,
            table => table?,
        };
        // Whoever came in behind the column may have replaced files that were searched.
        if table.version() > outcome.searched + 1 {
            continue;
        }
        // By the version that the files are made from, which the column may have made: what names an older one is refused.
        change.id = id_of(table.version());
        outcome.version = match table.update(marks.files(), COLUMN, |batch| marks.column(batch), &change).await {
            Err(_) if table.has_moved().await? => None,
            updated => updated?,
        };
        if outcome.version.is_some() {
            return Ok(outcome);
        }
        tracing::warn!("another writer was faster, looking again");
    }
    Err(Error::Contended)
}

/// The version that near-duplicates were last looked for in, and whether it is the one that is open.
pub async fn last_search(dataset: &Dataset) -> Result<Option<(u64, bool)>, Error> {
    let history = dataset.history().await?;
    let Some(found) = history.iter().rev().find(|commit| is_search(commit)) else { return Ok(None) };
    let mut later = history.iter().filter(|commit| commit.version > found.version);
    Ok(Some((found.version, later.all(Commit::is_upkeep))))
}

/// How many samples are marked as near-duplicates of another, which their cluster is called by.
pub(crate) async fn marked(dataset: &Dataset) -> Result<u64, Error> {
    if last_search(dataset).await?.is_none() {
        return Ok(0);
    }
    let batches = sql::run(dataset, "select count(*) from samples where cluster <> id").await?;
    Ok(batches.iter().map(|batch| batch.column(0).as_primitive::<Int64Type>().value(0).unsigned_abs()).sum())
}

fn is_search(commit: &Commit) -> bool {
    commit.counts.contains_key(COUNTED)
}

async fn search(
    dataset: &Dataset,
    settings: Settings,
    asked: &Asked,
    outcome: &mut Deduplicated,
) -> Result<(Marks, Change), Error> {
    let table: &Table = dataset.samples();
    let rows = read::Rows::of(table).await?;
    outcome.samples = rows.pictures.len() as u64;
    let (pictures, max_distance) = (rows.pictures, settings.max_distance);
    let pairs = match settings.embedding_cosine {
        Some(cosine) => sketch::pairs(table, cosine).await?,
        None => Vec::new(),
    };
    // Minutes of work: not for a thread that serves others.
    let find = move || Arc::new(Neighbourhoods::find(pictures, max_distance).with_pairs(&pairs));
    let neighbourhoods = tokio::task::spawn_blocking(find).await.map_err(|error| failed(&error))?;
    let least = Cosines { with_hash: settings.min_cosine, alone: settings.embedding_cosine.unwrap_or(f32::INFINITY) };
    let members = read::members(table, &rows.ends, &neighbourhoods, least).await?;
    let marks = Marks::of(table.files()?, &rows.ends, &rows.marked, neighbourhoods.pictures(), &members);
    outcome.clusters = marks.clusters();
    outcome.near_duplicates = members.len() as u64;
    outcome.changed = marks.changed();
    outcome.files = marks.files().len() as u64;
    let counts: BTreeMap<String, u64> = [
        ("clusters", outcome.clusters),
        (COUNTED, outcome.near_duplicates),
        ("changed", outcome.changed),
        ("max_distance", settings.max_distance.into()),
    ]
    .map(|(name, count)| (name.to_owned(), count))
    .into();
    Ok((marks, Change { id: id_of(outcome.searched), command: asked.command.clone(), at: asked.at, counts }))
}

fn id_of(version: u64) -> String {
    format!("dedup-{version}")
}

/// A worker that panicked or was stopped.
fn failed(error: &tokio::task::JoinError) -> Error {
    Error::Record { name: COLUMN.to_owned(), problem: error.to_string() }
}
