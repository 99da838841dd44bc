//! What the body of a page says: links to licences, licences within, a description, small print.

use super::{PageView, add, place};
use crate::{
    Policy,
    findings::{Findings, Sight},
    header::{absolute, is_rsl},
    rsl, words,
};
use schema::{Category, Evidence, Scope, Verdict};
use std::cell::LazyCell;

/// RSL terms that nobody has read are a condition not met; any other licence is recorded.
pub(super) fn licences(page: &PageView<'_>) -> Vec<Evidence> {
    let sight = sight(page);
    let base = LazyCell::new(|| page.base());
    let mut findings = Findings::default();
    for link in &page.markup.licenses {
        let (signal, category, verdict) = if is_rsl(link.media_type.as_deref()) {
            ("rsl.link", Category::Train, Verdict::Conditional)
        } else {
            ("license.link", Category::Info, Verdict::Info)
        };
        let evidence = sight.evidence(signal, category, verdict, &place(page.url, link.at, "link rel=\"license\""));
        findings.add(evidence, &absolute(&base, &link.href), None);
    }
    for script in page.markup.scripts.iter().filter(|script| is_rsl(Some(&script.media_type))) {
        let place = place(page.url, script.at, "script type=\"application/rsl+xml\"");
        for said in rsl::statements(script.text.as_bytes(), page.url, page.url) {
            add(&mut findings, sight, &said, &place);
        }
    }
    findings.into_vec()
}

/// What authors write for readers.
pub(super) fn prose(policy: &Policy, page: &PageView<'_>) -> Vec<Evidence> {
    let sight = sight(page);
    let mut findings = Findings::default();
    for meta in page.markup.metas.iter().filter(|meta| describes(&meta.name)) {
        for said in words::statements(policy, "nl.description", &meta.content) {
            add(&mut findings, sight, &said, &place(page.url, meta.at, &format!("meta {}", meta.name)));
        }
    }
    for notice in &page.markup.notices {
        for said in words::statements(policy, "nl.notice", &notice.text) {
            add(&mut findings, sight, &said, &place(page.url, notice.at, &notice.element));
        }
    }
    findings.into_vec()
}

/// Descriptions, and the metas where rights are reserved in words (Dublin Core and its kin).
fn describes(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "description",
        "og:description",
        "twitter:description",
        "copyright",
        "rights",
        "dc.rights",
        "dcterms.rights",
        "usage-rights",
    ];
    let name = name.trim();
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn sight(page: &PageView<'_>) -> Sight {
    Sight { scope: Scope::Page, source: page.source, seen_at: page.seen_at }
}
