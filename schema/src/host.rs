//! Names of places and rows: hosts, registrable domains, buckets and sample ids.

use serde::{Deserialize, Serialize};
use std::{fmt, io::Cursor};
use url::Url;

/// A host as it stands in a URL: lower case, punycode, without port.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Host(String);

impl Host {
    /// The host of `url`; `None` for URLs without one (`data:`, `mailto:`).
    pub fn of(url: &Url) -> Option<Self> {
        url.host_str().map(|host| Self(host.to_ascii_lowercase()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain somebody registered, by the public suffix list with its private section, so
    /// that `artist.tumblr.com` and `someone.github.io` count as domains of their own.
    pub fn registered_domain(&self) -> RegisteredDomain {
        RegisteredDomain::of(&self.0)
    }

    /// Whether everybody may register a name below this one: `com`, `co.uk`, by the public suffix
    /// list without its private section, whose suffixes (`github.io`) have an owner. What stands
    /// directly above such a suffix counts too: `ck`, since all of `*.ck` are.
    pub fn is_public_suffix(&self) -> bool {
        let is_one = |name: &str| {
            psl::suffix(name.as_bytes())
                .is_some_and(|suffix| suffix.as_bytes() == name.as_bytes() && suffix.typ() == Some(psl::Type::Icann))
        };
        is_one(&self.0) || is_one(&format!("x.{}", self.0))
    }
}

impl From<&str> for Host {
    fn from(name: &str) -> Self {
        Self(name.trim_end_matches('.').to_ascii_lowercase())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The registrable domain of a host (public suffix plus one label).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegisteredDomain(String);

impl RegisteredDomain {
    /// The registrable domain of `host`. An IP address, a bare public suffix or a single label
    /// stands for itself.
    pub fn of(host: &str) -> Self {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok() {
            return Self(host);
        }
        match psl::domain_str(&host) {
            Some(domain) => Self(domain.to_owned()),
            None => Self(host),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegisteredDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A share of all hosts: the unit of work of admit and fetch, and the partition of the dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bucket(pub u32);

impl Bucket {
    /// The bucket that `host` falls into when there are `count` of them: one host is only ever
    /// in one bucket, and so in one worker's hands.
    pub fn of(host: &str, count: u32) -> Self {
        let share = murmur3_64(host.as_bytes()).unsigned_abs() % u64::from(count.max(1));
        Self(u32::try_from(share).unwrap_or(0))
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.0)
    }
}

/// LAION's row id: the first 64 bits of Murmur3 (x64, 128 bits, seed 0) over URL and text, signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SampleId(pub i64);

impl SampleId {
    /// The id of the pair of `url` and `text`.
    pub fn of(url: &str, text: &str) -> Self {
        Self(murmur3_64(format!("{url}{text}").as_bytes()))
    }
}

fn murmur3_64(bytes: &[u8]) -> i64 {
    // Reading from memory cannot fail.
    let hash = murmur3::murmur3_x64_128(&mut Cursor::new(bytes), 0).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "the low half is the hash")]
    let low = hash as u64;
    low.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_python_mmh3() {
        // mmh3.hash64("foo")[0], mmh3.hash64("")[0]
        assert_eq!(SampleId::of("f", "oo").0, -2_129_773_440_516_405_919);
        assert_eq!(SampleId::of("", "").0, 0);
    }

    #[test]
    fn registrable_domains_follow_the_private_section_too() {
        for (host, domain) in [
            ("www.example.co.uk", "example.co.uk"),
            ("a.b.artist.tumblr.com", "tumblr.com"),
            ("someone.github.io", "someone.github.io"),
            ("LOCALHOST", "localhost"),
            ("10.0.0.7", "10.0.0.7"),
            ("[::1]", "[::1]"),
            ("img.demo.example.", "demo.example"),
        ] {
            assert_eq!(RegisteredDomain::of(host).as_str(), domain, "{host}");
        }
    }

    #[test]
    fn public_suffixes_are_those_of_registries() {
        for (host, expected) in [
            ("com", true),
            ("co.uk", true),
            ("CO.UK.", true),
            ("xn--p1ai", true),
            ("ck", true),
            ("anything.ck", true),
            ("www.ck", false),
            ("github.io", false),
            ("blogspot.com", false),
            ("tumblr.com", false),
            ("example.co.uk", false),
            ("localhost", false),
            ("example", false),
            ("10.0.0.7", false),
            ("[::1]", false),
        ] {
            assert_eq!(Host::from(host).is_public_suffix(), expected, "{host}");
        }
    }

    #[test]
    fn buckets_are_stable_and_spread() {
        assert_eq!(Bucket::of("example.com", 8), Bucket::of("example.com", 8));
        let used: std::collections::BTreeSet<_> =
            (0..200).map(|n| Bucket::of(&format!("host{n}.example"), 16)).collect();
        assert_eq!(used.len(), 16);
    }
}
