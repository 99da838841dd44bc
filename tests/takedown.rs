//! `kill -9` of a takedown at twenty random moments: the table opens after each, the same again ends it, nothing else is
//! lost, and nothing comes back.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{
    cli::{Folder, Settings},
    data::photo,
    gallery::Gallery,
    table::number,
    web::Web,
};
use schema::{Bucket, LedgerRow, Row, Sample, sha256_hex};
use serde_json::{Value, json};
use shards::{ShardWriter, Store, read_all};
use std::{collections::BTreeSet, path::Path, time::Instant};

/// Kills in all, and kills of the takedown of one copy of the dataset.
const KILLS: usize = 20;
const KILLS_EACH: usize = 4;

/// Files that are added to each table by hand, and rows in each: enough for a takedown to take a while.
const FILES: usize = 3;
const ROWS: usize = 1_000;

/// Of the rows added by hand one in so many is the artist's.
const ONE_IN: usize = 50;

const HOSTS: [&str; 3] = ["artist.example", "mirror.example", "other.example"];

/// A run over a little web: its settings, but for where it writes.
struct World {
    settings: Settings,
    _web: Web,
}

impl World {
    fn new(folder: &Folder) -> Self {
        let mut gallery = Gallery::new();
        for host in HOSTS {
            gallery.host(host, "User-agent: *\nAllow: /\n", 3, &[]);
        }
        let archive = folder.write("web.warc.gz", gallery.archive());
        let web = Web::serve(gallery.routes);
        let settings = Settings::new(&[&archive], &web).set("fetch.store", "resized");
        Self { settings, _web: web }
    }

    fn config(&self, folder: &Folder, dir: &str) -> String {
        folder.write(&format!("{dir}.toml"), self.settings.clone().set("output.dir", dir).toml())
    }
}

#[test]
fn a_takedown_killed_at_twenty_random_moments_is_ended_by_the_next() {
    let folder = Folder::new();
    let world = World::new(&folder);
    let config = world.config(&folder, "run");
    folder.pinakes(&["run", &config, "--quiet"]).ends_with(0);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    // Files of older versions hold such rows, too.
    folder.pinakes(&["dedup", "run/dataset"]).ends_with(0);
    runtime.block_on(grow(&folder.path("run/dataset")));
    let list =
        folder.write("list.csv", format!("type,value\ndomain,artist.example\nsha256,{}\n", sha256_hex(&photo(1))));
    let before = keys(&folder, "run/dataset");
    let expected: BTreeSet<String> = before.iter().filter(|key| !is_named(key)).cloned().collect();
    assert!(before.len() >= 2 * FILES * ROWS && expected.len() < before.len() - FILES * ROWS / ONE_IN);
    let needles = ["artist.example/", "http://mirror.example/1.jpg", "http://other.example/1.jpg"];
    for needle in needles {
        assert!(!runtime.block_on(traces(&folder.path("run/dataset"), needle)).is_empty(), "{needle}");
    }

    copy(&folder.path("run/dataset"), &folder.path("whole"));
    let start = Instant::now();
    folder.pinakes(&["optout", "apply", "whole", &list]).ends_with(0);
    let undisturbed = start.elapsed();
    assert_eq!(keys(&folder, "whole"), expected);

    let mut struck = Vec::new();
    for number in 0_u32.. {
        if struck.len() >= KILLS {
            break;
        }
        assert!(number < 60, "too many ended before they could be killed: {struck:?}");
        let dataset = format!("killed{number}");
        copy(&folder.path("run/dataset"), &folder.path(&dataset));
        let random = &mut Random::new(number);
        for _ in 0..KILLS_EACH {
            let moment = undisturbed.mul_f64(0.1 + 0.9 * random.share());
            if let Some(ended) = folder.pinakes_for(&["optout", "apply", &dataset, &list], moment) {
                ended.ends_with(0);
                break;
            }
            struck.push(state(&folder.path(&dataset), &folder.path("run/dataset")));
            // It opens, and holds all that it should, whether or not the rest is gone yet.
            let query = "select (select count(*) from samples) + (select count(*) from ledger) as rows";
            let rows = self::number(&folder.sql(&dataset, query)[0]["rows"]);
            assert!((expected.len() as u64..=before.len() as u64).contains(&rows), "{rows}");
        }
        folder.pinakes(&["optout", "apply", &dataset, &list]).ends_with(0);
        assert_eq!(keys(&folder, &dataset), expected, "{dataset}");
        for needle in needles {
            let traces = runtime.block_on(traces(&folder.path(&dataset), needle));
            assert_eq!(traces, Vec::<String>::new(), "{dataset}: {needle}");
        }
        assert_eq!(unfinished(&folder.path(&dataset)), Vec::<String>::new());
        folder.pinakes(&["optout", "receipts", &dataset, "--verify"]).ends_with(0);
        let receipts = folder.pinakes(&["optout", "receipts", &dataset, "--format", "json"]).ends_with(0).json();
        assert_eq!(receipts.as_array().unwrap().len(), 1, "one request, one receipt");
        assert_eq!(self::number(&receipts[0]["receipt"]["matched"]["samples"]), named_samples(&before));
    }
    eprintln!("a takedown takes {undisturbed:?}; struck {struck:?}");
    assert!(struck.iter().any(|state| *state != struck[0]), "all struck in the same place: {struck:?}");

    nothing_comes_back(&folder, &world, &expected);
}

