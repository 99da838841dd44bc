//! One picture, however often a page speaks of it.

use super::*;
use DropReason::{BadUrl, ForeignScheme, NoUrl};
use consent::PageView;

const MAX_URL_BYTES: usize = 4096;

type Told = (Result<String, DropReason>, ImageSource, Vec<String>, Vec<String>);

/// Address and source of each image, with its texts in the order alt, meta, JSON-LD, and its other
/// addresses. Addresses are told without `https://p.example`.
fn read(html: &str) -> Vec<Told> {
    let url = Url::parse("https://p.example/dir/page").unwrap();
    let markup = markup::Page::parse(html);
    let (source, now) = (schema::Source::Warc, chrono::DateTime::UNIX_EPOCH);
    let view = PageView { url: &url, headers: &[], markup: &markup, source, seen_at: None, now };
    let (json_ld, base) = (view.json_ld(), view.base());
    let mentions = Mentions::of(&markup, &json_ld, &base, MAX_URL_BYTES);
    let short = |url: &str| url.strip_prefix("https://p.example").unwrap_or(url).to_owned();
    let told = |found: Found<'_>| {
        let texts = [TextSource::Alt, TextSource::Meta, TextSource::JsonLd];
        let texts = texts.iter().flat_map(|source| found.texts(*source)).map(str::to_owned).collect();
        let others = found.other_urls(&base, MAX_URL_BYTES).iter().map(|url| short(url)).collect();
        (found.url.map(|url| short(url.as_str())), found.source, texts, others)
    };
    of(&markup, &base, &mentions, MAX_URL_BYTES).map(told).collect()
}

fn og(address: &str, alt: &str) -> String {
    format!("<meta property=og:image content='{address}'><meta property=og:image:alt content='{alt}'>")
}

fn data(json: &str) -> String {
    format!("<script type=application/ld+json>{json}</script>")
}

#[test]
fn what_is_said_of_an_image_that_an_element_shows_is_said_of_the_element() {
    let element = |texts: &[&str]| {
        let texts = texts.iter().map(ToString::to_string).collect();
        vec![(Ok("/a.jpg".to_owned()), ImageSource::Src, texts, vec![])]
    };
    for address in [
        "/a.jpg",
        "../a.jpg",
        "https://p.example/a.jpg",
        "http://p.example/a.jpg#x",
        "//p.example/a.jpg",
        "/x/../a.jpg",
    ] {
        let found = read(&(og(address, "A cat") + "<img src='/a.jpg#y'>"));
        assert_eq!(found[0].2, ["A cat"], "{address}");
        assert_eq!(found.len(), 1, "{address}");
        let object = format!(r#"{{"@type":"ImageObject","url":"{address}","caption":"A dog"}}"#);
        let found = read(&(og(address, "A cat") + &data(&object) + "<img src='/a.jpg' alt=Cat>"));
        assert_eq!(found[0].2, ["Cat", "A cat", "A dog"], "{address}");
        assert_eq!(found.len(), 1, "{address}");
    }
    assert_eq!(read(&(data(r#"{"image":"/a.jpg"}"#) + "<img src=/a.jpg>")), element(&[]));
}

#[test]
fn one_that_no_element_shows_is_one_of_its_own() {
    let html =
        og("/o.jpg", "A cat") + &data(r#"{"image":{"url":"/j.jpg","caption":"A dog"}}"#) + "<img src=/a.jpg alt=Cat>";
    let own = |address: &str, source, text: &str| (Ok(address.to_owned()), source, vec![text.to_owned()], vec![]);
    let expected = [
        own("/a.jpg", ImageSource::Src, "Cat"),
        own("/o.jpg", ImageSource::Meta, "A cat"),
        own("/j.jpg", ImageSource::JsonLd, "A dog"),
    ];
    assert_eq!(read(&html), expected);
}

#[test]
fn metas_and_json_ld_speak_of_one_image_together() {
    let caption = data(r#"{"@type":"ImageObject","contentUrl":"/o.jpg","thumbnailUrl":"/s.jpg","caption":"A dog"}"#);
    let own = |text: &str| {
        vec![(Ok("/o.jpg".to_owned()), ImageSource::Meta, vec![text.to_owned()], vec!["/s.jpg".to_owned()])]
    };
    assert_eq!(
        read(&("<meta property=og:title content=Title><meta property=og:image content=/o.jpg>".to_owned() + &caption)),
        own("A dog")
    );
    let twice =
        og("/o.jpg", "") + "<meta name=twitter:image content=/o.jpg><meta name=twitter:image:alt content='A cat'>";
    assert_eq!(read(&twice)[0].2, ["A cat"]);
    assert_eq!(read(&twice).len(), 1);
    // No title makes up for a missing text.
    assert_eq!(read("<meta property=og:title content=Title><meta property=og:image content=/o.jpg>")[0].2, [""; 0]);
}

#[test]
fn other_sizes_of_an_element_are_the_same_picture() {
    let base = Url::parse("https://p.example/dir/page").unwrap();
    let page = markup::Page::parse(&og("https://p.example/big.jpg", "A cat"));
    let mentions = Mentions::of(&page, &[], &base, MAX_URL_BYTES);
    let small = base.join("/small.jpg").unwrap();
    for (other, is_same) in [
        ("https://p.example/big.jpg", true),
        ("http://p.example/big.jpg#x", true),
        ("//p.example/big.jpg", true),
        ("/big.jpg", true),
        ("/other.jpg", false),
        ("big.jpg", false),
        ("", false),
    ] {
        assert_eq!(mentions.shown_at(&small, &base, &[other.to_owned()]).is_some(), is_same, "{other}");
    }
    assert_eq!(mentions.not_shown().count(), 0);
}

#[test]
fn every_image_is_accounted_for_with_its_reason() {
    let html =
        og("data:image/png;base64,AA", "x") + &og("http://", "y") + "<img alt=z><img src='data:,'><img src='http://'>";
    let reasons: Vec<_> = read(&html).into_iter().map(|(url, ..)| url.unwrap_err()).collect();
    assert_eq!(reasons, [NoUrl, ForeignScheme, BadUrl, ForeignScheme, BadUrl]);
}

#[test]
fn a_page_that_names_images_without_end_is_bounded() {
    let list = |from: usize| {
        format!(
            r#"{{"image":[{}"z.jpg"]}}"#,
            (from..from + 15_000).map(|n| format!("\"{n}.jpg\",")).collect::<String>()
        )
    };
    assert_eq!(read(&(data(&list(0)) + &data(&list(15_000)))).len(), 20_000);
    // The same image again and again.
    let again = r#"{"@type":"ImageObject","url":"/a.jpg","caption":"N","thumbnailUrl":"N.jpg"},"#;
    let again: String = (0..5_000).map(|n| again.replace('N', &n.to_string())).collect();
    let found = read(&data(&format!("[{again}{{}}]")));
    assert_eq!((found.len(), found[0].2.len(), found[0].3.len()), (1, 16, 16));
}
