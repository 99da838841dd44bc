//! Takes rows out of a table: files that hold such rows are written anew without them, and one
//! commit swaps old for new. Files without such rows are not touched, and of a file that is, only the row groups with such
//! rows are read, and as little of them as can be is encoded anew; the others are copied as they are.
//!
//! Copy on write, not deletion vectors: after a takedown the bytes must go, not only be hidden.

use super::{
    ActiveFile, Change, Doomed, Groups, Table, data_path, file::attempt, groups::bytes_of, parts::Old, recoded::Recoded,
};
use crate::Error;
use datafusion::arrow::compute;
use deltalake_core::{
    kernel::{Action, Add, Remove},
    protocol::{DeltaOperation, SaveMode},
};
use futures::{StreamExt, stream};
use parquet::file::metadata::RowGroupMetaData;
use shards::Store;
use std::{
    collections::BTreeMap,
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use tokio::runtime::Handle;

/// What a rewrite came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// The version it made; `None` where no row was to go.
    pub version: Option<u64>,
    /// Rows taken out.
    pub rows: u64,
    /// Files written anew, or dropped since nothing was left in them.
    pub files: u64,
}

impl Table {
    /// Takes out the rows that are `doomed`. The commit counts them under `counted_as`. Without such rows there is no
    /// commit, unless `always`: whoever looked at the table before must then look again.
    pub(crate) async fn rewrite(
        &self,
        doomed: &Arc<dyn Doomed>,
        counted_as: &str,
        always: bool,
        change: &Change,
    ) -> Result<Rewritten, Error> {
        let (mut outcome, actions) = self.plan_rewrite(doomed, change).await?;
        if outcome.rows == 0 && !always {
            return Ok(outcome);
        }
        let mut change = change.clone();
        change.counts.insert(counted_as.to_owned(), outcome.rows);
        let operation = DeltaOperation::Delete { predicate: None };
        let written = added_by(&actions);
        let committed = self.commit(actions, operation, &change).await;
        if !matches!(committed, Ok(Some(_))) {
            self.discard(&written).await;
        }
        outcome.version = Some(committed?.ok_or(Error::Contended)?);
        Ok(outcome)
    }

    /// Takes out the rows that are `doomed` and puts `adds` in, as one version; `None` if another writer changed the
    /// table since it was opened.
    pub(crate) async fn replace(
        &self,
        doomed: &Arc<dyn Doomed>,
        adds: Vec<Add>,
        change: &Change,
    ) -> Result<Option<u64>, Error> {
        let (_, mut actions) = self.plan_rewrite(doomed, change).await?;
        // Not those of `adds`: they have the change's own name, and the next attempt writes over them.
        let written = added_by(&actions);
        actions.extend(adds.into_iter().map(Action::Add));
        let operation = DeltaOperation::Write {
            mode: SaveMode::Append,
            partition_by: Some(vec![super::BUCKET_COLUMN.to_owned()]),
            predicate: None,
        };
        let committed = self.commit(actions, operation, change).await;
        if !matches!(committed, Ok(Some(_))) {
            self.discard(&written).await;
        }
        committed
    }

    /// Writes files anew without the rows that are `doomed`, several side by side; what is to be committed for it.
    async fn plan_rewrite(&self, doomed: &Arc<dyn Doomed>, change: &Change) -> Result<(Rewritten, Vec<Action>), Error> {
        let mut outcome = Rewritten::default();
        let mut actions = Vec::new();
        if doomed.is_empty() {
            return Ok((outcome, actions));
        }
        let id = attempt(change, self.version());
        let (mut jobs, mut paths) = (Vec::new(), Vec::new());
        for (part, file) in self.files()?.into_iter().enumerate() {
            let path = data_path(file.bucket, &id, part);
            paths.push(path.clone());
            jobs.push(Job { store: self.store().clone(), file, path, change: change.clone(), doomed: doomed.clone() });
        }
        let done = match all_of(jobs, Job::run).await {
            Ok(done) => done,
            Err(error) => {
                self.discard(&paths).await;
                return Err(error);
            }
        };
        for (file, gone, add) in done {
            if gone == 0 {
                continue;
            }
            outcome.rows += gone;
            outcome.files += 1;
            actions.push(Action::Remove(removal(&file, change)));
            actions.extend(add.map(Action::Add));
        }
        Ok((outcome, actions))
    }
}

/// The files that `actions` put in.
fn added_by(actions: &[Action]) -> Vec<String> {
    let path = |action: &Action| match action {
        Action::Add(add) => Some(add.path.clone()),
        _ => None,
    };
    actions.iter().filter_map(path).collect()
}

/// How many files are worked on at a time.
pub(crate) fn at_once() -> usize {
    thread::available_parallelism().map_or(2, NonZero::get).clamp(2, 8)
}

