//! The cross-signal matrix (consent.md section 16) in both columns, and the forms met in the wild
//! (section 2.3).
//!
//! Each row that one evaluation can express is a case of `conformance/combination.jsonl`. Those
//! that need two pages, two times or two places of the same bytes are here ([`ROWS_HERE`]), as are
//! many of the others once more with the reason of the refusal, from end to end as a crawler asks.

use crate::common::{AGENT, Case, headers, meta, now, robots, url};
use consent::{
    Answer, OptOutList, Permit, Picture, Policy, Purpose, Site, SiteFile, decision, gate, header_evidence, judge_page,
    review_file, review_headers,
};
use markup::{Meta, MetaAttribute};
use schema::{DropReason, Mode, Scope, Source, Verdict};
use std::{collections::BTreeSet, path::PathBuf, time::Duration};

/// Rows of the matrix that a case of the suite cannot express.
const ROWS_HERE: [u32; 4] = [39, 40, 41, 42];

#[test]
fn every_row_is_tested() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance/combination.jsonl");
    let text = std::fs::read_to_string(path).expect("the family's file");
    let mut rows = BTreeSet::from(ROWS_HERE);
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let id = case["id"].as_str().unwrap_or_default();
        let number = id.strip_prefix("combination/row-").and_then(|rest| rest.split('-').next());
        rows.extend(number.map(|number| number.parse::<u32>().expect("a row's number")));
    }
    assert_eq!(rows, (1..=46).collect());
}

#[test]
fn page_markup_and_headers() {
    use DropReason::{PageHeader, PageMarkup};
    let page = |metas: Vec<Meta>| Case { metas, ..Case::default() };
    page(vec![meta("googlebot", "noai")]).ends("row 1", Some(PageMarkup), None);
    page(vec![meta("robots", "index,follow,noimageai")]).ends("row 2", Some(PageMarkup), Some(PageMarkup));
    Case {
        metas: vec![meta("tdm-reservation", "0")],
        page_headers: headers(&[("TDM-Reservation", "1")]),
        ..Case::default()
    }
    .ends("row 23, header 1 and meta 0", Some(PageHeader), None);
    let both = |name: &str, value: &str| Case { page_headers: headers(&[(name, value)]), ..Case::default() };
    both("X-Robots-Tag", "noai").ends("page header", Some(PageHeader), Some(PageHeader));
    let tdm = Case { metas: vec![meta("TDM-Reservation", " 1 ")], ..Case::default() };
    // By the letter it speaks for images of the page's own origin, and for its text in any case.
    tdm.ends("TDMRep, image elsewhere", Some(PageMarkup), Some(DropReason::TextWithheld));
    Case { image: "https://www.page.example/a.jpg", ..tdm }.ends("same origin", Some(PageMarkup), Some(PageMarkup));
}

