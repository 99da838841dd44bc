//! The nearest pictures: to a text, to a picture, to a row.
//!
//! The exact scan of the column `embedding` is the default and the truth. Beside it there may be an index, `_search/`: an
//! inverted file ([`alike::nearest`]) whose rows each name the data file they came from. Data files never change, so
//! that an index of whatever age says of each of its rows whether the current version still has it, and which files it
//! does not know: these are scanned. So a search is over the current version only, and an index is faster or slower, never
//! wrong.
//!
//! ```text
//! _search/
//!   index.json        the model, the data files it covers, the segments, how many lists a search looks through; written last
//!   <digest>.lists    a segment: some lists, each with its centre, ids, files and directions in one piece
//! ```
//!
//! Nothing of a row outlives it: a takedown rewrites the segments that hold rows of files that left, and a list's centre is
//! always the middle of the rows that are in it, of no others.

mod answer;
mod build;
mod files;
mod forget;
mod index;
mod manifest;
mod pictures;
mod scan;
mod searcher;
mod segment;
mod spill;
mod tuning;
mod verify;

pub use answer::{page, rows};
pub use build::{Built, Wanted, build};
pub(crate) use forget::forget_missing;
pub use scan::{Model, model_of};
pub use searcher::{Answer, Asked, Searcher, Way};
pub use verify::{Measured, Verified, captions, verify};

pub use alike::nearest::{Direction, Hit, cosine};

use crate::Error;

/// The folder of the index within the dataset: readers of Delta skip what begins with `_`.
const FOLDER: &str = "_search";

/// The same for errors.
fn damaged(name: &str, problem: impl Into<String>) -> Error {
    Error::Record { name: format!("{FOLDER}/{name}"), problem: problem.into() }
}

/// By which rows are chosen, as if by chance and always the same: the step of splitmix64 (Steele, Lea and Flood 2014).
fn chance(id: i64) -> u64 {
    let mut bits = id.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ bits >> 31
}

/// `ids` as they stand behind SQL's `in`.
fn listed(ids: impl Iterator<Item = i64>) -> String {
    let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
    // Brackets with nothing between them are no SQL.
    if ids.is_empty() { "(null)".into() } else { format!("({})", ids.join(", ")) }
}

/// Work for the processor, beside the threads that wait for files.
async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let lost = |error: tokio::task::JoinError| Error::Record { name: FOLDER.into(), problem: error.to_string() };
    tokio::task::spawn_blocking(work).await.map_err(lost)
}
