//! A dataset's upkeep: files merged to healthy sizes, what no kept version reads deleted, versions told. None of it changes
//! which rows there are.

mod compact;
mod vacuum;
mod versions;

pub use compact::{Compacted, Merged, Sizes, compact};
pub use vacuum::{Cleared, Keep, Vacuumed, vacuum};
pub(crate) use versions::check_whole;
pub use versions::{Version, versions};

use crate::{Dataset, Error, table::Table};
use chrono::{DateTime, Utc};

/// Who asks, and when. The clock is read by the caller, once.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The command line.
    pub command: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Another writer may be faster now and then, but not for ever.
const ATTEMPTS: usize = 20;

/// The tables of the dataset at `location` in their latest version.
async fn tables(location: &str) -> Result<(Table, Option<Table>), Error> {
    let dataset = Dataset::open(location).await?;
    Ok((dataset.samples().clone(), dataset.ledger().cloned()))
}

async fn latest(table: &Table) -> Result<Table, Error> {
    let name = table.store().url().to_string();
    let gone = || Error::Record { name, problem: "the table is gone".into() };
    Table::open(table.store(), None).await?.ok_or_else(gone)
}
