//! Files that the current version does not read: those that changes replaced, and what killed attempts left.

use super::{
    Change, Doomed, Groups, Table, is_of,
    rewrite::{at_once, in_background},
};
use crate::Error;
use deltalake_core::{
    kernel::Action,
    logstore::{LogStore, get_actions},
};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use std::{collections::BTreeSet, sync::Arc};
use tokio::runtime::Handle;

impl Table {
    /// Deletes the files that `change`, once or again, removed from the table. Files already gone are no error, so
    /// that a killed takedown can be ended.
    pub(crate) async fn delete_removed(&self, change: &Change) -> Result<u64, Error> {
        let log = self.delta.log_store();
        let mut deleted = 0;
        for commit in self.history().await? {
            if commit.run.is_none_or(|run| !is_of(&run, &change.id)) {
                continue;
            }
            let Some(bytes) = log.read_commit_entry(commit.version).await? else { continue };
            for action in get_actions(commit.version, &bytes)? {
                let Action::Remove(removed) = action else { continue };
                if self.store().exists(&removed.path).await? {
                    self.store().delete(&removed.path).await?;
                    deleted += 1;
                }
            }
        }
        Ok(deleted)
    }

    /// Deletes the files of older versions that hold rows which are `doomed`: whatever replaced them, it did not delete
    /// them.
    pub(crate) async fn delete_replaced(&self, doomed: &Arc<dyn Doomed>) -> Result<u64, Error> {
        if doomed.is_empty() {
            return Ok(0);
        }
        let active: BTreeSet<String> = self.files()?.into_iter().map(|file| file.path).collect();
        let mut old: BTreeSet<String> = self.removals().await?;
        // What a killed compaction or dedup left holds rows, too. Where the log is not whole nobody knows which files these are.
        if let Ok(spans) = self.spans().await {
            let changes = self.changes().await?;
            for stray in self.strays(&spans).await?.into_iter().filter(|stray| self.is_dead(stray, &changes)) {
                if stray.unfinished {
                    self.delete_stray(&stray).await?;
                } else {
                    old.insert(stray.path);
                }
            }
        }
        old.retain(|path| !active.contains(path));
        let mut jobs = Vec::new();
        for path in old {
            if self.store().exists(&path).await? {
                let (store, doomed) = (self.store().inner(), Arc::clone(doomed));
                jobs.push(in_background(move |handle| match holds(&store, &path, &doomed, handle) {
                    Ok(held) => Ok(held.then_some(path)),
                    // Another takedown, or a vacuum, was faster.
                    Err(_) if is_gone(&store, &path, handle) => Ok(None),
                    Err(error) => Err(error),
                }));
            }
        }
        let mut looked = stream::iter(jobs).buffered(at_once());
        let mut deleted = 0;
        while let Some(found) = looked.try_next().await? {
            if let Some(path) = found {
                self.store().delete(&path).await?;
                deleted += 1;
            }
        }
        Ok(deleted)
    }

    /// Deletes what earlier attempts at `change`, which was committed, left beside the files that it added.
    pub(crate) async fn delete_attempts(&self, change: &Change) -> Result<(), Error> {
        let Ok(spans) = self.spans().await else { return Ok(()) };
        for stray in self.strays(&spans).await? {
            if stray.change().is_some_and(|made_for| is_of(made_for, &change.id)) {
                self.delete_stray(&stray).await?;
            }
        }
        Ok(())
    }

    /// Deletes those of the files at `paths` that no version reads: what they were written for did not come in. What can
    /// not be told of, or not be deleted, stays for a vacuum.
    pub(crate) async fn discard(&self, paths: &[String]) {
        if paths.is_empty() {
            return;
        }
        // That a commit failed does not tell that its version is not there.
        let Ok(Some(latest)) = Self::open(self.store(), None).await else { return };
        let Ok(spans) = latest.spans().await else { return };
        let known: BTreeSet<&str> = spans.iter().map(|span| span.path.as_str()).collect();
        for path in paths.iter().filter(|path| !known.contains(path.as_str())) {
            drop(self.store().delete(path).await);
        }
    }

    /// The files that versions up to this one removed.
    async fn removals(&self) -> Result<BTreeSet<String>, Error> {
        let log = self.delta.log_store();
        let mut removed = BTreeSet::new();
        for version in 0..=self.version() {
            let Some(bytes) = log.read_commit_entry(version).await? else { continue };
            for action in get_actions(version, &bytes)? {
                if let Action::Remove(remove) = action {
                    removed.insert(remove.path);
                }
            }
        }
        Ok(removed)
    }
}

/// Whether a file holds rows which are `doomed`.
fn holds(store: &Arc<dyn ObjectStore>, path: &str, doomed: &Arc<dyn Doomed>, handle: &Handle) -> Result<bool, Error> {
    let file = Groups::open(Arc::clone(store), path, handle)?;
    for group in 0..file.count() {
        if doomed.in_group(&file, group)?.is_some_and(|marked| marked.true_count() > 0) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_gone(store: &Arc<dyn ObjectStore>, path: &str, handle: &Handle) -> bool {
    let found = handle.block_on(store.head(&Path::from(path)));
    matches!(found, Err(object_store::Error::NotFound { .. }))
}
