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
            &["unavailable_after=Saturday, 25-Jun-2050 15:00:00 PST", "noai"],
        ),
        ("unavailable_after: 1 Jan 2030 noai", &["unavailable_after=1 Jan 2030", "noai"]),
        ("unavailable_after: 1 Jan 2030 noai: noindex", &["unavailable_after=1 Jan 2030", "noai", "noindex"]),
        ("unavailable_after: June 25, 2050, noai", &["unavailable_after=June 25, 2050", "noai"]),
        ("unavailable_after: Sat, June 25, 2050; noai", &["unavailable_after=Sat, June 25, 2050", "noai"]),
        ("unavailable_after: soon, 1 Jan 2030", &["unavailable_after=soon", "1", "Jan", "2030"]),
        ("unavailable_after: never 15:00 none", &["unavailable_after=never 15:00 none", "none"]),
        ("unavailable_after: sat", &["unavailable_after=sat"]),
        ("noai=false", &["noai=false"]),
        ("noai: true, all", &["noai=true", "all"]),
        ("tdm-reservation: 1", &["tdm-reservation=1"]),
        (":,", &[]),
        (":, :, ,;: -:: ", &[]),
        (": noai", &["noai"]),
        ("a: b: noai", &["b>noai"]),
        ("noai|noimageai·none", &["noai", "noimageai", "none"]),
        ("[noai], \u{201c}none\u{201d}.", &["noai", "none"]),
        ("\"CCBot\": noindex", &["CCBot>noindex"]),
        ("noai\u{85}noimageai\u{200b}", &["noai", "noimageai"]),
        ("\u{feff}noai\0none", &["noai", "none"]),
        ("noindex,\r\n\tnoai", &["noindex", "noai"]),
        ("ai: no, index", &["ai=no", "index"]),
        ("noai: none", &["noai=none"]),
        ("noai=\"true\"", &["noai=true"]),
        ("ai: noai", &["ai>noai"]),
        ("nofollow: noai", &["nofollow", "noai"]),
        ("nosnippet: false, noai: yes noindex", &["nosnippet=false", "noai=yes", "noindex"]),
        ("", &[]),
    ] {
        assert_eq!(split(text, Reading::Strict), strict, "{text}");
    }
    assert_eq!(split("noai; noimageai", Reading::Spec), ["noai; noimageai"]);
    assert_eq!(split("other, spawningbot:noai", Reading::Spec), ["other", "spawningbot>noai"]);
    assert_eq!(split("noai\u{85}", Reading::Spec), ["noai\u{85}"], "HTML and HTTP know ASCII white space alone");
    assert_eq!(split("unavailable_after: 1 Jan 2030 noai", Reading::Spec), ["unavailable_after=1 Jan 2030 noai"]);
}

/// consent.md section 2.2: a negative under each name, on a page and on an image, in both readings.
#[test]
fn addressees_weigh_as_the_table_says() {
    let policy = crate::Policy::new(schema::Mode::Strict, "pinakes");
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let ours = [None, Some("*"), Some("robots"), Some("Pinakes"), Some("pinakes/1.0")];
    let purpose = [Some("img2dataset"), Some("CCBot"), Some("GPTBot"), Some("kangaroo bot"), Some("ai"), Some("llms")];
    let others = [Some("googlebot"), Some("bingbot"), Some("pinterest"), Some("ChatGPT-User"), Some("otherbot")];
    let denies = |text: &str, name, on_page, reading| {
        let item = items(text, reading)[0];
        verdict(&item, Addressee::of(name, &policy), on_page, reading, now).0 == Verdict::Deny
    };
    for (text, us, purposes, other, letter) in [
        ("noai", true, true, true, true),
        ("noimageai", true, true, true, true),
        ("notrain", true, true, true, false),
        ("noindex", true, true, false, true),
        ("none", true, true, false, true),
        ("noimageindex", true, true, false, true),
        ("noarchive", true, true, false, false),
        ("nocache", true, true, false, false),
        ("max-image-preview:none", true, true, false, false),
        ("unavailable_after: 2020-01-01", true, true, false, true),
        ("unavailable_after: 2030-01-01", false, false, false, false),
        ("nosnippet", false, false, false, false),
        ("max-snippet:0", false, false, false, false),
        ("indexifembedded", false, false, false, false),
        ("notranslate", false, false, false, false),
        ("all", false, false, false, false),
    ] {
        for on_page in [true, false] {
            for (names, strict, spec) in
                [(&ours[..], us, letter), (&purpose[..], purposes, false), (&others[..], other, false)]
            {
                for name in names {
                    assert_eq!(denies(text, *name, on_page, Reading::Strict), strict, "strict {text} {name:?}");
                    assert_eq!(denies(text, *name, on_page, Reading::Spec), spec, "spec {text} {name:?}");
                }
            }
        }
    }
    for (text, name, on_page, strict) in [
        ("nofollow", Some("CCBot"), true, true),
        ("nofollow", Some("CCBot"), false, false),
        ("nofollow", Some("ai"), true, true),
        ("nofollow", None, true, false),
        ("nouse", Some("ai"), true, true),
        ("nosummary", None, false, true),
        ("nouse", Some("GPTBot"), true, false),
        ("nouse", Some("googlebot"), true, false),
    ] {
        assert_eq!(denies(text, name, on_page, Reading::Strict), strict, "{text} {name:?}");
        assert!(!denies(text, name, on_page, Reading::Spec), "{text} {name:?}");
    }
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
        // "none" and "deny" are more of the same, not its opposite.
        ("noai", Some("none"), Meaning::NoAi),
        ("noai", Some("deny"), Meaning::NoAi),
        ("noai", Some("?0"), Meaning::Permission),
        ("noindex", Some("false"), Meaning::Permission),
        ("noindex", Some("true"), Meaning::NoIndex),
        ("index", Some("no"), Meaning::NoIndex),
        ("follow", Some("no"), Meaning::Unknown),
        ("all", Some("false"), Meaning::Unknown),
        ("tdm-reservation", Some("1"), Meaning::TdmReservation),
        ("tdm-reservation", Some("0"), Meaning::Permission),
        ("nosnippet", None, Meaning::NoSnippet),
        ("max-snippet", None, Meaning::Unknown),
        ("noai-training-wheels", None, Meaning::Unknown),
    ] {
        assert_eq!(meaning(name, value), expected, "{name} {value:?}");
    }
}
