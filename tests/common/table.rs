//! What a dataset holds, in a form that two runs can be compared by.

use super::cli::Folder;
use serde_json::Value;

/// The five stages.
pub(crate) const STAGES: [&str; 5] = ["extract", "admit", "fetch", "score", "publish"];

/// Every sample with all its columns but the hour of fetching and how often was asked, sorted.
pub(crate) fn samples(folder: &Folder, dataset: &str) -> Vec<String> {
    let mut rows = folder.sql(dataset, "select * from samples");
    for row in &mut rows {
        for column in ["fetched_at", "attempts"] {
            let value = row.as_object_mut().unwrap().remove(column);
            assert!(value.is_some_and(|value| !value.is_null()), "{column} of {row}");
        }
    }
    sorted(rows.iter().map(Value::to_string))
}

/// Every row that was dropped: which, and why.
pub(crate) fn ledger(folder: &Folder, dataset: &str) -> Vec<String> {
    let rows = folder.sql(dataset, "select id, url, page_url, stage, reason from ledger");
    sorted(rows.iter().map(Value::to_string))
}

/// URL, page and end (`kept`, or the reason) of every candidate.
pub(crate) fn ends(folder: &Folder, dataset: &str) -> Vec<(String, String, String)> {
    let query = "select url, page_url, 'kept' as ending from samples \
                 union all select url, page_url, reason as ending from ledger";
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or_else(|| panic!("{key} of {row}")).to_owned();
    let rows = folder.sql(dataset, query);
    sorted(rows.iter().map(|row| (text(row, "url"), text(row, "page_url"), text(row, "ending"))))
}

pub(crate) fn sorted<T: Ord>(rows: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut rows: Vec<T> = rows.into_iter().collect();
    rows.sort();
    rows
}

/// Version of a dataset's table, by its log.
pub(crate) fn version(folder: &Folder, dataset: &str) -> usize {
    let log = std::fs::read_dir(folder.path(dataset).join("_delta_log")).unwrap();
    log.filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|end| end == "json")).count() - 1
}

/// The funnel of a dataset, after its sums were checked: what a stage keeps, the next one sees,
/// and every candidate is a sample or stands in the ledger.
pub(crate) fn funnel(folder: &Folder, dataset: &str) -> Value {
    let funnel = folder.pinakes(&["audit", dataset, "--format", "json"]).ends_with(0).json();
    let stages = funnel["stages"].as_array().unwrap();
    let names: Vec<_> = stages.iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(names, STAGES);
    for stage in stages {
        assert_adds_up(&stage["rows"]);
    }
    for pair in stages.windows(2) {
        assert_eq!(pair[0]["rows"]["kept"], pair[1]["rows"]["seen"], "{} to {}", pair[0]["stage"], pair[1]["stage"]);
    }
    let held = number(&funnel["samples"]) + number(&funnel["ledger"]) + number(&funnel["removed"]);
    assert_eq!(number(&stages[0]["rows"]["kept"]), held, "{funnel}");
    assert_eq!(stages[4]["rows"]["kept"], funnel["samples"], "{funnel}");
    funnel
}

/// `seen = kept + Σ dropped`.
pub(crate) fn assert_adds_up(tally: &Value) {
    let dropped: u64 = tally["dropped"].as_object().unwrap().values().map(number).sum();
    assert_eq!(number(&tally["seen"]), number(&tally["kept"]) + dropped, "{tally}");
}

pub(crate) fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no count"))
}
