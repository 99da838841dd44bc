//! The whole job through the real binary: a forged web with every no we know, and real archives.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/replay.rs"]
mod replay;

use common::{
    cli::{Folder, Settings},
    data::test_data,
    table::{STAGES, assert_adds_up, ends, funnel, ledger, number, samples, version},
    web::{Routes, Visit, Web},
    world::World,
};
use replay::replay;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// The forged web, its archive and list, and a config for it.
fn forged(folder: &Folder, world: &World, web: &Web) -> Settings {
    let archive = folder.write("web.warc.gz", world.archive.gzip());
    let list = folder.write("optout.txt", world.list);
    Settings::new(&[&archive], web).set("consent.lists", &[list.as_str()][..])
}

#[test]
fn every_candidate_of_the_forged_web_ends_as_it_must() {
    const INTERVAL: Duration = Duration::from_millis(250);
    let (folder, world) = (Folder::new(), World::new(0, 0));
    let web = Web::serve(world.routes.clone());
    let settings = forged(&folder, &world, &web).set("fetch.per_host_interval", "250ms");
    let config = folder.write("config.toml", settings.toml());

    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_eq!(ends(&folder, "run/dataset"), world.ends());
    let totals = funnel(&folder, "run/dataset");
    let kept = world.ends().iter().filter(|(_, _, end)| end == "kept").count();
    assert_eq!(number(&totals["samples"]), kept as u64);

    let visits = web.visits();
    assert_none_forbidden(&visits, &world);
    assert_polite(&visits, INTERVAL);
    let counted: u64 = STAGES.iter().flat_map(|stage| reports(&folder, stage)).map(|report| requests(&report)).sum();
    assert_eq!(counted, visits.len() as u64, "requests in the reports, and in the server's log");

    // Everything is done: to run again asks nobody and changes nothing.
    let before = version(&folder, "run/dataset");
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_eq!(web.visits().len(), visits.len());
    assert_eq!(version(&folder, "run/dataset"), before);
    assert_eq!(funnel(&folder, "run/dataset"), totals);
}

/// No picture that was refused was asked for.
fn assert_none_forbidden(visits: &[Visit], world: &World) {
    assert!(!world.forbidden.is_empty());
    let wrong: Vec<_> = visits.iter().map(Visit::place).filter(|place| world.forbidden.contains(place)).collect();
    assert!(wrong.is_empty(), "opted out, and asked for nevertheless: {wrong:?}");
}

/// Our true name in every request; robots.txt first and once; one request to a host at a time,
/// and the interval between two.
fn assert_polite(visits: &[Visit], interval: Duration) {
    let agent =
        format!("pinakes/{} (+https://tests.example/bot; purpose=image-text-dataset)", env!("CARGO_PKG_VERSION"));
    let mut hosts: BTreeMap<&str, Vec<&Visit>> = BTreeMap::new();
    for visit in visits {
        assert_eq!(visit.user_agent, agent);
        hosts.entry(&visit.host).or_default().push(visit);
    }
    for (host, visits) in hosts {
        let robots: Vec<_> = visits.iter().map(|visit| visit.is_robots()).collect();
        assert!(robots[0] && !robots[1..].contains(&true), "robots.txt of {host}, first and once: {visits:?}");
        for pair in visits.windows(2) {
            assert!(pair[0].ended <= pair[1].began, "two requests at a time to {host}");
            let gap = pair[1].began - pair[0].began;
            // We measure where requests arrive, after a way that a busy machine makes uneven.
            assert!(gap >= interval * 6 / 10, "{gap:?} between two requests to {host}");
        }
    }
}

