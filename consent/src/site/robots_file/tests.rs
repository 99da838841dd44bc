//! Tables of examples: what a file says of a URL, by either reading.

use super::*;
use crate::decision::decide;
use proptest::prelude::*;
use schema::{Mode, Scope, Source};

const SIGHT: Sight = Sight { scope: Scope::Origin, source: Source::Live, seen_at: None };

fn file(body: &str) -> RobotsFile {
    let url = Url::parse("https://h.example/robots.txt").unwrap();
    let answer = Answer::Found { status: 200, body: body.as_bytes().to_vec(), content_type: None };
    RobotsFile::read(url, &answer, SIGHT)
}

fn evidence(body: &str, mode: Mode, at: &str) -> Vec<Evidence> {
    let url = Url::parse("https://h.example").unwrap().join(at).unwrap();
    file(body).evidence(&Policy::new(mode, "pinakes"), &url)
}

fn refuses(body: &str, mode: Mode, at: &str) -> bool {
    decide(&evidence(body, mode, at)).refuses()
}

/// Body, path, refused in strict, refused in spec.
fn check(rows: &[(&str, &str, bool, bool)]) {
    for (body, at, strict, spec) in rows {
        assert_eq!(refuses(body, Mode::Strict, at), *strict, "strict: {at}\n{body}");
        assert_eq!(refuses(body, Mode::Spec, at), *spec, "spec: {at}\n{body}");
    }
}

#[test]
fn preferences_follow_the_longest_path() {
    const DRAFT: &str = "User-agent: *\nAllow: /\nDisallow: /never/\nContent-Usage: train-ai=n\n\
        Content-Usage: /ai-ok/ train-ai=y\n";
    check(&[
        (DRAFT, "/x", true, true),
        (DRAFT, "/ai-ok/x", false, false),
        (DRAFT, "/never/x", true, true),
        ("User-agent: *\nContent-Usage: /a train-ai=y\nContent-Usage: /a train-ai=n\n", "/a", true, true),
        ("User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /a search=y\n", "/a", true, false),
        ("User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /a genai=y\n", "/a", true, false),
        ("User-agent: *\nContent-Usage: /a train-ai=y\nContent-Usage: /a/b train-ai=n\n", "/a/b", true, true),
        ("User-agent: *\nContent-Usage: /path/with space/ train-ai=n\n", "/path/with", true, false),
        ("User-agent: *\nContent-Usage: /path/with space/ train-ai=n\n", "/other", false, false),
        ("Content-Usage: train-ai=n\n", "/x", true, false),
        ("User-agent: CCBot\nContent-Usage: train-ai=n\n", "/x", true, false),
        ("User-agent: Googlebot\nContent-Usage: train-ai=n\n", "/x", false, false),
        ("User-agent: *\nContent Usage: train-ai=n\n", "/x", true, false),
        ("User-agent: *\nContent-Usage: train-ai=n\nContent Usage: /a train-ai=y\n", "/a", true, true),
        ("User-agent: *\nContent-Usage train-ai=n, search=y\n", "/x", true, false),
    ]);
}

#[test]
fn signals_count_whomever_they_name() {
    const NO: &str = "Content-Signal: search=yes, ai-train=no";
    check(&[
        (&format!("User-agent: *\n{NO}\nAllow: /\n"), "/x", true, true),
        (&format!("{NO}\nUser-agent: *\nAllow: /\n"), "/x", true, true),
        (&format!("User-agent: Googlebot\n{NO}\nAllow: /\n"), "/x", true, false),
        (&format!("User-agent: *\n{NO}\nUser-agent: *\nContent-Signal: ai-train=yes\n"), "/x", true, true),
        (
            &format!("User-agent: *\n{NO}\nAllow: /\nUser-agent: pinakes\nContent-Signal: ai-train=yes\n"),
            "/x",
            false,
            false,
        ),
        (
            &format!("User-agent: CCBot\n{NO}\nAllow: /\nUser-agent: pinakes\nContent-Signal: ai-train=yes\n"),
            "/x",
            true,
            false,
        ),
        ("User-agent: *\nContent-Signal: /blog/ ai-train=no\n", "/blog/x", true, true),
        ("User-agent: *\nContent-Signal: /blog/ ai-train=no\n", "/x", false, false),
        ("User-agent: *\nContent-Signal: ai-train=no\nContent-Signal: /ok/ ai-train=yes\n", "/ok/x", false, false),
        ("User-agent: *\nContent-Signal: ai-train=no\nContent-Signal: /ok/ use=reference\n", "/ok/x", true, false),
        ("User-agent: *\nContent-Signal: search=yes\n", "/x", false, false),
        ("User-agent: *\nContent-Signal: ai-input=no, search=no, use=reference\n", "/x", false, false),
    ]);
    let keeping = Policy { redistributes: true, ..Policy::new(Mode::Strict, "pinakes") };
    let url = Url::parse("https://h.example/x").unwrap();
    let found = file("User-agent: *\nContent-Signal: use=reference\n").evidence(&keeping, &url);
    assert_eq!(
        found.iter().map(|one| (one.signal.as_str(), one.verdict)).collect::<Vec<_>>(),
        [("cs.use", Verdict::Deny)]
    );
}

