//! Hits as rows, and as a page with the pictures that were stored.

use super::{
    Hit, cosine, listed,
    pictures::{self, ALL_BYTES, PICTURE_BYTES, Picture},
};
use crate::{Dataset, Error, page as pages, sql};
use arrow_array::{
    Array, ArrayRef, Float32Array, Int64Array, RecordBatch, UInt64Array, cast::AsArray, types::Int64Type,
};
use arrow_schema::{DataType, Field, Schema};
use datafusion::arrow::compute::{concat_batches, take};
use maud::html;
use std::{collections::HashMap, sync::Arc};

/// The columns that are told of a hit.
const COLUMNS: &str = "id, text, url, page_url, width, height, license";

/// Most rows of a page.
const MOST_ROWS: usize = 1_000;

/// `hits` with what the dataset knows of them, in their order: rank, cosine and some columns.
pub async fn rows(dataset: &Dataset, hits: &[Hit]) -> Result<RecordBatch, Error> {
    let ids = listed(hits.iter().map(|hit| hit.id));
    let query = format!("select {COLUMNS} from samples where id in {ids}");
    let batches = sql::run(dataset, &query).await?;
    let schema = batches.first().map_or_else(|| Arc::new(Schema::empty()), RecordBatch::schema);
    let known = concat_batches(&schema, &batches)?;
    let mut places = HashMap::new();
    for (place, id) in (0_u64..).zip(known.column(0).as_primitive::<Int64Type>().values()) {
        places.entry(*id).or_insert(place);
    }
    let found: Vec<(&Hit, u64)> = hits.iter().filter_map(|hit| Some((hit, *places.get(&hit.id)?))).collect();
    let order = UInt64Array::from_iter_values(found.iter().map(|(_, place)| *place));
    let ranks: Int64Array = (1..).take(found.len()).collect();
    let cosines: Float32Array = found.iter().map(|(hit, _)| Some(cosine(hit.closeness))).collect();
    let mut fields = vec![
        Arc::new(Field::new("rank", DataType::Int64, false)),
        Arc::new(Field::new("cosine", DataType::Float32, false)),
    ];
    let mut all: Vec<ArrayRef> = vec![Arc::new(ranks), Arc::new(cosines)];
    for (field, column) in schema.fields().iter().zip(known.columns()) {
        fields.push(Arc::clone(field));
        all.push(take(column, &order, None)?);
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), all)?)
}

/// A page of the first `hits` with the pictures that are stored, under `title`, as many as a browser has patience for; it says
/// what is left out. `facts` stand above them.
pub async fn page(dataset: &Dataset, hits: &[Hit], title: &str, facts: &[String]) -> Result<String, Error> {
    let rows = rows(dataset, &hits[..hits.len().min(MOST_ROWS)]).await?;
    let text = |row: usize, name: &str| {
        let column = rows.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        column.filter(|column| column.is_valid(row)).map_or("", |column| column.value(row)).to_owned()
    };
    let cosines = rows.column(1).as_primitive::<arrow_array::types::Float32Type>();
    let ids = rows.column(2).as_primitive::<Int64Type>();
    let pictures = pictures::of(dataset, ids.values()).await?;
    let left_out = pictures.iter().filter(|picture| matches!(picture, Picture::LeftOut(_))).count();
    let body = html! {
        @for fact in facts { p class="soft" { (fact) } }
        @if hits.len() > MOST_ROWS { p class="soft" { "The nearest " (MOST_ROWS) " of " (hits.len()) " hits." } }
        @if left_out > 0 {
            p class="soft" {
                "Pictures that are stored and not shown: " (left_out) ". A page shows those of up to "
                (PICTURE_BYTES >> 20) " MiB, the nearest first, and " (ALL_BYTES >> 20) " MiB in all."
            }
        }
        div class="cards" {
            @for (row, picture) in pictures.iter().enumerate() {
                div class="card" {
                    @match picture {
                        Picture::Shown(image) => { img src=(pages::data_uri(image)) alt=(text(row, "text")); }
                        Picture::LeftOut(bytes) => { p class="soft" { "stored, but too large for this page: " (bytes) " bytes" } }
                        Picture::Missing => { p class="soft" { "no picture is stored" } }
                    }
                    p { (text(row, "text")) }
                    p class="soft" {
                        (format!("cosine {:.4}", cosines.value(row))) " · " (ids.value(row))
                        @let license = text(row, "license");
                        @if !license.is_empty() { " · " (license) }
                        br; (text(row, "url"))
                        br; (text(row, "page_url"))
                    }
                }
            }
        }
    };
    Ok(pages::page(title, &body))
}
