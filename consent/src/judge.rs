//! The page's side of an image: may a picture shown on this page be asked for at all?

use crate::{
    Policy, Site,
    decision::{Decision, decide},
    policy::Reading,
    settle_tdm, withholds_text,
};
use schema::{DropReason, Evidence, Host, Scope};
use url::Url;

/// What the page's side comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Newly found here, to be appended to what was known.
    pub evidence: Vec<Evidence>,
    /// What it comes to, in whatever mode.
    pub decision: Decision,
    /// Whether the page's texts may not be kept, even where its picture may.
    pub withholds_text: bool,
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
    let from_site = site_evidence(policy, page_url, image_url, site);
    let both = evidence.iter().chain(&from_site);
    let mut speaking: Vec<Evidence> = both.filter(|one| reaches(policy, one, page_url, image_url)).cloned().collect();
    settle_tdm(policy, &mut speaking);
    // The reasons stand in the order of the stages: lists, markup, headers, robots.
    reasons.extend(speaking.iter().filter(|one| one.denies()).map(reason_of));
    let decision = decide(speaking.iter().chain(&found));
    let mut settled: Vec<Evidence> = evidence.iter().chain(&from_site).cloned().collect();
    settle_tdm(policy, &mut settled);
    // What the page's host reserves in its file is the page's text, too.
    let reserves = |one: &Evidence| one.signal == "tdmrep.file" && one.denies();
    let withheld = settled.iter().any(|one| withholds_text(policy, one) || reserves(one));
    let reason = reasons.into_iter().min().filter(|_| policy.refuses() && decision.refuses());
    let refused = reason.or((withheld && policy.refuses()).then_some(DropReason::TextWithheld));
    found.extend(from_site.into_iter().filter(|one| !evidence.contains(one)));
    Judgement { evidence: found, decision, withholds_text: withheld, refused }
}

/// Decides over an image whose page nobody has named: there is no host to ask, and what is left is the lists, and
/// the `evidence` of the words that came with it.
pub fn judge_alone(policy: &Policy, image_url: &Url, evidence: &[Evidence]) -> Judgement {
    let found: Vec<Evidence> =
        policy.lists.find(image_url).map(|hit| hit.evidence(Scope::ImageUrl)).into_iter().collect();
    let listed = found.iter().map(|_| DropReason::ImageListed);
    let reasons = listed.chain(evidence.iter().filter(|one| one.denies()).map(reason_of));
    let decision = decide(evidence.iter().chain(&found));
    let refused = reasons.min().filter(|_| policy.refuses() && decision.refuses());
    Judgement { evidence: found, decision, withholds_text: false, refused }
}

/// The page host's file speaks for the page, and for images on its own origin. To a dataset or
/// training crawler it forbids everything, it also speaks for the domain's other hosts, which
/// mostly are content delivery hosts without a file of their own.
fn site_evidence(policy: &Policy, page_url: &Url, image_url: &Url, site: &Site) -> Vec<Evidence> {
    let mut found = site.page_evidence(policy, page_url);
    let more = if image_url.origin() == site.origin() {
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
    let on_page = matches!(evidence.scope, Scope::Page | Scope::Origin) && evidence.signal.starts_with("tdmrep.");
    !(on_page && policy.reading() == Reading::Spec) || page_url.origin() == image_url.origin()
}

fn reason_of(evidence: &Evidence) -> DropReason {
    match evidence.signal.as_str() {
        "robots.unreachable" | "robots.unchecked" => DropReason::PageUnknown,
        "tdmrep.header" | "rsl.link-header" => DropReason::PageHeader,
        "rsl.link" => DropReason::PageMarkup,
        "tdmrep.file" => DropReason::PageSite,
        signal => match signal.split('.').next() {
            Some("list") => DropReason::PageListed,
            Some("xrt" | "http") => DropReason::PageHeader,
            Some("robots") => DropReason::PageRobots,
            Some("trust-txt" | "rsl") => DropReason::PageSite,
            Some("aipref" | "cs") => reason_of_usage(evidence),
            _ => DropReason::PageMarkup,
        },
    }
}

/// Content-Usage and Content-Signal stand in robots.txt, in headers, and by mistake in metas.
fn reason_of_usage(evidence: &Evidence) -> DropReason {
    match evidence.scope {
        Scope::Domain | Scope::Origin | Scope::Path => DropReason::PageRobots,
        _ if evidence.place.ends_with('>') => DropReason::PageMarkup,
        _ => DropReason::PageHeader,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{OptOutList, listed_words_evidence};
    use schema::Mode;

    #[test]
    fn an_image_alone_is_judged_by_lists_and_its_words() {
        let url = |text: &str| Url::parse(text).unwrap();
        for (image, words, refused) in [
            ("http://i.example/a.jpg", "a boat on the lake", None),
            ("http://listed.example/a.jpg", "a boat on the lake", Some(DropReason::ImageListed)),
            ("http://i.example/a.jpg", "a drawing of mine. No AI training.", Some(DropReason::PageMarkup)),
            ("http://listed.example/a.jpg", "a drawing of mine. No AI training.", Some(DropReason::ImageListed)),
        ] {
            for mode in [Mode::Strict, Mode::RecordOnly] {
                let mut policy = Policy::new(mode, "pinakes");
                policy.lists = OptOutList::parse("artists", "listed.example\n").unwrap();
                let said = listed_words_evidence(&policy, words, "list.csv:row 7");
                assert!(
                    said.iter()
                        .all(|one| one.source == schema::Source::List && one.place.starts_with("list.csv:row 7"))
                );
                let judged = judge_alone(&policy, &url(image), &said);
                assert_eq!(judged.decision.refuses(), refused.is_some(), "{image}: {words}");
                assert_eq!(judged.refused, refused.filter(|_| mode == Mode::Strict), "{image}: {words}");
                assert_eq!(judged.evidence.len(), usize::from(image.contains("listed")));
            }
        }
    }
}
