//! The little web as data: who serves what, which pages show which pictures, who says no, and how
//! each pair is expected to end. The tables are in [`kept`], [`refused`],
//! [`reserved`] and [`failed`].

mod failed;
mod kept;
mod refused;
mod reserved;

use super::photos::{self, Photo};
use schema::DropReason;

/// A page of the little web, as it stands in the archive and is served live.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) url: &'static str,
    /// `lang` of the root element.
    pub(crate) language: &'static str,
    pub(crate) title: &'static str,
    /// `href` of a `base` element; none if empty.
    pub(crate) base: &'static str,
    /// More elements for the head: metas, a licence.
    pub(crate) head: &'static str,
    /// Small print in the footer.
    pub(crate) foot: &'static str,
    /// More response headers.
    pub(crate) headers: &'static [(&'static str, &'static str)],
    /// Encoded as ISO 8859-1 instead of UTF-8.
    pub(crate) latin1: bool,
    pub(crate) shows: &'static [Shown],
}

/// What most pages have in common.
const PAGE: Page =
    Page { url: "", language: "en", title: "", base: "", head: "", foot: "", headers: &[], latin1: false, shows: &[] };

/// A picture on a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown {
    /// Its URL, whole.
    pub(crate) image: &'static str,
    pub(crate) text: Text,
    pub(crate) way: Way,
    pub(crate) end: End,
}

/// The text that goes with a picture.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Text {
    /// The photograph's caption.
    First,
    /// Its second caption.
    Second,
    /// Words of the page's own.
    Words(&'static str),
}

/// How a page's markup shows a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// `img` with `src` and `alt`.
    Plain,
    /// `figure` with `figcaption`, `alt` empty.
    Figure,
    /// `srcset` with a `data:` placeholder as `src`.
    Srcset,
    /// `picture` with a `source`.
    Picture,
    /// `data-src`, with the picture again in `noscript`.
    Lazy,
    /// Text in `title`, `alt` empty.
    Title,
    /// `img` in a `figure` that says `data-noai`.
    Reserved,
}

/// How a pair is expected to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Fetched, and the text fits the picture.
    Kept,
    /// Fetched, but the text does not fit, or is in a language the demo model does not know: the
    /// thresholds decide.
    Scored,
    /// Dropped for this reason.
    Dropped(DropReason),
}

const fn first(image: &'static str, way: Way) -> Shown {
    Shown { image, text: Text::First, way, end: End::Kept }
}

const fn second(image: &'static str, way: Way) -> Shown {
    Shown { image, text: Text::Second, way, end: End::Kept }
}

const fn words(image: &'static str, words: &'static str) -> Shown {
    Shown { image, text: Text::Words(words), way: Way::Plain, end: End::Scored }
}

const fn dropped(image: &'static str, reason: DropReason) -> Shown {
    Shown { image, text: Text::First, way: Way::Plain, end: End::Dropped(reason) }
}

/// What is unusual about a host. Hosts without an entry have no robots.txt and serve photographs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site {
    pub(crate) host: &'static str,
    pub(crate) robots: Robots,
    /// Other files in which it states its terms: path and content.
    pub(crate) files: &'static [(&'static str, &'static str)],
    /// Its robots.txt as the archive holds it.
    pub(crate) captured_robots: Option<&'static str>,
    /// Headers of its picture responses.
    pub(crate) picture_headers: &'static [(&'static str, &'static str)],
    /// Paths with a behaviour of their own; `*` stands for all pictures.
    pub(crate) odd: &'static [(&'static str, Odd)],
}

/// A host of no peculiarity.
const SITE: Site =
    Site { host: "", robots: Robots::Status(404), files: &[], captured_robots: None, picture_headers: &[], odd: &[] };

/// How a host answers for its robots.txt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Robots {
    Says(&'static str),
    Status(u16),
    MovedTo(&'static str),
    /// The connection ends without a word.
    Closed,
}

/// A path that does not simply serve a photograph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Odd {
    Redirect(&'static str),
    Status(u16),
    /// 503 with `Retry-After` at the first request, the photograph afterwards.
    BusyOnce,
    /// The photograph, after so many milliseconds.
    Late(u64),
    /// The photograph, one byte every 100 ms.
    Trickle,
    /// JPEG data without end.
    Endless,
    /// Zeros without end, packed with gzip.
    EndlessGzip,
    /// A PNG that claims 60000 × 60000 pixels.
    Bomb,
    /// The photograph, with a no to data mining written into the file (IPTC/PLUS in XMP).
    Marked,
    /// The first half of the photograph, as if it were all.
    Cut,
    /// Promises more bytes than it sends.
    ShortOfPromise,
    /// Promises nine gigabytes.
    HugePromise,
    /// The connection ends without a word.
    Close,
    /// HTML under `image/jpeg`.
    HtmlAsJpeg,
    /// HTML that says the picture is missing, with status 200.
    SoftMissing,
    /// A drawing of lines.
    Svg,
    /// A PNG of noise, so wide and so high.
    Noise(u16, u16),
}

/// What a request leads to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    Robots(Robots),
    /// Another file of the site's.
    File(&'static str),
    Page(&'static Page),
    Odd(Odd, Option<&'static Photo>),
    Photo(&'static Photo, &'static [(&'static str, &'static str)]),
    /// The site's logo, dividers and other furniture.
    Furniture,
    Nothing,
}

/// All pages, in the order of the archive.
pub(crate) fn pages() -> impl Iterator<Item = &'static Page> {
    kept::PAGES.iter().chain(refused::PAGES).chain(reserved::PAGES).chain(failed::PAGES)
}

/// All hosts with something unusual about them.
pub(crate) fn sites() -> impl Iterator<Item = &'static Site> {
    kept::SITES.iter().chain(refused::SITES).chain(reserved::SITES).chain(failed::SITES)
}

/// Host and path of a URL, the path with its query. Only for the URLs of the tables.
pub(crate) fn host_and_path(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash))
}

