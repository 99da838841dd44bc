//! Properties: nothing panics, more evidence never helps, order is irrelevant, strict is stricter.

use crate::common::{AGENT, now, url};
use consent::{
    Answer, OptOutList, PageView, Policy, Site,
    decision::{Decision, decide},
    header_evidence, judge_page, page_evidence,
};
use markup::{Meta, MetaAttribute, Place};
use proptest::prelude::*;
use schema::{Category, Evidence, Mode, Scope, Source, Verdict};
use url::Url;

fn policy(mode: Mode) -> Policy {
    Policy { mode, agent: AGENT.into(), lists: OptOutList::empty(), redistributes: false }
}

fn markup(meta: Meta) -> markup::Page {
    markup::Page { metas: vec![meta], ..markup::Page::default() }
}

fn view<'a>(url: &'a Url, headers: &'a [(String, String)], markup: &'a markup::Page) -> PageView<'a> {
    PageView { url, headers, markup, source: Source::Warc, seen_at: None, now: now() }
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let signal = prop::sample::select(vec![
        "meta.noai",
        "xrt.noindex",
        "tdmrep.meta",
        "tdmrep.header",
        "robots.own",
        "nl.caption",
    ]);
    let verdict = prop::sample::select(vec![
        Verdict::Deny,
        Verdict::Conditional,
        Verdict::Allow,
        Verdict::Info,
        Verdict::MalformedDeny,
    ]);
    (signal, verdict, prop::sample::select(vec![Scope::Page, Scope::ImageUrl])).prop_map(|(signal, verdict, scope)| {
        Evidence {
            signal: signal.into(),
            scope,
            category: Category::Train,
            verdict,
            place: String::new(),
            raw: String::new(),
            addressed_to: None,
            source: Source::Warc,
            seen_at: None,
        }
    })
}

/// Text made of the words that signals are made of.
fn words(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    let word = prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => ".{0,3}"];
    proptest::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

const DIRECTIVES: &[&str] = &[
    "noai",
    "noindex",
    "none",
    "all",
    "ai",
    "nofollow",
    "nouse",
    "ccbot",
    "googlebot",
    "pinakes",
    "robots",
    ":",
    ": ",
    ",",
    ", ",
    ";",
    " ",
    "=",
    "false",
    "1",
    "unavailable_after",
    "Saturday",
    "1 Jan 2020",
    "max-snippet",
    "tdm-reservation",
    "、",
];
const ROBOTS: &[&str] = &[
    "User-agent",
    "useragent",
    "Disallow",
    "disalow",
    "Allow",
    "Crawl-delay",
    ":",
    ": ",
    "\n",
    "\r\n",
    "\n",
    "*",
    "$",
    "/",
    "/p",
    "/a",
    "pinakes",
    "GPTBot",
    "CCBot, x",
    "#",
    " ",
    "%2F",
    "index.html",
    "\0",
];

