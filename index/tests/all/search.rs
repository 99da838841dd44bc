//! Search: by the scan and by the index the same rows, over the current version only, and nothing left of whoever left.

use crate::common::{at, candidate, copy, dataset_path, fate, folder, open, run_info, sample, write_run_of};
use half::f16;
use index::{
    Dataset, Error,
    dedup::{Asked as DedupAsked, Settings, dedup},
    optout::{Entry, EntryKind, apply},
    publish,
    search::{Answer, Asked, Built, Direction, Model, Searcher, Wanted, Way, build, captions, page, rows, verify},
};
use schema::Sample;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

const DIMENSION: usize = 24;

/// Evenly from -1 to 1, of a number and a place.
fn number(n: usize, place: usize) -> f32 {
    let mut bits = ((n as u64) << 20 | place as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((bits ^ bits >> 31) >> 40) as f32 / (1 << 23) as f32 - 1.0
}

/// In a cone, around forty centres, at length one.
fn numbers(n: usize) -> Vec<f32> {
    let all = (0..DIMENSION)
        .map(|place| number(1_000_000, place) + number(1_000_001 + n % 40, place) + 0.5 * number(n, place));
    let all: Vec<f32> = all.collect();
    let length = all.iter().map(|number| number * number).sum::<f32>().sqrt();
    all.iter().map(|number| number / length).collect()
}

fn halves(n: usize) -> Vec<u8> {
    numbers(n).iter().flat_map(|number| f16::from_f32(*number).to_le_bytes()).collect()
}

/// Of every hundred rows one has no embedding, one an embedding of another length, one a broken one, one another model's.
fn look(n: usize) -> Sample {
    let mut sample = Sample { embedding: Some(halves(n)), phash: i64::try_from(n / 2).unwrap() << 8, ..sample(n) };
    match n % 100 {
        14 => sample.embedding = None,
        15 => sample.embedding = Some(vec![0, 60, 0, 0]),
        16 => sample.embedding = Some(vec![0; 2 * DIMENSION]),
        17 => sample.model = "other@1".into(),
        _ => {}
    }
    sample
}

/// Rows that are in the samples and can be found.
fn found(n: usize) -> bool {
    fate(n).is_none() && !(14..18).contains(&(n % 100))
}

async fn published(rows: usize) -> (TempDir, String) {
    let (folder, store) = folder();
    write_run_of(&store, 0..rows, look).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = dataset_path(&folder);
    (folder, dataset)
}

#[expect(clippy::unnecessary_wraps, reason = "as a search asks which model is meant")]
fn demo(models: &[Model]) -> Result<Model, Error> {
    Ok(models.iter().find(|model| model.id == "demo@0").unwrap().clone())
}

async fn searcher(dataset: &str) -> Searcher {
    Searcher::open(dataset, demo).await.unwrap()
}

async fn build_in(dataset: &str, recall: f64, anew: bool) -> Result<Built, Error> {
    let searcher = searcher(dataset).await;
    let model = searcher.model().clone();
    build(searcher.dataset(), &Wanted { model, recall, queries: Vec::new(), anew }).await
}

fn query(n: usize) -> Direction {
    Direction::of(&numbers(n)).unwrap()
}

fn ids(answer: &Answer) -> Vec<i64> {
    answer.hits.iter().map(|hit| hit.id).collect()
}

/// The nearest of rows `0..rows` for which `is` holds, by hand, in double precision of the halves.
fn by_hand(of: usize, rows: usize, most: usize, is: impl Fn(usize) -> bool) -> Vec<i64> {
    let read = |n: usize| -> Vec<f64> {
        halves(n).as_chunks::<2>().0.iter().map(|pair| f64::from(f16::from_le_bytes(*pair))).collect()
    };
    let query: Vec<f64> = numbers(of).iter().map(|number| f64::from(*number)).collect();
    let cosine = |n: usize| {
        let row = read(n);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        dot(&row, &query) / dot(&row, &row).sqrt()
    };
    let mut all: Vec<(f64, i64)> =
        (0..rows).filter(|n| found(*n) && is(*n)).map(|n| (cosine(n), candidate(n).id.0)).collect();
    all.sort_by(|one, other| other.0.total_cmp(&one.0));
    all.into_iter().take(most).map(|(_, id)| id).collect()
}

/// Files below a folder, by name, without those of `_delta_log`.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            all.extend(files(&entry));
        } else {
            all.insert(entry.clone(), std::fs::read(&entry).unwrap());
        }
    }
    all
}

