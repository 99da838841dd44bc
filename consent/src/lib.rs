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
//! - [`review_headers`] looks at the response before its body is read.
//!
//! One rule stands above all (see [`decision`]): a no overrides, whoever says it, and a yes never
//! lifts another's no.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod agents;
mod date;
pub mod decision;
mod directive;
mod findings;
mod gate;
mod header;
mod judge;
mod lists;
mod meta;
mod page;
mod policy;
mod review;
mod robots;
pub mod signals_checked;
mod site;
mod tdmrep;

pub use gate::{Permit, Purpose, Refusal, SiteFile, gate};
pub use header::header_evidence;
pub use judge::{Judgement, judge_page};
pub use lists::{ListError, ListHit, ListKind, OptOutList};
pub use page::{Meta, MetaAttribute, PageView, page_evidence};
pub use policy::{POLICY_VERSION, Policy};
pub use review::review_headers;
pub use site::{Answer, Site};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