/// The photograph that an address leads to, by its last part.
pub(crate) fn photo_at(path: &str) -> Option<&'static Photo> {
    let path = path.split('?').next().unwrap_or_default();
    photos::named(path.rsplit('/').next().unwrap_or_default())
}

/// What the host serves at the path.
pub(crate) fn find(host: &str, path: &str) -> Found {
    if !host.ends_with(".example") {
        return Found::Nothing;
    }
    let site = sites().find(|site| site.host == host);
    if path == "/robots.txt" {
        return Found::Robots(site.map_or(SITE.robots, |site| site.robots));
    }
    if let Some((_, text)) = site.and_then(|site| site.files.iter().find(|(name, _)| *name == path)) {
        return Found::File(text);
    }
    if let Some(page) = pages().find(|page| host_and_path(page.url) == (host, path)) {
        return Found::Page(page);
    }
    let photo = photo_at(path);
    let mut odd = site.map_or(SITE.odd, |site| site.odd).iter();
    if let Some((_, odd)) = odd.find(|(name, _)| *name == path || (*name == "*" && photo.is_some())) {
        return Found::Odd(*odd, photo);
    }
    match photo {
        Some(photo) => Found::Photo(photo, site.map_or(SITE.picture_headers, |site| site.picture_headers)),
        None if FURNITURE.contains(&path) => Found::Furniture,
        None => Found::Nothing,
    }
}

/// Paths of what every site has and nobody describes.
const FURNITURE: [&str; 3] = ["/logo.png", "/divider.png", "/spacer.png"];

impl Shown {
    /// The text as the page gives it.
    pub(crate) fn words(&self) -> &'static str {
        match (self.text, photo_at(self.image)) {
            (Text::First, Some(photo)) => &photo.caption,
            (Text::Second, Some(photo)) => &photo.second_caption,
            (Text::Words(words), _) => words,
            (Text::First | Text::Second, None) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashSet};

    #[test]
    fn every_page_and_picture_has_a_route_and_a_text() {
        let mut urls = HashSet::new();
        for page in pages() {
            assert!(urls.insert(page.url), "{} stands twice", page.url);
            let (host, path) = host_and_path(page.url);
            assert!(matches!(find(host, path), Found::Page(found) if found.url == page.url), "{}", page.url);
            for shown in page.shows {
                assert!(shown.words().chars().count() >= 5, "{} has no text", shown.image);
                let (host, path) = host_and_path(shown.image);
                if shown.end != End::Dropped(DropReason::Gone) && host.ends_with(".example") {
                    assert!(matches!(find(host, path), Found::Photo(..) | Found::Odd(..)), "{}", shown.image);
                }
            }
        }
    }

    #[test]
    fn no_site_stands_twice_and_every_site_is_used() {
        let mut hosts = HashSet::new();
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for page in pages() {
            used.insert(host_and_path(page.url).0);
            used.extend(page.shows.iter().map(|shown| host_and_path(shown.image).0));
        }
        for site in sites() {
            assert!(hosts.insert(site.host), "{} stands twice", site.host);
            used.extend(site.odd.iter().filter_map(|(_, odd)| match odd {
                Odd::Redirect(to) => Some(host_and_path(to).0),
                _ => None,
            }));
            if let Robots::MovedTo(to) = site.robots {
                used.insert(host_and_path(to).0);
            }
        }
        for host in hosts {
            assert!(used.contains(host), "{host} is not used");
        }
        assert!(used.len() >= 28);
    }

    #[test]
    fn every_photograph_is_kept_somewhere() {
        for photo in photos::all() {
            let kept = |shown: &&Shown| shown.end == End::Kept && shown.image.ends_with(&photo.file);
            assert!(pages().flat_map(|page| page.shows).any(|shown| kept(&shown)), "{}", photo.file);
        }
    }
}
