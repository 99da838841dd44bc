//! Those who say nothing against it, and whose pictures arrive.

use super::{Odd, PAGE, Page, Robots, SITE, Shown, Site, Text, Way, dropped, first, second, words};
use schema::DropReason;

pub(super) const SITES: &[Site] = &[
    Site {
        host: "harbour-photos.example",
        robots: Robots::Says("User-agent: *\nDisallow: /admin/\nSitemap: https://harbour-photos.example/sitemap.xml\n"),
        captured_robots: Some("User-agent: *\nDisallow: /admin/\n"),
        ..SITE
    },
    Site {
        host: "cdn-pictures.example",
        robots: Robots::Says("User-agent: *\nAllow: /\n"),
        picture_headers: &[("Cache-Control", "public, max-age=31536000"), ("Access-Control-Allow-Origin", "*")],
        ..SITE
    },
    Site {
        host: "allowed-by-name.example",
        robots: Robots::Says("User-agent: *\nDisallow: /\n\nUser-agent: pinakes\nAllow: /\n"),
        ..SITE
    },
    Site {
        host: "other-robots.example",
        robots: Robots::Says("User-agent: SomeSearchBot\nDisallow: /\n"),
        picture_headers: &[("X-Robots-Tag", "somesearchbot: noindex")],
        ..SITE
    },
    Site { host: "tdm-welcome.example", picture_headers: &[("TDM-Reservation", "0")], ..SITE },
    Site {
        host: "server-on-holiday.example",
        robots: Robots::Status(503),
        captured_robots: Some("User-agent: *\nDisallow: /checkout\n"),
        ..SITE
    },
    Site {
        host: "slow-steps.example",
        robots: Robots::Says("User-agent: *\nCrawl-delay: 0.5\n"),
        odd: &[("*", Odd::Late(400))],
        ..SITE
    },
    Site {
        host: "moved-house.example",
        odd: &[
            ("/old/12-narwhals.jpg", Odd::Redirect("/older/12-narwhals.jpg")),
            ("/older/12-narwhals.jpg", Odd::Redirect("https://www.new-house.example/12-narwhals.jpg")),
            (
                "/old/15-house-cat-locomotion.jpg",
                Odd::Redirect("https://www.new-house.example/15-house-cat-locomotion.jpg"),
            ),
        ],
        ..SITE
    },
    Site {
        host: "www.new-house.example",
        odd: &[
            ("/12-narwhals.jpg", Odd::Redirect("https://new-house.example/photos/12-narwhals.jpg")),
            (
                "/15-house-cat-locomotion.jpg",
                Odd::Redirect("https://new-house.example/photos/15-house-cat-locomotion.jpg"),
            ),
        ],
        ..SITE
    },
    Site { host: "busy-once.example", odd: &[("*", Odd::BusyOnce)], ..SITE },
];

