//! Audits and SQL through the real binary: whatever is asked adds up, in every format, and what is mistyped is named.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    data::photo,
    forge::Forge,
    table::{number, samples},
    web::{Answer, Routes, Web},
    world::World,
};
use serde_json::Value;
use std::process::{Command, Stdio};

const DATASET: &str = "run/dataset";

/// The forged web, run to its end.
fn published() -> (Folder, World, String) {
    let (folder, world) = (Folder::new(), World::new(2, 3));
    let web = Web::serve(world.routes.clone());
    let archive = folder.write("web.warc.gz", world.archive.gzip());
    let list = folder.write("optout.txt", world.list);
    let settings = Settings::new(&[&archive], &web).set("consent.lists", &[list.as_str()][..]);
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    (folder, world, archive)
}

fn audit(folder: &Folder, more: &[&str]) -> Value {
    folder.pinakes(&[&["audit", DATASET, "--format", "json"], more].concat()).ends_with(0).json()
}

/// Candidates, refused, failed, filtered, kept of a row of CSV.
fn numbers(line: &str) -> Vec<u64> {
    line.split(',').skip(1).take(5).map(|cell| cell.parse().unwrap()).collect()
}

#[test]
fn totals_are_those_of_the_tables_in_every_format() {
    let (folder, world, _) = published();
    let ends = world.ends();
    let kept = ends.iter().filter(|(_, _, end)| end == "kept").count() as u64;
    for by in ["image-domain", "page-domain", "image-host", "page-host", "signal", "license", "language", "country"]
        .into_iter()
        .chain(["archive", "crawl", "model", "mime", "reason", "stage"])
    {
        let told = audit(&folder, &["--by", by]);
        assert_eq!((number(&told["totals"]["candidates"]), number(&told["totals"]["kept"])), (ends.len() as u64, kept));
        for row in told["rows"].as_array().unwrap() {
            let reasons: u64 = row["reasons"].as_object().unwrap().values().map(number).sum();
            assert_eq!(reasons + number(&row["kept"]), number(&row["candidates"]), "{row}");
        }
    }
    for (reason, count) in audit(&folder, &["--by", "stage"])["totals"]["reasons"].as_object().unwrap() {
        assert_eq!(number(count), ends.iter().filter(|(_, _, end)| end == reason).count() as u64, "{reason}");
    }
    let csv = folder.pinakes(&["audit", DATASET, "--by", "image-domain", "--top", "3", "--format", "csv"]).ends_with(0);
    let lines: Vec<&str> = csv.stdout.lines().collect();
    assert_eq!(lines.len(), 1 + 3 + 1 + 1, "{csv:?}");
    let mut sums = vec![0; 5];
    for line in &lines[1..5] {
        for (sum, number) in sums.iter_mut().zip(numbers(line)) {
            *sum += number;
        }
    }
    assert!(lines[4].contains("others)"), "{csv:?}");
    assert_eq!(sums, numbers(lines[5]));
    assert_eq!((sums[0], sums[4]), (ends.len() as u64, kept));
    let table = folder
        .pinakes(&["audit", DATASET, "--by", "image-domain", "--top", "3", "--reasons", "--stages"])
        .ends_with(0)
        .stdout;
    assert!(table.contains("others)") && table.contains("to fetch") && table.contains("page_robots"), "{table}");
    assert!(table.contains("public suffix list") && table.contains("2026-"), "the list and its date: {table}");

    let some = audit(&folder, &["--by", "page-domain", "--where", "page_domain like '%good%' -- some"]);
    let those = ends.iter().filter(|(_, page, _)| page.contains("good")).count() as u64;
    assert_eq!(number(&some["totals"]["candidates"]), those);
}

