//! Counts rows by group and end in one pass over two or three columns.
//!
//! Not by SQL's `group by`: files are sorted by domain, so that equal names stand together, and a run of them costs one look
//! into a table, not each of its rows. Unsorted columns come out the same, only slower. Parts are counted side by side and
//! added up.

use crate::{Error, sql};
use arrow_array::{Array, RecordBatch, StringViewArray, cast::AsArray};
use arrow_schema::DataType;
use datafusion::{
    arrow::compute,
    common::HashMap,
    execution::SendableRecordBatchStream,
    physical_plan::execute_stream_partitioned,
    prelude::{DataFrame, SessionContext},
};
use futures::TryStreamExt;
use std::{collections::BTreeMap, sync::Arc};
use tokio::task::JoinSet;

/// What a missing value is called.
const NONE: &str = "(none)";

/// Rows of one group by their ends, as numbers into the count's list of ends.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) name: Arc<str>,
    pub(super) rows: Vec<(usize, u64)>,
}

/// Rows by group and end.
#[derive(Debug, Default)]
pub(super) struct Count {
    pub(super) groups: Vec<Group>,
    pub(super) ends: Vec<Arc<str>>,
    places: HashMap<Arc<str>, usize>,
}

impl Count {
    /// Adds so many rows.
    pub(super) fn add(&mut self, group: &str, end: &str, rows: u64) {
        let (group, end) = (self.group(group), self.end(end));
        self.add_at(group, end, rows);
    }

    /// Adds another count to this one.
    pub(super) fn take(&mut self, other: Self) {
        if self.groups.is_empty() && self.ends.is_empty() {
            *self = other;
            return;
        }
        let ends: Vec<usize> = other.ends.iter().map(|end| self.end(end)).collect();
        for group in other.groups {
            let place = self.group(&group.name);
            for (end, rows) in group.rows {
                self.add_at(place, ends[end], rows);
            }
        }
    }

    /// The same with groups put together that are called the same by `name`.
    pub(super) fn renamed(self, name: impl Fn(&str) -> String) -> Self {
        let mut all = Self { ends: self.ends, ..Self::default() };
        for group in self.groups {
            let place = all.group(&name(&group.name));
            for (end, rows) in group.rows {
                all.add_at(place, end, rows);
            }
        }
        all
    }

    fn group(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let name: Arc<str> = name.into();
        self.places.insert(Arc::clone(&name), self.groups.len());
        self.groups.push(Group { name, rows: Vec::new() });
        self.groups.len() - 1
    }

    fn end(&mut self, name: &str) -> usize {
        // A few dozen there are at most.
        if let Some(place) = self.ends.iter().position(|end| **end == *name) {
            return place;
        }
        self.ends.push(name.into());
        self.ends.len() - 1
    }

    fn add_at(&mut self, group: usize, end: usize, rows: u64) {
        let counts = &mut self.groups[group].rows;
        match counts.iter_mut().find(|(known, _)| *known == end) {
            Some((_, count)) => *count += rows,
            None => counts.push((end, rows)),
        }
    }

    /// Counts a batch: its first column is the group, its second, if there is one, the end.
    fn count(&mut self, batch: &RecordBatch, end: &str) -> Result<(), Error> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let names = Texts::of(batch, 0)?;
        let ends = if batch.num_columns() > 1 { Some(Texts::of(batch, 1)?) } else { None };
        let always = if ends.is_none() { self.end(end) } else { 0 };
        let (mut group, mut last, mut rows) = (0, always, 0);
        for row in 0..batch.num_rows() {
            let same_name = row > 0 && names.repeats(row);
            let same_end = row > 0 && ends.as_ref().is_none_or(|ends| ends.repeats(row));
            if !(same_name && same_end) {
                if rows > 0 {
                    self.add_at(group, last, rows);
                }
                rows = 0;
                if !same_name {
                    group = self.group(names.at(row));
                }
                if let Some(ends) = &ends {
                    last = self.end(ends.at(row));
                }
            }
            rows += 1;
        }
        self.add_at(group, last, rows);
        Ok(())
    }
}

/// A column of texts, whatever kind the engine made of it.
struct Texts(StringViewArray);

impl Texts {
    fn of(batch: &RecordBatch, column: usize) -> Result<Self, Error> {
        let column = batch.column(column);
        if let Some(texts) = column.as_string_view_opt() {
            return Ok(Self(texts.clone()));
        }
        Ok(Self(compute::cast(column, &DataType::Utf8View)?.as_string_view().clone()))
    }

    fn at(&self, row: usize) -> &str {
        if self.0.is_null(row) { NONE } else { self.0.value(row) }
    }

    /// Whether the row has the text of the one before it. Values out of one dictionary have the same view.
    fn repeats(&self, row: usize) -> bool {
        if self.0.null_count() == 0 && self.0.views()[row] == self.0.views()[row - 1] {
            return true;
        }
        self.at(row) == self.at(row - 1)
    }
}

/// Counts the rows of `query`, whose first column is the group and whose second the end, or else all ended by `end`.
pub(super) async fn count(frame: DataFrame, end: &'static str) -> Result<Count, Error> {
    let context = Arc::new(frame.task_ctx());
    let plan = frame.create_physical_plan().await?;
    let mut parts = JoinSet::new();
    for stream in execute_stream_partitioned(plan, context)? {
        parts.spawn(part(stream, end));
    }
    let mut all = Count::default();
    while let Some(part) = parts.join_next().await {
        // A part that panicked is a fault of ours, and the whole is no answer without it.
        all.take(part.map_err(|error| Error::Query { message: error.to_string(), hint: None })??);
    }
    Ok(all)
}

async fn part(mut stream: SendableRecordBatchStream, end: &'static str) -> Result<Count, Error> {
    let mut count = Count::default();
    while let Some(batch) = stream.try_next().await? {
        count.count(&batch, end)?;
    }
    Ok(count)
}

/// Kind and stage of ends in the ledger that this program does not know: another version of it wrote them.
pub(super) async fn strangers(
    context: &SessionContext,
    dataset: &crate::Dataset,
) -> Result<BTreeMap<String, (String, String)>, Error> {
    let query = "select distinct reason, kind, stage from ledger";
    let mut known = BTreeMap::new();
    for batch in sql::plan_in(context, dataset, query).await?.collect().await? {
        let columns = [Texts::of(&batch, 0)?, Texts::of(&batch, 1)?, Texts::of(&batch, 2)?];
        for row in 0..batch.num_rows() {
            let [reason, kind, stage] = [0, 1, 2].map(|column| columns[column].at(row).to_owned());
            known.insert(reason, (kind, stage));
        }
    }
    Ok(known)
}
