//! Licences and rights as evidence that refuses nothing.
//!
//! A licence that a page states holds for its main content and not for every picture on it, so it
//! is told of the page; what JSON-LD says of one image is told of that image.

use super::{License, Rights};
use crate::{
    PageView,
    findings::{Findings, Sight},
};
use schema::{Category, Evidence, Scope, Verdict};
use url::Url;

/// Metas that hold a licence or say who holds the rights: Dublin Core in both its spellings, and
/// what content management systems write.
const METAS: &[&str] = &[
    "dcterms.license",
    "dcterms.rights",
    "dcterms.rightsholder",
    "dcterms.accessrights",
    "dc.rights",
    "dc.rights.license",
    "dc.license",
    "cc:license",
    "license",
    "rights",
    "copyright",
];

/// What a page's metas say of its licence: `license.meta`.
pub(crate) fn license_metas(page: &PageView<'_>) -> Vec<Evidence> {
    let sight = Sight { scope: Scope::Page, source: page.source, seen_at: page.seen_at };
    let mut findings = Findings::default();
    for meta in &page.markup.metas {
        let name = meta.name.trim();
        if METAS.iter().any(|known| name.eq_ignore_ascii_case(known)) && !meta.content.trim().is_empty() {
            let name = name.to_ascii_lowercase();
            let place = format!("{}:{} <meta {name}>", page.url, meta.at.line);
            let evidence = sight.evidence("license.meta", Category::Info, Verdict::Info, &place);
            findings.add(evidence, &named(page.url, meta.content.trim()), None);
        }
    }
    findings.into_vec()
}

/// Rights in one image, one piece for each property: `license.json-ld`.
pub(crate) fn rights_evidence(page: &PageView<'_>, rights: &Rights) -> Vec<Evidence> {
    let sight = Sight { scope: Scope::Element, source: page.source, seen_at: page.seen_at };
    let mut findings = Findings::default();
    for (property, text) in rights.properties() {
        let place = format!("{} JSON-LD {property}", page.url);
        let text = if property == "license" { named(page.url, text) } else { text.to_owned() };
        findings.add(sight.evidence("license.json-ld", Category::Info, Verdict::Info, &place), &text, None);
    }
    findings.into_vec()
}

/// An address with the name of the licence that lies there before it, if it is a known one.
fn named(base: &Url, text: &str) -> String {
    let license = License::at(text).or_else(|| License::at(base.join(text).ok()?.as_str()));
    license.map_or_else(|| text.to_owned(), |license| format!("{} {text}", license.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use schema::Source;

    fn told(html: &str) -> Vec<(String, String)> {
        let url = Url::parse("https://example.com/page/").unwrap();
        let markup = markup::Page::parse(html);
        let (source, now) = (Source::Live, DateTime::UNIX_EPOCH);
        let page = PageView { url: &url, headers: &[], markup: &markup, source, seen_at: None, now };
        let mut found = license_metas(&page);
        let rights = page.rights();
        for (address, _) in markup.images.iter().filter_map(|image| image.address.as_ref()) {
            let rights = rights.of(&url.join(address).unwrap());
            found.extend(rights.iter().flat_map(|rights| rights_evidence(&page, rights)));
        }
        assert!(found.iter().all(|one| one.verdict == Verdict::Info && one.place.starts_with("https://example.com/")));
        found.into_iter().map(|one| (one.signal, one.raw)).collect()
    }

    #[test]
    fn metas_state_licences() {
        for (html, raw) in [
            (
                "<meta name=DCTERMS.license content=https://creativecommons.org/licenses/by/4.0/>",
                &["CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/"][..],
            ),
            ("<meta name=copyright content='© Ada'><meta name=rights content=' '>", &["© Ada"]),
            (
                "<meta property=cc:license content=//creativecommons.org/publicdomain/zero/1.0/>",
                &["CC0-1.0 //creativecommons.org/publicdomain/zero/1.0/"],
            ),
            ("<meta name=description content='CC BY'>", &[]),
        ] {
            let expected: Vec<_> = raw.iter().map(|raw| ("license.meta".to_owned(), (*raw).to_owned())).collect();
            assert_eq!(told(html), expected, "{html}");
        }
    }

    #[test]
    fn rights_in_one_image_are_told_of_it() {
        let html = r#"<base href="/other/"><img src="/a.jpg"><img src="/b.jpg">
            <script type="application/ld+json">{"@type":"ImageObject","contentUrl":"/a.jpg","creator":"Ada",
              "license":"https://creativecommons.org/licenses/by-nc/3.0/de/"}</script>
            <script type="application/ld+json">{"contentUrl":"a.jpg","license":"https://l.example/"}</script>
            <script type="application/ld+json">{"contentUrl":"https://example.com/a.jpg","creditText":"Studio","creator":"Bob"}</script>"#;
        let raw = ["CC-BY-NC-3.0-DE https://creativecommons.org/licenses/by-nc/3.0/de/", "Ada", "Studio"];
        let expected: Vec<_> = raw.iter().map(|raw| ("license.json-ld".to_owned(), (*raw).to_owned())).collect();
        assert_eq!(told(html), expected);
    }
}
