//! Leaps against walks, and what is taken to be written as usual against what is read key by key: what is found in
//! `Links`, `Link` and `Metas` must not depend on how they are read.

use super::{super::leap::Sign, *};
use proptest::prelude::*;

type Reading = Result<(Page, usize), Problem>;

fn reading(mut cursor: Cursor<'_>, read: impl Fn(&mut Cursor<'_>, &mut Page) -> Result<(), Problem>) -> Reading {
    let mut page = Page::default();
    read(&mut cursor, &mut page)?;
    Ok((page, cursor.at))
}

/// Every element, key by key, each text judged by itself.
fn walking(text: &[u8], element: fn(&mut Cursor<'_>, &mut Page) -> Result<(), Problem>) -> Reading {
    reading(Cursor::doubtful(text), |cursor, page| cursor.array(|cursor| element(cursor, page)))
}

/// By leaps, and by every element: for `Links`, for `Link`, and for `Metas`, of which none is leaped over.
fn leaping_and_walking(text: &[u8]) -> [(Reading, Reading); 3] {
    let leaping = |read: fn(&mut Cursor<'_>, &mut Page) -> _| reading(Cursor::new(text), read);
    let of_metas = (leaping(metas), walking(text, any_meta));
    [(leaping(body), walking(text, any_link)), (leaping(head), walking(text, head_link)), of_metas]
}

/// What may be written otherwise than usual, and what may be taken for something else.
const ODD: &str = r#"[{"path":"A@/href","url":"/a","rel":"nofollow"},{"path":"A@/href","url":"/b","text":"x,{\"path\":\"IMG@/src\",\"url\":\"no\"}"},{"path":"A@/href","url":"/c?a[]=1&b={}","text":"}],[,{"},{"path":"IMG@/src","url":"1.jpg","alt":"one"},{"url":"2.jpg","path":"IMG@/src"},{"p\u0061th":"IMG@\/src","url":"3.jpg"}, { "path" : "IMG@/src" , "url":"4.jpg"},{"path":"A@/href","path":"IMG@/src","url":"5.jpg"},{"path":"IMG@/src","url":"no","path":"A@/href"},{"path":"A@/href","url":"l1","rel":"LiCeNsE nofollow"},{"path":"A@/href","url":"l2","r\u0065l":"lic\u0065nse"},{"path":"A@/href","more":[{"path":"IMG@/src","url":"no"},["x",{"path":"IMG@/src"}]],"url":"z"},{"a":{"path":"IMG@/src","url":"no"}},"IMG@/src",7,null,[[{"path":"IMG@/src"},{"path":"IMG@/src"}]],{},{"rel":"license","url":"l3","path":"AREA@/href"},{"path":"A@/href","url":"/d"}],"after":[{"path":"IMG@/src","url":"no"}]"#;

#[test]
fn odd_links_are_found_by_leaps() {
    let (page, end) = reading(Cursor::new(ODD.as_bytes()), body).unwrap();
    let images: Vec<_> = page.images.into_iter().map(|image| image.address.unwrap().0).collect();
    assert_eq!(images, ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"]);
    let licenses: Vec<_> = page.licenses.into_iter().map(|license| license.href).collect();
    assert_eq!(licenses, ["l1", "l2", "l3"]);
    assert_eq!(&ODD[end..end + 8], ",\"after\"");
}

#[test]
fn every_cut_is_told() {
    let array = &ODD[..ODD.find(",\"after\"").unwrap()];
    for cut in 0..array.len() {
        for (leaping, walking) in leaping_and_walking(&array.as_bytes()[..cut]) {
            assert!(matches!(leaping, Err(Problem::NotJson { .. })) && walking.is_err(), "{cut}: {leaping:?}");
        }
    }
}

/// Where a replaced byte leaves it JSON, leaps find what walking finds. Elsewhere they end well.
#[test]
fn every_replaced_byte_is_read_alike() {
    let array = &ODD[..ODD.find(",\"after\"").unwrap()];
    let mut json = 0;
    for place in 0..array.len() {
        for byte in [b'"', b'\\', b'{', b'}', b'[', b']', b',', b':', b' ', b'x', b'7', b'@', 0xff, 0] {
            let mut text = array.as_bytes().to_vec();
            text[place] = byte;
            let is_json = serde_json::from_slice::<serde_json::Value>(&text).is_ok();
            json += u32::from(is_json);
            for (leaping, walking) in leaping_and_walking(&text) {
                assert!(!is_json || leaping == walking, "{place} {byte}: {leaping:?}, {walking:?}");
            }
        }
    }
    assert!(json > 4000, "{json}");
}

/// Metas and images as usual, and next to it.
const USUAL: &str = r#"[{"name":"robots","content":"noai"},{"content":"0","property":"tdm-reservation"},{"content":"x","http-equiv":"Refresh"},{"name":"HTML@/lang","content":"de"},{"name":"","content":"x"},{"content":"x","property":""},{"name":"a\u0062\"","content":"<\/b>"},{"name":"a","content":"b","property":"c"},{"name":"","content":"b","property":"c"},{"name":"a","content":7},{"name":"a"}, {"name":"é","content":"猫"},{"name":"a","content":"b","name":"c"},{"path":"IMG@/src","url":" a.jpg","alt":"a  b","title":"猫"},{"path":"IMG@/src","url":"b.jpg","title":"t"},{"path":"IMG@/src","url":""},{"path":"IMG@/src","url":"b.jpg","url":"c.jpg"},{"path":"IMG@/src","url":"b.jpg","alt":null}]"#;

#[test]
fn what_is_usual_is_read_as_key_by_key() {
    let [(links, _), _, (metas, _)] = leaping_and_walking(USUAL.as_bytes());
    let texts = |metas: Vec<Meta>| metas.into_iter().map(|meta| (meta.name, meta.content)).collect::<Vec<_>>();
    let metas = texts(metas.unwrap().0.metas);
    let expected = [
        ("robots", "noai"),
        ("tdm-reservation", "0"),
        ("Refresh", "x"),
        ("ab\"", "</b>"),
        ("a", "b"),
        ("c", "b"),
        ("a", "7"),
        ("a", ""),
        ("é", "猫"),
        ("c", "b"),
    ];
    assert_eq!(metas, expected.map(|(name, content)| (name.to_owned(), content.to_owned())));
    let images = links.unwrap().0.images;
    let images: Vec<_> = images.iter().map(|image| image.address.as_ref().map(|address| address.0.as_str())).collect();
    assert_eq!(images, [Some("a.jpg"), Some("b.jpg"), None, Some("c.jpg"), Some("b.jpg")]);
    for place in 0..USUAL.len() {
        for byte in [b'"', b'\\', b'{', b'}', b']', b',', b':', b' ', b'x', 0xe9, 0xff, 0] {
            let mut text = USUAL.as_bytes().to_vec();
            text[place] = byte;
            // Metas are not leaped over: what is no JSON is told alike, and so is what cannot be read.
            let [(links, walked), _, (metas, metas_walked)] = leaping_and_walking(&text);
            assert_eq!(metas, metas_walked, "{place} {byte}");
            let is_json = serde_json::from_slice::<serde_json::Value>(&text).is_ok();
            assert!(!is_json || links == walked, "{place} {byte}: {links:?}, {walked:?}");
        }
        let cut = &USUAL.as_bytes()[..place];
        assert_eq!(reading(Cursor::new(cut), super::metas), walking(cut, any_meta), "{place}");
    }
}

#[test]
fn what_does_not_matter_is_leaped_over() {
    let anchor = r#"{"path":"A@/href","url":"/a","rel":"nofollow","text":"a licence"}"#;
    let image = r#"{"path":"IMG@/src","url":"a.jpg"}"#;
    let anchors = vec![anchor; 1000].join(",");
    let text = format!("[{anchors},{image},{anchors}]");
    let mut elements = 0;
    let mut cursor = Cursor::new(text.as_bytes());
    let signs: [Sign; 2] = [image_path, part_of_license];
    cursor
        .leap(signs, |cursor| {
            elements += 1;
            cursor.skip()
        })
        .unwrap();
    assert_eq!((elements, cursor.at), (2, text.len()), "the image, and the element before the end");
}

#[test]
fn texts_full_of_signs_cost_no_more() {
    for text in ["[", "]", ",{", r"\n", "cens", r#"\"IMG@/src\""#, r#",{\"path"#] {
        let element = format!(r#"{{"text":"{}"}}"#, text.repeat(100_000));
        let many = vec![element; 5].join(",");
        let (page, end) = reading(Cursor::new(format!("[{many}]").as_bytes()), body).unwrap();
        assert_eq!((page, end), (Page::default(), many.len() + 2), "{text}");
    }
}

/// A meta or an image as they are written usually.
fn usual_element() -> impl Strategy<Value = String> {
    let keys = prop::sample::select(
        &[
            "name content",
            "content property",
            "content http-equiv",
            "name content property",
            "url",
            "url alt",
            "url title",
            "url alt title",
            "url title alt",
        ][..],
    );
    let text = r#"([a-z é猫\u{a0}]|\\"){0,24}"#;
    (keys, prop::collection::vec(text, 3)).prop_map(|(keys, texts)| {
        let path = Some(r#""path":"IMG@/src""#.to_owned()).filter(|_| keys.starts_with("url"));
        let field = |(key, text): (&str, &String)| format!("\"{key}\":\"{text}\"");
        let fields: Vec<String> = path.into_iter().chain(keys.split(' ').zip(&texts).map(field)).collect();
        format!("{{{}}}", fields.join(","))
    })
}

/// JSON written in odd ways.
fn written() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        4 => prop::sample::select(
            &[
                "path", "url", "rel", "alt", "type", "name", "content", "property", "IMG@/src", "A@/href", "AREA@/href", "license", "no LICENSE", "",
                r"p\u0061th", r"IMG@\/src", r"lic\u0065nse", r#",{\"path\":\"IMG@/src\"}"#, r#"\",{"#, "}],[", ",{", r"\\",
            ][..]
        )
        .prop_map(str::to_owned),
        1 => r"[a-z@,:{}\[\]é ]{0,9}",
    ];
    let string = text.prop_map(|text| format!("\"{text}\"")).boxed();
    let space = prop_oneof![6 => Just(""), 1 => Just(" "), 1 => Just("\n\t")];
    let leaf = prop_oneof![6 => string.clone(), 1 => prop::sample::select(&["7", "null", "true", "-1e3"][..]).prop_map(str::to_owned)];
    let value = leaf.prop_recursive(3, 24, 4, move |inner| {
        let field = (string.clone(), space.clone(), inner.clone());
        let field = field.prop_map(|(key, space, value)| format!("{space}{key}{space}:{space}{value}"));
        let usual = r#""path":"IMG@/src""#.to_owned();
        let field = prop_oneof![4 => field, 1 => Just(usual)];
        prop_oneof![
            2 => usual_element(),
            3 => prop::collection::vec(field, 0..5).prop_map(|fields| format!("{{{}}}", fields.join(","))),
            1 => prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(" ,"))),
        ]
    });
    prop::collection::vec(value, 0..12).prop_map(|elements| format!("[{}]", elements.join(",")))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn leaping_is_walking(text in written()) {
        prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{}", text);
        for (leaping, walking) in leaping_and_walking(text.as_bytes()) {
            prop_assert_eq!(&leaping, &walking, "{}", text);
            prop_assert!(leaping.is_ok() && Cursor::new(text.as_bytes()).skip().is_ok());
        }
    }
}
