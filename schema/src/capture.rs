//! What extract writes: pages, and the images found on them. Joined they are candidates.
//!
//! Apart, because a page says more than its images do: what it says is written once, and not once
//! with every image on it.

use crate::{Candidate, Evidence, ImageSource, SampleId, TextFlag, TextSource};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A captured page: what all its images share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CapturedPage {
    /// Its number among the pages of the archive that have candidates, from 0.
    pub number: i64,
    /// Its URL; empty where a list of URLs names none.
    pub url: String,
    /// Its host; empty likewise.
    pub host: String,
    /// Archive file it lies in.
    pub archive: String,
    /// Byte offset of its record (of the gzip member) in the archive; in a list of URLs the row's number, from 0.
    pub archive_offset: i64,
    /// When it was captured.
    pub captured_at: Option<DateTime<Utc>>,
    /// `lang` of its root element.
    pub language: Option<String>,
    /// Target of its `rel=license`, resolved.
    pub license_url: Option<String>,
    /// What it says.
    pub evidence: Vec<Evidence>,
    /// Signals that were looked for, heard or silent.
    pub checked: Vec<String>,
}

/// An image with its text on a captured page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CapturedImage {
    /// Number of its page in the same archive.
    pub page: i64,
    /// Host of its page; empty where its page is not known.
    pub page_host: String,
    /// Hash of URL and text.
    pub id: SampleId,
    /// Image URL, absolute, without fragment.
    pub url: String,
    /// Host of the image.
    pub host: String,
    /// Where the URL was taken from.
    pub source: ImageSource,
    /// Other addresses the page gives for the same picture.
    pub other_urls: Vec<String>,
    /// The text the pair is made of.
    pub text: String,
    /// Where the text was taken from.
    pub text_source: TextSource,
    /// What about the text speaks against it.
    pub text_flags: Vec<TextFlag>,
    /// Language of the text, where it can be told.
    pub language: Option<String>,
    /// `alt` attribute.
    pub alt: Option<String>,
    /// `title` attribute.
    pub title: Option<String>,
    /// Text of the enclosing figure's `figcaption`.
    pub caption: Option<String>,
    /// The image's own licence, resolved.
    pub license_url: Option<String>,
    /// What is said of this image beside what the page says.
    pub evidence: Vec<Evidence>,
}

impl CapturedImage {
    /// The candidate it makes on `page`.
    pub fn on(self, page: &CapturedPage) -> Candidate {
        let mut evidence = Vec::with_capacity(page.evidence.len() + self.evidence.len());
        evidence.extend_from_slice(&page.evidence);
        evidence.extend(self.evidence);
        Candidate {
            id: self.id,
            url: self.url,
            text: self.text,
            text_source: self.text_source,
            text_flags: self.text_flags,
            language: self.language,
            alt: self.alt,
            title: self.title,
            caption: self.caption,
            image_source: self.source,
            other_urls: self.other_urls,
            page_url: page.url.clone(),
            page_host: page.host.clone(),
            image_host: self.host,
            archive: page.archive.clone(),
            archive_offset: page.archive_offset,
            captured_at: page.captured_at,
            page_language: page.language.clone(),
            license_url: self.license_url.or_else(|| page.license_url.clone()),
            evidence,
            checked: page.checked.clone(),
        }
    }
}
