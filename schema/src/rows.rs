//! Rows as Arrow record batches and back, through `serde_arrow`, in types that Delta Lake knows
//! (no unsigned 64-bit, no float16, no large strings).

use crate::{
    Admitted, ArchivedSiteFile, Candidate, CapturedImage, CapturedPage, Fetched, LedgerRow, Sample, Scored, columns,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// Version of the row types below; written into every file's metadata.
pub const SCHEMA_VERSION: &str = "1";

/// A row type that rests in Parquet.
pub trait Row: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its columns. The names are those of the Rust fields.
    fn fields() -> Vec<Field>;

    /// `rows` in the columns of `schema`.
    fn columns(schema: &SchemaRef, rows: &[Self]) -> Result<Vec<ArrayRef>, RowError> {
        Ok(serde_arrow::to_arrow(schema.fields(), rows)?)
    }
}

impl Row for Candidate {
    fn fields() -> Vec<Field> {
        vec![
            number("id"),
            text("url"),
            text("text"),
            text("text_source"),
            list("text_flags", text("element")),
            maybe(text("language")),
            maybe(text("alt")),
            maybe(text("title")),
            maybe(text("caption")),
            text("image_source"),
            list("other_urls", text("element")),
            text("page_url"),
            text("page_host"),
            text("image_host"),
            text("archive"),
            number("archive_offset"),
            maybe(time("captured_at")),
            maybe(text("page_language")),
            maybe(text("license_url")),
            evidence(),
            list("checked", text("element")),
        ]
    }
}

impl Row for CapturedPage {
    fn fields() -> Vec<Field> {
        vec![
            number("number"),
            text("url"),
            text("host"),
            text("archive"),
            number("archive_offset"),
            maybe(time("captured_at")),
            maybe(text("language")),
            maybe(text("license_url")),
            evidence(),
            list("checked", text("element")),
        ]
    }

    fn columns(_: &SchemaRef, rows: &[Self]) -> Result<Vec<ArrayRef>, RowError> {
        Ok(columns::of_pages(rows))
    }
}

impl Row for CapturedImage {
    fn fields() -> Vec<Field> {
        vec![
            number("page"),
            text("page_host"),
            number("id"),
            text("url"),
            text("host"),
            text("source"),
            list("other_urls", text("element")),
            text("text"),
            text("text_source"),
            list("text_flags", text("element")),
            maybe(text("language")),
            maybe(text("alt")),
            maybe(text("title")),
            maybe(text("caption")),
            maybe(text("license_url")),
            evidence(),
        ]
    }

    fn columns(_: &SchemaRef, rows: &[Self]) -> Result<Vec<ArrayRef>, RowError> {
        Ok(columns::of_images(rows))
    }
}

impl Row for Admitted {
    fn fields() -> Vec<Field> {
        vec![group("candidate", Candidate::fields()), maybe(text("refused"))]
    }
}

impl Row for Fetched {
    fn fields() -> Vec<Field> {
        vec![
            group("candidate", Candidate::fields()),
            text("final_url"),
            small("attempts"),
            score("seconds"),
            time("fetched_at"),
            text("mime"),
            small("width"),
            small("height"),
            text("sha256"),
            maybe(text("ai_generated")),
            number("offset"),
            number("bytes"),
        ]
    }
}

impl Row for ArchivedSiteFile {
    fn fields() -> Vec<Field> {
        vec![text("host"), text("url"), small("status"), maybe(time("captured_at")), binary("body")]
    }
}

impl Row for Sample {
    fn fields() -> Vec<Field> {
        let stamp =
            vec![text("mode"), text("policy"), list("checked", text("element")), list("heard", text("element"))];
        vec![
            number("id"),
            text("url"),
            text("text"),
            text("text_source"),
            list("text_flags", text("element")),
            maybe(text("alt")),
            maybe(text("title")),
            maybe(text("caption")),
            text("page_url"),
            text("image_domain"),
            text("page_domain"),
            text("image_host"),
            text("page_host"),
            text("archive"),
            number("archive_offset"),
            maybe(time("captured_at")),
            text("final_url"),
            small("attempts"),
            time("fetched_at"),
            small("width"),
            small("height"),
            number("bytes"),
            text("mime"),
            text("sha256"),
            number("phash"),
            maybe(text("language")),
            maybe(text("license")),
            maybe(text("license_url")),
            maybe(text("ai_generated")),
            maybe(text("exif")),
            score("similarity"),
            maybe(score("aesthetic")),
            maybe(score("punsafe")),
            // Nullable, as Delta Lake demands of columns that a table did not have from the beginning.
            maybe(scores("scores")),
            maybe(list("tags", text("element"))),
            text("model"),
            group("consent", stamp),
            maybe(binary("embedding")),
            maybe(binary("image")),
            maybe(number("cluster")),
        ]
    }
}

impl Row for Scored {
    fn fields() -> Vec<Field> {
        vec![group("sample", Sample::fields()), maybe(text("dropped"))]
    }
}

