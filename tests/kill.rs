//! `kill -9` at random moments, and on again: the same table, row for row, and no opted-out
//! picture asked for on the way.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    table::{STAGES, ends, funnel, ledger, samples},
    web::{Visit, Web},
    world::World,
};
use std::{path::Path, time::Instant};

/// Runs that are killed, each so many times: ten kills in all.
const RUNS: u32 = 5;
const KILLS_EACH: u32 = 2;

#[test]
fn a_run_killed_at_ten_random_moments_gives_the_same_table() {
    let folder = Folder::new();
    let world = World::new(5, 6);
    let web = Web::serve(world.routes.clone());
    let archive = folder.write("web.warc.gz", world.archive.gzip());
    let list = folder.write("optout.txt", world.list);
    let settings = Settings::new(&[&archive], &web)
        .set("consent.lists", &[list.as_str()][..])
        .set("fetch.per_host_interval", "250ms")
        .set("output.buckets", 4);

    let config = folder.write("config.toml", settings.clone().set("output.dir", "whole").toml());
    let start = Instant::now();
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let undisturbed = start.elapsed();
    assert_eq!(ends(&folder, "whole/dataset"), world.ends());
    let whole = Table::of(&folder, "whole");
    assert!(whole.samples.len() >= 35);

    // Side by side, since a run mostly waits.
    let killed = |run: u32| {
        let dir = format!("killed{run}");
        let settings = settings.clone().set("output.dir", dir.as_str());
        let config = folder.write(&format!("{dir}.toml"), settings.toml());
        let random = &mut Random::new(run);
        // The first moments are spread over the whole run, more of them early: asking is quick here,
        // scoring takes most of the time, and every stage shall be struck.
        let share = (f64::from(run) + random.share()) / f64::from(RUNS);
        let mut moment = undisturbed.mul_f64(share * share);
        let mut struck = Vec::new();
        for _ in 0..KILLS_EACH {
            match folder.pinakes_for(&["run", &config, "--quiet"], moment) {
                None => struck.push((open_stage(&folder.path(&dir)), moment)),
                Some(ended) => drop(ended.ends_with(0)),
            }
            moment = undisturbed.mul_f64(0.05 + random.share());
        }
        eprintln!("{dir}: {random:?}, struck in {struck:?}");
        folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
        funnel(&folder, &format!("{dir}/dataset"));
        Table::of(&folder, &dir).assert_is(&whole, &dir);
        struck.into_iter().map(|(stage, _)| stage).collect::<Vec<_>>()
    };
    let struck: Vec<&str> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..RUNS).map(|run| scope.spawn(move || killed(run))).collect();
        runs.into_iter().flat_map(|run| run.join().unwrap()).collect()
    });

    assert!(struck.len() >= 5, "too many runs ended before they could be killed: {struck:?}");
    assert!(struck.iter().any(|stage| *stage != struck[0]), "all struck in the same stage: {struck:?}");
    let asked: Vec<_> = web.visits().iter().map(Visit::place).filter(|place| world.forbidden.contains(place)).collect();
    assert!(asked.is_empty(), "opted out, and asked for nevertheless: {asked:?}");
}

/// All that a run comes to.
struct Table {
    samples: Vec<String>,
    ledger: Vec<String>,
    /// Whoever reads the Parquet files without the log must not read a row twice.
    files: (usize, usize),
}

impl Table {
    fn of(folder: &Folder, dir: &str) -> Self {
        let dataset = format!("{dir}/dataset");
        let (samples, ledger) = (samples(folder, &dataset), ledger(folder, &dataset));
        Self { samples, ledger, files: files(&folder.path(&dataset)) }
    }

    /// Not by `assert_eq`: two whole tables on the screen help nobody.
    fn assert_is(&self, whole: &Self, dir: &str) {
        for (what, ours, theirs) in
            [("samples", &self.samples, &whole.samples), ("ledger", &self.ledger, &whole.ledger)]
        {
            let odd: Vec<_> = ours.iter().filter(|row| !theirs.contains(row)).take(3).collect();
            assert!(ours == theirs, "{dir}: {what}: {} rows for {}, odd: {odd:?}", ours.len(), theirs.len());
        }
        assert_eq!(self.files, whole.files, "{dir}");
    }
}

/// The first stage that has not finished a task: about where the run was struck.
fn open_stage(run: &Path) -> &'static str {
    STAGES.into_iter().find(|stage| !run.join("reports").join(stage).exists()).unwrap_or("end")
}

/// How many files of rows, of records and of pending work a dataset has.
fn files(dataset: &Path) -> (usize, usize) {
    let count = |folder: &Path, end: &str| {
        let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(end)).count()
    };
    let folders = std::fs::read_dir(dataset).unwrap().map(|entry| entry.unwrap().path());
    let shares = folders.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("bucket="));
    (shares.map(|share| count(&share, ".parquet")).sum(), count(&dataset.join("_runs"), ".json"))
}

/// A linear congruential generator (Knuth's MMIX): the same moments in every run of the test,
/// unless `PINAKES_TEST_SEED` says otherwise.
#[derive(Debug)]
struct Random {
    #[expect(dead_code, reason = "printed when the test fails")]
    seed: u64,
    state: u64,
}

impl Random {
    /// Another row of numbers for each run.
    fn new(run: u32) -> Self {
        let named = std::env::var("PINAKES_TEST_SEED").ok().and_then(|text| text.parse().ok());
        let seed: u64 = named.unwrap_or(20_261_122);
        Self { seed, state: seed.wrapping_add(u64::from(run)).wrapping_mul(0x9e37_79b9_7f4a_7c15) }
    }

    /// A share of one.
    fn share(&mut self) -> f64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let top = u32::try_from(self.state >> 32).unwrap_or(0);
        f64::from(top) / f64::from(u32::MAX)
    }
}
