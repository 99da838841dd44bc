//! One host on loopback per family of opt-outs: each is heard, named in the audit, and no refused
//! picture is downloaded.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/embed.rs"]
mod embed;

use common::{
    cli::{Folder, Settings},
    data::photo,
    forge::Forge,
    table::{assert_adds_up, number},
    web::{Answer, Routes, Web},
};
use embed::{c2pa_no_training, with_comment, with_segment, with_xmp};
use std::collections::{BTreeMap, BTreeSet};

/// How far a refused picture may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Not at all.
    Never,
    /// Until the head of the answer has come.
    Head,
    /// Whole: what is written inside a file is known only then. It is not kept.
    Whole,
}

/// Writes a no into a picture.
type Write = fn(&[u8]) -> Vec<u8>;

/// One way to say no. What is empty says nothing.
#[derive(Clone, Copy)]
struct Family {
    /// Also the name of its hosts: `<name>.example` has the page, `img-<name>.example` the picture.
    name: &'static str,
    /// The signal that speaks, and the reason in the ledger.
    signal: &'static str,
    reason: &'static str,
    asked: Asked,
    page_header: Option<(&'static str, &'static str)>,
    head: &'static str,
    /// Markup around the image; `{}` stands for it.
    body: &'static str,
    alt: &'static str,
    /// A file of the page's or (with `image:`) the image's site: path and content.
    file: Option<(&'static str, &'static str)>,
    image_header: Option<(&'static str, &'static str)>,
    status: u16,
    /// What is written into the picture.
    inside: Option<Write>,
}

const SILENT: Family = Family {
    name: "silent",
    signal: "",
    reason: "kept",
    asked: Asked::Whole,
    page_header: None,
    head: "",
    body: "<p>{}</p>",
    alt: "A photograph that says nothing",
    file: None,
    image_header: None,
    status: 200,
    inside: None,
};

/// A family that speaks on the page, so that the picture is never asked for.
const PAGE: Family = Family { reason: "page_markup", asked: Asked::Never, ..SILENT };
/// One that speaks in a file of the page's site.
const PAGE_FILE: Family = Family { reason: "page_site", ..PAGE };
/// One that speaks in a file of the image's site.
const IMAGE_FILE: Family = Family { reason: "image_site", ..PAGE };
/// One that speaks in the head of the picture's response.
const IMAGE_HEAD: Family = Family { reason: "image_header", asked: Asked::Head, ..SILENT };
/// One that speaks inside the picture.
const INSIDE: Family = Family { reason: "image_file", ..SILENT };

const ROBOTS: &str = "/robots.txt";
const TDMREP: &str = "/.well-known/tdmrep.json";
const TERMS: &str = "/terms.xml";
const LINK_TO_TERMS: &str = "<link rel=license type='application/rsl+xml' href=/terms.xml>";
const AT_IMAGE: &str = "image:";