fn index_files(dataset: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    files(&Path::new(dataset).join("_search"))
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// The bytes that the index keeps of row `n`.
fn kept(n: usize) -> Vec<u8> {
    let row = Direction::read(&halves(n)).unwrap();
    row.steps().iter().flat_map(|step| step.to_le_bytes()).collect()
}

#[tokio::test]
async fn the_scan_finds_what_is_found_by_hand() {
    let (_folder, dataset) = published(600).await;
    let searcher = searcher(&dataset).await;
    for n in [4, 5, 77, 1234] {
        let direction = query(n);
        let answer = searcher.search(Asked::of(&direction, 10)).await.unwrap();
        assert_eq!(ids(&answer), by_hand(n, 600, 10, |_| true), "query {n}");
        assert_eq!(answer.way, Way::Scan);
    }
    // A row finds itself first, unless it is left out.
    let direction = searcher.row(candidate(44).id.0).await.unwrap();
    let all = searcher.search(Asked::of(&direction, 5)).await.unwrap();
    assert_eq!(all.hits[0].id, candidate(44).id.0);
    let without = Asked { without: Some(candidate(44).id.0), ..Asked::of(&direction, 4) };
    assert_eq!(ids(&searcher.search(without).await.unwrap()), ids(&all)[1..]);
    // More than there are; embeddings that cannot be compared are told of.
    let every = searcher.search(Asked::of(&direction, 10_000)).await.unwrap();
    let there = (0..600).filter(|n| found(*n)).count();
    assert_eq!((every.hits.len(), every.looked_at), (there, there as u64));
    assert!(every.notes.iter().any(|note| note.starts_with("12 embeddings have another length")), "{:?}", every.notes);
    assert!(
        every.notes.iter().any(|note| note.starts_with("6 rows have embeddings of other models")),
        "{:?}",
        every.notes
    );
    let none = Asked { condition: Some("width < 0"), ..Asked::of(&direction, 5) };
    let none = searcher.search(none).await.unwrap();
    assert_eq!(rows(searcher.dataset(), &none.hits).await.unwrap().num_rows(), 0);
    let error = searcher.search(Asked { condition: Some("widht > 1"), ..Asked::of(&direction, 5) }).await.unwrap_err();
    assert!(error.to_string().contains("`widht`"), "{error}");
    // One that closes the bracket it stands in would let embeddings of other models in.
    let asked = Asked { condition: Some("width > 9) or (width < 3"), ..Asked::of(&direction, 5) };
    let error = searcher.search(asked).await.unwrap_err();
    assert!(error.to_string().contains("`width > 9) or (width < 3` is no condition"), "{error}");
    for (id, word) in [(7, "`7`"), (candidate(17).id.0, "`other@1`")] {
        let error = searcher.row(id).await.unwrap_err();
        assert!(error.to_string().contains(word) && error.hint().is_some(), "{error}");
    }
}

#[tokio::test]
async fn the_index_reaches_the_wanted_recall_and_all_its_lists_are_the_scan() {
    let (_folder, dataset) = published(4000).await;
    let built = build_in(&dataset, 0.95, false).await.unwrap();
    let there = (0..4000).filter(|n| found(*n)).count();
    assert_eq!((built.rows, built.added, built.others, built.anew), (there as u64, there as u64, 80, true));
    assert!(built.probes < built.lists, "{built:?}");
    let mut searcher = searcher(&dataset).await;
    let (mut hits, mut looked_at, mut queries) = (0, 0, 0);
    // Of the clusters that have rows: what recall is measured with is like what it is wanted for.
    for n in (10_000..10_200).filter(|n| fate(*n).is_none()) {
        queries += 1;
        let direction = query(n);
        let scanned = searcher.search(Asked { exact: true, ..Asked::of(&direction, 10) }).await.unwrap();
        let all = Asked { probes: Some(usize::MAX), ..Asked::of(&direction, 10) };
        let all = searcher.search(all).await.unwrap();
        let plain = |answer: &Answer| answer.hits.iter().map(|hit| (hit.id, hit.closeness)).collect::<Vec<_>>();
        assert_eq!((plain(&all), all.looked_at), (plain(&scanned), there as u64), "query {n}");
        let answer = searcher.search(Asked::of(&direction, 10)).await.unwrap();
        assert_eq!(answer.way, Way::Index { probes: built.probes, lists: built.lists });
        hits += ids(&answer).iter().filter(|id| ids(&scanned).contains(id)).count();
        looked_at += answer.looked_at;
    }
    let recall = hits as f64 / (10 * queries) as f64;
    assert!(recall >= 0.93, "recall {recall} for 0.95");
    assert!(looked_at < queries * there as u64 / 2, "{looked_at}");
    let on_disk = searcher.search(Asked::of(&query(3), 10)).await.unwrap();
    searcher.keep_in_memory().await.unwrap();
    assert_eq!(ids(&searcher.search(Asked::of(&query(3), 10)).await.unwrap()), ids(&on_disk));

    let verified = verify(&searcher, 50, &[query(20_000), query(20_001)], 0.95, || 0.0).await.unwrap();
    assert_eq!((verified.rows, verified.measured.len()), (4000 / 100 * 58, 2));
    assert!(verified.measured[0].recall_at_10 > 0.9, "{verified:?}");
    assert!(verified.measured[0].recall_at_1 >= verified.measured[0].recall_at_100 - 0.1, "{verified:?}");
    assert!((1..verified.lists).contains(&verified.probes_for_wanted), "{verified:?}");
    let texts = captions(&searcher, 60).await.unwrap();
    assert_eq!((texts.len(), &texts[..25]), (60, &captions(&searcher, 25).await.unwrap()[..]));
}

#[tokio::test]
async fn the_index_finds_as_many_as_were_asked_for() {
    let (_folder, dataset) = published(4000).await;
    // As few lists as can be.
    build_in(&dataset, 0.01, false).await.unwrap();
    let searcher = searcher(&dataset).await;
    let there = (0..4000).filter(|n| found(*n)).count();
    let (direction, own) = (query(4), candidate(4).id.0);
    for most in [11, 40, 500, 5000] {
        for without in [None, Some(own)] {
            let asked = Asked { without, ..Asked::of(&direction, most) };
            let answer = searcher.search(asked).await.unwrap();
            let scanned = searcher.search(Asked { exact: true, ..asked }).await.unwrap();
            assert_eq!(answer.hits.len(), most.min(there - usize::from(without.is_some())), "{most}, {without:?}");
            assert_eq!(answer.hits.len(), scanned.hits.len());
            let some = matches!(answer.way, Way::Index { probes, lists } if probes < lists);
            assert!(some || most >= 500, "{most}: {:?}", answer.way);
        }
    }
    // Those of a condition all lie in lists that are far away: what the index finds of them is too few.
    let far = by_hand(4, 4000, there, |_| true).split_off(there - 150);
    let listed: Vec<String> = far.iter().map(i64::to_string).collect();
    let condition = format!("id in ({})", listed.join(", "));
    let asked = Asked { condition: Some(&condition), ..Asked::of(&direction, 10) };
    let answer = searcher.search(asked).await.unwrap();
    let scanned = searcher.search(Asked { exact: true, ..asked }).await.unwrap();
    assert_eq!((answer.hits.len(), ids(&answer)), (10, ids(&scanned)));
    assert_eq!((answer.way, &answer.notes), (Way::Scan, &scanned.notes));

    let every = searcher.search(Asked { exact: true, ..Asked::of(&direction, 5000) }).await.unwrap();
    let html = page(searcher.dataset(), &every.hits, "All", &[]).await.unwrap();
    assert!(html.contains(&format!("The nearest 1000 of {there} hits.")));
    assert_eq!(html.matches("class=\"card\"").count(), 1000);
}

#[tokio::test]
async fn conditions_are_kept_exactly_whichever_way() {
    type Holds<'a> = &'a dyn Fn(usize) -> bool;
    let (_folder, dataset) = published(3000).await;
    let direction = query(99_999);
    let conditions: [(&str, Holds, bool); 4] = [
        ("license is not null", &|n| n.is_multiple_of(4), true),
        ("license is not null -- and nothing else", &|n| n.is_multiple_of(4), true),
        ("id in (select id from samples where license is null)", &|n| !n.is_multiple_of(4), true),
        // Of one row in twenty and fewer the scan is the better way.
        ("samples.archive_offset % 4700 = 0", &|n| n.is_multiple_of(47), false),
    ];
    for with_index in [false, true] {
        if with_index {
            build_in(&dataset, 0.95, false).await.unwrap();
        }
        let searcher = searcher(&dataset).await;
        for (condition, is, by_index) in &conditions {
            let asked = Asked { condition: Some(condition), probes: Some(usize::MAX), ..Asked::of(&direction, 20) };
            let answer = searcher.search(asked).await.unwrap();
            assert_eq!(ids(&answer), by_hand(99_999, 3000, 20, is), "{condition}");
            assert_eq!(answer.way != Way::Scan, with_index && *by_index, "{condition}");
            let few = searcher.search(Asked { probes: None, ..asked }).await.unwrap();
            let found = ids(&few).iter().filter(|id| ids(&answer).contains(id)).count();
            assert!(found >= 16, "{condition}: {found} of 20");
        }
    }
}

#[tokio::test]
async fn the_same_table_gives_the_same_bytes() {
    let (_folder, dataset) = published(1500).await;
    build_in(&dataset, 0.95, false).await.unwrap();
    let first = index_files(&dataset);
    assert!(first.len() >= 2, "{:?}", first.keys());
    let built = build_in(&dataset, 0.95, true).await.unwrap();
    assert!(built.anew);
    assert_eq!(index_files(&dataset), first);
    let again = build_in(&dataset, 0.95, false).await.unwrap();
    assert_eq!((again.anew, again.added, again.removed), (false, 0, 0));
    assert_eq!(index_files(&dataset), first);
}

/// Rows that come, rows that are rewritten and rows that go: whatever the index knows, the answer is the version's.
#[tokio::test]
async fn an_old_index_answers_for_the_current_version() {
    let (first, store) = folder();
    write_run_of(&store, 0..1000, look).await;
    publish(&store, &run_info("first")).await.unwrap();
    build_in(&dataset_path(&first), 1.0, false).await.unwrap();
    let (second, store) = folder();
    write_run_of(&store, 1000..1200, look).await;
    copy(&first.path().join("dataset"), &second.path().join("dataset"));
    publish(&store, &run_info("second")).await.unwrap();
    let dataset = dataset_path(&second);
    let answers = async |note: bool| {
        let searcher = searcher(&dataset).await;
        for n in [1004, 30_000, 30_001] {
            let direction = query(n);
            let asked = Asked { probes: Some(usize::MAX), ..Asked::of(&direction, 10) };
            let answer = searcher.search(asked).await.unwrap();
            assert_eq!(ids(&answer), by_hand(n, 1200, 10, |_| true), "query {n}");
            assert!(matches!(answer.way, Way::Index { .. }));
            assert_eq!(answer.looked_at, (0..1200).filter(|n| found(*n)).count() as u64);
            let is_old = answer.notes.iter().any(|note| note.contains("`pinakes index` takes them in"));
            assert_eq!(is_old, note, "{:?}", answer.notes);
        }
    };
    answers(true).await;
    // Marks of near-duplicates write files anew.
    let settings = Settings { max_distance: 0, min_cosine: 0.1, embedding_cosine: Some(0.99) };
    dedup(&dataset, settings, &DedupAsked { command: "pinakes dedup".into(), at: at(9) }, false).await.unwrap();
    answers(true).await;
    let built = build_in(&dataset, 1.0, false).await.unwrap();
    assert!(!built.anew && built.added > 0, "{built:?}");
    answers(false).await;
}

#[tokio::test]
async fn after_a_takedown_no_byte_is_left_and_nobody_comes_back() {
    let (folder, dataset) = published(2000).await;
    build_in(&dataset, 0.95, false).await.unwrap();
    let gone = |n: usize| found(n) && n % 7 == 1;
    let victims: Vec<usize> = (0..2000).filter(|n| gone(*n)).step_by(9).collect();
    let before = files(Path::new(&dataset));
    let holders = |files: &BTreeMap<PathBuf, Vec<u8>>, n: usize| {
        files.values().filter(|bytes| holds(bytes, &kept(n)) || holds(bytes, &halves(n))).count()
    };
    assert!(victims.iter().all(|n| holders(&before, *n) >= 1), "the index holds them before");
    // What a build leaves that was killed: rows on their way, and files that no manifest names.
    for litter in ["rows-3.part", "0123.lists", "0123.lists#1"] {
        std::fs::write(Path::new(&dataset).join("_search").join(litter), kept(victims[0])).unwrap();
    }
    let entries = [Entry { kind: EntryKind::Domain, value: "site1.example".into() }];
    apply(&open(&folder).await, &entries, &run_info("takedown")).await.unwrap();
    let after = files(Path::new(&dataset));
    for n in &victims {
        assert_eq!(holders(&after, *n), 0, "row {n}");
        assert!(after.values().all(|bytes| !holds(bytes, &candidate(*n).id.0.to_le_bytes())), "the id of row {n}");
    }
    for round in 0..2 {
        let searcher = searcher(&dataset).await;
        for n in victims.iter().take(20) {
            for probes in [None, Some(1), Some(usize::MAX)] {
                let direction = query(*n);
                let answer = searcher.search(Asked { probes, ..Asked::of(&direction, 10) }).await.unwrap();
                assert!(answer.hits.iter().all(|hit| hit.id != candidate(*n).id.0));
                if probes == Some(usize::MAX) {
                    assert_eq!(ids(&answer), by_hand(*n, 2000, 10, |n| !gone(n)), "round {round}");
                }
            }
        }
        // The same takedown again does nothing more; then the rows that moved are taken in.
        if round == 0 {
            let files = index_files(&dataset);
            apply(&open(&folder).await, &entries, &run_info("takedown")).await.unwrap();
            assert_eq!(index_files(&dataset), files);
            let built = build_in(&dataset, 0.95, false).await.unwrap();
            assert_eq!(built.rows, (0..2000).filter(|n| found(*n) && !gone(*n)).count() as u64);
            assert!(
                files.keys().next().is_some()
                    && victims.iter().all(|n| { index_files(&dataset).values().all(|bytes| !holds(bytes, &kept(*n))) })
            );
        }
    }
}

/// A centre is the middle of the rows that are in its list, so that it is nobody's embedding once they left.
#[tokio::test]
async fn the_centre_of_a_list_of_one_goes_with_it() {
    let (folder, store) = folder();
    // Every row but two on the same spot; the others alone, far away.
    let lonely =
        |n: usize| Sample { embedding: Some(if n.is_multiple_of(50) { halves(n) } else { halves(4) }), ..sample(n) };
    write_run_of(&store, 0..400, lonely).await;
    publish(&store, &run_info("first")).await.unwrap();
    let dataset = dataset_path(&folder);
    build_in(&dataset, 0.95, false).await.unwrap();
    assert!(index_files(&dataset).values().any(|bytes| holds(bytes, &kept(4))));
    let everybody: Vec<Entry> =
        (0..7).map(|n| Entry { kind: EntryKind::Domain, value: format!("site{n}.example") }).collect();
    apply(&open(&folder).await, &everybody, &run_info("takedown")).await.unwrap();
    for (name, bytes) in files(Path::new(&dataset)) {
        assert!(!holds(&bytes, &kept(4)) && !holds(&bytes, &halves(4)), "{}", name.display());
    }
}

#[tokio::test]
async fn damage_is_told_of_and_never_answered_from() {
    let (folder, dataset) = published(1500).await;
    build_in(&dataset, 0.95, false).await.unwrap();
    let whole = index_files(&dataset);
    let expected = by_hand(50_000, 1500, 10, |_| true);
    let (manifest, segment) = (
        Path::new(&dataset).join("_search/index.json"),
        whole.keys().find(|name| name.extension().is_some_and(|end| end == "lists")).unwrap().clone(),
    );
    let flipped = |at: usize| {
        let mut bytes = whole[&segment].clone();
        bytes[at] ^= 1;
        bytes
    };
    let length = whole[&segment].len();
    let damages: [(&Path, Option<Vec<u8>>); 8] = [
        (&segment, None),
        (&segment, Some(vec![])),
        (&segment, Some(whole[&segment][..length - 1].to_vec())),
        (&segment, Some(flipped(0))),
        (&segment, Some(flipped(100))),
        (&segment, Some(flipped(length - 1))),
        (&manifest, Some(b"{}".to_vec())),
        (&manifest, Some(whole[&manifest][..whole[&manifest].len() / 2].to_vec())),
    ];
    for (case, (name, bytes)) in damages.into_iter().enumerate() {
        match bytes {
            Some(bytes) => std::fs::write(name, bytes).unwrap(),
            None => std::fs::remove_file(name).unwrap(),
        }
        let direction = query(50_000);
        let asked = Asked { probes: Some(usize::MAX), ..Asked::of(&direction, 10) };
        let answer = searcher(&dataset).await.search(asked).await.unwrap();
        assert_eq!((ids(&answer), answer.way), (expected.clone(), Way::Scan), "case {case}");
        assert!(
            answer.notes.iter().any(|note| note.contains("the index is damaged")),
            "case {case}: {:?}",
            answer.notes
        );
        // Made anew, and then as it was.
        build_in(&dataset, 0.95, false).await.unwrap_or_else(|error| panic!("case {case}: {error}"));
        assert_eq!(index_files(&dataset), whole, "case {case}");
    }
    // A takedown does not stop at an index that it cannot read: it goes.
    std::fs::write(&segment, flipped(length - 1)).unwrap();
    let entries = [Entry { kind: EntryKind::Domain, value: "site1.example".into() }];
    apply(&open(&folder).await, &entries, &run_info("takedown")).await.unwrap();
    assert!(
        index_files(&dataset)
            .values()
            .all(|bytes| (0..1500).all(|n| !(found(n) && n % 7 == 1 && holds(bytes, &kept(n)))))
    );
}

#[tokio::test]
async fn what_a_killed_build_leaves_is_no_index_and_the_next_one_ends_it() {
    let (_folder, dataset) = published(1500).await;
    build_in(&dataset, 0.95, false).await.unwrap();
    let whole = index_files(&dataset);
    // Before the manifest: all files but that one.
    std::fs::remove_file(Path::new(&dataset).join("_search/index.json")).unwrap();
    std::fs::write(Path::new(&dataset).join("_search/rows-0.part"), [7; 100]).unwrap();
    let direction = query(1);
    let answer = searcher(&dataset).await.search(Asked::of(&direction, 10)).await.unwrap();
    assert_eq!((ids(&answer), answer.way), (by_hand(1, 1500, 10, |_| true), Way::Scan));
    build_in(&dataset, 0.95, false).await.unwrap();
    assert_eq!(index_files(&dataset), whole);
}

#[tokio::test]
async fn few_rows_and_none() {
    let (_folder, dataset) = published(12).await;
    let built = build_in(&dataset, 0.98, false).await.unwrap();
    assert_eq!(built.rows, (0..12).filter(|n| found(*n)).count() as u64);
    let direction = query(4);
    let answer =
        searcher(&dataset).await.search(Asked { probes: Some(9), ..Asked::of(&direction, 100) }).await.unwrap();
    assert_eq!(answer.hits.len() as u64, built.rows);
    let html = page(searcher(&dataset).await.dataset(), &answer.hits, "Nearest to <me>", &[]).await.unwrap();
    assert!(html.contains("data:image/jpeg;base64,") && html.contains("Nearest to &lt;me&gt;"), "{html}");

    let (folder, store) = folder();
    write_run_of(&store, 0..50, |n| Sample { embedding: None, ..sample(n) }).await;
    publish(&store, &run_info("first")).await.unwrap();
    let error = Searcher::open(&dataset_path(&folder), demo).await.err().unwrap();
    assert!(error.hint().unwrap().contains("score.embeddings"), "{error}");
    let dataset = Dataset::open(&dataset_path(&folder)).await.unwrap();
    let model = Model { id: "demo@0".into(), rows: 30 };
    let error = build(&dataset, &Wanted { model, recall: 0.9, queries: vec![], anew: false }).await.unwrap_err();
    assert!(error.to_string().contains("`demo@0`"), "{error}");
}