#[test]
fn task_by_task_the_same_table_comes_out() {
    let (folder, world) = (Folder::new(), World::new(0, 0));
    let web = Web::serve(world.routes.clone());
    let settings = forged(&folder, &world, &web);
    let whole = folder.write("whole.toml", settings.clone().set("output.dir", "whole").toml());
    let parts = folder.write("parts.toml", settings.clone().set("output.dir", "parts").toml());
    let stages = folder.write("stages.toml", settings.set("output.dir", "stages").toml());
    folder.pinakes(&["run", &whole, "--quiet"]).ends_with(0);

    for stage in STAGES {
        folder.pinakes(&[stage, &stages, "--quiet"]).ends_with(0);
        let tasks = folder.pinakes(&["tasks", &parts, stage]).ends_with(0).json_lines();
        assert!(!tasks.is_empty(), "{stage}");
        for task in &tasks {
            assert_eq!(task["stage"], stage);
            let key = task["key"].as_str().unwrap();
            let report = folder.pinakes(&["task", &parts, stage, key, "--quiet"]).ends_with(0).json();
            assert_eq!((&report["stage"], &report["key"]), (&task["stage"], &task["key"]));
            assert_adds_up(&report["rows"]);
            let stored = folder.path(&format!("parts/reports/{stage}/{key}.json"));
            assert_eq!(report, serde_json::from_slice::<Value>(&std::fs::read(stored).unwrap()).unwrap());
        }
        assert_eq!(folder.pinakes(&["tasks", &parts, stage]).ends_with(0).stdout, "", "{stage} is done");
    }
    // A task that is done is not done again.
    let key = reports_in(&folder, "parts", "fetch")[0]["key"].as_str().unwrap().to_owned();
    let visits = web.visits().len();
    let again = folder.pinakes(&["task", &parts, "fetch", &key, "--quiet"]).ends_with(0).json();
    assert_eq!(again["key"], key.as_str());
    assert_eq!(web.visits().len(), visits);

    assert_none_forbidden(&web.visits(), &world);
    for other in ["parts/dataset", "stages/dataset"] {
        assert_eq!(samples(&folder, other), samples(&folder, "whole/dataset"), "{other}");
        assert_eq!(ledger(&folder, other), ledger(&folder, "whole/dataset"), "{other}");
        assert_eq!(funnel(&folder, other)["stages"][2]["rows"], funnel(&folder, "whole/dataset")["stages"][2]["rows"]);
    }
}

#[test]
fn a_plain_archive_and_a_listing_give_the_same_rows_as_a_compressed_one() {
    let (folder, world) = (Folder::new(), World::new(0, 0));
    let web = Web::serve(Routes::default());
    let listing = folder.write("all.paths", "one.warc\n");
    folder.write("one.warc", world.archive.plain());
    let gzip = folder.write("two.warc.gz", world.archive.gzip());
    for (dir, archive) in [("plain", &listing), ("gzip", &gzip)] {
        let settings = Settings::new(&[archive], &web).set("output.dir", dir);
        folder.pinakes(&["extract", &folder.write("config.toml", settings.toml()), "--quiet"]).ends_with(0);
    }
    let [plain, gzip] = ["plain", "gzip"].map(|dir| reports_in(&folder, dir, "extract").remove(0));
    assert_eq!(plain["rows"], gzip["rows"]);
    assert_eq!(plain["counts"]["records"], gzip["counts"]["records"]);
    assert_eq!(number(&plain["rows"]["kept"]), world.ends().len() as u64);
    assert!(web.visits().is_empty(), "extract asks nobody");
}

#[test]
fn the_books_archive_becomes_scored_rows_of_real_pictures() {
    let Some(data) = test_data("the_books_archive_becomes_scored_rows_of_real_pictures") else { return };
    let archive = data.join("warc/books-with-images.warc");
    let (folder, web) = (Folder::new(), Web::serve(replay(&archive)));
    let settings = Settings::new(&[archive.to_str().unwrap()], &web)
        // One book is called Olio.
        .set("keep.min_text_chars", 4)
        .set("keep.min_body_bytes", 1000)
        .without("keep.min_similarity");
    let run = |mode: &str| {
        let config = settings.clone().set("consent.mode", mode).set("output.dir", mode);
        folder.pinakes(&["run", &folder.write("config.toml", config.toml()), "--quiet"]).ends_with(0);
        let dataset = format!("{mode}/dataset");
        let totals = funnel(&folder, &dataset);
        assert_eq!(number(&totals["stages"][0]["rows"]["kept"]), 20);
        let ends = ends(&folder, &dataset);
        assert_eq!(ends.len(), 20, "each kept or dropped with a reason");
        (dataset, totals, ends)
    };
    // The shop's pages say NOARCHIVE, which strict takes for a no.
    let (_, _, ends) = run("strict");
    assert!(ends.iter().all(|(_, _, end)| end == "page_markup"), "{ends:?}");
    let site_files = ["/robots.txt", "/.well-known/tdmrep.json", "/trust.txt", "/.well-known/trust.txt"];
    assert!(web.visits().iter().all(|visit| site_files.contains(&visit.path.as_str())));

    let (dataset, totals, _) = run("spec");
    let scored = number(&totals["stages"][3]["rows"]["seen"]);
    assert_eq!(scored, 20, "all pictures lie in the archive: {totals}");
    let query = "select similarity, aesthetic from samples union all \
                 select similarity, aesthetic from ledger where stage = 'score'";
    for row in folder.sql(&dataset, query) {
        let (similarity, aesthetic) = (row["similarity"].as_f64().unwrap(), row["aesthetic"].as_f64().unwrap());
        assert!((-1.0..=1.0).contains(&similarity) && (1.0..=10.0).contains(&aesthetic), "{row}");
    }
}

