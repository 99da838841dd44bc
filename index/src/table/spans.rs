//! From which version to which a table reads each of its files, by its log.

use super::Table;
use crate::Error;
use deltalake_core::{
    kernel::Action,
    logstore::{LogStore, get_actions},
};
use futures::TryStreamExt;
use object_store::ObjectStore;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::UNIX_EPOCH,
};

/// A file of one or more versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) path: String,
    pub(crate) size: u64,
    pub(crate) rows: u64,
    /// The first version that reads it.
    pub(crate) from: u64,
    /// The version that removed it; none where the last one reads it.
    pub(crate) until: Option<u64>,
}

impl Span {
    /// Whether `version` reads the file.
    pub(crate) fn is_in(&self, version: u64) -> bool {
        self.from <= version && self.until.is_none_or(|until| version < until)
    }
}

/// A file in the table's folder that no version reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stray {
    pub(crate) path: String,
    pub(crate) size: u64,
    /// Microseconds since 1970.
    pub(crate) modified: i64,
    /// Whether it was never written to its end. A local folder's matter: object stores let unfinished uploads lapse.
    pub(crate) unfinished: bool,
}

impl Stray {
    /// The change that it was written for, by its name.
    pub(crate) fn change(&self) -> Option<&str> {
        let (_, name) = self.path.rsplit_once('/')?;
        let name = name.split('#').next()?.strip_prefix("part-")?.strip_suffix(".parquet")?;
        match name.split_once('+') {
            Some((change, _)) => Some(change),
            None => Some(name.rsplit_once('-')?.0),
        }
    }
}

impl Table {
    /// All files that versions up to this one read, by their names.
    pub(crate) async fn spans(&self) -> Result<Vec<Span>, Error> {
        let log = self.delta.log_store();
        let mut spans: Vec<Span> = Vec::new();
        let mut last: BTreeMap<String, usize> = BTreeMap::new();
        for version in 0..=self.version() {
            let Some(bytes) = log.read_commit_entry(version).await? else {
                let problem = format!("version {version} is missing: another tool cleaned the log");
                return Err(Error::Record { name: "_delta_log".into(), problem });
            };
            for action in get_actions(version, &bytes)? {
                match action {
                    Action::Add(add) => {
                        let told: Option<serde_json::Value> =
                            add.stats.as_deref().and_then(|text| serde_json::from_str(text).ok());
                        let rows = told.and_then(|told| told.get("numRecords")?.as_u64()).unwrap_or_default();
                        last.insert(add.path.clone(), spans.len());
                        let size = add.size.unsigned_abs();
                        spans.push(Span { path: add.path, size, rows, from: version, until: None });
                    }
                    Action::Remove(remove) => {
                        if let Some(span) = last.get(&remove.path).and_then(|place| spans.get_mut(*place)) {
                            span.until = Some(version);
                        }
                    }
                    _ => {}
                }
            }
        }
        Ok(spans)
    }

    /// Data files in the folder that `spans` do not know: what killed attempts left, and what is being written now.
    pub(crate) async fn strays(&self, spans: &[Span]) -> Result<Vec<Stray>, Error> {
        let known: BTreeSet<&str> = spans.iter().map(|span| span.path.as_str()).collect();
        let store = self.store().inner();
        let listed: Vec<_> = store.list(None).try_collect().await?;
        let stray = |file: object_store::ObjectMeta| {
            let path = file.location.to_string();
            let is_data = path.starts_with(super::BUCKET_COLUMN) && path.ends_with(".parquet");
            let modified = file.last_modified.timestamp_micros();
            (is_data && !known.contains(path.as_str())).then_some(Stray {
                path,
                size: file.size,
                modified,
                unfinished: false,
            })
        };
        let mut strays: Vec<Stray> = listed.into_iter().filter_map(stray).collect();
        strays.extend(self.unfinished());
        strays.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(strays)
    }

    /// What killed writers left of files that they had not come to the end of, as `LocalFileSystem` calls them.
    fn unfinished(&self) -> Vec<Stray> {
        let mut found = Vec::new();
        let Ok(folder) = self.store().url().to_file_path() else { return found };
        for bucket in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let Some(name) = bucket.file_name().to_str().map(str::to_owned) else { continue };
            if !name.starts_with(super::BUCKET_COLUMN) {
                continue;
            }
            for file in std::fs::read_dir(bucket.path()).into_iter().flatten().flatten() {
                let Some(file_name) = file.file_name().to_str().map(str::to_owned) else { continue };
                let Some(told) = file.metadata().ok().filter(|_| file_name.contains(".parquet#")) else { continue };
                let since =
                    told.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
                let modified = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
                let path = format!("{name}/{file_name}");
                found.push(Stray { path, size: told.len(), modified, unfinished: true });
            }
        }
        found
    }

    pub(crate) async fn delete_stray(&self, stray: &Stray) -> Result<(), Error> {
        if !stray.unfinished {
            return Ok(self.store().delete(&stray.path).await?);
        }
        if let Ok(folder) = self.store().url().to_file_path() {
            // Its writer may have come to its end meanwhile.
            drop(std::fs::remove_file(folder.join(&stray.path)));
        }
        Ok(())
    }

    /// The names of changes that were committed, each once.
    pub(crate) async fn changes(&self) -> Result<BTreeSet<String>, Error> {
        let operations = ["CREATE TABLE", "ADD COLUMN"];
        let history = self.history().await?.into_iter();
        let real = history.filter(|commit| !operations.contains(&commit.operation.as_str()));
        Ok(real.filter_map(|commit| commit.run).collect())
    }

    /// Whether a stray can never come into the table any more. A change that was committed writes no more files; and what
    /// was made from one version of the table, which its name tells, is refused by all later ones.
    pub(crate) fn is_dead(&self, stray: &Stray, changes: &BTreeSet<String>) -> bool {
        let Some(change) = stray.change() else { return false };
        let version = |rest: &str| rest.split('-').next()?.parse::<u64>().ok();
        let made_from = stray.path.split_once('+').and_then(|(_, rest)| version(rest));
        let made_from = made_from.or_else(|| version(change.strip_prefix("compact-")?));
        let made_from = made_from.or_else(|| change.strip_prefix("dedup-")?.parse().ok());
        let is_committed = changes.contains(change.strip_suffix(".kept").unwrap_or(change));
        is_committed || made_from.is_some_and(|version| version < self.version())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_the_change_that_a_file_was_written_for() {
        let change = |path: &str| {
            let stray = Stray { path: path.to_owned(), size: 0, modified: 0, unfinished: false };
            stray.change().map(str::to_owned)
        };
        let told = |id: &str| Some(id.to_owned());
        assert_eq!(change("bucket=0/part-run-1-9.parquet"), told("run-1"));
        assert_eq!(change("bucket=0/part-run-1+12-5f-1a-0-9.parquet"), told("run-1"));
        assert_eq!(change("bucket=0/part-run-1+12-5f-1a-0-9.parquet#1"), told("run-1"));
        assert_eq!(change("bucket=0/part-compact-3-5f-1a-0-9.parquet"), told("compact-3-5f-1a-0"));
        assert_eq!(change("bucket=0/other.parquet"), None);
    }
}
