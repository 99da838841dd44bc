//! Terms that a page or response links to: which to ask for, and what they say once they were read.

use super::LicenseDocument;
use crate::{
    Answer, TermsUrl,
    findings::{Findings, Sight},
};
use schema::{Evidence, Verdict};
use std::collections::BTreeMap;
use url::Url;

/// Most documents asked for on behalf of one page.
const MOST: usize = 8;

/// Addresses of the terms that evidence points to. Ask for them, then call [`read_linked_terms`].
pub fn linked_terms(evidence: &[Evidence]) -> Vec<TermsUrl> {
    let mut urls: Vec<TermsUrl> = Vec::new();
    for url in evidence.iter().filter_map(address).map(TermsUrl::new) {
        if urls.len() < MOST && !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// Puts what the terms say of `target` in place of the mere link. Terms that could not be had stay a
/// condition not met (RSL 1.0: who has not read them has no licence).
pub fn read_linked_terms(evidence: &mut Vec<Evidence>, documents: &BTreeMap<String, Answer>, target: &Url) {
    let mut said = Findings::default();
    for link in evidence.iter_mut() {
        let Some(url) = address(link) else { continue };
        let Some(Answer::Found { status: 200..=299, body, .. }) = documents.get(url.as_str()) else { continue };
        link.verdict = Verdict::Info;
        let sight = Sight { scope: link.scope, source: link.source, seen_at: link.seen_at };
        for statement in LicenseDocument::read(body, &url).statements(target) {
            said.add(sight.of_statement(&statement, url.as_str()), &statement.raw, None);
        }
    }
    evidence.extend(said.into_vec());
}

/// Where a link leads that nobody has followed yet.
fn address(link: &Evidence) -> Option<Url> {
    let is_link = matches!(link.signal.as_str(), "rsl.link" | "rsl.link-header") && link.denies();
    Url::parse(&link.raw).ok().filter(|url| is_link && matches!(url.scheme(), "http" | "https"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use schema::{Category, Scope, Source};

    fn read(terms: Option<&str>) -> Vec<(String, Verdict)> {
        let sight = Sight { scope: Scope::Page, source: Source::Warc, seen_at: None };
        let mut link = sight.evidence("rsl.link", Category::Train, Verdict::Conditional, "p:3");
        link.raw = "https://h.example/terms.xml".into();
        let mut evidence = vec![link];
        assert_eq!(linked_terms(&evidence).len(), 1);
        let answer = terms.map(|terms| Answer::Found { status: 200, body: terms.into(), content_type: None });
        let documents = [("https://h.example/terms.xml".to_owned(), answer.unwrap_or(Answer::Status(404)))].into();
        read_linked_terms(&mut evidence, &documents, &Url::parse("https://h.example/p").unwrap());
        evidence.into_iter().map(|one| (one.signal, one.verdict)).collect()
    }

    #[test]
    fn terms_that_were_read_speak_in_place_of_the_link() {
        let terms = |inside: &str| {
            format!(
                "<rsl xmlns='https://rslstandard.org/rsl'><content url='/'><license>{inside}</license></content></rsl>"
            )
        };
        let link = |verdict| ("rsl.link".to_owned(), verdict);
        assert_eq!(read(None), [link(Verdict::Conditional)]);
        let permits = read(Some(&terms("<permits type='usage'>all</permits>")));
        assert_eq!(permits, [link(Verdict::Info), ("rsl.permits".to_owned(), Verdict::Allow)]);
        let prohibits = read(Some(&terms("<prohibits type='usage'>ai-train</prohibits>")));
        assert_eq!(prohibits, [link(Verdict::Info), ("rsl.prohibits".to_owned(), Verdict::Deny)]);
        assert!(
            read(Some("no XML"))
                .iter()
                .any(|(signal, verdict)| signal == "rsl.invalid" && *verdict == Verdict::Conditional)
        );
    }
}
