//! Whether what was said keeps texts out of a dataset, not only pictures.

use crate::{Policy, directive::Addressee, policy::Reading};
use schema::{Category, Evidence, Scope};

/// Whether a piece of evidence keeps the page's texts out of the dataset, or for one that speaks of
/// a single image, that image's texts.
///
/// A no to training or mining means the text as well, in either reading: `noai` says "content",
/// `TDMRep` reserves the page's work. `noimageai` says "images" and means them. By the strict
/// reading a text that nobody may quote (`nosnippet`, `max-snippet:0`, `data-nosnippet`) is not
/// quoted in a dataset either.
pub fn withholds_text(policy: &Policy, evidence: &Evidence) -> bool {
    if !matches!(evidence.scope, Scope::Page | Scope::Element) {
        return false;
    }
    let is_objection = matches!(evidence.category, Category::Train | Category::GenTrain | Category::Tdm);
    if evidence.denies() && is_objection {
        return !evidence.signal.ends_with("noimageai");
    }
    policy.reading() == Reading::Strict && forbids_quoting(policy, evidence)
}

/// Unless it is said to somebody else: a search engine's snippet is no concern of ours.
fn forbids_quoting(policy: &Policy, evidence: &Evidence) -> bool {
    let (_, word) = evidence.signal.split_once('.').unwrap_or_default();
    let is_snippet = matches!(word, "nosnippet" | "max-snippet" | "data-nosnippet");
    is_snippet && Addressee::of(evidence.addressed_to.as_deref(), policy) != Addressee::Other
}
