//! A dataset's versions: what made each, what it holds, and whether all its files are still there.

use super::latest;
use crate::{
    Dataset, Error,
    table::{Commit, Table},
};
use serde::Serialize;
use std::collections::BTreeSet;

/// A version.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Version {
    /// What made it.
    #[serde(flatten)]
    pub commit: Commit,
    /// Its samples.
    pub rows: u64,
    /// Its files.
    pub files: u64,
    /// Whether all of them are there: a takedown or a vacuum may have deleted some.
    pub whole: bool,
}

/// The versions of the dataset at `location`, oldest first.
pub async fn versions(location: &str) -> Result<Vec<Version>, Error> {
    let dataset = Dataset::open(location).await?;
    let samples = dataset.samples();
    let spans = samples.spans().await?;
    let mut missing = BTreeSet::new();
    for span in &spans {
        if !samples.store().exists(&span.path).await? {
            missing.insert(span.path.as_str());
        }
    }
    let mut versions = Vec::new();
    for commit in samples.history().await? {
        let (mut rows, mut files, mut whole) = (0, 0, true);
        for span in spans.iter().filter(|span| span.is_in(commit.version)) {
            rows += span.rows;
            files += 1;
            whole &= !missing.contains(span.path.as_str());
        }
        versions.push(Version { commit, rows, files, whole });
    }
    Ok(versions)
}

/// That all files of the version that is open are there; else says who took them.
pub(crate) async fn check_whole(table: &Table) -> Result<(), Error> {
    let files = table.files()?;
    let mut gone = Vec::new();
    for file in &files {
        if !table.store().exists(&file.path).await? {
            gone.push(file.path.clone());
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    let taken_by = taken_by(&latest(table).await?, &gone).await?;
    Err(Error::Gone { version: table.version(), gone: gone.len(), files: files.len(), taken_by })
}

/// Who deleted these files of older versions.
async fn taken_by(latest: &Table, gone: &[String]) -> Result<String, Error> {
    let history = latest.history().await?;
    let spans = latest.spans().await?;
    let mut told = BTreeSet::new();
    for path in gone {
        let until = spans.iter().rev().find(|span| span.path == *path).and_then(|span| span.until);
        let Some(until) = until else { continue };
        let remover = history.iter().find(|commit| commit.version == until);
        let later = || history.iter().filter(|commit| commit.version > until);
        // A vacuum deletes all that no kept version reads; a takedown what it removed itself, and of older files those with
        // rows of its own.
        let by_vacuum = |commit: &&Commit| commit.counts.get("kept_from").is_some_and(|kept| *kept >= until);
        let found = remover.filter(|commit| commit.is_takedown());
        let found = found.or_else(|| later().find(by_vacuum));
        let found = found.or_else(|| later().find(|commit| commit.is_takedown()));
        if let Some(commit) = found {
            told.insert((commit.version, commit.run.clone().unwrap_or_default(), commit.is_takedown()));
        }
    }
    let said = |(version, run, is_takedown): &(u64, String, bool)| {
        if *is_takedown {
            format!("taken out by the takedown `{run}` (version {version})")
        } else {
            format!("deleted by a vacuum (version {version})")
        }
    };
    let told: Vec<String> = told.iter().map(said).collect();
    Ok(if told.is_empty() { "and the log does not tell who took them".to_owned() } else { told.join(", ") })
}