pub(super) const PAGES: &[Page] = &[
    Page {
        url: "https://harbour-photos.example/",
        title: "Boats, bridges and what swims below",
        shows: &[
            first("https://img.harbour-photos.example/2026/39-nagasaki-boats.jpg", Way::Figure),
            first("https://img.harbour-photos.example/2026/12-narwhals.jpg", Way::Figure),
            first("https://img.harbour-photos.example/2026/14-dolphin-underwater.jpg", Way::Figure),
            first("https://img.harbour-photos.example/2026/13-swan-family.jpg", Way::Figure),
            first("https://img.harbour-photos.example/2026/41-suspension-bridge-night.jpg", Way::Figure),
            first("https://img.harbour-photos.example/2026/49-kinderdijk-windmills.jpg", Way::Figure),
        ],
        ..PAGE
    },
    Page {
        url: "https://animal-friends.example/pets/",
        title: "Our pets & farm animals",
        head: "<meta name=\"robots\" content=\"index, follow\">",
        shows: &[
            first("https://animal-friends.example/pictures/01-kitten-with-yarn.jpg", Way::Plain),
            first("https://animal-friends.example/pictures/02-tabby-cat-face.jpg", Way::Plain),
            first("https://animal-friends.example/pictures/03-german-shepherd.jpg", Way::Plain),
            first("https://animal-friends.example/pictures/04-samoyeds-by-fig-tree.jpg", Way::Plain),
            first("https://animal-friends.example/pictures/05-dogs-at-window.jpg", Way::Plain),
            first("https://animal-friends.example/pictures/06-nokota-horses.jpg", Way::Plain),
            first("https://animal-friends.example/pictures/07-brown-hens.jpg", Way::Plain),
        ],
        ..PAGE
    },
    Page {
        url: "https://wildlife-notes.example/autumn",
        title: "Wildlife notes",
        shows: &[
            first("https://cdn-pictures.example/wildlife/08-red-panda.webp", Way::Lazy),
            first("https://cdn-pictures.example/wildlife/09-kingfisher.webp", Way::Lazy),
            first("https://cdn-pictures.example/wildlife/10-bee-and-red-blossoms.jpg", Way::Lazy),
            first("https://cdn-pictures.example/wildlife/11-polar-bear.jpg", Way::Lazy),
            first("https://cdn-pictures.example/wildlife/16-dragonfly-on-twig.jpg", Way::Lazy),
        ],
        ..PAGE
    },
    Page {
        url: "https://gartenbilder.example/galerie",
        language: "de",
        title: "Bilder aus dem Garten",
        head: "<link rel=\"license\" href=\"https://creativecommons.org/licenses/by-sa/4.0/\">",
        shows: &[
            first("https://gartenbilder.example/bilder/17-dahlia.jpg", Way::Srcset),
            first("https://gartenbilder.example/bilder/18-dandelion-seeds.jpg", Way::Srcset),
            first("https://gartenbilder.example/bilder/19-acanthus-stem.jpg", Way::Srcset),
            first("https://gartenbilder.example/bilder/54-forest-stream.jpg", Way::Srcset),
            words(
                "https://gartenbilder.example/bilder/gross/17-dahlia.jpg",
                "Eine orange Dahlie in voller Blüte vor dunklem Grün",
            ),
            words(
                "https://gartenbilder.example/bilder/gross/54-forest-stream.jpg",
                "Ein Bach fließt über Felsstufen durch den Wald",
            ),
        ],
        ..PAGE
    },
    Page {
        url: "https://cuisine-ouverte.example/table",
        language: "fr",
        title: "La table ouverte",
        shows: &[
            first("https://img.cuisine-ouverte.example/plats/21-fig-in-red-bowl.jpg", Way::Picture),
            first("https://img.cuisine-ouverte.example/plats/22-espresso-cup.jpg", Way::Picture),
            first("https://img.cuisine-ouverte.example/plats/23-christmas-pie.jpg", Way::Picture),
            first("https://img.cuisine-ouverte.example/plats/30-wine-and-drum.jpg", Way::Picture),
            words(
                "https://img.cuisine-ouverte.example/plats/grand/22-espresso-cup.jpg",
                "Une tasse d’expresso avec une cuillère sur une soucoupe",
            ),
            words(
                "https://img.cuisine-ouverte.example/plats/grand/21-fig-in-red-bowl.jpg",
                "Une demi-figue dans un bol rouge",
            ),
        ],
        ..PAGE
    },
    // Plain http, and addresses relative to a base.
    Page {
        url: "http://workshop-tools.example/bench/",
        title: "On the workbench",
        base: "http://workshop-tools.example/media/large/",
        shows: &[
            first("http://workshop-tools.example/media/large/24-paint-brushes.jpg", Way::Plain),
            first("http://workshop-tools.example/media/large/25-bird-under-lamp.jpg", Way::Plain),
            first("http://workshop-tools.example/media/large/26-wall-clock.jpg", Way::Plain),
            first("http://workshop-tools.example/media/large/27-blurred-clock.png", Way::Plain),
            first("http://workshop-tools.example/media/large/29-circuit-board.jpg", Way::Plain),
        ],
        ..PAGE
    },
    Page {
        url: "https://musica-viva.example/conciertos",
        language: "es",
        title: "Conciertos de este año",
        shows: &[
            first("https://musica-viva.example/fotos/31-guitar-and-drum-kit.webp", Way::Figure),
            first("https://musica-viva.example/fotos/32-long-necked-lute.png", Way::Figure),
            first("https://musica-viva.example/fotos/33-orchestra.jpg", Way::Figure),
            first("https://musica-viva.example/fotos/34-taiko-night-festival.jpg", Way::Figure),
            words(
                "https://musica-viva.example/fotos/grandes/33-orchestra.jpg",
                "Una orquesta vestida de negro toca en el escenario",
            ),
        ],
        ..PAGE
    },
    Page {
        url: "https://space-and-flight.example/archive",
        title: "Space and flight",
        head: "<link rel=\"license\" href=\"https://creativecommons.org/publicdomain/zero/1.0/\">",
        shows: &[
            first("https://space-and-flight.example/images/36-astronaut.jpg", Way::Srcset),
            first("https://space-and-flight.example/images/37-rocket-at-dusk.jpg", Way::Srcset),
            first("https://space-and-flight.example/images/38-biplane-from-above.jpg", Way::Srcset),
            first("https://space-and-flight.example/images/56-hubble-deep-field.jpg", Way::Srcset),
            first("https://space-and-flight.example/images/35-cameraman.jpg", Way::Srcset),
        ],
        ..PAGE
    },
    Page {
        url: "https://monument-walks.example/seven",
        title: "Seven monuments to walk to",
        shows: &[
            first("https://cdn-pictures.example/monuments/42-castle-clinton-1961.jpg", Way::Lazy),
            first("https://cdn-pictures.example/monuments/43-brandenburg-gate-dusk.jpg", Way::Lazy),
            first("https://cdn-pictures.example/monuments/44-lincoln-memorial-night.jpg", Way::Lazy),
            first("https://cdn-pictures.example/monuments/45-hawa-mahal.jpg", Way::Lazy),
            first("https://cdn-pictures.example/monuments/46-pagoda-over-lake.jpg", Way::Lazy),
            first("https://cdn-pictures.example/monuments/47-great-wall.webp", Way::Lazy),
            first("https://cdn-pictures.example/monuments/48-desert-pyramid.jpg", Way::Lazy),
        ],
        ..PAGE
    },
    Page {
        url: "https://old-prints.example/room/2",
        title: "Old prints, room two",
        head: "<link rel=\"license\" href=\"https://creativecommons.org/publicdomain/zero/1.0/\">",
        shows: &[
            first("https://old-prints.example/scans/15-house-cat-locomotion.jpg", Way::Title),
            first("https://old-prints.example/scans/50-washington-birthplace.jpg", Way::Title),
            first("https://old-prints.example/scans/51-dust-bowl-home.jpg", Way::Title),
            first("https://old-prints.example/scans/52-black-canyon.jpg", Way::Title),
        ],
        ..PAGE
    },
    Page {
        url: "https://picos-walks.example/",
        title: "Walks in the mountains",
        head: "<link rel=\"license\" href=\"https://creativecommons.org/licenses/by-sa/4.0/\">",
        shows: &[
            first("https://picos-walks.example/photos/53-picos-de-europa.jpg", Way::Figure),
            first("https://picos-walks.example/photos/55-hill-sunset.jpg", Way::Figure),
        ],
        ..PAGE
    },
    // From here on the second captions.
    Page {
        url: "https://picture-of-the-day.example/november",
        title: "A picture for every day",
        shows: &[
            second("https://cdn-pictures.example/daily/01-kitten-with-yarn.jpg", Way::Plain),
            second("https://cdn-pictures.example/daily/03-german-shepherd.jpg", Way::Plain),
            second("https://cdn-pictures.example/daily/08-red-panda.webp", Way::Plain),
            second("https://cdn-pictures.example/daily/11-polar-bear.jpg", Way::Plain),
            second("https://cdn-pictures.example/daily/18-dandelion-seeds.jpg", Way::Plain),
            second("https://cdn-pictures.example/daily/22-espresso-cup.jpg", Way::Plain),
            second("https://cdn-pictures.example/daily/31-guitar-and-drum-kit.webp", Way::Plain),
            second("https://cdn-pictures.example/daily/37-rocket-at-dusk.jpg", Way::Plain),
            second("https://cdn-pictures.example/daily/43-brandenburg-gate-dusk.jpg", Way::Plain),
            second("https://cdn-pictures.example/daily/47-great-wall.webp", Way::Plain),
            second("https://cdn-pictures.example/daily/49-kinderdijk-windmills.jpg", Way::Plain),
            second("https://cdn-pictures.example/daily/55-hill-sunset.jpg", Way::Plain),
        ],
        ..PAGE
    },
    Page {
        url: "https://calendar-shop.example/2027",
        title: "The calendar of 2027",
        shows: &[
            second("https://img.calendar-shop.example/months/02-tabby-cat-face.jpg", Way::Figure),
            second("https://img.calendar-shop.example/months/06-nokota-horses.jpg", Way::Figure),
            second("https://img.calendar-shop.example/months/09-kingfisher.webp", Way::Figure),
            second("https://img.calendar-shop.example/months/17-dahlia.jpg", Way::Figure),
            second("https://img.calendar-shop.example/months/21-fig-in-red-bowl.jpg", Way::Figure),
            second("https://img.calendar-shop.example/months/33-orchestra.jpg", Way::Figure),
            second("https://img.calendar-shop.example/months/36-astronaut.jpg", Way::Figure),
            second("https://img.calendar-shop.example/months/46-pagoda-over-lake.jpg", Way::Figure),
            second("https://img.calendar-shop.example/months/54-forest-stream.jpg", Way::Figure),
            second("https://img.calendar-shop.example/months/56-hubble-deep-field.jpg", Way::Figure),
            Shown {
                text: Text::Second,
                ..dropped("https://cdn-pictures.example/daily/11-polar-bear.jpg", DropReason::Duplicate)
            },
        ],
        ..PAGE
    },
    // In an older encoding: one caption has a cedilla.
    Page {
        url: "https://altes-archiv.example/bauten",
        language: "de",
        title: "Bauten über die Jahre",
        latin1: true,
        shows: &[
            second("https://altes-archiv.example/dateien/45-hawa-mahal.jpg", Way::Plain),
            second("https://altes-archiv.example/dateien/44-lincoln-memorial-night.jpg", Way::Plain),
            second("https://altes-archiv.example/dateien/42-castle-clinton-1961.jpg", Way::Plain),
            second("https://altes-archiv.example/dateien/51-dust-bowl-home.jpg", Way::Plain),
        ],
        ..PAGE
    },
    Page {
        url: "https://fotos-do-mundo.example/natureza",
        language: "pt",
        title: "Fotos da natureza",
        shows: &[
            second("https://fotos-do-mundo.example/arquivo/53-picos-de-europa.jpg", Way::Picture),
            second("https://fotos-do-mundo.example/arquivo/16-dragonfly-on-twig.jpg", Way::Picture),
            second("https://fotos-do-mundo.example/arquivo/13-swan-family.jpg", Way::Picture),
            second("https://fotos-do-mundo.example/arquivo/04-samoyeds-by-fig-tree.jpg", Way::Picture),
            words(
                "https://fotos-do-mundo.example/arquivo/grande/13-swan-family.jpg",
                "Dois cisnes nadam com os filhotes em água escura",
            ),
        ],
        ..PAGE
    },
    Page {
        url: "https://shashin-techo.example/",
        language: "ja",
        title: "写真手帖",
        shows: &[
            second("https://shashin-techo.example/shashin/39-nagasaki-boats.jpg", Way::Lazy),
            second("https://shashin-techo.example/shashin/34-taiko-night-festival.jpg", Way::Lazy),
            words("https://shashin-techo.example/dai/46-pagoda-over-lake.jpg", "湖のほとりに立つ赤い塔"),
        ],
        ..PAGE
    },
    // robots.txt shuts out all but us.
    Page {
        url: "https://allowed-by-name.example/",
        title: "Only by invitation",
        shows: &[
            second("https://allowed-by-name.example/in/29-circuit-board.jpg", Way::Plain),
            second("https://allowed-by-name.example/in/26-wall-clock.jpg", Way::Plain),
        ],
        ..PAGE
    },
    // A no said to a search engine, which we are not.
    Page {
        url: "https://other-robots.example/",
        title: "Search engines, please do not",
        headers: &[("X-Robots-Tag", "somesearchbot: noindex")],
        shows: &[
            second("https://other-robots.example/p/07-brown-hens.jpg", Way::Plain),
            second("https://other-robots.example/p/52-black-canyon.jpg", Way::Plain),
        ],
        ..PAGE
    },
    // TDMRep's yes.
    Page {
        url: "https://tdm-welcome.example/",
        title: "Mining welcome",
        headers: &[("TDM-Reservation", "0")],
        shows: &[
            second("https://tdm-welcome.example/p/24-paint-brushes.jpg", Way::Plain),
            second("https://tdm-welcome.example/p/32-long-necked-lute.png", Way::Plain),
        ],
        ..PAGE
    },
    // robots.txt answers 503 now; the capture in the archive stands in for it.
    Page {
        url: "https://server-on-holiday.example/",
        title: "Away until Monday",
        shows: &[
            second("https://cdn-pictures.example/holiday/41-suspension-bridge-night.jpg", Way::Plain),
            second("https://cdn-pictures.example/holiday/30-wine-and-drum.jpg", Way::Plain),
        ],
        ..PAGE
    },
    // Crawl-delay, and a server that thinks for 400 ms.
    Page {
        url: "https://slow-steps.example/",
        title: "No hurry",
        shows: &[
            second("https://slow-steps.example/p/10-bee-and-red-blossoms.jpg", Way::Plain),
            second("https://slow-steps.example/p/48-desert-pyramid.jpg", Way::Plain),
        ],
        ..PAGE
    },
    // Three redirects to another host, which end well.
    Page {
        url: "https://moved-house.example/",
        title: "We have moved",
        shows: &[
            second("https://moved-house.example/old/12-narwhals.jpg", Way::Plain),
            second("https://moved-house.example/old/15-house-cat-locomotion.jpg", Way::Plain),
        ],
        ..PAGE
    },
    // 503 with Retry-After at first.
    Page {
        url: "https://busy-once.example/",
        title: "Please come again",
        shows: &[second("https://busy-once.example/p/38-biplane-from-above.jpg", Way::Plain)],
        ..PAGE
    },
    // Captions that do not fit: for the similarity threshold.
    Page {
        url: "https://stock-nonsense.example/cheap",
        title: "Cheap stock pictures",
        shows: &[
            words(
                "https://img.stock-nonsense.example/s/01-kitten-with-yarn.jpg",
                "A row of red tractors parked in front of a warehouse.",
            ),
            words(
                "https://img.stock-nonsense.example/s/37-rocket-at-dusk.jpg",
                "Fresh strawberries on a wooden kitchen table.",
            ),
            words(
                "https://img.stock-nonsense.example/s/22-espresso-cup.jpg",
                "A basketball player jumps for the ball.",
            ),
            words(
                "https://img.stock-nonsense.example/s/11-polar-bear.jpg",
                "Map of the underground railway with all stations.",
            ),
            words(
                "https://img.stock-nonsense.example/s/47-great-wall.webp",
                "Close-up of a laptop keyboard with blue backlight.",
            ),
            words("https://img.stock-nonsense.example/s/33-orchestra.jpg", "A snail crawls over a wet mushroom."),
            words("https://img.stock-nonsense.example/s/17-dahlia.jpg", "The goalkeeper shouts at his defenders."),
            words("https://img.stock-nonsense.example/s/48-desert-pyramid.jpg", "Two parrots share a slice of melon."),
            words(
                "https://img.stock-nonsense.example/s/29-circuit-board.jpg",
                "Bride and groom dance under paper lanterns.",
            ),
            words("https://img.stock-nonsense.example/s/02-tabby-cat-face.jpg", "Timetable of the ferry in winter."),
        ],
        ..PAGE
    },
];
