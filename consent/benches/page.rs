//! What the signals of a page cost: its headers, metas and small print, its JSON-LD, its images.
//!
//! `cargo bench -p consent --bench page [-- ROW]`; needs the archives that the tests use.
//! Milliseconds for all pages and nanoseconds a page or an image, on one core: each page's best of
//! several rounds over all pages, so that no page's own texts lie ready in the caches.

#[path = "../tests/archives/mod.rs"]
mod archives;

use archives::Captured;
use consent::{PageRights, PageView, Policy, element_evidence, page_evidence};
use schema::{Mode, Source};
use std::{hint::black_box, time::Instant};

const ROUNDS: usize = 15;

fn main() {
    let archives = archives::archives("page");
    let Some(archive) = archives.iter().find(|path| path.ends_with("bench/pages.warc.gz")) else { return };
    let pages = archives::pages(archive);
    let images: usize = pages.iter().map(|page| page.markup.images.len()).sum();
    println!("{} pages, {images} images", pages.len());
    let policy = Policy::new(Mode::Strict, "pinakes");
    let of_page = |view: &PageView<'_>, _: &PageRights| page_evidence(&policy, view).len();
    let of_images = |view: &PageView<'_>, rights: &PageRights| {
        view.markup.images.iter().map(|image| element_evidence(&policy, view, rights, image).len()).sum()
    };
    time("rights", &pages, pages.len(), |view, _| {
        black_box(view.rights());
        0
    });
    time("page_evidence", &pages, pages.len(), of_page);
    let headers = alone(&pages, |from, to| to.headers.clone_from(&from.headers));
    time("headers alone", &headers, pages.len(), of_page);
    let metas = alone(&pages, |from, to| to.markup.metas.clone_from(&from.markup.metas));
    time("metas alone", &metas, pages.len(), of_page);
    let notices = alone(&pages, |from, to| to.markup.notices.clone_from(&from.markup.notices));
    time("notices alone", &notices, pages.len(), of_page);
    time("element_evidence, an image", &pages, images, of_images);
}

/// The pages with nothing on them but what `take` takes.
fn alone(pages: &[Captured], take: impl Fn(&Captured, &mut Captured)) -> Vec<Captured> {
    let bare = |page: &Captured| {
        let mut bare = Captured { url: page.url.clone(), headers: Vec::new(), markup: markup::Page::default() };
        take(page, &mut bare);
        bare
    };
    pages.iter().map(bare).collect()
}

/// The sum of each page's best time, which says little about what else the machine did.
fn time(what: &str, pages: &[Captured], of: usize, work: impl Fn(&PageView<'_>, &PageRights) -> usize) {
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    if wanted.is_some_and(|wanted| !what.starts_with(&wanted)) {
        return;
    }
    let views: Vec<_> = pages.iter().map(view).collect();
    let rights: Vec<_> = views.iter().map(PageView::rights).collect();
    let mut best = vec![f64::INFINITY; pages.len()];
    let mut found = 0;
    for _ in 0..ROUNDS {
        found = 0;
        for ((view, rights), best) in views.iter().zip(&rights).zip(&mut best) {
            let start = Instant::now();
            found += black_box(work(black_box(view), rights));
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    let seconds: f64 = best.iter().sum();
    println!("{:8.2} ms {:9.0} ns each  {what} ({found} pieces)", seconds * 1e3, seconds * 1e9 / of as f64);
}

fn view(page: &Captured) -> PageView<'_> {
    let now = chrono::DateTime::UNIX_EPOCH;
    PageView { url: &page.url, headers: &page.headers, markup: &page.markup, source: Source::Warc, seen_at: None, now }
}
