//! A hostile web: servers that stall, lie, flood, lead astray and explode. Each picture there ends in its own
//! reason, within its own bound, memory stays flat, and the run finishes.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "hostile/mod.rs"]
mod hostile;

use common::{
    cli::{Folder, Settings},
    data::photo,
    forge::Forge,
    table::{self, assert_adds_up, funnel, number, sorted},
    web::{Answer, Routes, Web},
};
use hostile::{Behaviour, Server, Visit, run, tls::trust};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

const TIMEOUT: Duration = Duration::from_secs(3);
const DEADLINE: Duration = Duration::from_secs(6);
const MAX_BODY: u64 = 4 * 1024 * 1024;

/// A minute is ample: hosts are asked side by side, and each has few tries.
const WHOLE_RUN: Duration = Duration::from_secs(60);

/// Most resident memory while the web is asked, in MiB, where 190 are usual: the program, sixteen bodies of [`MAX_BODY`]
/// and a share of 32 MiB fit in; what the web would send does not, by gigabytes.
const MEMORY: u64 = 320;

/// The same while pictures are decoded and scored, where 460 are usual, 280 of them for the model and its runtime.
/// The bombs unpack to 256 MiB each.
const SCORING_MEMORY: u64 = 600;

/// What may lie in the buffers of a connection beyond what we read: what a server has sent is not what we took.
const IN_TRANSIT: u64 = 12 * 1024 * 1024;

/// How long a connection is kept for another request.
const IDLE: Duration = Duration::from_secs(15);

/// How one picture ended.
struct End {
    reason: String,
    attempts: Option<u64>,
    row: Value,
}

#[test]
fn a_hostile_web_does_no_harm() {
    let (folder, server) = (Folder::new(), Server::serve(hostile::all));
    let behaviours = &server.behaviours;
    assert!(behaviours.len() >= 230 && names(behaviours).len() == behaviours.len());
    let settings = settings(&folder, &server);
    let config = folder.write("config.toml", settings.toml());
    let trust = folder.write("trust.pem", trust());

    for stage in ["extract", "admit"] {
        run(&folder, &[stage, &config, "--quiet"], &trust);
    }
    let fetch = run(&folder, &["fetch", &config, "--quiet"], &trust);
    let rest = run(&folder, &["run", &config, "--quiet"], &trust);
    eprintln!(
        "{} behaviours: asked in {:?} with {} MiB, the rest in {:?} with {} MiB",
        behaviours.len(),
        fetch.took,
        fetch.memory,
        rest.took,
        rest.memory
    );

    let ends = ends(&folder);
    let visits = server.visits();
    let mut wrong = Vec::new();
    for behaviour in behaviours.iter() {
        wrong.extend(judge(behaviour, ends.get(&behaviour.name), &visits));
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), behaviours.len(), wrong.join("\n"));

    assert_nothing_leaks(&visits, &ends);
    for name in ["tls-self-signed", "tls-for-another-name", "tls-expired"] {
        assert!(ends[name].row["evidence"].to_string().contains("certificate"), "{}", brief(&ends[name].row));
    }
    assert!(fetch.took < WHOLE_RUN, "{:?}", fetch.took);
    assert!((1..MEMORY).contains(&fetch.memory), "{} MiB while fetching", fetch.memory);
    assert!((1..SCORING_MEMORY).contains(&rest.memory), "{} MiB while scoring", rest.memory);
    for said in [&fetch.stderr, &rest.stderr] {
        assert!(!said.contains("panicked"), "{said}");
    }
    let stages = funnel(&folder, "run/dataset")["stages"].clone();
    assert_adds_up(&stages[2]["rows"]);
    assert_eq!(number(&stages[2]["rows"]["seen"]), behaviours.len() as u64);
}

