//! Those who say no in robots.txt, in markup, in headers and by list, and those who could not be asked.

use super::{Odd, PAGE, Page, Robots, SITE, Site, Way, dropped, second};
use schema::DropReason;

pub(super) const SITES: &[Site] = &[
    Site { host: "closed-to-all.example", robots: Robots::Says("User-agent: *\nDisallow: /\n"), ..SITE },
    Site {
        host: "closed-to-pinakes.example",
        robots: Robots::Says("User-agent: *\nAllow: /\n\nUser-agent: pinakes\nDisallow: /\n"),
        ..SITE
    },
    // Rule R-AI: a no to those who collect for the same purpose, for the domain's other hosts too.
    Site { host: "no-datasets.example", robots: Robots::Says("User-agent: img2dataset\nDisallow: /\n"), ..SITE },
    Site {
        host: "no-training.example",
        robots: Robots::Says(
            "User-agent: GPTBot\nUser-agent: CCBot\nUser-agent: Google-Extended\nDisallow: /\n\nUser-agent: *\nAllow: /\n",
        ),
        ..SITE
    },
    Site {
        host: "partly-closed.example",
        robots: Robots::Says("User-agent: *\nDisallow: /private/\nAllow: /private/press/\n"),
        ..SITE
    },
    // Badly written, plainly meant.
    Site { host: "badly-spelled.example", robots: Robots::Says("User agent: *\nDissallow: /\n"), ..SITE },
    Site { host: "robots-behind-wall.example", robots: Robots::Status(403), ..SITE },
    Site {
        host: "rules-elsewhere.example",
        robots: Robots::MovedTo("https://closed-to-all.example/robots.txt"),
        ..SITE
    },
    // Closed when it was captured, open now: either may refuse.
    Site {
        host: "changed-its-mind.example",
        robots: Robots::Says("User-agent: *\nAllow: /\n"),
        captured_robots: Some("User-agent: *\nDisallow: /\n"),
        ..SITE
    },
    Site { host: "unwell.example", robots: Robots::Status(503), ..SITE },
    Site { host: "hangs-up.example", robots: Robots::Closed, ..SITE },
    Site { host: "vault-pictures.example", robots: Robots::Says("User-agent: *\nDisallow: /\n"), ..SITE },
    Site { host: "vault-unwell.example", robots: Robots::Status(503), ..SITE },
    Site { host: "vault-hangs-up.example", robots: Robots::Closed, ..SITE },
    Site { host: "img-noai.example", picture_headers: &[("X-Robots-Tag", "noimageai")], ..SITE },
    Site { host: "img-not-for-us.example", picture_headers: &[("X-Robots-Tag", "pinakes: none")], ..SITE },
    Site { host: "img-tdm.example", picture_headers: &[("TDM-Reservation", "1")], ..SITE },
    Site { host: "img-priced.example", picture_headers: &[("Crawler-Price", "USD 0.01")], ..SITE },
    Site { host: "img-forbidden.example", odd: &[("*", Odd::Status(403))], ..SITE },
    Site { host: "img-legal-reasons.example", odd: &[("*", Odd::Status(451))], ..SITE },
    Site { host: "img-paywall.example", odd: &[("*", Odd::Status(402))], ..SITE },
    Site {
        host: "short-links.example",
        odd: &[(
            "/s/41-suspension-bridge-night.jpg",
            Odd::Redirect("https://www.painter-said-no.example/works/41-suspension-bridge-night.jpg"),
        )],
        ..SITE
    },
];

