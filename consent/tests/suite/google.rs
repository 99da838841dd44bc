//! google/robotstxt-spec-test, read from the files as they are.
//!
//! Where the suite differs from us is listed by name below; everything else must agree.

use crate::common::url;
use consent::{Answer, OptOutList, Policy, Site, decision};
use schema::{Mode, Source};
use std::{env, fs, path::PathBuf};

/// Expectations we do not share, each with its reason: file, agent, URL.
const DIFFERENT: [(&str, &str, &str); 11] = [
    // Google lets "Allow: …/index.html" open the folder. Strict lets only a no grow that way.
    ("index-page", "foobot", "http://foo.com/allowed-slash/"),
    // The suite compares a URL that the caller forgot to encode; ours are always encoded.
    ("non-ascii-paths", "FooBot", "http://foo.bar/foo/bar/ツ"),
    // The suite leaves encoded unreserved characters alone; RFC 9309 section 2.2.2 decodes them.
    ("non-ascii-paths", "FooBot", "http://foo.bar/foo/bar/baz"),
    // The suite takes no name with a blank; AI crawlers have some ("Kangaroo Bot").
    ("user-agent-name", "Foo Bar", "http://foo.bar/x/y"),
    // Google cuts names at the first digit, so that `AB42bot` is `AB`. Then `img2dataset` were `img`.
    ("369883", "AB42bot", "http://example.com/foo/bar"),
    ("369883", "AB42bot", "http://example.com/"),
    ("369883", "AB", "http://example.com/"),
    // RFC 9309 section 2.2.2: "The /robots.txt URI is implicitly allowed." Google's parser leaves
    // that to its caller.
    ("369883", "AB", "http://example.com/robots.txt"),
    ("369883", "BarBot", "http://example.com/robots.txt"),
    ("860237", "XYZ", "http://example.com/robots.txt"),
    ("327748", "asdfbot", "http://m.example.com/robots.txt"),
];

struct Expectation {
    body: Vec<u8>,
    url: String,
    agent: String,
    allowed: bool,
}

#[test]
fn the_suite_agrees() {
    let folder = data().join("robots/spec-test");
    if !folder.is_dir() {
        eprintln!("skipped google::the_suite_agrees: no `{}` (set PINAKES_TEST_DATA)", folder.display());
        return;
    }
    let (mut checked, mut different, mut wrong) = (0, 0, Vec::new());
    for part in ["correctness", "stress"] {
        for entry in fs::read_dir(folder.join(part)).expect("a folder") {
            let file = entry.expect("an entry").path();
            let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
            for case in read(&fs::read_to_string(&file).expect("a file")) {
                // The empty URL and the empty agent cannot be asked here.
                if case.url.is_empty() || case.agent.is_empty() {
                    continue;
                }
                checked += 1;
                if allowed(&case) == case.allowed {
                    continue;
                }
                if DIFFERENT.contains(&(name.as_str(), case.agent.as_str(), case.url.as_str())) {
                    different += 1;
                } else {
                    let body = String::from_utf8_lossy(&case.body).into_owned();
                    wrong.push(format!("{name}: {} {} should be {}\n{body}", case.agent, case.url, case.allowed));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 300, "only {checked} expectations read");
    eprintln!("google/robotstxt-spec-test: {checked} expectations, {different} different on purpose");
}

fn allowed(case: &Expectation) -> bool {
    let policy = Policy { mode: Mode::Strict, agent: case.agent.clone(), lists: OptOutList::empty() };
    let at = url(&case.url);
    let answer = Answer::Found { status: 200, body: case.body.clone(), content_type: None };
    !decision::decide(&Site::new(&at, &answer, Source::Live, None).evidence(&policy, &at)).refuses()
}

fn data() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    env::var_os("PINAKES_TEST_DATA").map_or_else(beside, PathBuf::from)
}

/// Reads as much of protobuf's text format as the suite uses: `name: "text" "text"` and
/// `name: WORD`.
fn read(text: &str) -> Vec<Expectation> {
    let (mut body, mut at, mut agent) = (Vec::new(), String::new(), String::new());
    let mut found = Vec::new();
    let mut key = String::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let mut rest = line;
        if let Some((name, value)) = line.split_once(':').filter(|(name, _)| !name.contains('"')) {
            name.clone_into(&mut key);
            rest = value.trim();
            match name {
                "robotstxt" => body.clear(),
                "testurl" => at.clear(),
                "useragent" => agent.clear(),
                "expected_outcome" => {
                    let allowed = rest == "ALLOWED";
                    found.push(Expectation { body: body.clone(), url: at.clone(), agent: agent.clone(), allowed });
                }
                _ => {}
            }
        }
        let Some(quoted) = rest.strip_prefix('"') else { continue };
        let octets = unescape(quoted);
        match key.as_str() {
            "robotstxt" => body.extend(octets),
            "testurl" => at.push_str(&String::from_utf8_lossy(&octets)),
            "useragent" => agent.push_str(&String::from_utf8_lossy(&octets)),
            _ => {}
        }
    }
    found
}

/// The text up to the closing quote.
fn unescape(quoted: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    let mut rest = quoted.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match (*first, after) {
            (b'"', _) => break,
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("ASCII");
                octets.push(u8::from_str_radix(digits, 16).expect("hexadecimal"));
                rest = after;
            }
            (b'\\', [escaped, after @ ..]) => {
                octets.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => *other,
                });
                rest = after;
            }
            (octet, _) => octets.push(octet),
        }
    }
    octets
}