impl Row for LedgerRow {
    fn fields() -> Vec<Field> {
        vec![
            number("id"),
            text("url"),
            text("text"),
            text("page_url"),
            text("image_domain"),
            text("page_domain"),
            text("image_host"),
            text("page_host"),
            text("archive"),
            number("archive_offset"),
            text("stage"),
            text("kind"),
            text("reason"),
            maybe(text("signal")),
            evidence(),
            list("checked", text("element")),
            maybe(text("final_url")),
            maybe(small("status")),
            maybe(number("bytes")),
            small("attempts"),
            maybe(score("seconds")),
            maybe(time("ended_at")),
            maybe(score("similarity")),
            maybe(score("aesthetic")),
            maybe(score("punsafe")),
            maybe(scores("scores")),
        ]
    }
}

fn evidence() -> Field {
    list("evidence", group("element", evidence_fields()))
}

/// Columns of one piece of evidence.
pub(crate) fn evidence_fields() -> Vec<Field> {
    vec![
        text("signal"),
        text("scope"),
        text("category"),
        text("verdict"),
        text("where"),
        text("raw"),
        maybe(text("addressed_to")),
        text("source"),
        maybe(time("seen_at")),
    ]
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

fn binary(name: &str) -> Field {
    Field::new(name, DataType::Binary, false)
}

fn number(name: &str) -> Field {
    Field::new(name, DataType::Int64, false)
}

fn small(name: &str) -> Field {
    Field::new(name, DataType::Int32, false)
}

fn score(name: &str) -> Field {
    Field::new(name, DataType::Float32, false)
}

/// Names to scores. The inner names are those that Delta Lake's own conversion gives.
fn scores(name: &str) -> Field {
    let entries = group("key_value", vec![text("key"), score("value")]);
    Field::new(name, DataType::Map(Arc::new(entries), false), false)
}

/// Microseconds since 1970, UTC: the one time type that Delta Lake has.
fn time(name: &str) -> Field {
    Field::new(name, DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), false)
}

fn group(name: &str, fields: Vec<Field>) -> Field {
    Field::new(name, DataType::Struct(fields.into()), false)
}

fn list(name: &str, element: Field) -> Field {
    Field::new(name, DataType::List(Arc::new(element)), false)
}

fn maybe(field: Field) -> Field {
    field.with_nullable(true)
}

/// A row type and a record batch that do not fit each other.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The rows cannot be written as this schema, or read from it.
    #[error("rows do not fit their schema: {0}")]
    Rows(#[from] serde_arrow::Error),
    /// The batch is not of this schema.
    #[error("batch does not fit its schema: {0}")]
    Batch(#[from] arrow_schema::ArrowError),
}

/// The Arrow schema of `T`.
pub fn schema_of<T: Row>() -> SchemaRef {
    let metadata = [("pinakes.schema".to_owned(), SCHEMA_VERSION.to_owned())].into();
    Arc::new(Schema::new_with_metadata(T::fields(), metadata))
}

/// `rows` as one record batch.
pub fn to_batch<T: Row>(schema: &SchemaRef, rows: &[T]) -> Result<RecordBatch, RowError> {
    Ok(RecordBatch::try_new(Arc::clone(schema), T::columns(schema, rows)?)?)
}

/// The rows of one record batch.
pub fn from_batch<T: Row>(batch: &RecordBatch) -> Result<Vec<T>, RowError> {
    Ok(serde_arrow::from_record_batch(batch)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn row() -> LedgerRow {
        let text = r#"{"id":1,"url":"u","text":"t","page_url":"","image_domain":"","page_domain":"","image_host":"",
            "page_host":"","archive":"a","archive_offset":0,"stage":"score","kind":"filtered","reason":"unsafe",
            "signal":null,"evidence":[],"checked":[],"final_url":null,"status":null,"bytes":null,"attempts":0,
            "seconds":null,"ended_at":null,"similarity":0.5,"aesthetic":null}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn scores_by_name_are_a_map_and_read_back() {
        let mut with = row();
        with.scores = BTreeMap::from([("violence".to_owned(), 0.25), ("graph".to_owned(), -3.5)]);
        let rows = [row(), with];
        let batch = to_batch(&schema_of::<LedgerRow>(), &rows).unwrap();
        assert!(matches!(batch.schema().field_with_name("scores").unwrap().data_type(), DataType::Map(_, false)));
        assert_eq!(from_batch::<LedgerRow>(&batch).unwrap(), rows);
    }

    #[test]
    fn files_from_before_a_column_are_read_without_it() {
        let mut with = row();
        with.scores.insert("violence".into(), 0.25);
        let batch = to_batch(&schema_of::<LedgerRow>(), &[with]).unwrap();
        let old = |name: &&str| !["punsafe", "scores"].contains(name);
        let names: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
        let columns: Vec<usize> = (0..names.len()).filter(|place| old(&names[*place].as_str())).collect();
        assert_eq!(from_batch::<LedgerRow>(&batch.project(&columns).unwrap()).unwrap(), [row()]);

        // In a table that has it they have nulls.
        let schema = schema_of::<LedgerRow>();
        let nulls = |field: &Arc<Field>| {
            if old(&field.name().as_str()) {
                Arc::clone(batch.column_by_name(field.name()).unwrap())
            } else {
                arrow_array::new_null_array(field.data_type(), 1)
            }
        };
        let columns = schema.fields().iter().map(nulls).collect();
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns).unwrap();
        assert_eq!(from_batch::<LedgerRow>(&batch).unwrap(), [row()]);
    }
}
