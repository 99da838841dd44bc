//! Lists of URLs through the real binary: no page is made up, the image's side is asked, and it is said.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    data::photo,
    table::{ends, funnel, number, sorted},
    web::{Answer, Routes, Visit, Web},
};
use serde_json::json;

/// What a list says, by which it is recognised.
const NOTE: &str = "the pages of 7 pictures are unknown: only the image's own side was asked";

/// URL, text, page, and what must become of it. Seven rows name no page.
const ROWS: [(&str, &str, &str, &str); 11] = [
    ("http://good.example/a.jpg", "a photograph of a boat", "", "kept"),
    ("http://good.example/a.jpg", "the same boat with other words", "", "duplicate"),
    ("http://gone.example/b.jpg", "a photograph that is gone", "", "gone"),
    ("http://robots.example/c.jpg", "a photograph that robots may not have", "", "image_robots"),
    ("http://header.example/d.jpg", "a photograph with a header", "", "image_header"),
    ("http://listed.example/e.jpg", "a photograph on a list", "", "image_listed"),
    ("http://words.example/f.jpg", "A drawing of mine. No AI training.", "", "page_markup"),
    ("http://open.example/g.jpg", "a photograph on an open page", "http://open.example/page", "kept"),
    ("http://cdn.example/h.jpg", "a photograph on a shut page", "http://shut.example/page", "page_robots"),
    ("http://cdn.example/i.jpg", "a photograph on a busy page", "http://busy.example/page", "page_unknown"),
    ("http://cdn.example/j.jpg", "a photograph on a listed page", "http://sub.listed.example/", "page_listed"),
];

/// Places that nobody may ask for.
const FORBIDDEN: [&str; 6] = [
    "robots.example/c.jpg",
    "listed.example/e.jpg",
    "words.example/f.jpg",
    "cdn.example/h.jpg",
    "cdn.example/i.jpg",
    "cdn.example/j.jpg",
];

fn routes() -> Routes {
    let mut routes = Routes::default();
    for (number, (url, _, _, _)) in ROWS.iter().enumerate() {
        routes.add(url.trim_start_matches("http://"), Answer::ok("image/jpeg", photo(number)));
    }
    routes.add("gone.example/b.jpg", Answer::status(404));
    routes.add("header.example/d.jpg", Answer::ok("image/jpeg", photo(4)).with("X-Robots-Tag", "noai"));
    for host in ["robots.example", "shut.example"] {
        routes.add(&format!("{host}/robots.txt"), Answer::ok("text/plain", "User-agent: *\nDisallow: /\n"));
    }
    routes.add("busy.example/robots.txt", Answer::status(503));
    routes
}

/// The rows as CSV, with one that is none.
fn list() -> String {
    let rows = ROWS.iter().map(|(url, text, page, _)| format!("{url},\"{text}\",{page}\n"));
    format!("url,caption,page_url\n{}one field\n", rows.collect::<String>())
}

fn settings(folder: &Folder, list: &str, web: &Web) -> Settings {
    let optout = folder.write("optout.txt", "listed.example\n");
    Settings::new(&[list], web).set("consent.lists", &[optout.as_str()][..])
}

#[test]
fn a_list_becomes_a_dataset_that_says_which_pages_are_unknown() {
    let folder = Folder::new();
    let web = Web::serve(routes());
    let list = folder.write("list.csv", list());
    let config = folder.write("config.toml", settings(&folder, &list, &web).toml());
    let run = folder.pinakes(&["run", &config]).ends_with(0);
    assert_eq!(run.stderr.matches(NOTE).count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("list.csv: row 11"), "{}", run.stderr);

    let expected = ROWS.map(|(url, _, page, end)| (url.to_owned(), page.to_owned(), end.to_owned()));
    assert_eq!(ends(&folder, "run/dataset"), sorted(expected));
    let totals = funnel(&folder, "run/dataset");
    let extract = &totals["stages"][0];
    assert_eq!((number(&extract["rows"]["seen"]), number(&extract["rows"]["dropped"]["damaged_record"])), (12, 1));
    assert_eq!(number(&extract["counts"]["pages_unknown"]), 7);
    let audit = folder.pinakes(&["audit", "run/dataset"]).ends_with(0);
    assert_eq!(audit.stdout.matches(NOTE).count(), 1, "{}", audit.stdout);

    let visits = web.visits();
    let wrong: Vec<_> = visits.iter().map(Visit::place).filter(|place| FORBIDDEN.contains(&place.as_str())).collect();
    assert!(wrong.is_empty(), "opted out, and asked for nevertheless: {wrong:?}");
    assert!(
        visits.iter().all(|visit| !visit.host.is_empty() && visit.path != "/page"),
        "pages are not read: {visits:?}"
    );

    assert_rows(&folder);
}

