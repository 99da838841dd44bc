//! Subsets in every layout, read back.

use crate::common::{
    BUCKETS, PICTURE, at, candidate, dataset_path, fate, folder, open, published, run_info, write_run, write_run_of,
};
use arrow_array::{Array, RecordBatch};
use index::{
    Dataset, Error, publish,
    subset::{Layout, Manifest, Subset, Wanted},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use schema::{Bucket, Sample, from_batch};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt::Write, io::Read, path::Path};
use tempfile::TempDir;

pub(crate) fn out() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let name = folder.path().join("subset").to_str().unwrap().to_owned();
    (folder, name)
}

pub(crate) fn such_that(condition: &str) -> Wanted {
    Wanted { condition: Some(condition.to_owned()), ..Wanted::default() }
}

pub(crate) async fn subset(dataset: &Dataset, wanted: Wanted, layout: Layout, out: &str) -> Result<Manifest, Error> {
    index::subset::subset(dataset, &wanted, layout, out, at(77)).await
}

pub(crate) fn read(path: &Path) -> Vec<RecordBatch> {
    let file = std::fs::File::open(path).unwrap();
    ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap().map(Result::unwrap).collect()
}

/// The manifest on disk is the one returned, and its sums are those of the files.
pub(crate) fn verify(out: &str, manifest: &Manifest) {
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
    adds_up(manifest);
    assert_eq!(manifest.rows, manifest.written);
}

/// Seen is what was chosen and what each step dropped, step by step.
pub(crate) fn adds_up(manifest: &Manifest) {
    let mut left = manifest.seen;
    for step in &manifest.steps {
        left -= step.dropped;
        assert_eq!(step.left, left, "{step:?}");
    }
    assert_eq!(left, manifest.written, "{:?}", manifest.steps);
}

/// The columns of img2dataset's metadata, in its order.
const IMG2DATASET: [&str; 11] = [
    "caption",
    "url",
    "key",
    "status",
    "error_message",
    "width",
    "height",
    "original_width",
    "original_height",
    "exif",
    "sha256",
];