/// A run over all that `server` serves, with little patience.
fn settings(folder: &Folder, server: &Server) -> Settings {
    let archive = folder.write("web.warc.gz", archive(&server.behaviours));
    let rules: Vec<&str> = server.resolve.iter().map(String::as_str).collect();
    Settings::default()
        .set("input.archives", &[archive.as_str()][..])
        .set("agent.contact", "https://tests.example/bot")
        .set("fetch.resolve", &rules[..])
        .set("fetch.per_host_interval", "10ms")
        .set("fetch.timeout", "3s")
        .set("fetch.deadline", "6s")
        .set("fetch.retries", 1)
        .set("fetch.max_redirects", 5)
        .set("fetch.max_body_bytes", i32::try_from(MAX_BODY).unwrap())
        .set("fetch.max_pixels", 4_000_000)
        .set("keep.min_similarity", -1.0)
        .set("output.dir", "run")
        .set("output.buckets", 1)
}

fn names(behaviours: &[Behaviour]) -> BTreeSet<&str> {
    behaviours.iter().map(|behaviour| behaviour.name.as_str()).collect()
}

/// One page that shows all pictures, each under the behaviour's name.
fn archive(behaviours: &[Behaviour]) -> Vec<u8> {
    let image = |one: &Behaviour| format!("<p><img src='{}' alt='Hostile: {}'></p>\n", one.picture, one.name);
    let images: String = behaviours.iter().map(image).collect();
    let page = format!("<!doctype html><title>A tour</title>\n{images}");
    let mut forge = Forge::new();
    forge.capture("http://pages.hostile.example/", 200, &[("Content-Type", "text/html")], page.as_bytes());
    forge.gzip()
}

/// The end of each behaviour's picture, by name.
fn ends(folder: &Folder) -> BTreeMap<String, End> {
    let mut ends = BTreeMap::new();
    for (table, reason) in [("samples", "'kept'"), ("ledger", "reason")] {
        for row in folder.sql("run/dataset", &format!("select {reason} as ending, * from {table}")) {
            let name = row["text"].as_str().unwrap().strip_prefix("Hostile: ").unwrap().to_owned();
            let end = End {
                reason: row["ending"].as_str().unwrap().to_owned(),
                attempts: row["attempts"].as_u64().filter(|_| row["stage"] == "fetch"),
                row,
            };
            assert!(ends.insert(name.clone(), end).is_none(), "{name} has two ends");
        }
    }
    ends
}

/// Whatever is not as the table has it.
fn judge(behaviour: &Behaviour, end: Option<&End>, visits: &[Visit]) -> Vec<String> {
    let Behaviour { name, host, requests, site_requests, .. } = behaviour;
    let Some(end) = end else { return vec![format!("{name}: no end at all")] };
    let mut wrong = Vec::new();
    if end.reason != behaviour.end {
        wrong.push(format!("{name}: {} instead of {}: {}", end.reason, behaviour.end, brief(&end.row)));
    }
    let (site, picture): (Vec<_>, Vec<_>) = visits
        .iter()
        .filter(|visit| visit.host == *host)
        .partition(|visit| visit.is_of_site() || visit.path == "(connection)");
    if picture.len() != *requests || end.attempts.is_some_and(|attempts| attempts != *requests as u64) {
        wrong.push(format!("{name}: {} requests, by our account {:?}, not {requests}", picture.len(), end.attempts));
    }
    if site.len() > *site_requests {
        wrong.push(format!("{name}: {} requests for its files, more than {site_requests}", site.len()));
    }
    for visit in site.iter().chain(&picture) {
        // What a busy machine adds; and an HTTP/2 connection outlives its requests until it has lain idle for long.
        let longest = DEADLINE + if visit.path == "(connection)" { IDLE } else { TIMEOUT };
        let took = visit.ended - visit.began;
        if took > longest || visit.bytes > MAX_BODY + IN_TRANSIT {
            wrong.push(format!("{name}: {} took {took:?} and {} bytes", visit.path, visit.bytes));
        }
    }
    wrong
}

fn brief(row: &Value) -> String {
    ["attempts", "status", "evidence"].map(|key| format!("{key} {}", row[key])).join(", ")
}

/// Nobody was asked off the hosts of the web; nothing was sent back that a server had us keep; what stands where no
/// request should lead is nowhere.
fn assert_nothing_leaks(visits: &[Visit], ends: &BTreeMap<String, End>) {
    for visit in visits {
        assert!(visit.host.ends_with(".example"), "{visit:?}");
        for header in ["cookie:", "authorization:", "referer:", "secret"] {
            assert!(!visit.head.contains(header), "{visit:?}");
        }
    }
    let poison = hostile::poison_sha256();
    for (name, end) in ends {
        let row = end.row.to_string();
        assert!(!row.contains(&poison), "{name} has a picture from where none may come");
        assert!(!row.contains("secret"), "{name}: {row}");
    }
}