fn families() -> Vec<Family> {
    vec![
        SILENT,
        // robots.txt, of the page's host and of the image's.
        Family {
            name: "robots",
            signal: "robots.own",
            reason: "page_robots",
            file: Some((ROBOTS, "User-agent: *\nDisallow: /\n")),
            ..PAGE
        },
        Family {
            name: "ai-token",
            signal: "robots.ai-token",
            reason: "page_robots",
            file: Some((ROBOTS, "User-agent: CCBot\nDisallow: /\n")),
            ..PAGE
        },
        Family {
            name: "image-robots",
            signal: "robots.own",
            reason: "image_robots",
            file: Some(("image:/robots.txt", "User-agent: pinakes\nDisallow: /\n")),
            ..PAGE
        },
        Family {
            name: "usage-robots",
            signal: "aipref.train-ai",
            reason: "page_robots",
            file: Some((ROBOTS, "User-agent: *\nContent-Usage: train-ai=n\nAllow: /\n")),
            ..PAGE
        },
        Family {
            name: "content-signal",
            signal: "cs.ai-train",
            reason: "image_robots",
            file: Some(("image:/robots.txt", "User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n")),
            ..PAGE
        },
        Family {
            name: "ai-training-line",
            signal: "robots.ai-training",
            reason: "page_robots",
            file: Some((ROBOTS, "User-agent: *\nDisallowAITraining: /\n")),
            ..PAGE
        },
        Family {
            name: "license-line",
            signal: "rsl.unavailable",
            reason: "page_site",
            file: Some((ROBOTS, "License: http://license-line.example/terms.xml\n")),
            ..PAGE
        },
        Family {
            name: "robots-comment",
            signal: "robots.comment",
            reason: "page_robots",
            file: Some((
                ROBOTS,
                "# The use of any device, tool, or process designed to data mine or scrape the content is prohibited.\nUser-agent: *\nAllow: /\n",
            )),
            ..PAGE
        },
        // Other files of a site.
        Family {
            name: "tdmrep-file",
            signal: "tdmrep.file",
            file: Some((TDMREP, "[{\"location\":\"/\",\"tdm-reservation\":1}]")),
            ..PAGE_FILE
        },
        Family {
            name: "image-tdmrep",
            signal: "tdmrep.file",
            file: Some(("image:/.well-known/tdmrep.json", "[{\"location\":\"/*.jpg$\",\"tdm-reservation\":1}]")),
            ..IMAGE_FILE
        },
        Family {
            name: "ai-txt",
            signal: "ai-txt.disallow",
            file: Some(("image:/ai.txt", "User-Agent: *\nDisallow: *.jpg\n")),
            ..IMAGE_FILE
        },
        Family {
            name: "ai-txt-well-known",
            signal: "ai-txt.disallow",
            file: Some(("image:/.well-known/ai.txt", "User-Agent: *\nDisallow: /\n")),
            ..IMAGE_FILE
        },
        Family {
            name: "trust-txt",
            signal: "trust-txt.no",
            file: Some(("/trust.txt", "datatrainingallowed=no\n")),
            ..PAGE_FILE
        },
        Family {
            name: "trust-well-known",
            signal: "trust-txt.no",
            file: Some(("image:/.well-known/trust.txt", "DataTrainingAllowed = No\n")),
            ..IMAGE_FILE
        },
        // The page's response and markup.
        Family {
            name: "page-tag",
            signal: "xrt.noai",
            reason: "page_header",
            page_header: Some(("X-Robots-Tag", "noai, noimageai")),
            ..PAGE
        },
        Family {
            name: "page-tdm",
            signal: "tdmrep.header",
            reason: "page_header",
            page_header: Some(("tdm-reservation", "1")),
            ..PAGE
        },
        Family {
            name: "page-usage",
            signal: "aipref.train-ai",
            reason: "page_header",
            page_header: Some(("Content-Usage", "train-ai=n")),
            ..PAGE
        },
        Family {
            name: "meta",
            signal: "meta.noimageai",
            head: "<meta name=robots content='index, noimageai'>",
            ..PAGE
        },
        Family { name: "meta-tdm", signal: "tdmrep.meta", head: "<meta name=tdm-reservation content=1>", ..PAGE },
        Family { name: "rsl-link", signal: "rsl.link", head: LINK_TO_TERMS, ..PAGE },
        // Terms that are there are read, and speak for themselves.
        Family {
            name: "rsl-prohibits",
            signal: "rsl.prohibits",
            head: LINK_TO_TERMS,
            file: Some((
                TERMS,
                "<rsl xmlns='https://rslstandard.org/rsl'><content url='/'><license>\
                 <prohibits type='usage'>ai-train</prohibits></license></content></rsl>",
            )),
            ..PAGE_FILE
        },
        Family {
            name: "rsl-permits",
            head: LINK_TO_TERMS,
            file: Some((
                TERMS,
                "<rsl xmlns='https://rslstandard.org/rsl'><content url='/'><license>\
                 <permits type='usage'>all</permits></license></content></rsl>",
            )),
            ..SILENT
        },
        Family { name: "element", signal: "element.data-noai", body: "<figure data-noai>{}</figure>", ..PAGE },
        Family {
            name: "snippet",
            signal: "meta.nosnippet",
            reason: "text_withheld",
            head: "<meta name=robots content=nosnippet>",
            ..PAGE
        },
        Family { name: "words-alt", signal: "nl.alt", alt: "Lighthouse, oil on canvas. No AI training.", ..PAGE },
        Family {
            name: "words-caption",
            signal: "nl.caption",
            body: "<figure>{}<figcaption>無断転載・AI学習禁止</figcaption></figure>",
            ..PAGE
        },
        Family {
            name: "words-footer",
            signal: "nl.notice",
            body: "{}<footer>Die Nutzung für Text und Data Mining gemäß § 44b UrhG ist vorbehalten.</footer>",
            ..PAGE
        },
        // The picture's response.
        Family {
            name: "image-tag",
            signal: "xrt.noimageai",
            image_header: Some(("X-Robots-Tag", "noimageai")),
            ..IMAGE_HEAD
        },
        Family {
            name: "robots-tag",
            signal: "xrt.noindex",
            image_header: Some(("Robots-Tag", "*=noindex")),
            ..IMAGE_HEAD
        },
        Family {
            name: "image-tdm",
            signal: "tdmrep.header",
            image_header: Some(("tdm-reservation", "1")),
            ..IMAGE_HEAD
        },
        Family {
            name: "image-usage",
            signal: "aipref.train-ai",
            image_header: Some(("Content-Usage", "train-ai=n")),
            ..IMAGE_HEAD
        },
        Family {
            name: "image-signal",
            signal: "cs.ai-train",
            image_header: Some(("Content-Signal", "ai-train=no")),
            ..IMAGE_HEAD
        },
        Family {
            name: "price",
            signal: "http.crawler-price",
            reason: "access_refused",
            image_header: Some(("crawler-price", "USD 0.01")),
            ..IMAGE_HEAD
        },
        Family { name: "forbidden", signal: "http.403", reason: "access_refused", status: 403, ..IMAGE_HEAD },
        Family { name: "payment", signal: "http.402", reason: "access_refused", status: 402, ..IMAGE_HEAD },
        // Inside the picture.
        Family {
            name: "plus",
            signal: "plus.dmi",
            inside: Some(|photo| {
                with_xmp(
                    photo,
                    "xmlns:plus='http://ns.useplus.org/ldf/xmp/1.0/' plus:DataMining='http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING'",
                )
            }),
            ..INSIDE
        },
        Family {
            name: "cawg",
            signal: "cawg.ai_training",
            inside: Some(|photo| with_segment(photo, 0xEB, &c2pa_no_training())),
            ..INSIDE
        },
        Family {
            name: "words-inside",
            signal: "nl.file",
            inside: Some(|photo| with_comment(photo, "(c) the painter. Do not use this image to train AI.")),
            ..INSIDE
        },
        // An opt-out list.
        Family { name: "listed", signal: "list.domain", reason: "page_listed", ..PAGE },
    ]
}

