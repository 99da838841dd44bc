//! Tables of examples for rights in JSON-LD.

use super::*;

const IMAGE: &str = "https://img.example.com/photos/black-labrador.jpg";

fn read(text: &str) -> Option<Rights> {
    let documents: Vec<Value> = parsed(text).into_iter().collect();
    let rights = PageRights::of_documents(&documents, Url::parse("https://example.com/page/").unwrap());
    rights.of(&Url::parse(IMAGE).unwrap()).cloned()
}

fn license(text: &str) -> Option<String> {
    read(text).and_then(|rights| rights.license_url)
}

#[test]
fn all_properties_are_read() {
    // After Google's documentation of image licence metadata.
    let rights = read(
        r#"{"@context": "https://schema.org/", "@type": "ImageObject",
            "contentUrl": "https://img.example.com/photos/black-labrador.jpg",
            "license": "https://example.com/license", "acquireLicensePage": "/how-to-use",
            "creditText": "Labrador PhotoLab", "creator": {"@type": "Person", "name": "Brixton Brownstone"},
            "copyrightNotice": "Clara Kent", "usageInfo": {"@type": "CreativeWork", "url": "../usage"},
            "conditionsOfAccess": "By request"}"#,
    )
    .unwrap();
    let text = |text: &str| Some(text.to_owned());
    let expected = Rights {
        license_url: text("https://example.com/license"),
        acquire_license_page: text("https://example.com/how-to-use"),
        creator: text("Brixton Brownstone"),
        credit_text: text("Labrador PhotoLab"),
        caption: None,
        copyright_notice: text("Clara Kent"),
        usage_info: text("https://example.com/usage"),
        conditions_of_access: text("By request"),
    };
    assert_eq!(rights, expected);
}

