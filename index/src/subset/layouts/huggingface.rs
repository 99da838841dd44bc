//! Subsets as a folder that Hugging Face's `datasets` reads unchanged: `data/train-00000.parquet` and so on, whose column `image` is
//! the structure of bytes and path that its `Image` feature decodes, and a card.
//!
//! Parquet and not a folder of files: it streams, a row group at a time, and does not make a million files. The features stand in
//! the Parquet's own metadata, too, so that a single file of it is read with its pictures.

use super::{
    Cut, Files, Picture, Source,
    parquet::{Limits, Parts},
};
use crate::Error;
use arrow_array::{
    Array, ArrayRef, BinaryArray, Float32Array, Int32Array, Int64Array, RecordBatch, StringArray, StructArray,
};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use futures::TryStreamExt;
use schema::from_batch;
use serde_json::{Map, Value, json};
use shards::Store;
use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

/// Row groups are what a reader who streams holds at a time.
const LIMITS: Limits =
    Limits { rows_per_file: 1_000_000, bytes_per_file: 500 << 20, rows_per_group: 1_000, bytes_per_group: 64 << 20 };

/// Licences named in the card; the rest is in the column.
const LICENCES_TOLD: usize = 20;

fn name(number: usize) -> String {
    format!("data/train-{number:05}.parquet")
}

/// Writes `data/…` and `README.md`.
pub(super) async fn write(cut: Cut<'_>, store: &Store) -> Result<Files, Error> {
    let columns = format!("{}, consent", Picture::columns());
    let mut stream = cut.rows.select(cut.dataset, &columns, Source::Pictures).await?.execute_stream().await?;
    let schema = schema();
    let mut parts = Parts::create(store, Arc::clone(&schema), name, LIMITS)?;
    let mut told = Told::default();
    while let Some(batch) = stream.try_next().await? {
        let consent = batch.column_by_name("consent").and_then(|column| column.as_any().downcast_ref::<StructArray>());
        let consent = consent.cloned();
        let facts: Vec<usize> = (0..batch.num_columns() - 1).collect();
        let rows = from_batch::<Picture>(&batch.project(&facts)?)?;
        told.add(&rows, consent.as_ref())?;
        parts.write(&batch_of(&schema, &rows, consent.as_ref())?).await?;
    }
    let mut files = parts.close().await?;
    store.put("README.md", card(cut, &told)).await?;
    files.written.push(super::Written { name: "README.md".to_owned(), rows: 0 });
    Ok(files)
}

/// Columns with their names in `datasets`.
const COLUMNS: [(&str, &str); 18] = [
    ("image", "image"),
    ("text", "string"),
    ("url", "string"),
    ("id", "int64"),
    ("uid", "string"),
    ("page_url", "string"),
    ("width", "int32"),
    ("height", "int32"),
    ("sha256", "string"),
    ("language", "string"),
    ("license", "string"),
    ("license_url", "string"),
    ("similarity", "float32"),
    ("aesthetic", "float32"),
    ("punsafe", "float32"),
    ("model", "string"),
    ("consent_mode", "string"),
    ("consent_policy", "string"),
];

fn image_fields() -> Fields {
    Fields::from(vec![Field::new("bytes", DataType::Binary, true), Field::new("path", DataType::Utf8, true)])
}

fn schema() -> SchemaRef {
    let kind = |name: &str| match name {
        "image" => DataType::Struct(image_fields()),
        "int64" => DataType::Int64,
        "int32" => DataType::Int32,
        "float32" => DataType::Float32,
        _ => DataType::Utf8,
    };
    let fields: Vec<Field> = COLUMNS.iter().map(|(name, dtype)| Field::new(*name, kind(dtype), true)).collect();
    let feature = |dtype: &str| match dtype {
        "image" => json!({ "_type": "Image" }),
        dtype => json!({ "dtype": dtype, "_type": "Value" }),
    };
    let features: Map<String, Value> =
        COLUMNS.iter().map(|(name, dtype)| ((*name).to_owned(), feature(dtype))).collect();
    let info = json!({ "info": { "features": features } }).to_string();
    Arc::new(Schema::new(fields).with_metadata([("huggingface".to_owned(), info)].into()))
}

fn batch_of(schema: &SchemaRef, rows: &[Picture], consent: Option<&StructArray>) -> Result<RecordBatch, Error> {
    let text =
        |of: fn(&Picture) -> Option<&str>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<StringArray>()) };
    let score =
        |of: fn(&Picture) -> Option<f32>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<Float32Array>()) };
    let size = |of: fn(&Picture) -> i32| -> ArrayRef { Arc::new(Int32Array::from_iter_values(rows.iter().map(of))) };
    let ending = |row: &Picture| Picture::extension(row.image.as_deref().unwrap_or_default());
    let paths: StringArray = rows.iter().map(|row| Some(format!("{}.{}", row.uid(), ending(row)))).collect();
    let bytes: BinaryArray = rows.iter().map(|row| row.image.as_deref()).collect();
    let image = StructArray::new(image_fields(), vec![Arc::new(bytes), Arc::new(paths)], None);
    let stamp = |name: &str| -> Result<ArrayRef, Error> {
        let column = consent.and_then(|consent| consent.column_by_name(name));
        match column {
            Some(column) => Ok(datafusion::arrow::compute::cast(column, &DataType::Utf8)?),
            None => Ok(Arc::new(StringArray::new_null(rows.len()))),
        }
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(image),
        text(|row| Some(&row.text)),
        text(|row| Some(&row.url)),
        Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.id))),
        Arc::new(rows.iter().map(|row| Some(row.uid().to_string())).collect::<StringArray>()),
        text(|row| Some(&row.page_url)),
        size(|row| row.width),
        size(|row| row.height),
        text(|row| Some(&row.sha256)),
        text(|row| row.language.as_deref()),
        text(|row| row.license.as_deref()),
        text(|row| row.license_url.as_deref()),
        score(|row| Some(row.similarity)),
        score(|row| row.aesthetic),
        score(|row| row.punsafe),
        text(|row| Some(&row.model)),
        stamp("mode")?,
        stamp("policy")?,
    ];
    Ok(RecordBatch::try_new(SchemaRef::clone(schema), columns)?)
}

