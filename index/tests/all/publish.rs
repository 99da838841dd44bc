//! Publishing: once, whatever happens in between.

use crate::common::{
    BUCKETS, candidate, column, copy, dataset_path, fate, folder, forget_columns, open, published, run_info, sample,
    write_run, write_run_of,
};
use index::{Dataset, Error, Funnel, RunInfo, publish};
use schema::{Bucket, DropReason, Duplicates, LedgerRow, Sample, SampleId, Scored, Stage, Tally};
use shards::{ShardWriter, read_all};

fn kept(rows: std::ops::Range<usize>) -> Vec<String> {
    let mut ids: Vec<i64> = rows.filter(|n| fate(*n).is_none()).map(|n| candidate(n).id.0).collect();
    ids.sort_unstable();
    ids.into_iter().map(|id| id.to_string()).collect()
}

async fn ids(dataset: &Dataset) -> Vec<String> {
    column(dataset, "select id from samples order by id").await
}

#[tokio::test]
async fn every_row_ends_in_exactly_one_table() {
    let (folder, dataset) = published(0..100).await;
    assert_eq!(ids(&dataset).await, kept(0..100));
    let reasons = column(
        &dataset,
        "select reason || ' ' || kind || ' ' || count(*) from ledger group by reason, kind order by reason",
    );
    let expected = ["gone failed 10", "low_similarity filtered 10", "page_robots refused 10", "undecodable failed 10"];
    assert_eq!(reasons.await, expected);
    let scores = column(&dataset, "select distinct similarity from ledger where reason = 'low_similarity'").await;
    assert_eq!(scores, ["0.1"]);
    assert_eq!(column(&dataset, "select distinct signal from ledger where kind = 'refused'").await, ["robots.own"]);
    assert!(!folder.path().join("dataset/_runs/first.pending.json").exists());
}

#[tokio::test]
async fn files_are_named_by_run_partitioned_and_sorted() {
    let (_folder, dataset) = published(0..100).await;
    let files = dataset.samples().files().unwrap();
    assert!(files.len() > 1 && files.len() <= BUCKETS as usize);
    for file in &files {
        assert_eq!(file.path, format!("bucket={}/part-first-0.parquet", file.bucket));
        let query = format!("select image_domain || ' ' || url from samples where bucket = {}", file.bucket);
        let rows = column(&dataset, &query).await;
        assert!(rows.is_sorted(), "{rows:?}");
        assert_eq!(rows.len() as u64, file.rows);
    }
}

#[tokio::test]
async fn publishing_twice_is_publishing_once() {
    let (folder, store) = folder();
    write_run(&store, 0..100).await;
    let first = publish(&store, &run_info("first")).await.unwrap();
    assert_eq!((first.rows.seen(), first.rows.kept(), first.repeated), (60, 60, false));
    assert!(first.outputs.iter().all(|name| folder.path().join(name).exists()), "{:?}", first.outputs);
    let again = publish(&store, &run_info("first")).await.unwrap();
    assert!(again.repeated);
    assert_eq!((again.rows, again.outputs, again.version), (first.rows, first.outputs, first.version));
    let dataset = open(&folder).await;
    assert_eq!(dataset.version(), first.version);
    assert_eq!(ids(&dataset).await, kept(0..100));
}

#[tokio::test]
async fn a_publish_killed_before_its_commit_leaves_nothing() {
    let (folder, store) = folder();
    write_run(&store, 0..100).await;
    publish(&store, &run_info("first")).await.unwrap();
    let whole = open(&folder).await;
    let files = whole.samples().files().unwrap();
    // The same files without the commit, one of them torn, and a part that the next attempt will not write.
    for log in ["dataset/_delta_log", "dataset/_ledger/_delta_log", "dataset/_runs"] {
        std::fs::remove_dir_all(folder.path().join(log)).unwrap();
    }
    std::fs::write(folder.path().join("dataset").join(&files[0].path), "torn").unwrap();
    std::fs::write(folder.path().join("dataset/bucket=0/part-first-7.parquet"), "stray").unwrap();
    assert!(!publish(&store, &run_info("first")).await.unwrap().repeated);
    let dataset = open(&folder).await;
    assert_eq!(dataset.samples().files().unwrap(), files);
    assert_eq!(ids(&dataset).await, kept(0..100));
    Funnel::of(&dataset).await.unwrap().check().unwrap();
}

