//! Licence terms in RSL, named by robots.txt.
#![no_main]

mod common;

use consent::{Answer, Site, SiteAnswers};
use schema::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let url = common::url("https://h.example/img/a.jpg?x=1");
    let robots = b"License: https://h.example/license.xml\nUser-agent: *\nAllow: /\n".to_vec();
    let mut answers = SiteAnswers::from(Answer::Found { status: 200, body: robots, content_type: None });
    let terms = Answer::Found { status: 200, body: data.to_vec(), content_type: None };
    answers.documents.insert("https://h.example/license.xml".into(), terms);
    let site = Site::new(&url, answers, Source::Live, None);
    common::strict_is_stricter(|policy| site.image_evidence(policy, &url));
});
