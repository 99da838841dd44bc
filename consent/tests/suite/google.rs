//! google/robotstxt-spec-test, read from the files as they are.
//!
//! Where the suite differs from us is listed by name below; everything else must agree.

use crate::common::url;
use consent::{Answer, Policy, Site, decision};
use schema::{Mode, Source};
use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

/// Expectations we do not share, each with its reason: file, agent, URL, and in which mode.
const DIFFERENT: [(&str, &str, &str, In); 12] = [
    // Google lets "Allow: …/index.html" open the folder. Strict lets only a no grow that way.
    ("index-page", "foobot", "http://foo.com/allowed-slash/", In::Both),
    // The suite compares a URL that the caller forgot to encode; ours are always encoded.
    ("non-ascii-paths", "FooBot", "http://foo.bar/foo/bar/ツ", In::Both),
    // The suite leaves encoded unreserved characters alone; RFC 9309 section 2.2.2 decodes them.
    ("non-ascii-paths", "FooBot", "http://foo.bar/foo/bar/baz", In::Both),
    // The suite takes no name with a blank; AI crawlers have some ("Kangaroo Bot").
    ("user-agent-name", "Foo Bar", "http://foo.bar/x/y", In::Both),
    // Google cuts names at the first digit, so that `AB42bot` is `AB`. Then `img2dataset` were `img`.
    ("369883", "AB42bot", "http://example.com/foo/bar", In::Both),
    ("369883", "AB42bot", "http://example.com/", In::Both),
    ("369883", "AB", "http://example.com/", In::Both),
    // RFC 9309 section 2.2.2: "The /robots.txt URI is implicitly allowed." Google's parser leaves
    // that to its caller.
    ("369883", "AB", "http://example.com/robots.txt", In::Both),
    ("369883", "BarBot", "http://example.com/robots.txt", In::Both),
    ("860237", "XYZ", "http://example.com/robots.txt", In::Both),
    ("327748", "asdfbot", "http://m.example.com/robots.txt", In::Both),
    // "disallow /" without its colon is no rule by the letter.
    ("accepted-mistakes", "FooBot", "http://foo.bar/x/y", In::Spec),
];

#[derive(Clone, Copy, PartialEq)]
enum In {
    Both,
    /// Google is more lenient than RFC 9309; strict goes with Google.
    Spec,
}

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
    let files = files(&folder);
    assert_eq!(files.len(), 41, "the suite has grown");
    for mode in [Mode::Strict, Mode::Spec] {
        let listed = DIFFERENT.iter().filter(|one| one.3 == In::Both || mode == Mode::Spec);
        let listed: BTreeSet<_> = listed.map(|one| (one.0.to_owned(), one.1.to_owned(), one.2.to_owned())).collect();
        let (mut checked, mut different) = (0, BTreeSet::new());
        // The empty URL and the empty agent cannot be asked here.
        for (name, case) in files.iter().flat_map(|(name, cases)| cases.iter().map(move |case| (name, case))) {
            if !case.url.is_empty() && !case.agent.is_empty() {
                checked += 1;
                if allowed(case, mode) != case.allowed {
                    different.insert((name.clone(), case.agent.clone(), case.url.clone()));
                }
            }
        }
        assert_eq!(different, listed, "{mode}");
        assert!(checked > 300, "only {checked} expectations read");
        eprintln!(
            "google/robotstxt-spec-test, {mode}: {checked} expectations, {} different on purpose",
            different.len()
        );
    }
}

/// Names and expectations of all files.
fn files(folder: &Path) -> Vec<(String, Vec<Expectation>)> {
    let mut files = Vec::new();
    for part in ["correctness", "stress"] {
        for entry in fs::read_dir(folder.join(part)).expect("a folder") {
            let file = entry.expect("an entry").path();
            let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
            files.push((name, read(&fs::read_to_string(&file).expect("a file"))));
        }
    }
    files
}

fn allowed(case: &Expectation, mode: Mode) -> bool {
    let policy = Policy::new(mode, &case.agent);
    let at = url(&case.url);
    let answer = Answer::Found { status: 200, body: case.body.clone(), content_type: None };
    !decision::decide(&Site::new(&at, &answer, Source::Live, None).image_evidence(&policy, &at)).refuses()
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
