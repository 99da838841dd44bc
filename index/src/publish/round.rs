//! A later round of a run that is published already: pictures were asked for again, or thresholds were moved. Only
//! these rows are published again, each from the table it lies in to the one it belongs in now.

use super::{
    ATTEMPTS, Sources, reopen, rows,
    rows::Shares,
    twins::{Twins, held_ledger, held_samples},
};
use crate::{
    Error, RunInfo,
    table::{Doomed, Groups, Table},
};
use arrow_array::{BooleanArray, RecordBatch, cast::AsArray, types::Int64Type};
use schema::{Bucket, DropReason, LedgerRow, Sample, Scored, Tally};
use shards::{Store, read_all};
use std::{collections::HashSet, sync::Arc};

/// What tells candidates apart: id (hash of URL and text), archive, and the page's record in it.
pub(crate) type Key = (i64, String, i64);

/// The rows that one round is about.
pub(crate) struct Reopened(HashSet<Key>);

/// Folders of a run in which a round's rows are listed, by its number.
const LISTS: [&str; 2] = ["retried", "rescored"];

impl Reopened {
    /// Reads which they are; `None` in the first round, which publishes everything.
    pub(crate) async fn read(store: &Store, run: &RunInfo) -> Result<Option<Self>, Error> {
        if run.round == 0 {
            return Ok(None);
        }
        let mut keys = HashSet::new();
        for folder in LISTS {
            for name in store.list(&format!("{folder}/{}", run.round)).await? {
                let rows: Vec<LedgerRow> = read_all(store, &name).await?;
                keys.extend(rows.into_iter().map(|row| (row.id.0, row.archive, row.archive_offset)));
            }
        }
        Ok(Some(Self(keys)))
    }

    /// What this round adds to the two tables in `bucket`, and takes out of the samples.
    ///
    /// All scored rows of the run are counted anew, whichever round they are of, by where they are in the end. A row that is
    /// in neither table was removed by a takedown: it is brought back nowhere.
    ///
    /// Which of several pictures with the same bytes is kept is decided anew, too, as if all had come in one round: so
    /// thresholds moved there and back give the same table.
    pub(crate) async fn shares(
        &self,
        sources: &Sources<'_>,
        bucket: Bucket,
        tally: &mut Tally,
    ) -> Result<Shares, Error> {
        let in_samples = held_samples(sources.samples, bucket, sources.duplicates).await?;
        let in_ledger = held_ledger(sources.ledger, bucket).await?;
        let mut published: HashSet<i64> = in_samples.iter().map(|row| row.key.0).collect();
        let mut shares = Shares::default();
        let is_open = |row: &LedgerRow| {
            let key = (row.id.0, row.archive.clone(), row.archive_offset);
            self.0.contains(&key) && in_ledger.contains_key(&key)
        };
        shares.ledger = sources.dropped_before(bucket).await?;
        shares.ledger.retain(is_open);
        let mut scored = sources.stages.scored(sources.store, bucket).await?;
        scored.sort_by(|a, b| rows::order_of_samples(&a.sample).cmp(&rows::order_of_samples(&b.sample)));
        // In both only where another run published the same row first.
        let own: HashSet<Key> =
            scored.iter().map(|row| key(&row.sample)).filter(|key| !in_ledger.contains_key(key)).collect();
        let (ours, others): (Vec<_>, Vec<_>) = in_samples.into_iter().partition(|row| own.contains(&row.key));
        let in_samples: HashSet<Key> = ours.into_iter().map(|row| row.key).collect();
        let mut twins = Twins::of(sources.duplicates);
        // What other runs published was there first.
        for row in &others {
            twins.note(row.mark);
        }
        for Scored { sample, dropped } in scored {
            let key = key(&sample);
            let (is_sample, is_lost) = (in_samples.contains(&key), in_ledger.contains_key(&key));
            let was_twin = in_ledger.get(&key).is_some_and(|reason| *reason == Some(DropReason::SameBytes));
            let is_listed = self.0.contains(&key);
            let is_named = sources.standing.names(&sample);
            let reason = match dropped {
                Some(reason) => Some(reason),
                None if is_sample => twins.repeated(&sample),
                None if !is_lost || is_named => Some(DropReason::TakenOut),
                None if !(is_listed || was_twin) || published.contains(&key.0) => Some(DropReason::AlreadyPublished),
                None => twins.repeated(&sample),
            };
            match reason {
                // What score dropped has been counted there.
                Some(_) if dropped.is_some() => {}
                Some(reason) => tally.drop(reason),
                None => tally.keep(),
            }
            // What changes sides by its bytes alone is not listed.
            let is_twin = reason == Some(DropReason::SameBytes);
            let changes_sides = if is_sample { is_twin } else { was_twin && !is_twin };
            if !is_listed && !changes_sides {
                continue;
            }
            if !is_listed && is_lost {
                shares.reopened.push(key.clone());
            }
            match reason {
                Some(reason) if is_sample => {
                    shares.leaving.push(key);
                    shares.ledger.push(rows::ledger_row(sample, reason, is_named));
                }
                Some(reason) if is_lost => shares.ledger.push(rows::ledger_row(sample, reason, is_named)),
                None if is_lost => {
                    published.insert(key.0);
                    shares.samples.push(sample);
                }
                _ => {}
            }
        }
        shares.ledger.sort_by(|a, b| rows::order_of_ledger(a).cmp(&rows::order_of_ledger(b)));
        shares.moved.into_samples = shares.samples.len() as u64;
        shares.moved.into_ledger = shares.leaving.len() as u64;
        shares.moved.still_in_ledger = (shares.ledger.len() - shares.leaving.len()) as u64;
        Ok(shares)
    }