#[test]
fn image_headers() {
    use DropReason::{AccessRefused, ImageHeader};
    let image = |name: &str, value: &str| Case { image_headers: headers(&[(name, value)]), ..Case::default() };
    Case { metas: vec![meta("robots", "all")], ..image("X-Robots-Tag", "noindex") }.ends(
        "row 3",
        Some(ImageHeader),
        Some(ImageHeader),
    );
    image("X-Robots-Tag", "otherbot: noai").ends("row 4", Some(ImageHeader), None);
    image("x-robots-tag", "unavailable_after: 1 Jan 2030, noai").ends("row 5", Some(ImageHeader), Some(ImageHeader));
    image("tdm-reservation", "1, 0").ends("row 22's header", Some(ImageHeader), Some(ImageHeader));
    image("crawler-price", "USD 0.01").ends("row 46, a price", Some(AccessRefused), Some(AccessRefused));
    for status in [401, 402, 403, 451] {
        Case { status, ..Case::default() }.ends("row 46", Some(AccessRefused), Some(AccessRefused));
    }
    for status in [200, 404, 410, 429, 500] {
        Case { status, ..Case::default() }.ends("no matter of consent", None, None);
    }
    let day_passed = "unavailable_after: Saturday, 25-Jun-2016 15:00:00 PST";
    image("X-Robots-Tag", day_passed).ends("passed", Some(ImageHeader), Some(ImageHeader));
    image("X-Robots-Tag", "unavailable_after: Saturday, 25-Jun-2050 15:00:00 PST").ends("to come", None, None);
    image("X-Robots-Tag", "noarchive").ends("no copy", Some(ImageHeader), None);
    image("X-Robots-Tag", "nocache").ends("no copy", Some(ImageHeader), None);
    image("X-Robots-Tag", "max-image-preview: none").ends("no preview", Some(ImageHeader), None);
    image("X-Robots-Tag", "max-image-preview: large, max-snippet: -1").ends("previews", None, None);
    image("X-Robots-Tag", "tdm-reservation: 1").ends("misplaced", Some(ImageHeader), None);
    image("X-Robots-Tag", "other, pinakes: noai").ends("img2dataset misses it", Some(ImageHeader), Some(ImageHeader));
    image("Robots-Tag", "none").ends("old and new name", Some(ImageHeader), Some(ImageHeader));
    image("X-Robots-Tag", "ccbot: nofollow").ends("no embed followed", None, None);
    image("X-Robots-Tag", "img2dataset: noindex").ends("for our purpose", Some(ImageHeader), None);
    image("X-Robots-Tag", "googlebot: noindex").ends("for search", None, None);
    image("X-Robots-Tag", "noindex=false").ends("no no", None, None);
    image("X-Robots-Tag", "noai\u{85}").ends("a blank that HTTP does not know", Some(ImageHeader), None);
    image("X-Robots-Tag", "noai,\r\n noimageai").ends("folded", Some(ImageHeader), Some(ImageHeader));
    image("Robots-Tag", "*;noindex;nosnippet, ExampleBot;").ends("structured", Some(ImageHeader), Some(ImageHeader));
    image("Robots-Tag", "ExampleBot=noindex").ends("structured, for another", None, None);
    image("X-Robots-Tag", "unavailable_after: June 25, 2016").ends("a comma", Some(ImageHeader), Some(ImageHeader));
    let license = "</license.xml>; rel=\"license\"";
    image("Link", license).ends("row 29", None, None);
    let terms = "</license.xml>; rel=\"license\"; type=\"application/rsl+xml\"";
    image("Link", terms).ends("terms nobody read", Some(ImageHeader), Some(ImageHeader));
}

#[test]
fn robots_files() {
    use DropReason::{ImageRobots, ImageUnknown, PageRobots, PageUnknown};
    let image = |text: &str| Case { image_robots: robots(text), ..Case::default() };
    image("User-agent: *\nAllow: /\nUser-agent: img2dataset\nDisallow: /\n").ends("row 6", Some(ImageRobots), None);
    image("User-agent: GPTBot\nDisallow: /private/\n").ends("row 7", None, None);
    image("User-agent: pinakes\nAllow: /\n\nUser-agent: *\nDisallow: /\n").ends("row 8", None, None);
    image("User-agent: pinakes\nAllow: /\nUser-agent: CCBot\nDisallow: /\n").ends("row 9", Some(ImageRobots), None);
    for status in [503, 500, 0, 100, 600] {
        let case = Case { image_robots: Answer::Status(status), ..Case::default() };
        case.ends("row 10", Some(ImageUnknown), Some(ImageUnknown));
        let case = Case { page_robots: Answer::Status(status), ..Case::default() };
        case.ends("row 10, page", Some(PageUnknown), Some(PageUnknown));
    }
    let silent = Answer::Unreachable { why: "timeout".into() };
    Case { page_robots: silent, ..Case::default() }.ends("row 10, timeout", Some(PageUnknown), Some(PageUnknown));
    for status in [401, 402, 403, 429, 451] {
        let case = Case { image_robots: Answer::Status(status), ..Case::default() };
        case.ends("row 11", Some(ImageRobots), None);
    }
    let found = Answer::Found { status: 403, body: Vec::new(), content_type: None };
    Case { page_robots: found, ..Case::default() }.ends("row 11, page", Some(PageRobots), None);
    for status in [404, 410, 400, 302] {
        let case = Case { image_robots: Answer::Status(status), ..Case::default() };
        case.ends("rows 12 and 13", None, None);
    }
    let merged = "User-agent: *\nDisallow: /x/\n\nUser-agent: *\nDisallow: /public/\n";
    image(merged).ends("row 14", Some(ImageRobots), Some(ImageRobots));
    image("User-agent: *\nAllow: /public\nDisallow: /public\n").ends("row 15", None, None);
    image("User-agent: GPTBot, CCBot\nDisallow: /\n").ends("two in one line", Some(ImageRobots), None);
    image("User-agent: img\nUser-agent: ChatGPT-User\nDisallow: /\n").ends("not for our purpose", None, None);
    image("user-agent *\ndisallow /\n").ends("no colon", Some(ImageRobots), None);
    // A lenient reading that finds an Allow does not lift what the letter says.
    image("User-agent: *\nDisallow: /\nuseragent: pinakes\nAllow: /x\n").ends(
        "letter",
        Some(ImageRobots),
        Some(ImageRobots),
    );
}

