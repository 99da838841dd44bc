//! `pinakes demo`, and every reading verb on what it makes.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Outcome},
    table::{funnel, number, version},
};
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

/// Set to a Python with `deltalake`, `duckdb` and `pyarrow`, for example one of a virtual environment.
const PYTHON: &str = "PINAKES_TEST_PYTHON";

/// The demo, run once for all tests, and what it said.
static DEMO: LazyLock<(Folder, Outcome, String)> = LazyLock::new(|| {
    let folder = Folder::new();
    let outcome = folder.pinakes(&["demo", "--dir", "demo", "--quiet"]).ends_with(0);
    let dataset = dataset_below(&folder.path("demo")).expect("the demo leaves a dataset");
    (folder, outcome, dataset.to_str().unwrap().to_owned())
});

/// The first folder with a `_delta_log` that is not a ledger's.
fn dataset_below(folder: &Path) -> Option<PathBuf> {
    if folder.join("_delta_log").is_dir() {
        return Some(folder.to_owned());
    }
    let folders = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
    folders.into_iter().find_map(|folder| dataset_below(&folder))
}

#[test]
fn the_demo_shows_a_funnel_that_adds_up() {
    let (folder, outcome, dataset) = &*DEMO;
    let totals = funnel(folder, dataset);
    assert!(number(&totals["samples"]) >= 20, "{totals}");
    let dropped = |stage: usize, reason: &str| totals["stages"][stage]["rows"]["dropped"][reason].as_u64().unwrap_or(0);
    // Every kind of no that is implemented, and every trap.
    for reason in
        ["page_listed", "page_markup", "page_header", "page_robots", "page_site", "text_withheld", "page_unknown"]
    {
        assert!(dropped(1, reason) > 0, "{reason}: {totals}");
    }
    for reason in ["refused_elsewhere", "image_robots", "image_site", "image_header", "image_file", "body_too_large"] {
        assert!(dropped(2, reason) > 0, "{reason}: {totals}");
    }
    for reason in ["too_many_pixels", "too_many_redirects", "private_address", "duplicate"] {
        assert!(dropped(2, reason) > 0, "{reason}: {totals}");
    }
    assert!(outcome.stdout.contains("0 were asked for"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("demo"), "what the demo model scored is labelled");
    let models = folder.sql(dataset, "select distinct model from samples");
    assert!(models.len() == 1 && models[0]["model"].as_str().unwrap().starts_with("demo@"), "{models:?}");
}

#[test]
fn audits_count_the_same_rows_by_every_side_in_every_format() {
    let (folder, _, dataset) = &*DEMO;
    let extracted = funnel(folder, dataset)["stages"][0]["rows"]["kept"].clone();
    for by in ["image-domain", "page-domain", "signal", "license", "language", "reason"] {
        let audit = |format| folder.pinakes(&["audit", dataset, "--by", by, "--format", format]).ends_with(0);
        let told = audit("json").json();
        let rows = told["rows"].as_array().unwrap();
        assert_eq!(told["totals"]["candidates"], extracted, "by {by}");
        for row in rows.iter().chain([&told["totals"]]) {
            let ends: u64 = ["refused", "failed", "filtered", "kept"].iter().map(|end| number(&row[*end])).sum();
            assert_eq!(number(&row["candidates"]), ends, "by {by}: {row}");
        }
        assert_eq!(audit("csv").stdout.lines().count(), rows.len() + 2);
        assert!(audit("table").stdout.contains("total"));
    }
    assert!(folder.pinakes(&["audit", dataset, "--format", "csv"]).ends_with(0).stdout.contains("admit,seen,"));
    assert!(folder.pinakes(&["audit", dataset]).ends_with(0).stdout.contains("samples in the dataset"));
}

#[test]
fn subsets_come_in_every_layout() {
    let (folder, _, dataset) = &*DEMO;
    let query = "select count(*) as n from samples where width >= 400";
    let expected = number(&folder.sql(dataset, query)[0]["n"]);
    assert!(expected > 0);
    for layout in ["parquet", "laion", "urls"] {
        let out = format!("subset-{layout}");
        let arguments = ["subset", dataset, "--where", "width >= 400", "--layout", layout, "--out", &out];
        let manifest = folder.pinakes(&arguments).ends_with(0).json();
        assert_eq!(manifest["rows"], expected, "{manifest}");
        // What is there already is not written over.
        folder.pinakes(&arguments).fails(1, &[&out]);
    }
    let arguments = ["subset", dataset, "--layout", "webdataset", "--out", "tars"];
    let outcome = folder.pinakes(&arguments);
    let stored = number(&folder.sql(dataset, "select count(image) as n from samples")[0]["n"]);
    if stored == 0 {
        outcome.fails(1, &["picture"]).hints("fetch.store");
    } else {
        assert!(number(&outcome.ends_with(0).json()["rows"]) >= stored);
    }
    folder.pinakes(&["subset", dataset, "--where", "widht > 1", "--out", "x"]).fails(1, &["`widht`"]).hints("width");
    folder.pinakes(&["subset", dataset, "--layout", "zip", "--out", "x"]).fails(1, &["`zip`"]);
}

#[test]
fn optout_check_counts_and_changes_nothing() {
    let (folder, _, dataset) = &*DEMO;
    let domain =
        &folder.sql(dataset, "select image_domain, count(*) as n from samples group by 1 order by 2 desc, 1")[0];
    let (name, count) = (domain["image_domain"].as_str().unwrap(), number(&domain["n"]));
    let list = folder.write("me.txt", format!("{name}\nnobody.example\n"));
    let before = version(folder, dataset);
    let checked = folder.pinakes(&["optout", "check", dataset, &list, "--format", "json"]).ends_with(0).json();
    assert!(number(&checked["samples"]) >= count, "{checked}");
    folder.pinakes(&["optout", "check", dataset, "no-list.txt"]).fails(1, &["`no-list.txt`"]);
    assert_eq!(version(folder, dataset), before);
}

#[test]
fn the_doctor_finds_this_machine_ready() {
    let stdout = DEMO.0.pinakes(&["doctor"]).ends_with(0).stdout;
    assert!(stdout.contains('✔') && !stdout.contains('✖'), "{stdout}");
    assert!(stdout.contains("demo"), "{stdout}");
}

#[test]
fn the_demo_leaves_other_peoples_folders_alone() {
    let folder = Folder::new();
    let file = folder.write("precious.txt", "mine");
    folder.pinakes(&["demo", "--dir", "."]).fails(1, &["`.`"]).hints("--dir");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "mine");
}