/// The same run published again, and a second run of the same pictures.
fn nothing_comes_back(folder: &Folder, world: &World, expected: &BTreeSet<String>) {
    std::fs::remove_dir_all(folder.path("run/dataset")).unwrap();
    copy(&folder.path("killed0"), &folder.path("run/dataset"));
    // As if nobody knew that it was published.
    std::fs::remove_dir_all(folder.path("run/reports/publish")).unwrap();
    folder.pinakes(&["publish", folder.path("run.toml").to_str().unwrap(), "--quiet"]).ends_with(0);
    assert_eq!(&keys(folder, "run/dataset"), expected);
    let config = world.config(folder, "second");
    for stage in ["extract", "admit", "fetch", "score"] {
        folder.pinakes(&[stage, &config, "--quiet"]).ends_with(0);
    }
    copy(&folder.path("killed0"), &folder.path("second/dataset"));
    folder.pinakes(&["publish", &config, "--quiet"]).ends_with(0);
    let refused =
        folder.sql("second/dataset", "select count(*) as rows from ledger where reason = 'taken_out' and url = ''");
    // Three of the artist's, and two copies of one of them on other hosts.
    assert_eq!(number(&refused[0]["rows"]), 5);
    let back: Vec<String> = keys(folder, "second/dataset").into_iter().filter(|key| is_named(key)).collect();
    assert_eq!(back, Vec::<String>::new());
    folder.pinakes(&["optout", "receipts", "second/dataset", "--verify"]).ends_with(0);
}

/// What was named: the artist's, and copies of the second picture elsewhere.
fn is_named(key: &str) -> bool {
    key.contains("artist.example/")
        || key.ends_with("http://mirror.example/1.jpg")
        || key.ends_with("http://other.example/1.jpg")
}

fn named_samples(keys: &BTreeSet<String>) -> u64 {
    keys.iter().filter(|key| key.starts_with("samples ") && is_named(key)).count() as u64
}

/// Table, id and address of every row.
fn keys(folder: &Folder, dataset: &str) -> BTreeSet<String> {
    let query = "select 'samples' as place, id, url from samples union all select 'ledger' as place, id, url from ledger \
                 where reason <> 'taken_out'";
    let text = |row: &Value, key: &str| row[key].as_str().unwrap().to_owned();
    let rows = folder.sql(dataset, query);
    rows.iter().map(|row| format!("{} {} {}", text(row, "place"), row["id"], text(row, "url"))).collect()
}

/// About where a takedown was struck; `before` is the dataset as it was.
fn state(dataset: &Path, before: &Path) -> &'static str {
    let there = |name: &str| dataset.join(name).read_dir().is_ok_and(|mut files| files.next().is_some());
    let commits = |dataset: &Path, log: &str| dataset.join(log).read_dir().unwrap().count();
    let has_committed = |log: &str| commits(dataset, log) > commits(before, log);
    match (there("_optout/begun"), there("_optout/receipts")) {
        (false, false) => "before anything was written",
        (_, true) => "after the receipt",
        (true, false) if has_committed("_ledger/_delta_log") => "after both commits",
        (true, false) if has_committed("_delta_log") => "between the commits",
        (true, false) => "before the commits",
    }
}

/// Adds rows to both tables by hand: another program's commits, with files that readers of Delta read as any.
async fn grow(dataset: &Path) {
    let store = Store::open(dataset.to_str().unwrap()).unwrap();
    let ledger = store.below("_ledger").unwrap();
    let of = |names: Vec<String>| names.into_iter().find(|name| name.starts_with("bucket=")).unwrap();
    let model: Sample = read_all(&store, &of(store.list("").await.unwrap())).await.unwrap().remove(0);
    add(&store, |file, row| {
        let (url, host) = address(file, row);
        let id = schema::SampleId(i64::try_from(file * ROWS + row).unwrap());
        let embedding =
            (0..256_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761) ^ u32::try_from(row).unwrap()).to_le_bytes());
        Sample {
            id,
            final_url: url.clone(),
            url,
            image_domain: host.clone(),
            image_host: host,
            sha256: format!("{:064x}", file * ROWS + row),
            embedding: Some(embedding.collect()),
            archive_offset: id.0,
            image: None,
            ..model.clone()
        }
    })
    .await;
    let names = ledger.list("").await.unwrap();
    let model: LedgerRow = match names.into_iter().find(|name| name.starts_with("bucket=")) {
        Some(name) => read_all(&ledger, &name).await.unwrap().remove(0),
        None => refused(&model),
    };
    add(&ledger, |file, row| {
        let (url, host) = address(file, row);
        let id = schema::SampleId(-1 - i64::try_from(file * ROWS + row).unwrap());
        LedgerRow { id, url, image_domain: host.clone(), image_host: host, archive_offset: id.0, ..model.clone() }
    })
    .await;
}