#[test]
fn what_a_page_host_says_of_images() {
    use DropReason::PageRobots;
    let case = |image, text: &str| Case { image, page_robots: robots(text), ..Case::default() };
    let same = "https://www.page.example/img/a.jpg";
    let cdn = "https://cdn.page.example/img/a.jpg";
    let other = "https://img.image.example/img/a.jpg";
    let below = "User-agent: CCBot\nDisallow: /img/\n";
    case(same, below).ends("image on the page's host", Some(PageRobots), None);
    case(cdn, below).ends("a path says nothing of another host", None, None);
    let all = "User-agent: CCBot\nDisallow: /\nAllow: /p\n";
    case(cdn, all).ends("domain intent", Some(PageRobots), None);
    case(other, all).ends("another domain", None, None);
    case(cdn, "User-agent: CCBot\nDisallow: /$\n").ends("the start page alone", None, None);
    case(cdn, "User-agent: ChatGPT-User\nDisallow: /\n").ends("not for our purpose", None, None);
}

#[test]
fn lists_and_stickiness() {
    use DropReason::{ImageListed, ImageRobots, PageListed, PageMarkup, RedirectListed, RefusedElsewhere};
    let listed = |page, image, text: &str| {
        let lists = OptOutList::parse("list", text).expect("a list");
        // What else says no comes second.
        Case { page, image, lists, page_robots: Answer::Status(500), ..Case::default() }
    };
    let case = listed("https://p.example/", "https://img.example.com/a.jpg", "example.com\n");
    case.ends("row 43", Some(ImageListed), Some(ImageListed));
    let case = listed("https://artist.tumblr.com/", "https://64.media.tumblr.com/a.jpg", "artist.tumblr.com\n");
    case.ends("row 44", Some(PageListed), Some(PageListed));

    let policy = |mode| Policy { mode, agent: AGENT.into(), lists: case.lists.clone(), redistributes: false };
    let image = url("https://artist.tumblr.com/a.jpg");
    let site = Site::new(&image, Answer::Status(404), Source::Live, None);
    let refused = gate(&policy(Mode::Spec), &image, &site, Purpose::Redirect { sticky: None });
    assert_eq!(refused.map_err(|refusal| refusal.reason).err(), Some(RedirectListed));

    let elsewhere = Case { metas: vec![meta("robots", "noai")], ..Case::default() };
    elsewhere.ends("row 39, page B", Some(PageMarkup), Some(PageMarkup));
    let no = header_evidence(
        &policy(Mode::Strict),
        &image,
        &headers(&[("X-Robots-Tag", "noai")]),
        Scope::Page,
        Source::Warc,
        None,
        now(),
    );
    let sticky = no.first().cloned();
    let both = Case { sticky, image_robots: robots("User-agent: *\nDisallow: /\n"), ..Case::default() };
    both.ends("row 39, page A", Some(RefusedElsewhere), Some(ImageRobots));
    Case { image_robots: Answer::Status(404), ..both }.ends("row 39, page A", Some(RefusedElsewhere), None);
}

