//! Names for `Candidate.checked`: which signals were looked for, heard or silent.
//!
//! An auditor needs "asked and silent" apart from "not asked".

/// Response headers of the page: X-Robots-Tag, `TDMRep`.
pub const PAGE_HEADER: &str = "page-header";
/// Markup of the page: meta robots, `TDMRep`.
pub const PAGE_META: &str = "page-meta";
/// robots.txt of the page's origin.
pub const PAGE_ROBOTS: &str = "page-robots";
/// robots.txt of the image's origin.
pub const IMAGE_ROBOTS: &str = "image-robots";
/// Status and response headers of the image.
pub const IMAGE_HEADER: &str = "image-header";
/// Opt-out lists.
pub const LISTS: &str = "lists";

/// What extract and admit look for.
pub const PAGE_SIDE: [&str; 4] = [PAGE_HEADER, PAGE_META, PAGE_ROBOTS, LISTS];
/// What fetch looks for.
pub const IMAGE_SIDE: [&str; 3] = [IMAGE_ROBOTS, IMAGE_HEADER, LISTS];