/// The families' web, and the archive of its pages.
struct Stage {
    archive: Forge,
    routes: Routes,
}

impl Stage {
    fn of(families: &[Family]) -> Self {
        let mut stage = Self { archive: Forge::new(), routes: Routes::default() };
        for (number, family) in families.iter().enumerate() {
            stage.add(family, number);
        }
        stage
    }

    fn add(&mut self, family: &Family, number: usize) {
        let (page, image) = (format!("{}.example", family.name), format!("img-{}.example", family.name));
        if let Some((path, content)) = family.file {
            let place = match path.strip_prefix(AT_IMAGE) {
                Some(path) => format!("{image}{path}"),
                None => format!("{page}{path}"),
            };
            self.routes.add(&place, Answer::ok("text/plain", content));
        }
        let photo = photo(number);
        let picture = family.inside.map_or_else(|| photo.clone(), |write| write(&photo));
        let mut answer = Answer::ok("image/jpeg", picture).and_status(family.status);
        if let Some((name, value)) = family.image_header {
            answer = answer.with(name, value);
        }
        let refused_by_head = family.asked == Asked::Head;
        self.routes.add(&format!("{image}/picture.jpg"), if refused_by_head { answer.held() } else { answer });

        let element = format!("<img src=\"http://{image}/picture.jpg\" alt=\"{}\">", family.alt);
        let body = family.body.replace("{}", &element);
        let html = format!("<!doctype html><html lang=en><head>{}</head><body>{body}</body></html>", family.head);
        let mut headers = vec![("Content-Type", "text/html; charset=utf-8")];
        headers.extend(family.page_header);
        self.archive.capture(&format!("http://{page}/"), 200, &headers, html.as_bytes());
    }
}

