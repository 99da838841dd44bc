//! Rows on their way from archive to dataset: candidates, admitted candidates, fetched pictures.

use crate::{DropReason, Evidence, SampleId};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An image with its text, found on a page: what extract writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Hash of URL and text.
    pub id: SampleId,
    /// Image URL, absolute, without fragment.
    pub url: String,
    /// The text the pair is made of.
    pub text: String,
    /// Where the text was taken from.
    pub text_source: TextSource,
    /// What about the text speaks against it.
    pub text_flags: Vec<TextFlag>,
    /// Language of the text (BCP 47 primary tag); `None` where it cannot be told.
    pub language: Option<String>,
    /// `alt` attribute.
    pub alt: Option<String>,
    /// `title` attribute.
    pub title: Option<String>,
    /// Text of the enclosing figure's `figcaption`.
    pub caption: Option<String>,
    /// Where the URL was taken from.
    pub image_source: ImageSource,
    /// Other addresses the page gives for the same picture: other sizes and formats.
    pub other_urls: Vec<String>,
    /// The page's URL; empty where a list of URLs names none.
    pub page_url: String,
    /// Host of the page; empty likewise.
    pub page_host: String,
    /// Host of the image.
    pub image_host: String,
    /// Archive file the page lies in.
    pub archive: String,
    /// Byte offset of the page's record (of its gzip member) in the archive; in a list of URLs the row's number, from 0.
    pub archive_offset: i64,
    /// When the page was captured.
    pub captured_at: Option<DateTime<Utc>>,
    /// `lang` of the page's root element.
    pub page_language: Option<String>,
    /// Licence of the image as its JSON-LD names it, else target of the page's `rel=license`; resolved.
    pub license_url: Option<String>,
    /// What page and site said, so far.
    pub evidence: Vec<Evidence>,
    /// Signals that were looked for, heard or silent (`meta`, `page-header`, `page-robots`, …).
    pub checked: Vec<String>,
}

impl Candidate {
    /// A picture and a text of which nothing else is known.
    pub fn bare(url: &str, text: &str) -> Self {
        Self {
            id: SampleId::of(url, text),
            url: url.to_owned(),
            text: text.to_owned(),
            text_source: TextSource::Alt,
            text_flags: Vec::new(),
            language: None,
            alt: None,
            title: None,
            caption: None,
            image_source: ImageSource::Src,
            other_urls: Vec::new(),
            page_url: String::new(),
            page_host: String::new(),
            image_host: String::new(),
            archive: String::new(),
            archive_offset: 0,
            captured_at: None,
            page_language: None,
            license_url: None,
            evidence: Vec::new(),
            checked: Vec::new(),
        }
    }

    /// The signal that speaks for a drop by `reason`: the first that denies. A page that withholds
    /// its texts need not deny its pictures; there the piece that withholds stands first.
    pub fn signal_of(&self, reason: DropReason) -> Option<&str> {
        let denying = self.evidence.iter().find(|piece| piece.denies());
        let first = self.evidence.first().filter(|_| reason == DropReason::TextWithheld);
        denying.or(first).map(|piece| piece.signal.as_str())
    }
}

/// Where a candidate's text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextSource {
    /// The `alt` attribute.
    Alt,
    /// The figure's caption, where alt is empty.
    Caption,
    /// The `title` attribute, where both are empty.
    Title,
    /// The `aria-label` attribute.
    AriaLabel,
    /// A meta element beside that of the image (`og:image:alt`, `twitter:image:alt`).
    Meta,
    /// An `ImageObject` in JSON-LD (`caption`, `description`, `name`).
    JsonLd,
    /// The words of the page nearest to the image, where nothing describes it.
    Around,
    /// A list of URLs, which gives the text beside the URL.
    List,
}

impl TextSource {
    /// Its name in tables and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alt => "alt",
            Self::Caption => "caption",
            Self::Title => "title",
            Self::AriaLabel => "aria-label",
            Self::Meta => "meta",
            Self::JsonLd => "json-ld",
            Self::Around => "around",
            Self::List => "list",
        }
    }
}

/// What about a text speaks against it as a description of its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextFlag {
    /// A file's name (`IMG_1234.JPG`).
    FileName,
    /// A word that fits any picture (`image`, `logo`, `banner`, in many languages).
    Generic,
    /// An address.
    Url,
    /// Few letters among digits and signs.
    FewLetters,
    /// All in capitals.
    Capitals,
    /// Markup or code that was left in it.
    Markup,
    /// The same text stands with many pictures of the host.
    Repeated,
}

impl TextFlag {
    /// Its name in tables and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::FileName => "file-name",
            Self::Generic => "generic",
            Self::Url => "url",
            Self::FewLetters => "few-letters",
            Self::Capitals => "capitals",
            Self::Markup => "markup",
            Self::Repeated => "repeated",
        }
    }
}

/// Where a candidate's URL came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageSource {
    /// `src`.
    Src,
    /// `srcset`, the largest candidate.
    Srcset,
    /// A `source` of the enclosing `picture`.
    Picture,
    /// A lazy-loading attribute (`data-src`, `data-srcset`, `data-original`, …).
    Lazy,
    /// `poster` of a video.
    Poster,
    /// A meta element (`og:image`, `twitter:image`).
    Meta,
    /// An `ImageObject` in JSON-LD.
    JsonLd,
    /// A list of URLs.
    List,
}

impl ImageSource {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Src => "src",
            Self::Srcset => "srcset",
            Self::Picture => "picture",
            Self::Lazy => "lazy",
            Self::Poster => "poster",
            Self::Meta => "meta",
            Self::JsonLd => "json-ld",
            Self::List => "list",
        }
    }
}

/// A candidate after its page's side was asked: what admit writes.
///
/// Refused rows travel on, because a picture refused on one page is refused on all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Admitted {
    /// The candidate, with the evidence of the page's site added.
    pub candidate: Candidate,
    /// Why the page's side said no, if it did.
    pub refused: Option<DropReason>,
}

/// A downloaded picture that nobody objected to: what fetch writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fetched {
    /// The candidate, with the evidence of the image's side added.
    pub candidate: Candidate,
    /// Where the picture came from after redirects.
    pub final_url: String,
    /// Requests sent for it: redirects and retries among them.
    pub attempts: i32,
    /// Seconds that it took, its host's pace and pauses included.
    pub seconds: f32,
    /// When it was fetched.
    pub fetched_at: DateTime<Utc>,
    /// Media type by the bytes, not by the header.
    pub mime: String,
    /// Width in pixels, as stored.
    pub width: u32,
    /// Height in pixels, as stored.
    pub height: u32,
    /// SHA-256 of the bytes received, lower-case hexadecimal.
    pub sha256: String,
    /// The marker inside the file that says a model made or changed the picture, if there is one.
    pub ai_generated: Option<String>,
    /// Where the bytes received begin in the share's pack, which lies beside these rows.
    pub offset: u64,
    /// How many they are.
    pub bytes: u64,
    /// The bytes themselves, while they are in memory; no column holds them.
    #[serde(skip)]
    pub body: Bytes,
}

/// A site file found in an archive (`/robots.txt`, `/.well-known/tdmrep.json`, …): a witness beside the live one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchivedSiteFile {
    /// Host it speaks for.
    pub host: String,
    /// Its URL.
    pub url: String,
    /// HTTP status of the capture.
    pub status: u16,
    /// When it was captured.
    pub captured_at: Option<DateTime<Utc>>,
    /// Its body, at most 1 MiB.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
}
