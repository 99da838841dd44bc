//! What candidates are counted by: which column of each table, and what its values are called.

use super::country;
use schema::nearest;
use serde::Serialize;
use std::{borrow::Cow, str::FromStr};

/// What candidates are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// Registrable domain of the image.
    ImageDomain,
    /// Registrable domain of the page.
    PageDomain,
    /// Host of the image.
    ImageHost,
    /// Host of the page.
    PageHost,
    /// The signal that refused first.
    Signal,
    /// Licence the page states.
    License,
    /// Language of the text.
    Language,
    /// Country that the image's domain ends with.
    Country,
    /// Archive the page lies in.
    Archive,
    /// Crawl of Common Crawl that the archive belongs to.
    Crawl,
    /// Model that scored the picture.
    Model,
    /// Media type of the picture.
    Mime,
    /// What became of it.
    Reason,
    /// Where it ended.
    Stage,
}

/// Where the name of a row's group stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// In this column.
    Column(&'static str),
    /// Nowhere: all rows of the table are of one group.
    Always(&'static str),
}

impl Side {
    /// As a column of a query.
    pub(super) fn column(self) -> String {
        match self {
            Self::Column(column) => column.to_owned(),
            Self::Always(name) => format!("'{name}'"),
        }
    }
}

/// The ledger knows no licence, language, model or type, since these are found out after fetching.
const UNKNOWN: Side = Side::Always("(not recorded)");

impl By {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::ImageDomain,
        Self::PageDomain,
        Self::ImageHost,
        Self::PageHost,
        Self::Signal,
        Self::License,
        Self::Language,
        Self::Country,
        Self::Archive,
        Self::Crawl,
        Self::Model,
        Self::Mime,
        Self::Reason,
        Self::Stage,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageDomain => "image-domain",
            Self::PageDomain => "page-domain",
            Self::ImageHost => "image-host",
            Self::PageHost => "page-host",
            Self::Signal => "signal",
            Self::License => "license",
            Self::Language => "language",
            Self::Country => "country",
            Self::Archive => "archive",
            Self::Crawl => "crawl",
            Self::Model => "model",
            Self::Mime => "mime",
            Self::Reason => "reason",
            Self::Stage => "stage",
        }
    }

    /// Whether its groups are registrable domains, or made of them.
    pub fn is_by_suffix_list(self) -> bool {
        matches!(self, Self::ImageDomain | Self::PageDomain)
    }

    /// Where the group stands of a sample, and of a row of the ledger.
    pub(super) fn sides(self) -> (Side, Side) {
        let both = |column| (Side::Column(column), Side::Column(column));
        match self {
            Self::ImageDomain | Self::Country => both("image_domain"),
            Self::PageDomain => both("page_domain"),
            Self::ImageHost => both("image_host"),
            Self::PageHost => both("page_host"),
            Self::Archive | Self::Crawl => both("archive"),
            Self::Signal => (Side::Always("(none)"), Side::Column("signal")),
            Self::License => (Side::Column("license"), UNKNOWN),
            Self::Language => (Side::Column("language"), UNKNOWN),
            Self::Model => (Side::Column("model"), UNKNOWN),
            Self::Mime => (Side::Column("mime"), UNKNOWN),
            Self::Reason => (Side::Always("kept"), Side::Column("reason")),
            Self::Stage => (Side::Always("kept"), Side::Column("stage")),
        }
    }

    /// What the group of a value is called; several values may be of one group.
    pub(super) fn group(self, value: &str) -> Cow<'_, str> {
        match self {
            // Rows of lists of URLs may name no page. No domain is called so.
            Self::PageDomain | Self::PageHost if value.is_empty() => "(page unknown)".into(),
            Self::Country => country::of_domain(value),
            Self::Crawl => crawl_of(value).unwrap_or("(no crawl)").into(),
            _ => value.into(),
        }
    }

    /// Whether [`By::group`] puts several values together.
    pub(super) fn folds(self) -> bool {
        matches!(self, Self::Country | Self::Crawl | Self::PageDomain | Self::PageHost)
    }
}

impl FromStr for By {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        let found = Self::ALL.into_iter().find(|by| by.name() == text);
        found.ok_or_else(|| match nearest(text, names) {
            Some(near) => format!("`{text}` is nothing to count by: did you mean `{near}`?"),
            None => format!("`{text}` is nothing to count by: {}", names.join(", ")),
        })
    }
}

/// `CC-MAIN-2024-22` of `crawl-data/CC-MAIN-2024-22/segments/…/CC-MAIN-20240517….warc.gz`: a file's own name begins so, too, with a
/// date of eight digits behind it.
pub(super) fn crawl_of(archive: &str) -> Option<&str> {
    let is_crawl = |part: &&str| {
        part.strip_prefix("CC-MAIN-").is_some_and(|name| name.starts_with(|first: char| first.is_ascii_digit()))
            && !part.contains('.')
    };
    archive.split('/').find(is_crawl)
}