/// An archived response is heard beside the live one, and the stricter of the two counts.
#[test]
fn archive_and_live() {
    use DropReason::{ImageHeader, PageHeader};
    let noai = headers(&[("X-Robots-Tag", "noai")]);
    let silent = Case::default();
    silent.ends("both silent", None, None);
    Case { image_headers: noai.clone(), ..silent }.ends("row 41", Some(ImageHeader), Some(ImageHeader));

    // Row 42: the archived page said noai, the page as it is now is silent. A case reads its page
    // from the archive and the image live.
    let policy = |mode| Policy { mode, agent: AGENT.into(), lists: OptOutList::empty(), redistributes: false };
    let (page, image) = (url("https://www.page.example/p"), url("https://img.image.example/a.jpg"));
    let site = Site::new(&page, Answer::Status(404), Source::Live, None);
    let refused = |mode, archived: &[(String, String)], live: &[(String, String)]| {
        let heard = |headers: &[(String, String)], source| {
            header_evidence(&policy(mode), &page, headers, Scope::Page, source, None, now())
        };
        let both = [heard(archived, Source::Warc), heard(live, Source::Live)].concat();
        judge_page(&policy(mode), &page, &image, &site, &both).refused
    };
    let all = headers(&[("X-Robots-Tag", "all")]);
    for live in [&[][..], &all] {
        assert_eq!(refused(Mode::Strict, &noai, live), Some(PageHeader), "row 42: {live:?}");
    }
    // By the letter the latest word decides: whoever asks again hands in that one alone.
    assert_eq!(refused(Mode::Spec, &[], &all), None, "row 42, the latest");
    // Whoever does not has no later word than the archive's.
    assert_eq!(refused(Mode::Spec, &noai, &[]), Some(PageHeader), "row 42, not asked again");
}

/// Row 40: the same bytes on another domain. A list names them by their SHA-256; that of a picture
/// refused before its bytes came is not known, so nothing else can be carried over by it. What the
/// author wrote into the file goes along with the bytes by itself.
#[test]
fn the_same_bytes_elsewhere() {
    let at = url("https://copy.example/b.jpg");
    let site = Site::new(&at, Answer::Status(404), Source::Live, None);
    let end = |mode, list: &str, bytes: &[u8]| {
        let lists = OptOutList::parse("list", list).expect("a list");
        let policy = Policy { mode, agent: AGENT.into(), lists, redistributes: false };
        let permit = gate(&policy, &at, &site, Purpose::Image { sticky: None }).expect("a permit");
        let sha256 = schema::sha256_hex(bytes);
        let picture = Picture { bytes, sha256: &sha256, media_type: "image/jpeg" };
        review_file(&policy, &permit, &site, &picture, now()).err().map(|refusal| refusal.reason)
    };
    let listed = format!("type,value\nsha256,{}\n", schema::sha256_hex(b"a picture"));
    for mode in [Mode::Strict, Mode::Spec] {
        assert_eq!(end(mode, &listed, b"a picture"), Some(DropReason::FileListed), "row 40, {mode}");
        assert_eq!(end(mode, &listed, b"another picture"), None, "{mode}: other bytes");
        assert_eq!(end(mode, "", b"a picture"), None, "{mode}: not propagated");
    }
    let prohibited = b"a picture http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED";
    assert_eq!(end(Mode::Strict, "", prohibited), Some(DropReason::ImageFile), "its own word");
}

