//! What images and texts of real pages come to, and what they cost:
//! `cargo test --release -p crawler --lib -- --ignored --nocapture measure`.

use super::{images, mentions::Mentions, texts, words};
use crate::{charset, http::Response, warc};
use consent::{PageRights, PageView};
use schema::{Keep, Source, TextSource};
use std::{collections::BTreeMap, hint::black_box, path::PathBuf, sync::LazyLock, time::Instant};
use url::Url;

struct Page {
    url: Url,
    markup: markup::Page,
}

impl Page {
    fn view(&self) -> PageView<'_> {
        let (source, now) = (Source::Warc, chrono::DateTime::UNIX_EPOCH);
        PageView { url: &self.url, headers: &[], markup: &self.markup, source, seen_at: None, now }
    }
}

#[test]
#[ignore = "a measure, for an optimised build"]
fn images_and_texts_of_real_pages() {
    let folder = std::env::var_os("PINAKES_TEST_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")), PathBuf::from);
    let Ok(file) = std::fs::File::open(folder.join("bench/pages.warc.gz")) else {
        eprintln!("skipped: images_and_texts_of_real_pages: no test data beside the project (see README)");
        return;
    };
    let mut pages = Vec::new();
    let mut bodies = Vec::new();
    let mut reader = warc::Reader::new(file, warc::Limits::default()).unwrap();
    while let Some(item) = reader.next_item().unwrap() {
        let warc::Item::Record(record) = item else { continue };
        let url = record.target().and_then(|target| Url::parse(&target).ok()).filter(|_| record.is("response"));
        let (Some(url), Ok(response)) = (url, Response::parse(record.block)) else { continue };
        let header = response.header("Content-Type").map(str::to_owned);
        let markup = markup::Page::parse(&charset::decode(&response.body, header.as_deref(), url.host_str()));
        pages.push(Page { url, markup });
        bodies.push((response.body.into_owned(), header));
    }
    count(&pages);
    time(&pages);
    time_charset(&bodies);
}

/// How many pairs there are by source, and what is said of their texts.
fn count(pages: &[Page]) {
    let only = |sources: &[TextSource]| Keep { text_sources: sources.to_vec(), ..Keep::default() };
    for (what, keep) in [("alt alone", only(&[TextSource::Alt])), ("all sources", Keep::default())] {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        let mut add = |what: String| *counts.entry(what).or_default() += 1;
        for page in pages {
            let (json_ld, base) = (page.view().json_ld(), page.view().base());
            let mentions = Mentions::of(&page.markup, &json_ld, &base, keep.max_url_bytes);
            for found in images::of(&page.markup, &base, &mentions, keep.max_url_bytes) {
                add(format!("image {:?}", found.source));
                let chosen = found.url.as_ref().map_err(|reason| *reason).and_then(|_| texts::choose(&keep, &found));
                match chosen {
                    Ok(chosen) => {
                        add("pair".into());
                        add(format!("pair by text {}", chosen.source.name()));
                        add(format!("pair by image {:?}", found.source));
                        chosen.flags.iter().for_each(|flag| add(format!("flag {}", flag.name())));
                        add(if chosen.flags.is_empty() { "flag none".into() } else { "flag any".into() });
                    }
                    Err(reason) => add(format!("none: {reason}")),
                }
            }
        }
        println!("{what}:");
        for (what, count) in &counts {
            println!("{count:9}  {what}");
        }
    }
}

fn time(pages: &[Page]) {
    let keep = Keep::default();
    let per_page = pages.len() as f64 / 1e6;
    let parsed: Vec<_> = pages.iter().map(|page| page.view().json_ld()).collect();
    let bases: Vec<_> = pages.iter().map(|page| page.view().base()).collect();
    let all = || pages.iter().zip(&parsed).zip(&bases);
    best("JSON-LD parsed, us a page", per_page, || pages.iter().map(|page| page.view().json_ld().len()).sum());
    best("rights, us a page", per_page, || {
        let read = |json_ld: &[serde_json::Value], base: &Url| {
            black_box(PageRights::of_documents(json_ld, base.clone()));
            1
        };
        all().map(|((_, json_ld), base)| read(json_ld, base)).sum()
    });
    let none = Mentions::default();
    best("elements alone, us a page", per_page, || {
        all().map(|((page, _), base)| images::of(&page.markup, base, &none, 4096).map(black_box).count()).sum()
    });
    best("elements, metas and JSON-LD, us a page", per_page, || {
        let images = all().map(|((page, json_ld), base)| {
            let mentions = Mentions::of(&page.markup, json_ld, base, 4096);
            images::of(&page.markup, base, &mentions, 4096).map(black_box).count()
        });
        images.sum()
    });
    let mentions: Vec<_> =
        all().map(|((page, json_ld), base)| Mentions::of(&page.markup, json_ld, base, 4096)).collect();
    let found: Vec<_> = all()
        .zip(&mentions)
        .flat_map(|(((page, _), base), mentions)| images::of(&page.markup, base, mentions, 4096))
        .filter(|found| keep.text_sources.iter().any(|source| found.texts(*source).next().is_some()))
        .collect();
    let chosen: Vec<_> =
        found.iter().filter_map(|found| Some((texts::choose(&keep, found).ok()?.text, found))).collect();
    best("a text cleaned, ns", chosen.len() as f64 / 1e9, || {
        chosen.iter().map(|(text, _)| words::clean(text).len()).sum()
    });
    // Each again at once, as on its way through extract, where it was read just before.
    let again = |ask: &dyn Fn() -> bool| (0..AGAIN).filter(|_| black_box(ask())).count();
    best("a text's flags, ns", (chosen.len() * AGAIN) as f64 / 1e9, || {
        let ask = |(text, found): &(String, &images::Found<'_>)| {
            again(&|| !words::flags(black_box(text), found.url.as_ref().ok()).is_empty())
        };
        chosen.iter().map(ask).sum()
    });
    best("a text chosen, ns", (found.len() * AGAIN) as f64 / 1e9, || {
        found.iter().map(|found| again(&|| texts::choose(&keep, black_box(found)).is_ok())).sum()
    });
}

fn time_charset(bodies: &[(Vec<u8>, Option<String>)]) {
    let gigabytes = bodies.iter().map(|(body, _)| body.len()).sum::<usize>() as f64;
    let rate = |what: &str, check: fn(&[u8], Option<&str>) -> usize| {
        best(what, gigabytes / 1e9, || bodies.iter().map(|(body, header)| check(body, header.as_deref())).sum());
    };
    rate("UTF-8 checked by std, s a GB", |body, _| usize::from(std::str::from_utf8(body).is_ok()));
    rate("UTF-8 checked by simdutf8, s a GB", |body, _| usize::from(simdutf8::basic::from_utf8(body).is_ok()));
    rate("and with the place of an error, s a GB", |body, _| usize::from(simdutf8::compat::from_utf8(body).is_ok()));
    rate("a page decoded, s a GB", |body, header| charset::decode(body, header, None).len());
}

/// So that what is quick takes longer than the kernel's count of it is coarse.
const TURNS: u32 = 4;
const AGAIN: usize = 10;

/// Best of seven, divided by so many.
fn best(what: &str, count: f64, mut work: impl FnMut() -> usize) {
    let mut best = f64::INFINITY;
    let mut result = 0;
    for _ in 0..7 {
        let start = seconds();
        for _ in 0..TURNS {
            result = black_box(work());
        }
        best = best.min((seconds() - start) / f64::from(TURNS));
    }
    println!("{:9.3}  {what} ({result})", best / count);
}

/// Time this thread has had of a processor; of the clock on the wall, where that is not told.
fn seconds() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}
