//! Near-duplicates: found across buckets and runs, marked, and only marked.

use crate::{
    common::{
        at, candidate, column, copy, dataset_path, fate, folder, forget_columns, open, run_info, sample, write_run_of,
    },
    subset::subset,
};
use half::f16;
use index::{
    Dataset, Error, Funnel,
    dedup::{Asked, Deduplicated, Settings, dedup},
    optout::{Entry, EntryKind, apply},
    publish,
    subset::{Layout, Wanted},
    upkeep::{Keep, vacuum},
};
use schema::Sample;
use shards::Store;
use std::collections::BTreeMap;
use tempfile::TempDir;

const SETTINGS: Settings = Settings { max_distance: 4, min_cosine: 0.94, embedding_cosine: None };

/// Bits that have nothing to do with those of another number.
fn mixed(n: usize) -> i64 {
    let mut bits = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ bits >> 31).cast_signed()
}

/// Two halves: 1 and `y`.
fn embedding(y: u8) -> Vec<u8> {
    vec![0x00, 0x3c, 0x00, y]
}

/// Of every ten rows, 5 is a small copy of 4 (two bits apart), 7 has the hash of 6 and other contents, 9 has that of 8 and no
/// embedding. Row 54 is 4 once more, and so on.
fn look(n: usize) -> Sample {
    let original = match n % 10 {
        5 => n - 1,
        7 => n - 1,
        9 => n - 1,
        _ => n,
    } % 50;
    let mut sample = Sample { phash: mixed(original), embedding: Some(embedding(0)), ..sample(n) };
    match n % 10 {
        5 => (sample.width, sample.height, sample.phash) = (320, 240, sample.phash ^ 0b11),
        7 => sample.embedding = Some(embedding(0x40)),
        9 => sample.embedding = None,
        _ => {}
    }
    sample
}

/// The number of the row that the cluster of row `n` is called by, if it is in one.
fn cluster_of(n: usize) -> Option<usize> {
    let rows: &[usize] = match n % 10 {
        4 | 5 => &[4, 54],
        6 => &[6, 56],
        7 => &[7, 57],
        _ => &[8, 9, 58, 59],
    };
    let ten = n / 10 % 5 * 10;
    rows.iter().map(|row| row + ten).min_by_key(|row| candidate(*row).id.0)
}

async fn marks(dataset: &Dataset) -> BTreeMap<i64, Option<i64>> {
    let rows = column(dataset, "select id || ' ' || coalesce(cast(cluster as varchar), '') from samples").await;
    let number = |text: &str| text.parse().unwrap();
    let rows = rows.iter().map(|row| row.split_once(' ').unwrap());
    rows.map(|(id, cluster)| (number(id), (!cluster.is_empty()).then(|| number(cluster)))).collect()
}

/// The marks that rows 0 to 99 are to have.
fn expected() -> BTreeMap<i64, Option<i64>> {
    let kept = (0..100).filter(|n| fate(*n).is_none());
    kept.map(|n| (candidate(n).id.0, cluster_of(n).map(|n| candidate(n).id.0))).collect()
}

async fn dedup_in(folder: &TempDir, settings: Settings) -> Result<Deduplicated, Error> {
    let asked = Asked { command: "pinakes dedup".into(), at: at(9) };
    dedup(&dataset_path(folder), settings, &asked, false).await
}

/// Rows 0 to 99, the second half published by a run of its own.
async fn two_runs() -> (TempDir, Dataset) {
    let (first, store) = folder();
    write_run_of(&store, 0..50, look).await;
    publish(&store, &run_info("first")).await.unwrap();
    let (second, store) = folder();
    write_run_of(&store, 50..100, look).await;
    copy(&first.path().join("dataset"), &second.path().join("dataset"));
    publish(&store, &run_info("second")).await.unwrap();
    let dataset = open(&second).await;
    (second, dataset)
}

