//! Candidates whose page nobody has named: rows of lists of URLs. There is no host to ask, and none is made up. What
//! can be heard here are the opt-out lists, and the words that came with the picture; the image's own side is heard
//! in fetch, as always.

use consent::{Judgement, Policy, judge_alone, signals_checked};
use schema::{Admitted, Candidate, DropReason};
use url::Url;

/// Whether no page is known.
pub(super) fn is_alone(candidate: &Candidate) -> bool {
    candidate.page_url.is_empty()
}

/// Judges it by what there is.
pub(super) fn judge(policy: &Policy, mut candidate: Candidate) -> Admitted {
    let Ok(image) = Url::parse(&candidate.url) else {
        return Admitted { candidate, refused: Some(DropReason::PageUnknown) };
    };
    let Judgement { evidence, refused, .. } = judge_alone(policy, &image, &candidate.evidence);
    candidate.evidence.extend(evidence);
    candidate.checked.push(signals_checked::LISTS.to_owned());
    Admitted { candidate, refused }
}
