//! The nouns of Pinakes: what flows from archive to dataset, and what is said about it.
//!
//! Candidates, samples, evidence, outcomes, reports and configuration, with the Arrow
//! schemas they rest in. Nothing here reads a file, opens a socket or asks the clock.

mod candidate;
mod capture;
mod columns;
mod config;
mod device;
mod digest;
mod evidence;
mod host;
mod ledger;
mod license;
mod name_server;
mod nearest;
mod outcome;
mod report;
mod rows;
mod sample;
mod span;

pub use candidate::{Admitted, ArchivedSiteFile, Candidate, Fetched, ImageSource, TextFlag, TextSource};
pub use capture::{CapturedImage, CapturedPage};
pub use config::{
    Agent, Config, ConfigError, Consent, Duplicates, EncodeFormat, Fetch, Format, Input, Keep, Mode, Models, Output,
    ResizeMode, Score, Store, TagRule,
};
pub use device::{Device, Gpu, Provider};
pub use digest::{hex, sha256_hex};
pub use evidence::{Category, Evidence, Scope, Source, Verdict};
pub use host::{Bucket, Host, RegisteredDomain, SampleId};
pub use ledger::LedgerRow;
pub use license::License;
pub use name_server::{Dns, NameServer};
pub use nearest::nearest;
pub use outcome::{DropReason, Kind, Stage, Tally};
pub use report::{Counts, TaskReport, Work};
pub use rows::{Row, RowError, SCHEMA_VERSION, from_batch, schema_of, to_batch};
pub use sample::{ConsentStamp, Sample, Scored};
pub use span::Span;
