//! What a look-up finds: the entry as written, where it stands, and what was said when it was asked.

use crate::findings::{Sight, clip};
use schema::{Category, Evidence, Scope, Source, Verdict};
use std::fmt;

/// An entry that names what was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListHit {
    /// What kind of entry.
    pub kind: ListKind,
    /// The entry as written.
    pub value: String,
    /// The list and line it stands on.
    pub place: String,
    /// When it was asked for, as written: the column `date`.
    pub date: Option<String>,
    /// What shows that it was asked for, as written: the column `evidence`.
    pub proof: Option<String>,
}

/// What an entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListKind {
    /// A domain with all its subdomains.
    Domain,
    /// One host.
    Host,
    /// One URL.
    Url,
    /// All URLs that begin so.
    UrlPrefix,
    /// A picture by its bytes.
    Sha256,
    /// A picture by its looks.
    Phash,
    /// A person.
    Name,
}

impl ListKind {
    /// How many kinds there are.
    pub(super) const COUNT: usize = 7;

    /// All kinds by their names in a list.
    pub(super) const ALL: [(&'static str, Self); Self::COUNT] = [
        ("domain", Self::Domain),
        ("host", Self::Host),
        ("url", Self::Url),
        ("url-prefix", Self::UrlPrefix),
        ("sha256", Self::Sha256),
        ("phash", Self::Phash),
        ("name", Self::Name),
    ];
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL[*self as usize].0)
    }
}

impl ListHit {
    /// The hit as evidence. `on` is what the listed URL or name was found on: a page, an image URL.
    pub fn evidence(&self, on: Scope) -> Evidence {
        let scope = match self.kind {
            ListKind::Domain => Scope::Domain,
            ListKind::Host => Scope::Origin,
            ListKind::UrlPrefix => Scope::Path,
            ListKind::Url | ListKind::Name => on,
            ListKind::Sha256 | ListKind::Phash => Scope::ImageBytes,
        };
        let (category, verdict) = match self.kind {
            ListKind::Name => (Category::Info, Verdict::Info),
            _ => (Category::BulkDataset, Verdict::Deny),
        };
        let sight = Sight { scope, source: Source::List, seen_at: None };
        let mut evidence = sight.evidence(&format!("list.{}", self.kind), category, verdict, &self.place);
        evidence.raw = clip(&self.told(), Evidence::MAX_RAW_BYTES);
        evidence
    }

    /// The entry with its date and proof: `example.com; 2026-01-02; mail 7`.
    fn told(&self) -> String {
        let more = [&self.date, &self.proof].into_iter().flatten();
        more.fold(self.value.clone(), |told, more| format!("{told}; {more}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_stand_in_the_order_of_their_numbers() {
        for (number, (name, kind)) in ListKind::ALL.into_iter().enumerate() {
            assert_eq!((kind as usize, kind.to_string().as_str()), (number, name));
        }
    }

    #[test]
    fn hits_become_evidence() {
        let hit = |kind, date: Option<&str>, proof: Option<&str>| ListHit {
            kind,
            value: "v".into(),
            place: "l:1".into(),
            date: date.map(Into::into),
            proof: proof.map(Into::into),
        };
        let evidence = hit(ListKind::Domain, Some("2026-01-02"), Some("mail 7")).evidence(Scope::Page);
        assert_eq!(
            (evidence.signal.as_str(), evidence.scope, evidence.verdict),
            ("list.domain", Scope::Domain, Verdict::Deny)
        );
        assert_eq!((evidence.place.as_str(), evidence.raw.as_str()), ("l:1", "v; 2026-01-02; mail 7"));
        let evidence = hit(ListKind::Url, None, None).evidence(Scope::ImageUrl);
        assert_eq!((evidence.scope, evidence.raw.as_str()), (Scope::ImageUrl, "v"));
        assert_eq!(hit(ListKind::Phash, None, None).evidence(Scope::Page).scope, Scope::ImageBytes);
        let evidence = hit(ListKind::Name, None, None).evidence(Scope::Element);
        assert_eq!((evidence.signal.as_str(), evidence.verdict), ("list.name", Verdict::Info));
        assert!(!evidence.denies());
    }
}
