//! WAT archives: forged ones against the scanner and against `serde_json`'s tree, a true one, and odd ones.
#![allow(clippy::unwrap_used, reason = "tests")]

mod forge;
mod oracle;

use crawler::{
    http::Response,
    warc,
    wat::{Capture, MAX_BLOCK_BYTES, Outcome, Passed, Problem, read},
};
use markup::{AddressSource, ElementKind, LicenseLink, MetaAttribute, Page, Place};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::{io::Cursor, path::PathBuf};

/// Both readings, which must be one.
fn both(block: &[u8]) -> Outcome {
    let ours = sorted(read(block).unwrap());
    assert_eq!(Some(&ours), oracle::read(block).map(sorted).as_ref(), "{}", String::from_utf8_lossy(block));
    ours
}

/// `serde_json`'s tree does not keep the order of headers.
fn sorted(mut outcome: Outcome) -> Outcome {
    if let Outcome::Page(capture) = &mut outcome {
        capture.headers.sort_by(|one, other| one.0.cmp(&other.0));
    }
    outcome
}

fn page(block: &[u8]) -> Capture {
    match both(block) {
        Outcome::Page(capture) => *capture,
        Outcome::Passed(passed) => panic!("{passed:?}: {}", String::from_utf8_lossy(block)),
    }
}

/// A record as Common Crawl writes them.
const RECORD: &str = r#"{"Container":{"Filename":"CC-MAIN-1.warc.gz","Compressed":true,"Offset":"7053","Gzip-Metadata":{"Deflate-Length":"423"}},"Envelope":{"Payload-Metadata":{"Actual-Content-Type":"application/http; msgtype=response","HTTP-Response-Metadata":{"Response-Message":{"Status":"200","Version":"HTTP/1.1","Reason":"OK"},"Headers-Length":"263","Headers":{"Content-Type":"text/html; charset=utf-8","X-Robots-Tag":["noai","noindex"],"Links":["a","b"]},"HTML-Metadata":{"Head":{"Base":"https://a.example/x/","Title":"t","Metas":[{"name":"HTML@/lang","content":"de"},{"name":"HTML@/xml:lang","content":"en"},{"name":"robots","content":"noimageai"},{"content":"0","property":"tdm-reservation"},{"content":"refresh","http-equiv":"Refresh"}],"Link":[{"path":"LINK@/href","url":"l.html","rel":"license","type":"text/html"}],"Scripts":[{"path":"SCRIPT@/src","url":"s.js"}]},"Links":[{"path":"A@/href","url":"/","target":"_blank","rel":"nofollow","text":"{\"path\":\"IMG@/src\"}},{\"path\":\"IMG@/src\",\"url\":\"no.jpg\"}]"},{"path":"IMG@/src","url":"a.jpg","alt":" a  \"cat\" <\/b>\n","title":"Katze"},{"path":"IMG@/longdesc","url":"d.html"},{"path":"A@/href","url":" by ","rel":"external License"},{"path":"IMG@/src","url":"b.jpg"}]},"Entity-Length":"5"}},"Format":"WARC/1.0","WARC-Header-Metadata":{"WARC-Type":"response","WARC-Date":"2024-05-18T01:58:10Z","WARC-Protocol":["h2","tls/1.3"],"WARC-Target-URI":"https://a.example/p"}}}"#;

#[test]
fn a_page_is_read() {
    let capture = page(RECORD.as_bytes());
    assert_eq!((capture.url.as_str(), capture.status, capture.offset), ("https://a.example/p", 200, Some(7053)));
    assert_eq!(capture.archive.as_deref(), Some("CC-MAIN-1.warc.gz"));
    assert_eq!(capture.captured_at.unwrap().to_rfc3339(), "2024-05-18T01:58:10+00:00");
    let robots: Vec<_> =
        capture.headers.iter().filter(|(name, _)| name == "X-Robots-Tag").map(|(_, value)| value).collect();
    assert_eq!(robots, ["noai", "noindex"]);
    let Page { base, language, metas, licenses, images, scripts, notices } = capture.markup;
    assert_eq!((base.as_deref(), language.as_deref()), (Some("https://a.example/x/"), Some("de")));
    let metas: Vec<_> = metas.iter().map(|meta| (meta.attribute, meta.name.as_str(), meta.content.as_str())).collect();
    assert_eq!(
        metas,
        [
            (MetaAttribute::Name, "robots", "noimageai"),
            (MetaAttribute::Property, "tdm-reservation", "0"),
            (MetaAttribute::HttpEquiv, "Refresh", "refresh")
        ]
    );
    let license = |href: &str, media_type: Option<&str>| LicenseLink {
        href: href.to_owned(),
        media_type: media_type.map(str::to_owned),
        at: Place::default(),
    };
    assert_eq!(licenses, [license("l.html", Some("text/html")), license("by", None)]);
    let images: Vec<_> = images
        .iter()
        .map(|image| (image.address.clone().unwrap().0, image.alt.as_deref(), image.title.as_deref()))
        .collect();
    assert_eq!(images, [("a.jpg".to_owned(), Some("a \"cat\" </b>"), Some("Katze")), ("b.jpg".to_owned(), None, None)]);
    assert!(scripts.is_empty() && notices.is_empty());
}

