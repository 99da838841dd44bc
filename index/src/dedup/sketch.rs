//! Pictures that may be alike by their embeddings alone: crops, mirror images, other colours, whose hashes are far apart.

use super::failed;
use crate::{Error, table::Table};
use alike::{Embedding, Sketch, Sketcher, near_sketches};
use arrow_array::{Array, cast::AsArray};
use futures::TryStreamExt;
use std::collections::BTreeMap;

/// Pairs of places whose embeddings, of the same model, may have a cosine of at least `cosine`. The column is read twice: for
/// its mean, and for what lies about it.
pub(super) async fn pairs(table: &Table, cosine: f32) -> Result<Vec<(u32, u32)>, Error> {
    let mut models: BTreeMap<String, Sketcher> = BTreeMap::new();
    each(table, |_, model, embedding| {
        if let Some(pen) = models.get_mut(model) {
            pen.see(embedding);
        } else {
            models.entry(model.to_owned()).or_default().see(embedding);
        }
    })
    .await?;
    let mut sketches: BTreeMap<String, Vec<(u32, Sketch)>> =
        models.keys().map(|model| (model.clone(), Vec::new())).collect();
    each(table, |place, model, embedding| {
        let drawn = models.get(model).and_then(|pen| pen.sketch(embedding));
        if let (Some(drawn), Some(sketches)) = (drawn, sketches.get_mut(model)) {
            sketches.push((place, drawn));
        }
    })
    .await?;
    let mut pairs = Vec::new();
    for (model, sketches) in sketches {
        let most_bits = models.get(&model).map_or(0, |pen| pen.most_bits(cosine));
        let search = move || near_sketches(&sketches, most_bits);
        pairs.extend(tokio::task::spawn_blocking(search).await.map_err(|error| failed(&error))?);
    }
    Ok(pairs)
}

/// Shows every row that has an embedding: its place, its model and the embedding.
async fn each(table: &Table, mut show: impl FnMut(u32, &str, &Embedding)) -> Result<(), Error> {
    let mut place = 0;
    for file in table.files()? {
        let mut batches = table.rows_of(&file, Some(&["embedding", "model"])).await?;
        while let Some(batch) = batches.try_next().await? {
            let (embeddings, models) = (batch.column(0).as_binary::<i32>(), batch.column(1).as_string::<i32>());
            for row in 0..batch.num_rows() {
                if embeddings.is_valid(row)
                    && let Some(embedding) = Embedding::read(embeddings.value(row))
                {
                    show(place, models.value(row), &embedding);
                }
                place += 1;
            }
        }
    }
    Ok(())
}
