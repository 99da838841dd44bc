//! Subsets in every layout, read back.

use crate::common::{PICTURE, candidate, fate, folder, open, published, run_info, write_run};
use arrow_array::RecordBatch;
use index::{
    Error, publish,
    subset::{Layout, Manifest, Wanted, subset},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use schema::{Sample, from_batch};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write, io::Read, path::Path};
use tempfile::TempDir;

fn out() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("subset").to_str().unwrap().to_owned();
    (folder, name)
}

fn such_that(condition: &str) -> Wanted<'_> {
    Wanted { condition: Some(condition), ..Wanted::default() }
}

fn read(path: &Path) -> Vec<RecordBatch> {
    let file = std::fs::File::open(path).unwrap();
    ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().map(Result::unwrap).collect()
}

/// The manifest on disk is the one returned, and its sums are those of the files.
fn verify(out: &str, manifest: &Manifest) {
    let text = std::fs::read(Path::new(out).join("manifest.json")).unwrap();
    assert_eq!(&serde_json::from_slice::<Manifest>(&text).unwrap(), manifest);
    for file in &manifest.files {
        let bytes = std::fs::read(Path::new(out).join(&file.name)).unwrap();
        assert_eq!(bytes.len() as u64, file.bytes);
        let mut hash = String::new();
        Sha256::digest(&bytes).iter().for_each(|byte| write!(hash, "{byte:02x}").unwrap());
        assert_eq!(hash, file.sha256);
    }
    assert_eq!(manifest.files.iter().map(|file| file.rows).sum::<u64>(), manifest.rows);
}

#[tokio::test]
async fn parquet_subsets_hold_whole_samples() {
    let (_folder, dataset) = published(0..100).await;
    let (_out, out) = out();
    let manifest = subset(&dataset, such_that("language = 'en' -- only"), Layout::Parquet, &out).await.unwrap();
    verify(&out, &manifest);
    let rows: Vec<Sample> = read(&Path::new(&out).join("part-00000.parquet"))
        .iter()
        .flat_map(|batch| from_batch::<Sample>(batch).unwrap())
        .collect();
    let mut expected: Vec<Sample> =
        (0..100).filter(|n| fate(*n).is_none() && n % 2 == 0).map(crate::common::sample).collect();
    expected.sort_by(|a, b| (&a.image_domain, &a.url).cmp(&(&b.image_domain, &b.url)));
    assert_eq!(rows, expected);
    assert_eq!((manifest.rows, manifest.dataset_version), (expected.len() as u64, 1));

    let error = subset(&dataset, Wanted::default(), Layout::Parquet, &out).await.unwrap_err();
    assert!(matches!(error, Error::NotEmpty(_)), "{error}");
}

#[tokio::test]
async fn laion_subsets_have_laions_columns() {
    let (_folder, dataset) = published(0..100).await;
    let (_out, out) = out();
    let manifest = subset(&dataset, Wanted { limit: Some(7), ..Wanted::default() }, Layout::Laion, &out).await.unwrap();
    verify(&out, &manifest);
    assert_eq!(manifest.rows, 7);
    let batches = read(&Path::new(&out).join("part-00000.parquet"));
    let names: Vec<_> = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    let expected = ["URL", "TEXT", "WIDTH", "HEIGHT", "similarity", "LANGUAGE", "hash", "punsafe", "AESTHETIC_SCORE"];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn url_subsets_have_each_url_once() {
    let (_folder, dataset) = published(0..100).await;
    let (_out, out) = out();
    let manifest = subset(&dataset, Wanted::default(), Layout::Urls, &out).await.unwrap();
    verify(&out, &manifest);
    let text = std::fs::read_to_string(Path::new(&out).join("urls.txt")).unwrap();
    let mut expected: Vec<_> = (0..100).filter(|n| fate(*n).is_none()).map(|n| candidate(n).url).collect();
    expected.sort();
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    assert_eq!(manifest.rows, 60);
}

#[tokio::test]
async fn webdatasets_hold_picture_text_and_facts() {
    let (_folder, dataset) = published(0..100).await;
    let (_out, out) = out();
    let manifest = subset(&dataset, Wanted::default(), Layout::Webdataset, &out).await.unwrap();
    verify(&out, &manifest);
    let pictured = (0..100).filter(|n| fate(*n).is_none() && n % 5 == 0).count() as u64;
    assert_eq!(manifest.rows, pictured);
    let mut archive = tar::Archive::new(std::fs::File::open(Path::new(&out).join("00000.tar")).unwrap());
    let mut members = BTreeMap::new();
    for member in archive.entries().unwrap() {
        let mut member = member.unwrap();
        let name = member.path().unwrap().to_str().unwrap().to_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        members.insert(name, bytes);
    }
    assert_eq!(members.len() as u64, pictured * 3);
    assert_eq!(members["000000000.jpg"], PICTURE);
    let facts: serde_json::Value = serde_json::from_slice(&members["000000000.json"]).unwrap();
    assert_eq!(facts["caption"].as_str().unwrap().as_bytes(), members["000000000.txt"]);
    assert_eq!((&facts["width"], &facts["original_width"]), (&16.into(), &640.into()));

    let (_other, other) = self::out();
    let error = subset(&dataset, such_that("image is null"), Layout::Webdataset, &other).await.unwrap_err();
    assert!(matches!(error, Error::NoPictures) && error.hint().unwrap().contains("fetch.store"), "{error}");
    assert!(!Path::new(&other).join("manifest.json").exists());
}

#[tokio::test]
async fn a_mistyped_condition_makes_no_folder() {
    let (_folder, dataset) = published(0..20).await;
    let (_out, out) = out();
    let error = subset(&dataset, such_that("similarty > 0.3"), Layout::Parquet, &out).await.unwrap_err();
    assert!(error.to_string().contains("similarty") && error.hint().unwrap().contains("similarity"), "{error}");
    for condition in ["true) union all select 1 --", "true; drop table samples", ""] {
        assert!(subset(&dataset, such_that(condition), Layout::Parquet, &out).await.is_err(), "{condition}");
    }
    assert!(!Path::new(&out).exists());
}

#[tokio::test]
async fn an_empty_dataset_gives_empty_subsets() {
    let (folder, store) = folder();
    write_run(&store, 0..0).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    for layout in Layout::ALL {
        let (_out, out) = out();
        let manifest = subset(&dataset, such_that("width > 1"), layout, &out).await.unwrap();
        assert_eq!(manifest.rows, 0);
        verify(&out, &manifest);
        assert_eq!(layout.name().parse::<Layout>(), Ok(layout));
    }
}
