//! Compaction, vacuum and versions: where rows lie changes, which rows there are does not.

use crate::common::{BUCKETS, at, column, dataset_path, folder, open, run_info, write_run};
use index::{
    Dataset, Funnel,
    dedup::{self, dedup, last_search},
    optout::{Entry, EntryKind, apply},
    publish,
    upkeep::{Asked, Compacted, Keep, Sizes, Vacuumed, compact, vacuum, versions},
};
use shards::Store;
use std::{
    path::Path,
    time::{Duration, SystemTime},
};
use tempfile::TempDir;

fn asked(seconds: i64) -> Asked {
    Asked { command: "pinakes upkeep".into(), at: at(seconds) }
}

/// Five runs of a hundred rows each, an hour apart, and near-duplicates marked.
async fn five_runs() -> TempDir {
    let (folder, store) = folder();
    for run in 0..5 {
        write_run(&store, run * 100..(run + 1) * 100).await;
        let mut info = run_info(&format!("run-{run}"));
        info.at = at(i64::try_from(run).unwrap() * 3600);
        publish(&store, &info).await.unwrap();
    }
    folder
}

async fn merged(folder: &TempDir) -> Compacted {
    compact(&dataset_path(folder), Sizes::default(), &asked(20_000), false).await.unwrap()
}

/// All rows of both tables, with all that is in them.
async fn rows(dataset: &Dataset) -> Vec<Vec<String>> {
    let mut tables = Vec::new();
    for table in ["samples", "ledger"] {
        let query = format!("select * from {table} order by id, archive_offset");
        let batches = index::sql::run(dataset, &query).await.unwrap();
        let text = index::sql::format(&batches, index::sql::Format::Json).unwrap();
        tables.push(text.lines().map(str::to_owned).collect());
    }
    tables
}

#[tokio::test]
async fn small_files_become_few_and_every_row_stays() {
    let folder = five_runs().await;
    let path = dataset_path(&folder);
    let settings = dedup::Settings { max_distance: 6, min_cosine: 0.9, embedding_cosine: None };
    let at_six = dedup::Asked { command: "dedup".into(), at: at(19_000) };
    dedup(&path, settings, &at_six, false).await.unwrap();
    let before = open(&folder).await;
    let (old, version) = (rows(&before).await, before.version());
    assert!(before.samples().files().unwrap().len() >= 10);
    let told = compact(&path, Sizes::default(), &asked(20_000), true).await.unwrap();
    assert_eq!((told.samples.version, open(&folder).await.version()), (None, version));

    let done = merged(&folder).await;
    assert_eq!((done.samples.before, done.samples.after), (told.samples.before, told.samples.after));
    assert_eq!((done.samples.version, done.samples.rows), (Some(version + 1), 300));
    let after = open(&folder).await;
    assert_eq!(rows(&after).await, old);
    Funnel::of(&after).await.unwrap().check().unwrap();
    assert!(after.samples().files().unwrap().len() <= BUCKETS as usize);
    assert!(after.ledger().unwrap().files().unwrap().len() <= BUCKETS as usize);
    for bucket in 0..BUCKETS {
        let query = format!("select image_domain || ' ' || url from samples where bucket = {bucket}");
        assert!(column(&after, &query).await.is_sorted());
    }
    // Whoever follows the changes of the table sees none; marks of near-duplicates count as before.
    let log = Path::new(&path).join(format!("_delta_log/{:020}.json", version + 1));
    let log = std::fs::read_to_string(log).unwrap();
    assert!(
        log.contains("\"OPTIMIZE\"") && log.contains("\"dataChange\":false") && !log.contains("\"dataChange\":true")
    );
    assert_eq!(last_search(&after).await.unwrap(), Some((version, true)));
    // The same again does nothing, and older versions are read as before.
    assert_eq!(merged(&folder).await.samples.version, None);
    assert_eq!(open(&folder).await.version(), version + 1);
    let old_version = Dataset::open_version(&path, Some(version)).await.unwrap();
    assert_eq!(rows(&old_version).await, old);
    // Smaller files are not made of larger ones, and a size of nothing is refused.
    let sizes = Sizes { rows: 0, bytes: 1 };
    assert!(compact(&path, sizes, &asked(0), false).await.unwrap_err().to_string().contains("--rows"));
}

#[tokio::test]
async fn files_are_as_large_as_was_asked_for() {
    let folder = five_runs().await;
    let path = dataset_path(&folder);
    let old = rows(&open(&folder).await).await;
    let sizes = Sizes { rows: 60, ..Sizes::default() };
    compact(&path, sizes, &asked(20_000), false).await.unwrap();
    let after = open(&folder).await;
    assert_eq!(rows(&after).await, old);
    let mut files = after.samples().files().unwrap();
    files.retain(|file| file.path.contains("/part-compact-"));
    assert!(files.len() > BUCKETS as usize && files.iter().all(|file| file.rows <= 60), "{files:?}");
    let version = after.version();
    compact(&path, sizes, &asked(20_001), false).await.unwrap();
    assert_eq!(open(&folder).await.version(), version);
}

