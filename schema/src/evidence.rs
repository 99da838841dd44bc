//! What somebody said about the use of a page or picture, kept word for word.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One observation of one signal. Detectors emit these, the policy decides over the set of
/// them, and none is thrown away.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// Stable id of the signal: `robots.own`, `meta.noai`, `xrt.noindex`, `tdmrep.header`, …
    pub signal: String,
    /// How far the statement reaches.
    pub scope: Scope,
    /// Which use it speaks of.
    pub category: Category,
    /// What it says, in the mode it was read in.
    pub verdict: Verdict,
    /// URL with line number, header name or element: where a person finds it.
    #[serde(rename = "where")]
    pub place: String,
    /// The original words, at most 1 KiB, lossily decoded.
    pub raw: String,
    /// Whom it names: `*`, a product token, or nothing.
    pub addressed_to: Option<String>,
    /// Whether it was found in the archive or on the live web.
    pub source: Source,
    /// When it was seen: capture time for archives, request time for the live web.
    pub seen_at: Option<DateTime<Utc>>,
}

impl Evidence {
    /// Longest `raw` kept, in bytes.
    pub const MAX_RAW_BYTES: usize = 1024;

    /// Whether this piece alone refuses.
    pub fn denies(&self) -> bool {
        matches!(self.verdict, Verdict::Deny | Verdict::Conditional | Verdict::MalformedDeny)
    }
}

/// How far a statement reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The registrable domain and all below it.
    Domain,
    /// Scheme, host and port.
    Origin,
    /// A path pattern on an origin.
    Path,
    /// One page with all that stands on it.
    Page,
    /// One image on one page.
    Element,
    /// One image URL, wherever it is shown.
    ImageUrl,
    /// These bytes, wherever they lie.
    ImageBytes,
}

impl Scope {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Origin => "origin",
            Self::Path => "path",
            Self::Page => "page",
            Self::Element => "element",
            Self::ImageUrl => "image-url",
            Self::ImageBytes => "image-bytes",
        }
    }
}

/// Which use a statement speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// Fetching at all.
    Access,
    /// Being listed in an index.
    Index,
    /// Training of models.
    Train,
    /// Training of generative models.
    GenTrain,
    /// Text and data mining.
    Tdm,
    /// Being part of a published dataset.
    BulkDataset,
    /// Copies kept.
    CacheCopy,
    /// Use as input to a model.
    Inference,
    /// Said for information.
    Info,
}

impl Category {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Index => "index",
            Self::Train => "train",
            Self::GenTrain => "gen-train",
            Self::Tdm => "tdm",
            Self::BulkDataset => "bulk-dataset",
            Self::CacheCopy => "cache-copy",
            Self::Inference => "inference",
            Self::Info => "info",
        }
    }
}

/// What one piece of evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// No.
    Deny,
    /// Only under terms that have not been met: counts as no.
    Conditional,
    /// Yes. Never lifts another's no.
    Allow,
    /// Worth recording, decides nothing.
    Info,
    /// Badly written, plainly meant as no.
    MalformedDeny,
}

impl Verdict {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Conditional => "conditional",
            Self::Allow => "allow",
            Self::Info => "info",
            Self::MalformedDeny => "malformed-deny",
        }
    }
}

/// Where a statement was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// In the archive, at crawl time.
    Warc,
    /// On the live web, at download time.
    Live,
    /// In a list handed to us.
    List,
}

impl Source {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warc => "warc",
            Self::Live => "live",
            Self::List => "list",
        }
    }
}
