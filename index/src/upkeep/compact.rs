//! Many small files of a bucket, as many publishes leave them, are merged into few of healthy size, sorted as a publish sorts.
//!
//! Killed, it leaves the table as it was, and files that can never come in. The commit says that no data changed, as Delta's
//! own `OPTIMIZE` does. Whoever publishes or takes out meanwhile goes first: a commit is made on the version that was read or
//! not at all, so that no row that was taken out comes back.

use super::{ATTEMPTS, Asked, latest, tables};
use crate::{
    Error,
    table::{ActiveFile, Change, Merge, Table, all_of, data_path, removal},
};
use deltalake_core::{kernel::Action, protocol::DeltaOperation};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

/// Most files that are merged at a time: a batch of rows of each is in memory.
const FILES_AT_A_TIME: usize = 64;

/// Buckets are committed together until they come to so many bytes: what is killed begins again behind the last commit.
const BYTES_A_COMMIT: u64 = 2 * 1024 * 1024 * 1024;

/// How large files are to be at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Rows.
    pub rows: u64,
    /// Bytes, about.
    pub bytes: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { rows: 1_048_576, bytes: 256 * 1024 * 1024 }
    }
}

impl Sizes {
    fn check(self) -> Result<(), Error> {
        let wrong = |name, value: u64, hint| Err(Error::Threshold { name, value: value.to_string(), hint });
        if self.rows == 0 {
            return wrong("--rows", self.rows, "name the most rows of a file, such as 1000000");
        }
        if self.bytes == 0 {
            return wrong("--bytes", self.bytes, "name the most bytes of a file, such as 268435456");
        }
        Ok(())
    }

    /// How many files so many rows and bytes are to be in.
    fn files(self, rows: u64, bytes: u64) -> usize {
        usize::try_from(rows.div_ceil(self.rows).max(bytes.div_ceil(self.bytes)).max(1)).unwrap_or(usize::MAX)
    }
}

/// What became of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Merged {
    /// Its last version that this made; none where nothing was to be done, or nothing was to be written.
    pub version: Option<u64>,
    /// Files before.
    pub before: u64,
    /// Files after.
    pub after: u64,
    /// Rows in the files that were written anew.
    pub rows: u64,
}

/// What a compaction came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Compacted {
    /// The samples.
    pub samples: Merged,
    /// The ledger.
    pub ledger: Merged,
}

/// Merges the small files of the dataset at `location`; with `dry_run` only counts them.
pub async fn compact(location: &str, sizes: Sizes, asked: &Asked, dry_run: bool) -> Result<Compacted, Error> {
    sizes.check()?;
    let (samples, ledger) = tables(location).await?;
    let mut compacted = Compacted { samples: merge(&samples, sizes, asked, dry_run).await?, ..Compacted::default() };
    if let Some(ledger) = ledger {
        compacted.ledger = merge(&ledger, sizes, asked, dry_run).await?;
    }
    Ok(compacted)
}

/// Files of a bucket that become so many.
struct Plan {
    bucket: i32,
    files: Vec<ActiveFile>,
    into: usize,
}

fn plans(table: &Table, sizes: Sizes) -> Result<Vec<Plan>, Error> {
    let mut buckets: BTreeMap<i32, Vec<ActiveFile>> = BTreeMap::new();
    for file in table.files()? {
        buckets.entry(file.bucket).or_default().push(file);
    }
    let into = |files: &[ActiveFile]| {
        let sum = |size: fn(&ActiveFile) -> u64| files.iter().map(size).sum();
        sizes.files(sum(|file| file.rows), sum(|file| file.size))
    };
    let mut plans = Vec::new();
    for (bucket, mut files) in buckets {
        let least = into(&files);
        // Rows that were merged may take a little less room than before: that is no reason to merge them again.
        let is_merged = files.iter().all(|file| file.path.contains("/part-compact-"));
        if files.len() <= least || (is_merged && files.len() <= 2 * least) {
            continue;
        }
        if files.len() > FILES_AT_A_TIME {
            files.sort_by(|a, b| (a.size, &a.path).cmp(&(b.size, &b.path)));
            files.truncate(FILES_AT_A_TIME);
        }
        let into = into(&files);
        if into < files.len() {
            plans.push(Plan { bucket, files, into });
        }
    }
    Ok(plans)
}

