//! All images a page speaks of: its elements, then those that only its metas and JSON-LD name.
//!
//! One picture makes one candidate: what metas and JSON-LD say of an image that an element shows is
//! given to the element.

use super::mentions::{Mention, Mentions};
use consent::{PageRights, PageView, Policy, element_evidence, meta_words_evidence};
use markup::{AddressSource, ElementKind};
use schema::{DropReason, Evidence, ImageSource, TextSource};
use std::borrow::Cow;
use url::{ParseError, Url};

/// An image as a page speaks of it.
pub(crate) struct Found<'a> {
    /// The element; made up where a meta element or JSON-LD speaks of an image that no element shows.
    pub(super) image: Cow<'a, markup::Image>,
    /// Its address, or why it has none to ask for.
    pub(crate) url: Result<Url, DropReason>,
    /// Where its address stands.
    pub(super) source: ImageSource,
    /// What metas and JSON-LD say of it.
    pub(super) mention: Option<&'a Mention<'a>>,
}

/// All images of `page`, in order. Addresses begin at `base`, and have at most so many bytes.
pub(crate) fn of<'a>(
    page: &'a markup::Page,
    base: &'a Url,
    mentions: &'a Mentions<'a>,
    max_url_bytes: usize,
) -> impl Iterator<Item = Found<'a>> {
    let elements = page.images.iter().map(move |image| Found::element(image, base, mentions, max_url_bytes));
    // Asked only after the elements, which by then have taken what is said of them.
    elements.chain(mentions.not_shown().map(Found::mentioned))
}

impl<'a> Found<'a> {
    fn element(image: &'a markup::Image, base: &Url, mentions: &'a Mentions<'a>, max_url_bytes: usize) -> Self {
        let address = image.address.as_ref();
        let url = address.ok_or(DropReason::NoUrl).and_then(|(address, _)| resolve(base, address, max_url_bytes));
        let mention = url.as_ref().ok().and_then(|url| mentions.shown_at(url, base, &image.others));
        let source = match address.map_or(AddressSource::Src, |(_, source)| *source) {
            AddressSource::Src if image.element == ElementKind::Video => ImageSource::Poster,
            AddressSource::Src => ImageSource::Src,
            AddressSource::Srcset => ImageSource::Srcset,
            AddressSource::Picture => ImageSource::Picture,
            AddressSource::Lazy => ImageSource::Lazy,
        };
        Self { image: Cow::Borrowed(image), url, source, mention }
    }

    fn mentioned(mention: &'a Mention<'a>) -> Self {
        let url = mention.url.clone();
        let address = url.as_ref().ok().map(|url| (url.as_str().to_owned(), AddressSource::Src));
        let image = markup::Image { address, ..markup::Image::default() };
        Self { image: Cow::Owned(image), url, source: mention.source, mention: Some(mention) }
    }

    /// The texts that `source` gives it, best first.
    pub(super) fn texts(&self, source: TextSource) -> impl Iterator<Item = &str> {
        let one = match source {
            TextSource::Alt => self.image.alt.as_deref(),
            TextSource::Caption => self.image.caption.as_deref(),
            TextSource::Title => self.image.title.as_deref(),
            TextSource::AriaLabel => self.image.aria_label.as_deref(),
            TextSource::Meta => self.mention.and_then(|mention| Some(mention.meta?.content.as_str())),
            TextSource::Around => self.image.around.as_deref(),
            TextSource::JsonLd | TextSource::List => None,
        };
        let json_ld = self.mention.filter(|_| source == TextSource::JsonLd).map(|mention| &mention.json_ld[..]);
        one.into_iter().chain(json_ld.unwrap_or_default().iter().map(|text| &**text))
    }

    /// What is said of it: on the element, in its words, in what metas and JSON-LD say of it.
    pub(crate) fn evidence(&self, policy: &Policy, view: &PageView<'_>, rights: &PageRights) -> Vec<Evidence> {
        let mut evidence = element_evidence(policy, view, rights, &self.image);
        if let Some(meta) = self.mention.and_then(|mention| mention.meta) {
            evidence.extend(meta_words_evidence(policy, view, meta));
        }
        evidence
    }

    /// Other addresses of the same picture.
    pub(super) fn other_urls(&self, base: &Url, max_url_bytes: usize) -> Vec<String> {
        let mut urls: Vec<String> = Vec::new();
        let of_element = self.image.others.iter().filter_map(|other| resolve(base, other, max_url_bytes).ok());
        let of_mention = self.mention.iter().flat_map(|mention| mention.urls().cloned());
        for url in of_element.chain(of_mention) {
            if self.url.as_ref().ok() != Some(&url) && !urls.iter().any(|known| known == url.as_str()) {
                urls.push(url.into());
            }
        }
        urls
    }
}

/// An image address as an absolute URL without fragment.
pub(super) fn resolve(base: &Url, address: &str, max_bytes: usize) -> Result<Url, DropReason> {
    to_ask_for(base.join(address), max_bytes)
}

/// An address that stands by itself as such a URL.
pub(super) fn absolute(address: &str, max_bytes: usize) -> Result<Url, DropReason> {
    to_ask_for(Url::parse(address), max_bytes)
}

fn to_ask_for(url: Result<Url, ParseError>, max_bytes: usize) -> Result<Url, DropReason> {
    let mut url = url.map_err(|_| DropReason::BadUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(DropReason::ForeignScheme);
    }
    url.set_fragment(None);
    if url.as_str().len() > max_bytes {
        return Err(DropReason::BadUrl);
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