/// consent.md section 2.3, all on a page, in both modes: whether refused.
#[test]
fn forms_met_in_the_wild() {
    let with = |attribute, name: &str, content: &str| Meta { attribute, ..meta(name, content) };
    let named = |name, content| with(MetaAttribute::Name, name, content);
    for (what, strict, spec) in [
        (named("ROBOTS", "NOAI,NOIMAGEAI"), true, true),
        (named("robots", "index,follow,noai,noimageai"), true, true),
        (named("robots", "noai; noimageai"), true, false),
        (named("robots", "noai noimageai"), true, false),
        (named("robots", "noai、noimageai"), true, false),
        (named("googlebot", "noai, noimageai"), true, false),
        (named("img2dataset", "noai"), true, false),
        (named("pinakes", "noindex"), true, true),
        (named("CCBot", "nofollow"), true, false),
        (named("CCBot", "noindex"), true, false),
        (named("googlebot", "noindex"), false, false),
        (named("robots", "nofollow"), false, false),
        (named("robots", "none"), true, true),
        (named("robots", "noarchive"), true, false),
        // No text may be kept, and an image without text is no sample.
        (named("robots", "nosnippet, max-snippet:0"), true, false),
        (named("googlebot", "nosnippet"), false, false),
        (named("robots", "unavailable_after: 25-Aug-2007 15:00:00 EST"), true, true),
        (named("robots", "DisallowAITraining"), true, false),
        (named("robots", "nollm"), true, false),
        (named("robots", "nouse"), true, false),
        (named("googlebot", "nouse"), false, false),
        (named("robots", "noai=false, index"), false, false),
        (with(MetaAttribute::Property, "robots", "noai"), true, false),
        (with(MetaAttribute::HttpEquiv, "X-Robots-Tag", "noai,noimageai"), true, false),
        (named("ai", "noai, noimageai, noarchive"), true, false),
        (named("ai", "nouse"), true, false),
        (named("ai-consent", "none"), true, false),
        (named("ai-consent", "search-only"), true, false),
        (named("ai-consent", "all"), false, false),
        (named("okforai", "false"), true, false),
        (named("AITraining", "disallow"), true, false),
        (named("ai-training", "yes"), false, false),
        (named("description", "noai"), false, false),
        (named("somebot", "noai"), true, false),
        (named("theme", "none of your business"), false, false),
        (named("viewport", "width=device-width"), false, false),
        (named("", "noai"), false, false),
        (with(MetaAttribute::Property, "og:title", "noai"), false, false),
        (with(MetaAttribute::Property, "tdm-reservation", "1"), true, false),
    ] {
        let case = Case { image: "https://www.page.example/a.jpg", metas: vec![what.clone()], ..Case::default() };
        assert_eq!(case.end(Mode::Strict).is_some(), strict, "strict: {what:?}");
        assert_eq!(case.end(Mode::Spec).is_some(), spec, "spec: {what:?}");
    }
}

/// The vectors of Spawning-Inc/datadiligence, under its own name and with `respect_noindex`,
/// which our spec mode always has (matrix row 3). Strict is tighter with `test:noai` on purpose.
#[test]
fn datadiligence_vectors() {
    for (value, strict, spec) in [
        ("noai", true, true),
        ("other, noai", true, true),
        ("spawningbot: noai", true, true),
        ("other, spawningbot:noai", true, true),
        ("spawningbot: other, spawningbot: all, test:noai", true, false),
        ("demobot: noai, examplebot: noai, spawningbot: all", true, false),
        (":,", false, false),
        (":, :, ,;: -:: ", false, false),
        ("noindex", true, true),
    ] {
        for (mode, expected) in [(Mode::Strict, strict), (Mode::Spec, spec)] {
            let policy = Policy { mode, agent: "spawningbot".into(), lists: OptOutList::empty(), redistributes: false };
            let at = url("https://h.example/a.jpg");
            let headers = headers(&[("X-Robots-Tag", value)]);
            let found = header_evidence(&policy, &at, &headers, Scope::ImageUrl, Source::Live, None, now());
            assert_eq!(decision::decide(&found).refuses(), expected, "{mode}: {value}");
        }
    }
}

