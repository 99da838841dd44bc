//! The decision: a pure function of a set of evidence. Neither order nor repetition matters, and
//! more evidence never turns a no into a yes.

use schema::{Evidence, Verdict};

/// What a set of evidence comes to. Ordered: a later one overrides an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decision {
    /// Nobody objected.
    Allow,
    /// Somebody allows it under terms that have not been met: counts as no.
    Conditional,
    /// Somebody said no.
    Deny,
}

impl Decision {
    /// Whether the image must not be used.
    pub fn refuses(self) -> bool {
        self != Self::Allow
    }
}

/// Decides over a set of evidence: deny overrides.
///
/// All specifications that define a combination agree on this direction (AIPREF: a disallow wins;
/// RSL: the stricter of two equals; Google's robots meta: negatives add up).
pub fn decide<'a>(evidence: impl IntoIterator<Item = &'a Evidence>) -> Decision {
    evidence.into_iter().map(of_one).max().unwrap_or(Decision::Allow)
}

fn of_one(evidence: &Evidence) -> Decision {
    match evidence.verdict {
        Verdict::Deny | Verdict::MalformedDeny => Decision::Deny,
        Verdict::Conditional => Decision::Conditional,
        Verdict::Allow | Verdict::Info => Decision::Allow,
    }
}
