//! Cuts a training subset out of a dataset, in the shape that a training program reads.
//!
//! First rows are chosen, by their ids, in one pass over the columns that the choice asks about; then these rows are read in the
//! order of the table and written as they come. `manifest.json` is written last: a folder with a manifest is whole. It names the
//! dataset's version and all that was asked for, so that the same cut can be made again.

mod choice;
mod chosen;
mod hash;
mod layout;
mod layouts;
mod lists;
mod manifest;
mod pictures;
mod preview;
mod recipes;
mod scan;
mod steps;
mod summary;
mod wanted;

pub use layout::Layout;
pub(crate) use layouts::npy_header;
pub use lists::ListReport;
pub use manifest::{Identity, Manifest, ManifestColumn, ManifestFile};
pub use recipes::{Recipe, listing, recipes};
pub use steps::{Step, Stratum};
pub use wanted::{Sampling, Score, Stratify, Wanted};

use crate::{Dataset, Error, sql};
use arrow_array::{RecordBatch, cast::AsArray};
use arrow_schema::DataType;
use choice::Choice;
use chrono::{DateTime, Utc};
use datafusion::{arrow::compute::cast, prelude::DataFrame};
use futures::TryStreamExt;
use layouts::{Cut, Written};
use shards::Store;
use std::collections::BTreeSet;

/// Rows chosen, and not yet written.
pub struct Subset<'a> {
    dataset: &'a Dataset,
    layout: Layout,
    choice: Choice,
    manifest: Manifest,
}

impl<'a> Subset<'a> {
    /// Chooses the rows of `dataset` that are `wanted`.
    pub async fn choose(
        dataset: &'a Dataset,
        wanted: &Wanted,
        layout: Layout,
        at: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let recipes = recipes::named(&wanted.recipes)?;
        let notes = recipes::check(dataset, &recipes).await?;
        let choice = choice::choose(dataset, wanted, &recipes, layout).await?;
        let manifest = Manifest {
            pinakes: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: Some(at),
            dataset_version: dataset.version(),
            dataset: Identity::of(dataset)?,
            layout,
            wanted: wanted.clone(),
            recipes,
            query: choice.query.clone(),
            seen: choice.seen,
            steps: choice.steps.clone(),
            strata: choice.strata.clone(),
            lists: choice.lists.clone(),
            notes,
            asked: choice.asked,
            without_picture: choice.without_picture,
            written: choice.rows.len() as u64,
            rows: 0,
            columns: Vec::new(),
            files: Vec::new(),
        };
        Ok(Self { dataset, layout, choice, manifest })
    }

    /// What would be written: all but files and columns.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes them into the new or empty folder `out`, with a page of so many rows where one is wanted.
    pub async fn write(self, out: &str, preview: Option<usize>) -> Result<Manifest, Error> {
        if let Some(rows) = preview {
            preview::check(rows)?;
        }
        if self.choice.rows.len() == 0 && self.choice.without_picture > 0 {
            return Err(Error::NoPictures);
        }
        let store = Store::create(out)?;
        if !store.list("").await?.is_empty() {
            return Err(Error::NotEmpty(out.to_owned()));
        }
        let cut = Cut { dataset: self.dataset, rows: &self.choice.rows, identity: &self.manifest.dataset };
        let mut files = layouts::write(cut, self.layout, &store).await?;
        if let Some(rows) = preview {
            store.put("preview.html", self.page(rows).await?).await?;
            files.written.push(Written { name: "preview.html".to_owned(), rows: 0 });
        }
        let mut manifest = self.manifest;
        for field in files.schema.iter().flat_map(|schema| schema.fields().iter()) {
            let kind = field.data_type().to_string();
            manifest.columns.push(ManifestColumn { name: field.name().clone(), kind });
        }
        for file in files.written {
            manifest.rows += file.rows;
            manifest.files.push(manifest::described(&store, file).await?);
        }
        if manifest.rows != manifest.written {
            let problem = format!("{} rows were chosen and {} written", manifest.written, manifest.rows);
            return Err(Error::Record { name: out.to_owned(), problem });
        }
        let problem =
            |error: serde_json::Error| Error::Record { name: manifest::NAME.into(), problem: error.to_string() };
        store.put(manifest::NAME, serde_json::to_vec_pretty(&manifest).map_err(problem)?).await?;
        Ok(manifest)
    }

    /// A page for people: so many of the rows, by chance, and histograms of all of them.
    pub async fn page(&self, rows: usize) -> Result<String, Error> {
        preview::page(self.dataset, &self.choice.rows, &self.manifest, rows).await
    }
}

/// Chooses and writes.
pub async fn subset(
    dataset: &Dataset,
    wanted: &Wanted,
    layout: Layout,
    out: &str,
    at: DateTime<Utc>,
) -> Result<Manifest, Error> {
    Subset::choose(dataset, wanted, layout, at).await?.write(out, None).await
}

/// The models that scored the rows of a dataset.
async fn models(dataset: &Dataset) -> Result<BTreeSet<String>, Error> {
    let batches = sql::run(dataset, "select distinct model from samples").await?;
    let mut models = BTreeSet::new();
    for batch in &batches {
        names(batch, &mut models)?;
    }
    Ok(models)
}

/// The different values of a frame's one column.
async fn models_of(frame: DataFrame) -> Result<BTreeSet<String>, Error> {
    let (mut models, mut stream) = (BTreeSet::new(), frame.execute_stream().await?);
    while let Some(batch) = stream.try_next().await? {
        names(&batch, &mut models)?;
    }
    Ok(models)
}

fn names(batch: &RecordBatch, into: &mut BTreeSet<String>) -> Result<(), Error> {
    let texts = cast(batch.column(0), &DataType::Utf8)?;
    for text in texts.as_string::<i32>().iter().flatten() {
        if !into.contains(text) {
            into.insert(text.to_owned());
        }
    }
    Ok(())
}

/// Whether a row's model (`NAME@DIGEST`) is the one of this name.
fn is_model(model: &str, name: &str) -> bool {
    model.split_once('@').is_some_and(|(before, _)| before == name)
}
