//! Rows on their way from archive to dataset: candidates, admitted candidates, fetched pictures.

use crate::{DropReason, Evidence, SampleId};
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
    /// `alt` attribute.
    pub alt: Option<String>,
    /// `title` attribute.
    pub title: Option<String>,
    /// Text of the enclosing figure's `figcaption`.
    pub caption: Option<String>,
    /// Where the URL was taken from.
    pub image_source: ImageSource,
    /// The page's URL.
    pub page_url: String,
    /// Host of the page.
    pub page_host: String,
    /// Host of the image.
    pub image_host: String,
    /// Archive file the page lies in.
    pub archive: String,
    /// Byte offset of the page's record (of its gzip member) in the archive.
    pub archive_offset: i64,
    /// When the page was captured.
    pub captured_at: Option<DateTime<Utc>>,
    /// `lang` of the page's root element.
    pub page_language: Option<String>,
    /// Target of the page's `rel=license`, as written, resolved.
    pub license_url: Option<String>,
    /// What page and site said, so far.
    pub evidence: Vec<Evidence>,
    /// Signals that were looked for, heard or silent (`meta`, `page-header`, `page-robots`, …).
    pub checked: Vec<String>,
}

impl Candidate {
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
    /// The bytes received.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
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
