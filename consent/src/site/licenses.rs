//! Licence documents (RSL 1.0) that a robots.txt names: which to ask for, and what they say.

use super::{Answer, SiteFile, answer::root, robots_file::RobotsFile};
use crate::{
    Policy, TermsUrl,
    findings::{Findings, Sight},
    robots::TermRule,
    rsl::LicenseDocument,
    statement::Statement,
};
use schema::{Category, Evidence, Scope, Source, Verdict};
use std::collections::BTreeMap;
use url::Url;

/// Most documents asked for on behalf of one site. What more it names is taken as unavailable.
pub const MAX_LICENSES: usize = 8;

/// The licence documents that the robots.txt of the origin of `url` names for us: ask for them before
/// [`Site::new`](super::Site::new), and hand over what came back by these addresses.
pub fn license_urls(robots: &Answer, url: &Url, policy: &Policy) -> Vec<TermsUrl> {
    let base = root(url);
    // Neither source nor time matters for which lines there are.
    let sight = Sight { scope: Scope::Origin, source: Source::Live, seen_at: None };
    let file = RobotsFile::read(SiteFile::Robots.url(&base), robots, sight);
    let mut urls: Vec<TermsUrl> = Vec::new();
    for url in file.licenses(policy).into_iter().filter_map(|rule| address(rule, &base)).map(TermsUrl::new) {
        if urls.len() < MAX_LICENSES && !urls.contains(&url) {
            urls.push(url);
        }
    }
    urls
}

/// The documents that were had, by address.
#[derive(Debug)]
pub(super) struct Licenses(BTreeMap<String, LicenseDocument>);

impl Licenses {
    /// Reads what came back. An address that gave none is the same as one that was not asked.
    pub(super) fn read(answers: &BTreeMap<String, Answer>) -> Self {
        let read = |(address, answer): (&String, &Answer)| {
            let Answer::Found { status: 200..=299, body, .. } = answer else { return None };
            let url = Url::parse(address).ok()?;
            Some((url.to_string(), LicenseDocument::read(body, &url)))
        };
        Self(answers.iter().filter_map(read).collect())
    }

    /// What the documents that `rules` name say of `target`. RSL 1.0: who has not read the terms has
    /// no licence.
    pub(super) fn evidence(&self, rules: &[&TermRule], base: &Url, target: &Url, sight: Sight) -> Vec<Evidence> {
        let mut findings = Findings::default();
        for rule in rules {
            let known = address(rule, base).and_then(|url| Some((self.0.get(url.as_str())?, url)));
            let Some((document, url)) = known else {
                let said = Statement::new("rsl.unavailable", Category::Train, Verdict::Conditional, &rule.text);
                let place = format!("{}:{}", SiteFile::Robots.url(base), rule.line);
                findings.add(sight.of_statement(&said, &place), &rule.text, None);
                continue;
            };
            let path = Sight { scope: Scope::Path, ..sight };
            for said in document.statements(target) {
                findings.add(path.of_statement(&said, url.as_str()), &said.raw, None);
            }
        }
        findings.into_vec()
    }
}

/// The address on a line. It must be absolute; a relative one is resolved all the same.
fn address(rule: &TermRule, base: &Url) -> Option<Url> {
    let text = rule.target.as_deref()?.trim().trim_matches(['<', '>', '"', '\'']);
    let mut url = base.join(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    url.set_fragment(None);
    Some(url)
}
