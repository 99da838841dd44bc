//! What a page says of itself and of all that stands on it: headers, then markup, then words; and
//! what it says of one image.

mod markup_evidence;
mod text;

pub use text::withholds_text;

use crate::{
    Policy, element,
    findings::{Findings, Sight, clip},
    header::MAX_SHOWN_URL,
    header_evidence,
    license::{PageRights, documents, license_metas, rights_evidence},
    meta::meta_evidence,
    statement::Statement,
    words,
};
use chrono::{DateTime, Utc};
use markup::Place;
use schema::{Evidence, Scope, Source};
use serde_json::Value;
use url::Url;

/// What a page's response and markup say.
#[derive(Clone, Copy, Debug)]
pub struct PageView<'a> {
    /// The page's URL.
    pub url: &'a Url,
    /// Its response headers, in order, repeated ones too.
    pub headers: &'a [(String, String)],
    /// Its markup.
    pub markup: &'a markup::Page,
    /// Archive or live.
    pub source: Source,
    /// When the page was captured.
    pub seen_at: Option<DateTime<Utc>>,
    /// The time by which `unavailable_after` is judged.
    pub now: DateTime<Utc>,
}

impl PageView<'_> {
    /// Where relative addresses on the page begin.
    pub fn base(&self) -> Url {
        let base = self.markup.base.as_deref().and_then(|base| self.url.join(base).ok());
        base.unwrap_or_else(|| self.url.clone())
    }

    /// The page's JSON-LD, a document for each script. Whoever reads more of it than the rights parses it
    /// once, for [`PageRights::of_documents`] too.
    pub fn json_ld(&self) -> Vec<Value> {
        documents(self.markup)
    }

    /// What the page's JSON-LD says of the rights in its images: read once for all of them.
    pub fn rights(&self) -> PageRights {
        PageRights::of_documents(&self.json_ld(), self.base())
    }
}

/// Reads what is said of a page as a whole: its headers, metas, licences, description and small
/// print.
pub fn page_evidence(policy: &Policy, page: &PageView<'_>) -> Vec<Evidence> {
    let PageView { url, headers, source, seen_at, now, .. } = *page;
    let mut found = header_evidence(policy, url, headers, Scope::Page, source, seen_at, now);
    found.extend(meta_evidence(policy, page));
    found.extend(markup_evidence::licences(page));
    found.extend(license_metas(page));
    found.extend(markup_evidence::prose(policy, page));
    found
}

/// What is said of one image on the page: attributes on it and around it, its words, and its rights
/// as the page's JSON-LD states them ([`PageView::rights`]).
pub fn element_evidence(
    policy: &Policy,
    page: &PageView<'_>,
    rights: &PageRights,
    image: &markup::Image,
) -> Vec<Evidence> {
    let sight = Sight { scope: Scope::Element, source: page.source, seen_at: page.seen_at };
    let mut findings = Findings::default();
    for said in element::statements(policy, &image.marks) {
        let base = format!("{}:{}", clip(page.url.as_str(), MAX_SHOWN_URL), said.place);
        add(&mut findings, sight, &Statement { place: String::new(), ..said }, &base);
    }
    for (signal, attribute, text) in [
        ("nl.alt", "img alt", &image.alt),
        ("nl.title", "img title", &image.title),
        ("nl.aria-label", "img aria-label", &image.aria_label),
        ("nl.caption", "figcaption", &image.caption),
        ("nl.around", "words around", &image.around),
    ] {
        let Some(text) = text else { continue };
        for said in words::statements(policy, signal, text) {
            add(&mut findings, sight, &said, &place(page.url, image.at, attribute));
        }
    }
    let mut found = findings.into_vec();
    found.extend(of_rights(policy, page, rights, image));
    found
}

/// What is said of an image in the words of a meta element that describes it (`og:image:alt`).
pub fn meta_words_evidence(policy: &Policy, page: &PageView<'_>, meta: &markup::Meta) -> Vec<Evidence> {
    let sight = Sight { scope: Scope::Element, source: page.source, seen_at: page.seen_at };
    let mut findings = Findings::default();
    for said in words::statements(policy, "nl.meta", &meta.content) {
        add(&mut findings, sight, &said, &place(page.url, meta.at, &format!("meta {}", meta.name)));
    }
    findings.into_vec()
}

/// What the words say that a list of URLs gives with an image; `place` is where they stand in it.
pub fn listed_words_evidence(policy: &Policy, text: &str, place: &str) -> Vec<Evidence> {
    let sight = Sight { scope: Scope::Element, source: Source::List, seen_at: None };
    let mut findings = Findings::default();
    for said in words::statements(policy, "nl.caption", text) {
        add(&mut findings, sight, &said, &clip(place, MAX_SHOWN_URL));
    }
    findings.into_vec()
}

fn of_rights(policy: &Policy, page: &PageView<'_>, rights: &PageRights, image: &markup::Image) -> Vec<Evidence> {
    // Most pages state none, and resolving an address is the dearest thing done for an image.
    if rights.is_empty() {
        return Vec::new();
    }
    // They may be stated for any size of the picture.
    let mut addresses = image.address.iter().map(|(address, _)| address).chain(&image.others);
    let stated = addresses.find_map(|address| rights.of(&rights.resolve(address)?));
    let Some(rights) = stated else { return Vec::new() };
    let sight = Sight { scope: Scope::Element, source: page.source, seen_at: page.seen_at };
    let mut findings = Findings::default();
    for text in rights.texts() {
        for said in words::statements(policy, "nl.json-ld", text) {
            add(&mut findings, sight, &said, &format!("{} JSON-LD", clip(page.url.as_str(), MAX_SHOWN_URL)));
        }
    }
    let mut found = rights_evidence(page, rights);
    found.extend(findings.into_vec());
    found
}

fn add(findings: &mut Findings, sight: Sight, said: &Statement, base: &str) {
    findings.add(sight.of_statement(said, base), &said.raw, said.addressed_to.as_deref());
}

/// `https://h.example/p:12 (byte 340) <meta name="robots">`: where a person finds it.
pub(crate) fn place(url: &Url, place: Place, tag: &str) -> String {
    format!("{}:{}", clip(url.as_str(), MAX_SHOWN_URL), at(place, tag))
}

/// The same within the page.
pub(crate) fn at(place: Place, tag: &str) -> String {
    const LONGEST: usize = 100;
    format!("{} (byte {}) <{}>", place.line, place.byte, clip(tag, LONGEST))
}

#[cfg(test)]
mod differential;
#[cfg(test)]
mod tests;
