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

const KILLS: usize = 20;

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

/// When to kill: at a share of the time that the command takes undisturbed, or a moment after it has changed something.
/// Times alone would leave it to chance, and to what else the machine does, whether any is struck at its work.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Share(f64),
    Changed(Duration),
}

/// How a command fared that was to be killed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Struck {
    /// It had ended.
    No,
    BeforeAnyChange,
    Within,
}

/// Tries until twenty were struck, two at a time: `kill` is given a number and the moment. How many of them had changed something by then.
fn each(kill: impl Fn(usize, Moment) -> Struck + Sync) -> usize {
    let half = |half: usize| {
        let mut random = Random(20_261_129 + half as u64);
        // Who ends before it can be struck tells that the machine has become faster.
        let mut stretch = 1.0;
        let mut within = 0;
        let mut left = KILLS / 2;
        for number in (0..4 * KILLS).skip(half).step_by(2) {
            let share = random.share();
            // Every other one of either half.
            let moment = if number / 2 % 2 == 0 {
                Moment::Share(share * stretch)
            } else {
                Moment::Changed(Duration::from_millis(10).mul_f64(share))
            };
            match kill(number, moment) {
                Struck::No => stretch *= 0.8,
                Struck::BeforeAnyChange => left -= 1,
                Struck::Within => {
                    left -= 1;
                    within += 1;
                }
            }
            if left == 0 {
                return within;
            }
        }
        panic!("too many ended before they could be killed");
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..2).map(|number| scope.spawn(move || half(number))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// Runs `command` and kills it at that moment; `undisturbed` is how long it takes, `dir` where it changes something.
fn kill(folder: &Folder, command: &[&str], dir: &Path, undisturbed: Duration, moment: Moment) -> Struck {
    let before = names(dir);
    let struck = match moment {
        Moment::Share(share) => folder.pinakes_for(command, undisturbed.mul_f64(share)).is_none(),
        Moment::Changed(after) => {
            let changed = std::cell::Cell::new(None);
            folder.pinakes_until(command, || {
                if changed.get().is_none() && names(dir) != before {
                    changed.set(Some(Instant::now()));
                }
                changed.get().is_some_and(|changed: Instant| changed.elapsed() >= after)
            })
        }
    };
    match struck {
        false => Struck::No,
        true if names(dir) == before => Struck::BeforeAnyChange,
        true => Struck::Within,
    }
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

    let within = each(|number, moment| {
        let dir = format!("killed{number}");
        copy(&folder.path("scored"), &folder.path(&dir));
        let config = config(&dir);
        let dataset = format!("{dir}/dataset");
        let struck = kill(&folder, &["publish", &config, "--quiet"], &folder.path(&dataset), undisturbed, moment);
        folder.pinakes(&["publish", &config, "--quiet"]).ends_with(0);
        funnel(&folder, &dataset);
        let found = (samples(&folder, &dataset), ledger(&folder, &dataset));
        assert!(found == expected, "{dir}, killed at {moment:?} of {undisturbed:?}");
        std::fs::remove_dir_all(folder.path(&dir)).unwrap();
        struck
    });
    eprintln!("{KILLS} struck, {within} of them after the first write; {undisturbed:?} undisturbed");
    assert!(within >= KILLS / 4, "{within} within");
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

/// Kills `arguments` twenty times on copies of `many`, at times within its work.
fn killed(folder: &Folder, arguments: &[&str], expected: &(Vec<String>, Vec<String>)) {
    let time = undisturbed(folder, arguments);
    assert!(rows(&folder.path("done")) == *expected);
    let within = each(|number, moment| {
        let dir = format!("killed{number}");
        copy(&folder.path("many"), &folder.path(&dir));
        let command = [&[arguments[0], &dir], &arguments[1..]].concat();
        let struck = kill(folder, &command, &folder.path(&dir), time, moment);
        assert!(rows(&folder.path(&dir)) == *expected, "{command:?} killed at {moment:?} of {time:?}");
        folder.pinakes(&command).ends_with(0);
        assert!(rows(&folder.path(&dir)) == *expected, "{command:?} again, killed at {moment:?} of {time:?}");
        std::fs::remove_dir_all(folder.path(&dir)).unwrap();
        struck
    });
    eprintln!("{arguments:?}: {KILLS} struck, {within} after the first change; {time:?} undisturbed");
    assert!(within >= KILLS / 4, "{within} within");
}

/// All files of a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    // None where nothing is there yet, and what is there may go while one looks.
    for entry in std::fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap()) {
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
    killed(&folder, &["compact"], &expected);
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
    killed(&folder, &["vacuum", "--keep-versions", "1"], &expected);
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