/// A wait that is longer than a run has time for is granted all the same: nothing more is asked.
#[test]
fn who_wants_to_be_left_in_peace_for_long_is() {
    let open = "User-agent: *\nAllow: /\n";
    let text = |body: &str| Answer::ok("text/plain", body);
    let mut routes = Routes::default();
    routes
        .add("patient.example/robots.txt", text("User-agent: *\nCrawl-delay: 10000000000000000000\nDisallow: /no/\n"));
    routes.add("away.example/robots.txt", text(open));
    routes.add("away.example/1.jpg", Answer::status(503).with("Retry-After", "31536000"));
    // Sends us on to somebody who has no time for us, and is none the worse for it.
    routes.add("guide.example/robots.txt", text(open));
    routes.add("guide.example/1.jpg", Answer::redirect("http://far.example/1.jpg"));
    routes.add("guide.example/2.jpg", Answer::ok("image/jpeg", photo(1)));
    routes.add("far.example/robots.txt", text(open));
    routes.add("far.example/1.jpg", Answer::status(503).with("Retry-After", "31536000"));
    routes.add("other.example/robots.txt", text(open));
    for place in ["patient.example/1.jpg", "away.example/2.jpg", "other.example/1.jpg", "other.example/2.jpg"] {
        routes.add(place, Answer::ok("image/jpeg", photo(1)));
    }
    let (folder, web) = (Folder::new(), Web::serve(routes));

    let mut forge = Forge::new();
    // The site said less once; what it says now counts.
    forge.capture("http://patient.example/robots.txt", 200, &[("Content-Type", "text/plain")], open.as_bytes());
    let mut expected = Vec::new();
    for (page, image, end) in [
        ("http://patient.example/yes/", "http://other.example/1.jpg", "page_unknown"),
        ("http://patient.example/no/", "http://other.example/2.jpg", "page_robots"),
        ("http://other.example/", "http://patient.example/1.jpg", "image_unknown"),
        ("http://other.example/a", "http://away.example/1.jpg", "throttled"),
        ("http://other.example/b", "http://away.example/2.jpg", "host_let_alone"),
        ("http://other.example/c", "http://guide.example/1.jpg", "throttled"),
        ("http://other.example/d", "http://guide.example/2.jpg", "kept"),
    ] {
        let html = format!("<!doctype html><p><img src='{image}' alt='A picture at {image}'>");
        forge.capture(page, 200, &[("Content-Type", "text/html")], html.as_bytes());
        expected.push((image.to_owned(), page.to_owned(), end.to_owned()));
    }
    let archive = folder.write("web.warc.gz", forge.gzip());
    let config = folder.write("config.toml", Settings::new(&[&archive], &web).set("fetch.retries", 1).toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    assert_eq!(table::ends(&folder, "run/dataset"), sorted(expected));
    let count = |host: &str| web.visits().iter().filter(|visit| visit.host == host && !visit.is_robots()).count();
    assert_eq!(count("patient.example"), 0);
    assert_eq!(web.visits().iter().filter(|visit| visit.place() == "away.example/1.jpg").count(), 1);
    assert_eq!(web.visits().iter().filter(|visit| visit.place() == "away.example/2.jpg").count(), 0);
}

/// Large bodies share few places, so that memory stays flat; hosts that hold theirs for as long as they can must not
/// cost others their pictures.
#[test]
fn slow_large_bodies_cost_nobody_else_a_picture() {
    let (folder, server) = (Folder::new(), Server::serve(|_| hostile::crowd()));
    let settings = settings(&folder, &server).set("fetch.retries", 0);
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let ends = ends(&folder);
    let reasons: BTreeSet<(&str, &str)> =
        ends.iter().map(|(name, end)| (name.trim_end_matches(char::is_numeric), end.reason.as_str())).collect();
    assert_eq!(reasons, BTreeSet::from([("large", "kept"), ("slow-and-large-", "timeout")]));
}