/// What the card tells of the rows.
#[derive(Default)]
struct Told {
    rows: u64,
    licences: BTreeMap<String, u64>,
    models: BTreeMap<String, u64>,
    consent: BTreeMap<String, u64>,
}

impl Told {
    fn add(&mut self, rows: &[Picture], consent: Option<&StructArray>) -> Result<(), Error> {
        self.rows += rows.len() as u64;
        for row in rows {
            let licence = row.license.clone().unwrap_or_else(|| "none stated".to_owned());
            *self.licences.entry(licence).or_default() += 1;
            *self.models.entry(row.model.clone()).or_default() += 1;
        }
        let part = |name: &str| -> Result<_, Error> {
            let column = consent.and_then(|consent| consent.column_by_name(name));
            Ok(column.map(|column| datafusion::arrow::compute::cast(column, &DataType::Utf8)).transpose()?)
        };
        if let (Some(modes), Some(policies)) = (part("mode")?, part("policy")?) {
            let texts = |column: &ArrayRef, row| {
                let column = column.as_any().downcast_ref::<StringArray>();
                column.map_or_else(String::new, |column| column.value(row).to_owned())
            };
            for row in 0..modes.len() {
                let stamp = format!("{}, policy {}", texts(&modes, row), texts(&policies, row));
                *self.consent.entry(stamp).or_default() += 1;
            }
        }
        Ok(())
    }
}

/// The card: what `datasets` reads of it, and what people should know.
fn card(cut: Cut<'_>, told: &Told) -> String {
    let mut text = "---\nlicense: other\nlicense_name: see-column-license\nlicense_link: README.md\n\
        task_categories:\n- text-to-image\n- image-to-text\ntags:\n- pinakes\ndataset_info:\n  features:\n"
        .to_owned();
    for (name, dtype) in COLUMNS {
        let _ = writeln!(text, "  - name: {name}\n    dtype: {dtype}");
    }
    text.push_str(
        "configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: data/train-*.parquet\n---\n\n",
    );
    let identity = cut.identity;
    let _ = write!(
        text,
        "# A subset of a Pinakes dataset\n\n{} pairs of picture and text, cut from version {} of the dataset `{}`. `manifest.json` tells how they were \
         chosen, with the digest of every file.\n\n```python\nimport datasets\npairs = datasets.load_dataset(\"path/to/this/folder\", \
         split=\"train\", streaming=True)\n```\n\n",
        told.rows, identity.version, identity.table
    );
    text.push_str(
        "## Licences\n\nThe pictures belong to those who made them. `license` is what the page of a picture states, normalised, and \
         `license_url` where it stands; where it is empty no licence was found, which is not a permission.\n\n| licence | pairs |\n|---|---|\n",
    );
    let mut licences: Vec<_> = told.licences.iter().collect();
    licences.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    for (licence, rows) in licences.iter().take(LICENCES_TOLD) {
        let _ = writeln!(text, "| {} | {rows} |", cell(licence));
    }
    let others: u64 = licences.iter().skip(LICENCES_TOLD).map(|(_, rows)| **rows).sum();
    if others > 0 {
        let _ = writeln!(text, "| {} others | {others} |", licences.len() - LICENCES_TOLD);
    }
    text.push_str(
        "\n## Consent\n\nBefore a picture was asked for, its page, its host and its file were searched for opt-outs, and whoever said no is not in \
         here. What was looked for is told by the mode and the version of the policy:\n\n| consent | pairs |\n|---|---|\n",
    );
    for (stamp, rows) in &told.consent {
        let _ = writeln!(text, "| {} | {rows} |", cell(stamp));
    }
    text.push_str(
        "\nSomebody may opt out later. `pinakes optout check --subset` holds this folder against a list, and rows of later takedowns \
         must be taken out of copies, too.\n\n## Scores\n\n`similarity` is the cosine of picture and text; scores of different models do not \
         compare.\n\n| model | pairs |\n|---|---|\n",
    );
    for (model, rows) in &told.models {
        let _ = writeln!(text, "| {} | {rows} |", cell(model));
    }
    text
}

/// Text for a cell of a table: names of licences may be anything that a page's address holds.
fn cell(text: &str) -> String {
    text.chars()
        .filter(|letter| !letter.is_control())
        .map(|letter| if "|<>`[]".contains(letter) { '_' } else { letter })
        .collect()
}