#[test]
fn every_family_is_heard_and_no_refused_picture_is_downloaded() {
    let families = families();
    let stage = Stage::of(&families);
    let (folder, web) = (Folder::new(), Web::serve(stage.routes));
    let archive = folder.write("web.warc.gz", stage.archive.gzip());
    let list = folder.write("optout.csv", "type,value\ndomain,listed.example\n");
    let settings = Settings::new(&[&archive], &web).set("consent.lists", &[list.as_str()][..]);
    let config = folder.write("config.toml", settings.toml());
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);

    // Each ends as it must, by the signal that it is meant to show.
    let rows = folder.sql(
        "run/dataset",
        "select page_host, 'kept' as reason, '' as signal from samples \
         union all select page_host, reason, coalesce(signal, '') from ledger",
    );
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    let found: BTreeSet<_> =
        rows.iter().map(|row| (text(row, "page_host"), text(row, "reason"), text(row, "signal"))).collect();
    let expected: BTreeSet<_> = families
        .iter()
        .map(|family| (format!("{}.example", family.name), family.reason.to_owned(), family.signal.to_owned()))
        .collect();
    assert_eq!(found, expected);

    // What was looked for is told of every refused row, so that silence can be told from not asked.
    let unchecked =
        folder.sql("run/dataset", "select url from ledger where kind = 'refused' and cardinality(checked) = 0");
    assert!(unchecked.is_empty(), "{unchecked:?}");

    // The server's own log: how far each picture was asked for.
    let visits = web.visits();
    let pictures: BTreeMap<_, _> = visits
        .iter()
        .filter(|visit| visit.path == "/picture.jpg")
        .map(|visit| (visit.host.clone(), if visit.body_sent { Asked::Whole } else { Asked::Head }))
        .collect();
    for family in &families {
        let asked = pictures.get(&format!("img-{}.example", family.name)).copied().unwrap_or(Asked::Never);
        assert_eq!(asked, family.asked, "{}", family.name);
    }

    // The audit explains every refusal by a signal, and adds up.
    let audit = folder.pinakes(&["audit", "run/dataset", "--by", "signal", "--format", "json"]).ends_with(0).json();
    let named: BTreeSet<String> = audit["rows"].as_array().unwrap().iter().map(|row| text(row, "name")).collect();
    for family in families.iter().filter(|family| !family.signal.is_empty()) {
        assert!(named.contains(family.signal), "{} is not in the audit: {named:?}", family.signal);
    }
    let funnel = folder.pinakes(&["audit", "run/dataset", "--format", "json"]).ends_with(0).json();
    for stage in funnel["stages"].as_array().unwrap() {
        assert_adds_up(&stage["rows"]);
    }
    let kept = families.iter().filter(|family| family.reason == "kept").count();
    assert_eq!(number(&funnel["samples"]), kept as u64, "only who says nothing, or yes, is kept");
}

/// A host that says no to one picture after the other is not asked for the rest.
#[test]
fn a_host_that_refuses_again_and_again_is_let_alone() {
    let (mut archive, mut routes) = (Forge::new(), Routes::default());
    let mut html = String::from("<!doctype html><title>Gallery</title>");
    for number in 0..9 {
        html += &format!("<img src=\"http://artists.example/{number}.jpg\" alt=\"Painting number {number}\">");
        let picture = Answer::ok("image/jpeg", photo(number)).with("X-Robots-Tag", "noai");
        routes.add(&format!("artists.example/{number}.jpg"), picture.held());
    }
    archive.capture("http://gallery.example/", 200, &[("Content-Type", "text/html")], html.as_bytes());
    let (folder, web) = (Folder::new(), Web::serve(routes));
    let file = folder.write("web.warc.gz", archive.gzip());
    let settings = Settings::new(&[&file], &web).set("fetch.host_patience", 4);
    folder.pinakes(&["run", &folder.write("config.toml", settings.toml()), "--quiet"]).ends_with(0);

    let ends = folder.sql("run/dataset", "select reason, count(*) as n from ledger group by reason order by reason");
    let ends: Vec<_> = ends.iter().map(|row| (row["reason"].as_str().unwrap(), number(&row["n"]))).collect();
    assert_eq!(ends, [("host_let_alone", 5), ("image_header", 4)]);
    let pictures: Vec<_> = web.visits().into_iter().filter(|visit| visit.path.ends_with(".jpg")).collect();
    assert_eq!((pictures.len(), pictures.iter().filter(|visit| visit.body_sent).count()), (4, 0));
}
