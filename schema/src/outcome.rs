//! What became of each row: the stages, the closed list of reasons, and tallies that add up.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, ops::AddAssign, str::FromStr};

/// The five stages, in the order rows pass them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Archive to candidates.
    Extract,
    /// Page hosts asked.
    Admit,
    /// Image hosts asked, pictures downloaded.
    Fetch,
    /// Pictures and texts scored, thresholds applied.
    Score,
    /// Written into the dataset.
    Publish,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 5] = [Self::Extract, Self::Admit, Self::Fetch, Self::Score, Self::Publish];

    /// The verb of the command line, which is also the folder's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Extract => "extract",
            Self::Admit => "admit",
            Self::Fetch => "fetch",
            Self::Score => "score",
            Self::Publish => "publish",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Stage {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|stage| stage.name() == text)
            .ok_or_else(|| format!("`{text}` is no stage: extract, admit, fetch, score or publish"))
    }
}

/// What kind of end a row came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Was nothing to begin with: no text, no URL, not HTML.
    Unusable,
    /// Somebody said no, or could not be asked.
    Refused,
    /// Could not be had.
    Failed,
    /// Fell under a threshold of ours.
    Filtered,
}

macro_rules! drop_reasons {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal, $stage:ident, $kind:ident;)*) => {
        /// Why a row was dropped. A closed list: every row that is not kept bears exactly one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum DropReason {
            $($(#[doc = $doc])* #[serde(rename = $text)] $name,)*
        }

        impl DropReason {
            /// Every reason, in the order of the stages.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The reason's name in tables and reports.
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The reason of this name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().find(|reason| reason.name() == name).copied()
            }

            /// The stage at which it strikes.
            pub fn stage(self) -> Stage {
                match self { $(Self::$name => Stage::$stage,)* }
            }

            /// The kind of end it is.
            pub fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind,)* }
            }

            /// One sentence for people.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),*).trim_ascii(),)* }
            }
        }
    };
}