pub(super) const PAGES: &[Page] = &[
    // robots.txt
    Page {
        url: "https://closed-to-all.example/",
        title: "Nothing to see for robots",
        shows: &[
            dropped("https://closed-to-all.example/p/01-kitten-with-yarn.jpg", DropReason::PageRobots),
            dropped("https://closed-to-all.example/p/33-orchestra.jpg", DropReason::PageRobots),
            dropped("https://closed-to-all.example/p/17-dahlia.jpg", DropReason::PageRobots),
        ],
        ..PAGE
    },
    Page {
        url: "https://closed-to-pinakes.example/",
        title: "All but one",
        shows: &[
            dropped("https://closed-to-pinakes.example/p/03-german-shepherd.jpg", DropReason::PageRobots),
            dropped("https://closed-to-pinakes.example/p/26-wall-clock.jpg", DropReason::PageRobots),
        ],
        ..PAGE
    },
    Page {
        url: "https://no-datasets.example/paintings",
        title: "Studio diary",
        shows: &[
            dropped("https://img.no-datasets.example/large/24-paint-brushes.jpg", DropReason::PageRobots),
            dropped("https://img.no-datasets.example/large/08-red-panda.webp", DropReason::PageRobots),
        ],
        ..PAGE
    },
    Page {
        url: "https://no-training.example/portfolio",
        title: "Portfolio",
        shows: &[
            dropped("https://no-training.example/works/36-astronaut.jpg", DropReason::PageRobots),
            dropped("https://no-training.example/works/55-hill-sunset.jpg", DropReason::PageRobots),
        ],
        ..PAGE
    },
    Page {
        url: "https://partly-closed.example/private/family",
        title: "Family album",
        shows: &[
            dropped("https://partly-closed.example/private/pictures/05-dogs-at-window.jpg", DropReason::PageRobots),
            dropped("https://partly-closed.example/private/pictures/23-christmas-pie.jpg", DropReason::PageRobots),
        ],
        ..PAGE
    },
    Page {
        url: "https://partly-closed.example/public/",
        title: "Open house",
        shows: &[
            second("https://partly-closed.example/public/pictures/50-washington-birthplace.jpg", Way::Plain),
            second("https://partly-closed.example/public/pictures/19-acanthus-stem.jpg", Way::Plain),
            second("https://partly-closed.example/private/press/35-cameraman.jpg", Way::Plain),
            dropped("https://partly-closed.example/private/pictures/35-cameraman.jpg", DropReason::ImageRobots),
        ],
        ..PAGE
    },
    Page {
        url: "https://badly-spelled.example/",
        title: "Geese",
        shows: &[dropped("https://badly-spelled.example/p/13-swan-family.jpg", DropReason::PageRobots)],
        ..PAGE
    },
    Page {
        url: "https://robots-behind-wall.example/",
        title: "Members",
        shows: &[dropped("https://robots-behind-wall.example/p/30-wine-and-drum.jpg", DropReason::PageRobots)],
        ..PAGE
    },
    Page {
        url: "https://rules-elsewhere.example/",
        title: "Second home",
        shows: &[dropped("https://rules-elsewhere.example/p/46-pagoda-over-lake.jpg", DropReason::PageRobots)],
        ..PAGE
    },
    Page {
        url: "https://changed-its-mind.example/",
        title: "Open again",
        shows: &[dropped("https://changed-its-mind.example/p/07-brown-hens.jpg", DropReason::PageRobots)],
        ..PAGE
    },
    Page {
        url: "https://unwell.example/",
        title: "Service unavailable",
        shows: &[
            dropped("https://unwell.example/p/10-bee-and-red-blossoms.jpg", DropReason::PageUnknown),
            dropped("https://unwell.example/p/06-nokota-horses.jpg", DropReason::PageUnknown),
        ],
        ..PAGE
    },
    Page {
        url: "https://hangs-up.example/",
        title: "No answer",
        shows: &[dropped("https://hangs-up.example/p/54-forest-stream.jpg", DropReason::PageUnknown)],
        ..PAGE
    },
    // The robots.txt of the pictures' own hosts, and addresses that nobody may be asked at.
    Page {
        url: "https://borrowed-views.example/",
        title: "Pictures that lie elsewhere",
        shows: &[
            dropped("https://vault-pictures.example/v/47-great-wall.webp", DropReason::ImageRobots),
            dropped("https://vault-pictures.example/v/44-lincoln-memorial-night.jpg", DropReason::ImageRobots),
            dropped("https://vault-unwell.example/v/52-black-canyon.jpg", DropReason::ImageUnknown),
            dropped("https://vault-hangs-up.example/v/51-dust-bowl-home.jpg", DropReason::ImageUnknown),
            dropped("http://10.0.0.7/share/12-narwhals.jpg", DropReason::PrivateAddress),
            dropped("http://169.254.169.254/latest/22-espresso-cup.jpg", DropReason::PrivateAddress),
        ],
        ..PAGE
    },
    // Markup
    Page {
        url: "https://noai-paintings.example/",
        title: "Robots meta: noai",
        head: "<meta name=\"robots\" content=\"noai\">",
        shows: &[
            dropped("https://noai-paintings.example/p/24-paint-brushes.jpg", DropReason::PageMarkup),
            dropped("https://noai-paintings.example/p/26-wall-clock.jpg", DropReason::PageMarkup),
        ],
        ..PAGE
    },
    Page {
        url: "https://noimageai-shop.example/",
        title: "Robots meta: noimageai",
        head: "<meta name=\"robots\" content=\"noimageai\">",
        shows: &[dropped("https://noimageai-shop.example/p/21-fig-in-red-bowl.jpg", DropReason::PageMarkup)],
        ..PAGE
    },
    Page {
        url: "https://noindex-diary.example/",
        title: "Robots meta: noindex, nofollow",
        head: "<meta name=\"robots\" content=\"noindex, nofollow\">",
        shows: &[dropped("https://noindex-diary.example/p/35-cameraman.jpg", DropReason::PageMarkup)],
        ..PAGE
    },
    Page {
        url: "https://none-please.example/",
        title: "Robots meta: none",
        head: "<meta name=\"robots\" content=\"none\">",
        shows: &[dropped("https://none-please.example/p/27-blurred-clock.png", DropReason::PageMarkup)],
        ..PAGE
    },
    Page {
        url: "https://noimageindex-studio.example/",
        title: "Robots meta: noimageindex",
        head: "<meta name=\"robots\" content=\"noimageindex\">",
        shows: &[
            dropped("https://noimageindex-studio.example/p/17-dahlia.jpg", DropReason::PageMarkup),
            dropped("https://noimageindex-studio.example/p/32-long-necked-lute.png", DropReason::PageMarkup),
        ],
        ..PAGE
    },
    Page {
        url: "https://noarchive-news.example/",
        title: "Robots meta: noarchive",
        head: "<meta name=\"robots\" content=\"noarchive\">",
        shows: &[dropped("https://noarchive-news.example/p/42-castle-clinton-1961.jpg", DropReason::PageMarkup)],
        ..PAGE
    },
    Page {
        url: "https://named-in-meta.example/",
        title: "Said to one of our kind",
        head: "<meta name=\"GPTBot\" content=\"noindex\">",
        shows: &[dropped("https://named-in-meta.example/p/29-circuit-board.jpg", DropReason::PageMarkup)],
        ..PAGE
    },
    Page {
        url: "https://tdm-reserved-meta.example/",
        language: "de",
        title: "Rechte vorbehalten",
        head: "<meta name=\"tdm-reservation\" content=\"1\"><meta name=\"tdm-policy\" content=\"https://tdm-reserved-meta.example/policy.json\">",
        shows: &[
            dropped("https://tdm-reserved-meta.example/p/43-brandenburg-gate-dusk.jpg", DropReason::PageMarkup),
            dropped("https://tdm-reserved-meta.example/p/49-kinderdijk-windmills.jpg", DropReason::PageMarkup),
        ],
        ..PAGE
    },
    Page {
        url: "https://own-words.example/consent",
        title: "In words of their own, one",
        head: "<meta name=\"ai-consent\" content=\"none\">",
        shows: &[dropped("https://own-words.example/p/02-tabby-cat-face.jpg", DropReason::PageMarkup)],
        ..PAGE
    },
    Page {
        url: "https://own-words.example/training",
        title: "In words of their own, two",
        head: "<meta name=\"ai-training\" content=\"no\">",
        shows: &[dropped("https://own-words.example/p/31-guitar-and-drum-kit.webp", DropReason::PageMarkup)],
        ..PAGE
    },
    Page {
        url: "https://own-words.example/noml",
        title: "In words of their own, three",
        head: "<meta name=\"robots\" content=\"noml\">",
        shows: &[dropped("https://own-words.example/p/45-hawa-mahal.jpg", DropReason::PageMarkup)],
        ..PAGE
    },
    // Headers of the page, as archived
    Page {
        url: "https://header-says-no.example/",
        title: "Said in the header",
        headers: &[("X-Robots-Tag", "noai, noimageai")],
        shows: &[
            dropped("https://header-says-no.example/p/37-rocket-at-dusk.jpg", DropReason::PageHeader),
            dropped("https://header-says-no.example/p/04-samoyeds-by-fig-tree.jpg", DropReason::PageHeader),
        ],
        ..PAGE
    },
    Page {
        url: "https://header-names-one.example/",
        title: "Said in the header, to one of our kind",
        headers: &[("X-Robots-Tag", "GPTBot: noindex, nofollow")],
        shows: &[dropped("https://header-names-one.example/p/41-suspension-bridge-night.jpg", DropReason::PageHeader)],
        ..PAGE
    },
    Page {
        url: "https://until-last-year.example/",
        title: "Gone from an index",
        headers: &[("X-Robots-Tag", "unavailable_after: 2025-12-31")],
        shows: &[dropped("https://until-last-year.example/p/38-biplane-from-above.jpg", DropReason::PageHeader)],
        ..PAGE
    },
    Page {
        url: "https://tdm-reserved.example/",
        language: "fr",
        title: "Tous droits réservés",
        headers: &[("TDM-Reservation", "1"), ("TDM-Policy", "https://tdm-reserved.example/policy.json")],
        shows: &[dropped("https://tdm-reserved.example/p/09-kingfisher.webp", DropReason::PageHeader)],
        ..PAGE
    },
    // Headers and statuses of the pictures: asked for once, read no further
    Page {
        url: "https://open-window.example/",
        title: "Pictures whose answers speak",
        shows: &[
            dropped("https://img-noai.example/p/11-polar-bear.jpg", DropReason::ImageHeader),
            dropped("https://img-noai.example/p/18-dandelion-seeds.jpg", DropReason::ImageHeader),
            dropped("https://img-not-for-us.example/p/34-taiko-night-festival.jpg", DropReason::ImageHeader),
            dropped("https://img-tdm.example/p/53-picos-de-europa.jpg", DropReason::ImageHeader),
            dropped("https://img-priced.example/p/39-nagasaki-boats.jpg", DropReason::AccessRefused),
            dropped("https://img-forbidden.example/p/48-desert-pyramid.jpg", DropReason::AccessRefused),
            dropped("https://img-forbidden.example/p/15-house-cat-locomotion.jpg", DropReason::AccessRefused),
            dropped("https://img-legal-reasons.example/p/16-dragonfly-on-twig.jpg", DropReason::AccessRefused),
            dropped("https://img-paywall.example/p/56-hubble-deep-field.jpg", DropReason::AccessRefused),
        ],
        ..PAGE
    },
    // Opt-out lists: a domain, a URL, all URLs that begin so, and a redirect to a listed one
    Page {
        url: "https://painter-said-no.example/",
        title: "Oil on canvas",
        shows: &[
            dropped("https://painter-said-no.example/works/19-acanthus-stem.jpg", DropReason::PageListed),
            dropped("https://painter-said-no.example/works/25-bird-under-lamp.jpg", DropReason::PageListed),
        ],
        ..PAGE
    },
    Page {
        url: "https://print-shop.example/",
        title: "Prints, framed",
        shows: &[
            dropped("https://img.print-shop.example/family/13-swan-family.jpg", DropReason::ImageListed),
            dropped("https://img.print-shop.example/portraits/36-astronaut.jpg", DropReason::ImageListed),
            dropped("https://img.print-shop.example/portraits/35-cameraman.jpg", DropReason::ImageListed),
            dropped("https://www.painter-said-no.example/works/17-dahlia.jpg", DropReason::ImageListed),
            second("https://img.print-shop.example/places/50-washington-birthplace.jpg", Way::Plain),
            dropped("https://short-links.example/s/41-suspension-bridge-night.jpg", DropReason::RedirectListed),
        ],
        ..PAGE
    },
    // The same pictures on a page that says no and on one that is silent
    Page {
        url: "https://gallery-says-no.example/",
        title: "The gallery",
        head: "<meta name=\"robots\" content=\"noai, noimageai\">",
        shows: &[
            dropped("https://cdn-pictures.example/gallery/08-red-panda.webp", DropReason::PageMarkup),
            dropped("https://cdn-pictures.example/gallery/30-wine-and-drum.jpg", DropReason::PageMarkup),
        ],
        ..PAGE
    },
    Page {
        url: "https://fan-page.example/",
        title: "What I found at the gallery",
        shows: &[
            dropped("https://cdn-pictures.example/gallery/08-red-panda.webp", DropReason::RefusedElsewhere),
            dropped("https://cdn-pictures.example/gallery/30-wine-and-drum.jpg", DropReason::RefusedElsewhere),
            second("https://cdn-pictures.example/fan/23-christmas-pie.jpg", Way::Plain),
        ],
        ..PAGE
    },
];