#[tokio::test]
async fn near_duplicates_are_marked_across_buckets_and_runs() {
    let (folder, before) = two_runs().await;
    let rows = column(&before, "select url || text || sha256 || bytes from samples order by id").await;
    let found = dedup_in(&folder, SETTINGS).await.unwrap();
    let dataset = open(&folder).await;
    assert_eq!(marks(&dataset).await, expected());
    let clusters = 5 * 4;
    let near = (found.samples, found.clusters, found.near_duplicates);
    assert_eq!(near, (60, clusters, 60 - clusters));
    assert_eq!((found.searched, found.version, dataset.version()), (2, Some(3), 3));
    // Nothing else changed, nothing went.
    assert_eq!(column(&dataset, "select url || text || sha256 || bytes from samples order by id").await, rows);
    let stored = "select count(*) from samples where image is not null";
    assert_eq!(column(&dataset, stored).await, column(&before, stored).await);
    let funnel = Funnel::of(&dataset).await.unwrap();
    funnel.check().unwrap();
    assert_eq!((funnel.near_duplicates, Funnel::of(&before).await.unwrap().near_duplicates), (40, 0));
    let last = dataset.history().await.unwrap().pop().unwrap();
    assert_eq!((last.operation.as_str(), last.run.as_deref()), ("UPDATE", Some("dedup-2")));
    assert_eq!((last.counts["clusters"], last.counts["near_duplicates"], last.counts["changed"]), (20, 40, 60));
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_other_thresholds_move_the_marks() {
    let (folder, _) = two_runs().await;
    let first = dedup_in(&folder, SETTINGS).await.unwrap();
    let files = open(&folder).await.samples().files().unwrap();
    let again = dedup_in(&folder, SETTINGS).await.unwrap();
    let outcome = (again.version, again.changed, again.files, again.clusters);
    assert_eq!(outcome, (None, 0, 0, first.clusters));
    let dataset = open(&folder).await;
    assert_eq!((dataset.version(), dataset.samples().files().unwrap()), (3, files.clone()));

    // Small copies are two bits away; contents that are not alike count where a lower cosine is enough.
    let strict = dedup_in(&folder, Settings { max_distance: 0, ..SETTINGS }).await.unwrap();
    assert_eq!((strict.version, strict.changed), (Some(4), 10));
    let copies = "select count(*) from samples where width = 320 and cluster is not null";
    assert_eq!(column(&open(&folder).await, copies).await, ["10"]);
    let lax = dedup_in(&folder, Settings { min_cosine: 0.1, max_distance: 0, ..SETTINGS }).await.unwrap();
    assert_eq!(lax.clusters, 5 * 4);
    let back = dedup_in(&folder, SETTINGS).await.unwrap();
    assert!(back.changed > 0);
    assert_eq!(marks(&open(&folder).await).await, expected());
    for wrong in [
        Settings { max_distance: 9, ..SETTINGS },
        Settings { min_cosine: f32::NAN, ..SETTINGS },
        Settings { embedding_cosine: Some(0.2), ..SETTINGS },
    ] {
        let error = dedup_in(&folder, wrong).await.unwrap_err();
        assert!(matches!(error, Error::Threshold { .. }) && error.hint().is_some(), "{error}");
    }
}

#[tokio::test]
async fn embeddings_alone_find_what_hashes_do_not() {
    let (folder, store) = folder();
    // Sixteen directions of their own, and row 25 has that of row 4, under a model of another name row 46 as well.
    let direction = |n: usize| {
        let numbers = (0..16).map(|place| f16::from_f32((mixed(n * 16 + place) >> 40) as f32 / (1 << 23) as f32));
        Some(numbers.flat_map(f16::to_le_bytes).collect())
    };
    let alone = |n: usize| {
        let original = if n == 25 || n == 46 { 4 } else { n };
        let model = if n == 46 { "other@0" } else { "demo@0" };
        Sample { phash: mixed(n), embedding: direction(original), model: model.into(), ..sample(n) }
    };
    write_run_of(&store, 0..100, alone).await;
    publish(&store, &run_info("first")).await.unwrap();
    assert_eq!(dedup_in(&folder, SETTINGS).await.unwrap().clusters, 0);
    let found = dedup_in(&folder, Settings { embedding_cosine: Some(0.97), ..SETTINGS }).await.unwrap();
    assert_eq!((found.clusters, found.near_duplicates), (1, 1));
    let mut ids = [candidate(4).id.0, candidate(25).id.0];
    ids.sort_unstable();
    let marked = marks(&open(&folder).await).await.into_iter().filter_map(|(id, cluster)| Some((id, cluster?)));
    assert_eq!(marked.collect::<Vec<_>>(), ids.map(|id| (id, ids[0])));
}

#[tokio::test]
async fn a_dry_run_counts_and_writes_nothing() {
    let (folder, dataset) = two_runs().await;
    let asked = Asked { command: "pinakes dedup".into(), at: at(9) };
    let found = dedup(&dataset_path(&folder), SETTINGS, &asked, true).await.unwrap();
    assert_eq!((found.version, found.near_duplicates, found.changed), (None, 40, 60));
    assert_eq!(open(&folder).await.version(), dataset.version());
}

#[tokio::test]
async fn only_files_with_other_marks_are_written_anew() {
    let (folder, store) = folder();
    // Nobody is alike, but for rows 4 and 25, which lie on one host.
    let alone = |n: usize| Sample { phash: mixed(if n == 25 { 4 } else { n }), ..sample(n) };
    write_run_of(&store, 0..100, alone).await;
    publish(&store, &run_info("first")).await.unwrap();
    let before = open(&folder).await.samples().files().unwrap();
    assert!(before.len() > 1);
    let found = dedup_in(&folder, SETTINGS).await.unwrap();
    assert_eq!((found.clusters, found.changed, found.files), (1, 2, 1));
    let after = open(&folder).await.samples().files().unwrap();
    assert_eq!(after.iter().filter(|file| !before.contains(file)).count(), 1);
    assert_eq!(after.len(), before.len());
    for file in after {
        let query = format!("select image_domain || ' ' || url from samples where bucket = {}", file.bucket);
        assert!(column(&open(&folder).await, &query).await.is_sorted(), "rows stay in their order");
    }
}

#[tokio::test]
async fn what_nobody_is_alike_in_is_told_to_have_been_searched() {
    let (folder, store) = folder();
    write_run_of(&store, 0..20, |n| Sample { phash: mixed(n), ..sample(n) }).await;
    publish(&store, &run_info("first")).await.unwrap();
    let out = folder.path().join("subset");
    let wanted = Wanted { without_duplicates: true, ..Wanted::default() };
    let error = subset(&open(&folder).await, wanted.clone(), Layout::Urls, out.to_str().unwrap()).await.unwrap_err();
    assert!(matches!(error, Error::NotSearched) && error.hint().unwrap().contains("pinakes dedup"), "{error}");
    let found = dedup_in(&folder, SETTINGS).await.unwrap();
    assert_eq!((found.version, found.clusters), (Some(2), 0));
    assert_eq!(dedup_in(&folder, SETTINGS).await.unwrap().version, None);
    subset(&open(&folder).await, wanted, Layout::Urls, out.to_str().unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_subset_takes_one_row_of_each_cluster() {
    let (folder, _) = two_runs().await;
    dedup_in(&folder, SETTINGS).await.unwrap();
    let dataset = open(&folder).await;
    let urls = async |condition: Option<&str>| {
        let out = tempfile::tempdir().unwrap();
        let out = out.path().join("subset");
        let condition = condition.map(str::to_owned);
        let wanted = Wanted { condition, without_duplicates: true, ..Wanted::default() };
        let manifest = subset(&dataset, wanted, Layout::Urls, out.to_str().unwrap()).await.unwrap();
        assert!(manifest.wanted.without_duplicates);
        let text = std::fs::read_to_string(out.join("urls.txt")).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let kept: Vec<usize> = (0..100).filter(|n| fate(*n).is_none()).collect();
    let mut firsts: Vec<String> =
        kept.iter().filter(|n| cluster_of(**n) == Some(**n)).map(|n| candidate(*n).url).collect();
    firsts.sort();
    assert_eq!(urls(None).await, firsts);
    // Where the condition leaves out the one that a cluster is called by, another takes its place.
    let small = urls(Some("width = 320 -- copies")).await;
    let copies = |n: &&usize| *n % 10 == 5 && candidate(**n).id.0 < candidate((**n + 50) % 100).id.0;
    let mut expected: Vec<String> = kept.iter().filter(copies).map(|n| candidate(*n).url).collect();
    expected.sort();
    assert_eq!((small.len(), small), (5, expected));
}

#[tokio::test]
async fn a_table_from_before_there_were_marks_gets_the_column() {
    let (folder, store) = folder();
    write_run_of(&store, 0..100, look).await;
    publish(&store, &run_info("first")).await.unwrap();
    forget_columns(&folder.path().join("dataset"), &["cluster"]);
    let old = open(&folder).await;
    assert!(!old.columns().unwrap().contains(&"cluster".to_owned()));
    assert_eq!(Funnel::of(&old).await.unwrap().near_duplicates, 0);
    dedup_in(&folder, SETTINGS).await.unwrap();
    let dataset = open(&folder).await;
    assert_eq!(marks(&dataset).await, expected());
    Funnel::of(&dataset).await.unwrap().check().unwrap();
    assert_eq!(dedup_in(&folder, SETTINGS).await.unwrap().version, None);
}

#[tokio::test]
async fn what_a_killed_search_left_is_in_nobodys_way() {
    let (folder, dataset) = two_runs().await;
    let stray = folder.path().join("dataset/bucket=0/part-dedup-2-0.parquet");
    std::fs::write(&stray, "torn").unwrap();
    assert_eq!(column(&dataset, "select count(*) from samples").await, ["60"]);
    dedup_in(&folder, SETTINGS).await.unwrap();
    assert_eq!(marks(&open(&folder).await).await, expected());
    assert_eq!(std::fs::read(&stray).unwrap(), b"torn", "nobody writes over a file that may be in");
    let asked = Asked { command: "pinakes vacuum".into(), at: at(10) };
    vacuum(&dataset_path(&folder), Keep::Versions(100), &asked, false).await.unwrap();
    assert!(!stray.exists(), "what was made from an older version can never come in");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_publishes_meanwhile_is_not_lost() {
    let (first, store) = folder();
    write_run_of(&store, 0..50, look).await;
    publish(&store, &run_info("first")).await.unwrap();
    let (second, store) = folder();
    write_run_of(&store, 50..100, look).await;
    copy(&first.path().join("dataset"), &second.path().join("dataset"));
    let info = run_info("second");
    let (published, found) = tokio::join!(publish(&store, &info), dedup_in(&second, SETTINGS));
    assert_eq!((published.unwrap().rows.kept(), found.unwrap().version.is_some()), (30, true));
    let dataset = open(&second).await;
    assert_eq!(column(&dataset, "select count(*) from samples").await, ["60"]);
    Funnel::of(&dataset).await.unwrap().check().unwrap();
    dedup_in(&second, SETTINGS).await.unwrap();
    assert_eq!(marks(&open(&second).await).await, expected());
}

#[tokio::test]
async fn a_takedown_reaches_the_files_that_marks_replaced() {
    let (folder, before) = two_runs().await;
    let replaced = before.samples().files().unwrap();
    dedup_in(&folder, SETTINGS).await.unwrap();
    let there = |path: &str| folder.path().join("dataset").join(path).exists();
    assert!(replaced.iter().all(|file| there(&file.path)), "older versions can be read");
    let entries: Vec<_> =
        (0..7).map(|n| Entry { kind: EntryKind::Domain, value: format!("site{n}.example") }).collect();
    let applied = apply(&open(&folder).await, &entries, &run_info("all")).await.unwrap();
    assert_eq!(applied.samples.rows, 60);
    assert!(!replaced.iter().any(|file| there(&file.path)), "what was taken out is gone in all versions");
    let store = Store::open(&dataset_path(&folder)).unwrap();
    assert_eq!(open(&folder).await.samples().rows().unwrap(), 0);
    let left = store.list("bucket=0").await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}
