//! The quick way against the long one: both must find the same, piece for piece.

#[path = "../../tests/archives/mod.rs"]
mod archives;

use super::*;
use crate::shortcut;
use archives::Captured;
use markup::{Meta, MetaAttribute, Notice, Script};
use proptest::prelude::*;
use schema::Mode;

/// All that is found on a page and its images.
fn found(mode: Mode, page: &Captured) -> Vec<Evidence> {
    let policy = Policy { redistributes: true, ..Policy::new(mode, "pinakes") };
    let Captured { url, headers, markup } = page;
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let view = PageView { url, headers, markup, source: Source::Warc, seen_at: None, now };
    let rights = view.rights();
    let of_images = markup.images.iter().flat_map(|image| element_evidence(&policy, &view, &rights, image));
    page_evidence(&policy, &view).into_iter().chain(of_images).collect()
}

#[test]
fn pages_of_archives_say_the_same_either_way() {
    let mut pieces = 0;
    for page in archives::archives("differential").iter().flat_map(|path| archives::pages(path)) {
        for mode in [Mode::Strict, Mode::Spec] {
            let long = shortcut::without(|| found(mode, &page));
            pieces += long.len();
            assert_eq!(found(mode, &page), long, "{}", page.url);
        }
    }
    eprintln!("{pieces} pieces of evidence compared");
}

fn choice(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(of).prop_map(str::to_owned)
}

/// An example of the table of phrases, often with a piece taken out, doubled, or in capitals.
fn words() -> impl Strategy<Value = String> {
    let examples: Vec<&str> = crate::words::examples();
    let change =
        (0..5_u8, 0..40_usize, 1..4_usize, prop_oneof![choice(&["\u{AD}", "-", "\u{200B}", "©", "."]), ".{0,2}"]);
    (prop::sample::select(examples), change).prop_map(|(text, (change, at, length, other))| {
        let chars: Vec<char> = text.chars().collect();
        let at = at.min(chars.len());
        let end = (at + length).min(chars.len());
        let part = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
        let (front, middle, back) = (part(0, at), part(at, end), part(end, chars.len()));
        match change {
            0 => text.to_owned(),
            1 => format!("{front}{back}"),
            2 => format!("{front}{middle}{other}{middle}{back}"),
            3 => format!("{front}{other}{back}"),
            _ => text.to_uppercase(),
        }
    })
}

fn meta() -> impl Strategy<Value = Meta> {
    const NAMES: &[&str] = &[
        "robots",
        "ROBOTS ",
        "viewport",
        "twitter:card",
        "theme-color",
        "noai",
        "NoImageAI",
        "tdm-reservation",
        "googlebot-news",
        "Googlebot",
        "somebot",
        "pinakes",
        "Pinakes",
        "GPTBot",
        "gptbot/1.0",
        "robots,googlebot",
        "foo robots",
        "ai",
        "llm",
        "ai-training",
        "pinterest",
        "content-signal",
        "description",
        "Author",
        "copyright",
        "dc.rights",
        "\u{200b}robots",
        "é",
        "",
    ];
    const PIECES: &[&str] = &[
        "noai",
        "noindex",
        "none",
        "all",
        "NOARCHIVE",
        "max-snippet",
        "max-image-preview",
        "0",
        "false",
        "width",
        "device",
        "https://x.example/",
        "http://",
        "unavailable_after",
        "1 Jan 2020",
        "nopin",
        "ai-train",
        "no",
        ":",
        "=",
        ", ",
        ",",
        ";",
        " ",
        "、",
        "“",
        "é",
        "(",
        "-",
    ];
    let attribute = prop::sample::select(vec![MetaAttribute::Name, MetaAttribute::Property, MetaAttribute::HttpEquiv]);
    let content = proptest::collection::vec(prop_oneof![9 => choice(PIECES), 1 => ".{0,2}"], 0..6);
    let name = prop_oneof![9 => choice(NAMES), 1 => "[a-zA-Z:._ /-]{0,9}"];
    (attribute, name, content).prop_map(|(attribute, name, content)| Meta {
        attribute,
        name,
        content: content.concat(),
        at: Place::default(),
    })
}

