//! `pinakes consent`: the evaluator on the conformance suite, and the linter on a web and an archive.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/embed.rs"]
mod embed;

use common::{
    cli::Folder,
    data::photo,
    forge::Forge,
    web::{Answer, Routes, Web},
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Every line of the conformance suite as it is: other projects run it like this.
#[test]
fn eval_answers_the_conformance_suite_line_by_line() {
    let folder = Folder::new();
    let suite = concat!(env!("CARGO_MANIFEST_DIR"), "/consent/conformance");
    let mut cases = 0;
    for entry in std::fs::read_dir(suite).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "jsonl") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let answers = folder.pinakes(&["consent", "eval", path.to_str().unwrap()]).ends_with(0).json_lines();
        assert_eq!(answers.len(), text.lines().count(), "{}", path.display());
        for (line, answer) in text.lines().zip(answers) {
            let case: Value = serde_json::from_str(line).unwrap();
            assert_eq!(answer["id"], case["id"]);
            assert_eq!(answer["verdict"], case["expect"]["strict"], "{}", case["id"]);
            assert!(answer["evidence"].is_array() && answer["checked"].is_array() && answer["not_checked"].is_array());
            cases += 1;
        }
    }
    assert!(cases >= 600, "{cases} cases");
}

#[test]
fn eval_answers_what_it_can_and_names_what_it_cannot() {
    let folder = Folder::new();
    let cases = "{\"id\":\"a\",\"image\":{\"headers\":[[\"X-Robots-Tag\",\"noai\"]]}}\n\n\
                 {\"id\":\"b\",\"image\":{\"body_base64\":\"%%%\"}}\nnonsense\n\
                 {\"id\":\"c\",\"mode\":\"record-only\",\"page\":{\"html\":\"<meta name=robots content=noai>\"}}\n";
    let file = folder.write("cases.jsonl", cases);
    let outcome = folder.pinakes(&["consent", "eval", &file]).ends_with(1);
    let answers = outcome.json_lines();
    let told: Vec<_> = answers.iter().map(|answer| (answer["id"].as_str(), answer["verdict"].as_str())).collect();
    assert_eq!(told, [(Some("a"), Some("deny")), (Some("c"), Some("allow"))]);
    assert_eq!(answers[0]["evidence"][0]["signal"], "xrt.noai");
    for words in ["cases.jsonl:3", "cases.jsonl:4", "2 of 4 lines"] {
        assert!(outcome.stderr.contains(words), "{words}: {}", outcome.stderr);
    }
    folder.pinakes(&["consent", "eval", "missing.jsonl"]).fails(1, &["missing.jsonl"]).hints("JSON object a line");
}

#[test]
fn explain_reads_a_page_and_a_picture_on_the_web() {
    let mut routes = Routes::default();
    let html = "<!doctype html>\n<html lang=en><head>\n<meta property=\"robots\" content=\"noai\">\n</head><body>\n\
                <img src=/a.jpg alt=\"A lighthouse. No AI training.\">\n<img src=/b.jpg alt=\"A harbour\">\n";
    routes.add("artist.example/gallery", Answer::ok("text/html; charset=utf-8", html));
    routes.add("artist.example/robots.txt", Answer::ok("text/plain", "User-agent: *\nDisallow: /private/\n"));
    let attributes = "xmlns:plus='http://ns.useplus.org/ldf/xmp/1.0/' plus:DataMining='http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED'";
    routes.add("artist.example/a.jpg", Answer::ok("image/jpeg", embed::with_xmp(&photo(0), attributes)));
    routes.add("artist.example/b.jpg", Answer::ok("image/jpeg", photo(1)));
    routes.add("artist.example/private/c.jpg", Answer::ok("image/jpeg", photo(2)));
    let (folder, web) = (Folder::new(), Web::serve(routes));
    let resolve = format!("fetch.resolve=[\"{}\"]", web.resolve());
    let explain = |url: &str, more: &[&str]| {
        let fixed = ["consent", "explain", url, "--set", &resolve, "--set", "fetch.per_host_interval=\"10ms\""];
        folder.pinakes(&[&fixed, more].concat())
    };

    let page = explain("http://artist.example/gallery", &["--format", "json"]).ends_with(0).json();
    assert_eq!((page["kind"].as_str(), page["refused"].as_str()), (Some("page"), Some("page_markup")));
    let spoke = &page["evidence"].as_array().unwrap().iter().find(|one| one["signal"] == "meta.noai").unwrap();
    assert_eq!(spoke["verdict"], "malformed-deny");
    // The line and byte that spoke.
    let place = spoke["where"].as_str().unwrap();
    assert!(place.starts_with("http://artist.example/gallery:3 ") && place.contains("byte 37"), "{place}");
    let signals: BTreeSet<_> =
        page["images"][0]["evidence"].as_array().unwrap().iter().map(|one| one["signal"].as_str().unwrap()).collect();
    assert!(signals.contains("nl.alt"), "{signals:?}");
    let advice = page["advice"].as_array().unwrap();
    assert!(advice.iter().any(|line| line.as_str().unwrap().contains("<meta name=\"robots\"")), "{advice:?}");

    let picture = explain("http://artist.example/a.jpg", &[]).ends_with(0).stdout;
    for words in ["picture, status 200", "✖ not used", "image_file", "plus.dmi", "TO BE HEARD MORE CLEARLY"] {
        assert!(picture.contains(words), "{words}:\n{picture}");
    }
    let silent = explain("http://artist.example/b.jpg", &[]).ends_with(0).stdout;
    assert!(silent.contains("✔ nobody objects") && silent.contains("TO SAY NO"), "{silent}");

    // What may not be asked for is not asked for to explain it either.
    let refused = explain("http://artist.example/private/c.jpg", &[]).ends_with(0).stdout;
    assert!(refused.contains("robots.own") && refused.contains("robots.txt:2"), "{refused}");
    assert!(web.visits().iter().all(|visit| !visit.path.starts_with("/private")));
    explain("http://artist.example/gone", &["--format", "csv"]).ends_with(0);
    explain("no url", &[]).fails(1, &["`no url`"]).hints("https://");
    explain("http://artist.example/b.jpg", &["--set", "consent.mode=\"record-only\""]).fails(1, &["record-only"]);
}

#[test]
fn explain_reads_an_archive_and_asks_nobody() {
    let folder = Folder::new();
    let mut archive = Forge::new();
    let plain = [("Content-Type", "text/plain")];
    archive.capture("http://old.example/robots.txt", 200, &plain, b"User-agent: CCBot\nDisallow: /\n");
    let html = [("Content-Type", "text/html"), ("X-Robots-Tag", "noai")];
    archive.capture("http://old.example/", 200, &html, b"<img src=a.jpg alt='A dog'>");
    let file = folder.write("old.warc.gz", archive.gzip());
    let told = folder.pinakes(&["consent", "explain", "http://old.example/", "--archive", &file]).ends_with(0).stdout;
    for words in ["xrt.noai", "robots.ai-token", "robots.txt:2", "PICTURES ON THE PAGE (1)", "http://old.example/a.jpg"]
    {
        assert!(told.contains(words), "{words}:\n{told}");
    }
    let missing = folder.pinakes(&["consent", "explain", "http://old.example/x", "--archive", &file]);
    missing.fails(1, &["is not in"]).hints("as the archive has it");
}
