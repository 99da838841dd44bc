//! How fast an archive is read: the floor (gunzip alone), our reader, the `warc` crate, and the
//! way from archive to candidates with the share that the signals of the pages have in it, in one run
//! on the same file.
//!
//! `cargo bench -p crawler --bench archives -- FILE.warc.gz` (default: `../shared/data/bench/pages.warc.gz`).
//! Figures are megabytes of gzip per second of one core; read the ratios.

use consent::{PageView, Policy, element_evidence, page_evidence};
use crawler::{extract, http::Response, warc as ours};
use flate2::bufread::MultiGzDecoder;
use schema::{Mode, Source};
use std::{
    io::{self, Cursor},
    path::PathBuf,
    time::Instant,
};
use url::Url;

fn main() {
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/bench/pages.warc.gz");
    let file = PathBuf::from(given.unwrap_or_else(|| default.to_owned()));
    let Ok(archive) = std::fs::read(&file) else {
        eprintln!("skipped: `{}` cannot be read; name a gzip archive", file.display());
        return;
    };
    let megabytes = archive.len() as f64 / 1e6;
    let floor = time("floor: gunzip alone (zlib-rs)", megabytes, None, || {
        io::copy(&mut MultiGzDecoder::new(&archive[..]), &mut io::sink()).unwrap_or_default()
    });
    time("our reader", megabytes, Some(floor), || {
        let Ok(mut reader) = ours::Reader::new(Cursor::new(&archive[..]), ours::Limits::default()) else { return 0 };
        std::iter::from_fn(|| reader.next_item().ok().flatten()).count() as u64
    });
    time("peer: the warc crate on the same gunzip", megabytes, Some(floor), || {
        let reader = warc::WarcReader::new(io::BufReader::new(MultiGzDecoder::new(&archive[..])));
        reader.iter_raw_records().count() as u64
    });
    let policy = Policy::new(Mode::Strict, "pinakes");
    let whole = time("archive to candidates", megabytes, Some(floor), || {
        let now = chrono::DateTime::UNIX_EPOCH;
        let read = extract::read(Cursor::new(&archive[..]), "bench", &policy, 5, now);
        read.map(|read| read.candidates.len() as u64).unwrap_or_default()
    });
    let pages = pages(&archive);
    let signals = time("of that, the signals of the pages", megabytes, None, || {
        pages.iter().map(|page| page.signals(&policy)).sum()
    });
    let (whole, signals) = (megabytes / whole, megabytes / signals);
    println!("signals cost {:.1} % on top of the extraction without them", 100.0 * signals / (whole - signals));
}

/// A page, parsed already.
struct Page {
    url: Url,
    headers: Vec<(String, String)>,
    markup: markup::Page,
}

impl Page {
    /// How many pieces of evidence it and its images give.
    fn signals(&self, policy: &Policy) -> u64 {
        let view = PageView {
            url: &self.url,
            headers: &self.headers,
            markup: &self.markup,
            source: Source::Warc,
            seen_at: None,
            now: chrono::DateTime::UNIX_EPOCH,
        };
        let rights = view.rights();
        let of_images = self.markup.images.iter().map(|image| element_evidence(policy, &view, &rights, image).len());
        (page_evidence(policy, &view).len() + of_images.sum::<usize>()) as u64
    }
}

fn pages(archive: &[u8]) -> Vec<Page> {
    let mut pages = Vec::new();
    let Ok(mut reader) = ours::Reader::new(Cursor::new(archive), ours::Limits::default()) else { return pages };
    while let Ok(Some(item)) = reader.next_item() {
        let ours::Item::Record(record) = item else { continue };
        let url = record.target().and_then(|target| Url::parse(target).ok()).filter(|_| record.is("response"));
        if let (Some(url), Some(response)) = (url, Response::parse(&record.block)) {
            let markup = markup::Page::parse(&String::from_utf8_lossy(&response.body));
            pages.push(Page { url, headers: response.headers, markup });
        }
    }
    pages
}

/// Best of three; prints and gives megabytes per second.
fn time(what: &str, megabytes: f64, floor: Option<f64>, mut work: impl FnMut() -> u64) -> f64 {
    let mut best = f64::INFINITY;
    let mut count = 0;
    for _ in 0..3 {
        let start = Instant::now();
        count = work();
        best = best.min(start.elapsed().as_secs_f64());
    }
    let speed = megabytes / best;
    let ratio = floor.map_or(String::new(), |floor| format!("  {:.2} of the floor", speed / floor));
    println!("{speed:8.1} MB/s  {what} ({count}){ratio}");
    speed
}
