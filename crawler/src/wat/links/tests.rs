//! Leaps against walks: what is found in `Links` and `Link` must not depend on how they are read.

use super::{super::leap::Sign, *};
use proptest::prelude::*;

type Reading = Result<(Page, usize), Problem>;

fn reading(text: &[u8], read: impl Fn(&mut Cursor<'_>, &mut Page) -> Result<(), Problem>) -> Reading {
    let (mut cursor, mut page) = (Cursor::new(text), Page::default());
    read(&mut cursor, &mut page)?;
    Ok((page, cursor.at))
}

/// By leaps, and by every element: for `Links`, and for `Link`.
fn leaping_and_walking(text: &[u8]) -> [(Reading, Reading); 2] {
    let links = (reading(text, body), reading(text, |cursor, page| cursor.array(|cursor| body_link(cursor, page))));
    let link = (reading(text, head), reading(text, |cursor, page| cursor.array(|cursor| head_link(cursor, page))));
    [links, link]
}

/// What may be written otherwise than usual, and what may be taken for something else.
const ODD: &str = r#"[{"path":"A@/href","url":"/a","rel":"nofollow"},{"path":"A@/href","url":"/b","text":"x,{\"path\":\"IMG@/src\",\"url\":\"no\"}"},{"path":"A@/href","url":"/c?a[]=1&b={}","text":"}],[,{"},{"path":"IMG@/src","url":"1.jpg","alt":"one"},{"url":"2.jpg","path":"IMG@/src"},{"p\u0061th":"IMG@\/src","url":"3.jpg"}, { "path" : "IMG@/src" , "url":"4.jpg"},{"path":"A@/href","path":"IMG@/src","url":"5.jpg"},{"path":"IMG@/src","url":"no","path":"A@/href"},{"path":"A@/href","url":"l1","rel":"LiCeNsE nofollow"},{"path":"A@/href","url":"l2","r\u0065l":"lic\u0065nse"},{"path":"A@/href","more":[{"path":"IMG@/src","url":"no"},["x",{"path":"IMG@/src"}]],"url":"z"},{"a":{"path":"IMG@/src","url":"no"}},"IMG@/src",7,null,[[{"path":"IMG@/src"},{"path":"IMG@/src"}]],{},{"rel":"license","url":"l3","path":"AREA@/href"},{"path":"A@/href","url":"/d"}],"after":[{"path":"IMG@/src","url":"no"}]"#;

#[test]
fn odd_links_are_found_by_leaps() {
    let (page, end) = reading(ODD.as_bytes(), body).unwrap();
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
        let (page, end) = reading(format!("[{many}]").as_bytes(), body).unwrap();
        assert_eq!((page, end), (Page::default(), many.len() + 2), "{text}");
    }
}

/// JSON written in odd ways.
fn written() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        4 => prop::sample::select(
            &[
                "path", "url", "rel", "alt", "type", "IMG@/src", "A@/href", "AREA@/href", "license", "no LICENSE", "",
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
