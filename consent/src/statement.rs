//! One thing a carrier says, before it is known of whom it speaks.
//!
//! Parsers of single carriers (a file in `/.well-known`, an XMP packet, a caption) return these;
//! whoever called them knows the scope, the source and the time, and makes
//! [`Evidence`](schema::Evidence) of them.

use schema::{Category, Verdict};
use std::borrow::Cow;

/// One thing said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Stable id of the signal, as in [`Evidence::signal`](schema::Evidence::signal).
    pub(crate) signal: Cow<'static, str>,
    /// Which use it speaks of.
    pub(crate) category: Category,
    /// What it says.
    pub(crate) verdict: Verdict,
    /// Where within the carrier: `line 3`, `byte 120 xmp plus:DataMining`; may be empty.
    pub(crate) place: String,
    /// The words it was read from.
    pub(crate) raw: String,
    /// Whom it names, if anybody.
    pub(crate) addressed_to: Option<String>,
}

impl Statement {
    /// A statement that names nobody and stands nowhere in particular.
    pub(crate) fn new(signal: impl Into<Cow<'static, str>>, category: Category, verdict: Verdict, raw: &str) -> Self {
        Self {
            signal: signal.into(),
            category,
            verdict,
            place: String::new(),
            raw: crate::findings::clip(raw, schema::Evidence::MAX_RAW_BYTES),
            addressed_to: None,
        }
    }

    /// The same at a place within the carrier.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = place.into();
        self
    }

    /// Whether it refuses.
    pub(crate) fn denies(&self) -> bool {
        matches!(self.verdict, Verdict::Deny | Verdict::Conditional | Verdict::MalformedDeny)
    }
}
