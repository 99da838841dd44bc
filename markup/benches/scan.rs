//! How fast pages are read: MB/s of HTML on one core, against the same reading over html5ever's
//! tree. `cargo bench -p markup`; needs the archives the tests use.

#[path = "../tests/archives/mod.rs"]
mod archives;
#[path = "../tests/oracle/mod.rs"]
mod oracle;

use markup::Page;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 5;

fn main() {
    let archives = archives::archives("scan");
    let Some(archive) = archives.iter().find(|path| path.ends_with("bench/pages.warc.gz")) else { return };
    let pages = archives::pages(archive);
    let bytes: usize = pages.iter().map(String::len).sum();
    println!("{} pages, {:.1} MB", pages.len(), bytes as f64 / 1e6);
    let ours = best(&pages, bytes, ROUNDS, Page::parse);
    let theirs = best(&pages, bytes, 2, oracle::parse);
    println!("scanner {ours:.0} MB/s, tree {theirs:.1} MB/s, ratio {:.1}", ours / theirs);
}

/// The sum of each page's best time, which says little about what else the machine did, in MB/s.
fn best(pages: &[String], bytes: usize, rounds: usize, parse: impl Fn(&str) -> Page) -> f64 {
    let mut best = vec![f64::INFINITY; pages.len()];
    for _ in 0..rounds {
        for (page, best) in pages.iter().zip(&mut best) {
            let start = Instant::now();
            black_box(parse(black_box(page)));
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    bytes as f64 / 1e6 / best.iter().sum::<f64>()
}
