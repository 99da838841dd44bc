//! A place where a list of robots directives stands, and how much it weighs there.

use crate::{
    Policy,
    directive::{self, Addressee, Item, Meaning, meaning, verdict},
    findings::{Findings, Sight},
    policy::Reading,
    robots_tag,
};
use chrono::{DateTime, Utc};
use schema::{Evidence, Scope, Verdict};

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

impl Standing {
    /// What a verdict comes to where it stands.
    pub(crate) fn weigh(self, verdict: Verdict, reading: Reading) -> Verdict {
        match (verdict, self, reading) {
            (
                Verdict::Deny | Verdict::Conditional | Verdict::MalformedDeny,
                Self::Customary | Self::Mistaken,
                Reading::Spec,
            ) => Verdict::Info,
            (Verdict::Deny | Verdict::Conditional, Self::Mistaken, Reading::Strict) => Verdict::MalformedDeny,
            _ => verdict,
        }
    }
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
    /// Adds what a header's value says. It may be of the old or the structured form, and is tried
    /// as both: all negatives count.
    pub(crate) fn add_header(
        &self,
        findings: &mut Findings,
        policy: &Policy,
        sight: Sight,
        text: &str,
        now: DateTime<Utc>,
    ) {
        self.add_items(findings, policy, sight, text, now);
        for item in robots_tag::items(text) {
            self.add(findings, policy, sight, &item, text, now);
        }
    }

    /// Adds what a list of directives says.
    pub(crate) fn add_items(
        &self,
        findings: &mut Findings,
        policy: &Policy,
        sight: Sight,
        text: &str,
        now: DateTime<Utc>,
    ) {
        for item in directive::items(text, policy.reading()) {
            self.add(findings, policy, sight, &item, text, now);
        }
        if policy.reading() == Reading::Strict {
            // What the letter reads as a no stays one, wherever the lenient reading cuts the list.
            for item in directive::items(text, Reading::Spec) {
                if let Some((evidence, to)) = self.read(policy, sight, &item, now, is_no) {
                    findings.add(evidence, text, to);
                }
            }
        }
    }

    /// Adds one directive that stands in `text`. One that means nothing to us is left out.
    pub(crate) fn add(
        &self,
        findings: &mut Findings,
        policy: &Policy,
        sight: Sight,
        item: &Item<'_>,
        text: &str,
        now: DateTime<Utc>,
    ) {
        if let Some((evidence, to)) = self.read(policy, sight, item, now, |_| true) {
            findings.add(evidence, text, to);
        }
    }

    /// What one directive says, if its verdict is `wanted`, and whom it names.
    fn read<'i>(
        &'i self,
        policy: &Policy,
        sight: Sight,
        item: &Item<'i>,
        now: DateTime<Utc>,
        wanted: impl Fn(Verdict) -> bool,
    ) -> Option<(Evidence, Option<&'i str>)> {
        if meaning(item.name, item.value) == Meaning::Unknown {
            return None;
        }
        let named = item.scope.or(self.named);
        let to = Addressee::of(named, policy);
        let (verdict, category) = verdict(item, to, sight.scope == Scope::Page, policy.reading(), now);
        let verdict = Some(self.standing.weigh(verdict, policy.reading())).filter(|verdict| wanted(*verdict))?;
        let signal = format!("{}.{}", self.family, item.name.to_ascii_lowercase());
        let evidence = sight.evidence(&signal, category, verdict, self.place);
        let to_all = to == Addressee::Us && !named.is_some_and(|name| name.eq_ignore_ascii_case(&policy.agent));
        Some((evidence, if to_all { Some("*") } else { named }))
    }
}

fn is_no(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Deny | Verdict::Conditional | Verdict::MalformedDeny)
}