#[test]
fn python_reads_the_table() {
    let (folder, _, dataset) = &*DEMO;
    let columns = "count(*) as rows, count(distinct url) as urls, sum(bytes) as bytes";
    let expected = &folder.sql(dataset, &format!("select {columns} from samples"))[0];
    for (module, script) in [
        ("deltalake", "table = deltalake.DeltaTable(path).to_pyarrow_table().to_pydict()"),
        ("pyarrow.dataset", "table = pyarrow.dataset.dataset(path, partitioning='hive').to_table().to_pydict()"),
        (
            "duckdb",
            "rows = duckdb.execute('select url, bytes from read_parquet(?)', [path + '/bucket=*/*.parquet']).fetchall()\n\
             table = {'url': [row[0] for row in rows], 'bytes': [row[1] for row in rows]}",
        ),
    ] {
        let head = format!("import sys, json, {module}\npath = sys.argv[1]\n");
        let tail = "print(json.dumps({'rows': len(table['url']), 'urls': len(set(table['url'])), 'bytes': sum(table['bytes'])}))";
        match python(&format!("{head}{script}\n{tail}"), module, &folder.path(dataset)) {
            Some(found) => assert_eq!(found, *expected, "{module}"),
            None => eprintln!("skipped: python_reads_the_table with `{module}`: not installed (see {PYTHON})"),
        }
    }
}

/// The end of a script, without taking the interpreter down: some packages' threads abort there now and then ("terminate
/// called without an active exception"), which says nothing of what they read.
const LEAVE: &str = "import os; sys.stdout.flush(); os._exit(0)";

/// What `script` prints about `dataset`; `None` where Python has no such module.
fn python(script: &str, module: &str, dataset: &Path) -> Option<Value> {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".into());
    let modules = if module == "deltalake" { "import deltalake, pyarrow".into() } else { format!("import {module}") };
    let there = Command::new(&python).args(["-c", &modules]).output().is_ok_and(|output| output.status.success());
    if !there {
        return None;
    }
    let script = format!("{script}\n{LEAVE}");
    let output = Command::new(&python).args(["-c", &script]).arg(dataset).output().unwrap();
    assert!(output.status.success(), "{module}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