#[test]
fn evidence_says_where_and_what() {
    let policy = Policy { mode: Mode::Strict, agent: AGENT.into(), lists: OptOutList::empty(), redistributes: false };
    let at = url("https://h.example:8443/img/a.jpg?x#y");
    let text = "# us\r\nUser-agent: *\r\nAllow: /\r\n\r\nUser-agent: CCBot\r\nDisallow: /img/ # ours\r\n";
    let site = Site::new(&at, robots(text), Source::Live, Some(now()));
    assert_eq!(site.crawl_delay(&policy), None::<Duration>);
    let refusal = gate(&policy, &at, &site, Purpose::Image { sticky: None }).expect_err("a no");
    let shown: Vec<_> = refusal
        .evidence
        .iter()
        .map(|one| {
            (one.signal.as_str(), one.verdict, one.place.as_str(), one.raw.as_str(), one.addressed_to.as_deref())
        })
        .collect();
    let file = "https://h.example:8443/robots.txt";
    assert_eq!(
        shown,
        [
            ("robots.own", Verdict::Allow, format!("{file}:3").as_str(), "Allow: /", Some("*")),
            ("robots.ai-token", Verdict::Deny, format!("{file}:6").as_str(), "Disallow: /img/ # ours", Some("CCBot")),
        ]
    );
    let signals = |site: &Site| site.image_evidence(&policy, &at).into_iter().map(|one| one.signal).collect::<Vec<_>>();
    let html = Answer::Found { status: 200, body: b" <!doctype html>".to_vec(), content_type: None };
    assert_eq!(signals(&Site::new(&at, &html, Source::Live, None)), ["robots.html-200"]);
    let long = Answer::Found { status: 200, body: vec![b'#'; 1024 * 1024 + 1], content_type: None };
    assert_eq!(signals(&Site::new(&at, &long, Source::Live, None)), ["robots.truncated"]);
    let foreign = Site::new(&url("http://h.example:8443/"), Answer::Status(404), Source::Live, None);
    assert_eq!(signals(&foreign), ["robots.unchecked"]);
}

#[test]
fn permits_are_for_what_they_say() {
    let permit = Permit::for_site_file(&url("https://u:p@h.example/a/b?c#d"), SiteFile::Robots);
    assert_eq!(permit.url().as_str(), "https://h.example/robots.txt");
    let mut hops = 0;
    let mut permit = permit;
    while let Some(next) = permit.redirect(&url("https://other.example/r.txt#x")) {
        permit = next;
        hops += 1;
    }
    assert_eq!((hops, permit.url().as_str()), (Permit::MAX_REDIRECTS, "https://other.example/r.txt"));

    let policy = |mode| Policy { mode, agent: AGENT.into(), lists: OptOutList::empty(), redistributes: false };
    let at = url("https://h.example/robots.txt");
    let site = Site::new(&at, robots("User-agent: *\nDisallow: /\n"), Source::Live, None);
    let permit = gate(&policy(Mode::Strict), &at, &site, Purpose::Image { sticky: None }).expect("always allowed");
    assert!(permit.redirect(&at).is_none(), "an image's redirect passes the gate again");
    assert!(review_headers(&policy(Mode::Strict), &permit, 200, &[], now()).is_ok_and(|heard| heard.is_empty()));
}

#[test]
fn record_only_refuses_nothing_and_fetches_nothing() {
    let lists = OptOutList::parse("list", "page.example\n").expect("a list");
    let policy = Policy { mode: Mode::RecordOnly, agent: AGENT.into(), lists, redistributes: false };
    let page = url("https://www.page.example/");
    let site = Site::new(&page, Answer::Status(500), Source::Live, None);
    let judgement = judge_page(&policy, &page, &page, &site, &[]);
    assert_eq!((judgement.refused, judgement.evidence.len()), (None, 3));
    let open = Site::new(&page, Answer::Status(404), Source::Live, None);
    let refusal = gate(&policy, &page, &open, Purpose::Image { sticky: None }).expect_err("nothing is fetched");
    assert_eq!(refusal.reason, DropReason::ImageUnknown);
    assert!(refusal.evidence.iter().any(|one| one.signal == "mode.record-only"));
}