#[test]
fn lines_out_of_place_are_understood() {
    check(&[
        ("User-agent: *\nDisallowAITraining: /\n", "/x", true, true),
        ("User-agent: *\nDisallowAITraining: /\nAllowAITraining: /ok\n", "/ok/x", false, false),
        ("User-agent: *\nDisallowAITraining: /a\n", "/b", false, false),
        ("User-agent: *\nDisallowAITraining:\n", "/b", false, false),
        ("User-agent: *\nDisallowAITraining: true\n", "/b", true, false),
        ("User-agent: *\nAllowAITraining: no\n", "/b", true, false),
        ("User-agent: *\nDisallow-AI-Training: /\n", "/x", true, false),
        ("User-agent: *\nNoindex: /a\n", "/a/b", true, false),
        ("User-agent: *\nNoindex: /a\n", "/b", false, false),
        ("tdm-reservation: 1\ntdm-policy: https://h/p\n", "/x", true, false),
        ("tdm-reservation: 0\n", "/x", false, false),
        ("User-agent: Googlebot\nDisallow:\n\nai: no\n", "/x", true, false),
        ("X-Robots-Tag: noai\n", "/x", true, false),
        ("X-Robots-Tag: noindex\n", "/x", false, false),
        ("noai\n", "/x", true, false),
        ("noai, noimageai\n", "/x", true, false),
        ("noai: false\n", "/x", false, false),
        ("ai: yes\n", "/x", false, false),
    ]);
}

/// What they come to is for `site::licenses` to say.
#[test]
fn licence_lines_are_found() {
    for (body, strict, spec) in [
        ("License: https://h/l.xml\n", &[1][..], &[1][..]),
        ("User-agent: *\nLicense: a\nLicense: b\n", &[2, 3], &[2, 3]),
        ("License: a\nUser-agent: *\nLicense: b\n", &[3], &[3]),
        ("User-agent: Googlebot\nLicense: a\n", &[2], &[]),
        ("User-agent: pinakes\nAllow: /\nUser-agent: Googlebot\nLicense: a\n", &[], &[]),
        ("User-agent: pinakes\nAllow: /\nUser-agent: CCBot\nLicense: a\n", &[4], &[]),
        ("User-agent: CCBot\nUser-agent: *\nLicense: a\n", &[3], &[3]),
        ("License:\n", &[], &[]),
        ("License agreement\n", &[], &[]),
    ] {
        for (mode, expected) in [(Mode::Strict, strict), (Mode::Spec, spec)] {
            let file = file(body);
            let lines: Vec<_> = file.licenses(&Policy::new(mode, "pinakes")).iter().map(|rule| rule.line).collect();
            assert_eq!(lines, expected, "{mode}\n{body}");
        }
    }
}

#[test]
fn pages_instead_of_rules_say_nothing() {
    let page = "<!doctype html><style>a { color: #fff }\nai: no\n</style>\nLicense: x\n";
    for mode in [Mode::Strict, Mode::Spec] {
        let signals: Vec<_> = evidence(page, mode, "/x").into_iter().map(|one| one.signal).collect();
        assert_eq!(signals, ["robots.html-200"]);
    }
    check(&[("<pre>\nUser-agent: *\nDisallow: /\n</pre>", "/x", true, true)]);
    assert!(file(page).comments().is_empty());
}

#[test]
fn an_ai_crawler_is_reported_once() {
    let body =
        "User-agent: GPTBot\nDisallow: /\nUser-agent: a, b\nDisallow: /c\nUser-agent: Amazonbot CCBot\nDisallow: /d\n";
    let shown = |at| {
        let found = evidence(body, Mode::Strict, at);
        found.into_iter().map(|one| (one.place, one.addressed_to.unwrap(), one.verdict)).collect::<Vec<_>>()
    };
    let line = |n, to: &str, verdict| (format!("https://h.example/robots.txt:{n}"), to.to_owned(), verdict);
    assert_eq!(shown("/x"), [line(2, "GPTBot", Verdict::Deny)]);
    let expected = [
        line(2, "GPTBot", Verdict::Deny),
        line(6, "Amazonbot", Verdict::Deny),
        line(6, "CCBot", Verdict::MalformedDeny),
    ];
    let mut found = shown("/d");
    found.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
    assert_eq!(found, expected);
}

