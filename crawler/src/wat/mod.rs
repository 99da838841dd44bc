//! Pages as WAT archives tell of them: Common Crawl's metadata files, a tenth of the size of its WARC.
//!
//! A WAT is a WARC of `metadata` records. Each holds one JSON about one record of the WARC it was
//! made from: where that lies, its HTTP headers, and of a page its metas and links. [`read`] takes
//! out of it what extraction and consent ask for, in one go over the text. Elements of long arrays that
//! can be neither image nor licence link are leaped over, so a break within them is not always told.
//!
//! What a WAT does not say, so that nobody takes its silence for a yes:
//!
//! - of images only `src`, `alt` and `title`: no `srcset`, no lazy-loading attributes, no `picture`, no
//!   caption, no `aria-label`, and none of the attributes that speak of use (`data-noai`, `nopin`, …);
//! - no small print, no JSON-LD, no text;
//! - headers that were sent several times: all of them in crawls since late 2024, one of them before;
//! - the page's language (`lang` of the root) likewise only since then;
//! - metas without a `content`, or with neither `name`, `property` nor `http-equiv`;
//! - where in the source a thing stands; and of several `base` elements the last counts, not the first;
//! - links of anchors that are never closed;
//! - site files: a WAT holds no bodies, so robots.txt is not in it.
//!
//! The rules of the writer are those of the `ia-web-commons` library, `ExtractingParseObserver` and `MetaData`.

mod blanks;
mod draft;
mod json;
mod leap;
mod links;
mod signs;
mod texts;

use chrono::{DateTime, Utc};
use draft::Draft;

/// Longest block read, in bytes.
pub const MAX_BLOCK_BYTES: usize = 32 * 1024 * 1024;

/// A page, as far as a WAT knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// The address captured, as written.
    pub url: String,
    /// When.
    pub captured_at: Option<DateTime<Utc>>,
    /// Status of the response: 200.
    pub status: u16,
    /// File name of the WARC that holds the page.
    pub archive: Option<String>,
    /// Where in that file its record begins.
    pub offset: Option<u64>,
    /// Headers of the response, as written. One sent several times stands here as often as the WAT has it.
    pub headers: Vec<(String, String)>,
    /// Base, language, metas, licence links and images; all else is empty, and places are not known.
    pub markup: markup::Page,
}

/// What a record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A page.
    Page(Box<Capture>),
    /// Something else.
    Passed(Passed),
}

/// Why a record is no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It tells of a request, of the crawl, or of something without an address.
    NotAResponse,
    /// The server answered otherwise than with 200.
    NotOk(u16),
    /// Not HTML: an image, a file for robots, ….
    NotHtml,
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Longer than [`MAX_BLOCK_BYTES`].
    #[error("{bytes} bytes, more than a record of a WAT may have")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The JSON breaks off or is none.
    #[error("no JSON at byte {at}")]
    NotJson {
        /// Where.
        at: usize,
    },
    /// A text with broken characters.
    #[error("a text that cannot be read at byte {at}")]
    NotText {
        /// Where it begins.
        at: usize,
    },
    /// A part stands there twice, so that it cannot be known which is meant.
    #[error("`{0}` stands there twice")]
    Twice(&'static str),
}

/// Reads the block of a `metadata` record whose type is `application/json`.
pub fn read(block: &[u8]) -> Result<Outcome, Problem> {
    if block.len() > MAX_BLOCK_BYTES {
        return Err(Problem::TooLong { bytes: block.len() });
    }
    Ok(Draft::read(block)?.outcome())
}