fn header() -> impl Strategy<Value = (String, String)> {
    let names = &[
        "X-Robots-Tag",
        " robots-tag",
        "TDM-Reservation",
        "tdm-policy",
        "Link",
        "Content-Usage",
        "content-signals",
        "Crawler-Price",
        "crawler-error",
        "Server",
        "Content-Type",
        "X-Robots",
    ];
    let values =
        &["noai", "1", "<l>; rel=license; type=\"application/rsl+xml\"", "train-ai=n", "ai-train=no", "USD 1", ""];
    (choice(names), choice(values))
}

/// JSON-LD with more or less of what makes it speak.
fn script() -> impl Strategy<Value = String> {
    let member = prop_oneof![
        choice(&[
            r#""@type":"ImageObject""#,
            r#""@type":["Thing","Photograph"]"#,
            r#""type":"http:\/\/schema.org\/ImageObject""#
        ]),
        choice(&[r#""@type":"Article""#, r#""@type":7"#, r#""@t\u0079pe":"Article""#]),
        choice(&[
            r#""url":"https://h.example/i.jpg""#,
            r#""@id":"/i.jpg""#,
            r#""schema:contentUrl":["i.jpg"]"#,
            r#""u\u0072l":"i.jpg""#
        ]),
        choice(&[
            r#""license":"https://l.example/""#,
            r#""author":{"name":"Ada"}"#,
            r#""\u006cicense":"/l""#,
            r#""creditText":"""#
        ]),
        choice(&[
            r#""caption":"A quiet harbour""#,
            r#""caption":{"@value":"No AI training"}"#,
            r#""caption":"No \u0041I training""#
        ]),
        choice(&[
            r#""image":{"caption":"Owls","url":"i.jpg"}"#,
            r#""x":[{"license":"/l"},{"url":"i.jpg"}]"#,
            r#""caption":["no","AI"]"#
        ]),
        words().prop_map(|text| format!("\"caption\":{}", serde_json::Value::from(text))),
    ];
    let object = proptest::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(",")));
    let more = prop_oneof![6 => Just(String::new()), 1 => choice(&["<!--", ",", "]", "\"", "\\", "{\"\\é"])];
    (proptest::collection::vec(object, 1..3), more).prop_map(|(objects, more)| format!("[{}{more}]", objects.join(",")))
}

fn page() -> impl Strategy<Value = Captured> {
    let metas = proptest::collection::vec(meta(), 0..3);
    let headers = proptest::collection::vec(header(), 0..3);
    let scripts = proptest::collection::vec(script(), 0..3);
    (metas, headers, scripts, proptest::collection::vec(words(), 0..3)).prop_map(|(metas, headers, scripts, texts)| {
        let at = Place::default();
        let image = markup::Image {
            address: Some(("https://h.example/i.jpg".into(), markup::AddressSource::Src)),
            alt: texts.first().cloned(),
            ..markup::Image::default()
        };
        let script = |text| Script { media_type: "application/ld+json".into(), text, at };
        let notice = |text| Notice { element: "footer".into(), text, at };
        let markup = markup::Page {
            metas,
            scripts: scripts.into_iter().map(script).collect(),
            notices: texts.into_iter().map(notice).collect(),
            images: vec![image],
            ..markup::Page::default()
        };
        Captured { url: Url::parse("https://h.example/p").unwrap(), headers, markup }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]
    #[test]
    fn invented_pages_say_the_same_either_way(page in page()) {
        for mode in [Mode::Strict, Mode::Spec] {
            let long = shortcut::without(|| found(mode, &page));
            prop_assert_eq!(found(mode, &page), long);
        }
    }
}
