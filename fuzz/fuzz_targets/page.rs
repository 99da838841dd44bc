//! A page: its markup, its metas, its attributes, its words.
#![no_main]

mod common;

use consent::{PageView, element_evidence, page_evidence};
use schema::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let url = common::url("https://h.example/p/");
    let markup = markup::Page::parse(&text);
    let view = PageView { url: &url, headers: &[], markup: &markup, source: Source::Warc, seen_at: None, now: common::now() };
    common::strict_is_stricter(|policy| {
        let mut found = page_evidence(policy, &view);
        for image in &markup.images {
            found.extend(element_evidence(policy, &view, &view.rights(), image));
        }
        found
    });
});
