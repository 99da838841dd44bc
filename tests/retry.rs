//! A later round of fetch: what failed for the moment is asked for again, nothing else is, and the dataset takes it
//! in, published or not.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    gallery::Gallery,
    table::{ends, funnel},
    web::{Answer, Web},
};
use std::collections::BTreeMap;

const OPEN: &str = "User-agent: *\nAllow: /\n";

fn gallery() -> Gallery {
    let mut gallery = Gallery::new();
    gallery.host("good.example", OPEN, 3, &[]);
    gallery.host("busy.example", OPEN, 3, &[Answer::status(503)]);
    gallery.host("broken.example", OPEN, 2, &vec![Answer::status(500); 9]);
    gallery.host("gone.example", OPEN, 2, &[Answer::status(404)]);
    gallery.host("closed.example", "User-agent: *\nDisallow: /\n", 2, &[]);
    gallery
}

/// Ends by host.
fn outcome(folder: &Folder) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (url, _, end) in ends(folder, "run/dataset") {
        *counts.entry(format!("{} {end}", url.split('/').nth(2).unwrap())).or_default() += 1;
    }
    counts.into_iter().collect()
}

fn named(counts: &[(&str, usize)]) -> Vec<(String, usize)> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// Requests for pictures by host, since the visit number `since`.
fn asked(web: &Web, since: usize) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for visit in web.visits()[since..].iter().filter(|visit| visit.path.ends_with(".jpg")) {
        *counts.entry(visit.host.clone()).or_default() += 1;
    }
    counts
}

#[test]
fn failures_of_the_moment_are_tried_again_after_publishing() {
    let (folder, gallery) = (Folder::new(), gallery());
    let web = Web::serve(gallery.routes.clone());
    let archive = folder.write("web.warc.gz", gallery.archive());
    let settings = Settings::new(&[&archive], &web).set("fetch.host_patience", 100);
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["extract", &config, "--quiet"]).ends_with(0);
    folder.pinakes(&["admit", &config, "--quiet"]).ends_with(0);
    let retry = ["fetch", &config, "--retry", "transient"];
    folder.pinakes(&retry).fails(1, &["tasks of `fetch` are open"]).hints("pinakes fetch");
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let steady = [("closed.example image_robots", 2), ("gone.example gone", 2), ("good.example kept", 3)];
    let before = [&[("broken.example http_error", 2), ("busy.example throttled", 3)], &steady[..]].concat();
    assert_eq!(outcome(&folder), named(&before));

    let since = web.visit_count();
    let said = folder.pinakes(&retry).ends_with(0).stderr;
    assert!(said.contains("5 pictures are asked for again"), "{said}");
    let expected = [("broken.example".to_owned(), 2), ("busy.example".to_owned(), 3)];
    assert_eq!(asked(&web, since), BTreeMap::from(expected));
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let after = [&[("broken.example http_error", 2), ("busy.example kept", 3)], &steady[..]].concat();
    assert_eq!(outcome(&folder), named(&after));
    funnel(&folder, "run/dataset");

    // The same command again changes nothing; another round asks for less and less.
    let since = web.visit_count();
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_eq!(asked(&web, since), BTreeMap::new());
    for _ in 0..2 {
        let since = web.visit_count();
        folder.pinakes(&retry).ends_with(0);
        assert_eq!(asked(&web, since), BTreeMap::from([("broken.example".to_owned(), 2)]));
    }
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_eq!(outcome(&folder), named(&after));
    funnel(&folder, "run/dataset");
}

#[test]
fn answers_grown_old_are_asked_for_again() {
    let (folder, gallery) = (Folder::new(), gallery());
    let web = Web::serve(gallery.routes.clone());
    let archive = folder.write("web.warc.gz", gallery.archive());
    let settings = Settings::new(&[&archive], &web).set("fetch.host_patience", 100);
    let config = folder.write("config.toml", settings.toml());
    for stage in ["extract", "admit", "fetch"] {
        folder.pinakes(&[stage, &config, "--quiet"]).ends_with(0);
    }
    let since = web.visit_count();
    let said = folder.pinakes(&["fetch", &config, "--retry", "expired"]).ends_with(0).stderr;
    assert!(said.contains("nothing to ask for again"), "{said}");
    assert_eq!(web.visit_count(), since);

    let retry = ["fetch", &config, "--retry", "expired", "--set", "fetch.answers_last=0s", "--quiet"];
    folder.pinakes(&retry).ends_with(0);
    // robots.txt still says no.
    let expected = [("broken.example", 2), ("busy.example", 3), ("gone.example", 2)];
    assert_eq!(asked(&web, since), expected.map(|(host, count)| (host.to_owned(), count)).into());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_all_that_can_has_come(&folder);
}

#[test]
fn several_retries_make_one_round_and_none_is_lost_on_an_interrupted_publish() {
    let (folder, gallery) = (Folder::new(), gallery());
    let web = Web::serve(gallery.routes.clone());
    let archive = folder.write("web.warc.gz", gallery.archive());
    let settings = Settings::new(&[&archive], &web).set("fetch.host_patience", 100);
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);

    // As if killed between the dataset's commit and the task's report.
    let reports = folder.path("run/reports/publish");
    let report = std::fs::read_dir(&reports).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_file(report).unwrap();
    let retry = ["fetch", &config, "--retry", "transient", "--quiet"];
    folder.pinakes(&retry).fails(1, &["publishing was interrupted"]).hints("pinakes publish");
    folder.pinakes(&["publish", &config, "--quiet"]).ends_with(0);

    folder.pinakes(&retry).ends_with(0);
    let expired = ["fetch", &config, "--retry", "expired", "--set", "fetch.answers_last=0s", "--quiet"];
    folder.pinakes(&expired).ends_with(0);
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_all_that_can_has_come(&folder);
}

/// Only what is broken, and what says no, is not in the dataset.
fn assert_all_that_can_has_come(folder: &Folder) {
    let expected = [
        ("broken.example http_error", 2),
        ("busy.example kept", 3),
        ("closed.example image_robots", 2),
        ("gone.example kept", 2),
        ("good.example kept", 3),
    ];
    assert_eq!(outcome(folder), named(&expected));
    funnel(folder, "run/dataset");
}
