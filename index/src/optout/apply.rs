//! Take me out, for good: the only thing that removes rows.
//!
//! In an order in which being killed does no harm: first the opt-out is made standing, so that no
//! publish brings the rows back; then both tables are rewritten without them; last the old files
//! are deleted, and with them the rows' bytes in all older versions. The same takedown again does
//! what is left to do.

use super::{Entry, Named, look::Sought, standing::Standing};
use crate::{
    Dataset, Error, RunInfo,
    run::Pending,
    table::{Change, Doomed, Rewritten, Table},
};
use shards::Store;
use std::sync::Arc;

/// Another writer may be faster now and then, but not for ever.
const ATTEMPTS: usize = 20;

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
    let named = Named::of(&takedown.id, entries)?;
    Standing::add(dataset.store(), &takedown.id, entries).await?;
    let named: Arc<dyn Doomed> = Arc::new(Sought::by(Arc::new(named)));
    // Who publishes put down that they do before they looked at the opt-outs for the last time: either they saw these, or
    // they are seen here, and must look again.
    let publishing = Pending::any(dataset.store()).await?;
    let change = takedown.change(&[]);
    let mut applied = Applied::default();
    (applied.samples, applied.deleted) = take_out(dataset.samples(), &named, publishing, &change).await?;
    if let Some(ledger) = dataset.ledger() {
        let deleted;
        (applied.ledger, deleted) = take_out(ledger, &named, false, &change).await?;
        applied.deleted += deleted;
    }
    crate::search::forget_missing(dataset.store()).await?;
    Ok(applied)
}

/// Takes all that stands opted out of `dataset` out of one of its tables, now and in all its versions: for rows that were
/// decided on before some of it stood.
pub(crate) async fn take_out_standing(dataset: &Store, table: &Table, change: &Change) -> Result<(), Error> {
    let named = Standing::read(dataset).await?.into_named();
    let named: Arc<dyn Doomed> = Arc::new(Sought::by(Arc::new(named)));
    take_out(table, &named, false, change).await.map(drop)
}

async fn take_out(
    table: &Table,
    named: &Arc<dyn Doomed>,
    publishing: bool,
    change: &Change,
) -> Result<(Rewritten, u64), Error> {
    let mut outcome = Rewritten::default();
    for attempt in 1..=ATTEMPTS {
        // The latest version, whichever one is open: what is taken out of an old one only would stay.
        let Some(table) = Table::open(table.store(), None).await? else { return Ok((outcome, 0)) };
        // What came back after its commit goes by another of its own, which is known by its id.
        let is_done = table.holds(change).await?;
        let change = if is_done { change.again(table.version()) } else { change.clone() };
        match table.rewrite(named, "removed", publishing && !is_done, &change).await {
            // Somebody publishes, compacts or marks near-duplicates meanwhile.
            Err(Error::Contended) if attempt < ATTEMPTS => {}
            // Another takedown or a vacuum deleted what was being read.
            Err(_) if attempt < ATTEMPTS && table.has_moved().await? => {}
            done => {
                outcome = done?;
                break;
            }
        }
    }
    let Some(table) = Table::open(table.store(), None).await? else { return Ok((outcome, 0)) };
    let deleted = table.delete_removed(change).await?;
    if table.holds(change).await? {
        table.delete_attempts(change).await?;
    }
    // Later rounds, marks of near-duplicates and compaction have replaced files, too, which older versions still read.
    Ok((outcome, deleted + table.delete_replaced(named).await?))
}
