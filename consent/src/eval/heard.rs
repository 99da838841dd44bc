//! The answer to a case: the verdict, and all that was heard.

use super::Case;
use crate::{Policy, decision::Decision, signals_checked, withholds_text};
use schema::{Evidence, Mode};
use serde::Serialize;
use std::collections::BTreeSet;

/// The answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The case's.
    pub id: String,
    /// What becomes of the image.
    pub verdict: Verdict,
    /// What becomes of the page's texts.
    pub page_text: PageText,
    /// All that was heard, the page's side first.
    pub evidence: Vec<Evidence>,
    /// What was looked for, heard or silent: names of [`signals_checked`](crate::signals_checked).
    pub checked: Vec<&'static str>,
    /// What was not.
    pub not_checked: Vec<&'static str>,
}

/// What becomes of the image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nobody objects.
    Allow,
    /// It is not used.
    Deny,
    /// By the letter it may be used under terms that have not been met, so it is not used either.
    Conditional,
}

/// What becomes of the page's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PageText {
    /// They may be kept with the image.
    Keep,
    /// No caption is kept.
    Drop,
}

/// What was heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    evidence: Vec<Evidence>,
    decision: Option<Decision>,
    withheld: bool,
    checked: BTreeSet<&'static str>,
}

impl Heard {
    /// Adds what one side said and what it comes to.
    pub(super) fn add(&mut self, policy: &Policy, evidence: Vec<Evidence>, decision: Decision) {
        self.decision = self.decision.max(Some(decision));
        for one in evidence {
            self.withheld |= withholds_text(policy, &one);
            if !self.evidence.contains(&one) {
                self.evidence.push(one);
            }
        }
    }

    /// Notes that the page's texts may not be kept.
    pub(super) fn withhold(&mut self, withheld: bool) {
        self.withheld |= withheld;
    }

    pub(super) fn checked(&mut self, names: &[&'static str]) {
        self.checked.extend(names);
    }

    pub(super) fn outcome(self, case: &Case) -> Outcome {
        let verdict = match (case.mode, self.decision.unwrap_or(Decision::Allow)) {
            (Mode::RecordOnly, _) | (_, Decision::Allow) => Verdict::Allow,
            // A condition that is not met is a no; only the letter has a word of its own for it.
            (Mode::Spec, Decision::Conditional) => Verdict::Conditional,
            (_, Decision::Conditional | Decision::Deny) => Verdict::Deny,
        };
        let withheld = self.withheld && case.mode != Mode::RecordOnly;
        Outcome {
            id: case.id.clone(),
            verdict,
            page_text: if withheld { PageText::Drop } else { PageText::Keep },
            not_checked: signals_checked::ALL.into_iter().filter(|name| !self.checked.contains(name)).collect(),
            checked: self.checked.into_iter().collect(),
            evidence: self.evidence,
        }
    }
}