proptest! {
    #[test]
    fn more_evidence_never_helps(mut given in proptest::collection::vec(evidence(), 0..6), more in evidence()) {
        let before = decide(&given);
        given.push(more);
        prop_assert!(decide(&given) >= before);
        let after = decide(&given);
        given.reverse();
        prop_assert_eq!(decide(&given), after);
    }

    #[test]
    fn a_refused_page_stays_refused(mut given in proptest::collection::vec(evidence(), 0..6), more in evidence()) {
        let (page, image) = (url("https://h.example/p"), url("https://i.example/a.jpg"));
        let site = Site::new(&page, Answer::Status(404), Source::Live, None);
        for mode in [Mode::Strict, Mode::Spec] {
            let before = judge_page(&policy(mode), &page, &image, &site, &given).refused;
            given.push(more.clone());
            let after = judge_page(&policy(mode), &page, &image, &site, &given).refused;
            prop_assert!(before.is_none() || after.is_some());
            given.reverse();
            prop_assert_eq!(judge_page(&policy(mode), &page, &image, &site, &given).refused, after);
            if mode == Mode::Strict {
                prop_assert_eq!(after.is_some(), decide(&given).refuses());
            }
        }
    }

    #[test]
    fn what_the_letter_refuses_strict_refuses(
        text in words(DIRECTIVES),
        name in words(DIRECTIVES),
        file in words(ROBOTS),
    ) {
        let page = url("https://h.example/p");
        let headers = [("X-Robots-Tag".to_owned(), text.clone()), ("tdm-reservation".to_owned(), name.clone())];
        let markup = markup(Meta { attribute: MetaAttribute::Name, name, content: text, at: Place::default() });
        let view = view(&page, &headers, &markup);
        let robots = Answer::Found { status: 200, body: file.into_bytes(), content_type: None };
        let site = Site::new(&page, &robots, Source::Live, None);
        let refuses = |mode| {
            let policy = policy(mode);
            let heard = header_evidence(&policy, &page, &headers, Scope::ImageUrl, Source::Live, None, now());
            let asked = site.image_evidence(&policy, &page);
            [decide(&page_evidence(&policy, &view)), decide(&heard), decide(&asked)].map(Decision::refuses)
        };
        for (strict, spec) in refuses(Mode::Strict).into_iter().zip(refuses(Mode::Spec)) {
            prop_assert!(strict || !spec);
        }
    }

    #[test]
    fn one_more_header_or_meta_never_helps(text in words(DIRECTIVES), more in words(DIRECTIVES)) {
        let page = url("https://h.example/p");
        let header = |text: &str| ("X-Robots-Tag".to_owned(), text.to_owned());
        let both = [header(&text), header(&more)];
        for mode in [Mode::Strict, Mode::Spec] {
            let heard = |headers: &[(String, String)]| {
                let (policy, now) = (policy(mode), now());
                decide(&header_evidence(&policy, &page, headers, Scope::Page, Source::Live, None, now)).refuses()
            };
            prop_assert!(!heard(&both[..1]) || heard(&both));
            prop_assert_eq!(heard(&both), heard(&[both[1].clone(), both[0].clone()]));
        }
    }

    #[test]
    fn any_octets_are_read(
        body in proptest::collection::vec(any::<u8>(), 0..300),
        name in ".{0,20}",
        content in ".{0,60}",
    ) {
        let page = url("https://h.example/p");
        let answer = Answer::Found { status: 200, body, content_type: Some(name.clone()) };
        let site = Site::new(&page, &answer, Source::Live, None);
        let attribute = MetaAttribute::HttpEquiv;
        let markup = markup(Meta { attribute, name: name.clone(), content: content.clone(), at: Place::default() });
        let headers = [(name.clone(), content.clone()), ("Robots-Tag".into(), content.clone())];
        for mode in [Mode::Strict, Mode::Spec, Mode::RecordOnly] {
            let view = view(&page, &headers, &markup);
            let found = page_evidence(&policy(mode), &view);
            judge_page(&policy(mode), &page, &page, &site, &found);
            prop_assert!(site.crawl_delay(&policy(mode)).is_none_or(|delay| delay.as_secs_f64() >= 0.0));
        }
        let _ = OptOutList::parse(&name, &content).map(|list| list.find(&page));
    }

    #[test]
    fn lists_find_what_a_plain_search_finds(
        prefixes in proptest::collection::vec("[ab/]{0,4}", 0..8),
        path in "[ab/]{0,6}",
    ) {
        let lines: Vec<String> = prefixes.iter().map(|prefix| format!("https://h.example/{prefix}*")).collect();
        let text = lines.join("\n");
        let list = OptOutList::parse("l", &text).expect("a list");
        let found = list.find(&url(&format!("http://h.example/{path}"))).is_some();
        prop_assert_eq!(found, prefixes.iter().any(|prefix| path.starts_with(prefix.as_str())));
    }
}

#[test]
fn hostile_sizes_take_little_time() {
    let page = url("https://h.example/p");
    for text in [
        "noai,".repeat(200_000),
        "a:".repeat(300_000),
        "noai:".repeat(200_000),
        "x:noai,y ".repeat(100_000),
        " ".repeat(1_000_000),
    ] {
        let headers = [("X-Robots-Tag".to_owned(), text)];
        let found = header_evidence(&policy(Mode::Strict), &page, &headers, Scope::Page, Source::Live, None, now());
        assert!(found.len() <= 65);
    }
    let deep = url(&format!("https://h.example/{}", "a".repeat(2000)));
    let body = b"User-agent: *\n".iter().chain(b"Disallow: *b\n".repeat(80_000).iter()).copied().collect();
    let site = Site::new(&deep, &Answer::Found { status: 200, body, content_type: None }, Source::Live, None);
    assert!(site.image_evidence(&policy(Mode::Strict), &deep).iter().all(|one| !one.denies()));
}
