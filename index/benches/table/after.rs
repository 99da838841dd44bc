//! What follows a takedown: its receipt, and a publish of the same pages that must bring nothing back.

use chrono::Utc;
use consent::{OptOutList, POLICY_VERSION};
use index::{
    DATASET_FOLDER, Dataset, RunInfo,
    optout::{self, Asked, Key, PublicKey, Signed, entries_of},
    sql,
};
use schema::{Bucket, ConsentStamp, DropReason, Duplicates, Host, Sample, SampleId, Scored, sha256_hex};
use serde_json::{Value, json};
use shards::{ShardWriter, Store};
use std::{collections::BTreeMap, fs::read_to_string};
use url::Url;

/// The archive that the rows of `republish` come out of.
const ARCHIVE: &str = "again.warc.gz";

/// The whole of `pinakes optout apply` with a list, signed by a new key.
pub(crate) async fn receipt(folder: &str, list: &str) {
    let text = read_to_string(list).unwrap();
    let asked = Asked {
        entries: entries_of(&OptOutList::parse("the list", &text).unwrap()),
        names: 0,
        list: Some("the list".to_owned()),
        list_sha256: Some(sha256_hex(text.as_bytes())),
        policy: POLICY_VERSION.to_owned(),
        at: Utc::now(),
    };
    let dataset = Dataset::open(folder).await.unwrap();
    assert!(optout::done_before(dataset.store(), &asked).await.unwrap().is_none(), "it was taken out before");
    let key = Key::generate().unwrap();
    let Signed { receipt, .. } = optout::take_down(folder, &asked, &key).await.unwrap();
    let (mut rows, mut removed, mut written) = (0, 0, 0);
    for change in &receipt.tables {
        rows += change.rows;
        removed += change.removed.len();
        written += change.written.len();
    }
    println!("{}", json!({ "rows": rows, "removed": removed, "written": written, "key": key.public().hex() }));
}

/// All receipts, as `pinakes optout receipts --verify` looks at them.
pub(crate) async fn verify(folder: &str, key: &str) {
    let dataset = Dataset::open(folder).await.unwrap();
    let key = PublicKey::parse(key).unwrap();
    let ids = Signed::ids(dataset.store()).await.unwrap();
    assert!(!ids.is_empty(), "there is no receipt");
    for id in ids {
        let verified = optout::verify(&dataset, &id, Some(&key)).await.unwrap();
        assert_eq!(verified.problem(), None, "{id}");
        let looked: Vec<&str> = verified.looked.iter().map(|looked| looked.what).collect();
        println!("{}", looked.join(", "));
    }
}

/// Publishes a run in the folder `run`, where its dataset lies: it brings the rows of a file, which were taken out, as a
/// crawl of the same pages would, and `new` others. They are JSON objects with `url`, `page_url` and `text`, one a line.
pub(crate) async fn republish(run: &str, rows: &str, new: u64) {
    let folder = format!("{run}/{DATASET_FOLDER}");
    let buckets = Dataset::open(&folder).await.unwrap().samples().buckets().unwrap();
    let mut scored = Vec::new();
    for line in read_to_string(rows).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        scored.push(sample(text("url"), text("page_url"), text("text"), scored.len()));
    }
    let again = scored.len() as u64;
    for number in 0..new {
        let host = format!("new{}.example", number % 50);
        let (url, page) = (format!("https://{host}/{number}.jpg"), format!("https://{host}/{number}.html"));
        scored.push(sample(url, page, format!("number {number}"), scored.len()));
    }
    let scored: Vec<Scored> = scored.into_iter().map(|sample| Scored { sample, dropped: None }).collect();
    let store = Store::open(run).unwrap();
    let bucket_of = |row: &Scored| Bucket::of(&row.sample.image_host, buckets);
    ShardWriter::write_all(&store, "score/00000-000.parquet", scored, bucket_of).await.unwrap();
    let info = RunInfo {
        id: "again".to_owned(),
        round: 0,
        command: "bench".to_owned(),
        buckets,
        duplicates: Duplicates::All,
        at: Utc::now(),
    };
    let published = index::publish(&store, &info).await.unwrap();
    let refused = published.rows.dropped().get(&DropReason::TakenOut).copied().unwrap_or_default();
    let dataset = Dataset::open(&folder).await.unwrap();
    let samples = count(&dataset, &format!("samples where archive = '{ARCHIVE}'")).await;
    // In the ledger nothing tells whose they were.
    let withheld = "url = '' and page_url = '' and final_url is null and text = ''";
    let ledger = format!("ledger where archive = '{ARCHIVE}' and reason = 'taken_out' and {withheld}");
    let ledger = count(&dataset, &ledger).await;
    println!(
        "{again} rows again and {new} new: {} published, {refused} refused as taken out, \
         {samples} in the samples, {ledger} in the ledger without an address",
        published.rows.kept()
    );
    assert_eq!((published.rows.kept(), refused, samples, ledger), (new, again, new, again));
}

/// How many rows a table has under a condition.
async fn count(dataset: &Dataset, of: &str) -> u64 {
    let batches = sql::run(dataset, &format!("select count(*) as \"rows\" from {of}")).await.unwrap();
    let text = sql::format(&batches, sql::Format::Csv).unwrap();
    text.lines().nth(1).unwrap().parse().unwrap()
}

/// A row as score leaves it, its facts made up.
fn sample(url: String, page_url: String, text: String, number: usize) -> Sample {
    let host = |url: &str| Host::of(&Url::parse(url).unwrap()).unwrap();
    let (image_host, page_host) = (host(&url), host(&page_url));
    Sample {
        id: SampleId::of(&url, &text),
        text_source: "alt".to_owned(),
        text_flags: Vec::new(),
        alt: Some(text.clone()),
        title: None,
        caption: None,
        image_domain: image_host.registered_domain().to_string(),
        page_domain: page_host.registered_domain().to_string(),
        image_host: image_host.to_string(),
        page_host: page_host.to_string(),
        archive: ARCHIVE.to_owned(),
        archive_offset: i64::try_from(number).unwrap(),
        captured_at: None,
        final_url: url.clone(),
        attempts: 1,
        fetched_at: Utc::now(),
        width: 640,
        height: 480,
        bytes: 10_000,
        mime: "image/jpeg".to_owned(),
        sha256: format!("{number:064x}"),
        phash: i64::try_from(number).unwrap(),
        language: None,
        license: None,
        license_url: None,
        ai_generated: None,
        exif: None,
        similarity: 0.3,
        aesthetic: None,
        punsafe: None,
        scores: BTreeMap::new(),
        tags: Vec::new(),
        model: "clip-vit-b-32@00000000".to_owned(),
        consent: ConsentStamp {
            mode: "strict".to_owned(),
            policy: POLICY_VERSION.to_owned(),
            checked: Vec::new(),
            heard: Vec::new(),
        },
        embedding: None,
        image: None,
        cluster: None,
        url,
        page_url,
        text,
    }
}
