//! Those who say no in the newer ways: files of their site, licence terms, attributes, words, and
//! inside the picture itself.

use super::{Odd, PAGE, Page, Robots, SITE, Shown, Site, Text, Way, dropped};
use schema::DropReason;

const TDMREP: &str = "/.well-known/tdmrep.json";

pub(super) const SITES: &[Site] = &[
    // Put before the site's own rules by its content delivery network: the two groups are one.
    Site {
        host: "signals-managed.example",
        robots: Robots::Says(
            "User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n\nUser-agent: *\nDisallow: /cart/\n",
        ),
        ..SITE
    },
    Site {
        host: "usage-preferred.example",
        robots: Robots::Says("User-agent: *\nAllow: /\nContent-Usage: train-ai=n\nContent-Usage: /press/ train-ai=y\n"),
        ..SITE
    },
    Site {
        host: "licensed-terms.example",
        robots: Robots::Says("License: https://licensed-terms.example/license.xml\n\nUser-agent: *\nAllow: /\n"),
        files: &[(
            "/license.xml",
            "<rsl xmlns=\"https://rslstandard.org/rsl\"><content url=\"/\"><license>\
             <permits type=\"usage\">search</permits></license></content></rsl>\n",
        )],
        ..SITE
    },
    Site {
        host: "lawyers-comment.example",
        robots: Robots::Says(
            "# The use of any device, tool, or process designed to data mine or scrape the content\n\
             # using automated means is prohibited.\nUser-agent: *\nAllow: /\n",
        ),
        ..SITE
    },
    Site {
        host: "verlag-vorbehalt.example",
        files: &[(TDMREP, "[{\"location\": \"/\", \"tdm-reservation\": 1}]\n")],
        ..SITE
    },
    Site {
        host: "img.verlag-vorbehalt.example",
        files: &[(
            TDMREP,
            "[{\"location\": \"/frei/\", \"tdm-reservation\": 0}, {\"location\": \"/\", \"tdm-reservation\": 1}]\n",
        )],
        ..SITE
    },
    Site {
        host: "media-vault.example",
        files: &[("/ai.txt", "# Spawning AI\nUser-Agent: *\nDisallow: *.jpg\n")],
        ..SITE
    },
    Site {
        host: "daily-courier.example",
        files: &[("/trust.txt", "member=https://www.journallist.net/\ndatatrainingallowed=no\n")],
        ..SITE
    },
    Site { host: "img-usage.example", picture_headers: &[("Content-Usage", "train-ai=n")], ..SITE },
    Site { host: "img-marked.example", odd: &[("*", Odd::Marked)], ..SITE },
];

const fn said(image: &'static str, words: &'static str, way: Way) -> Shown {
    Shown { text: Text::Words(words), way, ..dropped(image, DropReason::PageMarkup) }
}

pub(super) const PAGES: &[Page] = &[
    Page {
        url: "https://signals-managed.example/",
        title: "Behind a content delivery network",
        shows: &[dropped("https://signals-managed.example/p/11-polar-bear.jpg", DropReason::PageRobots)],
        ..PAGE
    },
    Page {
        url: "https://usage-preferred.example/",
        title: "Preferences, by path",
        shows: &[dropped("https://usage-preferred.example/p/03-german-shepherd.jpg", DropReason::PageRobots)],
        ..PAGE
    },
    Page {
        url: "https://licensed-terms.example/",
        title: "Terms apply",
        shows: &[dropped("https://licensed-terms.example/p/37-rocket-at-dusk.jpg", DropReason::PageSite)],
        ..PAGE
    },
    Page {
        url: "https://lawyers-comment.example/",
        title: "Read the comments",
        shows: &[dropped("https://lawyers-comment.example/p/33-orchestra.jpg", DropReason::PageRobots)],
        ..PAGE
    },
    Page {
        url: "https://verlag-vorbehalt.example/",
        language: "de",
        title: "Text und Data Mining vorbehalten",
        shows: &[dropped(
            "https://img.verlag-vorbehalt.example/frei/43-brandenburg-gate-dusk.jpg",
            DropReason::PageSite,
        )],
        ..PAGE
    },
    Page {
        url: "https://daily-courier.example/",
        title: "The Daily Courier",
        shows: &[dropped("https://daily-courier.example/p/42-castle-clinton-1961.jpg", DropReason::PageSite)],
        ..PAGE
    },
    Page {
        url: "https://hotlinks.example/",
        title: "Pictures of others",
        shows: &[
            dropped("https://img.verlag-vorbehalt.example/p/49-kinderdijk-windmills.jpg", DropReason::ImageSite),
            dropped("https://media-vault.example/v/18-dandelion-seeds.jpg?size=large", DropReason::ImageSite),
            dropped("https://img-usage.example/p/17-dahlia.jpg", DropReason::ImageHeader),
            dropped("https://img-marked.example/p/36-astronaut.jpg", DropReason::ImageFile),
        ],
        ..PAGE
    },
    Page {
        url: "https://small-print.example/",
        title: "Small print",
        foot: "© 2026. Using these pictures for AI training is not permitted.",
        shows: &[dropped("https://small-print.example/p/24-paint-brushes.jpg", DropReason::PageMarkup)],
        ..PAGE
    },
    Page {
        url: "https://captions-speak.example/",
        language: "ja",
        title: "作品",
        shows: &[
            said(
                "https://captions-speak.example/p/08-red-panda.webp",
                "レッサーパンダ（無断転載・AI学習禁止）",
                Way::Figure,
            ),
            said(
                "https://captions-speak.example/p/02-tabby-cat-face.jpg",
                "My cat, pastel. Please do not use my art to train AI.",
                Way::Plain,
            ),
            said(
                "https://captions-speak.example/p/25-bird-under-lamp.jpg",
                "A bird under a lamp at dusk",
                Way::Reserved,
            ),
        ],
        ..PAGE
    },
    Page {
        url: "https://no-snippets.example/",
        title: "Words not to be quoted",
        head: "<meta name=\"robots\" content=\"nosnippet\">",
        shows: &[dropped("https://no-snippets.example/p/26-wall-clock.jpg", DropReason::TextWithheld)],
        ..PAGE
    },
];
