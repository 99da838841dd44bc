//! `kill -9` during publish, compact and vacuum, twenty times each at random moments: the dataset opens, nothing is lost,
//! nothing comes back, and the same command ends well.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "../index/tests/all/common.rs"]
#[allow(dead_code, reason = "made-up runs, of which few are needed here")]
mod made_up;

use common::{
    cli::{Folder, Settings},
    gallery::Gallery,
    table::{funnel, ledger, samples},
    web::Web,
};
use index::Dataset;
use shards::Store;
use std::{
    path::Path,
    time::{Duration, Instant},
};

const KILLS: u32 = 20;

/// Copies a folder with all below it.
fn copy(from: &Path, to: &Path) {
    made_up::copy(from, to);
}

/// Random shares of one, the same in every run of the test.
struct Random(u64);

impl Random {
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap()) / f64::from(u32::MAX)
    }
}

/// Has `kill` done for each number, two at a time: it kills at the share it is given and says whether it struck.
fn each(kill: impl Fn(u32, f64) -> bool + Sync) -> usize {
    let mut random = Random(20_261_129);
    let shares: Vec<f64> = (0..KILLS).map(|_| random.share()).collect();
    let halves: Vec<Vec<(u32, f64)>> = (0..2)
        .map(|half| (0..KILLS).zip(shares.iter().copied()).filter(|(number, _)| number % 2 == half).collect())
        .collect();
    std::thread::scope(|scope| {
        let kill = &kill;
        let strike = |half: Vec<(u32, f64)>| half.into_iter().filter(|(number, share)| kill(*number, *share)).count();
        let threads: Vec<_> = halves.into_iter().map(|half| scope.spawn(move || strike(half))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

#[test]
fn a_publish_killed_twenty_times_loses_nothing() {
    let mut gallery = Gallery::new();
    for host in ["one.example", "two.example", "three.example"] {
        gallery.host(host, "User-agent: *\nAllow: /\n", 4, &[]);
    }
    gallery.host("closed.example", "User-agent: *\nDisallow: /\n", 4, &[]);
    let (folder, web) = (Folder::new(), Web::serve(gallery.routes.clone()));
    let archive = folder.write("web.warc.gz", gallery.archive());
    let config = |dir: &str| {
        let settings = Settings::new(&[&archive], &web).set("output.dir", dir).set("output.buckets", 4);
        folder.write(&format!("{dir}.toml"), settings.toml())
    };
    let whole = config("whole");
    for stage in ["extract", "admit", "fetch", "score"] {
        folder.pinakes(&[stage, &whole, "--quiet"]).ends_with(0);
    }
    copy(&folder.path("whole"), &folder.path("scored"));
    let start = Instant::now();
    folder.pinakes(&["publish", &whole, "--quiet"]).ends_with(0);
    let undisturbed = start.elapsed();
    let expected = (samples(&folder, "whole/dataset"), ledger(&folder, "whole/dataset"));
    assert_eq!(expected.0.len(), 12);

    let (within, wrote) = (std::sync::atomic::AtomicU32::new(0), std::sync::atomic::Ordering::Relaxed);
    let struck = each(|number, share| {
        let dir = format!("killed{number}");
        copy(&folder.path("scored"), &folder.path(&dir));
        let config = config(&dir);
        let killed = folder.pinakes_for(&["publish", &config, "--quiet"], undisturbed.mul_f64(share)).is_none();
        let dataset = folder.path(&dir).join("dataset");
        if killed && dataset.exists() {
            within.fetch_add(1, wrote);
        }
        folder.pinakes(&["publish", &config, "--quiet"]).ends_with(0);
        let dataset = format!("{dir}/dataset");
        funnel(&folder, &dataset);
        let found = (samples(&folder, &dataset), ledger(&folder, &dataset));
        assert!(found == expected, "{dir}, killed after {share} of the time");
        std::fs::remove_dir_all(folder.path(&dir)).unwrap();
        killed
    });
    let within = within.into_inner();
    eprintln!("{struck} of {KILLS} struck, {within} of them after the first write; {undisturbed:?} undisturbed");
    assert!(struck >= 12 && within >= 4, "{struck} struck, {within} within");
}

/// A dataset of many small files: eight runs, each in three buckets.
fn many_files(folder: &Folder) -> (Vec<String>, Vec<String>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let run = folder.path("made");
    std::fs::create_dir(&run).unwrap();
    runtime.block_on(async {
        let store = Store::open(run.to_str().unwrap()).unwrap();
        for number in 0..8 {
            made_up::write_run(&store, number * 250..(number + 1) * 250).await;
            index::publish(&store, &made_up::run_info(&format!("run-{number}"))).await.unwrap();
        }
    });
    copy(&run.join("dataset"), &folder.path("many"));
    rows(&folder.path("many"))
}

/// All rows of samples and ledger, in an order of their own.
fn rows(dataset: &Path) -> (Vec<String>, Vec<String>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let dataset = Dataset::open(dataset.to_str().unwrap()).await.unwrap();
        let mut tables = Vec::new();
        for table in ["samples", "ledger"] {
            let query = format!("select * from {table} order by id, archive_offset");
            let batches = index::sql::run(&dataset, &query).await.unwrap();
            let text = index::sql::format(&batches, index::sql::Format::Json).unwrap();
            tables.push(text.lines().map(str::to_owned).collect::<Vec<_>>());
        }
        let ledger = tables.pop().unwrap();
        (tables.pop().unwrap(), ledger)
    })
}

/// How long `arguments` take on a copy of `many`, which stays as `done`.
fn undisturbed(folder: &Folder, arguments: &[&str]) -> Duration {
    copy(&folder.path("many"), &folder.path("done"));
    let start = Instant::now();
    folder.pinakes(&[&[arguments[0], "done"], &arguments[1..]].concat()).ends_with(0);
    start.elapsed()
}

/// Kills `arguments` twenty times on copies of `many`; how often it struck, and how often something had been done by then.
fn killed(folder: &Folder, arguments: &[&str], expected: &(Vec<String>, Vec<String>)) -> (usize, u32) {
    let time = undisturbed(folder, arguments);
    assert!(rows(&folder.path("done")) == *expected);
    let before = names(&folder.path("many"));
    let (within, order) = (std::sync::atomic::AtomicU32::new(0), std::sync::atomic::Ordering::Relaxed);
    // A machine that is busy is slower than it was: who was struck before anything was done lets the next have more time.
    let stretch = std::sync::Mutex::new(1.0_f64);
    let struck = each(|number, share| {
        let share = share * *stretch.lock().unwrap();
        let dir = format!("killed{number}");
        copy(&folder.path("many"), &folder.path(&dir));
        let command = [&[arguments[0], &dir], &arguments[1..]].concat();
        let killed = folder.pinakes_for(&command, time.mul_f64(share)).is_none();
        if !killed {
            *stretch.lock().unwrap() *= 0.8;
        } else if names(&folder.path(&dir)) == before {
            *stretch.lock().unwrap() *= 1.3;
        } else {
            within.fetch_add(1, order);
        }
        assert!(rows(&folder.path(&dir)) == *expected, "{command:?} killed after {share} of {time:?}");
        folder.pinakes(&command).ends_with(0);
        assert!(rows(&folder.path(&dir)) == *expected, "{command:?} again, killed after {share} of {time:?}");
        std::fs::remove_dir_all(folder.path(&dir)).unwrap();
        killed
    });
    let within = within.into_inner();
    eprintln!("{arguments:?}: {struck} of {KILLS} struck, {within} after the first change; {time:?} undisturbed");
    (struck, within)
}

/// All files of a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        if entry.path().is_dir() {
            found.extend(names(&entry.path()));
        } else {
            found.push(entry.path().display().to_string().split("/bucket=").last().unwrap().to_owned());
        }
    }
    let name = |path: String| Path::new(&path).file_name().unwrap().to_str().unwrap().to_owned();
    let mut found: Vec<String> = found.into_iter().map(name).collect();
    found.sort();
    found
}

