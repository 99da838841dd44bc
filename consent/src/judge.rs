//! The page's side of an image: may a picture shown on this page be asked for at all?

use crate::{Policy, Site, decision::decide, policy::Reading};
use schema::{DropReason, Evidence, Host, Scope};
use url::Url;

/// What the page's side comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Newly found here, to be appended to what was known.
    pub evidence: Vec<Evidence>,
    /// Why the page's side says no, if it does. Never set in mode record-only.
    pub refused: Option<DropReason>,
}

/// Decides over the page's side: lists, the `evidence` gathered when the page was read, and the
/// robots.txt of the page's origin.
///
/// The reason is that of the first denial in the order lists, markup, headers, robots.
pub fn judge_page(policy: &Policy, page_url: &Url, image_url: &Url, site: &Site, evidence: &[Evidence]) -> Judgement {
    let mut found = Vec::new();
    let mut reasons = Vec::new();
    let listed =
        [(page_url, Scope::Page, DropReason::PageListed), (image_url, Scope::ImageUrl, DropReason::ImageListed)];
    for (url, scope, reason) in listed {
        if let Some(hit) = policy.lists.find(url) {
            found.push(hit.evidence(scope));
            reasons.push(reason);
        }
    }
    let robots = robots_evidence(policy, page_url, image_url, site);
    let speaking = || {
        let given = evidence.iter().filter(|one| reaches(policy, one, page_url, image_url));
        given.chain(&robots)
    };
    // Lists were handled above; what else refuses, refuses under the name of its family.
    reasons.extend(speaking().filter(|one| one.denies()).map(|one| reason_of(&one.signal)));
    let refuses = policy.refuses() && decide(speaking().chain(&found)).refuses();
    found.extend(robots.iter().filter(|one| !evidence.contains(one)).cloned());
    // The reasons stand in the order of the stages: lists, markup, headers, robots.
    Judgement { evidence: found, refused: reasons.into_iter().min().filter(|_| refuses) }
}

/// The page host's file speaks for the page, and for images on its own origin. To a dataset or
/// training crawler it forbids everything, it also speaks for the domain's other hosts, which
/// mostly are content delivery hosts without a file of their own.
fn robots_evidence(policy: &Policy, page_url: &Url, image_url: &Url, site: &Site) -> Vec<Evidence> {
    let mut found = site.evidence(policy, page_url);
    let more = if image_url.origin() == *site.origin() {
        site.purpose_evidence(policy, image_url)
    } else if same_domain(page_url, image_url) {
        site.whole_domain_evidence(policy)
    } else {
        Vec::new()
    };
    for evidence in more {
        if !found.contains(&evidence) {
            found.push(evidence);
        }
    }
    found
}

fn same_domain(one: &Url, other: &Url) -> bool {
    match (Host::of(one), Host::of(other)) {
        (Some(one), Some(other)) => one.registered_domain() == other.registered_domain(),
        _ => false,
    }
}

/// By the letter, `TDMRep` on a page reserves the page's own content: images of other origins are
/// not meant. Strict takes the page with all that stands on it.
fn reaches(policy: &Policy, evidence: &Evidence, page_url: &Url, image_url: &Url) -> bool {
    let on_page = evidence.scope == Scope::Page && evidence.signal.starts_with("tdmrep.");
    !(on_page && policy.reading() == Reading::Spec) || page_url.origin() == image_url.origin()
}

fn reason_of(signal: &str) -> DropReason {
    match signal {
        "robots.unreachable" | "robots.unchecked" => DropReason::PageUnknown,
        "tdmrep.header" => DropReason::PageHeader,
        _ => match signal.split('.').next() {
            Some("list") => DropReason::PageListed,
            Some("xrt") => DropReason::PageHeader,
            Some("robots") => DropReason::PageRobots,
            _ => DropReason::PageMarkup,
        },
    }
}
