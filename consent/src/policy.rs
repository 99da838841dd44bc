//! What is asked of every signal: how it is read, in whose name, and which lists stand.

use crate::OptOutList;
use schema::Mode;

/// Version of the rules and tables in this crate; it goes into every dataset's metadata.
pub const POLICY_VERSION: &str = "2026-11-24.1";

/// The rules of one run.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How strictly signals are read.
    pub mode: Mode,
    /// Our product token: the name by which a robots.txt addresses us.
    pub agent: String,
    /// Standing opt-outs.
    pub lists: OptOutList,
    /// Whether the dataset holds pictures rather than links: then objections to copying refuse too
    /// (strict mode).
    pub redistributes: bool,
}

impl Policy {
    /// A policy without lists, for a dataset of links.
    pub fn new(mode: Mode, agent: &str) -> Self {
        Self { mode, agent: agent.to_owned(), lists: OptOutList::empty(), redistributes: false }
    }

    pub(crate) fn reading(&self) -> Reading {
        match self.mode {
            // An audit wants to know what strict would have refused, so record-only reads as
            // strict and only the decision is left out.
            Mode::Strict | Mode::RecordOnly => Reading::Strict,
            Mode::Spec => Reading::Spec,
        }
    }

    /// Whether a no refuses at all.
    pub(crate) fn refuses(&self) -> bool {
        self.mode != Mode::RecordOnly
    }
}

/// How a text is read: every plain no, or the standard to the letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    Strict,
    Spec,
}
