//! A small forged web and the archive of its pages: every way to say no that is implemented, each
//! on a host of its own, and what must become of every picture.

use super::{
    data::photo,
    forge::Forge,
    table::sorted,
    web::{Answer, Routes},
};
use std::collections::BTreeSet;

/// What a page says.
#[derive(Default)]
struct Page<'a> {
    url: &'a str,
    header: Option<(&'a str, &'a str)>,
    head: &'a str,
}

/// Pages, pictures, and expectations.
pub(crate) struct World {
    pub(crate) archive: Forge,
    pub(crate) routes: Routes,
    /// The opt-out list that belongs to it.
    pub(crate) list: &'static str,
    /// Places (`host/path`) that nobody may ask for.
    pub(crate) forbidden: BTreeSet<String>,
    ends: Vec<(String, String, String)>,
    photos: usize,
}

/// Ends that are decided before the picture is asked for.
const UNASKED: [&str; 10] = [
    "page_listed",
    "page_markup",
    "page_header",
    "page_robots",
    "page_unknown",
    "image_listed",
    "image_robots",
    "image_unknown",
    "refused_elsewhere",
    "private_address",
];

impl World {
    /// The world, with some more plain hosts and pictures on each.
    pub(crate) fn new(more_hosts: usize, pictures_each: usize) -> Self {
        let mut world = Self {
            archive: Forge::new(),
            routes: Routes::default(),
            list: "# somebody's list\nlisted.example\n",
            forbidden: BTreeSet::new(),
            ends: Vec::new(),
            photos: 0,
        };
        world.add_willing();
        world.add_unwilling_pages();
        world.add_unwilling_images();
        world.add_redirects();
        for host in 0..more_hosts {
            let url = format!("http://plain{host}.example/");
            let images: Vec<_> = (0..pictures_each).map(|n| format!("http://plain{host}.example/{n}.jpg")).collect();
            let images: Vec<_> = images.iter().map(|image| (image.as_str(), "kept")).collect();
            world.page(&Page { url: &url, ..Page::default() }, &images);
        }
        world
    }

    /// URL, page and end of every candidate, as [`super::table::ends`] gives them.
    pub(crate) fn ends(&self) -> Vec<(String, String, String)> {
        sorted(self.ends.iter().cloned())
    }

    fn add_willing(&mut self) {
        let good = Page { url: "http://good.example/", ..Page::default() };
        let images = [
            ("http://good.example/a.jpg", "kept"),
            ("http://good.example/b.jpg", "kept"),
            ("http://good.example/c.jpg", "kept"),
            ("http://good.example/gone.jpg", "gone"),
            ("http://good.example/dot.jpg", "body_too_small"),
            ("http://good.example/page.jpg", "not_an_image"),
        ];
        self.page(&good, &images);
        self.routes.add("good.example/gone.jpg", Answer::status(404));
        self.routes.add("good.example/dot.jpg", Answer::ok("image/jpeg", &photo(0)[..4999]));
        self.routes.add("good.example/page.jpg", Answer::ok("text/html", vec![b' '; 6000]));
        // The archive comes first in the order of names, so its row is the one that is kept.
        let twin = Page { url: "http://twin.example/", ..Page::default() };
        self.page(&twin, &[("http://good.example/a.jpg", "duplicate"), ("http://twin.example/t.jpg", "kept")]);
        self.robots("parts.example", "User-agent: *\nDisallow: /private/\n");
        let parts = Page { url: "http://parts.example/", ..Page::default() };
        let images =
            [("http://parts.example/public/a.jpg", "kept"), ("http://parts.example/private/b.jpg", "image_robots")];
        self.page(&parts, &images);
    }