/// Each file is sorted by domain, as ours are.
fn address(file: usize, row: usize) -> (String, String) {
    let host = if row < ROWS / ONE_IN { "artist.example".to_owned() } else { format!("site{:03}.example", row / 20) };
    (format!("http://{host}/{file}/{row}.jpg"), host)
}

/// A row of the ledger where the run made none.
fn refused(sample: &Sample) -> LedgerRow {
    serde_json::from_value(json!({
        "id": 0, "url": "", "text": sample.text, "page_url": sample.page_url, "image_domain": "", "page_domain": sample.page_domain,
        "image_host": "", "page_host": sample.page_host, "archive": sample.archive, "archive_offset": 0, "stage": "admit",
        "kind": "refused", "reason": "page_robots", "signal": null, "evidence": [], "checked": [], "final_url": null, "status": null,
        "bytes": null, "attempts": 0, "seconds": null, "ended_at": null, "similarity": null, "aesthetic": null, "punsafe": null,
        "scores": {},
    }))
    .unwrap()
}

async fn add<T: Row>(table: &Store, row: impl Fn(usize, usize) -> T) {
    let mut actions = vec![json!({ "commitInfo": { "timestamp": 0, "operation": "WRITE", "run": "by-hand" } })];
    for file in 0..FILES {
        let bucket = file % 3;
        let name = format!("bucket={bucket}/part-by-hand-{file}.parquet");
        let rows: Vec<T> = (0..ROWS).map(|number| row(file, number)).collect();
        ShardWriter::write_all(table, &name, rows, |_| Bucket(u32::try_from(bucket).unwrap())).await.unwrap();
        let size = table.get(&name).await.unwrap().unwrap().len();
        let stats = json!({ "numRecords": ROWS }).to_string();
        actions.push(json!({ "add": {
            "path": name, "partitionValues": { "bucket": bucket.to_string() }, "size": size, "modificationTime": 0,
            "dataChange": true, "stats": stats,
        } }));
    }
    let version = table.list("_delta_log").await.unwrap().iter().filter(|name| name.ends_with(".json")).count();
    let text: String = actions.iter().map(|action| format!("{action}\n")).collect();
    assert!(table.put_new(&format!("_delta_log/{version:020}.json"), text).await.unwrap());
}

/// Every file below `dataset` that holds `needle`, Parquet decoded, but for what lies in `_optout`.
async fn traces(dataset: &Path, needle: &str) -> Vec<String> {
    let store = Store::open(dataset.to_str().unwrap()).unwrap();
    let mut found = Vec::new();
    for name in store.list("").await.unwrap() {
        let text = if !name.ends_with(".parquet") {
            String::from_utf8_lossy(&store.get(&name).await.unwrap().unwrap()).into_owned()
        } else if name.starts_with("_ledger/") {
            serde_json::to_string(&read_all::<LedgerRow>(&store, &name).await.unwrap()).unwrap()
        } else {
            let mut rows = read_all::<Sample>(&store, &name).await.unwrap();
            // Pictures and embeddings are no texts.
            for row in &mut rows {
                (row.image, row.embedding) = (None, None);
            }
            serde_json::to_string(&rows).unwrap()
        };
        if !name.starts_with("_optout/") && text.contains(needle) {
            found.push(name);
        }
    }
    found
}

/// What killed writers left of data files.
fn unfinished(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(unfinished(&entry));
        } else if entry.display().to_string().contains("parquet#") {
            found.push(entry.display().to_string());
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A linear congruential generator (Knuth's MMIX): the same moments in every run of the test, unless `PINAKES_TEST_SEED`
/// says otherwise.
struct Random(u64);

impl Random {
    fn new(number: u32) -> Self {
        let named = std::env::var("PINAKES_TEST_SEED").ok().and_then(|text| text.parse().ok());
        let seed: u64 = named.unwrap_or(20_261_130);
        Self(seed.wrapping_add(u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// A share of one.
    fn share(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 32).unwrap_or(0)) / f64::from(u32::MAX)
    }
}
