//! JSON-LD as pages have it.

use super::*;
use consent::PageView;
use url::Url;

type Image = (String, Vec<String>, Vec<String>);

/// Addresses, other addresses and texts of the images in one script.
fn read_script(script: &str) -> Vec<Image> {
    let url = Url::parse("https://p.example/dir/").unwrap();
    let markup = markup::Page::parse(&format!("<script type=application/ld+json>{script}</script>"));
    let (source, now) = (schema::Source::Warc, chrono::DateTime::UNIX_EPOCH);
    let view = PageView { url: &url, headers: &[], markup: &markup, source, seen_at: None, now };
    let mut images = Vec::new();
    for document in &view.json_ld() {
        let owned = |texts: &[Cow<'_, str>]| texts.iter().map(ToString::to_string).collect();
        read(document, &mut |named| {
            images.push((named.address.to_string(), owned(&named.others), owned(&named.json_ld)));
        });
    }
    images
}

fn image(address: &str, others: &[&str], texts: &[&str]) -> Image {
    let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    (address.to_owned(), owned(others), owned(texts))
}

#[test]
fn images_are_found_wherever_they_stand() {
    let a = r#"{"@type":"ImageObject","contentUrl":"a.jpg","caption":"A cat"}"#;
    let found = vec![image("a.jpg", &[], &["A cat"])];
    for script in [
        a.to_owned(),
        format!("[{a}]"),
        format!(r#"{{"@context":"https://schema.org","@graph":[{{"@type":"WebPage"}},{a}]}}"#),
        format!(r#"{{"@type":"NewsArticle","image":{a}}}"#),
        format!(r#"{{"@type":"NewsArticle","image":[{a}]}}"#),
        format!(r#"{{"@type":"Product","review":{{"associatedMedia":[[{a}]]}}}}"#),
        format!(r#"{{"@type":"WebPage","primaryImageOfPage":{a}}}"#),
        format!(r#"{{"https://schema.org/image":{a}}}"#),
        a.replace("\"ImageObject\"", r#"["Thing","http://schema.org/ImageObject"]"#),
        a.replace("\"contentUrl\"", "\"schema:contentUrl\""),
        // Where an image is meant, it need not say that it is one.
        r#"{"@type":"Recipe","image":{"url":"a.jpg","caption":"A cat"}}"#.into(),
        r#"{"image":{"url":{"@id":"a.jpg"},"caption":{"@type":"Text","@value":"A cat"}}}"#.into(),
        r#"{"image":{"contentUrl":["a.jpg"],"caption":["A cat",7,null]}}"#.into(),
        format!("<![CDATA[\n{a}\n]]>"),
        "{\"image\":{\"url\":\"a.jpg\",\n\"caption\":\"A\ncat\"}}".into(),
    ] {
        assert_eq!(read_script(&script), found, "{script}");
    }
}

#[test]
fn addresses_alone_are_images_too() {
    for (script, addresses) in [
        (r#"{"image":"a.jpg"}"#, &["a.jpg"][..]),
        (r#"{"image":["a.jpg",["b.jpg"],{"url":"c.jpg"}]}"#, &["a.jpg", "b.jpg", "c.jpg"]),
        (r#"{"image":" https://i.example/a?x=1&amp;y=2 "}"#, &["https://i.example/a?x=1&y=2"]),
        (r#"{"itemListElement":[{"item":{"image":"/a"}},{"item":{"image":"/b"}}]}"#, &["/a", "/b"]),
        // References within the document, words, templates: no addresses.
        (r##"{"image":{"@id":"#primaryimage"}}"##, &[]),
        (r##"{"image":["#a","","none","{{ image.url }}",7,null,true,{}]}"##, &[]),
        (r#"{"logo":"a.jpg","url":"b.jpg","thumbnailUrl":"c.jpg"}"#, &[]),
        (r#"{"@type":"Person","url":"/ada","name":"Ada"}"#, &[]),
        (r#"{"@type":"ImageObject","thumbnailUrl":"c.jpg","caption":"A cat"}"#, &[]),
        (r#"{"image":"a.jpg""#, &[]),
        ("", &[]),
        ("null", &[]),
        ("\"a.jpg\"", &[]),
    ] {
        let found: Vec<String> = read_script(script).into_iter().map(|(address, ..)| address).collect();
        assert_eq!(found, addresses, "{script}");
    }
}

#[test]
fn other_addresses_are_of_the_same_picture() {
    for (properties, expected) in [
        (r#""contentUrl":"a.jpg","url":"page.html","thumbnailUrl":["s.jpg","a.jpg"]"#, image("a.jpg", &["s.jpg"], &[])),
        (r#""contentUrl":"a.jpg","url":"b.jpg?w=9""#, image("a.jpg", &["b.jpg?w=9"], &[])),
        (r#""url":"/a","thumbnailUrl":"s.jpg""#, image("/a", &["s.jpg"], &[])),
    ] {
        assert_eq!(read_script(&format!(r#"{{"@type":"ImageObject",{properties}}}"#)), [expected], "{properties}");
    }
}

#[test]
fn texts_are_those_of_the_image_itself() {
    for (properties, texts) in [
        (r#""headline":"News","name":"Cat &amp; dog &#8211; a &quot;pair&quot;""#, &["Cat & dog – a \"pair\""][..]),
        (r#""caption":{"@type":"MediaObject","name":"A cat"},"description":"It sleeps""#, &["A cat", "It sleeps"]),
        (r#""author":{"@type":"Person","name":"Ada"}"#, &[]),
    ] {
        let script = format!(
            r#"{{"@type":"Article","name":"Title","image":{{"@type":"ImageObject","url":"a.jpg",{properties}}}}}"#
        );
        assert_eq!(read_script(&script), [image("a.jpg", &[], texts)], "{properties}");
    }
}

#[test]
fn ten_thousand_images_are_read_and_a_document_without_end_is_not() {
    let one = |n: usize| format!(r#"{{"@type":"ImageObject","url":"{n}.jpg","caption":"Cat {n}"}}"#);
    let many = |count: usize| format!("[{}]", (0..count).map(one).collect::<Vec<_>>().join(","));
    let found = read_script(&many(10_000));
    assert_eq!(found.len(), 10_000);
    assert_eq!(found[9_999], image("9999.jpg", &[], &["Cat 9999"]));
    let short = |count: usize| format!(r#"{{"image":[{}{{}}]}}"#, r#"{"url":"a.b"},"#.repeat(count));
    assert_eq!(read_script(&short(30_000)).len(), MOST_OBJECTS - 1);
    let deep = format!("{}{}{}", r#"{"image":"#.repeat(100), r#""a.jpg""#, "}".repeat(100));
    assert_eq!(read_script(&deep), [image("a.jpg", &[], &[])]);
    assert_eq!(read_script(&format!("{}{}", r#"{"image":["#.repeat(50_000), "]}".repeat(50_000))), []);
}
