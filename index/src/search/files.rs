//! The index's folder: its files read, put and swept away.

use super::{
    FOLDER, damaged,
    manifest::{Manifest, SegmentFile},
    segment::{self, Head, List},
};
use crate::Error;
use object_store::{ObjectStoreExt, path::Path};
use shards::Store;
use std::{ops::Range, path::PathBuf};

/// So many bytes of rows make a segment: what is in memory while one is written.
pub(super) const SEGMENT: u64 = 64 * 1024 * 1024;

/// Bytes of a file of the index. A missing or shorter file is a damaged index.
pub(super) async fn read(dataset: &Store, name: &str, range: Range<u64>) -> Result<bytes::Bytes, Error> {
    let path = Path::from(format!("{FOLDER}/{name}"));
    dataset.inner().get_range(&path, range).await.map_err(|error| damaged(name, error.to_string()))
}

/// The head of a segment.
pub(super) async fn head(dataset: &Store, file: &SegmentFile, dimension: usize) -> Result<Head, Error> {
    let bytes = read(dataset, &file.name, 0..Head::length(file, dimension)).await?;
    let length = dataset.inner().head(&Path::from(format!("{FOLDER}/{}", file.name))).await?.size;
    if length != file.bytes {
        return Err(damaged(&file.name, format!("has {length} bytes, not {}", file.bytes)));
    }
    Head::read(file, dimension, &bytes)
}

/// All lists of a segment.
pub(super) async fn lists(dataset: &Store, file: &SegmentFile, dimension: usize) -> Result<Vec<List>, Error> {
    let head = head(dataset, file, dimension).await?;
    let bytes = read(dataset, &file.name, 0..file.bytes).await?;
    let piece = |list: usize| {
        let place = head.place(list);
        let place = usize::try_from(place.start).unwrap_or(0)..usize::try_from(place.end).unwrap_or(0);
        head.list(list, &bytes[place])
    };
    (0..head.count()).map(piece).collect()
}

/// Writes a segment of `lists`, whole or not at all; `None` where they are empty. One that is there under its name is written
/// over: it may be damaged.
pub(super) async fn put(dataset: &Store, dimension: usize, lists: &[List]) -> Result<Option<SegmentFile>, Error> {
    let Some((file, bytes)) = segment::write(dimension, lists) else { return Ok(None) };
    dataset.put(&format!("{FOLDER}/{}", file.name), bytes).await?;
    Ok(Some(file))
}

/// The folder on this machine.
pub(super) fn folder(dataset: &Store) -> Result<PathBuf, Error> {
    let path = dataset.url().to_file_path().map_err(|()| damaged("", "the dataset is in no folder of this machine"))?;
    Ok(path.join(FOLDER))
}

/// Deletes everything in the folder that `manifest` does not name, or everything: what builds that were killed left, and what
/// others took the place of. Also what a store hides while it is written.
pub(super) fn sweep(dataset: &Store, manifest: Option<&Manifest>) -> Result<(), Error> {
    let folder = folder(dataset)?;
    let failed = |error: std::io::Error| damaged("", format!("cannot be swept: {error}"));
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let is_named = manifest.is_some_and(|manifest| name.to_str().is_some_and(|name| manifest.names(name)));
        if !is_named {
            match std::fs::remove_file(entry.path()) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
    }
    Ok(())
}