    /// Takes what the ledger said of these rows, and of those in `others`, out of it. Their new rows must not be in it yet.
    pub(crate) async fn leave_ledger(&self, ledger: &Table, run: &RunInfo, others: &[Key]) -> Result<(), Error> {
        let mut change = run.change(&[]);
        change.id.push_str(".retried");
        if ledger.holds(&change).await? {
            return Ok(());
        }
        let leaving: Arc<dyn Doomed> = Arc::new(Leaving(self.0.iter().chain(others).cloned().collect()));
        for _ in 0..ATTEMPTS {
            let latest = reopen(ledger).await?;
            match latest.rewrite(&leaving, "retried", false, &change).await {
                // A takedown or a compaction was faster.
                Err(Error::Contended) => {}
                Err(_) if latest.has_moved().await? => {}
                done => return done.map(drop),
            }
        }
        Err(Error::Contended)
    }
}

fn key(sample: &Sample) -> Key {
    (sample.id.0, sample.archive.clone(), sample.archive_offset)
}

/// Rows that leave a table, by what tells them apart.
pub(super) struct Leaving(pub(super) HashSet<Key>);

impl Doomed for Leaving {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn in_group(&self, file: &Groups, group: usize) -> Result<Option<BooleanArray>, Error> {
        let columns = ["id", "archive", "archive_offset"];
        let bytes = file.fetch(group..group + 1, &columns)?;
        let keys = keys(&file.read(&bytes, group, &columns, None)?)?;
        Ok(Some(keys.iter().map(|key| Some(self.0.contains(key))).collect()))
    }
}

pub(super) fn keys(batch: &RecordBatch) -> Result<Vec<Key>, Error> {
    let column = |name: &str| {
        let missing = || Error::Record { name: name.to_owned(), problem: "the table has no such column".into() };
        batch.column_by_name(name).ok_or_else(missing)
    };
    let (ids, offsets) =
        (column("id")?.as_primitive::<Int64Type>(), column("archive_offset")?.as_primitive::<Int64Type>());
    let archives = column("archive")?.as_string::<i32>();
    Ok((0..batch.num_rows()).map(|row| (ids.value(row), archives.value(row).to_owned(), offsets.value(row))).collect())
}
