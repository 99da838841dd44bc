//! One captured page: its images with their texts become candidates.

use super::{Rules, Sink, images, mentions::Mentions, texts};
use chrono::{DateTime, Utc};
use consent::{PageRights, PageView, is_rsl, page_evidence, signals_checked};
use images::Found;
use schema::{CapturedImage, CapturedPage, DropReason, Host, SampleId, Source, Tally};
use std::collections::HashSet;
use url::Url;

/// A page as an archive keeps it.
pub(super) struct Capture<'a> {
    pub(super) url: &'a Url,
    pub(super) host: &'a Host,
    pub(super) headers: &'a [(String, String)],
    pub(super) markup: &'a markup::Page,
    pub(super) looked_at: LookedAt,
    pub(super) captured_at: Option<DateTime<Utc>>,
    pub(super) archive: &'a str,
    pub(super) offset: u64,
}

/// How much of a page is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LookedAt {
    /// All of it.
    Whole,
    /// What a WAT tells: metas, and some of the headers. Its silence on the rest is no yes.
    Metadata,
}

impl LookedAt {
    /// Names of the signals that were looked for.
    fn checked(self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::Whole => &[signals_checked::PAGE_HEADER, signals_checked::PAGE_META],
            Self::Metadata => &[signals_checked::PAGE_META],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }
}

/// Reads pages, one after the other.
pub(super) struct Reader<'a> {
    rules: Rules<'a>,
    /// Pages with candidates so far.
    pages: i64,
    /// Pairs of the page at hand.
    on_page: HashSet<SampleId>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(rules: Rules<'a>) -> Self {
        Self { rules, pages: 0, on_page: HashSet::new() }
    }

    /// Counts every image of the page, and hands on those that make a candidate.
    pub(super) fn read(&mut self, capture: &Capture<'_>, tally: &mut Tally, sink: &mut impl Sink) {
        let view = PageView {
            url: capture.url,
            headers: capture.headers,
            markup: capture.markup,
            source: Source::Warc,
            seen_at: capture.captured_at,
            now: self.rules.now,
        };
        let base = view.base();
        let json_ld = view.json_ld();
        let rights = PageRights::of_documents(&json_ld, base.clone());
        let page = Page { number: self.pages, capture, view, base, rights };
        let max_url_bytes = self.rules.keep.max_url_bytes;
        let mentions = Mentions::of(capture.markup, &json_ld, &page.base, max_url_bytes);
        let mut is_new = true;
        self.on_page.clear();
        for found in images::of(capture.markup, &page.base, &mentions, max_url_bytes) {
            match self.image(&page, &found) {
                Ok(image) if !self.on_page.insert(image.id) => tally.drop(DropReason::RepeatedOnPage),
                Ok(image) => {
                    tally.keep();
                    if std::mem::take(&mut is_new) {
                        self.pages += 1;
                        sink.page(page.row(&self.rules));
                    }
                    sink.image(image);
                }
                Err(reason) => tally.drop(reason),
            }
        }
    }

    fn image(&self, page: &Page<'_>, found: &Found<'_>) -> Result<CapturedImage, DropReason> {
        let keep = self.rules.keep;
        let url = found.url.as_ref().map_err(|reason| *reason)?;
        let host = Host::of(url).ok_or(DropReason::BadUrl)?;
        let chosen = texts::choose(keep, found)?;
        Ok(CapturedImage {
            page: page.number,
            page_host: page.capture.host.to_string(),
            id: SampleId::of(url.as_str(), &chosen.text),
            other_urls: found.other_urls(&page.base, keep.max_url_bytes),
            url: url.as_str().to_owned(),
            host: host.to_string(),
            source: found.source,
            text: chosen.text,
            text_source: chosen.source,
            text_flags: chosen.flags,
            language: chosen.language,
            alt: found.image.alt.clone(),
            title: found.image.title.clone(),
            caption: found.image.caption.clone(),
            license_url: page.rights.license_of(url).map(str::to_owned),
            evidence: found.evidence(self.rules.policy, &page.view, &page.rights),
        })
    }
}

/// What all images of a page share.
struct Page<'a> {
    number: i64,
    capture: &'a Capture<'a>,
    view: PageView<'a>,
    base: Url,
    rights: PageRights,
}

impl Page<'_> {
    /// The page as a row. Made only where a candidate stands on it.
    fn row(&self, rules: &Rules<'_>) -> CapturedPage {
        let capture = self.capture;
        let license = capture.markup.licenses.iter().find(|link| !is_rsl(link.media_type.as_deref()));
        CapturedPage {
            number: self.number,
            url: capture.url.to_string(),
            host: capture.host.to_string(),
            archive: capture.archive.to_owned(),
            archive_offset: i64::try_from(capture.offset).unwrap_or(i64::MAX),
            captured_at: capture.captured_at,
            language: capture.markup.language.clone(),
            license_url: license.and_then(|link| self.base.join(&link.href).ok()).map(String::from),
            evidence: page_evidence(rules.policy, &self.view),
            checked: capture.looked_at.checked(),
        }
    }
}
