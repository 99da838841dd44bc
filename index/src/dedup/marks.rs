//! The marks that are to stand in the table, and the files that have others.

use crate::{Error, table::ActiveFile};
use alike::{Member, Picture};
use arrow_array::{ArrayRef, Int64Array, RecordBatch, cast::AsArray, types::Int64Type};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The marks of all samples.
pub(super) struct Marks {
    /// The cluster of each that is in one, by ids.
    clusters: HashMap<i64, i64>,
    /// The files whose marks change.
    files: Vec<ActiveFile>,
    changed: u64,
}

impl Marks {
    /// What `members` come to, where `marked` stands in `files` now. `ends` are the places where each file's rows end.
    pub(super) fn of(
        files: Vec<ActiveFile>,
        ends: &[usize],
        marked: &HashMap<i64, i64>,
        pictures: &[Picture],
        members: &[Member],
    ) -> Self {
        let id = |place: u32| pictures[place as usize].id;
        let mut clusters = HashMap::new();
        for member in members {
            clusters.insert(id(member.place), id(member.of));
            clusters.insert(id(member.of), id(member.of));
        }
        let mut marks = Self { clusters, files: Vec::new(), changed: 0 };
        let mut begin = 0;
        for (file, end) in files.into_iter().zip(ends) {
            let rows = &pictures[begin..*end];
            begin = *end;
            let changed = rows.iter().filter(|row| marked.get(&row.id) != marks.clusters.get(&row.id)).count() as u64;
            marks.changed += changed;
            if changed > 0 {
                marks.files.push(file);
            }
        }
        marks
    }

    /// How many clusters there are.
    pub(super) fn clusters(&self) -> u64 {
        self.clusters.values().collect::<HashSet<_>>().len() as u64
    }

    /// How many samples get another mark.
    pub(super) fn changed(&self) -> u64 {
        self.changed
    }

    /// The files that they are in.
    pub(super) fn files(&self) -> &[ActiveFile] {
        &self.files
    }

    /// The column for rows of the table.
    pub(super) fn column(&self, batch: &RecordBatch) -> Result<ArrayRef, Error> {
        let missing = || Error::Record { name: "id".to_owned(), problem: "the table has no such column".into() };
        let ids = batch.column_by_name("id").ok_or_else(missing)?.as_primitive::<Int64Type>();
        let column: Int64Array = ids.values().iter().map(|id| self.clusters.get(id).copied()).collect();
        Ok(Arc::new(column))
    }
}
