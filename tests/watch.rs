//! A run seen from outside while it goes on: metrics for Prometheus, and the accounts of shares that
//! img2dataset's users know.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    gallery::Gallery,
    web::{Answer, Web},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

const OPEN: &str = "User-agent: *\nAllow: /\n";

/// What is answered to a question at `address`, with its head.
fn ask(address: SocketAddr, path: &str) -> Option<String> {
    let mut connection = TcpStream::connect(address).ok()?;
    connection.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(connection, "GET {path} HTTP/1.1\r\nHost: metrics\r\n\r\n").ok()?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// The samples of an exposition, by name and labels.
fn samples(text: &str) -> BTreeMap<String, u64> {
    let body = text.split_once("\r\n\r\n").unwrap().1;
    let lines = body.lines().filter(|line| !line.starts_with('#'));
    let sample = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    lines.map(sample).collect()
}

#[test]
fn metrics_tell_of_a_run_while_it_goes_on() {
    let (folder, mut gallery) = (Folder::new(), Gallery::new());
    gallery.host("one.example", OPEN, 12, &[]);
    gallery.host("gone.example", OPEN, 2, &[Answer::status(404)]);
    let web = Web::serve_slowly(gallery.routes.clone(), Duration::from_millis(100));
    let archive = folder.write("web.warc.gz", gallery.archive());
    let config = folder.write("config.toml", Settings::new(&[&archive], &web).toml());
    for stage in ["extract", "admit"] {
        folder.pinakes(&[stage, &config, "--quiet"]).ends_with(0);
    }
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (mut seen, mut other) = (Vec::new(), None);
    std::thread::scope(|scope| {
        let run = scope.spawn(|| {
            folder.pinakes(&["fetch", &config, "--quiet", "--metrics", &address.to_string()]).ends_with(0);
        });
        let end = Instant::now() + Duration::from_secs(60);
        while !run.is_finished() && Instant::now() < end {
            seen.extend(ask(address, "/metrics"));
            other = ask(address, "/").or(other.take());
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let text = seen.last().expect("metrics were never served");
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("text/plain; version=0.0.4"), "{text}");
    assert!(other.is_some_and(|answer| answer.starts_with("HTTP/1.1 404 ")));
    for line in text.lines().filter(|line| line.starts_with("pinakes_")) {
        let family = line.split(['{', ' ']).next().unwrap();
        assert!(text.contains(&format!("# TYPE {family} ")), "{line} is of no type");
    }
    let seen: Vec<_> = seen.iter().map(|text| samples(text)).collect();
    let of = |name: &str| seen.iter().map(|sample| sample.get(name).copied().unwrap_or(0)).collect::<Vec<_>>();
    // They grow, and begin before the first task is done: no share was on disk by then.
    let kept = of("pinakes_rows_total{stage=\"fetch\",end=\"kept\"}");
    assert!(kept.is_sorted() && kept.iter().any(|count| (1..12).contains(count)), "{kept:?}");
    assert!(of("pinakes_hosts_active").iter().any(|count| *count > 0));
    assert!(of("pinakes_picture_bytes_total").iter().any(|count| *count > 5000));
    assert!(of("pinakes_requests_total").is_sorted() && of("pinakes_requests_total").last() > Some(&10));
    assert_eq!(of("pinakes_tasks{stage=\"fetch\"}").last(), Some(&3));
}

#[test]
fn an_address_that_is_taken_is_told() {
    let folder = Folder::new();
    let web = Web::serve(Gallery::new().routes);
    let archive = folder.write("web.warc.gz", Gallery::new().archive());
    let config = folder.write("config.toml", Settings::new(&[&archive], &web).toml());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let outcome = folder.pinakes(&["run", &config, "--metrics", &address]);
    outcome.fails(1, &["metrics cannot be served", &address]).hints("--metrics");
    folder.pinakes(&["run", &config, "--metrics", "nowhere"]).ends_with(1);
}

#[test]
fn shares_are_told_of_in_img2datasets_way() {
    let (folder, mut gallery) = (Folder::new(), Gallery::new());
    gallery.host("one.example", OPEN, 3, &[]);
    gallery.host("gone.example", OPEN, 2, &[Answer::status(404)]);
    gallery.host("closed.example", "User-agent: *\nDisallow: /\n", 2, &[]);
    let web = Web::serve(gallery.routes.clone());
    let archive = folder.write("web.warc.gz", gallery.archive());
    let settings = Settings::new(&[&archive], &web).set("output.buckets", 1);
    let config = folder.write("config.toml", settings.toml());
    for stage in ["extract", "admit", "fetch"] {
        folder.pinakes(&[stage, &config, "--quiet"]).ends_with(0);
    }
    let stats = std::fs::read(folder.path("run/fetch/00000-00000_stats.json")).unwrap();
    let mut stats: Value = serde_json::from_slice(&stats).unwrap();
    let mut number = |key: &str| stats.as_object_mut().unwrap().remove(key).unwrap().as_f64().unwrap();
    let (start, end, duration) = (number("start_time"), number("end_time"), number("duration"));
    assert!(start > 1.7e9 && start <= end && (end - start - duration).abs() < 1e-3, "{start} {end} {duration}");
    let expected = json!({
        "count": 7, "successes": 3, "failed_to_download": 4, "failed_to_resize": 0,
        "status_dict": {"success": 3, "gone": 2, "image_robots": 2},
    });
    assert_eq!(stats, expected);
}
