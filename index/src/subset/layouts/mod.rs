//! The layouts, one file each: rows in the order of the table, written as they come.

mod datacomp;
mod facts;
mod huggingface;
mod img2dataset;
mod npy;
mod parquet;
mod uid;
mod urls;
mod webdataset;

pub(super) use facts::Picture;
pub(crate) use npy::header as npy_header;

use super::{chosen::Chosen, layout::Layout, manifest::Identity};
use crate::{Dataset, Error};
use arrow_schema::SchemaRef;
use shards::Store;

/// Whether pictures are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// Few rows at a time.
    Pictures,
    /// Thousands.
    Facts,
}

/// A file that was written, before it is hashed.
pub(super) struct Written {
    pub(super) name: String,
    /// Its rows; none where it stands beside those that hold them.
    pub(super) rows: u64,
}

/// What was written.
#[derive(Default)]
pub(super) struct Files {
    pub(super) written: Vec<Written>,
    /// The columns of its Parquet files.
    pub(super) schema: Option<SchemaRef>,
}

/// What a layout is written from.
#[derive(Clone, Copy)]
pub(super) struct Cut<'a> {
    pub(super) dataset: &'a Dataset,
    pub(super) rows: &'a Chosen,
    /// For the card.
    pub(super) identity: &'a Identity,
}

/// Writes the rows of `cut` into the empty folder of `store`.
pub(super) async fn write(cut: Cut<'_>, layout: Layout, store: &Store) -> Result<Files, Error> {
    match layout {
        Layout::Parquet => parquet::own(cut, store).await,
        Layout::Laion => parquet::laion(cut, store).await,
        Layout::Urls => urls::write(cut, store).await,
        Layout::Webdataset => webdataset::write(cut, store).await,
        Layout::Img2dataset => img2dataset::write(cut, store).await,
        Layout::Huggingface => huggingface::write(cut, store).await,
        Layout::Datacomp => datacomp::write(cut, store).await,
    }
}
