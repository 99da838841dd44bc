//! Thresholds moved on a run that is scored and published: no model is opened, nothing is fetched, no row is lost.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    gallery::Gallery,
    table::{ends, funnel, ledger, number, samples, version},
    web::Web,
};
use std::path::Path;

const OPEN: &str = "User-agent: *\nAllow: /\n";

/// A run of nine pictures, scored by a copy of the demo model, and published.
fn published() -> (Folder, Web, Settings) {
    let mut gallery = Gallery::new();
    gallery.host("one.example", OPEN, 5, &[]);
    gallery.host("two.example", OPEN, 4, &[]);
    gallery.host("closed.example", "User-agent: *\nDisallow: /\n", 2, &[]);
    let (folder, web) = (Folder::new(), Web::serve(gallery.routes.clone()));
    std::fs::create_dir(folder.path("model")).unwrap();
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/demo")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), folder.path("model").join(file.file_name())).unwrap();
    }
    let archive = folder.write("web.warc.gz", gallery.archive());
    let model = folder.path("model");
    let settings = Settings::new(&[&archive], &web).set("score.model", model.as_path());
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    (folder, web, settings)
}

fn kept(folder: &Folder) -> usize {
    ends(folder, "run/dataset").iter().filter(|(_, _, end)| end == "kept").count()
}

#[test]
fn thresholds_move_there_and_back_without_model_or_web() {
    let (folder, web, settings) = published();
    assert_eq!(kept(&folder), 9);
    let before = (samples(&folder, "run/dataset"), ledger(&folder, "run/dataset"));
    let scores = folder.sql("run/dataset", "select similarity from samples order by similarity");
    let median = scores[4]["similarity"].as_f64().unwrap();
    std::fs::remove_dir_all(folder.path("model")).unwrap();
    let (since, old) = (web.visit_count(), version(&folder, "run/dataset"));

    let strict = folder.write("strict.toml", settings.clone().set("keep.min_similarity", median).toml());
    folder.pinakes(&["run", &strict, "--quiet"]).fails(1, &["other settings"]);
    let told = folder.pinakes(&["rescore", &strict]).ends_with(0);
    assert!(told.stderr.contains("0 rows that were dropped are kept now, 4 that were kept are dropped"), "{told:?}");
    assert!(told.stdout.contains("round 1: 0 rows came into the samples, 4 left them"), "{told:?}");
    let ends = ends(&folder, "run/dataset");
    assert_eq!(ends.iter().filter(|(_, _, end)| end == "low_similarity").count(), 4);
    assert_eq!((kept(&folder), ends.len()), (5, 11));
    let sums = funnel(&folder, "run/dataset");
    assert_eq!(number(&sums["stages"][3]["rows"]["dropped"]["low_similarity"]), 4);
    assert_eq!(version(&folder, "run/dataset"), old + 1);
    let least = folder.sql("run/dataset", "select min(similarity) as least from samples");
    assert!(least[0]["least"].as_f64().unwrap() >= median);
    let lost = folder.sql("run/dataset", "select count(*) as rows from ledger where similarity < 2");
    assert_eq!(number(&lost[0]["rows"]), 4, "dropped rows keep their scores");

    // The new thresholds are the run's own now, and the same again moves nothing.
    folder.pinakes(&["run", &strict, "--quiet"]).ends_with(0);
    let told = folder.pinakes(&["rescore", &strict]).ends_with(0);
    assert!(told.stderr.contains("0 that were kept are dropped, 0 are dropped for another reason"), "{told:?}");

    let open = folder.write("open.toml", settings.toml());
    folder.pinakes(&["rescore", &open, "--quiet"]).ends_with(0);
    assert_eq!((samples(&folder, "run/dataset"), ledger(&folder, "run/dataset")), before);
    funnel(&folder, "run/dataset");
    assert_eq!(web.visit_count(), since, "nobody was asked for anything");
}

/// Copies a folder with all below it.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_rescoring_that_was_killed_is_ended_by_the_same_command() {
    let (folder, _web, settings) = published();
    let strict = folder.write("strict.toml", settings.set("keep.min_similarity", 0.999).toml());
    copy(&folder.path("run"), &folder.path("before"));
    folder.pinakes(&["rescore", &strict, "--quiet"]).ends_with(0);
    let whole = (samples(&folder, "run/dataset"), ledger(&folder, "run/dataset"));
    assert_eq!(kept(&folder), 0);

    // Back to the moment when all shards were written anew, and no report and no settings yet.
    copy(&folder.path("run"), &folder.path("after"));
    std::fs::remove_dir_all(folder.path("run")).unwrap();
    copy(&folder.path("before"), &folder.path("run"));
    for done in ["score", "rescored"] {
        copy(&folder.path("after").join(done), &folder.path("run").join(done));
    }
    std::fs::copy(folder.path("after/run.json"), folder.path("run/run.json")).unwrap();
    std::fs::copy(folder.path("after/config.toml"), folder.path("run/rescoring.toml")).unwrap();
    std::fs::remove_dir_all(folder.path("run/reports/publish")).unwrap();

    folder.pinakes(&["rescore", &strict, "--quiet"]).ends_with(0);
    assert_eq!((samples(&folder, "run/dataset"), ledger(&folder, "run/dataset")), whole);
    funnel(&folder, "run/dataset");
    assert!(!folder.path("run/rescoring.toml").exists());
    folder.pinakes(&["run", &strict, "--quiet"]).ends_with(0);
}

#[test]
fn what_would_need_texts_or_pictures_is_refused_by_name() {
    let (folder, _web, settings) = published();
    let rescore = |settings: Settings| {
        let config = folder.write("other.toml", settings.toml());
        folder.pinakes(&["rescore", &config, "--quiet"])
    };
    let stored = std::fs::read_to_string(folder.path("run/config.toml")).unwrap();
    let with = |key: &str, value: i32| settings.clone().set(key, value);
    rescore(with("keep.min_text_words", 2)).fails(1, &["`keep.min_text_words` cannot be moved"]).hints("subset");
    rescore(with("keep.min_body_bytes", 2)).fails(1, &["`keep.min_body_bytes` cannot be moved"]).hints("subset");
    rescore(with("fetch.max_pixels", 9)).fails(1, &["`fetch` was done under other settings"]).hints("[keep]");
    rescore(settings.clone().set("keep.max_unsafe", 0.5)).fails(1, &["`keep.max_unsafe` is set"]).hints("head");
    rescore(settings.clone().set("keep.max_scores.violence", 0.5)).fails(1, &["`keep.max_scores.violence` is set"]);
    rescore(settings.clone().set("output.dir", "elsewhere")).fails(1, &["holds no run"]).hints("pinakes run");
    assert_eq!(std::fs::read_to_string(folder.path("run/config.toml")).unwrap(), stored);
    assert_eq!(kept(&folder), 9);
}
