//! A row with its picture, and what img2dataset says of one.

use super::uid::Uid;
use crate::Error;
use arrow_array::{ArrayRef, Int32Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use imagesize::{Compression, ImageType};
use schema::Row;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// What layouts with pictures read of a row.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::subset) struct Picture {
    pub(in crate::subset) id: i64,
    pub(in crate::subset) url: String,
    pub(in crate::subset) text: String,
    pub(in crate::subset) page_url: String,
    pub(in crate::subset) width: i32,
    pub(in crate::subset) height: i32,
    pub(in crate::subset) sha256: String,
    pub(in crate::subset) language: Option<String>,
    pub(in crate::subset) license: Option<String>,
    pub(in crate::subset) license_url: Option<String>,
    pub(in crate::subset) exif: Option<String>,
    pub(in crate::subset) similarity: f32,
    pub(in crate::subset) aesthetic: Option<f32>,
    pub(in crate::subset) punsafe: Option<f32>,
    pub(in crate::subset) model: String,
    #[serde(with = "serde_bytes")]
    pub(in crate::subset) image: Option<Vec<u8>>,
}

impl Row for Picture {
    fn fields() -> Vec<Field> {
        let text = |name| Field::new(name, DataType::Utf8, true);
        let score = |name| Field::new(name, DataType::Float32, true);
        vec![
            Field::new("id", DataType::Int64, false),
            text("url"),
            text("text"),
            text("page_url"),
            Field::new("width", DataType::Int32, false),
            Field::new("height", DataType::Int32, false),
            text("sha256"),
            text("language"),
            text("license"),
            text("license_url"),
            text("exif"),
            score("similarity"),
            score("aesthetic"),
            score("punsafe"),
            text("model"),
            Field::new("image", DataType::Binary, true),
        ]
    }
}

impl Picture {
    /// Its columns, as SQL names them.
    pub(in crate::subset) fn columns() -> String {
        let names: Vec<String> = Self::fields().iter().map(|field| field.name().clone()).collect();
        names.join(", ")
    }

    pub(super) fn uid(&self) -> Uid {
        Uid::of(self.id, &self.sha256)
    }

    /// Width and height of the stored picture.
    fn stored(&self) -> Option<(i32, i32)> {
        let size = imagesize::blob_size(self.image.as_deref()?).ok()?;
        Some((i32::try_from(size.width).ok()?, i32::try_from(size.height).ok()?))
    }

    /// img2dataset's keys, then those of ours that a training program may filter by; `uid` is what `DataComp`'s resharder asks for.
    pub(super) fn facts(&self, key: &str) -> Value {
        let stored = self.stored();
        json!({
            "key": key,
            "url": self.url,
            "caption": self.text,
            "status": "success",
            "error_message": null,
            "width": stored.map(|size| size.0),
            "height": stored.map(|size| size.1),
            "original_width": self.width,
            "original_height": self.height,
            "exif": self.exif,
            "sha256": self.sha256,
            "uid": self.uid().to_string(),
            "id": self.id,
            "page_url": self.page_url,
            "language": self.language,
            "license": self.license,
            "license_url": self.license_url,
            "similarity": self.similarity,
            "aesthetic": self.aesthetic,
            "punsafe": self.punsafe,
            "model": self.model,
        })
    }

    /// Ending of the stored picture's file.
    pub(in crate::subset) fn extension(image: &[u8]) -> &'static str {
        match imagesize::image_type(image) {
            Ok(ImageType::Png) => "png",
            Ok(ImageType::Webp) => "webp",
            Ok(ImageType::Gif) => "gif",
            Ok(ImageType::Heif(Compression::Av1)) => "avif",
            _ => "jpg",
        }
    }
}

/// The columns of img2dataset's metadata with `--compute_hash sha256 --extract_exif True`, in its order: the input's columns, then
/// its own (img2dataset/reader.py and downloader.py, 1.47).
pub(super) fn img2dataset_schema() -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let number = |name| Field::new(name, DataType::Int32, true);
    Arc::new(Schema::new(vec![
        text("caption"),
        text("url"),
        text("key"),
        text("status"),
        text("error_message"),
        number("width"),
        number("height"),
        number("original_width"),
        number("original_height"),
        text("exif"),
        text("sha256"),
    ]))
}

/// Rows in these columns, each under its key.
pub(super) fn img2dataset_batch(schema: &SchemaRef, keys: &[String], rows: &[&Picture]) -> Result<RecordBatch, Error> {
    let text = |of: fn(&Picture) -> Option<&str>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| of(row)).collect::<StringArray>())
    };
    let number = |of: fn(&Picture) -> Option<i32>| -> ArrayRef {
        Arc::new(rows.iter().map(|row| of(row)).collect::<Int32Array>())
    };
    let keys: StringArray = keys.iter().map(Some).collect();
    let columns = vec![
        text(|row| Some(&row.text)),
        text(|row| Some(&row.url)),
        Arc::new(keys),
        text(|_| Some("success")),
        text(|_| None),
        number(|row| row.stored().map(|size| size.0)),
        number(|row| row.stored().map(|size| size.1)),
        number(|row| Some(row.width)),
        number(|row| Some(row.height)),
        text(|row| row.exif.as_deref()),
        text(|row| Some(&row.sha256)),
    ];
    Ok(RecordBatch::try_new(SchemaRef::clone(schema), columns)?)
}

/// img2dataset's account of a shard, all of whose rows came. A subset is cut from what is there: it takes no time worth telling,
/// and telling it would make each cut another file.
pub(super) fn img2dataset_stats(rows: u64) -> Vec<u8> {
    let mut ends = Map::new();
    if rows > 0 {
        ends.insert("success".to_owned(), json!(rows));
    }
    let stats = json!({
        "count": rows,
        "successes": rows,
        "failed_to_download": 0,
        "failed_to_resize": 0,
        "duration": 0.0,
        "start_time": 0.0,
        "end_time": 0.0,
        "status_dict": ends,
    });
    serde_json::to_vec_pretty(&stats).unwrap_or_default()
}
