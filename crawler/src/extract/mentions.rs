//! Images that a page names without showing them there: in meta elements, for previews on other
//! sites, and in JSON-LD, for search engines. Often they are those that its elements show.

use super::{images::resolve, json_ld, meta_images};
use markup::Meta;
use schema::{DropReason, ImageSource};
use serde_json::Value;
use std::{borrow::Cow, cell::Cell, collections::HashMap};
use url::{Position, Url};

/// Most images taken of one page. Those of real pages are some dozens.
const MOST_IMAGES: usize = 20_000;
/// Most other addresses kept of one image.
const MOST_OTHERS: usize = 16;
/// Most texts kept of one image that JSON-LD describes again and again.
const MOST_TEXTS: usize = 16;

/// An image that metas or JSON-LD name.
pub(crate) struct Mention<'a> {
    /// Its address, or why it has none to ask for.
    pub(super) url: Result<Url, DropReason>,
    /// Where it was named first.
    pub(super) source: ImageSource,
    /// The meta element that describes it.
    pub(super) meta: Option<&'a Meta>,
    /// What JSON-LD says of it, best first.
    pub(super) json_ld: Vec<Cow<'a, str>>,
    others: Vec<Url>,
    /// Whether an element shows it.
    shown: Cell<bool>,
}

/// One place at which an image is named: addresses as written, and texts.
pub(super) struct Named<'a> {
    pub(super) source: ImageSource,
    pub(super) address: Cow<'a, str>,
    pub(super) others: Vec<Cow<'a, str>>,
    pub(super) meta: Option<&'a Meta>,
    pub(super) json_ld: Vec<Cow<'a, str>>,
}

/// All images that the metas and the JSON-LD of one page name, each once.
#[derive(Default)]
pub(crate) struct Mentions<'a> {
    all: Vec<Mention<'a>>,
    by_url: HashMap<String, usize>,
}

impl<'a> Mentions<'a> {
    /// Those of `page`, whose JSON-LD is given parsed.
    pub(crate) fn of(page: &'a markup::Page, json_ld: &'a [Value], base: &Url, max_url_bytes: usize) -> Self {
        let mut mentions = Self::default();
        for named in meta_images::of(&page.metas) {
            mentions.add(named, base, max_url_bytes);
        }
        for document in json_ld {
            json_ld::read(document, &mut |named| mentions.add(named, base, max_url_bytes));
        }
        mentions
    }

    fn add(&mut self, named: Named<'a>, base: &Url, max_url_bytes: usize) {
        let resolved = |address: &str| resolve(base, address, max_url_bytes);
        let url = resolved(&named.address);
        let others = named.others.iter().filter_map(|other| resolved(other).ok());
        let others: Vec<Url> = others.take(MOST_OTHERS).collect();
        let known = url.iter().chain(&others).find_map(|url| self.by_url.get(key(url)).copied());
        let place = known.unwrap_or(self.all.len());
        if place == MOST_IMAGES {
            return;
        }
        if known.is_none() {
            self.all.push(Mention::new(url.clone(), named.source));
        }
        for url in url.iter().chain(&others) {
            if !self.by_url.contains_key(key(url)) {
                self.by_url.insert(key(url).to_owned(), place);
            }
        }
        if let Some(mention) = self.all.get_mut(place) {
            mention.add(named, url.into_iter().chain(others));
        }
    }

    /// What is said of the image that an element shows at `url`; `others` are its other addresses, as
    /// written.
    pub(super) fn shown_at(&self, url: &Url, base: &Url, others: &[String]) -> Option<&Mention<'a>> {
        if self.by_url.is_empty() {
            return None;
        }
        let by_other = || others.iter().find_map(|other| self.by_url.get(&*written(other, base)?));
        let place = self.by_url.get(key(url)).or_else(by_other)?;
        let mention = self.all.get(*place)?;
        mention.shown.set(true);
        Some(mention)
    }

    /// Those that no element shows, of the elements asked for so far.
    pub(super) fn not_shown(&self) -> impl Iterator<Item = &Mention<'a>> {
        self.all.iter().filter(|mention| !mention.shown.get())
    }
}

impl<'a> Mention<'a> {
    fn new(url: Result<Url, DropReason>, source: ImageSource) -> Self {
        Self { url, source, meta: None, json_ld: Vec::new(), others: Vec::new(), shown: Cell::new(false) }
    }

    fn add(&mut self, named: Named<'a>, urls: impl Iterator<Item = Url>) {
        for url in urls {
            let is_new = !self.urls().any(|known| *known == url);
            if is_new && self.others.len() < MOST_OTHERS {
                self.others.push(url);
            }
        }
        self.meta = self.meta.or(named.meta);
        for text in named.json_ld {
            if self.json_ld.len() < MOST_TEXTS && !self.json_ld.contains(&text) {
                self.json_ld.push(text);
            }
        }
    }

    /// All its addresses.
    pub(super) fn urls(&self) -> impl Iterator<Item = &Url> {
        self.url.iter().chain(&self.others)
    }
}

/// The form in which addresses are compared: `http` and `https` serve the same picture.
fn key(url: &Url) -> &str {
    &url[Position::BeforeUsername..]
}

/// The same form of an address as written, without the cost of resolving it: an element may have
/// dozens. Relative ones that begin within a folder are passed over.
fn written<'a>(address: &'a str, base: &Url) -> Option<Cow<'a, str>> {
    let address = address.split('#').next().unwrap_or_default();
    let absolute = ["https://", "http://", "//"].iter().find_map(|start| address.strip_prefix(start));
    absolute.map(Cow::Borrowed).or_else(|| {
        address.starts_with('/').then(|| {
            let host = &base[Position::BeforeUsername..Position::BeforePath];
            Cow::Owned([host, address].concat())
        })
    })
}
