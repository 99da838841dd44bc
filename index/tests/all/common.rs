//! Made-up runs: stage files and reports as extract, admit, fetch and score leave them.

use chrono::{DateTime, TimeZone, Utc};
use index::{Dataset, RunInfo};
use schema::{
    Admitted, Bucket, Candidate, Category, ConsentStamp, Counts, DropReason, Duplicates, Evidence, Host, ImageSource,
    LedgerRow, Sample, SampleId, Scope, Scored, Source, Stage, Tally, TaskReport, TextSource, Verdict,
};
use shards::{ShardWriter, Store};
use std::{ops::Range, path::Path};
use tempfile::TempDir;

pub(crate) const BUCKETS: u32 = 3;

/// A JPEG of 16 x 8 that everybody can decode.
pub(crate) const PICTURE: &[u8] = include_bytes!("picture.jpg");

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(1_790_000_000 + seconds, 0).unwrap()
}

pub(crate) fn run_info(id: &str) -> RunInfo {
    RunInfo {
        id: id.into(),
        round: 0,
        command: format!("pinakes publish {id}.toml"),
        buckets: BUCKETS,
        duplicates: Duplicates::OtherText,
        at: at(0),
    }
}

/// A folder that goes away with the test, and a store on it. Its name has a blank on purpose.
pub(crate) fn folder() -> (TempDir, Store) {
    let folder = tempfile::Builder::new().prefix("run of ü ").tempdir().unwrap();
    let store = Store::create(folder.path().to_str().unwrap()).unwrap();
    (folder, store)
}

pub(crate) fn dataset_path(folder: &TempDir) -> String {
    folder.path().join("dataset").to_str().unwrap().to_owned()
}

pub(crate) async fn open(folder: &TempDir) -> Dataset {
    Dataset::open(&dataset_path(folder)).await.unwrap()
}

/// The run folder of `rows`, published.
pub(crate) async fn published(rows: Range<usize>) -> (TempDir, Dataset) {
    let (folder, store) = folder();
    write_run(&store, rows).await;
    index::publish(&store, &run_info("first")).await.unwrap();
    let dataset = open(&folder).await;
    (folder, dataset)
}

/// What becomes of row `n`, of every ten: one is refused, one is gone, one cannot be decoded, one is
/// not alike enough, six are kept.
pub(crate) fn fate(n: usize) -> Option<DropReason> {
    match n % 10 {
        0 => Some(DropReason::PageRobots),
        1 => Some(DropReason::Gone),
        2 => Some(DropReason::Undecodable),
        3 => Some(DropReason::LowSimilarity),
        _ => None,
    }
}

pub(crate) fn candidate(n: usize) -> Candidate {
    let image_host = format!("img.site{}.example", n % 7);
    let page_host = format!("www.page{}.example", n % 5);
    let url = format!("https://{image_host}/{n}.jpg");
    let text = format!("picture, number \"{n}\"");
    let evidence = Evidence {
        signal: "robots.own".into(),
        scope: Scope::Path,
        category: Category::Access,
        verdict: if fate(n) == Some(DropReason::PageRobots) { Verdict::Deny } else { Verdict::Allow },
        place: format!("https://{page_host}/robots.txt:2"),
        raw: "Disallow: /".into(),
        addressed_to: Some("pinakes".into()),
        source: Source::Live,
        seen_at: Some(at(1)),
    };
    Candidate {
        id: SampleId::of(&url, &text),
        alt: Some(text.clone()),
        text,
        text_source: TextSource::Alt,
        text_flags: Vec::new(),
        language: None,
        title: None,
        caption: None,
        image_source: ImageSource::Src,
        other_urls: Vec::new(),
        page_url: format!("https://{page_host}/{}", n % 3),
        page_host,
        image_host,
        archive: "made-up.warc.gz".into(),
        archive_offset: i64::try_from(n).unwrap() * 100,
        captured_at: Some(at(0)),
        page_language: Some("en".into()),
        license_url: None,
        evidence: vec![evidence],
        checked: vec!["page-robots".into()],
        url,
    }
}