/// Does `work` on a thread that may wait.
pub(crate) async fn in_background<T: Send + 'static>(
    work: impl FnOnce(&Handle) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let handle = Handle::current();
    let done = tokio::task::spawn_blocking(move || work(&handle)).await;
    done.map_err(|error| Error::Record { name: "a worker".to_owned(), problem: error.to_string() })?
}

/// Does all `jobs`, several side by side. After an error those that have not begun do nothing, and those that have come to
/// their end before it is told: nobody writes any more behind the back of the next attempt.
pub(crate) async fn all_of<J: Send + 'static, T: Send + 'static>(
    jobs: Vec<J>,
    work: fn(J, &Handle) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let is_over = Arc::new(AtomicBool::new(false));
    let mut begun = Vec::new();
    for job in jobs {
        let is_over = Arc::clone(&is_over);
        begun.push(in_background(move |handle| {
            if is_over.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let done = work(job, handle);
            if done.is_err() {
                is_over.store(true, Ordering::Relaxed);
            }
            done.map(Some)
        }));
    }
    let (mut all, mut failed) = (Vec::new(), None);
    let mut results = stream::iter(begun).buffered(at_once());
    while let Some(result) = results.next().await {
        match result {
            Ok(done) => all.extend(done),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
    match failed {
        Some(error) => Err(error),
        None => Ok(all),
    }
}

/// One file to be written anew.
struct Job {
    store: Store,
    file: ActiveFile,
    path: String,
    change: Change,
    doomed: Arc<dyn Doomed>,
}

impl Job {
    /// How many rows go, and the file without them unless it is empty or nothing goes.
    fn run(self, handle: &Handle) -> Result<(ActiveFile, u64, Option<Add>), Error> {
        let groups = Groups::open(self.store.inner(), &self.file.path, handle)?;
        let (mut marks, mut gone) = (BTreeMap::new(), 0);
        for group in 0..groups.count() {
            if let Some(marked) = self.doomed.in_group(&groups, group)? {
                gone += marked.true_count() as u64;
                marks.insert(group, marked);
            }
        }
        if gone == 0 {
            return Ok((self.file, 0, None));
        }
        let all: i64 = groups.metadata().row_groups().iter().map(RowGroupMetaData::num_rows).sum();
        if gone == all.unsigned_abs() {
            return Ok((self.file, gone, None));
        }
        let metadata = groups.with_pages()?;
        let bucket = self.file.bucket;
        let mut written = Recoded::create(&self.store, self.path, bucket, groups.schema(), handle)?;
        let copies = written.takes(&metadata);
        for group in 0..groups.count() {
            let marked = marks.get(&group).filter(|marked| marked.true_count() > 0);
            if marked.is_some_and(|marked| marked.true_count() == groups.rows(group)) {
                continue;
            }
            let bytes = groups.fetch_whole(group)?;
            let old = Old { groups: &groups, metadata: &metadata, group, bytes: &bytes };
            let is_taken = copies && bytes_of(metadata.row_group(group)) > 0;
            match marked {
                None if is_taken => written.copy(&old)?,
                None => written.write(&groups.read_whole(&bytes, group)?)?,
                Some(marked) if is_taken => written.without(&old, marked)?,
                Some(marked) => {
                    let rows = groups.read_whole(&bytes, group)?;
                    written.write(&compute::filter_record_batch(&rows, &compute::not(marked)?)?)?;
                }
            }
        }
        Ok((self.file, gone, Some(written.close(&self.change)?)))
    }
}

pub(crate) fn removal(file: &ActiveFile, change: &Change) -> Remove {
    Remove {
        path: file.path.clone(),
        data_change: true,
        deletion_timestamp: Some(change.at.timestamp_millis()),
        extended_file_metadata: Some(true),
        partition_values: Some([(super::BUCKET_COLUMN.to_owned(), Some(file.bucket.to_string()))].into()),
        size: Some(file.size.cast_signed()),
        ..Remove::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{sync::atomic::AtomicUsize, time::Duration};

    #[tokio::test]
    async fn what_was_begun_has_ended_when_an_error_is_told() {
        let counts = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let jobs: Vec<(usize, Arc<[AtomicUsize; 2]>)> = (0..100).map(|number| (number, Arc::clone(&counts))).collect();
        let work = |(number, counts): (usize, Arc<[AtomicUsize; 2]>), _: &Handle| {
            counts[0].fetch_add(1, Ordering::SeqCst);
            if number > 0 {
                thread::sleep(Duration::from_millis(50));
            }
            counts[1].fetch_add(1, Ordering::SeqCst);
            if number == 0 { Err(Error::Contended) } else { Ok(number) }
        };
        assert!(matches!(all_of(jobs, work).await, Err(Error::Contended)));
        let [begun, ended] = [0, 1].map(|place: usize| counts[place].load(Ordering::SeqCst));
        assert!(begun == ended && begun < 100, "{begun} begun, {ended} ended");
    }
}
