//! Others read what we write: delta-rs' Python package, pyarrow, DuckDB.

use crate::common::{dataset_path, published};
use std::process::Command;

/// Set to a Python with the packages, for example one of a virtual environment.
const PYTHON: &str = "PINAKES_TEST_PYTHON";

/// Runs `script` on a dataset of 60 samples and 40 ledger rows, where `module` is installed.
async fn read_with(module: &str, script: &str) {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".into());
    let there = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: `{python}` has no `{module}` (name another Python in {PYTHON})");
        return;
    }
    let (folder, _dataset) = published(0..100).await;
    let output = Command::new(&python).args(["-c", script, &dataset_path(&folder)]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
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
