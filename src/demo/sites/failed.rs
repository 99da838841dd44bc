//! Servers that fail, and answers that are no pictures. Each trouble has a host of its own, so
//! that one does not use up the patience for another.

use super::{End, Odd, PAGE, Page, SITE, Shown, Site, Text, dropped, words};
use schema::DropReason;

pub(super) const SITES: &[Site] = &[
    Site { host: "busy.trouble-town.example", odd: &[("*", Odd::Status(503))], ..SITE },
    Site { host: "broken.trouble-town.example", odd: &[("*", Odd::Status(500))], ..SITE },
    Site { host: "endless.trouble-town.example", odd: &[("*", Odd::Endless)], ..SITE },
    Site { host: "zeros.trouble-town.example", odd: &[("*", Odd::EndlessGzip)], ..SITE },
    Site { host: "boaster.trouble-town.example", odd: &[("*", Odd::HugePromise)], ..SITE },
    Site { host: "bomb.trouble-town.example", odd: &[("*", Odd::Bomb)], ..SITE },
    Site { host: "liar.trouble-town.example", odd: &[("*", Odd::ShortOfPromise)], ..SITE },
    Site { host: "mute.trouble-town.example", odd: &[("*", Odd::Close)], ..SITE },
    Site { host: "drip.trouble-town.example", odd: &[("*", Odd::Trickle)], ..SITE },
    Site { host: "sleeper.trouble-town.example", odd: &[("*", Odd::Late(5000))], ..SITE },
    Site {
        host: "circle.trouble-town.example",
        odd: &[
            ("/p/22-espresso-cup.jpg", Odd::Redirect("/q/22-espresso-cup.jpg")),
            ("/q/22-espresso-cup.jpg", Odd::Redirect("/p/22-espresso-cup.jpg")),
        ],
        ..SITE
    },
    Site {
        host: "errand.trouble-town.example",
        odd: &[
            ("/p/23-christmas-pie.jpg", Odd::Redirect("/1/23-christmas-pie.jpg")),
            ("/1/23-christmas-pie.jpg", Odd::Redirect("/2/23-christmas-pie.jpg")),
            ("/2/23-christmas-pie.jpg", Odd::Redirect("/3/23-christmas-pie.jpg")),
            ("/3/23-christmas-pie.jpg", Odd::Redirect("/4/23-christmas-pie.jpg")),
            ("/4/23-christmas-pie.jpg", Odd::Redirect("/5/23-christmas-pie.jpg")),
            ("/5/23-christmas-pie.jpg", Odd::Redirect("/6/23-christmas-pie.jpg")),
            ("/6/23-christmas-pie.jpg", Odd::Redirect("/7/23-christmas-pie.jpg")),
        ],
        ..SITE
    },
    Site {
        host: "tunnel.trouble-town.example",
        odd: &[
            ("/p/24-paint-brushes.jpg", Odd::Redirect("http://10.0.0.7/24-paint-brushes.jpg")),
            ("/p/25-bird-under-lamp.jpg", Odd::Redirect("http://169.254.169.254/latest/meta-data/")),
        ],
        ..SITE
    },
    Site { host: "disguise.trouble-town.example", odd: &[("*", Odd::HtmlAsJpeg)], ..SITE },
    Site { host: "sorry.trouble-town.example", odd: &[("*", Odd::SoftMissing)], ..SITE },
    Site { host: "lines.trouble-town.example", odd: &[("*", Odd::Svg)], ..SITE },
    Site { host: "torn.trouble-town.example", odd: &[("*", Odd::Cut)], ..SITE },
    Site {
        host: "sizes.trouble-town.example",
        odd: &[
            ("/dot.png", Odd::Noise(24, 24)),
            ("/stamp.png", Odd::Noise(48, 48)),
            ("/ribbon.png", Odd::Noise(640, 80)),
            ("/static.png", Odd::Noise(160, 120)),
        ],
        ..SITE
    },
];

