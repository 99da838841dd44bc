//! The tables beside samples and ledger: what the dataset knows of itself.

use crate::{Dataset, Error, table::Commit};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray};
use chrono::{DateTime, Utc};
use datafusion::prelude::SessionContext;
use serde_json::Value;
use std::sync::Arc;

/// The tables of `pinakes sql`, and what their rows are.
pub const TABLES: [(&str, &str); 5] = [
    ("samples", "kept rows"),
    ("ledger", "candidates that were refused, failed or filtered out, with stage, kind, reason, signal and evidence"),
    ("runs", "published runs: run, round, published_at, command, pinakes, buckets, samples, ledger"),
    (
        "versions",
        "commits of both tables: table_name, version, committed_at, operation, run, command, counts (JSON), pinakes",
    ),
    ("optouts", "standing opt-outs: file, line, type, value, entry (the whole line)"),
];

/// The tables that `context` has.
pub(super) fn names(context: &SessionContext) -> Vec<String> {
    let mut names: Vec<String> = context
        .catalog("datafusion")
        .and_then(|catalog| catalog.schema("public"))
        .map(|schema| schema.table_names())
        .unwrap_or_default();
    let place = |name: &String| TABLES.iter().position(|(known, _)| known == name);
    names.sort_by_key(place);
    names
}

/// Makes `runs`, `versions` and `optouts` known to `context`.
pub(super) async fn register(context: &SessionContext, dataset: &Dataset) -> Result<(), Error> {
    context.register_batch("runs", runs(dataset).await?)?;
    context.register_batch("versions", versions(dataset).await?)?;
    context.register_batch("optouts", optouts(dataset).await?)?;
    Ok(())
}

async fn runs(dataset: &Dataset) -> Result<RecordBatch, Error> {
    let records = dataset.runs().await?;
    let counts = |of: &dyn Fn(&crate::Record) -> u64| numbers(records.iter().map(of));
    Ok(RecordBatch::try_from_iter([
        ("run", texts(records.iter().map(|record| Some(record.run.id.clone())))),
        ("round", counts(&|record| record.run.round.into())),
        ("published_at", times(records.iter().map(|record| Some(record.run.at)))),
        ("command", texts(records.iter().map(|record| Some(record.run.command.clone())))),
        ("pinakes", texts(records.iter().map(|record| Some(record.pinakes.clone())))),
        ("buckets", counts(&|record| record.run.buckets.into())),
        ("samples", counts(&|record| record.samples)),
        ("ledger", counts(&|record| record.ledger)),
    ])?)
}

async fn versions(dataset: &Dataset) -> Result<RecordBatch, Error> {
    let mut commits: Vec<(&str, Commit)> =
        dataset.history().await?.into_iter().map(|commit| ("samples", commit)).collect();
    if let Some(ledger) = dataset.ledger() {
        commits.extend(ledger.history().await?.into_iter().map(|commit| ("ledger", commit)));
    }
    let text = |of: &dyn Fn(&Commit) -> Option<String>| texts(commits.iter().map(|(_, commit)| of(commit)));
    Ok(RecordBatch::try_from_iter([
        ("table_name", texts(commits.iter().map(|(of, _)| Some((*of).to_owned())))),
        ("version", numbers(commits.iter().map(|(_, commit)| commit.version))),
        ("committed_at", times(commits.iter().map(|(_, commit)| commit.at))),
        ("operation", text(&|commit| Some(commit.operation.clone()))),
        ("run", text(&|commit| commit.run.clone())),
        ("command", text(&|commit| commit.command.clone())),
        ("counts", text(&|commit| serde_json::to_string(&commit.counts).ok())),
        ("pinakes", text(&|commit| commit.pinakes.clone())),
    ])?)
}

/// The lines as they stand, so that kinds of entries that only others know are seen, too.
async fn optouts(dataset: &Dataset) -> Result<RecordBatch, Error> {
    let mut entries: Vec<(String, u64, String, Value)> = Vec::new();
    for name in dataset.store().list("_optout").await? {
        if !name.ends_with(".jsonl") {
            continue;
        }
        let Some(bytes) = dataset.store().get(&name).await? else { continue };
        for (number, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let number = number as u64 + 1;
            let problem = |error| Error::Record { name: name.clone(), problem: format!("line {number}: {error}") };
            entries.push((name.clone(), number, line.to_owned(), serde_json::from_str(line).map_err(problem)?));
        }
    }
    let told = |key: &str| texts(entries.iter().map(|(.., entry)| entry[key].as_str().map(str::to_owned)));
    Ok(RecordBatch::try_from_iter([
        ("file", texts(entries.iter().map(|(name, ..)| Some(name.clone())))),
        ("line", numbers(entries.iter().map(|(_, number, ..)| *number))),
        ("type", told("type")),
        ("value", told("value")),
        ("entry", texts(entries.iter().map(|(_, _, line, _)| Some(line.clone())))),
    ])?)
}

fn texts(texts: impl Iterator<Item = Option<String>>) -> ArrayRef {
    Arc::new(texts.collect::<StringArray>())
}

fn numbers(numbers: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(numbers.map(|number| Some(number.cast_signed())).collect::<Int64Array>())
}

fn times(times: impl Iterator<Item = Option<DateTime<Utc>>>) -> ArrayRef {
    let times: TimestampMillisecondArray = times.map(|time| time.map(|time| time.timestamp_millis())).collect();
    Arc::new(times.with_timezone("UTC"))
}
