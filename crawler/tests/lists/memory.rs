//! Memory stays flat as a list grows: the peak of a process that reads it.

use crate::{Folder, parquet};
use arrow_array::{ArrayRef, StringArray};
use std::{fmt::Write, process::Command, sync::Arc};

/// Set in a child that reads the list it names.
const CHILD: &str = "PINAKES_TEST_MEMORY_OF";

/// As many rows as fill several loads on their way to disk, and more than twice that.
const ROWS: [usize; 2] = [80_000, 200_000];

/// What the longer list may take more, in MiB; gathered, its rows would be 100 MiB more.
const MOST_MORE: f64 = 40.0;

fn row(number: usize) -> (String, String) {
    let url = format!("https://host{}.example/pictures/of/the/year/{number}.jpg", number % 5000);
    (url, format!("picture number {number}, of a boat that lies on the shore of the lake in the evening"))
}

fn list(name: &str, count: usize) -> Vec<u8> {
    let mut text = String::new();
    match name {
        "list.csv" => {
            text.push_str("url,caption\n");
            (0..count).map(row).for_each(|(url, caption)| writeln!(text, "{url},\"{caption}\"").unwrap());
        }
        "list.json" => {
            text.push('[');
            for number in 0..count {
                let (url, caption) = row(number);
                let comma = if number == 0 { "" } else { "," };
                write!(text, "{comma}{{\"url\":\"{url}\",\"caption\":\"{caption}\"}}").unwrap();
            }
            text.push(']');
        }
        _ => {
            let (urls, captions): (Vec<String>, Vec<String>) = (0..count).map(row).unzip();
            let column = |texts: Vec<String>| Arc::new(StringArray::from(texts)) as ArrayRef;
            return parquet(vec![("url", column(urls)), ("caption", column(captions))], 100_000);
        }
    }
    text.into_bytes()
}

#[test]
fn memory_stays_flat_as_a_list_grows() {
    for name in ["list.csv", "list.json", "list.parquet"] {
        let [small, large] = ROWS.map(|count| peak_of(&Folder::with(name, list(name, count)), count));
        eprintln!("{name}: peak {small:.0} MiB for {} rows, {large:.0} MiB for {} rows", ROWS[0], ROWS[1]);
        assert!(large - small < MOST_MORE, "{name}: {small} MiB, then {large} MiB");
    }
}

/// Has the list read by a process of its own, which tells its peak in MiB.
fn peak_of(folder: &Folder, rows: usize) -> f64 {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "memory::child", "--nocapture"])
        .env(CHILD, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = said.lines().find_map(|line| line.strip_prefix("peak ")).unwrap_or_else(|| panic!("{said}{output:?}"));
    let (kept, kib) = told.split_once(' ').unwrap();
    assert_eq!(kept.parse::<usize>().unwrap(), rows);
    kib.parse::<f64>().unwrap() / 1024.0
}

#[test]
fn child() {
    let Some(list) = std::env::var_os(CHILD) else { return };
    let folder = Folder::of(tempfile::tempdir().unwrap(), list.to_str().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let work = runtime.block_on(folder.run()).unwrap();
    println!("\npeak {} {}", work.rows.kept(), peak());
}

/// Highest resident size of this process so far, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
