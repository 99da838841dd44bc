//! What a commit says of itself: which run, which command, which counts.

use chrono::{DateTime, Utc};
use deltalake_core::kernel::{CommitInfo, Transaction};
use schema::SCHEMA_VERSION;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Between the id of a change and the version on which it was made once more.
const AGAIN: &str = ".again-";

/// A change about to be committed. Two changes of the same id are the same change.
#[derive(Clone, Debug)]
pub struct Change {
    /// Id of the run or takedown.
    pub id: String,
    /// The command line that asked for it.
    pub command: String,
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// What it comes to.
    pub counts: BTreeMap<String, u64>,
}

/// Whether `change` is that of `id`, or one that went on with it later.
pub(crate) fn is_of(change: &str, id: &str) -> bool {
    change.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with(AGAIN))
}

impl Change {
    /// The same once more, on `version` of a table that holds it.
    pub(crate) fn again(&self, version: u64) -> Self {
        Self { id: format!("{}{AGAIN}{version}", self.id), ..self.clone() }
    }

    /// Delta's own way to know a change again: an application id with a version.
    pub(crate) fn application(&self) -> String {
        format!("pinakes/{}", self.id)
    }

    pub(crate) fn transaction(&self) -> Transaction {
        Transaction::new_with_last_update(self.application(), 1, Some(self.at.timestamp_millis()))
    }

    /// The commit's own account. Made here and not by `deltalake`, which would ask the clock.
    pub(crate) fn info(&self, operation: &str) -> CommitInfo {
        let info: HashMap<String, Value> = [
            ("run".to_owned(), json!(self.id)),
            ("command".to_owned(), json!(self.command)),
            ("counts".to_owned(), json!(self.counts)),
            ("pinakes".to_owned(), json!(env!("CARGO_PKG_VERSION"))),
            ("schema".to_owned(), json!(SCHEMA_VERSION)),
        ]
        .into();
        CommitInfo {
            timestamp: Some(self.at.timestamp_millis()),
            operation: Some(operation.to_owned()),
            operation_parameters: Some([("mode".to_owned(), json!("Append"))].into()),
            engine_info: Some(concat!("pinakes ", env!("CARGO_PKG_VERSION")).to_owned()),
            info,
            ..CommitInfo::default()
        }
    }
}

/// A commit, as the log tells it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Commit {
    /// The version it made.
    pub version: u64,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// `CREATE TABLE`, `WRITE`, `DELETE`.
    pub operation: String,
    /// Id of the run or takedown.
    pub run: Option<String>,
    /// The command line that asked for it.
    pub command: Option<String>,
    /// What it came to.
    pub counts: BTreeMap<String, u64>,
    /// Version of Pinakes that made it; absent where another tool did.
    pub pinakes: Option<String>,
}

impl Commit {
    /// Whether it changed only where rows lie, or what is kept of older versions: the rows are those of the version before.
    pub(crate) fn is_upkeep(&self) -> bool {
        matches!(self.operation.as_str(), "OPTIMIZE" | "VACUUM END")
    }

    /// Whether it took rows out for good.
    pub(crate) fn is_takedown(&self) -> bool {
        self.operation == "DELETE" && self.counts.contains_key("removed")
    }

    pub(crate) fn of(version: u64, info: CommitInfo) -> Self {
        let text = |key: &str| info.info.get(key).and_then(Value::as_str).map(str::to_owned);
        let counts = info.info.get("counts").and_then(Value::as_object);
        let counts = counts.into_iter().flatten();
        Self {
            version,
            at: info.timestamp.and_then(DateTime::from_timestamp_millis),
            run: text("run"),
            command: text("command"),
            counts: counts.filter_map(|(key, count)| Some((key.clone(), count.as_u64()?))).collect(),
            pinakes: text("pinakes"),
            operation: info.operation.unwrap_or_default(),
        }
    }
}
