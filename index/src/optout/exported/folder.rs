//! A subset's folder: its manifest, and its files read and replaced.

use super::{
    BEGUN, InSubset, Kind, MANIFEST, Seen,
    judge::{Current, Judge},
    lines, npy, parquet, shard_of, tar, wrong,
};
use crate::{Dataset, Error, optout::Named};
use chrono::{DateTime, Utc};
use schema::hex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shards::Store;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
};

/// A subset's folder and manifest.
pub(super) struct Subset {
    folder: PathBuf,
    pub(super) store: Store,
    manifest: Value,
    /// Files that a takedown was replacing, each with the rows that were to go.
    pub(super) begun: BTreeMap<String, u64>,
}

impl Subset {
    pub(super) async fn open(folder: &str) -> Result<Self, Error> {
        let store = Store::open(folder)?;
        let Some(bytes) = store.get(MANIFEST).await? else { return Err(Error::NoSubset(folder.to_owned())) };
        let manifest = serde_json::from_slice(&bytes).map_err(|error| wrong(MANIFEST, &error.to_string()))?;
        let begun = match store.get(BEGUN).await? {
            Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| wrong(BEGUN, &error.to_string()))?,
            None => BTreeMap::new(),
        };
        let folder = store.url().to_file_path().map_err(|()| wrong(folder, "it is no local folder"))?;
        Ok(Self { folder, store, manifest, begun })
    }

    /// The files that the manifest names, each with its rows.
    fn files(&self) -> Result<Vec<(String, u64)>, Error> {
        let files = self.manifest["files"].as_array().ok_or_else(|| wrong(MANIFEST, "it names no files"))?;
        let file = |file: &Value| Some((file["name"].as_str()?.to_owned(), file["rows"].as_u64()?));
        files.iter().map(|entry| file(entry).ok_or_else(|| wrong(MANIFEST, "a file has no name or no rows"))).collect()
    }

    pub(super) async fn judge<'a>(&self, named: &'a Named, dataset: Option<&Dataset>) -> Result<Judge<'a>, Error> {
        let mut pages_unknown = false;
        for (name, rows) in self.files()? {
            pages_unknown |= match Kind::of(&name, rows)? {
                Kind::Lines | Kind::Npy => true,
                Kind::Parquet => !parquet::knows_pages(&self.folder.join(&name))?,
                _ => false,
            };
        }
        let current = match dataset.filter(|_| pages_unknown) {
            Some(dataset) => Some(Current::of(dataset).await?),
            None => None,
        };
        Ok(Judge::new(named, current))
    }

    /// Reads all files; rows named by other files' entries, as uids in a list, come after these.
    pub(super) async fn look(
        &self,
        judge: &mut Judge<'_>,
    ) -> Result<(InSubset, BTreeMap<String, (Kind, Seen)>), Error> {
        let text = |key: &str| self.manifest[key].as_str().unwrap_or_default().to_owned();
        let mut found = InSubset {
            folder: self.folder.display().to_string(),
            layout: text("layout"),
            dataset_version: self.manifest["dataset_version"].as_u64().unwrap_or_default(),
            ..InSubset::default()
        };
        let mut looked = BTreeMap::new();
        let mut files = Vec::new();
        for (name, rows) in self.files()? {
            files.push((Kind::of(&name, rows)?, name, rows));
        }
        files.sort_by_key(|(kind, ..)| matches!(kind, Kind::Npy | Kind::Page | Kind::Stats));
        for (kind, name, rows) in files {
            // Killed before the manifest was written: a page that is gone already.
            if kind == Kind::Page && self.begun.contains_key(&name) && !self.store.exists(&name).await? {
                looked.insert(name, (kind, Seen::default()));
                continue;
            }
            self.is_as_it_was(&name)?;
            judge.count(rows > 0);
            let mut read = self.read(&name, kind, judge, false)?;
            let is_changed = match kind {
                // Whose rows it shows is not asked: it can be made anew.
                Kind::Page => found.named > 0 || self.begun.contains_key(&name),
                Kind::Stats => {
                    let shard = shard_of(&name).unwrap_or_default();
                    found.files.contains(&shard) || self.begun.contains_key(&name)
                }
                _ => read.named > 0,
            };
            if is_changed {
                found.files.push(name.clone());
            }
            if rows > 0 {
                found.rows += read.rows;
                found.named += read.named;
            } else {
                read.rows = 0;
            }
            looked.insert(name, (kind, read));
        }
        found.found = judge.found();
        Ok((found, looked))
    }

    /// Refuses a file that is not the one that the manifest names, unless a takedown replaced it.
    fn is_as_it_was(&self, name: &str) -> Result<(), Error> {
        if self.begun.contains_key(name) {
            return Ok(());
        }
        let files = self.manifest["files"].as_array().into_iter().flatten();
        let told = files.filter(|file| file["name"] == name).find_map(|file| file["sha256"].as_str());
        let (_, digest) = digest(&self.folder.join(name)).map_err(|error| wrong(name, &error.to_string()))?;
        if told == Some(digest.as_str()) {
            return Ok(());
        }
        Err(wrong(name, "it is not the file that the manifest names: somebody changed it"))
    }

    /// Reads a file; with `rewrite` puts it in its place without what is named.
    pub(super) fn read(&self, name: &str, kind: Kind, judge: &mut Judge<'_>, rewrite: bool) -> Result<Seen, Error> {
        let path = self.folder.join(name);
        // Files of gigabytes are read here, by whoever has nothing else to do.
        tokio::task::block_in_place(|| match kind {
            Kind::Parquet => parquet::read(&path, judge, rewrite),
            Kind::Lines => lines::read(&path, judge, rewrite),
            Kind::Tar => tar::read(&path, judge, rewrite),
            Kind::Npy => npy::read(&path, judge, rewrite),
            Kind::Page | Kind::Stats | Kind::Beside => Ok(Seen::default()),
        })
    }

    /// Writes a shard's account anew, by the rows that the shard has now.
    pub(super) async fn recount(&self, name: &str, looked: &BTreeMap<String, (Kind, Seen)>) -> Result<(), Error> {
        let seen = shard_of(name).and_then(|shard| looked.get(&shard)).map(|(_, seen)| *seen).unwrap_or_default();
        let rows = json!(seen.rows - seen.named);
        let bytes = self.store.get(name).await?.unwrap_or_default();
        let mut told: Value = serde_json::from_slice(&bytes).map_err(|error| wrong(name, &error.to_string()))?;
        for path in ["/count", "/successes", "/status_dict/success"] {
            if let Some(told) = told.pointer_mut(path) {
                *told = rows.clone();
            }
        }
        let text = serde_json::to_vec_pretty(&told).map_err(|error| wrong(name, &error.to_string()))?;
        Ok(self.store.put(name, text).await?)
    }

    /// Writes the manifest with what the files are now.
    pub(super) async fn update(
        &mut self,
        changed: &BTreeMap<String, u64>,
        looked: &BTreeMap<String, (Kind, Seen)>,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let files = self.manifest["files"].as_array_mut().ok_or_else(|| wrong(MANIFEST, "it names no files"))?;
        let name_of = |file: &Value| file["name"].as_str().unwrap_or_default().to_owned();
        // A page that was removed.
        files.retain(|file| !changed.contains_key(&name_of(file)) || self.folder.join(name_of(file)).exists());
        let mut rows = 0;
        for file in &mut *files {
            let name = name_of(file);
            if changed.contains_key(&name) {
                let (bytes, digest) =
                    digest(&self.folder.join(&name)).map_err(|error| wrong(&name, &error.to_string()))?;
                let read = looked.get(&name).map(|(_, read)| *read).unwrap_or_default();
                file["bytes"] = json!(bytes);
                file["sha256"] = json!(digest);
                file["rows"] = json!(read.rows.saturating_sub(if read.rows > 0 { read.named } else { 0 }));
            }
            rows += file["rows"].as_u64().unwrap_or_default();
        }
        let removed: u64 = changed.values().sum();
        let names: Vec<&String> = changed.keys().collect();
        let note = json!({ "at": at, "rows_removed": removed, "files": names, "pinakes": env!("CARGO_PKG_VERSION") });
        self.manifest["rows"] = json!(rows);
        match self.manifest["takedowns"].as_array_mut() {
            Some(notes) => notes.push(note),
            None => self.manifest["takedowns"] = json!([note]),
        }
        let text = serde_json::to_vec_pretty(&self.manifest).map_err(|error| wrong(MANIFEST, &error.to_string()))?;
        Ok(self.store.put(MANIFEST, text).await?)
    }
}

/// Puts what `write` writes in the place of a file, whole or not at all.
pub(super) fn replace(path: &Path, write: impl FnOnce(&mut File) -> Result<(), Error>) -> Result<(), Error> {
    // As the store calls files until they are whole.
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push("#takedown");
    let unfinished = path.with_file_name(name);
    let failed = |error: std::io::Error| wrong(&path.display().to_string(), &error.to_string());
    let mut file = File::create(&unfinished).map_err(failed)?;
    write(&mut file)?;
    file.flush().and_then(|()| file.sync_all()).map_err(failed)?;
    std::fs::rename(&unfinished, path).map_err(failed)
}

/// A file's size and SHA-256.
fn digest(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut piece = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok((bytes, hex(&hash.finalize())));
        }
        bytes += read as u64;
        hash.update(&piece[..read]);
    }
}
