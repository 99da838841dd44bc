//! Lists of URLs from outside: every format, damage, where they lie, what is asked and said of their pages.
#![allow(clippy::unwrap_used, reason = "tests")]

mod consent_of_rows;
mod damage;
mod formats;
mod memory;
mod places;
#[allow(dead_code, reason = "served here is less than there")]
#[path = "../places/web.rs"]
mod web;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use consent::Policy;
use crawler::{
    Error,
    archives::{self, Archive},
    extract,
};
use flate2::{Compression, write::GzEncoder};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use schema::{Bucket, Candidate, CapturedImage, CapturedPage, Config, DropReason, Mode, Work};
use shards::{Store, read_bucket};
use std::{collections::BTreeMap, io::Write, path::PathBuf, sync::Arc};
use tempfile::TempDir;

const BUCKETS: u32 = 4;

/// A folder with a list in it, its settings, and the folder of the run.
struct Folder {
    folder: TempDir,
    config: Config,
}

impl Folder {
    /// With one list of this name.
    fn with(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        Self::of(folder, path.to_str().unwrap())
    }

    /// With a list that lies elsewhere.
    fn of(folder: TempDir, archive: &str) -> Self {
        let mut config = Config::default();
        config.input.archives = vec![archive.to_owned()];
        config.output.buckets = BUCKETS;
        Self { folder, config }
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(&self.config.input.archives[0])
    }

    fn store(&self) -> Store {
        Store::create(self.folder.path().join("run").to_str().unwrap()).unwrap()
    }

    async fn archive(&self) -> Result<Archive, Error> {
        Ok(archives::spell_out(&self.config).await?.remove(0))
    }

    /// Runs the task of the list.
    async fn run(&self) -> Result<Work, Error> {
        let policy = Arc::new(Policy::new(Mode::Strict, "reader"));
        let archive = self.archive().await?;
        let work = extract::run(&self.store(), &self.config, policy, archive, chrono::DateTime::UNIX_EPOCH).await?;
        assert!(work.rows.adds_up() && work.counts.records.adds_up());
        assert_eq!(work.rows.seen(), work.counts.records.seen(), "every row is one");
        Ok(work)
    }

    /// What the task wrote, as admit reads it, in the order of the list.
    async fn candidates(&self, work: &Work) -> Vec<Candidate> {
        let store = self.store();
        let named = |kind: &str| work.outputs.iter().find(|name| name.contains(kind)).unwrap();
        let mut found = Vec::new();
        for bucket in (0..BUCKETS).map(Bucket) {
            let pages: Vec<CapturedPage> = read_bucket(&store, named(".pages."), bucket).await.unwrap();
            let pages: BTreeMap<i64, CapturedPage> = pages.into_iter().map(|page| (page.number, page)).collect();
            let images: Vec<CapturedImage> = read_bucket(&store, named(".images."), bucket).await.unwrap();
            found.extend(images.into_iter().map(|image| (image.page, image.clone().on(&pages[&image.page]))));
        }
        found.sort_by_key(|(number, _)| *number);
        assert_eq!(found.len() as u64, work.rows.kept());
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// Both.
    async fn read(&self) -> (Vec<Candidate>, Work) {
        let work = self.run().await.unwrap();
        (self.candidates(&work).await, work)
    }
}

/// How many rows were dropped for this reason.
fn dropped(work: &Work, reason: DropReason) -> u64 {
    work.rows.dropped().get(&reason).copied().unwrap_or(0)
}

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

/// A Parquet file of these columns, so many rows a group.
fn parquet(columns: Vec<(&str, ArrayRef)>, rows_a_group: usize) -> Vec<u8> {
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true)));
    let batch = batch.unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows_a_group)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn strings(texts: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(texts.to_vec()))
}