    fn add_unwilling_pages(&mut self) {
        self.robots("disallow.example", "User-agent: *\nDisallow: /\n");
        self.robots("token.example", "User-agent: GPTBot\nDisallow: /\n");
        self.routes.add("busy.example/robots.txt", Answer::status(503));
        let past = b"User-agent: *\nDisallow: /\n";
        self.archive.capture("http://past.example/robots.txt", 200, &[("Content-Type", "text/plain")], past);
        let plain = |url| Page { url, ..Page::default() };
        for (page, end) in [
            (plain("http://disallow.example/"), "page_robots"),
            (plain("http://token.example/"), "page_robots"),
            (plain("http://past.example/"), "page_robots"),
            (plain("http://busy.example/"), "page_unknown"),
            (plain("http://listed.example/"), "page_listed"),
            (plain("http://sub.listed.example/"), "page_listed"),
            (Page { head: "<meta name=robots content=noai>", ..plain("http://meta.example/") }, "page_markup"),
            (Page { head: "<meta name=tdm-reservation content=1>", ..plain("http://tdm.example/") }, "page_markup"),
            (Page { header: Some(("X-Robots-Tag", "noai")), ..plain("http://tagged.example/") }, "page_header"),
        ] {
            let image = format!("{}own.jpg", page.url);
            self.page(&page, &[(&image, end)]);
        }
        // Their pictures on a page that says nothing: refused on one page, refused on all.
        let thief = plain("http://thief.example/");
        let images = [
            ("http://disallow.example/other.jpg", "image_robots"),
            ("http://busy.example/other.jpg", "image_unknown"),
            ("http://listed.example/other.jpg", "image_listed"),
            ("http://meta.example/own.jpg", "refused_elsewhere"),
            ("http://tagged.example/own.jpg", "refused_elsewhere"),
        ];
        self.page(&thief, &images);
    }

    fn add_unwilling_images(&mut self) {
        let page = Page { url: "http://headers.example/", ..Page::default() };
        let images = [
            ("http://imagetag.example/a.jpg", "image_header"),
            ("http://imagetdm.example/a.jpg", "image_header"),
            ("http://closed.example/a.jpg", "access_refused"),
        ];
        self.page(&page, &images);
        let picture = || Answer::ok("image/jpeg", photo(1));
        self.routes.add("imagetag.example/a.jpg", picture().with("X-Robots-Tag", "noimageai"));
        self.routes.add("imagetdm.example/a.jpg", picture().with("TDM-Reservation", "1"));
        self.routes.add("closed.example/a.jpg", Answer::status(403));
    }

    fn add_redirects(&mut self) {
        let page = Page { url: "http://redirect.example/", ..Page::default() };
        for (name, target, end) in [
            ("fine", "http://elsewhere.example/fine.jpg", "kept"),
            ("forbidden", "http://disallow.example/target.jpg", "image_robots"),
            ("listed", "http://listed.example/target.jpg", "redirect_listed"),
            ("inward", "http://10.0.0.7/secret.jpg", "private_address"),
            ("circle", "http://redirect.example/circle.jpg", "too_many_redirects"),
        ] {
            let url = format!("http://redirect.example/{name}.jpg");
            self.page(&Page { url: &format!("{}{name}", page.url), ..Page::default() }, &[(&url, end)]);
            self.routes.add(place(&url), Answer::redirect(target));
            // The redirect itself may be asked for; where it leads to may not.
            self.forbidden.remove(place(&url));
            if !matches!(name, "fine" | "circle") {
                self.forbidden.insert(place(target).to_owned());
            }
        }
        self.routes.add("elsewhere.example/fine.jpg", Answer::ok("image/jpeg", photo(2)));
    }

    fn robots(&mut self, host: &str, text: &str) {
        self.routes.add(&format!("{host}/robots.txt"), Answer::ok("text/plain", text));
    }

    /// Archives a page that shows `images`, serves them, and notes the end each must come to.
    fn page(&mut self, page: &Page<'_>, images: &[(&str, &str)]) {
        let mut html = format!("<!doctype html><html lang=en><head>{}</head><body>\n", page.head);
        for (url, end) in images {
            self.photos += 1;
            html += &format!("<p><img src=\"{url}\" alt=\"Photograph number {}\">\n", self.photos);
            self.ends.push(((*url).into(), page.url.into(), (*end).into()));
            if UNASKED.contains(end) {
                self.forbidden.insert(place(url).to_owned());
            }
            self.routes.add(place(url), Answer::ok("image/jpeg", photo(self.photos)));
        }
        let mut headers = vec![("Content-Type", "text/html; charset=utf-8")];
        headers.extend(page.header);
        self.archive.capture(page.url, 200, &headers, html.as_bytes());
    }
}

fn place(url: &str) -> &str {
    url.trim_start_matches("http://")
}
