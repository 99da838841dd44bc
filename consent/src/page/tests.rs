//! Pages as `markup` hands them over, without the reading of HTML.

use super::*;
use markup::{LicenseLink, Mark, Meta, MetaAttribute};
use schema::{Mode, Verdict};

fn view<'a>(url: &'a Url, markup: &'a markup::Page) -> PageView<'a> {
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    PageView { url, headers: &[], markup, source: Source::Warc, seen_at: None, now }
}

fn meta(name: &str, content: &str) -> Meta {
    let at = Place { line: 12, byte: 340 };
    Meta { attribute: MetaAttribute::Name, name: name.into(), content: content.into(), at }
}

#[test]
fn a_place_tells_line_and_byte_and_stays_short() {
    let url = Url::parse("https://h.example/p").unwrap();
    let markup = markup::Page {
        metas: vec![meta("robots", "noai"), meta(&format!("{}bot", "x".repeat(5000)), "noai")],
        ..markup::Page::default()
    };
    let found = page_evidence(&Policy::new(Mode::Strict, "pinakes"), &view(&url, &markup));
    assert_eq!(found[0].place, "https://h.example/p:12 (byte 340) <meta name=\"robots\">");
    assert!(found[1].place.len() < 200);
}

#[test]
fn licences_in_markup() {
    let url = Url::parse("https://h.example/a/p").unwrap();
    let link = |href: &str, media_type: Option<&str>| LicenseLink {
        href: href.into(),
        media_type: media_type.map(str::to_owned),
        at: Place { line: 3, byte: 20 },
    };
    let markup = markup::Page {
        base: Some("/b/".into()),
        licenses: vec![
            link("l.xml", Some("Application/RSL+xml; charset=utf-8")),
            link("https://creativecommons.org/licenses/by/4.0/", None),
            link("http://[", Some("text/html")),
        ],
        ..markup::Page::default()
    };
    for mode in [Mode::Strict, Mode::Spec] {
        let found = page_evidence(&Policy::new(mode, "pinakes"), &view(&url, &markup));
        let shown: Vec<_> = found.iter().map(|one| (one.signal.as_str(), one.verdict, one.raw.as_str())).collect();
        assert_eq!(
            shown,
            [
                ("rsl.link", Verdict::Conditional, "https://h.example/b/l.xml"),
                ("license.link", Verdict::Info, "https://creativecommons.org/licenses/by/4.0/"),
                ("license.link", Verdict::Info, "http://["),
            ]
        );
    }
}

#[test]
fn an_image_is_spoken_of_by_its_marks() {
    let url = Url::parse("https://h.example/p").unwrap();
    let mark = Mark { name: "data-noai".into(), value: String::new(), element: "figure".into(), at: Place::default() };
    let image = markup::Image { marks: vec![mark], ..markup::Image::default() };
    let markup = markup::Page::default();
    let view = view(&url, &markup);
    let found = element_evidence(&Policy::new(Mode::Strict, "pinakes"), &view, &view.rights(), &image);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].scope, found[0].verdict), (Scope::Element, Verdict::Deny));
    assert_eq!(found[0].place, "https://h.example/p:0 (byte 0) <figure data-noai>");
}

/// Name and content of a meta, whether the text is withheld in strict and in spec.
#[test]
fn texts_are_withheld_where_the_text_is_meant() {
    let url = Url::parse("https://h.example/p").unwrap();
    for (name, content, strict, spec) in [
        ("robots", "noai", true, true),
        ("robots", "noimageai", false, false),
        ("robots", "noai, noimageai", true, true),
        ("googlebot", "noai", true, false),
        ("robots", "notrain", true, false),
        ("robots", "noindex", false, false),
        ("robots", "noarchive", false, false),
        ("robots", "nosnippet", true, false),
        ("robots", "max-snippet:0", true, false),
        ("robots", "max-snippet:-1", false, false),
        ("CCBot", "nosnippet", true, false),
        ("googlebot", "nosnippet", false, false),
        ("tdm-reservation", "1", true, true),
        ("tdm-reservation", "0", false, false),
        ("ai-training", "no", true, false),
        ("noai", "true", true, false),
    ] {
        let markup = markup::Page { metas: vec![meta(name, content)], ..markup::Page::default() };
        for (mode, expected) in [(Mode::Strict, strict), (Mode::Spec, spec)] {
            let policy = Policy::new(mode, "pinakes");
            let found = page_evidence(&policy, &view(&url, &markup));
            assert_eq!(found.iter().any(|one| withholds_text(&policy, one)), expected, "{mode} {name}={content}");
        }
    }
}
