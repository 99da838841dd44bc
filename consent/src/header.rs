//! What response headers say: X-Robots-Tag and `TDMRep`. The same for pages and images.

use crate::{
    Policy,
    directive::{Addressee, Item, Meaning, items, meaning, verdict},
    findings::{Findings, Sight},
    policy::Reading,
    tdmrep,
};
use chrono::{DateTime, Utc};
use schema::{Evidence, Scope, Source, Verdict};
use url::Url;

/// Reads the response headers of `url`.
///
/// `scope` tells what the response is: a page, or an image URL. `now` decides whether an
/// `unavailable_after` has passed.
pub fn header_evidence(
    policy: &Policy,
    url: &Url,
    headers: &[(String, String)],
    scope: Scope,
    source: Source,
    seen_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<Evidence> {
    let sight = Sight { scope, source, seen_at };
    let mut findings = Findings::default();
    for (name, value) in headers {
        let name = name.trim().to_ascii_lowercase();
        match name.as_str() {
            // `Robots-Tag` is the name in Google's draft-illyes-repext.
            "x-robots-tag" | "robots-tag" => {
                let place = format!("{url} {name}");
                let carrier = Carrier { family: "xrt", place: &place, named: None, standing: Standing::Defined };
                carrier.add_items(&mut findings, policy, sight, value, now);
            }
            "tdm-reservation" => {
                let found = tdmrep::reservation(value, policy.reading());
                let (verdict, category) = (found.unwrap_or(Verdict::Info), schema::Category::Tdm);
                let evidence = sight.evidence("tdmrep.header", category, verdict, &format!("{url} {name}"));
                findings.add(evidence, value, None);
            }
            "tdm-policy" => {
                let place = format!("{url} {name}");
                let evidence = sight.evidence("tdmrep.policy", schema::Category::Tdm, Verdict::Info, &place);
                findings.add(evidence, value, None);
            }
            _ => {}
        }
    }
    findings.into_vec()
}

/// How well a carrier is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// By a specification.
    Defined,
    /// By use alone.
    Customary,
    /// A mistake with a plain meaning.
    Mistaken,
}

/// A place where a list of robots directives stands.
pub(crate) struct Carrier<'a> {
    /// `meta` or `xrt`: what its signals begin with.
    pub(crate) family: &'a str,
    pub(crate) place: &'a str,
    /// Whom the carrier as a whole names.
    pub(crate) named: Option<&'a str>,
    pub(crate) standing: Standing,
}

impl Carrier<'_> {
    /// Adds what a list of directives says. Words that mean nothing to us are left out.
    pub(crate) fn add_items(
        &self,
        findings: &mut Findings,
        policy: &Policy,
        sight: Sight,
        text: &str,
        now: DateTime<Utc>,
    ) {
        let known = |item: &Item<'_>| meaning(item.name, item.value) != Meaning::Unknown;
        for item in items(text, policy.reading()).iter().filter(|item| known(item)) {
            let named = item.scope.or(self.named);
            let to = Addressee::of(named, policy);
            let (verdict, category) = verdict(item, to, sight.scope == Scope::Page, policy.reading(), now);
            let verdict = self.weighed(verdict, policy.reading());
            let signal = format!("{}.{}", self.family, item.name.to_ascii_lowercase());
            let evidence = sight.evidence(&signal, category, verdict, self.place);
            let to_all = to == Addressee::Us && !named.is_some_and(|name| name.eq_ignore_ascii_case(&policy.agent));
            findings.add(evidence, text, if to_all { Some("*") } else { named });
        }
    }

    fn weighed(&self, verdict: Verdict, reading: Reading) -> Verdict {
        match (verdict, self.standing, reading) {
            (Verdict::Deny | Verdict::MalformedDeny, Standing::Customary | Standing::Mistaken, Reading::Spec) => {
                Verdict::Info
            }
            (Verdict::Deny, Standing::Mistaken, Reading::Strict) => Verdict::MalformedDeny,
            _ => verdict,
        }
    }
}
