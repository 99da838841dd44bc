//! How fast pages are read: MB/s of HTML on one core, against the same reading over html5ever's
//! tree, and against a mere search for every `<`. `cargo bench -p markup`; needs the archives the
//! tests use.

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
    let ours = measured(&pages, ROUNDS, Page::parse);
    let floor = measured(&pages, ROUNDS, |page| memchr::memchr_iter(b'<', page.as_bytes()).map(black_box).count());
    let theirs = measured(&pages, 2, oracle::parse);
    for (name, speed) in [("scanner", ours), ("every <", floor), ("tree", theirs)] {
        println!("{name}: {:.0} MB/s at each page's best, {:.0} MB/s in the best pass", speed.pages, speed.pass);
    }
    println!("scanner to tree {:.1}, every < to scanner {:.1}", ours.pages / theirs.pages, floor.pages / ours.pages);
}

/// MB/s of one core.
#[derive(Clone, Copy)]
struct Speed {
    /// From the sum of each page's best time, which says little about what else the machine did.
    pages: f64,
    /// From the best time of one pass over all pages.
    pass: f64,
}

fn measured<T>(pages: &[String], rounds: usize, read: impl Fn(&str) -> T) -> Speed {
    let mut best = vec![f64::INFINITY; pages.len()];
    let mut best_pass = f64::INFINITY;
    for _ in 0..rounds {
        let pass = Instant::now();
        for (page, best) in pages.iter().zip(&mut best) {
            let start = Instant::now();
            black_box(read(black_box(page)));
            *best = best.min(start.elapsed().as_secs_f64());
        }
        best_pass = best_pass.min(pass.elapsed().as_secs_f64());
    }
    let megabytes = pages.iter().map(String::len).sum::<usize>() as f64 / 1e6;
    Speed { pages: megabytes / best.iter().sum::<f64>(), pass: megabytes / best_pass }
}