#[test]
fn other_origins_are_not_spoken_for() {
    for (at, checked) in [
        ("https://h.example/x", true),
        ("https://h.example:443/x", true),
        ("http://h.example/x", false),
        ("https://www.h.example/x", false),
        ("https://h.example:8443/x", false),
        ("data:image/png;base64,", false),
        ("blob:https://h.example/x", false),
    ] {
        let found = file("").evidence(&Policy::new(Mode::Spec, "pinakes"), &Url::parse(at).unwrap());
        assert_eq!(found.is_empty(), checked, "{at}");
    }
}

#[test]
fn comments_are_found_with_their_lines() {
    let file = file("# One\n# text.\nUser-agent: *\nDisallow: # two\n");
    let found: Vec<_> = file.comments().iter().map(|one| (one.line, one.text.as_str())).collect();
    assert_eq!(found, [(1, "One text."), (4, "two")]);
}

#[test]
fn comments_are_read_once_per_way_of_reading() {
    let file = file("User-agent: *\nAllow: /\n\n# No AI\n# training.\n");
    let url = Url::parse("https://h.example/x").unwrap();
    for (mode, verdict) in [(Mode::Strict, Verdict::Deny), (Mode::Spec, Verdict::Info), (Mode::Strict, Verdict::Deny)] {
        let found = file.evidence(&Policy::new(mode, "pinakes"), &url);
        let said = found.iter().find(|one| one.signal == "robots.comment").unwrap();
        assert_eq!((said.verdict, said.scope), (verdict, Scope::Origin));
        assert!(said.place.starts_with("https://h.example/robots.txt:4"), "{}", said.place);
    }
}

/// A hostile file must not cost more than its length, nor say more than 64 things of use.
#[test]
fn repetition_costs_little() {
    for (line, at_most) in [
        ("Content-Usage: /a train-ai=n\n", 65),
        ("Content-Signal: ai-train=no\n", 65),
        ("User-agent: *bot*\n", 17),
        ("User-agent: GPTBot\nDisallow: /a\n", 2),
    ] {
        let body = format!("User-agent: *\n{}", line.repeat(900_000 / line.len()));
        let found = evidence(&body, Mode::Strict, "/a");
        assert!(found.len() <= at_most, "{line}: {}", found.len());
    }
}

fn line() -> impl Strategy<Value = String> {
    let key = prop::sample::select(vec![
        "User-agent: ",
        "User-agent: ",
        "Disallow: ",
        "Allow: ",
        "disallow ",
        "Content-Usage: ",
        "Content-Signal: ",
        "Content Usage: ",
        "DisallowAITraining: ",
        "AllowAITraining: ",
        "Noindex: ",
        "AI: ",
        "tdm-reservation: ",
        "# ",
    ]);
    let value = prop::sample::select(vec![
        "*",
        "pinakes",
        "CCBot",
        "a, pinakes",
        "Googlebot",
        "/",
        "/a",
        "/a/b",
        "a",
        "/*b$",
        "",
        "train-ai=n",
        "train-ai=y",
        "/a train-ai=y",
        "/a/b train-ai=n",
        "Train-AI=N",
        "ai-train=no",
        "/a ai-train=yes",
        "no",
        "1",
        "noai",
        "true",
    ]);
    (key, value).prop_map(|(key, value)| format!("{key}{value}\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn strict_refuses_whatever_the_letter_refuses(
        lines in proptest::collection::vec(line(), 0..14),
        at in prop::sample::select(vec!["/", "/a", "/a/b", "/c"]),
    ) {
        let body = lines.concat();
        prop_assert!(refuses(&body, Mode::Strict, at) || !refuses(&body, Mode::Spec, at), "{} on\n{}", at, body);
    }

    #[test]
    fn any_octets_are_read(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        evidence(&String::from_utf8_lossy(&octets), Mode::Strict, "/a");
    }
}

/// Each octet that is no text becomes three when it is decoded.
#[test]
fn words_that_are_no_text_stay_within_their_bound() {
    let body = [b"User-agent: *\nDisallow: /", [0xC5].repeat(2000).as_slice(), b"\nnoai", &[0xFF; 2000]].concat();
    let answer = Answer::Found { status: 200, body, content_type: None };
    let url = Url::parse("https://h.example/robots.txt").unwrap();
    let at = Url::parse(&format!("https://h.example/{}", "%C5".repeat(2000))).unwrap();
    let found = RobotsFile::read(url, &answer, SIGHT).evidence(&Policy::new(Mode::Strict, "pinakes"), &at);
    assert!(found.iter().any(Evidence::denies));
    assert!(found.iter().all(|one| one.raw.len() <= Evidence::MAX_RAW_BYTES));
}
