//! Our robots.txt against `texting_robots` 0.2 and `robotstxt` 0.3 (Google's parser in Rust), on files
//! made at random from a small vocabulary.
//!
//! Spec mode is compared, with an agent no table names. Left out of the vocabulary, because there
//! `texting_robots` differs (it mostly fails open): groups named `FooBot/1.0` or `Foo Bar`,
//! `%3c` beside `%3C`, an empty Disallow beside another, `%62` for `b`, Crawl-delay inside a list of agents, rules in
//! front of the first User-agent line, Google's spellings, and rules that begin with neither `/` nor `*`.
//! `robotstxt` lets a Sitemap line split a group, so it is asked about the file without them; and it takes
//! the first `b` of `/b?b` for the last in `/*b$`, and the first `a` of `/a/aa` for that of `aa` in `/*aa`, so it is
//! asked about files without `$` and with at most one letter behind a `*`.

use crate::common::{robots, url};
use consent::{Policy, Site, decision};
use proptest::prelude::*;
use schema::{Mode, Source};
use texting_robots::Robot;

const AGENT: &str = "foobot";

fn ours(text: &str, path: &str) -> bool {
    let policy = Policy::new(Mode::Spec, AGENT);
    let at = url(&format!("https://h.example{path}"));
    let site = Site::new(&at, robots(text), Source::Live, None);
    !decision::decide(&site.image_evidence(&policy, &at)).refuses()
}

fn theirs(text: &str, path: &str) -> bool {
    let at = url(&format!("https://h.example{path}"));
    Robot::new(AGENT, text.as_bytes()).expect("it reads anything").allowed(at.as_str())
}

fn googles(text: &str, path: &str) -> bool {
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("Sitemap")).collect();
    let at = format!("https://h.example{path}");
    robotstxt::DefaultMatcher::default().one_agent_allowed_by_robots(&lines.join("\n"), AGENT, &at)
}

fn agent() -> impl Strategy<Value = String> {
    prop_oneof!["foobot", "FooBot", "\\*", "barbot"].prop_map(|name| format!("User-agent: {name}"))
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => agent(),
        3 => "/[ab/]{0,4}(\\*[ab]{0,2})?\\$?".prop_map(|pattern| format!("Disallow: {pattern}")),
        3 => "/[ab/]{0,4}(\\*[ab]{0,2})?\\$?".prop_map(|pattern| format!("Allow: {pattern}")),
        1 => Just("# a remark".to_owned()),
        1 => Just("Sitemap: https://h.example/map.xml".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_read_alike(
        first in agent(),
        lines in proptest::collection::vec(line(), 0..12),
        path in "/[ab/]{0,5}(\\?[ab]{0,2})?",
    ) {
        let text = format!("{first}\n{}", lines.join("\n"));
        prop_assert_eq!(ours(&text, &path), theirs(&text, &path), "{} on\n{}", path, text);
        let is_one = |rest: &str| rest.bytes().take_while(u8::is_ascii_alphabetic).count() <= 1;
        if !text.contains('$') && text.split('*').skip(1).all(is_one) {
            prop_assert_eq!(ours(&text, &path), googles(&text, &path), "{} on\n{}", path, text);
        }
    }
}

#[test]
fn known_differences() {
    // Here we are the looser one: a rule without a group binds nobody (RFC 9309 section 2.1).
    assert!(ours("Disallow: /\n", "/x") && !theirs("Disallow: /\n", "/x"));
    for (text, path) in [
        ("User-agent: foobot\nDisallow: /*b$\n", "/b?b"),
        ("User-agent: barbot\nSitemap: https://h.example/map.xml\nUser-agent: foobot\nDisallow: /\n", "/x"),
    ] {
        assert!(!ours(text, path), "we obey: {text}");
    }
    let text = "User-agent: foobot\nDisallow: /*b$\n";
    assert!(googles(text, "/b?b"), "robotstxt fails open no longer, mend the list: {text}");
    let text = "User-agent: foobot\nDisallow: /*aa\n";
    assert!(!ours(text, "/a/aa"), "we obey: {text}");
    assert!(googles(text, "/a/aa"), "robotstxt fails open no longer, mend the list: {text}");
    for (text, path) in [
        ("User-agent: FooBot/1.0\nDisallow: /\n", "/x"),
        ("User-agent: Foobot Bar\nDisallow: /\n", "/x"),
        ("User-agent: *\nDisallow: /a%3cd\n", "/a%3Cd"),
        ("User-agent: foobot\nDisallow: /\nUser-agent: foobot\nDisallow:", "/"),
        ("User-agent: foobot\nCrawl-delay: 1\nUser-agent: bar\nDisallow: /\n", "/x"),
    ] {
        assert!(!ours(text, path), "we obey: {text}");
        assert!(theirs(text, path), "texting_robots fails open no longer, mend the list: {text}");
    }
}
