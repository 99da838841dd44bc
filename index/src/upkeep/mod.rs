//! A dataset's upkeep: files merged to healthy sizes, what no kept version reads deleted, versions told. None of it changes
//! which rows there are.

mod compact;
mod vacuum;
mod versions;

pub use compact::{Compacted, Merged, Sizes, compact};
pub use vacuum::{Cleared, Keep, Vacuumed, vacuum};
pub(crate) use versions::check_whole;
pub use versions::{Version, versions};

pub use crate::dedup::Asked;

use crate::{Dataset, Error, table::Table};

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
