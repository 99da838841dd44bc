//! After a takedown nothing of what left is in the index either.

use super::{files, manifest::Manifest};
use crate::{Error, table::Table};
use shards::Store;

/// Takes the rows of all data files that the current version does not have out of the index of `dataset`, bytes and all.
/// The same again does what is left to do. Other rows of these files go, too: searches scan the files that came in their
/// place until `pinakes index` takes them in.
///
/// An index that cannot be read is deleted: it is made of the table, and may hold whom nobody wants in it.
pub(crate) async fn forget_missing(dataset: &Store) -> Result<(), Error> {
    if !files::folder(dataset)?.exists() {
        return Ok(());
    }
    let Some(table) = Table::open(dataset, None).await? else { return Ok(()) };
    let kept = match Manifest::read(dataset).await {
        Ok(Some(manifest)) => match without_missing(dataset, &table, manifest).await {
            Err(Error::Record { .. }) => None,
            kept => Some(kept?),
        },
        Ok(None) | Err(Error::Record { .. }) => None,
        Err(error) => return Err(error),
    };
    files::sweep(dataset, kept.as_ref())
}

/// The index without them, written: new segments first, then the manifest that names them.
pub(super) async fn without_missing(dataset: &Store, table: &Table, mut manifest: Manifest) -> Result<Manifest, Error> {
    let gone = manifest.take_off_missing(&table.files()?);
    if gone.is_empty() {
        return Ok(manifest);
    }
    let mut segments = Vec::new();
    for file in &manifest.segments {
        let mut lists = files::lists(dataset, file, manifest.dimension).await?;
        let removed: u64 = lists.iter_mut().map(|list| list.forget(&gone, manifest.dimension)).sum();
        if removed == 0 {
            segments.push(file.clone());
        } else {
            segments.extend(files::put(dataset, manifest.dimension, &lists).await?);
        }
    }
    manifest.segments = segments;
    manifest.count();
    manifest.write(dataset).await?;
    Ok(manifest)
}