/// Any order, any white space and any escapes are one and the same JSON.
#[test]
fn how_the_json_is_written_makes_no_difference() {
    let expected = both(RECORD.as_bytes());
    let value: Value = serde_json::from_str(RECORD).unwrap();
    assert_eq!(both(value.to_string().as_bytes()), expected, "keys sorted");
    assert_eq!(both(serde_json::to_string_pretty(&value).unwrap().as_bytes()), expected, "pretty");
    for (written, otherwise) in [
        (r#""path":"#, r#""p\u0061th" : "#),
        (r#""IMG@/src""#, r#""\u0049MG@\/src""#),
        (r#""Metas""#, r#""\u004detas""#),
        (r#""Envelope""#, r#""Env\u0065lope""#),
        (r#""HTML@/lang""#, r#""HTML@\/lang""#),
        (r#""Status":"200""#, r#""Status":200"#),
        ("X-Robots-Tag", r"X\u002dRobots-Tag"),
    ] {
        assert!(RECORD.contains(written), "{written}");
        assert_eq!(both(RECORD.replace(written, otherwise).as_bytes()), expected, "{otherwise}");
    }
}

#[test]
fn what_is_no_page_is_passed_over_with_the_reason() {
    let expect = |written: &str, otherwise: &str, passed: Passed| {
        assert!(RECORD.contains(written), "{written}");
        assert_eq!(both(RECORD.replace(written, otherwise).as_bytes()), Outcome::Passed(passed), "{otherwise}");
    };
    expect(r#""WARC-Type":"response""#, r#""WARC-Type":"request""#, Passed::NotAResponse);
    expect(r#""WARC-Type":"response","#, "", Passed::NotAResponse);
    expect(r#""WARC-Target-URI""#, r#""WARC-Filename""#, Passed::NotAResponse);
    expect(r#""Status":"200""#, r#""Status":"404""#, Passed::NotOk(404));
    expect(r#""Status":"200","#, "", Passed::NotAResponse);
    expect("text/html; charset", "image/png; charset", Passed::NotHtml);
    expect(r#""HTML-Metadata":{"#, r#""PDF-Metadata":{"#, Passed::NotHtml);
    for block in ["{}", r#"{"Envelope":null}"#, r#"{"Envelope":{"Payload-Metadata":[]},"Container":"x"}"#] {
        assert_eq!(both(block.as_bytes()), Outcome::Passed(Passed::NotAResponse));
    }
    // Where no header tells the type, the writer has looked at the body.
    page(RECORD.replace("Content-Type\":\"text", "X-Type\":\"text").as_bytes());
}

#[test]
fn broken_records_are_told() {
    for cut in 0..RECORD.len() {
        assert!(matches!(read(&RECORD.as_bytes()[..cut]), Err(Problem::NotJson { .. })), "{cut}");
    }
    assert!(matches!(read(b"[]"), Err(Problem::NotJson { at: 0 })));
    assert!(matches!(read(format!("{RECORD}x").as_bytes()), Err(Problem::NotJson { .. })));
    let mut latin = RECORD.as_bytes().to_vec();
    let place = RECORD.find("Katze").unwrap();
    latin[place] = 0xe9;
    assert_eq!(read(&latin), Err(Problem::NotText { at: place - 1 }));
    let twice = RECORD.replace(r#""Scripts":"#, r#""Metas":"#);
    assert_eq!(read(twice.as_bytes()), Err(Problem::Twice("Metas")));
    let long = vec![b' '; MAX_BLOCK_BYTES + 1];
    assert_eq!(read(&long), Err(Problem::TooLong { bytes: MAX_BLOCK_BYTES + 1 }));
}

#[test]
fn a_page_has_at_most_so_many_images() {
    let images = vec![r#"{"path":"IMG@/src","url":"a.jpg"}"#; 100_001].join(",");
    let block = RECORD.replace(r#"{"path":"IMG@/src","url":"b.jpg"}"#, &images);
    let Outcome::Page(capture) = read(block.as_bytes()).unwrap() else { panic!("a page") };
    assert_eq!(capture.markup.images.len(), 100_000);
}

/// One flipped byte: where `serde_json` still reads it, we read the same.
#[test]
fn every_single_flipped_byte_reads_as_with_the_oracle() {
    let mut read_all_the_same = 0;
    for place in 0..RECORD.len() {
        for byte in [b'"', b'\\', b'{', b'}', b'[', b']', b',', b':', b' ', b'x', 0xff, 0] {
            let mut block = RECORD.as_bytes().to_vec();
            block[place] = byte;
            let ours = read(&block).map(sorted);
            if let Some(theirs) = oracle::read(&block) {
                assert_eq!(ours, Ok(sorted(theirs)), "{place} {byte}");
                read_all_the_same += 1;
            }
        }
    }
    assert!(read_all_the_same > 1000, "{read_all_the_same}");
}

/// The pages of an archive, as the scanner and as the forged WAT have them.
fn compare(name: &str, bytes: &[u8]) -> usize {
    let mut blocks = forge::blocks(bytes, name).into_iter();
    let mut reader = warc::Reader::new(bytes, warc::Limits::default()).unwrap();
    let mut pairs = 0;
    while let Some(item) = reader.next_item().unwrap() {
        let warc::Item::Record(record) = item else { continue };
        let Outcome::Page(capture) = both(blocks.next().unwrap().as_bytes()) else { continue };
        let response = Response::parse(record.block).unwrap();
        let scanned = Page::parse(&String::from_utf8_lossy(&response.body));
        let what = format!("{name}: {}", capture.url);
        assert_eq!(
            (Some(capture.url.as_str()), capture.offset),
            (record.target().as_deref(), Some(record.offset)),
            "{what}"
        );
        assert_eq!((capture.status, capture.captured_at), (200, record.date()), "{what}");
        assert_eq!(capture.archive.as_deref(), Some(name));
        let mut headers = response.headers.clone();
        headers.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(capture.headers, headers, "{what}");
        pairs += compare_markup(&capture.markup, &scanned, &what);
    }
    pairs
}

/// How many pairs the WAT has; panics where it has what the scanner has not.
fn compare_markup(known: &Page, scanned: &Page, what: &str) -> usize {
    assert_eq!(known.language, scanned.language, "{what}");
    // What a WAT has of metas, it has as they are.
    let metas: Vec<_> = scanned.metas.iter().map(|meta| (meta.attribute, &meta.name, &meta.content)).collect();
    let mut rest = metas.iter();
    for meta in &known.metas {
        let meta = (meta.attribute, &meta.name, &meta.content);
        assert!(rest.any(|other| *other == meta), "{what}: {meta:?}");
    }
    assert!(scanned.metas.iter().filter(|meta| !meta.content.is_empty()).count() <= known.metas.len(), "{what}");
    let of_src = |page: &Page| -> Vec<_> {
        let images = page
            .images
            .iter()
            .filter(|image| image.element == ElementKind::Img)
            .filter(|image| matches!(&image.address, Some((url, AddressSource::Src)) if !url.starts_with("data:")));
        images.map(|image| (image.address.clone(), image.alt.clone(), image.title.clone())).collect()
    };
    let (known_images, scanned_images) = (of_src(known), of_src(scanned));
    let mut rest = known_images.iter();
    for image in &scanned_images {
        assert!(rest.any(|other| other == image), "{what}: {image:?}");
    }
    known.images.iter().filter(|image| image.address.is_some() && image.alt.is_some()).count()
}

#[test]
fn forged_archives_tell_what_the_scanner_finds() {
    let Some(folder) = test_data("forged_archives_tell_what_the_scanner_finds") else { return };
    let mut pairs = 0;
    for name in [
        "warc/cc-main-2020-34.warc.gz",
        "warc/link-extraction-test.warc",
        "warc/ipwb-sample-1.warc.gz",
        "bench/pages.warc.gz",
    ] {
        pairs += compare(name, &std::fs::read(folder.join(name)).unwrap());
    }
    assert!(pairs > 20_000, "{pairs} pairs");
    println!("{pairs} pairs");
}

/// The reader of archives reads a WAT like any WARC. The one beside the project tells of a request only.
#[test]
fn true_wats_are_read() {
    let Some(folder) = test_data("true_wats_are_read") else { return };
    let mut files: Vec<_> =
        std::fs::read_dir(folder.join("warc")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".wat.gz"));
    for file in files {
        let (mut pages, mut pairs, mut passed) = (0, 0, 0);
        let bytes = std::fs::read(&file).unwrap();
        let mut reader = warc::Reader::new(Cursor::new(&bytes[..]), warc::Limits::default()).unwrap();
        while let Some(item) = reader.next_item().unwrap() {
            let warc::Item::Record(record) = item else { panic!("{item:?}") };
            match record.is("metadata").then(|| both(record.block)) {
                Some(Outcome::Page(capture)) => {
                    pages += 1;
                    pairs += capture
                        .markup
                        .images
                        .iter()
                        .filter(|image| image.address.is_some() && image.alt.is_some())
                        .count();
                }
                Some(Outcome::Passed(_)) => passed += 1,
                None => {}
            }
        }
        assert!(pages + passed > 0, "{}", file.display());
        println!("{}: {pages} pages with {pairs} pairs, {passed} other records", file.display());
    }
}

fn test_data(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PINAKES_TEST_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")), PathBuf::from);
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        eprintln!("skipped: {test}: no test data beside the project (see README)");
    }
    found
}

/// Texts that could be taken for structure.
fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("IMG@/src".to_owned()),
        Just("A@/href".to_owned()),
        Just("HTML@/lang".to_owned()),
        Just("license".to_owned()),
        Just("200".to_owned()),
        Just("response".to_owned()),
        Just("text/html".to_owned()),
        Just(r#"{"path":"IMG@/src","url":"x"}"#.to_owned()),
        Just(r#"}]},"Links":["#.to_owned()),
        r#"[ \\"{}\[\],:/a<é猫\u{0}\n]{0,12}"#,
    ]
}

fn odd_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        8 => odd_text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((odd_text(), inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// An object with some of `keys`, and now and then another.
fn object(keys: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let key = prop_oneof![8 => prop::sample::select(keys).prop_map(str::to_owned), 1 => odd_text()];
    prop::collection::vec((key, odd_value()), 0..6)
        .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()))
}

fn odd_record() -> impl Strategy<Value = Value> {
    let links = || prop::collection::vec(object(&["path", "url", "alt", "title", "rel", "type"]), 0..6);
    let metas = prop::collection::vec(object(&["name", "content", "property", "http-equiv"]), 0..4);
    let headers = object(&["Content-Type", "content-type", "X-Robots-Tag", "Links", "Metas"]);
    let record = object(&["WARC-Type", "WARC-Date", "WARC-Target-URI"]);
    (links(), links(), metas, headers, record, object(&["Filename", "Offset"]), odd_value(), any::<u8>()).prop_map(
        |(head_links, links, metas, headers, record, container, other, odd)| {
            let mut html = json!({"Head": {"Base": other, "Metas": metas, "Link": head_links}, "Links": links});
            let mut record = record;
            if odd & 1 == 0 {
                record = json!({"WARC-Type": "response", "WARC-Target-URI": "http://a.example/"});
            }
            if odd & 0b1110 == 0b1110 {
                html = other;
            }
            let status = if odd & 0b11_0000 == 0b11_0000 { json!("404") } else { json!("200") };
            let http = json!({"Headers": headers, "HTML-Metadata": html, "Response-Message": {"Status": status}});
            json!({
                "Container": container,
                "Envelope": {"Payload-Metadata": {"HTTP-Response-Metadata": http}, "WARC-Header-Metadata": record},
            })
        },
    )
}

proptest! {
    /// Odd keys, odd values, any shape: the oracle's reading, compact and pretty.
    #[test]
    fn odd_records_read_as_with_the_oracle(value in odd_record()) {
        both(value.to_string().as_bytes());
        both(serde_json::to_string_pretty(&value).unwrap().as_bytes());
    }

    /// Any bytes end well.
    #[test]
    fn any_bytes_end_well(bytes in prop::collection::vec(prop_oneof![prop::sample::select(&b"{}[]\",:\\ "[..]), any::<u8>()], 0..64)) {
        if let Some(theirs) = oracle::read(&bytes) {
            prop_assert_eq!(read(&bytes), Ok(theirs));
        }
    }
}
