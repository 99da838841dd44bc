//! Which files came in with which version.

use super::{ActiveFile, BUCKET_COLUMN, Commit, Range, Table, ranges_of};
use crate::Error;
use deltalake_core::{
    kernel::Action,
    logstore::{LogStore, get_actions},
};
use serde_json::Value;

/// A file and the commit that brought it.
pub(crate) struct Added {
    pub(crate) commit: Commit,
    pub(crate) file: ActiveFile,
    pub(crate) ranges: Vec<Range>,
}

impl Table {
    /// The files that were ever added to `bucket` up to this version, oldest first, whether or not they are still there.
    pub(crate) async fn added(&self, bucket: i32) -> Result<Vec<Added>, Error> {
        let log = self.delta.log_store();
        let mut all = Vec::new();
        for version in 0..=self.version() {
            let Some(bytes) = log.read_commit_entry(version).await? else { continue };
            let actions = get_actions(version, &bytes)?;
            let info = actions.iter().find_map(|action| match action {
                Action::CommitInfo(info) => Some(info.clone()),
                _ => None,
            });
            let commit = Commit::of(version, info.unwrap_or_default());
            for action in actions {
                let Action::Add(add) = action else { continue };
                let partition = add.partition_values.get(BUCKET_COLUMN).cloned().flatten();
                if partition.and_then(|partition| partition.parse().ok()) != Some(bucket) {
                    continue;
                }
                let told = add.stats.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
                let told = told.unwrap_or_default();
                let rows = told["numRecords"].as_u64().unwrap_or_default();
                let file = ActiveFile { path: add.path, size: add.size.unsigned_abs(), rows, bucket };
                all.push(Added { commit: commit.clone(), file, ranges: ranges_of(&told) });
            }
        }
        Ok(all)
    }
}
