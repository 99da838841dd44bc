//! Gathers evidence without letting a hostile page make it grow without end.

use crate::statement::Statement;
use schema::{Category, Evidence, Scope, Source, Verdict};

use chrono::{DateTime, Utc};

/// Most pieces kept of one carrier. A page that repeats itself says nothing new.
const MOST: usize = 64;
/// Longest `place` kept, in bytes: a URL may be megabytes long.
const MAX_PLACE_BYTES: usize = 2048;

/// Where and when something was seen: what all findings of one carrier share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sight {
    pub(crate) scope: Scope,
    pub(crate) source: Source,
    pub(crate) seen_at: Option<DateTime<Utc>>,
}

impl Sight {
    /// What a carrier at `base` states, as evidence.
    pub(crate) fn of_statement(self, said: &Statement, base: &str) -> Evidence {
        let place = match said.place.as_str() {
            "" => base.to_owned(),
            within => format!("{base} {within}"),
        };
        let mut evidence = self.evidence(&said.signal, said.category, said.verdict, &place);
        evidence.raw = clip(&said.raw, Evidence::MAX_RAW_BYTES);
        evidence.addressed_to.clone_from(&said.addressed_to);
        evidence
    }

    /// One piece of evidence.
    pub(crate) fn evidence(self, signal: &str, category: Category, verdict: Verdict, place: &str) -> Evidence {
        Evidence {
            signal: signal.to_owned(),
            scope: self.scope,
            category,
            verdict,
            place: clip(place, MAX_PLACE_BYTES),
            raw: String::new(),
            addressed_to: None,
            source: self.source,
            seen_at: self.seen_at,
        }
    }
}

/// Evidence gathered so far, without repetition and bounded.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: Vec<Evidence>,
    denied: bool,
}

impl Findings {
    /// Adds a piece with the words it was read from. When full, only a first no still gets in,
    /// so that the bound never changes a decision.
    pub(crate) fn add(&mut self, mut evidence: Evidence, raw: &str, addressed_to: Option<&str>) {
        if self.found.len() >= MOST && (self.denied || !evidence.denies()) {
            return;
        }
        evidence.raw = clip(raw, Evidence::MAX_RAW_BYTES);
        evidence.addressed_to = addressed_to.map(|name| clip(name, Evidence::MAX_RAW_BYTES));
        if !self.found.contains(&evidence) {
            self.denied |= evidence.denies();
            self.found.push(evidence);
        }
    }

    /// What was gathered so far.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Evidence> {
        self.found.iter()
    }

    pub(crate) fn into_vec(self) -> Vec<Evidence> {
        self.found
    }
}

/// At most `limit` bytes of `text`, cut between characters.
pub(crate) fn clip(text: &str, limit: usize) -> String {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(clip("aé", 2), "a");
        assert_eq!(clip("aé", 3), "aé");
        assert_eq!(clip("", 3), "");
    }

    #[test]
    fn a_full_box_still_takes_the_first_no() {
        let sight = Sight { scope: Scope::Page, source: Source::Warc, seen_at: None };
        let mut findings = Findings::default();
        for n in 0..200 {
            findings.add(sight.evidence("meta.index", Category::Index, Verdict::Allow, &n.to_string()), "", None);
        }
        for _ in 0..5 {
            findings.add(sight.evidence("meta.noai", Category::Train, Verdict::Deny, "x"), "noai", Some("*"));
        }
        let found = findings.into_vec();
        assert_eq!((found.len(), found.iter().filter(|one| one.denies()).count()), (MOST + 1, 1));
    }
}
