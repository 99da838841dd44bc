//! Archives as extract meets them: robots.txt archives beside the others, and transfers that fail.

use crate::{
    SOON, courier, spelled,
    web::{Reply, Way, Web},
};
use crawler::{
    Error,
    archives::{Archive, spell_out_with},
    extract::{self, Account, Extracted},
};
use flate2::{Compression, write::GzEncoder};
use schema::Input;
use std::{io::Write, sync::Arc};

/// A gzip member with one response.
pub(crate) fn capture(url: &str, status: &str, media_type: &str, body: &str) -> Vec<u8> {
    let block = format!("HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\n\r\n{body}");
    let head = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-05-21T01:02:03Z\r\n\
         Content-Length: {}\r\n\r\n",
        block.len()
    );
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(format!("{head}{block}\r\n\r\n").as_bytes()).unwrap();
    encoder.finish().unwrap()
}

async fn extracted(archive: &Archive) -> Result<(Extracted, Account), Error> {
    let archive = archive.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let policy = consent::Policy::new(schema::Mode::Strict, "reader");
        let keep = schema::Keep::default();
        let rules = extract::Rules {
            policy: &policy,
            keep: &keep,
            now: chrono::DateTime::UNIX_EPOCH,
            format: archive.format,
            check_digests: false,
        };
        let mut extracted = Extracted::default();
        let account = extract::read(archive.open()?, &archive.name, rules, &mut extracted)?;
        Ok((extracted, account))
    });
    reading.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_archives_bring_site_files_and_no_candidates() {
    let page = "<img src=/cat.jpg alt=\"a cat that sleeps\">";
    let pages = capture("https://a.example/", "200 OK", "text/html", page);
    let robots = [
        capture("https://a.example/robots.txt", "200 OK", "text/plain", "User-agent: *\nDisallow: /private\n"),
        capture("https://b.example/robots.txt", "404 Not Found", "text/html", page),
        capture("http://c.example/robots.txt", "301 Moved", "text/html", ""),
        // Common Crawl's robots.txt archives hold where redirects led, whatever that is.
        capture("https://c.example/home", "404 Not Found", "text/html", page),
    ]
    .concat();
    let (pages, robots) = (Arc::new(pages), Arc::new(robots));
    let web = Web::serve(move |visit| match visit.path.as_str() {
        "/crawl/warc.paths" => Reply::ok("crawl/warc/1.warc.gz\n"),
        "/crawl/robotstxt.paths" => Reply::ok("crawl/robotstxt/1.warc.gz\n"),
        "/crawl/warc/1.warc.gz" => Reply::ok(pages.to_vec()),
        "/crawl/robotstxt/1.warc.gz" => Reply::ok(robots.to_vec()),
        _ => Reply::status(404),
    })
    .await;
    let listings = ["/crawl/warc.paths", "/crawl/robotstxt.paths"].map(|path| web.url(path));
    let input = Input { archives: listings.to_vec(), ..Input::default() };
    let archives = spell_out_with(&courier(SOON, &input, &[]), &input).await.unwrap();
    assert_eq!(archives.len(), 2);
    assert_ne!(archives[0].key, archives[1].key, "one file name in two folders");

    let (from_robots, account) = extracted(&archives[0]).await.unwrap();
    assert!(from_robots.candidates.is_empty());
    let sites: Vec<_> = from_robots.sites.iter().map(|site| (site.url.as_str(), site.status)).collect();
    let robots_of = |host: &'static str, status| (host, status);
    assert_eq!(
        sites,
        [
            robots_of("https://a.example/robots.txt", 200),
            robots_of("https://b.example/robots.txt", 404),
            robots_of("http://c.example/robots.txt", 301),
        ]
    );
    assert_eq!(from_robots.sites[0].body, b"User-agent: *\nDisallow: /private\n");
    assert_eq!(account.counts.records.kept(), 3);

    let (from_pages, account) = extracted(&archives[1]).await.unwrap();
    assert_eq!((from_pages.candidates.len(), from_pages.sites.len()), (1, 0));
    assert_eq!(from_pages.candidates[0].archive, web.url("/crawl/warc/1.warc.gz"));
    assert_eq!(account.counts.bytes_in, web_bytes(page));
}

/// Bytes of the archive of one page.
fn web_bytes(page: &str) -> u64 {
    capture("https://a.example/", "200 OK", "text/html", page).len() as u64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_transfer_is_an_error_and_no_damage() {
    let member = capture("https://a.example/robots.txt", "200 OK", "text/plain", "User-agent: *\n");
    let archive: Vec<u8> = std::iter::repeat_n(member.clone(), 5).flatten().collect();
    let served = archive.clone();
    // Cut within a record, then gone: what was read so far is no archive.
    let web = Web::serve(move |visit| match visit.number {
        0 => Reply::file(visit, "\"v\"", &served).way(Way::Cut(served.len() / 2)),
        _ => Reply::status(404),
    })
    .await;
    let error = extracted(&spelled(SOON, &[web.url("/a.warc.gz")]).await[0]).await.unwrap_err();
    assert!(matches!(error, Error::Archive { .. }) && error.to_string().contains("is not there"), "{error}");
    assert!(error.hint().is_some());
    // Cut and taken up, it is whole.
    let served = archive.clone();
    let web = Web::serve(move |visit| match visit.number {
        0 => Reply::file(visit, "\"v\"", &served).way(Way::Cut(served.len() / 2)),
        _ => Reply::file(visit, "\"v\"", &served),
    })
    .await;
    let (whole, account) = extracted(&spelled(SOON, &[web.url("/a.warc.gz")]).await[0]).await.unwrap();
    assert_eq!((whole.sites.len(), account.counts.records.kept()), (5, 5));
    assert_eq!(account.counts.bytes_in, archive.len() as u64);
}