#[test]
fn the_heritrix_archive_runs_to_its_end() {
    let Some(data) = test_data("the_heritrix_archive_runs_to_its_end") else { return };
    let archive = data.join("warc/heritrix-with-images-and-robots.warc.gz");
    let (folder, web) = (Folder::new(), Web::serve(replay(&archive)));
    let settings = Settings::new(&[archive.to_str().unwrap()], &web)
        .set("fetch.per_host_interval", "1ms")
        .set("keep.min_body_bytes", 500)
        .set("keep.min_side", 16);
    folder.pinakes(&["run", &folder.write("config.toml", settings.toml()), "--quiet"]).ends_with(0);
    let totals = funnel(&folder, "run/dataset");
    assert!(number(&totals["samples"]) > 5, "{totals}");
    assert_eq!(ends(&folder, "run/dataset").len() as u64, number(&totals["stages"][0]["rows"]["kept"]));
    let kept = folder.sql("run/dataset", "select width, height, sha256, model from samples");
    assert!(kept.iter().all(|row| number(&row["width"]) >= 16 && row["model"].as_str().unwrap().starts_with("demo@")));
}

#[test]
fn every_archive_we_have_goes_through_extract() {
    let Some(data) = test_data("every_archive_we_have_goes_through_extract") else { return };
    let (folder, web) = (Folder::new(), Web::serve(Routes::default()));
    let mut archives = archives_in(&data.join("warc"));
    archives.extend(archives_in(&data.join("warc/edge")));
    assert!(archives.len() > 25);
    let paths: Vec<_> = archives.iter().map(|path| path.to_str().unwrap()).collect();
    let config = folder.write("config.toml", Settings::new(&paths, &web).toml());
    folder.pinakes(&["extract", &config, "--quiet"]).ends_with(0);

    let reports = reports(&folder, "extract");
    assert_eq!(reports.len(), archives.len());
    for report in &reports {
        assert_adds_up(&report["rows"]);
        assert_adds_up(&report["counts"]["records"]);
        assert!(number(&report["counts"]["records"]["seen"]) > 0, "{report}");
    }
    let named = |name: &str| {
        let is_it = |report: &&Value| report["key"].as_str().unwrap().rsplit_once('-').unwrap().0 == name;
        reports.iter().find(is_it).unwrap_or_else(|| panic!("{name}"))
    };
    // The same crawl in two formats.
    let (arc, warc) = (named("heritrix.arc"), named("heritrix-with-images-and-robots"));
    assert_eq!(arc["rows"], warc["rows"]);
    assert_eq!(arc["counts"]["records"]["kept"], warc["counts"]["records"]["kept"]);
    assert!(number(&named("truncated.arc")["rows"]["kept"]) > 0);
    // `img` elements, counted by another program (see the README of the shared data), or by hand. We see more:
    // image buttons, posters, what metas and JSON-LD name.
    for (archive, images) in [
        ("books-with-images", 20),
        ("cc-main-2020-34", 153),
        ("cc-main-2024-22.warc.gz", 13),
        ("cc-2019-one-record", 8),
        ("clueweb09-ja", 1252),
        // 858 with those on pages that were not found.
        ("heritrix-with-images-and-robots", 788),
        ("ipwb-sample-1", 2141),
    ] {
        let seen = number(&named(archive.trim_end_matches(".warc.gz"))["rows"]["seen"]);
        assert!((images..images + images / 2).contains(&seen), "{archive}: {seen} images, at least {images} expected");
    }
}

/// The archives in a folder.
fn archives_in(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

fn reports(folder: &Folder, stage: &str) -> Vec<Value> {
    reports_in(folder, "run", stage)
}

/// The reports of a stage.
fn reports_in(folder: &Folder, dir: &str, stage: &str) -> Vec<Value> {
    let files = std::fs::read_dir(folder.path(&format!("{dir}/reports/{stage}"))).unwrap();
    files.map(|file| serde_json::from_slice(&std::fs::read(file.unwrap().path()).unwrap()).unwrap()).collect()
}

/// Requests that a report counts.
fn requests(report: &Value) -> u64 {
    report["counts"]["requests"].as_object().unwrap().values().map(number).sum()
}
