//! The files in which sites state their terms, and what came back when they were asked for.

use std::collections::BTreeMap;
use url::Url;

/// A file in which a site states its terms. Always allowed to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SiteFile {
    /// `/robots.txt` (RFC 9309)
    Robots,
    /// `/.well-known/tdmrep.json` (W3C `TDMRep`)
    TdmRep,
    /// `/ai.txt` (Spawning, 2023)
    AiTxt,
    /// `/.well-known/ai.txt`, where plugins write it
    AiTxtWellKnown,
    /// `/trust.txt` (`JournalList`)
    TrustTxt,
    /// `/.well-known/trust.txt`
    TrustTxtWellKnown,
}

impl SiteFile {
    /// All of them, in the order in which they are asked for.
    pub const ALL: [Self; 6] =
        [Self::Robots, Self::TdmRep, Self::AiTxt, Self::AiTxtWellKnown, Self::TrustTxt, Self::TrustTxtWellKnown];

    /// Where it lies.
    pub fn path(self) -> &'static str {
        match self {
            Self::Robots => "/robots.txt",
            Self::TdmRep => "/.well-known/tdmrep.json",
            Self::AiTxt => "/ai.txt",
            Self::AiTxtWellKnown => "/.well-known/ai.txt",
            Self::TrustTxt => "/trust.txt",
            Self::TrustTxtWellKnown => "/.well-known/trust.txt",
        }
    }

    /// The file that lies at `path`.
    pub fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|file| file.path() == path)
    }

    /// Where to look if this one is not there.
    pub fn fallback(self) -> Option<Self> {
        match self {
            Self::AiTxt => Some(Self::AiTxtWellKnown),
            Self::TrustTxt => Some(Self::TrustTxtWellKnown),
            _ => None,
        }
    }

    /// Its URL on the origin of `url`.
    pub fn url(self, url: &Url) -> Url {
        let mut url = root(url);
        url.set_path(self.path());
        url
    }
}

/// The origin of `url` as a URL.
pub(super) fn root(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_path("/");
    url.set_query(None);
    url.set_fragment(None);
    // These fail only for URLs that cannot hold credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// What came back when a site file was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A body was read.
    Found {
        /// HTTP status.
        status: u16,
        /// As received; bytes over 1 MiB are not looked at.
        body: Vec<u8>,
        /// The Content-Type header.
        content_type: Option<String>,
    },
    /// An answer without a body of interest. 3xx stands for redirects that led nowhere, 0 for
    /// no answer at all.
    Status(u16),
    /// No answer: no address, no connection, TLS, timeout.
    Unreachable {
        /// What went wrong, for people.
        why: String,
    },
    /// Nobody asked. Says nothing, and gets nobody through the gate.
    Unasked,
}

impl Answer {
    /// The HTTP status; 0 where there was no answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Found { status, .. } | Self::Status(status) => *status,
            Self::Unreachable { .. } | Self::Unasked => 0,
        }
    }

    /// Whether an optional file is known by it: read, or not there. A site that shuts us out or
    /// fails has not been heard.
    pub fn is_known(&self) -> bool {
        matches!(self.status(), 200..=299 | 404 | 410)
    }
}

/// All that a site answered.
#[derive(Clone, Debug)]
pub struct SiteAnswers {
    /// robots.txt, without which nothing is allowed.
    pub robots: Answer,
    /// The other files that were asked for.
    pub files: BTreeMap<SiteFile, Answer>,
    /// Licence documents by their absolute URLs, as [`license_urls`](super::license_urls) lists them.
    pub documents: BTreeMap<String, Answer>,
}

impl From<Answer> for SiteAnswers {
    /// robots.txt alone: nothing else was asked for.
    fn from(robots: Answer) -> Self {
        Self { robots, files: BTreeMap::new(), documents: BTreeMap::new() }
    }
}

impl From<&Answer> for SiteAnswers {
    fn from(robots: &Answer) -> Self {
        robots.clone().into()
    }
}
