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
            text("model"),
            group("consent", stamp),
            maybe(binary("embedding")),
            maybe(binary("image")),
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
