//! Tables of examples for groups and rules.

use super::*;
use url::Url;

fn path(path: &str) -> NormalPath {
    NormalPath::of(&Url::parse("https://h.example").unwrap().join(path).unwrap())
}

fn allowed(body: &[u8], reading: Reading, agent: &str, at: &str) -> bool {
    Robots::parse(&readable(body), reading).0.rule_for(agent, &path(at)).is_none_or(|(rule, _)| rule.allows)
}

/// Body, agent, path, allowed by the strict reading, allowed by the letter.
type Row = (&'static [u8], &'static str, &'static str, bool, bool);

fn check(rows: &[Row]) {
    for (body, agent, at, strict, spec) in rows {
        let shown = String::from_utf8_lossy(body);
        assert_eq!(allowed(body, Reading::Strict, agent, at), *strict, "strict: {agent} {at}\n{shown}");
        assert_eq!(allowed(body, Reading::Spec, agent, at), *spec, "spec: {agent} {at}\n{shown}");
    }
}

#[test]
fn groups_merge_and_lists_stay_open() {
    const CATALOGUE: &[u8] = b"User-agent: *            # group 1\nDisallow: /private/\n\
        Allow: /private/img/\nDisallow: /*.png$\nUser-agent: img2dataset\nUser-agent: LAIONDownloader\nDisallow: /\n\
        USER-AGENT : *\ndisallow:\nDisallow: /late/\n";
    check(&[
        (CATALOGUE, "pinakes", "/private/x", false, false),
        (CATALOGUE, "pinakes", "/private/img/a.jpg", true, true),
        (CATALOGUE, "pinakes", "/a.png", false, false),
        (CATALOGUE, "pinakes", "/a.png?x=1", true, true),
        (CATALOGUE, "pinakes", "/late/a.jpg", false, false),
        (CATALOGUE, "IMG2dataset", "/a.jpg", false, false),
        (CATALOGUE, "laiondownloader", "/a.jpg", false, false),
        (b"User-agent: a\nSitemap: https://h/s\n\nUser-agent: b\nDisallow: /\n", "a", "/x", false, false),
        (b"User-agent: a\nCrawl-delay: 3\nUser-agent: b\nDisallow: /\n", "a", "/x", false, false),
        (b"User-agent: a\nDisallow:\nUser-agent: b\nDisallow: /\n", "a", "/x", true, true),
        (b"Disallow: /\nUser-agent: *\nAllow: /\n", "a", "/x", true, true),
        (b"User-agent: a\nAllow: /\nUser-agent: *\nDisallow: /\n", "a", "/x", true, true),
        (b"User-agent: a\nCrawl-delay: 1\n\nUser-agent: *\nDisallow: /\n", "a", "/x", false, false),
        (b"User-agent: *\nAllow: /a\nDisallow: /a\n", "a", "/a", true, true),
        (b"", "a", "/x", true, true),
    ]);
}

#[test]
fn names_are_compared_in_full_and_up_to_their_end() {
    check(&[
        (b"User-agent: PINAKES\nDisallow: /\n", "pinakes", "/x", false, false),
        (b"User-agent: pinakes/1.0\nDisallow: /\n", "pinakes", "/x", false, false),
        (b"User-agent: pinakes (x)\nDisallow: /\n", "pinakes", "/x", false, false),
        (b"User-agent: pinakes2\nDisallow: /\n", "pinakes", "/x", true, true),
        (b"User-agent: pin\nDisallow: /\n", "pinakes", "/x", true, true),
        (b"User-agent: img2dataset\nDisallow: /\n", "img", "/x", true, true),
        (b"User-agent: * \nDisallow: /\n", "pinakes", "/x", false, false),
        (b"User-agent: * all\nDisallow: /\n", "pinakes", "/x", false, false),
        (b"User-agent: *bot*\nDisallow: /\n", "pinakes", "/x", true, true),
        (b"User-agent:\nDisallow: /\n", "pinakes", "/x", true, true),
        (b"User-agent: foo, Pinakes\nDisallow: /\n", "pinakes", "/x", false, true),
        (b"User-agent: foo pinakes\nDisallow: /\n", "pinakes", "/x", false, true),
        (b"User-agent: Mozilla/5.0 (compatible; Pinakes/1.0)\nDisallow: /\n", "pinakes", "/x", false, true),
        (b"User-agent: pinakesbot\nUser-agent: not-pinakes\nDisallow: /\n", "pinakes", "/x", true, true),
    ]);
}

#[test]
fn mistakes_that_forbid_count_in_strict_only() {
    check(&[
        (b"user-agent FooBot\ndisallow /\n", "foobot", "/x", false, true),
        (b"User agent: *\nDissallow: /\n", "foobot", "/x", false, true),
        (b"User-agent: *\nDisallow: private/\n", "foobot", "/private/x", false, true),
        (b"User-agent: *\nDisallow: /\nAllow: ok/\n", "foobot", "/ok/x", false, false),
        (b"User-agent: *\nDisallow: /a/index.html\n", "foobot", "/a/", false, true),
        (b"User-agent: *\nDisallow: /a/index.html\n", "foobot", "/a/b", true, true),
        (b"User-agent: *\nDisallow: /myindex.html\n", "foobot", "/", true, true),
        (b"User-agent: *\nDisallow: https://h.example/private/\n", "foobot", "/private/x", false, true),
        (b"User-agent: *\nDisallow: HTTP://h.example\n", "foobot", "/x", false, true),
        (b"User-agent: *\nDisallow: /a/, /b/ *.gif\n", "foobot", "/b/x", false, true),
        (b"User-agent: *\nDisallow: /my pictures/\n", "foobot", "/my", true, true),
        (b"User-agent: *\nDisallow: /my pictures/\n", "foobot", "/my%20pictures/x", false, false),
        (b"\xEF\xBB\xBFUser-agent: *\nDisallow: /\n", "foobot", "/x", false, false),
        (b"User-agent: *\0\nDisallow:\0 /\n", "foobot", "/x", false, false),
        (
            b"\xFF\xFEU\0s\0e\0r\0-\0a\0g\0e\0n\0t\0:\0*\0\n\0D\0i\0s\0a\0l\0l\0o\0w\0:\0/\0",
            "foobot",
            "/x",
            false,
            false,
        ),
        (b"User-agent: *\rDisallow: /\r", "foobot", "/x", false, false),
    ]);
}

/// RFC 9309 sections 5.1 and 5.2.
#[test]
fn the_examples_of_the_rfc_hold() {
    const SIMPLE: &[u8] = b"User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
        User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n\
        User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\nUser-Agent: quxbot\n";
    const LONGEST: &[u8] = b"User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n";
    check(&[
        (SIMPLE, "other", "/a/b.gif", false, false),
        (SIMPLE, "other", "/example/x", false, false),
        (SIMPLE, "other", "/publications/x", true, true),
        (SIMPLE, "foobot", "/x", false, false),
        (SIMPLE, "foobot", "/example/page.html", true, true),
        (SIMPLE, "foobot", "/example/allowed.gif", true, true),
        (SIMPLE, "barbot", "/example/page.html", false, false),
        (SIMPLE, "bazbot", "/example/page.html", false, false),
        (SIMPLE, "bazbot", "/example/other.gif", true, true),
        (SIMPLE, "quxbot", "/example/page.html", true, true),
        (LONGEST, "foobot", "/example/page/disallowed.gif", false, false),
        (LONGEST, "foobot", "/example/page/allowed.gif", true, true),
    ]);
}

#[test]
fn ai_crawlers_are_found_once_per_set_of_groups() {
    let body =
        b"User-agent: *\nAllow: /\nUser-agent: GPTBot\nUser-agent: CCBot\nUser-agent: Kangaroo  Bot\nDisallow: /p\n\
        User-agent: ChatGPT-User\nDisallow: /\n";
    let (robots, _) = Robots::parse(body, Reading::Strict);
    let found: Vec<_> =
        robots.rules_by_purpose(&path("/p")).map(|(purpose, rule)| (purpose.name, purpose.class, rule.line)).collect();
    assert_eq!(found, [("CCBot", Class::Dataset, 6), ("ChatGPT-User", Class::Assistant, 8)]);
}

/// A group may be long: then an index chooses what is tried.
#[test]
fn long_groups_answer_as_short_ones() {
    use std::fmt::Write;
    let mut body = "User-agent: *\nDisallow: /p\nAllow: /p/q\nDisallow: /*x$\nAllow: /dx$\nDisallow: /d\n".to_owned();
    for n in 0..1000 {
        write!(body, "Disallow: /f/{n}/\nAllow: /f/{n}/*ok\n").unwrap();
    }
    for (at, expected) in [
        ("/", true),
        ("/p/a", false),
        ("/p/q/a", true),
        ("/ax", false),
        ("/dx", true),
        ("/dy", false),
        ("/f/77/a", false),
        ("/f/77/is-ok", true),
        ("/f/1000/a", true),
        ("/zz", true),
    ] {
        assert_eq!(allowed(body.as_bytes(), Reading::Spec, "foobot", at), expected, "{at}");
    }
}

/// draft-ietf-aipref-attach closes the list of agents with a Content-Usage, RFC 9309 does not.
#[test]
fn a_line_about_use_between_agents_is_read_both_ways() {
    let merged = b"User-agent: a\nContent-Usage: train-ai=n\nUser-agent: b\nDisallow: /\n";
    let usage = |reading, agent| Robots::parse(merged, reading).0.terms_for(agent, &[Term::Usage]).0.count();
    check(&[(merged, "a", "/x", true, false), (merged, "b", "/x", false, false)]);
    assert_eq!((usage(Reading::Spec, "a"), usage(Reading::Spec, "b")), (1, 1));
    assert_eq!((usage(Reading::Strict, "a"), usage(Reading::Strict, "b")), (1, 0));
    assert!(Robots::parse(merged, Reading::Strict).1, "so both are asked");
    let apart = b"User-agent: a\nContent-Usage: train-ai=n\nDisallow:\nUser-agent: b\nDisallow: /\n";
    assert!(!Robots::parse(apart, Reading::Strict).1);
}

#[test]
fn remarks_are_kept() {
    let body = b"User-agent: *bot*\nDisallow: /\nVisit-time: 0100-0200\ntdm-policy: https://h/p\n";
    let (robots, _) = Robots::parse(body, Reading::Spec);
    let found: Vec<_> = robots.remarks().iter().map(|one| (one.signal, one.line, one.text.of(body))).collect();
    let expected: [(&str, u32, &[u8]); 3] = [
        ("robots.agent-wildcard", 1, b"User-agent: *bot*"),
        ("robots.visit-time", 3, b"Visit-time: 0100-0200"),
        ("robots.tdm-policy", 4, b"tdm-policy: https://h/p"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_largest_delay_counts() {
    let body = b"User-agent: *\nCrawl-delay: 2\nDisallow: /x\nUser-agent: pinakes\nCrawl-delay: 1.5\nDisallow: /y\n\
        User-agent: other\nCrawl-delay: -1\nCrawl-delay: nan\nCrawl-delay: 40\n";
    let (robots, _) = Robots::parse(body, Reading::Spec);
    assert_eq!(robots.crawl_delay("Pinakes"), Some(Duration::from_secs(2)));
    assert_eq!(robots.crawl_delay("other"), Some(Duration::from_secs(40)));
    assert_eq!(Robots::default().crawl_delay("pinakes"), None);
}

#[test]
fn what_lies_beyond_the_limit_is_not_read_and_no_line_is_cut() {
    let mut body = b"User-agent: *\nDisallow: /a\n".to_vec();
    body.resize(MAX_BYTES - 10, b'#');
    body.extend_from_slice(b"\nDisallow: /beyond\n");
    let (robots, _) = Robots::parse(&readable(&body), Reading::Strict);
    assert!(robots.rule_for("x", &path("/a")).is_some());
    assert!(robots.rule_for("x", &path("/beyond")).is_none());
    assert!(robots.rule_for("x", &path("/")).is_none());
}