#[tokio::test]
async fn a_publish_killed_between_its_commits_is_ended_by_the_next() {
    let (folder, store) = folder();
    write_run(&store, 0..100).await;
    let first = publish(&store, &run_info("first")).await.unwrap();
    let record = std::fs::read_to_string(folder.path().join("dataset/_runs/first.json")).unwrap();
    // Back to the moment after the samples' commit: the ledger's is missing, the pending note there.
    let log = folder.path().join("dataset/_ledger/_delta_log/00000000000000000001.json");
    let adds: Vec<serde_json::Value> = std::fs::read_to_string(&log)
        .unwrap()
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap().get("add").cloned())
        .collect();
    let pending = serde_json::json!({
        "record": serde_json::from_str::<serde_json::Value>(&record).unwrap(), "ledger": adds });
    std::fs::remove_file(log).unwrap();
    std::fs::remove_file(folder.path().join("dataset/_runs/first.json")).unwrap();
    std::fs::write(folder.path().join("dataset/_runs/first.pending.json"), pending.to_string()).unwrap();

    let ended = publish(&store, &run_info("first")).await.unwrap();
    assert_eq!((ended.rows, ended.repeated), (first.rows, false));
    let dataset = open(&folder).await;
    assert_eq!(column(&dataset, "select count(*) from ledger").await, ["40"]);
    Funnel::of(&dataset).await.unwrap().check().unwrap();
    assert!(publish(&store, &run_info("first")).await.unwrap().repeated);
}

