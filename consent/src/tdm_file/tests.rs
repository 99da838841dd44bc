//! What a tdmrep.json says, row by row, and hostile ones.

use super::*;
use Verdict::{Allow, Deny, Info, MalformedDeny};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn verdict(body: &str, path: &str, reading: Reading) -> Option<Verdict> {
    let url = Url::parse("https://example.com").unwrap().join(path).unwrap();
    let said = TdmFile::read(body.as_bytes()).statements(&url, reading);
    said.iter().find(|one| one.signal == "tdmrep.file").map(|one| one.verdict)
}

#[test]
fn files_are_read() {
    let carve_out = r#"[{"location":"/directory-b/images/*.jpg","tdm-reservation":0},
        {"location":"/directory-b/","tdm-reservation":1,"tdm-policy":"https://ex.org/p.json"}]"#;
    let short_first = r#"[{"location":"/","tdm-reservation":0},{"location":"/a/","tdm-reservation":1}]"#;
    let long_last = r#"[{"location":"/a/","tdm-reservation":1},{"location":"/a/b/c/","tdm-reservation":0}]"#;
    for (body, path, strict, spec) in [
        (r#"[{"location":"/","tdm-reservation":1}]"#, "/a.jpg", Some(Deny), Some(Deny)),
        (r#"[{"location":"/","tdm-reservation":0}]"#, "/a.jpg", Some(Allow), Some(Allow)),
        (r#"[{"location":"/a/","tdm-reservation":1}]"#, "/b/a.jpg", None, None),
        ("[]", "/", None, None),
        ("\u{FEFF}[{\"location\":\"/\",\"tdm-reservation\":1}]", "/", Some(Deny), Some(Deny)),
        // Order and length.
        (carve_out, "/directory-b/images/a.jpg", Some(Allow), Some(Allow)),
        (carve_out, "/directory-b/images/a.png", Some(Deny), Some(Deny)),
        (short_first, "/a/x", Some(Deny), Some(Allow)),
        (long_last, "/a/b/c/x", Some(Deny), Some(Deny)),
        (short_first, "/b", Some(Allow), Some(Allow)),
        // Patterns.
        (r#"[{"location":"/*.JPG$","tdm-reservation":1}]"#, "/a.jpg", None, None),
        (r#"[{"location":"/*.jpg$","tdm-reservation":1}]"#, "/x/a.jpg", Some(Deny), Some(Deny)),
        (r#"[{"location":"/*.jpg$","tdm-reservation":1}]"#, "/a.jpg?w=9", Some(Deny), None),
        // Values.
        (r#"[{"location":"/","tdm-reservation":"1"}]"#, "/", Some(MalformedDeny), Some(Info)),
        (r#"[{"location":"/","tdm-reservation":true}]"#, "/", Some(MalformedDeny), Some(Info)),
        (r#"[{"location":"/","tdm-reservation":"0"}]"#, "/", None, None),
        (r#"[{"location":"/","tdm-reservation":false}]"#, "/", None, None),
        (r#"[{"location":"/","tdm-reservation":2}]"#, "/", None, None),
        (r#"[{"location":"/","tdm-reservation":null}]"#, "/", None, None),
        (r#"[{"location":"/","tdm-reservation":1.0}]"#, "/", Some(Deny), Some(Deny)),
        (r#"[{"location":"/","tdm-reservation":0,"tdm-reservation":1}]"#, "/", Some(MalformedDeny), Some(Info)),
        (r#"[{"location":"/","TDM_Reservation":1}]"#, "/", Some(MalformedDeny), Some(Info)),
        // Locations.
        (r#"[{"tdm-reservation":1}]"#, "/x", Some(MalformedDeny), Some(Info)),
        (r#"[{"tdm-reservation":0}]"#, "/x", None, None),
        (r#"[{"location":"","tdm-reservation":1}]"#, "/x", Some(MalformedDeny), Some(Info)),
        (r#"[{"location":"img/","tdm-reservation":1}]"#, "/img/x", Some(MalformedDeny), Some(Info)),
        (r#"[{"location":"https://example.com/img/","tdm-reservation":1}]"#, "/img/x", Some(MalformedDeny), Some(Info)),
        (r#"[{"location":"https://example.com","tdm-reservation":1}]"#, "/img/x", Some(MalformedDeny), Some(Info)),
        (r#"[{"location":["/a/","/b/"],"tdm-reservation":1}]"#, "/b/x", Some(MalformedDeny), Some(Info)),
        (r#"[{"location":["/a/","/b/"],"tdm-reservation":1}]"#, "/c/x", None, None),
        // Shapes.
        (r#"{"location":"/","tdm-reservation":1}"#, "/x", Some(MalformedDeny), Some(Info)),
        (r#"{"tdm-reservation":1,"tdm-policy":"https://e.example/p"}"#, "/x", Some(MalformedDeny), Some(Info)),
        (r#"{"location":"/","tdm-reservation":0}"#, "/x", None, None),
        (r#"{"rules":[{"location":"/","tdm-reservation":1}]}"#, "/x", Some(MalformedDeny), Some(Info)),
        (r#"[7,null,"x",[1],{"location":"/","tdm-reservation":1}]"#, "/x", Some(Deny), Some(Deny)),
        // Broken JSON.
        (r#"[{"location":"/","tdm-reservation":1},]"#, "/x", Some(MalformedDeny), Some(Info)),
        (r#"[{"location":"/","tdm-reservation":0},]"#, "/x", None, None),
        (r#"[{"location":"/a/","tdm-reservation":1}"#, "/x", None, None),
        (
            r#"[{"location":"/a/","tdm-reservation":1},{"location":"/" "tdm-reservation":1}]"#,
            "/x",
            Some(MalformedDeny),
            Some(Info),
        ),
        (
            r#"[{"location":"/","tdm-reservation":1,"tdm-policy":"https://a.example/p"#,
            "/x",
            Some(MalformedDeny),
            Some(Info),
        ),
        ("[{'location': '/', 'tdm-reservation': 1}]", "/x", Some(MalformedDeny), Some(Info)),
        ("tdm-reservation: 1", "/x", Some(MalformedDeny), Some(Info)),
        ("tdm-reservation: 10", "/x", None, None),
        ("tdm-reservation: 0", "/x", None, None),
        ("<!doctype html><p>tdm-reservation: 1", "/x", None, None),
        ("", "/x", None, None),
    ] {
        assert_eq!(verdict(body, path, Reading::Strict), strict, "strict: {body} for {path}");
        assert_eq!(verdict(body, path, Reading::Spec), spec, "spec: {body} for {path}");
    }
}

#[test]
fn what_is_no_json_is_recorded() {
    let url = Url::parse("https://example.com/").unwrap();
    for (body, expected) in [("<html>", true), ("", true), ("3", true), ("[]", false), ("{}", false)] {
        let said = TdmFile::read(body.as_bytes()).statements(&url, Reading::Strict);
        assert_eq!(said.iter().any(|one| one.signal == "tdmrep.not-json"), expected, "{body}");
        assert!(said.iter().all(|one| !one.denies()), "{body}");
    }
}

#[test]
fn the_policy_is_kept() {
    let url = Url::parse("https://example.com/").unwrap();
    let body = br#"[{"location":"/","tdm-reservation":1,"tdm-policy":"https://example.com/p.json"}]"#;
    let said = TdmFile::read(body).statements(&url, Reading::Spec);
    assert!(said[0].raw.contains("https://example.com/p.json"));
    assert_eq!((said[0].place.as_str(), said[1].signal.as_ref()), ("object 1", "tdmrep.policy"));
    let free = TdmFile::read(&body.map(|octet| if octet == b'1' { b'0' } else { octet }));
    assert_eq!(free.statements(&url, Reading::Spec).len(), 1);
}

#[test]
fn what_lies_beyond_the_limit_is_not_taken_for_silence() {
    let silent = r#"{"location":"/no/","tdm-reservation":0},"#.repeat(10_000);
    let file = |last: u8| format!(r#"[{silent}{{"location":"/","tdm-reservation":{last}}}]"#);
    assert_eq!(verdict(&file(1), "/x", Reading::Strict), Some(MalformedDeny));
    assert_eq!(verdict(&file(0), "/x", Reading::Strict), None);
    assert_eq!(verdict(&file(1), "/no/x", Reading::Strict), Some(Allow));
}

#[test]
fn hostile_files_take_no_stack_and_little_time() {
    let started = Instant::now();
    for body in [
        "[".repeat(1_000_000),
        format!("[{}", "{\"a\":".repeat(200_000)),
        format!("[{{\"location\":{}", "[".repeat(1_000_000)),
        "tdm-reservation".repeat(60_000),
        format!("tdm-reservation{}", "\"".repeat(1_000_000)),
        r#"[{"location":"/*a*b*c*d","tdm-reservation":1},"#.repeat(20_000),
        format!("[{}", r#"{"location":"/*a*b*c*d$","tdm-reservation":1},"#.repeat(20_000)),
    ] {
        let said = verdict(&body, &format!("/{}", "a".repeat(500)), Reading::Strict);
        assert_ne!(said, Some(Allow));
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn strict_refuses_whatever_the_letter_refuses(
        entries in proptest::collection::vec(
            (
                prop::sample::select(vec!["/", "/a/", "/a/b", "/*.jpg$", "a/", "", "*"]),
                prop::sample::select(vec!["0", "1", "\"1\"", "\"0\"", "true", "2", "null"]),
            ),
            0..5,
        ),
        path in prop::sample::select(vec!["/", "/a/x.jpg", "/a/b", "/c.jpg?x=1"]),
        end in prop::sample::select(vec!["]", ",]", "", "] x"]),
    ) {
        let object = |(location, value): &(&str, &str)| {
            format!("{{\"location\":\"{location}\",\"tdm-reservation\":{value}}}")
        };
        let body = format!("[{}{end}", entries.iter().map(object).collect::<Vec<_>>().join(","));
        let (strict, spec) = (verdict(&body, path, Reading::Strict), verdict(&body, path, Reading::Spec));
        prop_assert!(spec != Some(Deny) || matches!(strict, Some(Deny | MalformedDeny)), "{} for {}", body, path);
        // A reservation of everything, added at the end of a valid file, lifts none.
        if end == "]" && matches!(strict, Some(Deny | MalformedDeny)) {
            let all = r#",{"location":"/","tdm-reservation":1}]"#;
            let more = [body.trim_end_matches(']'), all].concat();
            prop_assert!(matches!(verdict(&more, path, Reading::Strict), Some(Deny | MalformedDeny)), "{}", more);
        }
    }

    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let url = Url::parse("https://example.com/a").unwrap();
        prop_assert!(TdmFile::read(&body).statements(&url, Reading::Strict).len() <= 4);
    }
}