pub(crate) fn sample(n: usize) -> Sample {
    let candidate = candidate(n);
    let domain = |host: &str| Host::from(host).registered_domain().to_string();
    Sample {
        id: candidate.id,
        image_domain: domain(&candidate.image_host),
        page_domain: domain(&candidate.page_host),
        final_url: candidate.url.clone(),
        url: candidate.url,
        text: candidate.text,
        text_source: "alt".into(),
        text_flags: Vec::new(),
        alt: candidate.alt,
        title: None,
        caption: None,
        page_url: candidate.page_url,
        image_host: candidate.image_host,
        page_host: candidate.page_host,
        archive: candidate.archive,
        archive_offset: candidate.archive_offset,
        captured_at: candidate.captured_at,
        attempts: 1,
        fetched_at: at(2),
        width: 640,
        height: 480,
        bytes: 10_000,
        mime: "image/jpeg".into(),
        sha256: format!("{n:064x}"),
        ai_generated: None,
        exif: None,
        phash: -1,
        language: if n.is_multiple_of(2) { Some("en".into()) } else { None },
        license: if n.is_multiple_of(4) { Some("CC-BY-4.0".into()) } else { None },
        license_url: None,
        similarity: if fate(n) == Some(DropReason::LowSimilarity) { 0.1 } else { 0.3 },
        aesthetic: Some(5.5),
        punsafe: None,
        scores: [("violence".to_owned(), if n.is_multiple_of(2) { 0.75 } else { 0.25 })].into(),
        tags: if n.is_multiple_of(3) { vec!["photo".into()] } else { vec![] },
        model: "demo@0".into(),
        consent: ConsentStamp {
            mode: "strict".into(),
            policy: "1".into(),
            checked: vec!["page-robots".into()],
            heard: vec![],
        },
        embedding: Some(vec![0, 60, 0, 0]),
        image: if n.is_multiple_of(5) { Some(PICTURE.to_vec()) } else { None },
        cluster: None,
    }
}

/// Writes the files and reports of a run over `rows`.
pub(crate) async fn write_run(store: &Store, rows: Range<usize>) {
    write_run_of(store, rows, sample).await;
}

/// The same with other samples.
pub(crate) async fn write_run_of(store: &Store, rows: Range<usize>, sample: impl Fn(usize) -> Sample) {
    let mut tallies = [(); 4].map(|()| Tally::default());
    let (mut admitted, mut fetch_ledger, mut scored, mut score_ledger) = (vec![], vec![], vec![], vec![]);
    for n in rows {
        let fate = fate(n);
        let stage = fate.map_or(Stage::Publish, DropReason::stage);
        for (tally, here) in tallies.iter_mut().zip([Stage::Extract, Stage::Admit, Stage::Fetch, Stage::Score]) {
            match fate {
                Some(reason) if stage == here => tally.drop(reason),
                _ if stage < here => {}
                _ => tally.keep(),
            }
        }
        let candidate = candidate(n);
        let refused = fate.filter(|reason| reason.stage() == Stage::Admit);
        match fate {
            Some(DropReason::Gone) => fetch_ledger.push(LedgerRow::of(&candidate, DropReason::Gone)),
            Some(DropReason::Undecodable) => score_ledger.push(LedgerRow::of(&candidate, DropReason::Undecodable)),
            None | Some(DropReason::LowSimilarity) => scored.push(Scored { sample: sample(n), dropped: fate }),
            _ => {}
        }
        admitted.push(Admitted { candidate, refused });
    }
    let bucket = |host: &str| Bucket::of(host, BUCKETS);
    ShardWriter::write_all(store, "admit/00000.parquet", admitted, |row: &Admitted| bucket(&row.candidate.image_host))
        .await
        .unwrap();
    for share in (0..BUCKETS).map(Bucket) {
        let mine = |rows: &[LedgerRow]| rows.iter().filter(|row| bucket(&row.image_host) == share).cloned().collect();
        let name = format!("fetch/{share}.ledger.parquet");
        ShardWriter::<LedgerRow>::write_all(store, &name, mine(&fetch_ledger), |_| share).await.unwrap();
        let name = format!("score/{share}-000.ledger.parquet");
        ShardWriter::<LedgerRow>::write_all(store, &name, mine(&score_ledger), |_| share).await.unwrap();
        let mine = scored.iter().filter(|row| bucket(&row.sample.image_host) == share).cloned().collect();
        let name = format!("score/{share}-000.parquet");
        ShardWriter::<Scored>::write_all(store, &name, mine, |_| share).await.unwrap();
    }
    for (rows, stage) in tallies.into_iter().zip(Stage::ALL) {
        put_report(store, stage, rows).await;
    }
}

