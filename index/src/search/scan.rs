//! The exact scan: every embedding of a table, or of some of its files, held against what was asked for.

use super::{Direction, Hit, listed};
use crate::{Dataset, Error, provider::ActiveFiles, sql, table::ActiveFile};
use alike::nearest::{Best, write_steps};
use arrow_array::{Array, RecordBatch, cast::AsArray, types::Int64Type};
use datafusion::{execution::SendableRecordBatchStream, physical_plan::execute_stream_partitioned};
use futures::TryStreamExt;
use std::{collections::HashMap, sync::Arc};

/// The name under which some files stand for queries.
const SOME: &str = "search_files";

/// A model that rows were scored with, and how many of them have its embeddings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// As the column has it: `demo@1f2e3d4c`.
    pub id: String,
    /// Rows with its embeddings.
    pub rows: u64,
}

/// The models whose embeddings a dataset has, those of most rows first.
pub(super) async fn models(dataset: &Dataset) -> Result<Vec<Model>, Error> {
    let query = "select model, count(*) from samples where embedding is not null group by model order by 2 desc, 1";
    let mut models = Vec::new();
    for batch in sql::run(dataset, query).await? {
        let (ids, rows) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
        for row in 0..batch.num_rows() {
            models.push(Model { id: ids.value(row).to_owned(), rows: rows.value(row).unsigned_abs() });
        }
    }
    Ok(models)
}

/// Which rows are meant: those of a model, for which a condition holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Which<'a> {
    pub(super) model: &'a str,
    pub(super) condition: Option<&'a str>,
}

impl Which<'_> {
    /// The `columns` of these rows of `table`, which conditions know as `samples`, too.
    fn query(&self, columns: &str, table: &str) -> Result<String, Error> {
        let model = self.model.replace('\'', "''");
        // Checked alone: one that closes the bracket would let embeddings of other models in.
        let condition = match self.condition {
            Some(condition) => format!(" and {}", sql::condition(condition)?),
            None => String::new(),
        };
        Ok(format!(
            "select {columns} from {table} as samples where model = '{model}' and embedding is not null{condition}"
        ))
    }
}

/// What a scan came to.
pub(super) struct Scanned {
    pub(super) best: Vec<Best>,
    /// Embeddings that were looked at.
    pub(super) rows: u64,
    /// Embeddings of another length, or of none: they were passed over.
    pub(super) others: u64,
}

/// Holds every query against the rows that are meant, of all files or of `some`. Memory does not grow with the table.
pub(super) async fn scan(
    dataset: &Dataset,
    which: Which<'_>,
    some: Option<Vec<ActiveFile>>,
    queries: &Arc<Vec<Direction>>,
    most: usize,
) -> Result<Scanned, Error> {
    let table = if some.is_some() { SOME } else { "samples" };
    let query = which.query("id, embedding", table)?;
    if let Some(files) = some {
        let provider = ActiveFiles::register(dataset.context(), "search", dataset.samples(), files)?;
        dataset.context().deregister_table(SOME)?;
        dataset.context().register_table(SOME, provider)?;
    }
    let frame = sql::plan(dataset, &query).await;
    if table == SOME {
        // Planned, the files are part of the plan: nobody else is to see them.
        dataset.context().deregister_table(SOME)?;
    }
    let frame = frame?;
    let context = Arc::new(frame.task_ctx());
    let plan = frame.create_physical_plan().await?;
    let mut parts = Vec::new();
    for stream in execute_stream_partitioned(plan, context)? {
        parts.push(tokio::spawn(scan_part(stream, Arc::clone(queries), most)));
    }
    let mut all = Scanned { best: vec![Best::new(most); queries.len()], rows: 0, others: 0 };
    for part in parts {
        let lost = |error: tokio::task::JoinError| Error::Record { name: table.into(), problem: error.to_string() };
        let part = part.await.map_err(lost)??;
        all.rows += part.rows;
        all.others += part.others;
        for (best, other) in all.best.iter_mut().zip(part.best) {
            best.merge(other);
        }
    }
    Ok(all)
}

async fn scan_part(
    mut stream: SendableRecordBatchStream,
    queries: Arc<Vec<Direction>>,
    most: usize,
) -> Result<Scanned, Error> {
    let mut part = Scanned { best: vec![Best::new(most); queries.len()], rows: 0, others: 0 };
    let mut bytes = Vec::new();
    while let Some(batch) = stream.try_next().await? {
        for (id, embedding) in embeddings(&batch) {
            let dimension = queries.first().map_or(0, Direction::dimension);
            let Some(direction) = Direction::read(embedding).filter(|found| found.dimension() == dimension) else {
                part.others += 1;
                continue;
            };
            part.rows += 1;
            bytes.clear();
            write_steps(direction.steps(), &mut bytes);
            for (query, best) in queries.iter().zip(&mut part.best) {
                let closeness = query.closeness(&bytes);
                if best.wants(closeness) {
                    best.offer(Hit { closeness, id, place: 0 });
                }
            }
        }
    }
    Ok(part)
}

/// Ids and embeddings of a batch with these two columns.
pub(super) fn embeddings(batch: &RecordBatch) -> impl Iterator<Item = (i64, &[u8])> {
    let (ids, embeddings) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_binary::<i32>());
    (0..batch.num_rows()).filter(|row| embeddings.is_valid(*row)).map(|row| (ids.value(row), embeddings.value(row)))
}

/// The ids of the rows that are meant, ascending.
pub(super) async fn ids(dataset: &Dataset, which: Which<'_>) -> Result<Vec<i64>, Error> {
    let mut stream = sql::plan(dataset, &which.query("id", "samples")?).await?.execute_stream().await?;
    let mut ids = Vec::new();
    while let Some(batch) = stream.try_next().await? {
        ids.extend_from_slice(batch.column(0).as_primitive::<Int64Type>().values());
    }
    ids.sort_unstable();
    Ok(ids)
}

/// The directions of those of `ids` that are rows of `model` and have one.
pub(super) async fn directions(dataset: &Dataset, model: &str, ids: &[i64]) -> Result<HashMap<i64, Direction>, Error> {
    let condition = format!("id in {}", listed(ids.iter().copied()));
    let query = Which { model, condition: Some(&condition) }.query("id, embedding", "samples")?;
    let mut found = HashMap::new();
    for batch in sql::run(dataset, &query).await? {
        for (id, embedding) in embeddings(&batch) {
            found.extend(Direction::read(embedding).map(|direction| (id, direction)));
        }
    }
    Ok(found)
}

/// The model of a row, if it has an embedding.
pub async fn model_of(dataset: &Dataset, id: i64) -> Result<Option<String>, Error> {
    let query = format!("select model from samples where id = {id} and embedding is not null limit 1");
    for batch in sql::run(dataset, &query).await? {
        if batch.num_rows() > 0 {
            return Ok(Some(batch.column(0).as_string::<i32>().value(0).to_owned()));
        }
    }
    Ok(None)
}

/// The model and the embedding of a row.
pub(super) async fn row(dataset: &Dataset, id: i64) -> Result<Option<(String, Direction)>, Error> {
    let query = format!("select model, embedding from samples where id = {id} and embedding is not null limit 1");
    for batch in sql::run(dataset, &query).await? {
        if batch.num_rows() > 0
            && let Some(direction) = Direction::read(batch.column(1).as_binary::<i32>().value(0))
        {
            return Ok(Some((batch.column(0).as_string::<i32>().value(0).to_owned(), direction)));
        }
    }
    Ok(None)
}