/// Rows are recognised, name their list, and claim no signal that was not looked for.
fn assert_rows(folder: &Folder) {
    let samples = folder.sql("run/dataset", "select * from samples order by archive_offset");
    assert_eq!(samples.len(), 2);
    for (sample, (page, domain)) in samples.iter().zip([("", ""), ("http://open.example/page", "open.example")]) {
        assert_eq!((sample["page_url"].as_str(), sample["page_domain"].as_str()), (Some(page), Some(domain)));
        assert_eq!(sample["text_source"], "list");
        assert!(sample["archive"].as_str().unwrap().ends_with("list.csv"));
        let checked: Vec<&str> =
            sample["consent"]["checked"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        for name in ["image-robots", "image-header", "image-file", "lists"] {
            assert!(checked.contains(&name), "{name} of {sample}");
        }
        let of_page: Vec<_> = checked.iter().filter(|name| name.starts_with("page-")).collect();
        assert_eq!(of_page.is_empty(), page.is_empty(), "{sample}");
        assert!(
            !checked.contains(&"page-meta") && !checked.contains(&"page-header"),
            "its HTML was not read: {sample}"
        );
    }
    assert_eq!((&samples[0]["archive_offset"], &samples[1]["archive_offset"]), (&0.into(), &7.into()));

    // What has no page is no domain's.
    let by = folder.pinakes(&["audit", "run/dataset", "--by", "page-domain", "--format", "json"]).ends_with(0).json();
    let of = |name: &str| {
        by["rows"].as_array().unwrap().iter().find(|row| row["name"] == name).map(|row| number(&row["candidates"]))
    };
    assert_eq!(
        (of("(page unknown)"), of("open.example"), of("listed.example"), of("")),
        (Some(7), Some(1), Some(1), None)
    );
    for (entry, found) in [("open.example", 1), ("unknown.example", 0), ("good.example", 2)] {
        let list = folder.write("mine.txt", format!("{entry}\n"));
        let check = folder.pinakes(&["optout", "check", "run/dataset", &list, "--format", "json"]).ends_with(0).json();
        assert_eq!(number(&check["samples"]) + number(&check["ledger"]), found, "{entry}: {check}");
    }
}

#[test]
fn another_format_with_other_columns_gives_the_same_ends() {
    let folder = Folder::new();
    let web = Web::serve(routes());
    let here = folder.write("list.csv", list());
    let objects = ROWS.iter().map(|(url, text, page, _)| json!({ "Link": url, "Words": text, "Where": page }));
    let objects: String = objects.map(|object| format!("{object}\n")).collect();
    let there = folder.write("list.jsonl", objects);
    let one = folder.write("one.toml", settings(&folder, &here, &web).set("output.dir", "one").toml());
    let other = settings(&folder, &there, &web)
        .set("output.dir", "other")
        .set("input.format", "urls")
        .set("input.url_column", "Link")
        .set("input.caption_column", "Words")
        .set("input.page_column", "Where");
    let two = folder.write("two.toml", other.clone().toml());
    folder.pinakes(&["run", &one, "--quiet"]).ends_with(0);
    folder.pinakes(&["run", &two, "--quiet"]).ends_with(0);
    assert_eq!(ends(&folder, "one/dataset"), ends(&folder, "other/dataset"));

    // Which columns are read decides what comes out: a folder of other columns is not gone on with.
    let changed = folder.write("three.toml", other.without("input.page_column").toml());
    folder.pinakes(&["run", &changed, "--quiet"]).fails(1, &["other settings"]);
}

#[test]
fn a_list_without_its_columns_is_told_with_those_it_has() {
    let folder = Folder::new();
    let web = Web::serve(Routes::default());
    let list = folder.write("list.tsv", "link\ttitle\nhttp://good.example/a.jpg\ta boat\n");
    let config = folder.write("config.toml", settings(&folder, &list, &web).toml());
    let run = folder.pinakes(&["run", &config, "--quiet"]).fails(3, &["list.tsv", "`link`, `title`"]);
    run.hints("input.url_column");
    let good = folder.write(
        "good.toml",
        settings(&folder, &list, &web).set("input.url_column", "link").set("output.dir", "good").toml(),
    );
    let doctor = folder.pinakes(&["doctor", &good]).ends_with(0).stdout;
    assert!(doctor.contains("1 to read, 1 of them lists of URLs"), "{doctor}");

    let other = folder.write("part-00000", "http://good.example/a.jpg\n");
    let config = folder.write("config.toml", settings(&folder, &other, &web).set("input.format", "urls").toml());
    folder.pinakes(&["run", &config, "--quiet"]).fails(1, &["part-00000", "no list of URLs"]).hints(".parquet");
    assert!(web.visits().is_empty());
}
