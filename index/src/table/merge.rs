//! Several files of a bucket merged into few, sorted by domain, URL and id. Blocking: for threads that may wait. In memory
//! are a batch of each file and the row group that is being written.

use super::{ActiveFile, Change, ROWS_PER_GROUP, groups::Groups, properties::BYTES_PER_GROUP, recoded::Recoded};
use crate::Error;
use arrow_array::{Array, Int64Array, RecordBatch, StringArray, cast::AsArray, new_null_array, types::Int64Type};
use arrow_schema::SchemaRef;
use datafusion::arrow::compute;
use deltalake_core::kernel::Add;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use shards::Store;
use std::{cmp::Reverse, collections::BinaryHeap};
use tokio::runtime::Handle;

/// Bytes of rows that are read of a file at a time, about.
const BYTES_AT_A_TIME: u64 = 4 * 1024 * 1024;

/// The same of all files together.
const BYTES_OF_ALL: u64 = 64 * 1024 * 1024;

/// Most rows of it.
const ROWS_AT_A_TIME: u64 = 4096;

/// Files to be merged.
pub(crate) struct Merge {
    pub(crate) store: Store,
    pub(crate) schema: SchemaRef,
    pub(crate) bucket: i32,
    pub(crate) files: Vec<ActiveFile>,
    /// The files to be, in the order of their rows.
    pub(crate) paths: Vec<String>,
    pub(crate) change: Change,
}

/// What rows are sorted by.
type SortKey = (String, String, i64);

impl Merge {
    /// Writes them; what the log is to be told. Nothing is lost: as many rows go out as came in.
    pub(crate) fn run(&self, handle: &Handle) -> Result<Vec<Add>, Error> {
        let mut cursors = Vec::new();
        let mut rows_at_once = ROWS_AT_A_TIME;
        let bytes_at_once = BYTES_AT_A_TIME.min(BYTES_OF_ALL / self.files.len().max(1) as u64);
        for file in &self.files {
            let groups = Groups::open(self.store.inner(), &file.path, handle)?;
            rows_at_once = rows_at_once.min((bytes_at_once / groups.bytes_a_row().max(1)).max(1));
            cursors.push(Cursor::new(groups, SchemaRef::clone(&self.schema)));
        }
        let rows_at_once = usize::try_from(rows_at_once).unwrap_or(1);
        let mut out = Out::new(self, handle);
        let mut held: Vec<RecordBatch> = Vec::new();
        let mut heap: BinaryHeap<Reverse<(SortKey, usize)>> = BinaryHeap::new();
        for (number, cursor) in cursors.iter_mut().enumerate() {
            if cursor.load(rows_at_once, &mut held)? {
                heap.push(Reverse((cursor.key(), number)));
            }
        }
        let mut chosen: Vec<(usize, usize)> = Vec::new();
        while let Some(Reverse((_, number))) = heap.pop() {
            let Some(cursor) = cursors.get_mut(number) else { break };
            let next = heap.peek().map(|Reverse((key, _))| key);
            // All its rows that come before any other file's.
            let is_more = loop {
                chosen.push((cursor.place, cursor.row));
                cursor.row += 1;
                if cursor.row == cursor.rows() && !cursor.load(rows_at_once, &mut held)? {
                    break false;
                }
                if chosen.len() >= rows_at_once || next.is_some_and(|key| cursor.is_behind(key)) {
                    break true;
                }
            };
            if is_more {
                heap.push(Reverse((cursor.key(), number)));
            }
            if chosen.len() >= rows_at_once || held.len() > 2 * cursors.len() + 16 {
                out.write(&interleaved(&held, &mut chosen)?)?;
                held.clear();
                // Those that are read to their end are asked for nothing more.
                for cursor in cursors.iter_mut().filter(|cursor| cursor.row < cursor.rows()) {
                    cursor.place = held.len();
                    held.extend(cursor.batch.clone());
                }
            }
        }
        if !chosen.is_empty() {
            out.write(&interleaved(&held, &mut chosen)?)?;
        }
        let (adds, rows) = out.close()?;
        let expected: u64 = self.files.iter().map(|file| file.rows).sum();
        if rows != expected {
            let problem = format!("{rows} rows are in its files, {expected} by the log");
            return Err(Error::Record { name: format!("bucket={}", self.bucket), problem });
        }
        Ok(adds)
    }
}

fn interleaved(held: &[RecordBatch], chosen: &mut Vec<(usize, usize)>) -> Result<RecordBatch, Error> {
    let batches: Vec<&RecordBatch> = held.iter().collect();
    let rows = compute::interleave_record_batch(&batches, chosen)?;
    chosen.clear();
    Ok(rows)
}

/// A file that is read row by row.
struct Cursor {
    groups: Groups,
    group: usize,
    reader: Option<ParquetRecordBatchReader>,
    schema: SchemaRef,
    batch: Option<RecordBatch>,
    domains: StringArray,
    urls: StringArray,
    ids: Int64Array,
    row: usize,
    /// Where its batch is among those held.
    place: usize,
}

impl Cursor {
    fn new(groups: Groups, schema: SchemaRef) -> Self {
        let empty = || StringArray::from(Vec::<&str>::new());
        let (domains, urls, ids) = (empty(), empty(), Int64Array::from(Vec::<i64>::new()));
        Self { groups, group: 0, reader: None, schema, batch: None, domains, urls, ids, row: 0, place: 0 }
    }

    fn rows(&self) -> usize {
        self.ids.len()
    }

