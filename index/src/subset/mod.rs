//! Cuts a training subset out of a dataset, in the shape that a training program reads.
//!
//! First rows are chosen, by their ids, in one pass over the columns that the choice asks about; then these rows are read
//! in the order of the table and written as they come. Where conditions alone decide, whoever only writes does without the
//! first pass; where each row is decided by itself, whoever only counts holds none. `manifest.json` is written last: a
//! folder with a manifest is whole. It names the dataset's version and all that was asked for, so that the same cut can be
//! made again.

mod choice;
mod chosen;
mod columns;
mod conditions;
mod hash;
mod keys;
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
use choice::{Choice, Plan};
use chosen::Chosen;
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
    rows: Chosen,
    manifest: Manifest,
}

impl<'a> Subset<'a> {
    /// Chooses the rows of `dataset` that are `wanted`: which they are and how many is known before one is written.
    pub async fn choose(
        dataset: &'a Dataset,
        wanted: &Wanted,
        layout: Layout,
        at: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let plan = Plan::of(dataset, wanted, layout).await?;
        let chosen = plan.choose().await?;
        Self::of(plan, chosen, at)
    }

    /// The same as far as has to be done before rows are written. Where conditions alone decide, that is next to nothing:
    /// how many rows they leave is told by the manifest that [`Self::write`] gives, and not before.
    pub async fn prepare(
        dataset: &'a Dataset,
        wanted: &Wanted,
        layout: Layout,
        at: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let plan = Plan::of(dataset, wanted, layout).await?;
        let chosen = plan.prepare().await?;
        Self::of(plan, chosen, at)
    }

    fn of(plan: Plan<'a, '_>, (choice, rows): (Choice, Chosen), at: DateTime<Utc>) -> Result<Self, Error> {
        let (dataset, layout) = (plan.dataset, plan.layout);
        Ok(Self { dataset, layout, rows, manifest: plan.manifest(choice, at)? })
    }

    /// What would be written: all but files and columns. For less than it costs to choose.
    pub async fn count(
        dataset: &Dataset,
        wanted: &Wanted,
        layout: Layout,
        at: DateTime<Utc>,
    ) -> Result<Manifest, Error> {
        let plan = Plan::of(dataset, wanted, layout).await?;
        let choice = plan.count().await?;
        plan.manifest(choice, at)
    }

    /// What would be written: all but files and columns, and numbers that [`Self::prepare`] leaves open.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes them into the new or empty folder `out`, with a page of so many rows where one is wanted.
    pub async fn write(mut self, out: &str, preview: Option<usize>) -> Result<Manifest, Error> {
        if let Some(rows) = preview {
            preview::check(rows)?;
        }
        if self.rows.len() == Some(0) && self.manifest.without_picture > 0 {
            return Err(Error::NoPictures);
        }
        let store = Store::create(out)?;
        if !store.list("").await?.is_empty() {
            return Err(Error::NotEmpty(out.to_owned()));
        }
        let cut = Cut { dataset: self.dataset, rows: &self.rows, identity: &self.manifest.dataset };
        let mut files = layouts::write(cut, self.layout, &store).await?;
        let rows: u64 = files.written.iter().map(|file| file.rows).sum();
        if self.rows.len().is_none() {
            self.manifest.take_count(rows)?;
        }
        if rows != self.manifest.written {
            let problem = format!("{} rows were chosen and {rows} written", self.manifest.written);
            return Err(Error::Record { name: out.to_owned(), problem });
        }
        if let Some(shown) = preview {
            let ids = self.rows.ids(self.dataset).await?;
            let page = preview::page(self.dataset, &self.rows, &ids, &self.manifest, shown).await?;
            store.put("preview.html", page).await?;
            files.written.push(Written { name: "preview.html".to_owned(), rows: 0 });
        }
        let mut manifest = self.manifest;
        manifest.rows = rows;
        for field in files.schema.iter().flat_map(|schema| schema.fields().iter()) {
            let kind = field.data_type().to_string();
            manifest.columns.push(ManifestColumn { name: field.name().clone(), kind });
        }
        for file in files.written {
            manifest.files.push(manifest::described(&store, file).await?);
        }
        let problem =
            |error: serde_json::Error| Error::Record { name: manifest::NAME.into(), problem: error.to_string() };
        store.put(manifest::NAME, serde_json::to_vec_pretty(&manifest).map_err(problem)?).await?;
        Ok(manifest)
    }

    /// A page for people: so many of the rows, by chance, and histograms of all of them.
    pub async fn page(&self, rows: usize) -> Result<String, Error> {
        preview::check(rows)?;
        let ids = self.rows.ids(self.dataset).await?;
        let mut manifest = self.manifest.clone();
        if self.rows.len().is_none() {
            manifest.take_count(ids.len() as u64)?;
        }
        preview::page(self.dataset, &self.rows, &ids, &manifest, rows).await
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
    Subset::prepare(dataset, wanted, layout, at).await?.write(out, None).await
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