#[tokio::test]
async fn two_runs_share_a_dataset_without_repeating_rows() {
    let (first, store) = folder();
    write_run(&store, 0..100).await;
    publish(&store, &run_info("first")).await.unwrap();
    let (second, store) = folder();
    write_run(&store, 50..150).await;
    copy(&first.path().join("dataset"), &second.path().join("dataset"));
    let outcome = publish(&store, &run_info("second")).await.unwrap();
    assert_eq!(outcome.rows.kept(), 30);
    assert_eq!(outcome.rows.dropped()[&DropReason::AlreadyPublished], 30);

    let dataset = open(&second).await;
    assert_eq!(ids(&dataset).await, kept(0..150));
    assert_eq!(column(&dataset, "select count(*) from ledger where reason = 'already_published'").await, ["30"]);
    let history = dataset.history().await.unwrap();
    let told: Vec<_> = history.iter().map(|commit| (commit.operation.as_str(), commit.run.as_deref())).collect();
    let expected = [("CREATE TABLE", Some("first")), ("WRITE", Some("first")), ("WRITE", Some("second"))];
    assert_eq!(told, expected);
    assert_eq!(history[2].counts["samples"], 30);
    assert_eq!(history[2].command.as_deref(), Some("pinakes publish second.toml"));
    Funnel::of(&dataset).await.unwrap().check().unwrap();

    let before = Dataset::open_version(&dataset_path(&second), Some(1)).await.unwrap();
    assert_eq!(ids(&before).await, kept(0..100));
    assert_eq!(column(&before, "select count(*) from ledger").await, ["40"]);
    Funnel::of(&before).await.unwrap().check().unwrap();
    let missing = Dataset::open_version(&dataset_path(&second), Some(9)).await.err().unwrap();
    assert!(missing.to_string().contains("no version 9, the latest is 2"), "{missing}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_published_at_once_do_not_repeat_rows() {
    let (folder, store) = folder();
    write_run(&store, 0..100).await;
    let (first, second) = (run_info("first"), run_info("second"));
    let (first, second) = tokio::join!(publish(&store, &first), publish(&store, &second));
    assert_eq!(first.unwrap().rows.kept() + second.unwrap().rows.kept(), 60);
    assert_eq!(ids(&open(&folder).await).await, kept(0..100));
}

#[tokio::test]
async fn more_commits_than_a_checkpoint_takes() {
    let (folder, store) = folder();
    write_run(&store, 0..20).await;
    for run in 0..12 {
        publish(&store, &run_info(&format!("run-{run}"))).await.unwrap();
    }
    let dataset = open(&folder).await;
    assert_eq!(ids(&dataset).await, kept(0..20));
    assert_eq!(dataset.history().await.unwrap().len(), 13);
    assert!(publish(&store, &run_info("run-0")).await.unwrap().repeated);
}

#[tokio::test]
async fn a_standing_opt_out_keeps_rows_out() {
    let (folder, store) = folder();
    write_run(&store, 0..100).await;
    let lines = "{\"type\":\"domain\",\"value\":\"site1.example\"}\n{\"type\":\"url\",\"value\":\"https://img.site4.example/4.jpg\"}\n";
    store.put("dataset/_optout/asked.jsonl", lines).await.unwrap();
    let outcome = publish(&store, &run_info("first")).await.unwrap();
    let named = (0..100).filter(|n| fate(*n).is_none() && (n % 7 == 1 || *n == 4)).count() as u64;
    assert_eq!(outcome.rows.dropped()[&DropReason::TakenOut], named);
    let dataset = open(&folder).await;
    assert_eq!(column(&dataset, "select count(*) from samples where image_domain = 'site1.example'").await, ["0"]);
    Funnel::of(&dataset).await.unwrap().check().unwrap();

    store.put("dataset/_optout/bad.jsonl", "{\"type\":\"domain\"}\n").await.unwrap();
    let error = publish(&store, &run_info("second")).await.unwrap_err().to_string();
    assert!(error.contains("bad.jsonl") && error.contains("line 1"), "{error}");
}

#[tokio::test]
async fn other_buckets_and_bad_ids_are_refused() {
    let (_folder, store) = folder();
    write_run(&store, 0..10).await;
    publish(&store, &run_info("first")).await.unwrap();
    let mut other = run_info("second");
    other.buckets = 5;
    let error = publish(&store, &other).await.unwrap_err();
    assert!(matches!(error, Error::Buckets { run: 5, dataset: 3 }) && error.hint().is_some(), "{error}");
    for id in ["", "a/b", "..", "a b", "ü"] {
        assert!(matches!(publish(&store, &run_info(id)).await, Err(Error::RunId(_))), "{id}");
    }
}

#[tokio::test]
async fn an_empty_run_makes_a_dataset_without_rows() {
    let (_folder, dataset) = published(0..0).await;
    assert!(ids(&dataset).await.is_empty());
    assert_eq!(dataset.samples().rows().unwrap(), 0);
    Funnel::of(&dataset).await.unwrap().check().unwrap();
}

#[tokio::test]
async fn a_dataset_from_before_there_were_scores_is_published_into() {
    let (first, store) = folder();
    write_run(&store, 0..100).await;
    publish(&store, &run_info("first")).await.unwrap();
    let (second, store) = folder();
    write_run(&store, 100..200).await;
    copy(&first.path().join("dataset"), &second.path().join("dataset"));
    forget_columns(&second.path().join("dataset"), &["scores", "tags"]);
    forget_columns(&second.path().join("dataset/_ledger"), &["scores", "punsafe"]);
    let old = open(&second).await;
    assert!(!old.columns().unwrap().contains(&"scores".to_owned()));
    assert_eq!(ids(&old).await, kept(0..100));

    publish(&store, &run_info("second")).await.unwrap();
    let dataset = open(&second).await;
    assert_eq!(ids(&dataset).await, kept(0..200));
    assert_eq!(column(&dataset, "select count(*) from samples where scores is null and tags is null").await, ["60"]);
    assert_eq!(column(&dataset, "select count(*) from samples where scores['violence'] > 0").await, ["60"]);
    assert_eq!(column(&dataset, "select count(*) from ledger where scores['violence'] > 0").await, ["10"]);
    Funnel::of(&dataset).await.unwrap().check().unwrap();
}

/// Rows 4, 25 and 46 lie on one host and show the same bytes, the first two with the same text; 15 shows them on a host of
/// another bucket.
fn twin(n: usize) -> Sample {
    let mut sample = sample(n);
    if let Some(text) = [(4, "a boat"), (25, "a boat"), (46, "a ship"), (15, "a boat")].iter().find(|row| row.0 == n) {
        sample.text = text.1.into();
        sample.id = SampleId::of(&sample.url, text.1);
        sample.sha256 = "5a".repeat(32);
    }
    sample
}

fn buckets_differ() {
    let bucket = |n| Bucket::of(&candidate(n).image_host, BUCKETS);
    assert!(bucket(4) == bucket(25) && bucket(4) == bucket(46) && bucket(4) != bucket(15));
}

/// Numbers of the rows with those bytes that are kept.
async fn kept_twins(dataset: &Dataset) -> Vec<usize> {
    let urls = column(dataset, "select url from samples where starts_with(sha256, '5a5a')").await;
    [4, 15, 25, 46].into_iter().filter(|n| urls.contains(&candidate(*n).url)).collect()
}

#[tokio::test]
async fn the_same_bytes_with_the_same_text_are_kept_once_in_a_bucket() {
    buckets_differ();
    for (duplicates, kept) in [
        (Duplicates::All, vec![4, 15, 25, 46]),
        // In the order of URLs, `…/25.jpg` comes before `…/4.jpg`.
        (Duplicates::OtherText, vec![15, 25, 46]),
        (Duplicates::None, vec![15, 25]),
    ] {
        let (folder, store) = folder();
        write_run_of(&store, 0..100, twin).await;
        let outcome = publish(&store, &RunInfo { duplicates, ..run_info("first") }).await.unwrap();
        let dropped = 4 - kept.len() as u64;
        assert_eq!(outcome.rows.dropped().get(&DropReason::SameBytes).copied().unwrap_or_default(), dropped);
        let dataset = open(&folder).await;
        assert_eq!(kept_twins(&dataset).await, kept, "{duplicates:?}");
        let told = "select distinct stage || ' ' || kind || ' ' || similarity from ledger where reason = 'same_bytes'";
        let expected = if dropped > 0 { vec!["publish filtered 0.3"] } else { vec![] };
        assert_eq!(column(&dataset, told).await, expected, "dropped rows keep their scores");
        Funnel::of(&dataset).await.unwrap().check().unwrap();
    }
}

#[tokio::test]
async fn what_another_run_published_was_there_first() {
    let (first, store) = folder();
    write_run_of(&store, 0..20, twin).await;
    publish(&store, &run_info("first")).await.unwrap();
    let (second, store) = folder();
    write_run_of(&store, 20..50, twin).await;
    copy(&first.path().join("dataset"), &second.path().join("dataset"));
    let outcome = publish(&store, &run_info("second")).await.unwrap();
    assert_eq!(outcome.rows.dropped()[&DropReason::SameBytes], 1);
    let dataset = open(&second).await;
    assert_eq!(kept_twins(&dataset).await, [4, 15, 46]);
    Funnel::of(&dataset).await.unwrap().check().unwrap();
    // The whole once more: what was published already is told by its own reason.
    let (third, store) = folder();
    write_run_of(&store, 0..50, twin).await;
    copy(&second.path().join("dataset"), &third.path().join("dataset"));
    let outcome = publish(&store, &run_info("third")).await.unwrap();
    assert_eq!((outcome.rows.kept(), outcome.rows.dropped()[&DropReason::SameBytes]), (0, 1));
    assert_eq!(outcome.rows.dropped()[&DropReason::AlreadyPublished], outcome.rows.seen() - 1);
}

#[tokio::test]
async fn a_later_round_decides_anew_which_of_the_same_bytes_is_kept() {
    let (folder, store) = folder();
    let first = RunInfo { duplicates: Duplicates::None, ..run_info("first") };
    write_run_of(&store, 0..100, twin).await;
    publish(&store, &first).await.unwrap();
    assert_eq!(kept_twins(&open(&folder).await).await, [15, 25]);
    let whole = column(&open(&folder).await, "select id from samples order by id").await;
    // Nothing is listed but row 25, which the rules drop now: one with the same bytes comes in its place.
    let strict = |n: usize| Sample { similarity: if n == 25 { 0.0 } else { 0.3 }, ..twin(n) };
    let round = async |number: u32, dropped: Option<DropReason>| {
        let name = format!("score/{}-000.parquet", Bucket::of(&candidate(25).image_host, BUCKETS));
        let mut rows: Vec<Scored> = read_all(&store, &name).await.unwrap();
        let row = rows.iter_mut().find(|row| row.sample.url == candidate(25).url).unwrap();
        (row.dropped, row.sample) = (dropped, strict(25));
        let mut listed = LedgerRow::of(&candidate(25), dropped.unwrap_or(DropReason::LowSimilarity));
        listed.id = row.sample.id;
        let bucket = Bucket::of(&candidate(25).image_host, BUCKETS);
        ShardWriter::write_all(&store, &name, rows, |_| bucket).await.unwrap();
        let list = format!("rescored/{number}/0.parquet");
        ShardWriter::write_all(&store, &list, vec![listed], |_| bucket).await.unwrap();
        let mut report = store.reports(Stage::Score).await.unwrap().remove(0);
        let dropped_before = report.rows.dropped().iter().map(|(reason, count)| (*reason, *count)).collect::<Vec<_>>();
        let (more, fewer) = if dropped.is_some() { (1, 0) } else { (0, 1) };
        let ends = dropped_before.into_iter().map(|(reason, count)| match reason {
            DropReason::LowSimilarity => (reason, count + more - fewer),
            _ => (reason, count),
        });
        report.rows = Tally::of(report.rows.kept() + fewer - more, ends);
        store.put_report(&report).await.unwrap();
        publish(&store, &RunInfo { round: number, ..first.clone() }).await.unwrap();
        let dataset = open(&folder).await;
        Funnel::of(&dataset).await.unwrap().check().unwrap();
        dataset
    };
    let dataset = round(1, Some(DropReason::LowSimilarity)).await;
    assert_eq!(kept_twins(&dataset).await, [4, 15]);
    let rounds = dataset.runs().await.unwrap()[0].rounds.clone();
    assert_eq!((rounds[0].into_samples, rounds[0].into_ledger), (1, 1));
    let dataset = round(2, None).await;
    assert_eq!(kept_twins(&dataset).await, [15, 25]);
    assert_eq!(column(&dataset, "select id from samples order by id").await, whole);
    // All are kept where nobody asks for bytes, and rows come back without being listed.
    let open_to_all = RunInfo { round: 3, duplicates: Duplicates::All, ..first.clone() };
    publish(&store, &open_to_all).await.unwrap();
    let dataset = open(&folder).await;
    assert_eq!(kept_twins(&dataset).await, [4, 15, 25, 46]);
    Funnel::of(&dataset).await.unwrap().check().unwrap();
}

#[test]
fn ids_are_what_the_candidate_says() {
    let candidate = candidate(3);
    assert_eq!(candidate.id, SampleId::of(&candidate.url, &candidate.text));
}
