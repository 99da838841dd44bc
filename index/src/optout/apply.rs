//! Take me out, for good: the only thing that removes rows.
//!
//! In an order in which being killed does no harm: first the opt-out is made standing, so that no
//! publish brings the rows back; then both tables are rewritten without them; last the old files
//! are deleted, and with them the rows' bytes in all older versions. The same takedown again does
//! what is left to do.

use super::standing::{Entry, Standing, list_of};
use crate::{
    Dataset, Error, RunInfo,
    table::{Rewritten, Table},
};
use arrow_array::{BooleanArray, RecordBatch, cast::AsArray};
use consent::OptOutList;

/// Another writer may be faster now and then, but not for ever.
const ATTEMPTS: usize = 5;

/// What a takedown came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// What became of the samples.
    pub samples: Rewritten,
    /// What became of the ledger.
    pub ledger: Rewritten,
    /// Old files deleted.
    pub deleted: u64,
}

/// Takes everything that `entries` name out of `dataset`, now and in all its versions, and keeps
/// it out. `takedown` gives its id, command and time.
///
/// Older versions that held such rows can no longer be read whole: that is what was asked for.
pub async fn apply(dataset: &Dataset, entries: &[Entry], takedown: &RunInfo) -> Result<Applied, Error> {
    takedown.check()?;
    let list = list_of(&takedown.id, entries)?;
    Standing::add(dataset.store(), &takedown.id, entries).await?;
    let mut applied = Applied::default();
    (applied.samples, applied.deleted) = take_out(dataset.samples(), &list, takedown).await?;
    if let Some(ledger) = dataset.ledger() {
        let deleted;
        (applied.ledger, deleted) = take_out(ledger, &list, takedown).await?;
        applied.deleted += deleted;
    }
    Ok(applied)
}

async fn take_out(table: &Table, list: &OptOutList, takedown: &RunInfo) -> Result<(Rewritten, u64), Error> {
    let change = takedown.change(&[]);
    let mut outcome = Rewritten::default();
    for attempt in 1..=ATTEMPTS {
        // The latest version, whichever one is open: what is taken out of an old one only would stay.
        let Some(table) = Table::open(table.store(), None).await? else { return Ok((outcome, 0)) };
        if table.holds(&change).await? {
            break;
        }
        match table.rewrite(None, |batch| doomed(batch, list), "removed", &change).await {
            // Somebody publishes or marks near-duplicates meanwhile.
            Err(Error::Contended) if attempt < ATTEMPTS => {}
            done => {
                outcome = done?;
                break;
            }
        }
    }
    let Some(table) = Table::open(table.store(), None).await? else { return Ok((outcome, 0)) };
    let deleted = table.delete_removed(&change).await?;
    // Later rounds and marks of near-duplicates have replaced files, too, which older versions still read.
    Ok((outcome, deleted + table.delete_replaced(&["url", "page_url"], |batch| doomed(batch, list)).await?))
}

fn doomed(batch: &RecordBatch, list: &OptOutList) -> Result<BooleanArray, Error> {
    let text = |name: &str| {
        let column = batch.column_by_name(name);
        let missing = || Error::Record { name: name.to_owned(), problem: "the table has no such column".into() };
        column.and_then(|column| column.as_string_opt::<i32>()).ok_or_else(missing)
    };
    let (urls, pages) = (text("url")?, text("page_url")?);
    let marks = urls.iter().zip(pages.iter());
    Ok(marks.map(|(url, page)| Some(super::named(list, url?, page?).is_some())).collect())
}