pub(super) const PAGES: &[Page] = &[
    // Servers that answer late, wrongly, too much or not at all
    Page {
        url: "https://tour-of-troubles.example/servers",
        title: "Servers in trouble",
        shows: &[
            dropped("https://busy.trouble-town.example/p/01-kitten-with-yarn.jpg", DropReason::Throttled),
            dropped("https://busy.trouble-town.example/p/03-german-shepherd.jpg", DropReason::Throttled),
            dropped("https://busy.trouble-town.example/p/04-samoyeds-by-fig-tree.jpg", DropReason::Throttled),
            dropped("https://busy.trouble-town.example/p/06-nokota-horses.jpg", DropReason::HostLetAlone),
            dropped("https://busy.trouble-town.example/p/07-brown-hens.jpg", DropReason::HostLetAlone),
            dropped("https://broken.trouble-town.example/p/08-red-panda.webp", DropReason::HttpError),
            dropped("https://endless.trouble-town.example/p/12-narwhals.jpg", DropReason::BodyTooLarge),
            dropped("https://zeros.trouble-town.example/p/13-swan-family.jpg", DropReason::BodyTooLarge),
            dropped("https://boaster.trouble-town.example/p/14-dolphin-underwater.jpg", DropReason::BodyTooLarge),
            dropped("https://bomb.trouble-town.example/p/27-blurred-clock.png", DropReason::TooManyPixels),
            dropped("https://liar.trouble-town.example/p/17-dahlia.jpg", DropReason::Connection),
            dropped("https://mute.trouble-town.example/p/18-dandelion-seeds.jpg", DropReason::Connection),
            dropped("https://drip.trouble-town.example/p/19-acanthus-stem.jpg", DropReason::Timeout),
            dropped("https://sleeper.trouble-town.example/p/21-fig-in-red-bowl.jpg", DropReason::Timeout),
            dropped("https://circle.trouble-town.example/p/22-espresso-cup.jpg", DropReason::TooManyRedirects),
            dropped("https://errand.trouble-town.example/p/23-christmas-pie.jpg", DropReason::TooManyRedirects),
            dropped("https://tunnel.trouble-town.example/p/24-paint-brushes.jpg", DropReason::PrivateAddress),
            dropped("https://tunnel.trouble-town.example/p/25-bird-under-lamp.jpg", DropReason::PrivateAddress),
            Shown {
                text: Text::Words("The harbour in 1905, seen from the mole."),
                ..dropped("https://harbour-photos.example/lost/harbour-1905.jpg", DropReason::Gone)
            },
        ],
        ..PAGE
    },
    // Answers that are no pictures, or none of use
    Page {
        url: "https://tour-of-troubles.example/pictures",
        title: "Pictures in trouble",
        shows: &[
            dropped("https://disguise.trouble-town.example/p/26-wall-clock.jpg", DropReason::NotAnImage),
            dropped("https://sorry.trouble-town.example/p/29-circuit-board.jpg", DropReason::NotAnImage),
            dropped("https://lines.trouble-town.example/p/33-orchestra.jpg", DropReason::NotAnImage),
            dropped("https://torn.trouble-town.example/p/30-wine-and-drum.jpg", DropReason::Undecodable),
            Shown {
                end: End::Dropped(DropReason::BodyTooSmall),
                ..words("https://sizes.trouble-town.example/dot.png", "A small grey button.")
            },
            Shown {
                end: End::Dropped(DropReason::TooSmall),
                ..words("https://sizes.trouble-town.example/stamp.png", "A postage stamp, very small.")
            },
            Shown {
                end: End::Dropped(DropReason::TooLong),
                ..words("https://sizes.trouble-town.example/ribbon.png", "A long ribbon across the page.")
            },
            Shown {
                end: End::Scored,
                ..words("https://sizes.trouble-town.example/static.png", "A cat on a sofa, it says here.")
            },
        ],
        ..PAGE
    },
];
