//! Answers in each format, batch by batch.

use super::{Format, plain};
use crate::Error;
use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, SchemaRef};
use datafusion::arrow::{
    csv::{Writer as CsvWriter, WriterBuilder as CsvBuilder},
    json::{
        WriterBuilder as JsonBuilder,
        writer::{JsonArray, LineDelimited, Writer as JsonWriter},
    },
    util::pretty::pretty_format_batches,
};
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};
use std::io::Write;

/// Most rows of a row group, and most bytes: rows with pictures are thousands of times larger than rows without.
const ROWS_PER_GROUP: usize = 65_536;
const BYTES_PER_GROUP: usize = 128 * 1024 * 1024;

/// An answer in the making.
pub(super) struct Writer<W: Write + Send> {
    /// As the batches are written.
    schema: SchemaRef,
    kind: Kind<W>,
}

enum Kind<W: Write + Send> {
    /// Columns are as wide as their widest value, so that all of it is held: whoever calls bounds it.
    Table(Vec<RecordBatch>, W),
    /// The writer is made with the first row: of no rows it would write nothing.
    Json(Option<W>, Option<Box<JsonWriter<W, JsonArray>>>),
    Lines(Box<JsonWriter<W, LineDelimited>>),
    Csv(Box<CsvWriter<W>>),
    Parquet(Box<ArrowWriter<W>>),
}

impl<W: Write + Send> Writer<W> {
    pub(super) fn new(format: Format, schema: &SchemaRef, out: W) -> Result<Self, Error> {
        let schema = plain::schema(schema);
        let kind = match format {
            Format::Table => Kind::Table(Vec::new(), out),
            Format::Json => Kind::Json(Some(out), None),
            Format::JsonLines => Kind::Lines(Box::new(JsonBuilder::new().with_explicit_nulls(true).build(out))),
            Format::Csv => Kind::Csv(Box::new(CsvBuilder::new().with_header(true).build(out))),
            Format::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
                    .set_max_row_group_bytes(Some(BYTES_PER_GROUP))
                    .set_created_by(concat!("pinakes ", env!("CARGO_PKG_VERSION")).to_owned())
                    .build();
                let writer = ArrowWriter::try_new(out, SchemaRef::clone(&schema), Some(properties));
                Kind::Parquet(Box::new(writer.map_err(unwritten)?))
            }
        };
        Ok(Self { schema, kind })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let batch = plain::batch(batch, &self.schema)?;
        match &mut self.kind {
            Kind::Table(batches, _) => batches.push(batch),
            Kind::Json(out, writer) => {
                if batch.num_rows() == 0 {
                    return Ok(());
                }
                if let Some(out) = out.take() {
                    *writer = Some(Box::new(JsonBuilder::new().with_explicit_nulls(true).build(out)));
                }
                if let Some(writer) = writer {
                    writer.write(&batch).map_err(unwritten)?;
                }
            }
            Kind::Lines(writer) => writer.write(&batch).map_err(unwritten)?,
            Kind::Csv(writer) => writer.write(&plain::flat(&batch)?).map_err(unwritten)?,
            Kind::Parquet(writer) => writer.write(&batch).map_err(unwritten)?,
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), Error> {
        match self.kind {
            Kind::Table(mut batches, mut out) => {
                if batches.is_empty() {
                    batches.push(RecordBatch::new_empty(self.schema));
                }
                writeln!(out, "{}", pretty_format_batches(&batches)?).map_err(unwritten)?;
                out.flush().map_err(unwritten)
            }
            Kind::Json(out, writer) => {
                let mut out = match (out, writer) {
                    (_, Some(mut writer)) => {
                        writer.finish().map_err(unwritten)?;
                        writer.into_inner()
                    }
                    (Some(mut out), None) => {
                        out.write_all(b"[]").map_err(unwritten)?;
                        out
                    }
                    (None, None) => return Ok(()),
                };
                out.write_all(b"\n").and_then(|()| out.flush()).map_err(unwritten)
            }
            Kind::Lines(mut writer) => {
                writer.finish().map_err(unwritten)?;
                writer.into_inner().flush().map_err(unwritten)
            }
            Kind::Csv(writer) => writer.into_inner().flush().map_err(unwritten),
            Kind::Parquet(writer) => writer.into_inner().map_err(unwritten)?.flush().map_err(unwritten),
        }
    }
}

fn unwritten(error: impl Into<Unwritten>) -> Error {
    Error::Output(error.into().0)
}

/// What a writer says, in its own words.
struct Unwritten(String);

impl From<ArrowError> for Unwritten {
    fn from(error: ArrowError) -> Self {
        Self(error.to_string())
    }
}

impl From<parquet::errors::ParquetError> for Unwritten {
    fn from(error: parquet::errors::ParquetError) -> Self {
        Self(error.to_string())
    }
}

impl From<std::io::Error> for Unwritten {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}
