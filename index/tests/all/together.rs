//! Publish, takedown, compaction, vacuum and dedup at once, on one dataset: nothing is lost, nothing comes back.

use crate::common::{at, candidate, column, dataset_path, fate, folder, open, run_info, write_run};
use index::{
    Funnel,
    dedup::{self, dedup},
    optout::{Entry, EntryKind, apply},
    publish,
    upkeep::{Asked, Keep, Sizes, compact, vacuum},
};
use shards::Store;
use std::{collections::BTreeSet, os::unix::fs::symlink};
use tempfile::TempDir;

/// How often they meet.
const ROUNDS: usize = 12;

/// A run of its own that publishes into the same dataset.
async fn beside(first: &TempDir, rows: std::ops::Range<usize>) -> (TempDir, Store) {
    let (folder, store) = folder();
    symlink(first.path().join("dataset"), folder.path().join("dataset")).unwrap();
    write_run(&store, rows).await;
    (folder, store)
}

async fn takedown(path: &str, site: usize) {
    let entries = [Entry { kind: EntryKind::Domain, value: format!("site{site}.example") }];
    let dataset = index::Dataset::open(path).await.unwrap();
    apply(&dataset, &entries, &run_info(&format!("takedown-{site}"))).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_at_once_loses_nothing_and_brings_nothing_back() {
    for round in 0..ROUNDS {
        let (first, store) = folder();
        for run in 0..3 {
            write_run(&store, run * 40..(run + 1) * 40).await;
            publish(&store, &run_info(&format!("run-{run}"))).await.unwrap();
        }
        let (_second, second) = beside(&first, 120..200).await;
        let (_third, third) = beside(&first, 160..240).await;
        let path = dataset_path(&first);
        let settings = dedup::Settings { max_distance: 6, min_cosine: 0.9, embedding_cosine: None };
        let number = i64::try_from(round).unwrap();
        let asked = |seconds| Asked { command: "upkeep".into(), at: at(seconds + number) };
        let (one, other, sweep) = (asked(1), asked(50), asked(100));
        let searched = dedup::Asked { command: "dedup".into(), at: at(7) };
        let (fourth, fifth) = (run_info("fourth"), run_info("fifth"));
        let tasks = async {
            tokio::join!(
                publish(&second, &fourth),
                publish(&third, &fifth),
                takedown(&path, 1),
                takedown(&path, 4),
                compact(&path, Sizes::default(), &one, false),
                compact(&path, Sizes { rows: 50, ..Sizes::default() }, &other, false),
                dedup(&path, settings, &searched, false),
                vacuum(&path, Keep::Versions(3), &sweep, false),
            )
        };
        let (fourth, fifth, (), (), one, other, found, swept) = Box::pin(tasks).await;
        let fourth = fourth.unwrap().rows;
        let fifth = fifth.unwrap().rows;
        drop((one.unwrap(), other.unwrap(), found.unwrap(), swept.unwrap()));

        let dataset = open(&first).await;
        let mut left: Vec<i64> =
            column(&dataset, "select id from samples").await.iter().map(|id| id.parse().unwrap()).collect();
        left.sort_unstable();
        let kept = (0..240).filter(|n| fate(*n).is_none() && n % 7 != 1 && n % 7 != 4);
        let mut expected: Vec<i64> = kept.map(|n| candidate(n).id.0).collect();
        expected.sort_unstable();
        let (lost, back) = (difference(&expected, &left), difference(&left, &expected));
        assert!(lost.is_empty() && back.is_empty() && left == expected, "round {round}: lost {lost:?}, back {back:?}");
        Funnel::of(&dataset).await.unwrap().check().unwrap();
        assert_eq!((fourth.seen(), fifth.seen()), (48, 48));
        // All of them once more, one after the other: what was in the midst of it has come to its end.
        compact(&path, Sizes::default(), &asked(200), false).await.unwrap();
        vacuum(&path, Keep::Versions(1), &asked(300), false).await.unwrap();
        assert_eq!(column(&open(&first).await, "select count(*) from samples").await, [expected.len().to_string()]);
        let query = "select count(*) from samples where url like '%site1.example%' or url like '%site4.example%'";
        assert_eq!(column(&open(&first).await, query).await, ["0"]);
        assert_eq!(column(&open(&first).await, &query.replace("samples", "ledger")).await, ["0"]);
    }
}

fn difference(of: &[i64], without: &[i64]) -> Vec<i64> {
    let without: BTreeSet<i64> = without.iter().copied().collect();
    of.iter().filter(|id| !without.contains(id)).copied().collect()
}