#[test]
fn what_is_mistyped_is_named_with_a_way_out() {
    let (folder, ..) = published();
    let fails = |more: &[&str], words: &[&str]| folder.pinakes(&[&["audit", DATASET], more].concat()).fails(1, words);
    fails(&["--by", "image_domain"], &["`image_domain`", "did you mean `image-domain`?"]).hints("--by");
    fails(&["--by", "weather"], &["`weather`", "image-domain, page-domain"]);
    fails(&["--by", "reason", "--where", "simlarity > 1"], &["`simlarity`"]).hints("both tables have");
    fails(&["--by", "reason", "--where", "width > 1"], &["`width`", "`ledger`"]).hints("similarity");
    fails(&["--by", "reason", "--where", "width > 9) or (width < 3"], &["`width > 9) or (width < 3` is no condition"])
        .hints("as behind SQL's `where`");
    fails(&["--top", "3"], &["`--top`", "`--by`"]).hints("--by image-domain");
    // What would do nothing is refused.
    fails(&["--sort", "kept"], &["`--sort`", "the funnel"]).hints("--by");
    fails(&["--scores", "--top", "3"], &["`--top`", "over all rows"]).hints("--by");
    fails(&["--report", "--format", "json", "--stages"], &["`--stages`", "a report"]).hints("--by");
    for flag in ["--sort=kept", "--reasons", "--stages"] {
        fails(&["--diff", "0", "1", flag], &["cannot be used with"]);
        fails(&["--diff-with", DATASET, flag], &["cannot be used with"]);
    }
    for flag in ["--where=true", "--top=3", "--min-rows=2", "--sort=kept", "--reasons", "--stages"] {
        fails(&["--trace", "1", flag], &["cannot be used with"]);
    }
    fails(&["--diff", "0", "7"], &["no version 7", "latest is 1"]).hints("--version");
    fails(&["--diff", "0", "yesterday"], &["`yesterday`", "crawl:"]).hints("versions");
    fails(&["--diff", "crawl:A", "crawl:B"], &["`A`"]).hints("(no crawl)");
    fails(&["--version", "9"], &["no version 9"]);
    fails(&["--trace", "nonsense"], &["`nonsense`", "neither an id nor a URL"]).hints("https://");
    fails(&["--report"], &["no table"]).hints("--format json");
    fails(&["--html", "no/such/folder/a.html"], &["`no/such/folder/a.html`"]).hints("folder that is there");
    let sql = |more: &[&str], words: &[&str]| folder.pinakes(&[&["sql", DATASET], more].concat()).fails(1, words);
    sql(&["select * from sample"], &["sample"]).hints("`versions`, `optouts`");
    sql(&["--file", "no.sql"], &["`no.sql`"]).hints("file that is there");
    sql(&["select 1", "--version", "5"], &["no version 5"]);
    sql(&["delete from samples"], &["not supported"]).hints("only `select`");
    sql(&["select 1", "--out", "no/such/a.csv"], &["`no/such/a.csv`"]);
    let wrong = folder.pinakes(&["sql", DATASET, "select 1", "--memory", "much"]).ends_with(1);
    assert!(wrong.stderr.contains("512MB"), "{wrong:?}");
}

