//! Tables of headers as they arrive.

use super::*;
use schema::Mode;

fn heard(mode: Mode, headers: &[(&str, &str)]) -> Vec<Evidence> {
    let url = Url::parse("https://h.example/img/a.jpg").unwrap();
    let headers: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    header_evidence(&Policy::new(mode, "pinakes"), &url, &headers, Scope::ImageUrl, Source::Live, None, now)
}

fn shown(mode: Mode, headers: &[(&str, &str)]) -> Vec<String> {
    heard(mode, headers).iter().map(|one| format!("{} {:?} {}", one.signal, one.verdict, one.raw)).collect()
}

#[test]
fn links_name_licences_and_manifests() {
    for (value, expected) in [
        (
            "</license.xml>; rel=\"license\"; type=\"application/rsl+xml\"",
            &["rsl.link-header Conditional https://h.example/license.xml"][..],
        ),
        (
            "<https://creativecommons.org/licenses/by/4.0/>; rel=license",
            &["license.link Info https://creativecommons.org/licenses/by/4.0/"],
        ),
        ("<m.c2pa>; rel=\"c2pa-manifest\"", &["c2pa.remote Info https://h.example/img/m.c2pa"]),
        (
            "<a>; rel=preload, <b>; rel=\"nofollow LICENSE\"; type=Application/RSL+XML",
            &["rsl.link-header Conditional https://h.example/img/b"],
        ),
        ("<l>; rel=license; type=\"application/rsl+xml\"; anchor=\"/other\"", &[]),
        (
            "<l>; rel=license; type=\"application/rsl+xml\"; anchor=\"#x\"",
            &["rsl.link-header Conditional https://h.example/img/l"],
        ),
        ("<l>; rev=license", &[]),
    ] {
        for mode in [Mode::Strict, Mode::Spec] {
            assert_eq!(shown(mode, &[("Link", value)]), expected, "{value}");
        }
    }
}

#[test]
fn prices_are_no_leave() {
    for (name, value, verdict) in [
        ("crawler-price", "USD 0.01", Verdict::Deny),
        ("Crawler-Price", " ", Verdict::Info),
        ("crawler-charged", "USD 0.01", Verdict::Info),
        ("crawler-error", "InvalidCrawlerPrice", Verdict::Info),
    ] {
        for mode in [Mode::Strict, Mode::Spec] {
            let heard = heard(mode, &[(name, value)]);
            assert_eq!((heard.len(), heard[0].verdict), (1, verdict), "{name}");
            assert_eq!(heard[0].place, format!("https://h.example/img/a.jpg {}", name.to_ascii_lowercase()));
        }
    }
}

#[test]
fn repeated_headers_are_heard_once_and_all_of_them() {
    let twice = [("X-Robots-Tag", "noai"), ("x-robots-tag", "noai")];
    assert_eq!(shown(Mode::Strict, &twice), ["xrt.noai Deny noai"]);
    let two = [("X-Robots-Tag", "googlebot: noindex"), ("X-Robots-Tag", "noai")];
    assert_eq!(shown(Mode::Spec, &two), ["xrt.noindex Info googlebot: noindex", "xrt.noai Deny noai"]);
    assert_eq!(
        joined(
            &[("Content-Usage".into(), "a".into()), ("x".into(), "y".into()), ("content-usage".into(), "b".into())],
            &["content-usage"]
        )
        .as_deref(),
        Some("a, b")
    );
    assert_eq!(joined(&[], &["content-usage"]), None);
}

#[test]
fn both_forms_of_robots_tag_add_up() {
    for (value, strict, spec) in [
        ("*;noindex;nosnippet, ExampleBot;", true, true),
        ("pinakes=noindex", true, true),
        ("*=noindex, nosnippet; ExampleBot=", true, true),
        ("ExampleBot=noindex", false, false),
        ("CCBot=noindex", true, false),
        ("ExampleBot=noai", true, false),
        // As a list of the old form, read with a semicolon for a comma, it is said to all.
        ("ExampleBot;noindex", true, false),
        ("*;noindex=?0", false, false),
        ("*;all, ExampleBot;nosnippet", false, false),
    ] {
        for name in ["Robots-Tag", "X-Robots-Tag"] {
            for (mode, expected) in [(Mode::Strict, strict), (Mode::Spec, spec)] {
                let refuses = heard(mode, &[(name, value)]).iter().any(Evidence::denies);
                assert_eq!(refuses, expected, "{mode} {name}: {value}");
            }
        }
    }
}

