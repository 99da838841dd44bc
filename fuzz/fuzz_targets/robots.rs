//! robots.txt with all its lines on use: no panic, and what the letter refuses strict refuses.
#![no_main]

mod common;

use consent::{Answer, Site};
use schema::{Mode, Source};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let url = common::url("https://h.example/img/a.jpg?x=1");
    let answer = Answer::Found { status: 200, body: data.to_vec(), content_type: None };
    let site = Site::new(&url, &answer, Source::Live, None);
    common::strict_is_stricter(|policy| site.image_evidence(policy, &url));
    let _ = site.crawl_delay(&common::policy(Mode::Strict));
});