fn names_of(batch: &RecordBatch) -> Vec<String> {
    batch.schema().fields().iter().map(|field| field.name().clone()).collect()
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
    // In the order of the table: by bucket, and in it by domain and URL.
    let place = |row: &Sample| (Bucket::of(&row.image_host, BUCKETS), row.image_domain.clone(), row.url.clone());
    expected.sort_by_key(place);
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
    let names = names_of(&batches[0]);
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
    assert_eq!((manifest.asked, manifest.without_picture, manifest.written), (60, 60 - pictured, pictured));
    // Beside the shard: img2dataset's Parquet and its account.
    let names: Vec<_> = manifest.files.iter().map(|file| (file.name.as_str(), file.rows)).collect();
    assert_eq!(names, [("00000.tar", pictured), ("00000.parquet", 0), ("00000_stats.json", 0)]);
    let stats: serde_json::Value =
        serde_json::from_slice(&std::fs::read(Path::new(&out).join("00000_stats.json")).unwrap()).unwrap();
    assert_eq!((&stats["successes"], &stats["status_dict"]["success"]), (&pictured.into(), &pictured.into()));
    let beside = read(&Path::new(&out).join("00000.parquet"));
    assert_eq!(beside.iter().map(RecordBatch::num_rows).sum::<usize>() as u64, pictured);
    assert_eq!(names_of(&beside[0]), IMG2DATASET);
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
    let more = "false) union all (select 1";
    for condition in ["true) union all select 1 --", more, "true; drop table samples", ""] {
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

#[tokio::test]
async fn img2dataset_subsets_have_its_columns_and_its_shards() {
    // Enough for a full shard and one that is not.
    let (_folder, dataset) = published_light(17_000).await;
    let (_out, out) = out();
    let manifest = subset(&dataset, Wanted::default(), Layout::Img2dataset, &out).await.unwrap();
    verify(&out, &manifest);
    let names: Vec<_> = manifest.files.iter().map(|file| (file.name.as_str(), file.rows)).collect();
    assert_eq!(names, [("00000.parquet", 10_000), ("00001.parquet", 200)]);
    let columns: Vec<_> = manifest.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(columns, IMG2DATASET);
    for (shard, file) in manifest.files.iter().enumerate() {
        let batches = read(&Path::new(&out).join(&file.name));
        assert_eq!(names_of(&batches[0]), IMG2DATASET);
        let keys: Vec<String> = batches.iter().flat_map(|batch| strings(batch, "key")).collect();
        let expected: Vec<String> = (0..file.rows).map(|row| format!("{shard:05}{row:04}")).collect();
        assert!(keys == expected, "keys of shard {shard}");
        assert!(batches.iter().flat_map(|batch| strings(batch, "status")).all(|status| status == "success"));
    }
}

/// A dataset of so many candidates, six of ten of them kept, without pictures.
async fn published_light(candidates: usize) -> (TempDir, Dataset) {
    let (folder, store) = folder();
    write_run_of(&store, 0..candidates, |n| Sample { image: None, ..crate::common::sample(n) }).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    (folder, dataset)
}

pub(crate) fn strings(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).unwrap().as_any();
    let column = column.downcast_ref::<arrow_array::StringArray>().unwrap();
    column.iter().map(|text| text.unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_same_cut_of_the_same_version_is_the_same_to_the_byte() {
    let (folder, dataset) = published(0..100).await;
    let moved = tempfile::tempdir().unwrap();
    crate::common::copy(Path::new(&dataset_path(&folder)), &moved.path().join("elsewhere"));
    let elsewhere = Dataset::open(moved.path().join("elsewhere").to_str().unwrap()).await.unwrap();
    for layout in Layout::ALL {
        let mut cuts = Vec::new();
        let wanted = such_that("similarity > 0.2");
        for (subset, at) in [
            (Subset::choose(&dataset, &wanted, layout, at(1)).await.unwrap(), at(1)),
            (Subset::choose(&elsewhere, &wanted, layout, at(2)).await.unwrap(), at(2)),
            (Subset::prepare(&elsewhere, &wanted, layout, at(3)).await.unwrap(), at(3)),
        ] {
            let (_out, out) = out();
            let manifest = subset.write(&out, Some(9)).await.unwrap();
            verify(&out, &manifest);
            assert_eq!(manifest.made_at, Some(at));
            cuts.push(Manifest { made_at: None, ..manifest });
        }
        // Digests are among what is compared.
        assert!(cuts[0] == cuts[1] && cuts[0] == cuts[2], "{layout:?}: {cuts:#?}");
        assert!(cuts[0].files.iter().any(|file| file.name == "preview.html"), "{layout:?}");
        assert_eq!(cuts[0].dataset.rows, 60);
    }
}

/// Where conditions alone decide, rows are counted as they are written: the same rows, and the same is told of them.
#[tokio::test]
async fn one_pass_writes_what_two_write() {
    const THEIRS: &str = "page_domain <> 'page2.example' -- theirs";
    let (_folder, dataset) = published(0..100).await;
    let recipes: Vec<String> = ["512px-and-up", "english-only"].map(str::to_owned).to_vec();
    let layouts = [Layout::Parquet, Layout::Laion, Layout::Img2dataset, Layout::Datacomp];
    let cases: [(Wanted, &[Layout], &[&str]); 4] = [
        (such_that(THEIRS), &layouts[..], &["where"]),
        (Wanted::default(), &layouts[..1], &[]),
        (such_that("width > 9999"), &layouts[..1], &["where"]),
        (
            Wanted { recipes, ..such_that(THEIRS) },
            &layouts[..1],
            &["where", "recipe 512px-and-up", "recipe english-only"],
        ),
    ];
    for (wanted, layouts, names) in cases {
        for layout in layouts {
            let (_one, one) = out();
            let manifest = subset(&dataset, wanted.clone(), *layout, &one).await.unwrap();
            verify(&one, &manifest);
            // A limit that all rows are within: it wants to know their ids first.
            let limited = Wanted { limit: Some(1_000), ..wanted.clone() };
            let (_two, two) = out();
            let mut expected = subset(&dataset, limited, *layout, &two).await.unwrap();
            verify(&two, &expected);
            let limit = expected.steps.pop().unwrap();
            assert_eq!((limit.step.as_str(), limit.dropped, limit.left), ("limit", 0, manifest.written));
            expected.wanted.limit = None;
            // Digests of files are among what is compared.
            assert_eq!(manifest, expected, "{layout:?}");
            let told: Vec<&str> = manifest.steps.iter().map(|step| step.step.as_str()).collect();
            assert_eq!(told, names);
        }
    }
}

#[tokio::test]
async fn rows_that_are_to_be_written_are_known_before_only_where_that_is_needed() {
    let (_folder, dataset) = published(0..100).await;
    let prepared = async |wanted: &Wanted, layout| {
        let subset = Subset::prepare(&dataset, wanted, layout, at(1)).await.unwrap();
        (subset.manifest().written, subset.manifest().steps.len())
    };
    let condition = such_that("width = 640");
    assert_eq!(prepared(&condition, Layout::Parquet).await, (0, 0));
    assert_eq!(prepared(&Wanted::default(), Layout::Parquet).await, (60, 0));
    // Which of two rows of one URL is taken, and which have a picture, is not said by a condition.
    assert_eq!(prepared(&condition, Layout::Urls).await, (60, 2));
    assert_eq!(prepared(&condition, Layout::Webdataset).await, (10, 2));
    let limited = Wanted { limit: Some(7), ..condition };
    assert_eq!(prepared(&limited, Layout::Parquet).await, (7, 2));
    // What is another row's or chance's to say is asked once.
    assert_eq!(prepared(&such_that("random() < 2.0"), Layout::Parquet).await, (60, 1));
    assert_eq!(prepared(&such_that("width <= (select max(width) from samples)"), Layout::Parquet).await, (60, 1));
}

#[tokio::test]
async fn datacomp_subsets_have_its_metadata_and_sorted_uids() {
    let (folder, store) = folder();
    let model = |n: usize| if n.is_multiple_of(2) { "clip-vit-l-14@01234567" } else { "demo@0" };
    let sample = |n| Sample { model: model(n).into(), ..crate::common::sample(n) };
    write_run_of(&store, 0..100, sample).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    let (_out, out) = out();
    let manifest = subset(&dataset, Wanted::default(), Layout::Datacomp, &out).await.unwrap();
    verify(&out, &manifest);
    let batches = read(&Path::new(&out).join("part-00000.parquet"));
    let expected = ["uid", "url", "text", "original_width", "original_height", "clip_l14_similarity_score", "sha256"];
    assert_eq!(names_of(&batches[0]), expected);
    let mut uids = Vec::new();
    for batch in &batches {
        let scores = batch.column(5);
        for (row, (uid, url)) in strings(batch, "uid").into_iter().zip(strings(batch, "url")).enumerate() {
            let n = (0..100).find(|n| candidate(*n).url == url).unwrap();
            assert_eq!(uid, format!("{:016x}{}", candidate(n).id.0, &sample(n).sha256[..16]));
            // Scores of another model would be taken for L/14's.
            assert_eq!(scores.is_null(row), !n.is_multiple_of(2));
            uids.push(u128::from_str_radix(&uid, 16).unwrap());
        }
    }
    uids.sort_unstable();
    let file = std::fs::read(Path::new(&out).join("uids.npy")).unwrap();
    let data = &file[file.len() - 60 * 16..];
    assert!(file.starts_with(b"\x93NUMPY\x01\x00") && (file.len() - data.len()).is_multiple_of(64));
    let half = |bytes: &[u8]| u128::from(u64::from_le_bytes(bytes.try_into().unwrap()));
    let listed: Vec<u128> = data.chunks(16).map(|uid| half(&uid[..8]) << 64 | half(&uid[8..])).collect();
    assert_eq!(listed, uids);
}

#[tokio::test]
async fn hugging_face_folders_hold_pictures_and_a_card() {
    let (_folder, dataset) = published(0..100).await;
    let (_out, out) = out();
    let manifest = subset(&dataset, Wanted::default(), Layout::Huggingface, &out).await.unwrap();
    verify(&out, &manifest);
    let names: Vec<_> = manifest.files.iter().map(|file| (file.name.as_str(), file.rows)).collect();
    let pictured = (0..100).filter(|n| fate(*n).is_none() && n % 5 == 0).count() as u64;
    assert_eq!(names, [("data/train-00000.parquet", pictured), ("README.md", 0)]);
    let card = std::fs::read_to_string(Path::new(&out).join("README.md")).unwrap();
    for words in ["path: data/train-*.parquet", "dtype: image", "| none stated | 10 |", "strict, policy 1", "demo@0"] {
        assert!(card.contains(words), "{words}: {card}");
    }
    let (_other, other) = self::out();
    let error = subset(&dataset, such_that("image is null"), Layout::Huggingface, &other).await.unwrap_err();
    assert!(matches!(error, Error::NoPictures), "{error}");
}
