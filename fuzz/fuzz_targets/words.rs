//! What authors write in words, in any language.
#![no_main]

mod common;

use consent::{PageView, element_evidence};
use schema::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let url = common::url("https://h.example/p/");
    let markup = markup::Page::default();
    let view = PageView { url: &url, headers: &[], markup: &markup, source: Source::Warc, seen_at: None, now: common::now() };
    let image = markup::Image { alt: Some(text.into_owned()), ..markup::Image::default() };
    common::strict_is_stricter(|policy| element_evidence(policy, &view, &view.rights(), &image));
});