async fn merge(table: &Table, sizes: Sizes, asked: &Asked, dry_run: bool) -> Result<Merged, Error> {
    let mut outcome = Merged { before: table.files()?.len() as u64, ..Merged::default() };
    let mut lost = 0;
    loop {
        let table = latest(table).await?;
        let mut plans = plans(&table, sizes)?;
        let files = table.files()?.len() as u64;
        let rows = |plans: &[Plan]| plans.iter().flat_map(|plan| &plan.files).map(|file| file.rows).sum::<u64>();
        if plans.is_empty() || dry_run {
            let saved: usize = plans.iter().map(|plan| plan.files.len() - plan.into).sum();
            outcome.after = files - saved as u64;
            outcome.rows += rows(&plans);
            return Ok(outcome);
        }
        let mut bytes = 0;
        plans.retain(|plan| {
            let is_room = bytes < BYTES_A_COMMIT;
            bytes += plan.files.iter().map(|file| file.size).sum::<u64>();
            is_room
        });
        let merged = rows(&plans);
        let committed = match commit(&table, plans, asked).await {
            // A takedown deleted what was being read.
            Err(_) if table.has_moved().await? => None,
            committed => committed?,
        };
        match committed {
            Some(version) => {
                outcome.version = Some(version);
                outcome.rows += merged;
                lost = 0;
            }
            None if lost == ATTEMPTS => return Err(Error::Contended),
            None => {
                tracing::warn!("another writer was faster, looking again");
                lost += 1;
            }
        }
    }
}

/// The version with these files merged; `None` if another writer changed the table.
async fn commit(table: &Table, plans: Vec<Plan>, asked: &Asked) -> Result<Option<u64>, Error> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    // Two that compact the same version must not write each other's files. The version in front tells when a file that
    // somebody left behind can no longer come in.
    let (version, at, process) = (table.version(), asked.at.timestamp_micros(), std::process::id());
    let id = format!("compact-{version}-{at:x}-{process:x}-{number:x}");
    let mut change = Change { id, command: asked.command.clone(), at: asked.at, counts: BTreeMap::new() };
    let (mut actions, mut merges, mut planned) = (Vec::new(), Vec::new(), Vec::new());
    for plan in plans {
        let paths: Vec<String> = (0..plan.into).map(|part| data_path(plan.bucket, &change.id, part)).collect();
        planned.extend(paths.iter().cloned());
        for file in &plan.files {
            let mut removed = removal(file, &change);
            removed.data_change = false;
            actions.push(Action::Remove(removed));
        }
        let (store, schema) = (table.store().clone(), table.file_schema()?);
        merges.push(Merge { store, schema, bucket: plan.bucket, files: plan.files, paths, change: change.clone() });
    }
    let committed = write(table, merges, actions, &mut change).await;
    if !matches!(committed, Ok(Some(_))) {
        table.discard(&planned).await;
    }
    committed
}

/// Writes the merged files and commits them; `actions` take the old ones out.
async fn write(
    table: &Table,
    merges: Vec<Merge>,
    mut actions: Vec<Action>,
    change: &mut Change,
) -> Result<Option<u64>, Error> {
    let added = all_of(merges, |merge, handle| merge.run(handle)).await?;
    let added: Vec<_> = added.into_iter().flatten().collect();
    change.counts.insert("files_removed".into(), actions.len() as u64);
    change.counts.insert("files_added".into(), added.len() as u64);
    actions.extend(added.into_iter().map(Action::Add));
    let target_size = i64::try_from(Sizes::default().bytes).unwrap_or(i64::MAX);
    let operation = DeltaOperation::Optimize { predicate: None, target_size };
    table.commit(actions, operation, change).await
}
