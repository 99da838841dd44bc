//! The gate: the only maker of permits, and nothing is fetched without one.

use crate::{Policy, Site, SiteFile, findings::Sight, policy::Reading};
use schema::{Category, DropReason, Evidence, Scope, Source, Verdict};
use url::Url;

/// Leave to request one URL once. Only this crate can make one, and it cannot be copied.
#[derive(Debug)]
pub struct Permit {
    url: Url,
    evidence: Vec<Evidence>,
    purpose: PermitFor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PermitFor {
    Image,
    /// Reached after so many redirects.
    SiteFile {
        redirects: u8,
    },
}

impl Permit {
    /// Most redirects followed for a site file (RFC 9309 section 2.3.1.2: at least five).
    pub const MAX_REDIRECTS: u8 = 5;

    /// Leave to read a site file of the origin of `url` (RFC 9309 section 2.2.2: `/robots.txt` is
    /// implicitly allowed). The path is that of the file, whatever `url` says.
    pub fn for_site_file(url: &Url, file: SiteFile) -> Self {
        let mut url = url.clone();
        url.set_path(file.path());
        url.set_query(None);
        Self { url: plain(url), evidence: Vec::new(), purpose: PermitFor::SiteFile { redirects: 0 } }
    }

    /// Leave to read licence terms that a site points to (RSL 1.0): they are published to be read.
    pub fn for_terms(terms: &TermsUrl) -> Self {
        Self { url: plain(terms.0.clone()), evidence: Vec::new(), purpose: PermitFor::SiteFile { redirects: 0 } }
    }

    /// Leave to follow a redirect of a site file, across authorities too, a few times. Images
    /// have none: where they lead to must pass the gate again.
    pub fn redirect(&self, to: &Url) -> Option<Self> {
        match self.purpose {
            PermitFor::SiteFile { redirects } if redirects < Self::MAX_REDIRECTS => {
                let purpose = PermitFor::SiteFile { redirects: redirects + 1 };
                Some(Self { url: plain(to.clone()), evidence: Vec::new(), purpose })
            }
            PermitFor::SiteFile { .. } | PermitFor::Image => None,
        }
    }

    /// What may be requested.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What was heard on the way that did not refuse.
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }
}

/// Where licence terms lie that a site, a page or a response named. Only this crate makes one, so that
/// nothing else is asked for under that name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TermsUrl(Url);

impl TermsUrl {
    pub(crate) fn new(url: Url) -> Self {
        Self(url)
    }

    /// The address.
    pub fn url(&self) -> &Url {
        &self.0
    }
}

/// Without what is never sent: a fragment, somebody's credentials.
fn plain(mut url: Url) -> Url {
    url.set_fragment(None);
    // These fail only for URLs that cannot hold credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// What a URL is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// An image as a page names it.
    Image {
        /// A no of another page that shows the same URL.
        sticky: Option<&'a Evidence>,
    },
    /// An image that another image URL redirects to.
    Redirect {
        /// A no of another page that shows the same URL.
        sticky: Option<&'a Evidence>,
    },
}

/// A no at the gate or after the response's headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The row's end.
    pub reason: DropReason,
    /// All that was found, the no among it.
    pub evidence: Vec<Evidence>,
}

/// May this image URL be requested? The only way to a [`Permit`] for an image.
///
/// Asks, in this order: other pages' refusals, the lists, the robots.txt of the image's origin.
pub fn gate(policy: &Policy, url: &Url, site: &Site, purpose: Purpose<'_>) -> Result<Permit, Refusal> {
    let (sticky, listed) = match purpose {
        Purpose::Image { sticky } => (sticky, DropReason::ImageListed),
        Purpose::Redirect { sticky } => (sticky, DropReason::RedirectListed),
    };
    let mut evidence = Vec::new();
    let mut reason = None;
    if let Some(sticky) = sticky.filter(|sticky| sticks(policy, sticky)) {
        evidence.push(sticky.clone());
        reason = reason.or(Some(DropReason::RefusedElsewhere));
    }
    let asked = asked(policy, url, site);
    reason = reason.or(reason_of(policy, &asked, listed));
    if !site.was_asked() {
        reason = reason.or(Some(DropReason::ImageUnknown));
    }
    evidence.extend(asked);
    if !policy.refuses() {
        evidence.push(nothing_is_fetched(url));
        reason = Some(DropReason::ImageUnknown);
    }
    match reason {
        Some(reason) => Err(Refusal { reason, evidence }),
        None => Ok(Permit { url: plain(url.clone()), evidence, purpose: PermitFor::Image }),
    }
}

/// What the lists say of an image URL, and the files of its site.
pub(crate) fn asked(policy: &Policy, url: &Url, site: &Site) -> Vec<Evidence> {
    let listed = policy.lists.find(url).map(|hit| hit.evidence(Scope::ImageUrl));
    listed.into_iter().chain(site.image_evidence(policy, url)).collect()
}

/// Why the evidence at the gate refuses, if it does. By the letter of `TDMRep` a response may still
/// lift what the site's file reserves, so that in spec mode the file alone does not close the gate.
fn reason_of(policy: &Policy, asked: &[Evidence], listed: DropReason) -> Option<DropReason> {
    let may_be_lifted = |one: &Evidence| one.signal == "tdmrep.file" && policy.reading() == Reading::Spec;
    let refusing = asked.iter().filter(|one| one.denies() && !may_be_lifted(one));
    refusing
        .map(|one| match one.signal.as_str() {
            "robots.unreachable" | "robots.unchecked" => DropReason::ImageUnknown,
            signal => match signal.split('.').next() {
                Some("list") => listed,
                // Content-Usage and Content-Signal are lines of robots.txt here.
                Some("robots" | "aipref" | "cs") => DropReason::ImageRobots,
                _ => DropReason::ImageSite,
            },
        })
        .min_by_key(|reason| (*reason != listed, *reason))
}

/// Strict: once a page has said no, the image is refused wherever it is shown. By the letter a
/// page speaks for itself, and only a word on the image URL holds everywhere.
fn sticks(policy: &Policy, sticky: &Evidence) -> bool {
    policy.reading() == Reading::Strict || matches!(sticky.scope, Scope::ImageUrl | Scope::ImageBytes)
}

fn nothing_is_fetched(url: &Url) -> Evidence {
    let sight = Sight { scope: Scope::ImageUrl, source: Source::Live, seen_at: None };
    let mut evidence = sight.evidence("mode.record-only", Category::Access, Verdict::Deny, url.as_str());
    evidence.raw = "nothing is fetched in mode record-only".into();
    evidence
}
