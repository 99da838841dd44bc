//! Kept, found, audited, forgotten: the Delta table, subsets, audits, opt-outs.
//!
//! A dataset is a folder that needs nothing beside it and may be moved:
//! - a Delta Lake table of kept rows, partitioned by `bucket` (the share of image hosts), readable by anything
//!   that reads Delta or, file by file, Parquet;
//! - `_ledger/`, a second such table: every candidate that was not kept, and why;
//! - `_runs/<run>.json`, the accounts of each run that was published into it;
//! - `_optout/*.jsonl`, standing opt-outs: what they name is never published again; `_optout/receipts/*.json`, what each
//!   takedown came to, signed;
//! - `_search/`, an index of embeddings, where somebody made one.
//!
//! This crate never prints and never reads the clock.

mod address;
pub mod audit;
mod dataset;
pub mod dedup;
mod error;
mod funnel;
pub mod optout;
mod page;
mod provider;
mod publish;
mod run;
pub mod search;
pub mod sql;
pub mod subset;
pub mod table;
pub mod upkeep;

pub use audit::{Audit, AuditRow, By};
pub use dataset::{DATASET_FOLDER, Dataset, Gone, LEDGER_FOLDER};
pub use error::Error;
pub use funnel::{Funnel, FunnelStage};
pub use publish::{Published, has_begun, publish};
pub use run::{Record, Round, RunInfo, StageTotal};
