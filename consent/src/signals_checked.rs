//! Names for `Candidate.checked`: which signals were looked for, heard or silent.
//!
//! An auditor needs "asked and silent" apart from "not asked".

use crate::SiteFile;

/// Response headers of the page: X-Robots-Tag, `TDMRep`, Content-Usage and the others.
pub const PAGE_HEADER: &str = "page-header";
/// Markup of the page: meta elements, attributes, words.
pub const PAGE_META: &str = "page-meta";
/// robots.txt of the page's origin.
pub const PAGE_ROBOTS: &str = "page-robots";
/// robots.txt of the image's origin.
pub const IMAGE_ROBOTS: &str = "image-robots";
/// Status and response headers of the image.
pub const IMAGE_HEADER: &str = "image-header";
/// What is written inside the image file.
pub const IMAGE_FILE: &str = "image-file";
/// Opt-out lists.
pub const LISTS: &str = "lists";

/// All names.
pub const ALL: [&str; 12] = [
    PAGE_HEADER,
    PAGE_META,
    PAGE_ROBOTS,
    "page-tdmrep",
    "page-trust-txt",
    IMAGE_ROBOTS,
    "image-tdmrep",
    "image-ai-txt",
    "image-trust-txt",
    IMAGE_HEADER,
    IMAGE_FILE,
    LISTS,
];

/// Whose site a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The page's.
    Page,
    /// The image's.
    Image,
}

impl Side {
    /// What a site of this side is asked for beside robots.txt. ai.txt is read from the host that
    /// serves the media.
    pub fn files(self) -> &'static [SiteFile] {
        match self {
            Self::Page => &[SiteFile::TdmRep, SiteFile::TrustTxt],
            Self::Image => &[SiteFile::TdmRep, SiteFile::AiTxt, SiteFile::TrustTxt],
        }
    }

    /// The name of a site file on this side.
    pub fn site_file(self, file: SiteFile) -> &'static str {
        use SiteFile::{AiTxt, AiTxtWellKnown, Robots, TdmRep, TrustTxt, TrustTxtWellKnown};
        match (self, file) {
            (Self::Page, Robots) => PAGE_ROBOTS,
            (Self::Image, Robots) => IMAGE_ROBOTS,
            (Self::Page, TdmRep) => "page-tdmrep",
            (Self::Image, TdmRep) => "image-tdmrep",
            (Self::Page, AiTxt | AiTxtWellKnown) => "page-ai-txt",
            (Self::Image, AiTxt | AiTxtWellKnown) => "image-ai-txt",
            (Self::Page, TrustTxt | TrustTxtWellKnown) => "page-trust-txt",
            (Self::Image, TrustTxt | TrustTxtWellKnown) => "image-trust-txt",
        }
    }
}
