//! What a page says of itself and of all that stands on it: headers, then markup.

use crate::{Policy, header_evidence, meta::meta_evidence, policy::Reading};
use chrono::{DateTime, Utc};
use schema::{Evidence, Scope, Source, Verdict};
use url::Url;

/// What a page's response and markup say. `metas` come in document order.
#[derive(Clone, Copy, Debug)]
pub struct PageView<'a> {
    /// The page's URL.
    pub url: &'a Url,
    /// Its response headers, in order, repeated ones too.
    pub headers: &'a [(String, String)],
    /// Its meta elements, from head and body (broken HTML has them anywhere), but not those in
    /// comments, `script`, `template`, `textarea` or `xmp`.
    pub metas: &'a [Meta],
    /// Archive or live.
    pub source: Source,
    /// When the page was captured.
    pub seen_at: Option<DateTime<Utc>>,
    /// The time by which `unavailable_after` is judged.
    pub now: DateTime<Utc>,
}

/// One `meta` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Which attribute names it.
    pub attribute: MetaAttribute,
    /// That attribute's value.
    pub name: String,
    /// The `content` attribute.
    pub content: String,
    /// Its line in the source, if known.
    pub line: Option<u32>,
}

/// The attribute a `meta` element is named by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetaAttribute {
    /// `name`
    Name,
    /// `property`
    Property,
    /// `http-equiv`
    HttpEquiv,
}

/// Reads a page's headers and meta elements.
pub fn page_evidence(policy: &Policy, page: &PageView<'_>) -> Vec<Evidence> {
    let PageView { url, headers, source, seen_at, now, .. } = *page;
    let mut found = header_evidence(policy, url, headers, Scope::Page, source, seen_at, now);
    let from_metas = meta_evidence(policy, page);
    if policy.reading() == Reading::Spec && from_metas.iter().any(is_tdm_statement) {
        // TDMRep's own order of priority: HTML over header. Strict lets a no at any level stand.
        for evidence in found.iter_mut().filter(|evidence| evidence.signal == "tdmrep.header" && evidence.denies()) {
            evidence.verdict = Verdict::Info;
        }
    }
    found.extend(from_metas);
    found
}

fn is_tdm_statement(evidence: &Evidence) -> bool {
    evidence.signal == "tdmrep.meta" && evidence.verdict != Verdict::Info
}
