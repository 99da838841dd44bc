//! Questions in SQL over `samples` and `ledger`, and their answers. Reading only.

mod answer;
mod condition;
mod plain;
mod tables;
mod write;

pub use answer::{Answer, Written, ask};
pub(crate) use condition::condition;
pub use tables::TABLES;

use crate::{Dataset, Error};
use arrow_array::RecordBatch;
use arrow_schema::Schema;
use datafusion::{
    common::SchemaError,
    error::DataFusionError,
    execution::context::SQLOptions,
    prelude::{DataFrame, SessionContext},
};
use std::sync::Arc;
use write::Writer;

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Columns side by side, for people.
    #[default]
    Table,
    /// One array of objects.
    Json,
    /// Comma-separated values with a header.
    Csv,
    /// An object a line.
    JsonLines,
    /// A Parquet file, compressed with zstd.
    Parquet,
}

/// Answers `query`. There is always a first batch, so that an empty answer still has its columns.
pub async fn run(dataset: &Dataset, query: &str) -> Result<Vec<RecordBatch>, Error> {
    let frame = plan(dataset, query).await?;
    let schema = Arc::clone(frame.schema().inner());
    let mut batches = frame.collect().await.map_err(|error| explain(dataset.context(), dataset, &error))?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}

/// `query` understood and found to do no more than read.
pub(crate) async fn plan(dataset: &Dataset, query: &str) -> Result<DataFrame, Error> {
    plan_in(dataset.context(), dataset, query).await
}

/// The same in a session that has the tables of `dataset`.
pub(crate) async fn plan_in(context: &SessionContext, dataset: &Dataset, query: &str) -> Result<DataFrame, Error> {
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let planned = context.sql_with_options(query, reading).await;
    planned.map_err(|error| explain(context, dataset, &error))
}

/// The engine's message in our words where we have some, with the columns there are where one was
/// mistyped.
fn explain(context: &SessionContext, dataset: &Dataset, error: &DataFusionError) -> Error {
    let root = error.find_root();
    let mut message = format!("the query cannot be answered: {}", root.strip_backtrace());
    let mut hint = None;
    if let DataFusionError::SchemaError(error, _) = root {
        if let SchemaError::FieldNotFound { field, .. } = &**error {
            message = format!("no column is called `{}`", field.name);
        }
        hint = dataset.columns().ok().map(|columns| format!("the columns of `samples` are {}", columns.join(", ")));
    } else if message.contains("not supported: ") {
        let others = "`pinakes dedup` marks published rows, `pinakes optout apply` takes them out, and nothing else changes them";
        hint = Some(format!("only `select` is: {others}"));
    } else if message.contains("table '") {
        hint = Some(format!("the tables are `{}`", tables::names(context).join("`, `")));
    } else if let DataFusionError::ResourcesExhausted(_) = root {
        // The engine names all its parts and what each holds, which is for its makers.
        tracing::info!("{message}");
        message = "the query needs more memory than it was given".into();
        hint = Some("give it more with `--memory 8GB`, or ask for less: fewer columns, a `limit`, fewer groups".into());
    }
    Error::Query { message, hint }
}

/// `batches` as text, all at once.
pub fn format(batches: &[RecordBatch], format: Format) -> Result<String, Error> {
    let mut bytes = Vec::new();
    let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    let mut writer = Writer::new(format, &schema, &mut bytes)?;
    for batch in batches {
        writer.write(batch)?;
    }
    writer.finish()?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
