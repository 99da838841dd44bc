//! Columns in the forms that other programs know: views and dictionaries are how an engine works, not what it was asked for.

use crate::Error;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::{
    compute,
    json::{WriterBuilder, writer::LineDelimited},
};
use serde_json::Value;
use std::sync::Arc;

/// `schema` without views and dictionaries.
pub(super) fn schema(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| Field::clone(field).with_data_type(plain(field.data_type())));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// `batch` in the types of `schema`.
pub(super) fn batch(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, Error> {
    let columns = batch.columns().iter().zip(schema.fields());
    let columns = columns.map(|(column, field)| compute::cast(column, field.data_type()));
    Ok(RecordBatch::try_new(SchemaRef::clone(schema), columns.collect::<Result<_, _>>()?)?)
}

fn plain(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::Dictionary(_, values) => plain(values),
        other => other.clone(),
    }
}

/// Lists, groups and maps as JSON, since CSV has no such things; bytes are hexadecimal, as in JSON.
pub(super) fn flat(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if field.data_type().is_nested() {
            fields.push(Arc::new(Field::new(field.name(), DataType::Utf8, true)));
            columns.push(Arc::new(texts(field, column)?));
        } else {
            fields.push(Arc::clone(field));
            columns.push(Arc::clone(column));
        }
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn texts(field: &Field, column: &ArrayRef) -> Result<StringArray, Error> {
    let field = field.clone().with_name("value").with_nullable(true);
    let batch = RecordBatch::try_new(Arc::new(Schema::new(vec![field])), vec![Arc::clone(column)])?;
    let mut lines = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut lines);
    writer.write(&batch)?;
    writer.finish()?;
    drop(writer);
    let mut texts = Vec::new();
    for (row, line) in lines.split(|byte| *byte == b'\n').take(column.len()).enumerate() {
        let mut object: Value = serde_json::from_slice(line).map_err(|error| Error::Output(error.to_string()))?;
        texts.push(column.is_valid(row).then(|| object["value"].take().to_string()));
    }
    Ok(texts.into_iter().collect())
}
