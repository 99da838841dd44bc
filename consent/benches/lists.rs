//! How fast a list of a million entries is read and asked, and what it weighs, beside the floor:
//! one look into a `HashSet<String>` of as many URLs.
//!
//! `cargo bench -p consent --bench lists -- [ENTRIES]`. Read the ratios.

use consent::OptOutList;
use std::{collections::HashSet, fmt::Write, hint::black_box, time::Instant};
use url::Url;

/// How many different candidates are looked up in turn, so that caches do not flatter.
const CANDIDATES: usize = 200_000;

fn main() {
    let given = std::env::args().skip(1).find_map(|argument| argument.parse().ok());
    let entries: usize = given.unwrap_or(1_000_000);
    let text = csv(entries);
    let start = Instant::now();
    let list = match OptOutList::parse("bench", &text) {
        Ok(list) => list,
        Err(error) => return eprintln!("{error}"),
    };
    let seconds = start.elapsed().as_secs_f64();
    let megabytes = |bytes: usize| bytes as f64 / 1e6;
    println!("{:9} entries out of {:.0} MB of CSV", list.len(), megabytes(text.len()));
    println!("{seconds:9.2} s to read them, {:.0} ns each", seconds * 1e9 / entries as f64);
    println!("{:9.0} MB held, {:.0} bytes each", megabytes(list.memory()), list.memory() as f64 / entries as f64);

    let plain: HashSet<String> = (0..entries).map(address).collect();
    let addresses: Vec<String> = spread(entries).map(address).collect();
    let floor = time("floor: one look into a HashSet of URLs", None, &addresses, |url| plain.contains(url));
    drop(plain);
    for (what, make) in [
        ("misses, other hosts", (|n| format!("https://www.site{n}.example/img/{n}.jpg")) as fn(usize) -> String),
        ("misses, hosts with prefixes", |n| format!("https://host{n}.example/other/{n}/picture.jpg")),
        ("misses, one host of 100,000 prefixes", |n| format!("https://gallery.example/nobody-{n}/art/{n}.jpg")),
        ("hits, URL", |n| address(n - n % 10)),
        ("hits, domain", |n| format!("https://img.a.domain{}.example/{n}.jpg", n - n % 10 + 1)),
        ("hits, prefix", |n| format!("https://host{}.example/artist/{n}.jpg", n - n % 10 + 4)),
    ] {
        let urls: Vec<Url> = spread(entries).filter_map(|n| Url::parse(&make(n)).ok()).collect();
        time(what, Some(floor), &urls, |url| list.find(url).is_some());
    }
    let shas: Vec<String> = spread(entries).map(sha256).collect();
    time("SHA-256", Some(floor), &shas, |sha| list.find_sha256(sha).is_some());
    let hashes: Vec<u64> = spread(entries).map(|n| mixed(n) ^ 0b1001).collect();
    time("perceptual hash", Some(floor), &hashes, |hash| list.find_phash(*hash).is_some());
}

/// Of ten entries three are URLs, two domains, one is a host, two are prefixes (half of them on
/// one host), one is a SHA-256 and one a perceptual hash.
fn csv(entries: usize) -> String {
    let mut text = String::from("type,value,date,evidence\n");
    for n in 0..entries {
        let _ = match n % 10 {
            1 | 2 => writeln!(text, "domain,domain{n}.example,2026-01-02,mail"),
            3 => writeln!(text, "host,www.only{n}.example,2026-01-02,mail"),
            4 => writeln!(text, "url-prefix,https://host{n}.example/artist/,2026-01-02,mail"),
            5 => writeln!(text, "url-prefix,https://gallery.example/somebody-{n}/,2026-01-02,mail"),
            6 => writeln!(text, "sha256,{},2026-01-02,mail", sha256(n)),
            7 => writeln!(text, "phash,{:016x},2026-01-02,mail", mixed(n)),
            _ => writeln!(text, "url,{},2026-01-02,mail", address(n)),
        };
    }
    text
}

fn address(n: usize) -> String {
    format!("https://images{}.example/uploads/2026/{n}-photograph.jpg", n % 5_000)
}

fn sha256(n: usize) -> String {
    let part = mixed(n);
    format!("{part:016x}{:016x}{:016x}{part:016x}", !part, part.rotate_left(32))
}

/// Numbers all over the range, each once.
fn spread(entries: usize) -> impl Iterator<Item = usize> {
    (0..CANDIDATES).map(move |n| n.wrapping_mul(7_919_993) % entries)
}

/// Bits without pattern (splitmix64).
fn mixed(n: usize) -> u64 {
    let mut bits = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// Prints and gives nanoseconds for one candidate: the best of many short rounds, since others may
/// be at work on the machine, each over candidates that no cache holds any more.
fn time<T>(what: &str, floor: Option<f64>, candidates: &[T], mut found: impl FnMut(&T) -> bool) -> f64 {
    let mut best = f64::INFINITY;
    let mut hits = 0;
    for round in candidates.chunks(2_000).cycle().take(300) {
        let start = Instant::now();
        hits += round.iter().filter(|candidate| found(black_box(candidate))).count();
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / round.len() as f64);
    }
    let ratio = floor.map_or(String::new(), |floor| format!("  {:.1} × the floor", best / floor));
    println!("{best:9.0} ns  {what} ({:.0} % found){ratio}", hits as f64 / 6_000.0);
    best
}
