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
    let world = World::new(6, 8);
    let web = Web::serve(world.routes.clone());
    let archive = folder.write("web.warc.gz", world.archive.gzip());
    let list = folder.write("optout.txt", world.list);
    let settings = Settings::new(&[&archive], &web)
        .set("consent.lists", &[list.as_str()][..])
        .set("fetch.per_host_interval", "100ms")
        .set("output.buckets", 4);

    let config = folder.write("config.toml", settings.clone().set("output.dir", "whole").toml());
    let start = Instant::now();
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let undisturbed = start.elapsed();
    let (whole_samples, whole_ledger) = (samples(&folder, "whole/dataset"), ledger(&folder, "whole/dataset"));
    assert_eq!(ends(&folder, "whole/dataset"), world.ends());
    assert!(whole_samples.len() >= 48);

    let mut random = Random::new();
    let mut struck = Vec::new();
    for run in 0..RUNS {
        let dir = format!("killed{run}");
        let config = folder.write("config.toml", settings.clone().set("output.dir", dir.as_str()).toml());
        // The first moments are spread over the whole run, so that every stage is struck.
        let mut moment = undisturbed.mul_f64((f64::from(run) + random.share()) / f64::from(RUNS));
        for _ in 0..KILLS_EACH {
            match folder.pinakes_for(&["run", &config, "--quiet"], moment) {
                None => struck.push((dir.clone(), moment, open_stage(&folder.path(&dir)))),
                Some(ended) => drop(ended.ends_with(0)),
            }
            moment = undisturbed.mul_f64(0.05 + random.share() / 2.0);
        }
        let told = || format!("{random:?}, killed so far: {struck:?}");
        let outcome = folder.pinakes(&["run", &config, "--quiet"]);
        assert!(outcome.code == Some(0), "{}: {outcome:?}", told());
        let dataset = format!("{dir}/dataset");
        // Not `assert_eq`: two whole tables on the screen help nobody.
        let (found, expected) = (samples(&folder, &dataset), &whole_samples);
        let odd = found.iter().find(|row| !expected.contains(row)).map(|row| row.chars().take(600).collect::<String>());
        assert!(found == *expected, "{} samples for {}, odd: {odd:?}, {}", found.len(), expected.len(), told());
        assert!(ledger(&folder, &dataset) == whole_ledger, "{}: {:?}", told(), ledger(&folder, &dataset));
        funnel(&folder, &dataset);
        // Whoever reads the Parquet files without the log must not read a row twice.
        assert_eq!(files(&folder.path(&dataset)), files(&folder.path("whole/dataset")), "{}", told());
    }

    eprintln!("undisturbed: {undisturbed:?}; {random:?}; struck: {struck:?}");
    assert!(struck.len() >= 7, "too many runs ended before they could be killed: {struck:?}");
    let stages: std::collections::BTreeSet<_> = struck.iter().map(|(_, _, stage)| *stage).collect();
    assert!(stages.len() >= 2, "{struck:?}");
    let asked: Vec<_> = web.visits().iter().map(Visit::place).filter(|place| world.forbidden.contains(place)).collect();
    assert!(asked.is_empty(), "opted out, and asked for nevertheless: {asked:?}");
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
    fn new() -> Self {
        let named = std::env::var("PINAKES_TEST_SEED").ok().and_then(|text| text.parse().ok());
        let seed = named.unwrap_or(20_261_122);
        Self { seed, state: seed }
    }

    /// A share of one.
    fn share(&mut self) -> f64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let top = u32::try_from(self.state >> 32).unwrap_or(0);
        f64::from(top) / f64::from(u32::MAX)
    }
}
