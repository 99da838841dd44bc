//! Licence documents, row by row, and hostile ones.

use super::*;
use Verdict::{Allow, Conditional, Deny, Info};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn said(body: &str, target: &str) -> Vec<Statement> {
    let document = Url::parse("https://example.com/license.xml").unwrap();
    statements(body.as_bytes(), &document, &document.join(target).unwrap())
}

/// Signals and verdicts of a document about an image.
fn verdicts(body: &str) -> Vec<(String, Verdict)> {
    said(body, "/img/a.jpg").into_iter().map(|one| (one.signal.into_owned(), one.verdict)).collect()
}

fn document(content: &str) -> String {
    format!("<?xml version=\"1.0\"?>\n<rsl xmlns=\"{NAMESPACE}\">{content}</rsl>")
}

fn license(terms: &str) -> String {
    document(&format!("<content url=\"/\"><license>{terms}</license></content>"))
}

#[test]
fn terms_are_weighed() {
    for (terms, signal, verdict) in [
        (r#"<permits type="usage">ai-train</permits>"#, "rsl.permits", Allow),
        (r#"<permits type="usage">search all</permits>"#, "rsl.permits", Allow),
        (r#"<permits type="usage">search, ai-all</permits>"#, "rsl.permits", Allow),
        (r#"<permits type="usage">train-ai</permits>"#, "rsl.permits", Allow),
        (r#"<permits type="usage">search</permits>"#, "rsl.not-permitted", Deny),
        (r#"<permits type="usage">AI-Train</permits>"#, "rsl.not-permitted", Deny),
        (r#"<permits type="usage">train-genai</permits>"#, "rsl.not-permitted", Deny),
        (r#"<permits type="usage">ai-input ai-dream</permits>"#, "rsl.not-permitted", Deny),
        (r#"<permits type="usage"></permits>"#, "rsl.not-permitted", Deny),
        ("<permits>search</permits>", "rsl.not-permitted", Deny),
        (r#"<permits type="usage">search</permits><permits type="usage">ai-train</permits>"#, "rsl.permits", Allow),
        (r#"<prohibits type="usage">ai-train</prohibits>"#, "rsl.prohibits", Deny),
        (r#"<prohibits type="usage">AI-Train</prohibits>"#, "rsl.prohibits", Deny),
        (r#"<prohibits type="usage">train-ai,train-genai</prohibits>"#, "rsl.prohibits", Deny),
        (r#"<prohibits type="usage">train-genai</prohibits>"#, "rsl.prohibits", Deny),
        (r#"<prohibits type="usage">all</prohibits><permits type="usage">ai-train</permits>"#, "rsl.prohibits", Deny),
        (r#"<prohibits type="usage">ai-input search</prohibits>"#, "rsl.permits", Allow),
        (r#"<prohibits type="usage">ai-training</prohibits>"#, "rsl.invalid", Conditional),
        (r#"<prohibits type="usage"/>"#, "rsl.permits", Allow),
        (r#"<prohibits type="usage"><u>ai-train</u></prohibits>"#, "rsl.invalid", Conditional),
        (r#"<prohibits type="use">ai-train</prohibits>"#, "rsl.prohibits", Deny),
        (r#"<prohibit type="usage">ai-train</prohibit>"#, "rsl.invalid", Conditional),
        (r#"<permits type="user">non-commercial education</permits>"#, "rsl.user", Conditional),
        (r#"<permits type="user">commercial</permits>"#, "rsl.user", Conditional),
        (r#"<permits type="user">commercial non-commercial</permits>"#, "rsl.permits", Allow),
        (r#"<prohibits type="user">government</prohibits>"#, "rsl.user", Conditional),
        (r#"<permits type="geo">US CA</permits>"#, "rsl.geo", Conditional),
        (r#"<prohibits type="geo">EU</prohibits>"#, "rsl.geo", Conditional),
        (r#"<payment type="free"/>"#, "rsl.permits", Allow),
        ("<payment/>", "rsl.permits", Allow),
        ("<payment><custom>https://example.com/ask</custom></payment>", "rsl.payment", Conditional),
        (r#"<payment type="free"><amount currency="USD">5</amount></payment>"#, "rsl.payment", Conditional),
        (r#"<payment type="attribution"/>"#, "rsl.payment", Conditional),
        (r#"<payment type="training"><amount currency="USD">1</amount></payment>"#, "rsl.payment", Conditional),
        (r#"<payment type="per-crawl"/>"#, "rsl.payment", Conditional),
        (r#"<payment type="free"/><payment type="use"/>"#, "rsl.payment", Conditional),
        (r#"<reporting type="audit" profile="https://p.example/"/>"#, "rsl.reporting", Conditional),
        (r#"<server url="https://s.example/"/>"#, "rsl.server", Conditional),
        (r#"<legal type="disclaimer">as-is</legal>"#, "rsl.permits", Allow),
        (r#"<x:fee xmlns:x="https://x.example/">1</x:fee>"#, "rsl.permits", Allow),
        ("<embargo>2030</embargo>", "rsl.invalid", Conditional),
        ("", "rsl.permits", Allow),
        ("<permits type=\"usage\"><![CDATA[ai-train]]><!-- x --></permits>", "rsl.permits", Allow),
    ] {
        assert_eq!(verdicts(&license(terms)), [(signal.to_owned(), verdict)], "{terms}");
    }
}

#[test]
fn all_reasons_are_told() {
    let terms = r#"<permits type="usage">search</permits><payment type="crawl"/><permits type="geo">US</permits>"#;
    let said = verdicts(&license(terms));
    let signals: Vec<&str> = said.iter().map(|(signal, _)| signal.as_str()).collect();
    assert_eq!(signals, ["rsl.not-permitted", "rsl.payment", "rsl.geo"]);
}

#[test]
fn licences_are_alternatives() {
    let two = |one: &str, other: &str| document(&format!("<content url=\"/\">{one}{other}</content>"));
    let free = r#"<license><permits type="usage">ai-train</permits></license>"#;
    let paid = r#"<license><payment type="training"/></license>"#;
    let none = r#"<license><prohibits type="usage">all</prohibits></license>"#;
    for (body, signal, verdict) in [
        (two(free, paid), "rsl.permits", Allow),
        (two(none, free), "rsl.permits", Allow),
        (two(none, paid), "rsl.payment", Conditional),
        (two(none, none), "rsl.prohibits", Deny),
        (two("", ""), "rsl.invalid", Conditional),
    ] {
        assert_eq!(verdicts(&body)[0], (signal.to_owned(), verdict), "{body}");
    }
}

#[test]
fn a_server_must_be_asked_even_for_a_free_licence() {
    let free = r#"<license><payment type="free"/></license>"#;
    for (attributes, refused) in [
        (r#"server="https://rslcollective.org/api""#, true),
        (r#"server="" encrypted="false""#, false),
        (r#"encrypted="true""#, true),
    ] {
        let said = verdicts(&document(&format!("<content url=\"/\" {attributes}>{free}</content>")));
        assert_eq!(said.contains(&("rsl.server".into(), Conditional)), refused, "{attributes}");
    }
}

#[test]
fn the_most_specific_element_speaks() {
    let no = r#"<license><prohibits type="usage">all</prohibits></license>"#;
    let yes = r#"<license><permits type="usage">all</permits></license>"#;
    let body = |one: &str, other: &str| {
        document(&format!("<content url=\"{one}\">{no}</content><content url=\"{other}\">{yes}</content>"))
    };
    for (denied, allowed, expected) in [
        ("/", "/img/", Allow),
        ("/img/", "/", Deny),
        ("/", "/", Deny),
        ("", "/", Allow),
        ("/img/*", "https://example.com/img/", Deny),
        ("https://example.com/", "/img/", Allow),
        ("https://other.example/img/", "/", Allow),
        ("https://cdn.example.com/img/", "/", Allow),
        ("https://*.example.com/img/", "/", Deny),
        ("https://*/img/", "/no", Deny),
        ("http://EXAMPLE.com/img/", "/", Deny),
        ("https://example.com:8443/img/", "/", Allow),
        ("//example.com/img/", "/", Deny),
        ("img/", "/", Deny),
        ("example.com/img/", "/", Deny),
        ("a.jpg", "/no", Deny),
        ("/*.JPG$", "/", Allow),
        ("/*.jpg$", "/", Deny),
    ] {
        let said = verdicts(&body(denied, allowed));
        assert_eq!(said[0].1, expected, "no for {denied}, yes for {allowed}");
    }
    assert_eq!(verdicts(&body("/art/", "/texts/")), [("rsl.silent".to_owned(), Info)]);
    let below = body("https://*.example.com/", "/no");
    assert!(said(&below, "https://img.example.com/a.jpg")[0].denies());
    assert!(!said(&below, "https://badexample.com/a.jpg")[0].denies());
}

#[test]
fn a_path_holds_for_whatever_site_the_document_is_associated_with() {
    let body = license(r#"<prohibits type="usage">ai-train</prohibits>"#);
    assert_eq!(said(&body, "https://publisher.example/a.jpg")[0].verdict, Deny);
}

#[test]
fn what_is_no_valid_document_is_a_condition_not_met() {
    let no = r#"<content url="/"><license><prohibits type="usage">ai-train</prohibits></license></content>"#;
    let xxe = r#"<!DOCTYPE rsl [<!ENTITY x SYSTEM "file:///etc/passwd">]>"#;
    let laughs = r#"<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>"#;
    for body in [
        String::new(),
        "not XML".into(),
        "<html><body>Not found</body></html>".into(),
        "<!doctype html><title>Shop</title>".into(),
        format!("{xxe}{}", document(no)),
        format!("{laughs}{}", document("<content url=\"/\">&b;</content>")),
        document("<content url=\"/\">&undeclared;</content>"),
        document(""),
        document(no).replace("</rsl>", ""),
        format!("<rsl>{no}</rsl>"),
        format!("<rsl xmlns=\"http://rslstandard.org/rsl\">{no}</rsl>"),
        format!("<rsl:rsl>{no}</rsl:rsl>"),
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><content url=\"/\"/></feed>".into(),
        format!("{}{}", document(no), " ".repeat(1024 * 1024)),
        document(&no.repeat(10_001)),
    ] {
        let said = verdicts(&body);
        assert_eq!(said[0], ("rsl.invalid".to_owned(), Conditional), "{}", &body[..body.len().min(200)]);
        assert!(said[1..].iter().all(|(_, verdict)| *verdict == Info), "{said:?}");
    }
}

#[test]
fn other_carriers_and_encodings_are_read() {
    let content = r#"<rsl:content url=""><rsl:license><rsl:prohibits type="usage">ai-all</rsl:prohibits></rsl:license></rsl:content>"#;
    let feed = format!("<rss xmlns:rsl=\"{NAMESPACE}\" xmlns:media=\"m\"><media:content url=\"/x\"/>{content}</rss>");
    let prefixed = format!("<rsl:rsl xmlns:rsl=\"{NAMESPACE}\">{content}</rsl:rsl>");
    for body in [feed, prefixed.clone(), format!("\n  {prefixed}"), format!("\u{FEFF}{prefixed}")] {
        assert_eq!(verdicts(&body), [("rsl.prohibits".to_owned(), Deny)], "{body}");
    }
    let url = Url::parse("https://example.com/").unwrap();
    let wide: Vec<u8> = [0xFEFF].into_iter().chain(prefixed.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(statements(&wide, &url, &url)[0].verdict, Deny);
}

#[test]
fn the_place_and_the_words_are_told() {
    let body = "\n<rsl xmlns=\"https://rslstandard.org/rsl\">\n <content url=\"/a\"/>\n <content url=\"/\">\n<license><permits>search</permits></license></content></rsl>";
    let said = said(body, "/img/a.jpg");
    assert_eq!((said[0].place.as_str(), said[0].raw.as_str()), ("line 4", "<permits>search</permits>"));
}

#[test]
fn hostile_documents_take_no_stack_and_little_time() {
    let started = Instant::now();
    let attributes: String = (0..90_000).map(|n| format!(" a{n}=\"\"")).collect();
    let namespaces: String = (0..30_000).map(|n| format!("<a xmlns:n{n}=\"{n}\">")).collect();
    let nested = "<content url=\"\"><license><permits>".repeat(9_000);
    let closed = "</permits></license></content>".repeat(9_000);
    for body in [
        document(&"<a>".repeat(300_000)),
        document(&format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000))),
        document(&format!("{nested}{closed}")),
        document(&format!("<a{attributes}/>")),
        document(&namespaces),
        document(&"<content url=\"/*a*b*c*d*e\"><license/></content>".repeat(9_999)),
        document(&format!("<content url=\"/\">{}</content>", "<license><payment/></license>".repeat(30_000))),
        license(&"<prohibits>search</prohibits>".repeat(30_000)),
        license(&"<embargo/>".repeat(80_000)),
        "<".repeat(1_000_000),
        "=\"".repeat(500_000),
        format!("<a b={}", " ".repeat(1_000_000)),
    ] {
        let said = said(&body, &format!("/{}", "a".repeat(2000)));
        assert!(said.len() <= MOST && said.iter().all(|one| one.raw.len() <= 1024));
    }
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn a_term_more_never_permits_more(
        terms in proptest::collection::vec(
            prop::sample::select(vec![
                "<prohibits type=\"usage\">ai-train</prohibits>", "<prohibits type=\"usage\">search</prohibits>",
                "<payment type=\"free\"/>", "<payment type=\"use\"/>", "<permits type=\"geo\">US</permits>",
                "<permits type=\"user\">all</permits>", "<legal/>", "<x/>", "text", "<!-- x -->",
            ]),
            0..6,
        ),
        more in prop::sample::select(vec!["<payment type=\"crawl\"/>", "<prohibits>all</prohibits>", "<legal/>"]),
    ) {
        let heaviest = |body: &str| verdicts(body).iter().map(|(_, verdict)| weight(*verdict)).min();
        let terms = terms.concat();
        prop_assert!(heaviest(&license(&[terms.as_str(), more].concat())) <= heaviest(&license(&terms)));
    }

    #[test]
    fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        let url = Url::parse("https://example.com/a").unwrap();
        prop_assert!(statements(&body, &url, &url).iter().any(Statement::denies));
    }
}