#[test]
fn the_path_of_a_picture_is_told_kept_refused_or_unknown() {
    let (folder, world, archive) = published();
    let of_end = |end: &str| world.ends().into_iter().find(|(_, _, found)| found == end).unwrap();
    let (url, page, _) = of_end("kept");
    let told = audit(&folder, &["--trace", &url]);
    assert_eq!((told["found_as"].as_str(), told["rows"][0]["table"].as_str()), (Some("url"), Some("samples")));
    let row = &told["rows"][0];
    assert_eq!((row["row"]["page_url"].as_str(), row["row"]["archive"].as_str()), (Some(&*page), Some(&*archive)));
    assert_eq!(row["came"]["version"], 1);
    assert!(row["run"]["command"].as_str().unwrap().contains("pinakes run"), "{row}");
    assert!(row["row"]["consent"]["checked"].as_array().unwrap().len() > 3, "{row}");
    // The command reads the record that the page was found in.
    let command = row["read_again"].as_str().unwrap();
    let record = Command::new("sh").args(["-c", command]).stderr(Stdio::null()).output().unwrap();
    let record = String::from_utf8_lossy(&record.stdout).into_owned();
    let told_uri = record.lines().find(|line| line.to_ascii_lowercase().starts_with("warc-target-uri")).unwrap();
    assert!(record.starts_with("WARC/1") && told_uri.contains(&page), "{record}");

    let (url, ..) = of_end("page_robots");
    let text = folder.pinakes(&["audit", DATASET, "--trace", &url]).ends_with(0).stdout;
    for words in [
        "refused at admit: page_robots",
        "robots.txt:",
        "Disallow",
        "read again",
        "came in      version 1 of the ledger",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let id = audit(&folder, &["--trace", &url])["rows"][0]["row"]["id"].as_i64().unwrap().to_string();
    assert_eq!(audit(&folder, &["--trace", &id])["rows"][0]["row"]["url"], url.as_str());
    assert!(!audit(&folder, &["--trace", &page])["rows"].as_array().unwrap().is_empty(), "by the page's address");
    let text = folder.pinakes(&["audit", DATASET, "--trace", "https://unknown.example/x.jpg"]).ends_with(0).stdout;
    assert!(text.contains("in no row of version 1"), "{text}");
}

#[test]
fn a_page_stands_alone_and_shows_markup_as_text() {
    let (folder, mut archive, mut routes) = (Folder::new(), Forge::new(), Routes::default());
    let html = "<html><img src=http://one.example/a.jpg alt='A photograph'>\
                <img src='http://one.example/%3Cscript%3E.jpg' alt='A &lt;script&gt;alert(1)&lt;/script&gt; here'>";
    archive.capture("http://one.example/", 200, &[("Content-Type", "text/html")], html.as_bytes());
    routes.add("one.example/a.jpg", Answer::ok("image/jpeg", photo(3)));
    let name = folder.write("<script>alert(2)<_script>.warc.gz", archive.gzip());
    let web = Web::serve(routes);
    let config = folder.write("config.toml", Settings::new(&[&name], &web).toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let funnel = folder.pinakes(&["audit", DATASET, "--html", "audit.html"]).ends_with(0).stdout;
    assert!(funnel.contains("every row adds up"), "{funnel}");
    let of_archives =
        folder.pinakes(&["audit", DATASET, "--by", "archive", "--scores", "--format", "html"]).ends_with(0).stdout;
    assert!(of_archives.contains("&lt;script&gt;alert(2)&lt;_script&gt;"), "{of_archives}");
    for page in [std::fs::read_to_string(folder.path("audit.html")).unwrap(), of_archives] {
        assert!(page.starts_with("<!DOCTYPE html>") && page.contains("<svg") && page.contains("prefers-color-scheme"));
        assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("url("), "{page}");
        well_formed(&page);
    }
    let twin = audit(&folder, &["--report"]);
    assert_eq!((number(&twin["samples"]), number(&twin["ledger"])), (1, 1));
    assert!(!folder.path("audit.html.unfinished").exists());
}

#[test]
fn a_page_beside_json_leaves_json_whole_and_scores_are_of_some_groups() {
    let (folder, mut archive, mut routes) = (Folder::new(), Forge::new(), Routes::default());
    routes.add("host1.example/a.jpg", Answer::ok("image/jpeg", photo(3)));
    let pictures: Vec<String> =
        (0..60).map(|n| format!("<img src=http://host{n}.example/a.jpg alt='A photograph of tower {n}'>")).collect();
    let html = format!("<html>{}", pictures.concat());
    archive.capture("http://one.example/", 200, &[("Content-Type", "text/html")], html.as_bytes());
    let (name, web) = (folder.write("web.warc.gz", archive.gzip()), Web::serve(routes));
    let config = folder.write("config.toml", Settings::new(&[&name], &web).toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let told = audit(&folder, &["--by", "image-domain", "--html", "audit.html"]);
    assert_eq!((told["rows"].as_array().unwrap().len(), &told["others"]), (60, &Value::Null));
    let page = std::fs::read_to_string(folder.path("audit.html")).unwrap();
    assert!(page.contains("(10 others)"), "{page}");
    let told = audit(&folder, &["--by", "image-domain", "--scores"]);
    assert_eq!((told["audit"]["rows"].as_array().unwrap().len(), number(&told["audit"]["others"]["groups"])), (50, 10));
    let told = audit(&folder, &["--by", "image-domain", "--scores", "--top", "55"]);
    assert_eq!(number(&told["audit"]["others"]["groups"]), 5);
}

#[test]
fn what_is_gone_is_said_to_be_counted_only_where_it_is() {
    let (folder, world, _) = published();
    let (url, ..) = world.ends().into_iter().find(|(_, _, end)| end == "kept").unwrap();
    folder.pinakes(&["optout", "apply", DATASET, "--url", &url]).ends_with(0);
    let note =
        |more: &[&str]| folder.pinakes(&[&["audit", DATASET, "--version", "1"], more].concat()).ends_with(0).stderr;
    let counts = note(&["--by", "stage"]);
    assert!(counts.contains("counted by the log") && !counts.contains("quantile"), "{counts}");
    let scores = note(&["--scores"]);
    assert!(!scores.contains("counted by the log") && scores.contains("no quantile is of them"), "{scores}");
    let both = note(&["--by", "stage", "--scores"]);
    assert!(both.contains("counted by the log, and no quantile is of them"), "{both}");
}

/// Every element that is opened is closed, in its order.
fn well_formed(page: &str) {
    const VOID: [&str; 3] = ["meta", "!DOCTYPE", "br"];
    let mut open = Vec::new();
    let body = page.split("<style>").next().unwrap().to_owned() + page.split("</style>").nth(1).unwrap();
    for tag in body.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap_or_else(|| panic!("`<{tag}` has no end"));
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let name = tag.split_whitespace().next().unwrap();
        if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn sql_writes_files_and_streams_and_is_cut_for_people_only() {
    let (folder, ..) = published();
    let all = samples(&folder, DATASET).len();
    folder.write("q.sql", "-- all of them\nselect * from samples order by url");
    folder.pinakes(&["sql", DATASET, "--file", "q.sql", "--out", "all.jsonl"]).ends_with(0);
    assert_eq!(std::fs::read_to_string(folder.path("all.jsonl")).unwrap().lines().count(), all);
    folder.pinakes(&["sql", DATASET, "--file", "q.sql", "--out", "all.parquet"]).ends_with(0);
    let bytes = std::fs::read(folder.path("all.parquet")).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let table = folder.pinakes(&["sql", DATASET, "select url from samples", "--rows", "2"]).ends_with(0);
    assert_eq!(table.stdout.lines().count(), 2 + 4, "{table:?}");
    assert!(table.stderr.contains("cut after 2 rows"), "{table:?}");
    let csv =
        folder.pinakes(&["sql", DATASET, "select url from samples", "--rows", "2", "--format", "csv"]).ends_with(0);
    assert_eq!((csv.stdout.lines().count(), csv.stderr.as_str()), (1 + all, ""));
    // What fails on the way leaves no file behind.
    let query = "select 1 / (width - width) as x from samples";
    folder.pinakes(&["sql", DATASET, query, "--out", "bad.csv"]).fails(1, &["cannot be answered"]);
    assert!(!folder.path("bad.csv").exists() && !folder.path("bad.csv.unfinished").exists());
    let told = folder.pinakes(&[
        "sql",
        DATASET,
        "select operation from versions where table_name = 'samples'",
        "--format",
        "csv",
    ]);
    assert_eq!(told.ends_with(0).stdout, "operation\nCREATE TABLE\nWRITE\n");
    let old =
        folder.pinakes(&["sql", DATASET, "select count(*) as n from samples", "--version", "0", "--format", "csv"]);
    assert_eq!(old.ends_with(0).stdout, "n\n0\n");
}