    /// Reads on; `false` at the end of the file.
    fn load(&mut self, rows: usize, held: &mut Vec<RecordBatch>) -> Result<bool, Error> {
        loop {
            if self.reader.is_none() {
                if self.group == self.groups.count() {
                    return Ok(false);
                }
                self.reader = Some(self.groups.stream(self.group, rows)?);
                self.group += 1;
            }
            match self.reader.as_mut().and_then(Iterator::next) {
                None => self.reader = None,
                Some(batch) => {
                    let batch = fitted(&batch?, &self.schema)?;
                    if batch.num_rows() == 0 {
                        continue;
                    }
                    self.take(&batch)?;
                    self.place = held.len();
                    held.push(batch.clone());
                    self.batch = Some(batch);
                    return Ok(true);
                }
            }
        }
    }

    fn take(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let column = |name: &str| batch.column_by_name(name);
        let text = |name: &str| column(name).and_then(|column| column.as_string_opt::<i32>()).cloned();
        let missing = || Error::Record { name: "id".into(), problem: "the table has no columns to sort by".into() };
        self.domains = text("image_domain").ok_or_else(missing)?;
        self.urls = text("url").ok_or_else(missing)?;
        let ids = column("id").and_then(|column| column.as_primitive_opt::<Int64Type>());
        self.ids = ids.ok_or_else(missing)?.clone();
        self.row = 0;
        Ok(())
    }

    fn key(&self) -> SortKey {
        (self.domains.value(self.row).to_owned(), self.urls.value(self.row).to_owned(), self.ids.value(self.row))
    }

    fn is_behind(&self, key: &SortKey) -> bool {
        let own = (self.domains.value(self.row), self.urls.value(self.row), self.ids.value(self.row));
        own > (key.0.as_str(), key.1.as_str(), key.2)
    }
}

/// `batch` in the columns of `schema`: what a file from before a column lacks is null.
fn fitted(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, Error> {
    let mut columns = Vec::new();
    for field in schema.fields() {
        columns.push(match batch.column_by_name(field.name()) {
            Some(column) if column.data_type() == field.data_type() => column.clone(),
            Some(column) => compute::cast(column, field.data_type())?,
            None => new_null_array(field.data_type(), batch.num_rows()),
        });
    }
    Ok(RecordBatch::try_new(SchemaRef::clone(schema), columns)?)
}

/// The files in the making, one after the other.
struct Out<'a> {
    merge: &'a Merge,
    handle: &'a Handle,
    rows_per_file: usize,
    file: Option<Recoded>,
    rows_in_file: usize,
    /// The row group in the making.
    group: Vec<RecordBatch>,
    rows_in_group: usize,
    bytes_in_group: usize,
    adds: Vec<Add>,
    rows: u64,
}

impl<'a> Out<'a> {
    fn new(merge: &'a Merge, handle: &'a Handle) -> Self {
        let rows: u64 = merge.files.iter().map(|file| file.rows).sum();
        let rows_per_file = rows.div_ceil(merge.paths.len().max(1) as u64).max(1);
        Self {
            merge,
            handle,
            rows_per_file: usize::try_from(rows_per_file).unwrap_or(usize::MAX),
            file: None,
            rows_in_file: 0,
            group: Vec::new(),
            rows_in_group: 0,
            bytes_in_group: 0,
            adds: Vec::new(),
            rows: 0,
        }
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let mut done = 0;
        while done < batch.num_rows() {
            let room = (ROWS_PER_GROUP - self.rows_in_group).min(self.rows_per_file - self.rows_in_file);
            let taken = batch.slice(done, room.min(batch.num_rows() - done));
            done += taken.num_rows();
            self.rows_in_group += taken.num_rows();
            self.rows_in_file += taken.num_rows();
            self.rows += taken.num_rows() as u64;
            self.bytes_in_group += batch.get_array_memory_size() / batch.num_rows() * taken.num_rows();
            self.group.push(taken);
            if self.rows_in_group == ROWS_PER_GROUP || self.bytes_in_group >= BYTES_PER_GROUP {
                self.end_group()?;
            }
            if self.rows_in_file == self.rows_per_file {
                self.end_file()?;
            }
        }
        Ok(())
    }

    fn end_group(&mut self) -> Result<(), Error> {
        if self.group.is_empty() {
            return Ok(());
        }
        let Merge { store, schema, bucket, paths, .. } = self.merge;
        let rows = compute::concat_batches(schema, &self.group)?;
        self.group.clear();
        (self.rows_in_group, self.bytes_in_group) = (0, 0);
        if self.file.is_none() {
            let missing = || Error::Record { name: format!("bucket={bucket}"), problem: "more rows than told".into() };
            let path = paths.get(self.adds.len()).ok_or_else(missing)?.clone();
            self.file = Some(Recoded::create(store, path, *bucket, schema, self.handle)?);
        }
        self.file.as_mut().map_or(Ok(()), |file| file.write(&rows))
    }

    fn end_file(&mut self) -> Result<(), Error> {
        self.end_group()?;
        self.rows_in_file = 0;
        if let Some(file) = self.file.take() {
            let mut add = file.close(&self.merge.change)?;
            // The rows are the same as before: whoever follows the table's changes has nothing to see.
            add.data_change = false;
            self.adds.push(add);
        }
        Ok(())
    }

    fn close(mut self) -> Result<(Vec<Add>, u64), Error> {
        self.end_file()?;
        Ok((self.adds, self.rows))
    }
}