#[test]
fn a_compaction_killed_twenty_times_loses_nothing() {
    let folder = Folder::new();
    let expected = many_files(&folder);
    let (struck, within) = killed(&folder, &["compact"], &expected);
    assert!(struck >= 12 && within >= 4, "{struck} struck, {within} within");
    folder.pinakes(&["vacuum", "done", "--keep-versions", "1"]).ends_with(0);
    assert!(rows(&folder.path("done")) == expected);
}

#[test]
fn a_vacuum_killed_twenty_times_deletes_nothing_that_is_read() {
    let folder = Folder::new();
    let expected = many_files(&folder);
    folder.pinakes(&["compact", "many"]).ends_with(0);
    // Enough to delete that a kill lands within it: what compactions of an old version left.
    for number in 0..4000 {
        let name = format!("many/bucket=0/part-compact-0-0-0-0-{number}.parquet");
        folder.write(&name, "stray");
    }
    let (struck, within) = killed(&folder, &["vacuum", "--keep-versions", "1"], &expected);
    assert!(struck >= 12 && within >= 1, "{struck} struck, {within} within");
    let told = folder.pinakes(&["versions", "done", "--format", "json"]).ends_with(0).json();
    assert_eq!(told.as_array().unwrap().last().unwrap()["whole"], true);
    assert_eq!(told[1]["whole"], false);
    let told = folder.pinakes(&["versions", "done"]).ends_with(0).stdout;
    assert!(told.contains("OPTIMIZE") && told.contains("VACUUM END") && told.contains("(files are gone)"), "{told}");
    folder.pinakes(&["vacuum", "done", "--older-than", "soon"]).fails(1, &["`soon` is no age"]).hints("7d");
    folder.pinakes(&["vacuum", "done"]).fails(1, &["--keep-versions"]);
    folder.pinakes(&["compact", "done", "--rows", "0"]).fails(1, &["`--rows` is `0`"]).hints("1000000");
    let told = folder.pinakes(&["compact", "done", "--dry-run"]).ends_with(0).stdout;
    assert!(told.contains("nothing to merge"), "{told}");
}
