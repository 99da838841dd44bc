//! Subsets in `DataComp`'s form: its metadata as Parquet, and its list of uids, `uids.npy`, which its resharder and training code take.

use super::{
    Cut, Files, Source, npy,
    parquet::{Limits, Parts, part},
    uid::Uid,
};
use crate::{
    Error,
    subset::{is_model, models_of},
};
use arrow_array::{
    Array, ArrayRef, Float32Array, RecordBatch, StringArray,
    cast::AsArray,
    types::{Float32Type, Int64Type},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::compute::cast;
use futures::TryStreamExt;
use shards::Store;
use std::sync::Arc;

/// Its scores' columns, and the models they are of by our registry's names. Other models' scores would be taken for these.
const SCORES: [(&str, &str); 2] =
    [("clip_b32_similarity_score", "clip-vit-b-32"), ("clip_l14_similarity_score", "clip-vit-l-14")];

/// Writes `part-00000.parquet` and so on, and `uids.npy`. There is no `face_bboxes`, since nothing here looks for faces, and an
/// empty column would read as "no face".
pub(super) async fn write(cut: Cut<'_>, store: &Store) -> Result<Files, Error> {
    let frame = cut.rows.select(cut.dataset, "model", Source::Facts).await?;
    let there = models_of(frame).await?;
    let scores: Vec<_> =
        SCORES.into_iter().filter(|(_, wanted)| there.iter().any(|model| is_model(model, wanted))).collect();
    let columns = "id, url, text, width, height, sha256, similarity, model";
    let mut stream = cut.rows.select(cut.dataset, columns, Source::Facts).await?.execute_stream().await?;
    let schema = schema(&scores);
    let mut parts = Parts::create(store, Arc::clone(&schema), part, Limits::OURS)?;
    let mut uids = Vec::with_capacity(cut.rows.len().unwrap_or_default());
    while let Some(batch) = stream.try_next().await? {
        parts.write(&batch_of(&schema, &batch, &scores, &mut uids)?).await?;
    }
    uids.sort_unstable();
    let mut files = parts.close().await?;
    files.written.push(npy::write(&uids, "uids.npy", store).await?);
    Ok(files)
}

fn schema(scores: &[(&str, &str)]) -> SchemaRef {
    let text = |name| Field::new(name, DataType::Utf8, true);
    let number = |name| Field::new(name, DataType::Int64, true);
    let mut fields = vec![text("uid"), text("url"), text("text"), number("original_width"), number("original_height")];
    fields.extend(scores.iter().map(|(name, _)| Field::new(*name, DataType::Float32, true)));
    fields.push(text("sha256"));
    Arc::new(Schema::new(fields))
}

fn batch_of(
    schema: &SchemaRef,
    batch: &RecordBatch,
    scores: &[(&str, &str)],
    uids: &mut Vec<Uid>,
) -> Result<RecordBatch, Error> {
    let text = |place: usize| cast(batch.column(place), &DataType::Utf8);
    let number = |place: usize| cast(batch.column(place), &DataType::Int64);
    let (digests, models) = (text(5)?, text(7)?);
    let (digests, models) = (digests.as_string::<i32>(), models.as_string::<i32>());
    let ids = batch.column(0).as_primitive::<Int64Type>();
    let these: Vec<Uid> = (0..batch.num_rows()).map(|row| Uid::of(ids.value(row), digests.value(row))).collect();
    let texts: StringArray = these.iter().map(|uid| Some(uid.to_string())).collect();
    let mut columns: Vec<ArrayRef> = vec![Arc::new(texts), text(1)?, text(2)?, number(3)?, number(4)?];
    let similarity = batch.column(6).as_primitive::<Float32Type>();
    for (_, wanted) in scores {
        let of_model = |row: usize| {
            (is_model(models.value(row), wanted) && similarity.is_valid(row)).then(|| similarity.value(row))
        };
        columns.push(Arc::new((0..batch.num_rows()).map(of_model).collect::<Float32Array>()));
    }
    columns.push(text(5)?);
    uids.extend(these);
    Ok(RecordBatch::try_new(SchemaRef::clone(schema), columns)?)
}