drop_reasons! {
    // Records of an archive, rows of a list.
    /// the record is no HTTP response (request, metadata, warcinfo, revisit)
    NotAResponse = "not_a_response", Extract, Unusable;
    /// the response is no HTML page
    NotHtml = "not_html", Extract, Unusable;
    /// the response's status is not 200
    NotOk = "not_ok", Extract, Unusable;
    /// the record is damaged or cut off, or the row of a list is none
    DamagedRecord = "damaged_record", Extract, Failed;
    /// the record is larger than we read
    OversizedRecord = "oversized_record", Extract, Failed;
    /// the record's digest does not fit its bytes (`input.check_digests`)
    WrongDigest = "wrong_digest", Extract, Failed;
    // Images on a page.
    /// the element names no image URL
    NoUrl = "no_url", Extract, Unusable;
    /// the URL cannot be resolved
    BadUrl = "bad_url", Extract, Unusable;
    /// the URL is not http or https (data:, javascript:, blob:)
    ForeignScheme = "foreign_scheme", Extract, Unusable;
    /// there is no text with the image
    NoText = "no_text", Extract, Unusable;
    /// the text is shorter than `keep.min_text_chars`, or has fewer words than `keep.min_text_words`
    ShortText = "short_text", Extract, Filtered;
    /// the text is longer than `keep.max_text_chars`
    LongText = "long_text", Extract, Filtered;
    /// the text is of a kind that `keep.drop_texts` names
    FlaggedText = "flagged_text", Extract, Filtered;
    /// the text's language is not among `keep.languages`
    Language = "language", Extract, Filtered;
    /// the same URL with the same text stands on the page already
    RepeatedOnPage = "repeated_on_page", Extract, Unusable;

    /// an opt-out list names the page
    PageListed = "page_listed", Admit, Refused;
    /// an opt-out list names the image
    ImageListed = "image_listed", Admit, Refused;
    /// the page's HTML says no (meta elements, attributes, words), or the words of a list's text do
    PageMarkup = "page_markup", Admit, Refused;
    /// the page's HTTP response headers say no
    PageHeader = "page_header", Admit, Refused;
    /// the page host's robots.txt says no
    PageRobots = "page_robots", Admit, Refused;
    /// another file of the page's site says no (tdmrep.json, trust.txt, licence terms)
    PageSite = "page_site", Admit, Refused;
    /// the page withholds its texts (nosnippet, data-nosnippet), and there is no pair without one
    TextWithheld = "text_withheld", Admit, Refused;
    /// the same text stands with many pictures of the page's host, and `keep.drop_texts` names such
    RepeatedText = "repeated_text", Admit, Filtered;
    /// the page host could not be asked, so the answer is no
    PageUnknown = "page_unknown", Admit, Refused;

    /// the same image URL was refused on another page
    RefusedElsewhere = "refused_elsewhere", Fetch, Refused;
    /// the image host's robots.txt says no
    ImageRobots = "image_robots", Fetch, Refused;
    /// another file of the image's site says no (tdmrep.json, ai.txt, trust.txt, licence terms)
    ImageSite = "image_site", Fetch, Refused;
    /// the image host could not be asked, so the answer is no
    ImageUnknown = "image_unknown", Fetch, Refused;
    /// the image's HTTP response headers say no
    ImageHeader = "image_header", Fetch, Refused;
    /// an opt-out list names the picture's bytes (SHA-256)
    FileListed = "file_listed", Fetch, Refused;
    /// what is written inside the file says no (IPTC/PLUS, C2PA, rights texts)
    ImageFile = "image_file", Fetch, Refused;
    /// the server refused access (401, 402, 403, 451)
    AccessRefused = "access_refused", Fetch, Refused;
    /// a redirect leads to an image that an opt-out list names
    RedirectListed = "redirect_listed", Fetch, Refused;
    /// the address is private, loopback, link-local or otherwise not of the public web
    PrivateAddress = "private_address", Fetch, Refused;
    /// the image URL appears earlier in the same run
    Duplicate = "duplicate", Fetch, Filtered;
    /// the host has had its share of requests for this run
    HostBudget = "host_budget", Fetch, Filtered;
    /// the host failed or refused again and again and is let alone
    HostLetAlone = "host_let_alone", Fetch, Failed;
    /// the host name does not resolve
    NoAddress = "no_address", Fetch, Failed;
    /// no connection, or it broke
    Connection = "connection", Fetch, Failed;
    /// the deadline passed
    Timeout = "timeout", Fetch, Failed;
    /// more redirects than allowed, or a circle of them
    TooManyRedirects = "too_many_redirects", Fetch, Failed;
    /// the picture is gone (404, 410)
    Gone = "gone", Fetch, Failed;
    /// the server asks for patience (429, 503) and went on asking
    Throttled = "throttled", Fetch, Failed;
    /// the server answered with another error
    HttpError = "http_error", Fetch, Failed;
    /// the body is larger than `fetch.max_body_bytes`
    BodyTooLarge = "body_too_large", Fetch, Failed;
    /// the body is smaller than `keep.min_body_bytes`
    BodyTooSmall = "body_too_small", Fetch, Filtered;
    /// the bytes are no picture in a format we read
    NotAnImage = "not_an_image", Fetch, Failed;
    /// the picture has more pixels than `fetch.max_pixels`
    TooManyPixels = "too_many_pixels", Fetch, Failed;

    /// an opt-out list names a picture that looks the same (perceptual hash)
    PictureListed = "picture_listed", Score, Refused;
    /// the picture cannot be decoded
    Undecodable = "undecodable", Score, Failed;
    /// the shorter side is under `keep.min_side`
    TooSmall = "too_small", Score, Filtered;
    /// longer than `keep.max_aspect` times its other side
    TooLong = "too_long", Score, Filtered;
    /// picture and text are less alike than `keep.min_similarity` (or the like for the text's language)
    LowSimilarity = "low_similarity", Score, Filtered;
    /// the aesthetic score is under `keep.min_aesthetic`
    LowAesthetic = "low_aesthetic", Score, Filtered;
    /// the unsafe score is over `keep.max_unsafe`
    Unsafe = "unsafe", Score, Filtered;
    /// a score is under what `keep.min_scores` asks of it
    LowScore = "low_score", Score, Filtered;
    /// a score is over what `keep.max_scores` allows it
    HighScore = "high_score", Score, Filtered;

    /// a standing opt-out of the dataset names the row
    TakenOut = "taken_out", Publish, Refused;
    /// the dataset already holds the row
    AlreadyPublished = "already_published", Publish, Filtered;
    /// its bucket holds the same bytes already, under another URL (`keep.duplicates`)
    SameBytes = "same_bytes", Publish, Filtered;
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Rows seen, kept and dropped by reason. `seen = kept + Σ dropped` cannot be broken: the only
/// ways in are [`Tally::keep`], [`Tally::drop`] and [`Tally::of`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    seen: u64,
    kept: u64,
    dropped: BTreeMap<DropReason, u64>,
}

