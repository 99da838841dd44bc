//! May we? Every opt-out signal, the evidence it leaves, and the decision. No I/O.
//!
//! Bytes and headers go in, [`Evidence`](schema::Evidence) and a decision come out. Nothing here
//! opens a socket, reads a file or asks the clock, so that every verdict can be had again from
//! what was recorded.
//!
//! - [`page_evidence`] reads what a page's response and markup say.
//! - [`Site`] reads a robots.txt once and answers for every URL of its origin.
//! - [`judge_page`] decides the page's side of an image.
//! - [`gate`] decides the image's side and is the only maker of a [`Permit`] for an image.
//! - [`objects_in_words`] tells whether an author's text objects.
//! - [`review_headers`] looks at the response before its body is read.
//! - [`file_evidence`] looks into the body: XMP, EXIF, IPTC, text chunks, C2PA.
//!
//! One rule stands above all (see [`decision`]): a no overrides, whoever says it, and a yes never
//! lifts another's no.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod advice;
mod agents;
mod ai_txt;
mod aipref;
mod content_signal;
mod date;
pub mod decision;
mod directive;
mod element;
pub mod eval;
mod file;
mod findings;
mod gate;
mod header;
mod inside;
mod judge;
mod license;
mod lists;
mod meta;
mod page;
mod policy;
mod review;
mod robots;
mod robots_tag;
mod rsl;
mod shortcut;
pub mod signals_checked;
mod site;
mod statement;
mod tdm_file;
mod tdmrep;
mod trust_txt;
mod usage;
mod words;

pub use file::{FileReading, file_evidence};
pub use gate::{Permit, Purpose, Refusal, TermsUrl, gate};
pub use header::{header_evidence, is_rsl};
pub use inside::{Picture, review_file};
pub use judge::{Judgement, judge_alone, judge_page};
pub use license::{License, PageRights};
pub use lists::{ListError, ListHit, ListKind, OptOutList};
pub use page::{PageView, element_evidence, listed_words_evidence, meta_words_evidence, page_evidence, withholds_text};
pub use policy::{POLICY_VERSION, Policy};
pub use review::review_headers;
pub use rsl::{linked_terms, read_linked_terms};
use site::settle_tdm;
pub use site::{Answer, MAX_LICENSES, Site, SiteAnswers, SiteFile, license_urls};
pub use words::objects_in_words;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
