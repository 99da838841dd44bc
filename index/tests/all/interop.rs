//! Others read what we write: delta-rs' Python package, pyarrow, DuckDB, Polars.

use crate::common::{at, copy, dataset_path, folder, open, published, run_info, write_run};
use index::{
    dedup::{self, dedup},
    optout::{Entry, EntryKind, apply},
    publish,
    upkeep::{Asked, Sizes, compact},
};
use std::process::Command;
use tempfile::TempDir;

/// Set to a Python with the packages, for example one of a virtual environment.
const PYTHON: &str = "PINAKES_TEST_PYTHON";

/// The Python that has all of `modules`; tells which it lacks.
pub(crate) fn python_with(modules: &[&str]) -> Option<String> {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".into());
    for module in modules {
        let there = Command::new(&python).args(["-c", &format!("import {module}")]).output();
        if !there.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: `{python}` has no `{module}` (name another Python in {PYTHON})");
            return None;
        }
    }
    Some(python)
}

/// Runs `script` on `folder`; what it asserts holds.
pub(crate) fn runs(python: &str, script: &str, folder: &str) {
    // Without taking the interpreter down: some packages' threads abort there now and then, which says nothing of what they read.
    let script = format!("{script}\nimport os; os._exit(0)");
    let output = Command::new(python).args(["-c", &script, folder]).env("HF_HUB_OFFLINE", "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Runs `script` on a dataset of 60 samples and 40 ledger rows, where `module` is installed.
async fn read_with(module: &str, script: &str) {
    let Some(python) = python_with(&[module]) else { return };
    let (folder, _dataset) = published(0..100).await;
    runs(&python, script, &dataset_path(&folder));
}

/// A dataset with a past, in a folder of a plain name, since Polars does not find files below one that a URL escapes: three runs, marks of near-duplicates, a takedown, compaction.
async fn with_a_past() -> TempDir {
    let (folder, store) = folder();
    for run in 0..3 {
        write_run(&store, run * 100..(run + 1) * 100).await;
        publish(&store, &run_info(&format!("run-{run}"))).await.unwrap();
    }
    let path = dataset_path(&folder);
    let settings = dedup::Settings { max_distance: 6, min_cosine: 0.9, embedding_cosine: None };
    dedup(&path, settings, &dedup::Asked { command: "dedup".into(), at: at(5) }, false).await.unwrap();
    let entries = [Entry { kind: EntryKind::Domain, value: "site1.example".into() }];
    apply(&open(&folder).await, &entries, &run_info("taken")).await.unwrap();
    compact(&path, Sizes::default(), &Asked { command: "compact".into(), at: at(6) }, false).await.unwrap();
    let plain = tempfile::tempdir().unwrap();
    copy(&folder.path().join("dataset"), &plain.path().join("dataset"));
    plain
}

/// Each reads the table by its log, and so the files of the latest version only.
#[tokio::test]
async fn all_read_a_table_with_a_past() {
    let scripts = [
        (
            "deltalake",
            r#"
import deltalake
table = deltalake.DeltaTable(sys.argv[1])
rows = table.get_add_actions(flatten=True)["num_records"].to_pylist()
assert sum(rows) == expected and len(rows) <= 3, rows
operations = [commit["operation"] for commit in table.history()]
assert operations[:3] == ["OPTIMIZE", "DELETE", "UPDATE"], operations
assert sum(deltalake.DeltaTable(sys.argv[1] + "/_ledger").get_add_actions(flatten=True)["num_records"].to_pylist()) == lost
"#,
        ),
        (
            "deltalake, pyarrow",
            r#"
import deltalake, pyarrow.dataset as ds, urllib.parse
table = deltalake.DeltaTable(sys.argv[1])
data = table.to_pyarrow_table(columns=["id", "image_domain", "cluster", "similarity"])
assert data.num_rows == expected == len(set(data["id"].to_pylist()))
assert "site1.example" not in data["image_domain"].to_pylist()
assert table.to_pyarrow_table(filters=[("image_domain", "=", "site2.example")]).num_rows > 10
files = ds.dataset([urllib.parse.unquote(uri) for uri in table.file_uris()], format="parquet")
assert files.count_rows() == expected
"#,
        ),
        (
            "deltalake, duckdb",
            r#"
import deltalake, duckdb, urllib.parse
files = [urllib.parse.unquote(uri) for uri in deltalake.DeltaTable(sys.argv[1]).file_uris()]
query = "select count(*), count(distinct id), count(*) filter (image_domain = 'site1.example') from read_parquet(?)"
assert duckdb.execute(query, [files]).fetchone() == (expected, expected, 0)
query = "select count(*) from read_parquet(?) where url = (select max(url) from read_parquet(?))"
assert duckdb.execute(query, [files, files]).fetchone() == (1,)
"#,
        ),
        (
            "deltalake, polars",
            r#"
import polars
data = polars.scan_delta(sys.argv[1]).select("id", "image_domain", "bucket").collect()
assert data.height == expected and data["id"].n_unique() == expected
assert data.filter(polars.col("image_domain") == "site1.example").height == 0
one = polars.scan_delta(sys.argv[1]).filter(polars.col("image_domain") == "site2.example").select("id").collect()
assert one.height > 10
"#,
        ),
    ];
    let mut past = None;
    for (modules, script) in scripts {
        let modules: Vec<&str> = modules.split(", ").collect();
        let Some(python) = python_with(&modules) else { continue };
        if past.is_none() {
            past = Some(with_a_past().await);
        }
        let Some(folder) = &past else { continue };
        let rows = |named: bool| (0..300).filter(|n| (n % 10 > 3) == named && n % 7 != 1).count();
        let (expected, lost) = (rows(true), rows(false));
        runs(&python, &format!("import sys\nexpected, lost = {expected}, {lost}\n{script}"), &dataset_path(folder));
    }
}

#[tokio::test]
async fn polars_reads_the_files() {
    let script = r#"
import sys, polars
data = polars.scan_parquet(sys.argv[1] + "/bucket=*/*.parquet", hive_partitioning=True)
assert data.select(polars.len()).collect().item() == 60
assert set(data.select("bucket").collect()["bucket"].to_list()) <= {0, 1, 2}
assert data.select("embedding").collect()["embedding"].bin.size().min() == 4
"#;
    read_with("polars", script).await;
}

#[tokio::test]
async fn python_deltalake_reads_the_tables() {
    let script = r#"
import sys, deltalake
table = deltalake.DeltaTable(sys.argv[1])
assert table.version() == 1, table.version()
rows = sum(deltalake.DeltaTable(sys.argv[1]).get_add_actions(flatten=True)["num_records"].to_pylist())
assert rows == 60, rows
assert table.metadata().partition_columns == ["bucket"]
last = table.history()[0]
assert last["run"] == "first" and last["counts"]["samples"] == 60, last
assert table.transaction_version("pinakes/first") == 1
ledger = deltalake.DeltaTable(sys.argv[1] + "/_ledger")
assert sum(ledger.get_add_actions(flatten=True)["num_records"].to_pylist()) == 40
try:
    import pyarrow
except ImportError:
    sys.exit(0)
data = table.to_pyarrow_table()
assert data.num_rows == 60 and "embedding" in data.column_names
assert set(data["bucket"].to_pylist()) <= {0, 1, 2}
assert table.to_pyarrow_table(filters=[("similarity", ">", 0.9)]).num_rows == 0
# Vacuum sees no stray files, and above all not the ledger.
assert table.vacuum(retention_hours=0, dry_run=True, enforce_retention_duration=False) == []
"#;
    read_with("deltalake", script).await;
}

#[tokio::test]
async fn pyarrow_reads_the_files() {
    let script = r#"
import sys, pyarrow.dataset as ds
data = ds.dataset(sys.argv[1], format="parquet", partitioning="hive").to_table()
assert data.num_rows == 60, data.num_rows
assert all(dict(scores) in ({"violence": 0.75}, {"violence": 0.25}) for scores in data["scores"].to_pylist())
assert {len(tags) for tags in data["tags"].to_pylist()} == {0, 1}
assert data["consent"][0]["mode"].as_py() == "strict"
"#;
    read_with("pyarrow.dataset", script).await;
}

#[tokio::test]
async fn duckdb_reads_the_files() {
    let script = r#"
import sys, duckdb
files = sys.argv[1] + "/bucket=*/*.parquet"
query = "select count(*), count(distinct bucket), min(octet_length(embedding)) from read_parquet(?, hive_partitioning = true)"
count, buckets, length = duckdb.execute(query, [files]).fetchone()
assert count == 60 and buckets > 1 and length == 4, (count, buckets, length)
ledger = sys.argv[1] + "/_ledger/bucket=*/*.parquet"
assert duckdb.execute("select count(*) from read_parquet(?)", [ledger]).fetchone() == (40,)
"#;
    read_with("duckdb", script).await;
}
