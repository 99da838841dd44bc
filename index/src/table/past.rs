//! What the log tells of every file that a table ever had. Reading only.

use super::{ActiveFile, BUCKET_COLUMN, Table};
use crate::Error;
use deltalake_core::{
    kernel::Action,
    logstore::{LogStore, get_actions},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// A data file, and the versions that read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    /// Its name and size.
    pub(crate) file: ActiveFile,
    /// The first version that reads it, and the change that put it in.
    pub(crate) added: FileId,
    /// The first version that no longer does, and the change that took it out.
    pub(crate) removed: Option<FileId>,
}

/// A version and the change that made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileId {
    pub(crate) version: u64,
    pub(crate) change: Option<String>,
}

impl Life {
    /// The last version that reads it, as of version `now`.
    pub(crate) fn last(&self, now: u64) -> u64 {
        self.removed.as_ref().map_or(now, |removed| removed.version.saturating_sub(1))
    }
}

impl Table {
    /// Every file that this version or an earlier one reads, by name, whether or not it still lies in the folder.
    pub(crate) async fn lives(&self) -> Result<Vec<Life>, Error> {
        let log = self.delta.log_store();
        let mut lives: BTreeMap<String, Life> = BTreeMap::new();
        for version in 0..=self.version() {
            // Old entries may have been cleaned away by another tool.
            let Some(bytes) = log.read_commit_entry(version).await? else { continue };
            let actions = get_actions(version, &bytes)?;
            let told = |info: &deltalake_core::kernel::CommitInfo| {
                info.info.get("run").and_then(Value::as_str).map(str::to_owned)
            };
            let change = actions.iter().find_map(|action| match action {
                Action::CommitInfo(info) => told(info),
                _ => None,
            });
            let by = FileId { version, change };
            for action in actions {
                match action {
                    Action::Add(add) => {
                        let bucket = add.partition_values.get(BUCKET_COLUMN).cloned().flatten();
                        let rows = add.stats.as_deref().and_then(|stats| serde_json::from_str::<Value>(stats).ok());
                        let file = ActiveFile {
                            path: add.path.clone(),
                            size: add.size.unsigned_abs(),
                            rows: rows.and_then(|stats| stats["numRecords"].as_u64()).unwrap_or_default(),
                            bucket: bucket.and_then(|bucket| bucket.parse().ok()).unwrap_or_default(),
                        };
                        lives.insert(add.path, Life { file, added: by.clone(), removed: None });
                    }
                    Action::Remove(remove) => {
                        if let Some(life) = lives.get_mut(&remove.path) {
                            life.removed = Some(by.clone());
                        }
                    }
                    _ => {}
                }
            }
        }
        // Those that only a checkpoint tells of, where another tool cleaned the log.
        for file in self.files()? {
            lives.entry(file.path.clone()).or_insert(Life { file, added: FileId::default(), removed: None });
        }
        Ok(lives.into_values().collect())
    }
}
