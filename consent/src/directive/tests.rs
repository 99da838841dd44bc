//! Tables of examples for lists, meanings and addressees.

use super::*;

fn split(text: &str, reading: Reading) -> Vec<String> {
    let show = |item: Item<'_>| {
        let scope = item.scope.map(|scope| format!("{scope}>")).unwrap_or_default();
        let value = item.value.map(|value| format!("={value}")).unwrap_or_default();
        format!("{scope}{}{value}", item.name)
    };
    items(text, reading).into_iter().map(show).collect()
}

#[test]
fn lists_are_split_as_people_write_them() {
    for (text, strict) in [
        ("noai, noimageai", &["noai", "noimageai"][..]),
        ("noai; noimageai", &["noai", "noimageai"]),
        ("noai noimageai", &["noai", "noimageai"]),
        ("noai、noimageai，none", &["noai", "noimageai", "none"]),
        ("'noai'", &["noai"]),
        (
            "googlebot: nofollow, otherbot: noindex, nofollow",
            &["googlebot>nofollow", "otherbot>noindex", "otherbot>nofollow"],
        ),
        ("other, mybot: noai", &["other", "mybot>noai"]),
        ("noai googlebot: nofollow", &["noai", "googlebot>nofollow"]),
        ("max-snippet: 0, max-image-preview:none noai", &["max-snippet=0", "max-image-preview=none", "noai"]),
        ("unavailable_after: 25 Jun 2010 15:00:00 PST, noai", &["unavailable_after=25 Jun 2010 15:00:00 PST", "noai"]),
        (
            "unavailable_after: Saturday, 25-Jun-2050 15:00:00 PST, noai",
            &["unavailable_after=25-Jun-2050 15:00:00 PST", "noai"],
        ),
        ("unavailable_after: 1 Jan 2030 noai", &["unavailable_after=1 Jan 2030 noai", "noai"]),
        ("unavailable_after: sat", &["unavailable_after=sat"]),
        ("noai=false", &["noai=false"]),
        ("noai: true, all", &["noai=true", "all"]),
        ("tdm-reservation: 1", &["tdm-reservation=1"]),
        (":,", &[]),
        (":, :, ,;: -:: ", &[]),
        (": noai", &["noai"]),
        ("a: b: noai", &["b>noai"]),
        ("ai: noai", &["ai>noai"]),
        ("nofollow: noai", &["nofollow", "noai"]),
        ("nosnippet: false, noai: yes noindex", &["nosnippet=false", "noai=yes", "noindex"]),
        ("", &[]),
    ] {
        assert_eq!(split(text, Reading::Strict), strict, "{text}");
    }
    assert_eq!(split("noai; noimageai", Reading::Spec), ["noai; noimageai"]);
    assert_eq!(split("other, spawningbot:noai", Reading::Spec), ["other", "spawningbot>noai"]);
}

#[test]
fn values_can_turn_a_meaning() {
    for (name, value, expected) in [
        ("NOAI", None, Meaning::NoAi),
        ("noai", Some("true"), Meaning::NoAi),
        ("noai", Some("false"), Meaning::Permission),
        ("okforai", Some("false"), Meaning::NoAiAdHoc),
        ("okforai", None, Meaning::Permission),
        ("max-image-preview", Some("None"), Meaning::NoCopy),
        ("max-image-preview", Some("large"), Meaning::Unknown),
        ("max-snippet", Some("0"), Meaning::NoSnippet),
        ("max-snippet", Some("-1"), Meaning::Unknown),
        ("DisallowAITraining", None, Meaning::NoAiAdHoc),
        ("notranslate", None, Meaning::Unknown),
    ] {
        assert_eq!(meaning(name, value), expected, "{name} {value:?}");
    }
}