impl Tally {
    /// So many kept, and so many dropped by each reason.
    pub fn of(kept: u64, dropped: impl IntoIterator<Item = (DropReason, u64)>) -> Self {
        let dropped: BTreeMap<_, _> = dropped.into_iter().filter(|(_, count)| *count > 0).collect();
        Self { seen: kept + dropped.values().sum::<u64>(), kept, dropped }
    }

    /// Counts one row that goes on.
    pub fn keep(&mut self) {
        self.seen += 1;
        self.kept += 1;
    }

    /// Counts one row that ends here.
    pub fn drop(&mut self, reason: DropReason) {
        self.seen += 1;
        *self.dropped.entry(reason).or_default() += 1;
    }

    /// Counts `count` rows that end here for one reason.
    pub fn drop_many(&mut self, reason: DropReason, count: u64) {
        if count > 0 {
            self.seen += count;
            *self.dropped.entry(reason).or_default() += count;
        }
    }

    /// Rows that came in.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Rows that went on.
    pub fn kept(&self) -> u64 {
        self.kept
    }

    /// Rows that ended, by reason.
    pub fn dropped(&self) -> &BTreeMap<DropReason, u64> {
        &self.dropped
    }

    /// Rows that came to this kind of end.
    pub fn dropped_of(&self, kind: Kind) -> u64 {
        self.dropped.iter().filter(|(reason, _)| reason.kind() == kind).map(|(_, count)| count).sum()
    }

    /// Whether it adds up; a tally read back from a file may have been edited.
    pub fn adds_up(&self) -> bool {
        self.seen == self.kept + self.dropped.values().sum::<u64>()
    }
}

impl AddAssign<&Tally> for Tally {
    fn add_assign(&mut self, other: &Tally) {
        self.seen += other.seen;
        self.kept += other.kept;
        for (reason, count) in &other.dropped {
            *self.dropped.entry(*reason).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up_and_read_back() {
        let mut tally = Tally::default();
        tally.keep();
        tally.drop(DropReason::PageRobots);
        tally.drop(DropReason::PageRobots);
        tally.drop_many(DropReason::PageRobots, 0);
        let mut total = tally.clone();
        total += &tally;
        assert!(total.adds_up());
        assert_eq!((total.seen(), total.kept(), total.dropped_of(Kind::Refused)), (6, 2, 4));
        let text = serde_json::to_string(&total).unwrap();
        assert_eq!(text, r#"{"seen":6,"kept":2,"dropped":{"page_robots":4}}"#);
        assert_eq!(serde_json::from_str::<Tally>(&text).unwrap(), total);
        total.drop_many(DropReason::Gone, 5);
        assert!(total.adds_up());
        assert_eq!((total.seen(), total.dropped_of(Kind::Failed)), (11, 5));
        assert_eq!(Tally::default(), {
            let mut none = Tally::default();
            none.drop_many(DropReason::Gone, 0);
            none
        });
    }

    #[test]
    fn names_are_unique_and_explained() {
        let names: std::collections::BTreeSet<_> = DropReason::ALL.iter().map(|reason| reason.name()).collect();
        assert_eq!(names.len(), DropReason::ALL.len());
        assert!(DropReason::ALL.iter().all(|reason| reason.explanation().len() > 10));
    }
}
