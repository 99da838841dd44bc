//! tdmrep.json, ai.txt and trust.txt; the first byte says which.
#![no_main]

mod common;

use consent::{Answer, Site, SiteAnswers, SiteFile};
use schema::Source;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    let url = common::url("https://h.example/img/a.jpg?x=1");
    let file = SiteFile::ALL[usize::from(*first) % SiteFile::ALL.len()];
    let mut answers = SiteAnswers::from(Answer::Status(404));
    answers.files.insert(file, Answer::Found { status: 200, body: body.to_vec(), content_type: None });
    let site = Site::new(&url, answers, Source::Live, None);
    common::strict_is_stricter(|policy| site.image_evidence(policy, &url));
});