#[test]
fn a_long_url_does_not_hide_the_name() {
    let url = Url::parse(&format!("https://h.example/{}", "a".repeat(5000))).unwrap();
    let headers = [("X-Robots-Tag".to_owned(), "noai".to_owned())];
    let policy = Policy::new(Mode::Strict, "pinakes");
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let found = header_evidence(&policy, &url, &headers, Scope::Page, Source::Warc, None, now);
    assert!(found[0].place.ends_with(" x-robots-tag"));
}

/// Headers made of the words and marks that both forms of Robots-Tag and links are made of.
fn headers_of_parts() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let parts = vec![
        "noai",
        "noindex",
        "none",
        "all",
        "ai",
        "googlebot",
        "pinakes",
        "CCBot",
        "ExampleBot",
        "*",
        "nosnippet",
        "unavailable_after",
        "1 Jan 2020",
        "June 25, 2016",
        "false",
        "?0",
        "?1",
        "max-snippet",
        "0",
        ":",
        "=",
        ";",
        ",",
        " ",
        "\"",
        "|",
        "\u{85}",
        "\u{200b}",
        "<a>",
        "rel",
        "license",
        "type",
        "application/rsl+xml",
    ];
    let part = prop_oneof![6 => prop::sample::select(parts).prop_map(str::to_owned), 1 => ".{0,3}"];
    proptest::collection::vec(part, 0..14).prop_map(|parts| parts.concat())
}

proptest::proptest! {
    #[test]
    fn strict_refuses_what_the_letter_refuses_and_no_header_lifts_another(one in headers_of_parts(), more in headers_of_parts()) {
        for name in ["Robots-Tag", "X-Robots-Tag", "Link"] {
            let refuses = |mode, values: &[&str]| {
                let headers: Vec<_> = values.iter().map(|value| (name, *value)).collect();
                heard(mode, &headers).iter().any(Evidence::denies)
            };
            proptest::prop_assert!(refuses(Mode::Strict, &[&one]) || !refuses(Mode::Spec, &[&one]));
            for mode in [Mode::Strict, Mode::Spec] {
                proptest::prop_assert!(!refuses(mode, &[&one]) || refuses(mode, &[&one, &more]));
            }
        }
    }
}

/// The time a text takes may grow as it does, and not as its square: measured against a part of the same
/// text in the same moment, since machines are busy.
#[test]
fn hostile_headers_take_little_time_and_leave_little() {
    // In one pass the long text takes 16 times as long, as a square 256 times.
    const TIMES: usize = 16;
    for (part, repeated) in [
        ("noai,", 200_000),
        ("a:", 500_000),
        ("*;noai,", 150_000),
        ("unavailable_after:x,", 50_000),
        ("unavailable_after: 1 2 3 4 5 6 7 8 9 0 ", 25_000),
        ("<a>;rel=license,", 60_000),
        ("x", 1_000_000),
        ("\"", 1_000_001),
    ] {
        let seconds = |text: &str| {
            let started = std::time::Instant::now();
            for name in ["Robots-Tag", "Link", "tdm-reservation", "crawler-price"] {
                assert!(heard(Mode::Strict, &[(name, text)]).len() <= 65);
            }
            started.elapsed().as_secs_f64()
        };
        let (short, long) = (part.repeat(repeated / TIMES), part.repeat(repeated));
        let keeps_pace = (0..5).any(|_| seconds(&long) < seconds(&short).max(0.01) * 64.0);
        assert!(keeps_pace, "{part}");
    }
}

/// Found by fuzzing: a control character makes the name of a crawler of what strict takes for a date.
#[test]
fn a_no_by_the_letter_stands_wherever_strict_cuts_the_list() {
    let headers = [("X-Robots-Tag", "a: unavailable_after\u{e}:\u{1} 2026:pinakes:noindex")];
    for mode in [Mode::Strict, Mode::Spec] {
        assert!(heard(mode, &headers).iter().any(Evidence::denies), "{mode}");
    }
}
