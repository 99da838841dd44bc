//! The whole crate from outside, on small made-up runs. One binary, since each links DataFusion.

#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it should be")]

mod audit;
mod common;
mod dedup;
mod exported;
mod interop;
mod optout;
mod publish;
mod receipts;
mod search;
mod spliced;
mod sql;
mod subset;
mod subset_choice;
mod subset_interop;
mod subset_preview;
mod takedown;
mod together;
mod upkeep;
