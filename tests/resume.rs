//! A large fetch killed (`kill -9`) again and again: every candidate comes to one end, no picture is kept twice,
//! and nobody is asked again for what was on disk.
//!
//! `PINAKES_TEST_PICTURES=50000` kills it twenty times.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    forge::Forge,
    web::{Answer, Routes, Visit, Web},
};
use futures::TryStreamExt;
use schema::{Bucket, Fetched, LedgerRow};
use shards::{Store, read_all, stream_pictures};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Instant,
};

const HOSTS: usize = 50;
/// About so many files of its own each host is asked for before its first picture, in every attempt.
const SITE_FILES: usize = 8;
const PICTURES_ON_A_PAGE: usize = 100;
/// So many pictures are asked for between two kills: more than a share holds.
const PICTURES_BETWEEN_KILLS: usize = 2400;

fn pictures() -> usize {
    std::env::var("PINAKES_TEST_PICTURES").ok().and_then(|text| text.parse().ok()).unwrap_or(5000)
}

/// One picture in ten is gone, one is refused by the server.
fn answer(number: usize) -> Answer {
    match number % 10 {
        3 => Answer::status(404),
        7 => Answer::ok("image/gif", gif(number)).with("X-Robots-Tag", "noai"),
        _ => Answer::ok("image/gif", gif(number)),
    }
}

/// Another picture for each number: fetch looks at the header, nobody decodes it.
fn gif(number: usize) -> Vec<u8> {
    [b"GIF89a\x40\x00\x40\x00\x00\x00\x00".as_slice(), &number.to_le_bytes(), b";"].concat()
}

fn place(number: usize) -> String {
    format!("h{:03}.example/{number}.gif", number % HOSTS)
}

#[test]
fn a_large_fetch_killed_again_and_again_asks_for_nothing_twice() {
    let pictures = pictures();
    let (folder, mut routes, mut forge) = (Folder::new(), Routes::default(), Forge::new());
    routes.add("page.example/robots.txt", Answer::ok("text/plain", "User-agent: *\nAllow: /\n"));
    let numbers: Vec<usize> = (0..pictures).collect();
    for (page, numbers) in numbers.chunks(PICTURES_ON_A_PAGE).enumerate() {
        let mut html = "<!doctype html><title>Pictures</title>".to_owned();
        for number in numbers {
            let place = place(*number);
            html += &format!("<p><img src='http://{place}' alt='Picture number {number}'></p>\n");
            routes.add(&place, answer(*number));
        }
        let url = format!("http://page.example/{page}");
        forge.capture(&url, 200, &[("Content-Type", "text/html")], html.as_bytes());
    }
    let web = Web::serve(routes);
    let archive = folder.write("web.warc.gz", forge.gzip());
    let settings = Settings::new(&[&archive], &web)
        .set("fetch.per_host_interval", "0s")
        // Refusals of one host in a row end its queue, which is another test's matter.
        .set("fetch.host_patience", 1_000_000)
        .set("keep.min_body_bytes", 0)
        .set("output.buckets", 1);
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["extract", &config, "--quiet"]).ends_with(0);
    folder.pinakes(&["admit", &config, "--quiet"]).ends_with(0);

    let store = Store::open(folder.path("run").to_str().unwrap()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // When each URL was first seen to be on disk.
    let mut held: HashMap<String, Instant> = HashMap::new();
    let mut kills = 0;
    loop {
        let target = web.visit_count() + HOSTS * SITE_FILES + PICTURES_BETWEEN_KILLS;
        let was_killed = folder.pinakes_until(&["fetch", &config, "--quiet"], || web.visit_count() >= target);
        let now = Instant::now();
        for url in runtime.block_on(committed(&store)) {
            held.entry(url).or_insert(now);
        }
        if !was_killed {
            break;
        }
        kills += 1;
        assert!(kills < 100, "it comes to no end: {} of {pictures} are on disk", held.len());
    }
    eprintln!("killed {kills} times, {} requests for {pictures} pictures", web.visit_count());
    assert!(kills >= pictures / (PICTURES_BETWEEN_KILLS + 100), "killed {kills} times only");

    let again: Vec<String> = web
        .visits()
        .iter()
        .filter(|visit| held.get(&format!("http://{}", visit.place())).is_some_and(|time| *time < visit.began))
        .map(Visit::place)
        .collect();
    assert!(
        again.is_empty(),
        "asked again for {} that were on disk: {:?} …",
        again.len(),
        &again[..3.min(again.len())]
    );

    let (kept, lost) = runtime.block_on(ends(&store));
    let all: BTreeSet<&String> = kept.iter().chain(&lost).collect();
    assert_eq!((all.len(), kept.len() + lost.len()), (pictures, pictures), "one end each");
    assert_eq!(lost.len(), pictures / 10 * 2);
}

/// URLs in shares that are whole.
async fn committed(store: &Store) -> HashSet<String> {
    let mut urls = HashSet::new();
    for name in store.list("fetch").await.unwrap() {
        let Some(share) = name.strip_suffix(".ledger.parquet") else { continue };
        let lost: Vec<LedgerRow> = read_all(store, &name).await.unwrap();
        urls.extend(lost.into_iter().map(|row| row.url));
        let rows = format!("{share}.parquet");
        if store.exists(&rows).await.unwrap() {
            let kept: Vec<Fetched> = read_all(store, &rows).await.unwrap();
            urls.extend(kept.into_iter().map(|row| row.candidate.url));
        }
    }
    urls
}

/// URLs kept and lost, of all shares; bodies are those of their URLs.
async fn ends(store: &Store) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut lost) = (Vec::new(), Vec::new());
    for name in store.list("fetch").await.unwrap() {
        if name.ends_with(".ledger.parquet") {
            let rows: Vec<LedgerRow> = read_all(store, &name).await.unwrap();
            lost.extend(rows.into_iter().map(|row| row.url));
        } else if let Some(share) = name.strip_suffix(".parquet") {
            let parts = stream_pictures(store, share, Bucket(0)).await.unwrap();
            for row in parts.try_concat().await.unwrap() {
                let number: usize = row.candidate.url.rsplit(['/', '.']).nth(1).unwrap().parse().unwrap();
                assert_eq!(row.body, gif(number), "{}", row.candidate.url);
                kept.push(row.candidate.url);
            }
        }
    }
    (kept, lost)
}
