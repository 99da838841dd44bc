//! What the files of a site say together.

use super::*;
use schema::{Category, Mode};

fn found(body: &str) -> Answer {
    Answer::Found { status: 200, body: body.as_bytes().to_vec(), content_type: Some("text/plain".into()) }
}

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn site(robots: &str, files: &[(SiteFile, Answer)], documents: &[(&str, Answer)]) -> Site {
    let mut answers = SiteAnswers::from(found(robots));
    answers.files.extend(files.iter().cloned());
    answers.documents.extend(documents.iter().map(|(url, answer)| ((*url).to_owned(), answer.clone())));
    Site::new(&url("https://example.com/x"), answers, Source::Live, None)
}

fn refusing(evidence: &[Evidence]) -> Vec<&str> {
    evidence.iter().filter(|one| one.denies()).map(|one| one.signal.as_str()).collect()
}

const STRICT: Mode = Mode::Strict;

#[test]
fn files_speak_for_pages_and_pictures() {
    let site = site(
        "",
        &[
            (SiteFile::TdmRep, found(r#"[{"location":"/art/","tdm-reservation":1}]"#)),
            (SiteFile::AiTxt, found("User-agent: *\nDisallow: *.png")),
            (SiteFile::TrustTxtWellKnown, found("datatrainingallowed=false")),
        ],
        &[],
    );
    let (strict, spec) = (Policy::new(STRICT, "pinakes"), Policy::new(Mode::Spec, "pinakes"));
    let image = url("https://example.com/art/a.png");
    assert_eq!(refusing(&site.page_evidence(&strict, &image)), ["tdmrep.file", "trust-txt.no"]);
    assert_eq!(refusing(&site.image_evidence(&strict, &image)), ["tdmrep.file", "trust-txt.no", "ai-txt.disallow"]);
    assert_eq!(refusing(&site.image_evidence(&spec, &image)), ["tdmrep.file", "ai-txt.disallow"]);
    let photo = url("https://example.com/photo");
    assert!(site.media_evidence(&spec, &photo, None).is_empty());
    let typed = site.media_evidence(&spec, &photo, Some("image/png"));
    assert_eq!((typed[0].place.as_str(), typed[0].scope), ("https://example.com/ai.txt line 2", Scope::Origin));
    let said = site.page_evidence(&strict, &image);
    assert_eq!(said.last().unwrap().scope, Scope::Domain);
    assert_eq!(
        site.checked(signals_checked::Side::Page),
        ["page-robots", "page-tdmrep", "page-ai-txt", "page-trust-txt"]
    );
}

#[test]
fn an_optional_file_that_cannot_be_had_denies_nothing_and_was_not_checked() {
    let policy = Policy::new(STRICT, "pinakes");
    let image = url("https://example.com/a.png");
    let shut = Answer::Found { status: 403, body: b"User-agent: *\nDisallow: /".to_vec(), content_type: None };
    for (answer, checked) in [
        (Answer::Status(404), true),
        (Answer::Status(410), true),
        (Answer::Status(301), false),
        (Answer::Status(401), false),
        (Answer::Status(500), false),
        (shut, false),
        (Answer::Unreachable { why: "timeout".into() }, false),
    ] {
        let site = site("", &[(SiteFile::AiTxt, answer.clone()), (SiteFile::TdmRep, answer.clone())], &[]);
        assert!(refusing(&site.image_evidence(&policy, &image)).is_empty(), "{answer:?}");
        assert_eq!(site.checked(signals_checked::Side::Image).len() > 1, checked, "{answer:?}");
    }
}

const ROBOTS: &str = "License: https://example.com/license.xml\nUser-agent: *\nAllow: /\n";
const SEARCH_ONLY: &str = "<rsl xmlns='https://rslstandard.org/rsl'><content url='/art/'><license>\
    <permits type='usage'>search</permits></license></content></rsl>";

#[test]
fn licences_speak_where_they_could_be_read() {
    let policy = Policy::new(STRICT, "pinakes");
    let address = "https://example.com/license.xml";
    for (documents, path, expected) in [
        (vec![], "/art/a.png", vec!["rsl.unavailable"]),
        (vec![(address, Answer::Status(404))], "/art/a.png", vec!["rsl.unavailable"]),
        (vec![(address, Answer::Unreachable { why: "x".into() })], "/a.png", vec!["rsl.unavailable"]),
        (vec![(address, found("<html>"))], "/a.png", vec!["rsl.invalid"]),
        (vec![(address, found(SEARCH_ONLY))], "/art/a.png", vec!["rsl.not-permitted"]),
        (vec![(address, found(SEARCH_ONLY))], "/a.png", vec![]),
        (vec![("https://example.com/other.xml", found(SEARCH_ONLY))], "/a.png", vec!["rsl.unavailable"]),
    ] {
        let site = site(ROBOTS, &[], &documents);
        let image = url("https://example.com").join(path).unwrap();
        assert_eq!(refusing(&site.image_evidence(&policy, &image)), expected, "{documents:?} {path}");
        assert_eq!(refusing(&site.purpose_evidence(&policy, &image)), expected, "{documents:?} {path}");
    }
    let robots = url("https://example.com/robots.txt");
    assert!(refusing(&site(ROBOTS, &[], &[]).page_evidence(&policy, &robots)).is_empty());
}

#[test]
fn license_lines_are_listed_for_the_crawler() {
    let base = url("https://user@example.com/a?b");
    let listed = |robots: &str, mode| -> Vec<String> {
        let urls = license_urls(&found(robots), &base, &Policy::new(mode, "pinakes"));
        urls.iter().map(|terms| terms.url().to_string()).collect()
    };
    assert_eq!(listed(ROBOTS, Mode::Spec), ["https://example.com/license.xml"]);
    assert_eq!(listed("License: /l.xml#x\nLicense: /l.xml", STRICT), ["https://example.com/l.xml"]);
    assert_eq!(listed("License: javascript:1\nLicense: mailto:a@b.example\nLicense:", STRICT), [""; 0]);
    assert_eq!(listed("License: https://a.example/1\nLicense: https://b.example/2", STRICT).len(), 2);
    let in_group = "User-agent: Googlebot\nAllow: /\n\nLicense: https://a.example/1";
    assert_eq!((listed(in_group, STRICT).len(), listed(in_group, Mode::Spec).len()), (1, 0));
    let own = "License: https://a.example/1\nUser-agent: pinakes\nLicense: https://b.example/2";
    assert_eq!(listed(own, STRICT), ["https://b.example/2"]);
    let many: String = (0..20).map(|n| format!("License: /{n}\n")).collect();
    assert_eq!(listed(&many, STRICT).len(), MAX_LICENSES);
    assert!(license_urls(&Answer::Status(503), &base, &Policy::new(STRICT, "pinakes")).is_empty());
}

#[test]
fn a_site_without_legible_rules_is_closed() {
    let policy = Policy::new(STRICT, "pinakes");
    for (answer, closed) in [
        (Answer::Status(503), true),
        (Answer::Status(403), true),
        (Answer::Status(404), false),
        (found("User-agent: *\nDisallow: /"), true),
    ] {
        let site = Site::new(&url("https://example.com/x"), &answer, Source::Live, None);
        assert_eq!(site.is_closed(&policy), closed, "{answer:?}");
    }
}

#[test]
fn what_is_nearer_to_the_content_settles_tdmrep_by_the_letter() {
    let (deny, allow, info) = (Verdict::Deny, Verdict::Allow, Verdict::Info);
    let of = |file: Option<Verdict>, header: Option<Verdict>, meta: Option<Verdict>| {
        let said = [("tdmrep.file", file), ("tdmrep.header", header), ("tdmrep.meta", meta)];
        let sight = Sight { scope: Scope::Page, source: Source::Live, seen_at: None };
        let evidence = said
            .into_iter()
            .filter_map(|(signal, verdict)| verdict.map(|verdict| sight.evidence(signal, Category::Tdm, verdict, "")));
        evidence.collect::<Vec<_>>()
    };
    let settled = |mut evidence: Vec<Evidence>, mode| {
        settle_tdm(&Policy::new(mode, "pinakes"), &mut evidence);
        evidence.iter().map(|one| one.verdict).collect::<Vec<_>>()
    };
    for (evidence, spec) in [
        (of(Some(deny), None, Some(allow)), vec![info, allow]),
        (of(Some(allow), Some(deny), None), vec![info, deny]),
        (of(Some(deny), Some(allow), Some(deny)), vec![info, info, deny]),
        (of(Some(deny), None, None), vec![deny]),
        // The absence of a value at a higher level does not reset the lower.
        (of(Some(deny), None, Some(info)), vec![deny, info]),
        (vec![], vec![]),
    ] {
        let before: Vec<Verdict> = evidence.iter().map(|one| one.verdict).collect();
        assert_eq!(settled(evidence.clone(), STRICT), before);
        assert_eq!(settled(evidence, Mode::Spec), spec);
    }
}

/// Whoever shuts us out of everything is not asked for more; a path left open keeps the question open.
#[test]
fn a_closed_site_is_known_as_one() {
    let closed = |robots: &str, mode| {
        let url = Url::parse("https://h.example/").unwrap();
        let answer = Answer::Found { status: 200, body: robots.into(), content_type: None };
        Site::new(&url, answer, Source::Live, None).is_closed(&Policy::new(mode, "pinakes"))
    };
    for (robots, strict, spec) in [
        ("User-agent: *\nDisallow: /\n", true, true),
        ("User-agent: *\nDisallow: /\nAllow: /img/\n", false, false),
        ("User-agent: *\nDisallow: /img/\n", false, false),
        ("User-agent: pinakes\nAllow: /\nUser-agent: *\nDisallow: /\n", false, false),
        ("User-agent: img2dataset\nDisallow: /\n", true, false),
        ("User-agent: ChatGPT-User\nDisallow: /\n", false, false),
        ("", false, false),
    ] {
        assert_eq!((closed(robots, Mode::Strict), closed(robots, Mode::Spec)), (strict, spec), "{robots}");
    }
}
