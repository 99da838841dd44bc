//! Lists and the other addresses of a picture.

use super::*;
use schema::{ImageSource, SampleId, TextSource};

fn candidate(other_urls: &[&str]) -> Candidate {
    let url = "http://i.example/large.jpg";
    Candidate {
        id: SampleId::of(url, "a boat"),
        url: url.into(),
        text: "a boat".into(),
        text_source: TextSource::Alt,
        text_flags: Vec::new(),
        language: None,
        alt: None,
        title: None,
        caption: None,
        image_source: ImageSource::Srcset,
        other_urls: other_urls.iter().map(|url| (*url).to_owned()).collect(),
        page_url: "http://p.example/".into(),
        page_host: "p.example".into(),
        image_host: "i.example".into(),
        archive: "a".into(),
        archive_offset: 0,
        captured_at: None,
        page_language: None,
        license_url: None,
        evidence: Vec::new(),
        checked: Vec::new(),
    }
}

#[test]
fn a_list_that_names_another_size_refuses_the_picture() {
    let mut policy = Policy::new(Mode::Strict, "pinakes");
    policy.lists = consent::OptOutList::parse("artist", "http://i.example/small.jpg\nother.example\n").unwrap();
    let judged = |policy: &Policy, others: &[&str]| judge_row(policy, None, None, candidate(others));
    for others in [&["http://i.example/small.jpg"][..], &["http://i.example/x.jpg", "http://cdn.other.example/y.jpg"]] {
        let row = judged(&policy, others);
        assert_eq!(row.refused, Some(DropReason::ImageListed), "{others:?}");
        assert!(row.candidate.evidence.iter().any(Evidence::denies));
    }
    assert_eq!(judged(&policy, &["http://i.example/x.jpg"]).refused, None);
    policy.mode = Mode::RecordOnly;
    let row = judged(&policy, &["http://i.example/small.jpg"]);
    assert_eq!((row.refused, row.candidate.evidence.len()), (None, 1));
}