#[test]
fn the_image_is_found_wherever_it_stands() {
    let found = Some("https://l.example/".to_owned());
    let image = r#""license":"https://l.example/","contentUrl":"https://img.example.com/photos/black-labrador.jpg""#;
    for text in [
        format!("{{{image}}}"),
        format!(r#"[{{"@type":"WebPage"}},{{"@type":"ImageObject",{image}}}]"#),
        format!(r#"{{"@graph":[{{"@type":["Thing","ImageObject"],{image}}}]}}"#),
        format!(r#"{{"@type":"NewsArticle","image":[{{"@type":"http://schema.org/ImageObject",{image}}}]}}"#),
        format!(r#"{{"@type":"Product","review":{{"associatedMedia":{{"@type":"schema:Photograph",{image}}}}}}}"#),
        format!("<!-- \n{{{image}}}\n //-->"),
        format!("//<![CDATA[\n{{{image}}}\n//]]>"),
        format!("\u{FEFF}{{{image}}};"),
        r#"{"@type":"ImageObject","url":"//img.example.com/photos/black-labrador.jpg","license":{"@id":"https://l.example/"}}"#.into(),
        r#"{"@type":"ImageObject","thumbnailUrl":["a.jpg","http://img.example.com/photos/black%2Dlabrador.jpg#x"],
            "license":["",{"@type":"CreativeWork","url":"https://l.example/"}]}"#.into(),
        r#"{"@type":"ImageObject","@id":"https://img.example.com/photos/black-labrador.jpg","schema:license":"https://l.example/"}"#.into(),
        r#"{"@type":"ImageObject","thumbnail":{"@type":"ImageObject","contentUrl":"https://img.example.com/photos/black-labrador.jpg"},
            "license":"https://l.example/"}"#.into(),
    ] {
        assert_eq!(license(&text), found, "{text}");
    }
}

#[test]
fn other_images_and_other_things_say_nothing_of_it() {
    for text in [
        r#"{"@type":"ImageObject","contentUrl":"https://img.example.com/photos/poodle.jpg","license":"https://l.example/"}"#,
        r#"{"@type":"ImageObject","license":"https://l.example/"}"#,
        r#"{"@type":"VideoObject","thumbnailUrl":"https://img.example.com/photos/black-labrador.jpg","license":"https://l.example/"}"#,
        r#"{"@type":"Article","image":"https://img.example.com/photos/black-labrador.jpg","license":"https://l.example/"}"#,
        r#"{"@type":"ImageObject","contentUrl":"https://img.example.com/photos/black-labrador.jpg","license":""}"#,
        r#"{"@type":7,"contentUrl":"https://img.example.com/photos/black-labrador.jpg","license":"https://l.example/"}"#,
        r#"{"@type":"ImageObject","contentUrl":"https://img.example.com/photos/black-labrador.jpg","license":"https://l.example/""#,
        "",
        "null",
        "no JSON",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

#[test]
fn values_are_taken_in_every_form() {
    let image = r#""@type":"ImageObject","contentUrl":"https://img.example.com/photos/black-labrador.jpg""#;
    let of = |more: &str| {
        read(&format!("{{\"@graph\":[{{{image},{more}}},{{\"@id\":\"#ada\",\"name\":\"Ada Example\"}}]}}"))
    };
    assert_eq!(of(r##""creator":{"@id":"#ada"}"##).unwrap().creator.unwrap(), "Ada Example");
    assert_eq!(of(r#""author":["Ada",{"name":"Bob"},"",7]"#).unwrap().creator.unwrap(), "Ada, Bob");
    assert_eq!(
        of(r#""copyrightNotice":{"@value":"© Ada","@language":"en"}"#).unwrap().copyright_notice.unwrap(),
        "© Ada"
    );
    assert_eq!(of(r#""usageInfo":"No AI training. See terms."#.to_owned().as_str()), None, "an open string is no JSON");
    assert_eq!(of(r#""usageInfo":"No AI training""#).unwrap().usage_info.unwrap(), "No AI training");
    assert_eq!(of(r#""license":"CC BY 4.0""#).unwrap().license_url.unwrap(), "CC BY 4.0");
    assert_eq!(of(r#""license":{"@type":"CreativeWork","name":"CC BY"}"#).unwrap().license_url.unwrap(), "CC BY");
    let notice = of(&format!(r#""copyrightNotice":"{}""#, "ä".repeat(2_000))).unwrap().copyright_notice.unwrap();
    assert_eq!(notice.len(), Evidence::MAX_RAW_BYTES);
}

#[test]
fn of_two_statements_no_words_are_lost() {
    let rights = read(
        r#"[{"contentUrl":"https://img.example.com/photos/black-labrador.jpg","license":"https://one.example/","copyrightNotice":"© Ada"},
            {"contentUrl":"https://img.example.com/photos/black-labrador.jpg","license":"https://two.example/","copyrightNotice":"No AI training"}]"#,
    )
    .unwrap();
    assert_eq!(rights.license_url.as_deref(), Some("https://one.example/"));
    assert_eq!(rights.copyright_notice.as_deref(), Some("© Ada\nNo AI training"));
}

#[test]
fn hostile_documents_take_little_time() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let nested = "{\"image\":".repeat(100) + "{}" + &"}".repeat(100);
    let wide = format!("[{}{{}}]", "{\"@type\":\"ImageObject\",\"creator\":{\"@id\":\"#x\"}},".repeat(20_000));
    let image = r##"{"contentUrl":"https://img.example.com/photos/black-labrador.jpg","creator":{"@id":"#x"}},"##;
    let same = format!("[{}{{}}]", image.repeat(10_000));
    for text in [deep, nested, wide] {
        assert_eq!(read(&text), None);
    }
    let notices =
        (0..10_000).map(|n| image.replace("{\"@id\":\"#x\"}", &format!("\"{n}\",\"copyrightNotice\":\"© {n}\"")));
    let notices = format!("[{}{{}}]", notices.collect::<String>());
    assert_eq!(read(&same), None);
    assert_eq!(read(&notices).unwrap().creator.as_deref(), Some("0"));
}

#[test]
fn what_describes_the_image_is_heard_whole() {
    let long = format!("{} No AI training", "word ".repeat(800));
    let image = r#""@type":"ImageObject","contentUrl":"https://img.example.com/photos/black-labrador.jpg""#;
    let rights = read(&format!(
        r#"{{{image},"caption":{{"name":"A dog"}},"description":["{long}","A dog"],"name":"Labrador","alternateName":"Bo"}}"#
    ));
    let texts = rights.unwrap().caption.unwrap();
    assert_eq!(texts, format!("A dog\n{long}\nLabrador\nBo"));
    assert_eq!(
        license(&format!("{{{image},\"name\":\"a\nb\",\"license\":\"https://l.example/\"}}")).as_deref(),
        Some("https://l.example/")
    );
}

#[test]
fn a_licence_of_the_image_alone_has_an_address() {
    for (license, expected) in [("/terms", Some("https://example.com/terms")), ("CC BY 4.0", None), ("", None)] {
        let text = format!(
            r#"{{"contentUrl":"https://img.example.com/photos/black-labrador.jpg","creator":"Ada","license":"{license}"}}"#
        );
        let documents: Vec<Value> = parsed(&text).into_iter().collect();
        let rights = PageRights::of_documents(&documents, Url::parse("https://example.com/page/").unwrap());
        assert_eq!(rights.license_of(&Url::parse(IMAGE).unwrap()), expected);
        assert_eq!(rights.license_of(&Url::parse("https://img.example.com/other.jpg").unwrap()), None);
    }
}

#[test]
fn a_property_has_four_names_and_the_shortest_comes_first() {
    let value: Value = serde_json::json!({
        "https://schema.org/license": 4, "http://schema.org/license": 3, "schema:license": 2, "license": 1,
        "x:license": 0, "schema:licenses": 0, "license:schema:": 0,
    });
    let mut object = value.as_object().cloned().unwrap_or_default();
    for (number, form) in
        (1..).zip(["license", "schema:license", "http://schema.org/license", "https://schema.org/license"])
    {
        assert_eq!(property(&object, "license"), Some(&Value::from(number)));
        object.remove(form);
    }
    assert_eq!(property(&object, "license"), None);
}
