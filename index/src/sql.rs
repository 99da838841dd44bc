//! Questions in SQL over `samples` and `ledger`, and their answers as text. Reading only.

use crate::{Dataset, Error};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use datafusion::{
    arrow::{
        csv::WriterBuilder as CsvWriter,
        json::{WriterBuilder as JsonWriter, writer::JsonArray},
        util::{
            display::{ArrayFormatter, FormatOptions},
            pretty::pretty_format_batches,
        },
    },
    common::SchemaError,
    error::DataFusionError,
    execution::context::SQLOptions,
    prelude::DataFrame,
};
use std::sync::Arc;

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
}

/// Answers `query`. There is always a first batch, so that an empty answer still has its columns.
pub async fn run(dataset: &Dataset, query: &str) -> Result<Vec<RecordBatch>, Error> {
    let frame = plan(dataset, query).await?;
    let schema = Arc::clone(frame.schema().inner());
    let mut batches = frame.collect().await.map_err(|error| explain(dataset, &error))?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}

/// `query` understood and found to do no more than read.
pub(crate) async fn plan(dataset: &Dataset, query: &str) -> Result<DataFrame, Error> {
    let reading = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let planned = dataset.context().sql_with_options(query, reading).await;
    planned.map_err(|error| explain(dataset, &error))
}

/// The engine's message in our words where we have some, with the columns there are where one was
/// mistyped.
fn explain(dataset: &Dataset, error: &DataFusionError) -> Error {
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
        hint = Some("the tables are `samples` and `ledger`".into());
    }
    Error::Query { message, hint }
}

/// `batches` as text.
pub fn format(batches: &[RecordBatch], format: Format) -> Result<String, Error> {
    let mut bytes = Vec::new();
    match format {
        Format::Table => return Ok(format!("{}\n", pretty_format_batches(batches)?)),
        Format::Json => {
            let mut writer = JsonWriter::new().with_explicit_nulls(true).build::<_, JsonArray>(&mut bytes);
            for batch in batches.iter().filter(|batch| batch.num_rows() > 0) {
                writer.write(batch)?;
            }
            writer.finish()?;
            drop(writer);
            if bytes.is_empty() {
                bytes.extend_from_slice(b"[]");
            }
            bytes.push(b'\n');
        }
        Format::Csv => {
            let mut writer = CsvWriter::new().with_header(true).build(&mut bytes);
            for batch in batches {
                writer.write(&flat(batch)?)?;
            }
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Lists and groups as text, since CSV has no such things.
fn flat(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let options = FormatOptions::default();
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if field.data_type().is_nested() {
            let formatter = ArrayFormatter::try_new(column, &options)?;
            let texts: StringArray = (0..column.len()).map(|row| Some(formatter.value(row).to_string())).collect();
            fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, true)));
            columns.push(Arc::new(texts));
        } else {
            fields.push(Arc::clone(field));
            columns.push(Arc::clone(column));
        }
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}
