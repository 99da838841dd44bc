//! A table of metas as they are met, in both readings.

use super::*;
use markup::Place;
use schema::{Mode, Source};
use url::Url;

fn verdicts(mode: Mode, redistributes: bool, meta: &Meta) -> Vec<(String, Verdict)> {
    let url = Url::parse("https://h.example/p").unwrap();
    let markup = markup::Page { metas: vec![meta.clone()], ..markup::Page::default() };
    let now = "2026-11-22T00:00:00Z".parse().unwrap();
    let page = PageView { url: &url, headers: &[], markup: &markup, source: Source::Warc, seen_at: None, now };
    let policy = Policy { redistributes, ..Policy::new(mode, "pinakes") };
    meta_evidence(&policy, &page).into_iter().map(|one| (one.signal, one.verdict)).collect()
}

fn meta(attribute: MetaAttribute, name: &str, content: &str) -> Meta {
    Meta { attribute, name: name.into(), content: content.into(), at: Place::default() }
}

#[test]
fn metas_mean_what_they_say() {
    use MetaAttribute::{HttpEquiv, Name, Property};
    use Verdict::{Allow, Deny, Info, MalformedDeny};
    for (attribute, name, content, signal, strict, spec) in [
        (Name, "ROBOTS", "NOAI", "meta.noai", Deny, Deny),
        (Property, "robots", "noai", "meta.noai", MalformedDeny, Info),
        (HttpEquiv, "robots", "noindex", "meta.noindex", MalformedDeny, Info),
        (HttpEquiv, "X-Robots-Tag", "noai", "meta.noai", Deny, Info),
        (Name, "X-Robots-Tag", "*;noai", "meta.noai", Deny, Info),
        (Name, "robots, googlebot", "noindex", "meta.noindex", Deny, Info),
        (Name, "\u{200b}robots ", "noindex", "meta.noindex", Deny, Deny),
        (Name, "Kangaroo Bot", "noindex", "meta.noindex", Deny, Info),
        (Name, "ai-models", "noindex", "meta.noindex", Deny, Info),
        (Name, "noai", "", "meta.noai", MalformedDeny, Info),
        (Name, "noai", "all", "meta.noai", MalformedDeny, Info),
        (Name, "noai", "false", "meta.noai", Allow, Allow),
        (Property, "noimageai", "1", "meta.noimageai", MalformedDeny, Info),
        (Name, "ai-consent", "none", "meta.ai-consent", Deny, Info),
        (Name, "ai-consent", "search-only", "meta.ai-consent", Deny, Info),
        (Name, "ai-consent", "all", "meta.ai-consent", Allow, Info),
        (Name, "okforai", "false", "meta.okforai", MalformedDeny, Info),
        (Name, "AITraining", "disallow", "meta.ai-training", MalformedDeny, Info),
        (Name, "ai-training", "opt-out", "meta.ai-training", MalformedDeny, Info),
        (Property, "ai-training", "no", "meta.ai-training", MalformedDeny, Info),
        (Name, "ai-training", "maybe", "meta.ai-training", Info, Info),
        (Name, "tdm-reservation", " 1 ", "tdmrep.meta", Deny, Deny),
        (Name, "tdm-reservation", "yes", "tdmrep.meta", MalformedDeny, Info),
        (Name, "tdm-reservation", "0", "tdmrep.meta", Allow, Allow),
        (Property, "tdm:reservation", "1", "tdmrep.meta", MalformedDeny, Info),
        (Name, "tdm:reservation", "1", "tdmrep.meta", MalformedDeny, Info),
        (Name, "tdm-policy", "/p.json", "tdmrep.policy", Info, Info),
        (Name, "pinterest", "nopin", "meta.nopin", Info, Info),
    ] {
        let meta = meta(attribute, name, content);
        assert_eq!(verdicts(Mode::Strict, false, &meta), [(signal.to_owned(), strict)], "strict {meta:?}");
        let by_letter = verdicts(Mode::Spec, false, &meta);
        // By the letter a name of our own guessing may be no carrier at all.
        assert!(by_letter.iter().all(|one| *one == (signal.to_owned(), spec)), "spec {meta:?}: {by_letter:?}");
        assert!(spec != Deny || !by_letter.is_empty(), "spec {meta:?}");
    }
    let nopin = meta(Name, "pinterest", "nopin");
    assert_eq!(verdicts(Mode::Strict, true, &nopin), [("meta.nopin".to_owned(), Deny)]);
    assert_eq!(verdicts(Mode::Spec, true, &nopin), [("meta.nopin".to_owned(), Info)]);
}

#[test]
fn other_metas_say_nothing() {
    for (name, content) in [
        ("description", "noai"),
        ("keywords", "noai, noindex"),
        ("viewport", "width=device-width"),
        ("theme", "none of your business"),
        ("pinterest", "pin"),
        ("ai-content-declaration", "original"),
        ("generator", "NoAI 1.0"),
        ("author", "Noai"),
        ("", "noai"),
    ] {
        for mode in [Mode::Strict, Mode::Spec] {
            assert!(verdicts(mode, true, &meta(MetaAttribute::Name, name, content)).is_empty(), "{name}={content}");
        }
    }
}