#[tokio::test]
async fn a_vacuum_deletes_what_no_kept_version_reads() {
    let folder = five_runs().await;
    merged(&folder).await;
    let path = dataset_path(&folder);
    let old = rows(&open(&folder).await).await;
    let latest = open(&folder).await.version();
    let dataset = Path::new(&path);
    // Strays: one of a compaction of an old version, one of a finished run, one of somebody who may be at work, and one like
    // it that is a week old.
    for name in ["part-compact-1-0-0-0-0", "part-run-1-9", "part-somebody-0", "part-somebody-1"] {
        std::fs::write(dataset.join(format!("bucket=0/{name}.parquet")), "stray").unwrap();
    }
    // And one that its writer did not come to the end of.
    std::fs::write(dataset.join("bucket=0/part-compact-1-0-0-0-1.parquet#1"), "cut off").unwrap();
    let aged = std::fs::File::options().append(true).open(dataset.join("bucket=0/part-somebody-1.parquet")).unwrap();
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(at(20_000).timestamp().unsigned_abs());
    for name in ["part-somebody-0", "part-compact-1-0-0-0-0", "part-run-1-9"] {
        let file =
            std::fs::File::options().append(true).open(dataset.join(format!("bucket=0/{name}.parquet"))).unwrap();
        file.set_modified(now).unwrap();
    }
    aged.set_modified(now - Duration::from_secs(8 * 24 * 3600)).unwrap();

    let told = vacuum(&path, Keep::Versions(1), &asked(20_000), true).await.unwrap();
    assert_eq!((open(&folder).await.version(), told.version), (latest, None));
    let done = vacuum(&path, Keep::Versions(1), &asked(20_000), false).await.unwrap();
    let counts = |done: &Vacuumed| (done.samples, done.ledger, done.kept_from, done.unreadable.clone());
    assert_eq!(counts(&told), counts(&done));
    assert_eq!((done.kept_from, done.samples.strays), (latest, 4));
    assert!(done.samples.files >= 10 && done.ledger.files >= 10, "{done:?}");
    assert_eq!(done.unreadable, (1..latest).collect::<Vec<_>>());
    assert!(dataset.join("bucket=0/part-somebody-0.parquet").exists(), "it may be being written");
    assert!(!dataset.join("bucket=0/part-somebody-1.parquet").exists());
    assert!(!dataset.join("bucket=0/part-compact-1-0-0-0-1.parquet#1").exists());
    let after = open(&folder).await;
    assert_eq!(rows(&after).await, old);
    assert_eq!(after.history().await.unwrap().len() as u64, after.version() + 1, "the log stays");
    let error = Dataset::open_version(&path, Some(2)).await.err().unwrap();
    let said = error.to_string();
    assert!(said.contains("version 2 can no longer be read whole") && said.contains("deleted by a vacuum"), "{said}");
    assert!(error.hint().unwrap().contains("pinakes versions"));
    let told = versions(&path).await.unwrap();
    let whole: Vec<u64> = told.iter().filter(|version| version.whole).map(|version| version.commit.version).collect();
    assert_eq!(whole, [0, latest, latest + 1]);
    assert_eq!(told.iter().map(|version| version.rows).collect::<Vec<_>>(), [0, 60, 120, 180, 240, 300, 300, 300]);
    // Once more there is nothing to delete, and no version.
    let again = vacuum(&path, Keep::Versions(1), &asked(20_001), false).await.unwrap();
    assert_eq!((again.samples.files, again.samples.strays, again.version), (0, 0, None));
    let error = vacuum(&path, Keep::Versions(0), &asked(0), false).await.unwrap_err();
    assert!(error.to_string().contains("--keep-versions") && error.hint().unwrap().contains("1 or more"));
}

#[tokio::test]
async fn versions_are_kept_by_age() {
    let folder = five_runs().await;
    merged(&folder).await;
    let path = dataset_path(&folder);
    // Version 4 was the latest until 4 hours, when version 5 came, and version 5 until it was compacted.
    let since = Keep::Since(at(4 * 3600 - 60));
    let kept = vacuum(&path, since, &asked(20_000), true).await.unwrap();
    assert_eq!((kept.kept_from, kept.samples.files), (4, 0), "all files of version 4 are read by it");
    let kept = vacuum(&path, Keep::Since(at(100_000)), &asked(100_000), true).await.unwrap();
    assert_eq!(kept.kept_from, kept.latest);
    let kept = vacuum(&path, Keep::Versions(100), &asked(100_000), false).await.unwrap();
    assert_eq!((kept.kept_from, kept.samples.files, kept.unreadable.len()), (0, 0, 0));
    for version in 1..=5 {
        Dataset::open_version(&path, Some(version)).await.unwrap();
    }
}

#[tokio::test]
async fn an_old_version_tells_which_takedown_took_its_rows() {
    let folder = five_runs().await;
    let path = dataset_path(&folder);
    let entries = [Entry { kind: EntryKind::Domain, value: "site1.example".into() }];
    apply(&open(&folder).await, &entries, &run_info("letter-7")).await.unwrap();
    let error = Dataset::open_version(&path, Some(3)).await.err().unwrap().to_string();
    assert!(error.contains("taken out by the takedown `letter-7` (version 6)"), "{error}");
    let told = versions(&path).await.unwrap();
    assert!(!told[3].whole && told[6].whole);
    assert_eq!(told[6].commit.run.as_deref(), Some("letter-7"));
    // What was taken out stays so, whatever is merged and however often it is published.
    merged(&folder).await;
    let store = Store::open(folder.path().to_str().unwrap()).unwrap();
    write_run(&store, 0..100).await;
    publish(&store, &run_info("again")).await.unwrap();
    merged(&folder).await;
    let query = "select count(*) from samples where image_domain = 'site1.example'";
    assert_eq!(column(&open(&folder).await, query).await, ["0"]);
}
