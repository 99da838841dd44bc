//! Opt-out lists: domains, hosts, URLs and URL prefixes that somebody asked to be left out.

mod read;

pub use read::ListError;

use crate::findings::Sight;
use schema::{Category, Evidence, Scope, Source, Verdict};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    ops::Bound,
    sync::Arc,
};
use url::Url;

/// Standing opt-outs, for lookup by URL.
///
/// A lookup costs a hash per label of the host and two for the URL; prefixes cost one step into
/// an ordered map, however many there are.
#[derive(Clone, Debug, Default)]
pub struct OptOutList {
    /// Each covers all its subdomains.
    domains: HashMap<String, Place>,
    hosts: HashMap<String, Place>,
    /// Keys as made by [`url_key`].
    urls: HashMap<String, Place>,
    /// Keys as made by [`url_key`]. None begins with another, so that the last one not after a
    /// URL is the only one that can be its prefix.
    prefixes: BTreeMap<String, Place>,
}

/// Where an entry stands.
#[derive(Clone, Debug)]
struct Place {
    list: Arc<str>,
    line: usize,
    /// As written.
    value: String,
}

/// An entry that names a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListHit {
    /// What kind of entry.
    pub kind: ListKind,
    /// The entry as written.
    pub value: String,
    /// The list and line it stands on.
    pub place: String,
}

/// What an entry names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ListKind {
    /// A domain with all its subdomains.
    Domain,
    /// One host.
    Host,
    /// One URL.
    Url,
    /// All URLs that begin so.
    UrlPrefix,
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Domain => "domain",
            Self::Host => "host",
            Self::Url => "url",
            Self::UrlPrefix => "url-prefix",
        })
    }
}

impl OptOutList {
    /// A list without entries.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads a list. `name` says where it came from, for evidence and errors.
    ///
    /// Plain text has one entry a line: a domain, or a URL, which with a `*` at its end stands
    /// for all that begin so. `#` starts a comment. CSV has a header with the columns `type`
    /// (`domain`, `host`, `url`, `url-prefix`) and `value`; other columns are not looked at.
    pub fn parse(name: &str, text: &str) -> Result<Self, ListError> {
        read::read(name, text)
    }

    /// Adds another list's entries to these.
    pub fn extend(&mut self, other: Self) {
        self.domains.extend(other.domains);
        self.hosts.extend(other.hosts);
        self.urls.extend(other.urls);
        for (prefix, place) in other.prefixes {
            self.add_prefix(prefix, place);
        }
    }

    /// How many entries; one that another covers may not be counted.
    pub fn len(&self) -> usize {
        self.domains.len() + self.hosts.len() + self.urls.len() + self.prefixes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry that names `url`, the widest first.
    pub fn find(&self, url: &Url) -> Option<ListHit> {
        let host = host_key(url)?;
        let key = url_key(url)?;
        let hit = |kind, place: &Place| ListHit {
            kind,
            value: place.value.clone(),
            place: format!("{}:{}", place.list, place.line),
        };
        if let Some(place) = self.domain_of(&host) {
            return Some(hit(ListKind::Domain, place));
        }
        if let Some(place) = self.hosts.get(&host) {
            return Some(hit(ListKind::Host, place));
        }
        if let Some(place) = self.urls.get(&key) {
            return Some(hit(ListKind::Url, place));
        }
        self.prefix_of(&key).map(|(_, place)| hit(ListKind::UrlPrefix, place))
    }

    fn domain_of(&self, host: &str) -> Option<&Place> {
        let mut name = host;
        loop {
            if let Some(place) = self.domains.get(name) {
                return Some(place);
            }
            name = name.split_once('.')?.1;
        }
    }

    fn prefix_of(&self, key: &str) -> Option<(&String, &Place)> {
        let up_to_key = (Bound::Unbounded, Bound::Included(key));
        self.prefixes.range::<str, _>(up_to_key).next_back().filter(|(prefix, _)| key.starts_with(prefix.as_str()))
    }

    fn add_prefix(&mut self, prefix: String, place: Place) {
        if self.prefix_of(&prefix).is_some() {
            return;
        }
        // What the new one covers goes, so that none begins with another.
        let from_prefix = (Bound::Included(prefix.as_str()), Bound::Unbounded);
        let covered = self.prefixes.range::<str, _>(from_prefix).map(|(key, _)| key);
        let covered: Vec<String> = covered.take_while(|key| key.starts_with(&prefix)).cloned().collect();
        for key in covered {
            self.prefixes.remove(&key);
        }
        self.prefixes.insert(prefix, place);
    }
}

impl ListHit {
    /// The hit as evidence. `on` is what the listed URL is: a page, or an image URL.
    pub(crate) fn evidence(&self, on: Scope) -> Evidence {
        let scope = match self.kind {
            ListKind::Domain => Scope::Domain,
            ListKind::Host => Scope::Origin,
            ListKind::UrlPrefix => Scope::Path,
            ListKind::Url => on,
        };
        let sight = Sight { scope, source: Source::List, seen_at: None };
        let signal = format!("list.{}", self.kind);
        let mut evidence = sight.evidence(&signal, Category::BulkDataset, Verdict::Deny, &self.place);
        evidence.raw = crate::findings::clip(&self.value, Evidence::MAX_RAW_BYTES);
        evidence
    }
}

fn host_key(url: &Url) -> Option<String> {
    url.host_str().map(|host| host.trim_end_matches('.').to_ascii_lowercase())
}

/// A URL as it is compared: without scheme, because whoever takes out a picture means it over
/// http and https alike, and without fragment.
fn url_key(url: &Url) -> Option<String> {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    Some(format!("{}{port}{}{query}", host_key(url)?, url.path()))
}

#[cfg(test)]
mod tests;