pub(crate) async fn put_report(store: &Store, stage: Stage, rows: Tally) {
    let report = TaskReport {
        stage,
        key: "made-up".into(),
        fingerprint: "0".into(),
        version: "0".into(),
        rows,
        counts: Counts::default(),
        outputs: vec![],
        seconds: 1.0,
    };
    store.put_report(&report).await.unwrap();
}

/// Makes a table one from before `columns` were: its files and its log know nothing of them.
pub(crate) fn forget_columns(table: &Path, columns: &[&str]) {
    use parquet::arrow::{ArrowWriter, arrow_reader::ParquetRecordBatchReaderBuilder};
    let log = table.join("_delta_log/00000000000000000000.json");
    let forgetful = |line: &str| {
        let mut action: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(text) = action.pointer("/metaData/schemaString").and_then(|text| text.as_str()) {
            let mut schema: serde_json::Value = serde_json::from_str(text).unwrap();
            let fields = schema["fields"].as_array_mut().unwrap();
            fields.retain(|field| !columns.contains(&field["name"].as_str().unwrap()));
            action["metaData"]["schemaString"] = schema.to_string().into();
        }
        format!("{action}\n")
    };
    let text: String = std::fs::read_to_string(&log).unwrap().lines().map(forgetful).collect();
    std::fs::write(&log, text).unwrap();
    for folder in std::fs::read_dir(table).unwrap().map(|entry| entry.unwrap()) {
        if !folder.file_name().to_str().unwrap().starts_with("bucket=") {
            continue;
        }
        for file in std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()) {
            let reader = ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(&file).unwrap()).unwrap();
            let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
            let kept: Vec<usize> =
                (0..names.len()).filter(|place| !columns.contains(&names[*place].as_str())).collect();
            let batches: Vec<_> = reader.build().unwrap().map(|batch| batch.unwrap().project(&kept).unwrap()).collect();
            let mut writer =
                ArrowWriter::try_new(std::fs::File::create(&file).unwrap(), batches[0].schema(), None).unwrap();
            for batch in &batches {
                writer.write(batch).unwrap();
            }
            writer.close().unwrap();
        }
    }
    // Sizes in the log are those of the old files.
    let log = table.join("_delta_log/00000000000000000001.json");
    let resized = |line: &str| {
        let mut action: serde_json::Value = serde_json::from_str(line).unwrap();
        if let Some(path) = action.pointer("/add/path").and_then(|path| path.as_str()) {
            let size = std::fs::metadata(table.join(path)).unwrap().len();
            action["add"]["size"] = size.into();
        }
        format!("{action}\n")
    };
    let text: String = std::fs::read_to_string(&log).unwrap().lines().map(resized).collect();
    std::fs::write(&log, text).unwrap();
}

/// Copies a folder with all below it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// The first column of an answer, as text.
pub(crate) async fn column(dataset: &Dataset, query: &str) -> Vec<String> {
    let batches = index::sql::run(dataset, query).await.unwrap();
    let text = index::sql::format(&batches, index::sql::Format::Csv).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}
