//! The fast way to take rows out gives what the slow one would, touches little, and leaves no trace.

use crate::common::{
    at, candidate, column, copy, dataset_path, fate, folder, open, run_info, sample, write_run, write_run_of,
};
use arrow_array::RecordBatch;
use consent::OptOutList;
use datafusion::arrow::util::pretty::pretty_format_batches;
use index::{
    Funnel, RunInfo,
    dedup::{self, dedup},
    optout::{Entry, EntryKind, apply},
    publish,
    upkeep::{self, Sizes, compact},
};
use parquet::{
    arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
    file::reader::{FileReader, SerializedFileReader},
};
use schema::{Host, Sample, SampleId};
use std::{
    fs::File,
    path::{Path, PathBuf},
};
use url::Url;

/// Places of every kind that parsing, comparing and the public suffix list treat in a way of their own.
const HOSTS: [&str; 24] = [
    "a.example",
    "www.a.example",
    "deep.www.a.example",
    "b.co.uk",
    "x.b.co.uk",
    "c.co.uk",
    "artist.github.io",
    "other.github.io",
    "github.io",
    "1.2.3.4",
    "11.2.3.4",
    "[2001:db8::1]",
    "bücher.example",
    "xn--bcher-kva.example",
    "UPPER.example",
    "dot.example.",
    "port.example:8080",
    "port.example",
    "user@name.example",
    "bucket.s3.amazonaws.com",
    "name_with.example",
    "localhost",
    "b.c.kobe.jp",
    "notexample",
];

/// Paths likewise.
const PATHS: [&str; 16] = [
    "/x.jpg",
    "/X.jpg",
    "/%7Euser/x.jpg",
    "/~user/x.jpg",
    "/a%20(1).jpg",
    "/a (1).jpg",
    "/./x.jpg",
    "/d/../x.jpg",
    "/x.jpg?",
    "/x.jpg??",
    "/x.jpg?a=1",
    "/x.jpg#top",
    "",
    "/art/",
    "/art/x.jpg?y='z'",
    "/art/deep/@x,y;z.jpg",
];

/// Entries, of which each list takes some.
const ENTRIES: [(EntryKind, &str); 26] = [
    (EntryKind::Domain, "a.example"),
    (EntryKind::Host, "a.example"),
    (EntryKind::Host, "www.a.example"),
    (EntryKind::Domain, "deep.www.a.example"),
    (EntryKind::Domain, "x.b.co.uk"),
    (EntryKind::Domain, "*.b.co.uk"),
    (EntryKind::Domain, "github.io"),
    (EntryKind::Domain, "amazonaws.com"),
    (EntryKind::Host, "github.io"),
    (EntryKind::Host, "1.2.3.4"),
    (EntryKind::Host, "2001:db8::1"),
    (EntryKind::Domain, "bücher.example"),
    (EntryKind::Host, "upper.example"),
    (EntryKind::Domain, ".dot.example"),
    (EntryKind::Url, "http://port.example:8080/x.jpg"),
    (EntryKind::Url, "https://port.example/x.jpg"),
    (EntryKind::Url, "https://a.example/~user/x.jpg"),
    (EntryKind::Url, "https://a.example/a%20(1).jpg"),
    (EntryKind::Url, "http://c.co.uk/x.jpg"),
    (EntryKind::Url, "https://other.github.io/x.jpg?"),
    (EntryKind::Url, "https://other.github.io/art/x.jpg?y='z'"),
    (EntryKind::UrlPrefix, "https://c.co.uk/art/*"),
    (EntryKind::UrlPrefix, "https://name.example/"),
    (EntryKind::Url, "https://dot.example/X.jpg"),
    (EntryKind::Host, "localhost"),
    (EntryKind::Domain, "b.c.kobe.jp"),
];

/// The picture and page of row `n`: all combinations come up, and some that are no URLs.
fn odd(n: usize) -> Sample {
    let scheme = if n.is_multiple_of(3) { "http" } else { "https" };
    let address = |host: usize, path: usize| match (host * 31 + path) % 97 {
        0 => "not a url".to_owned(),
        1 => "data:,x".to_owned(),
        2 => r"https:\\a.example\x.jpg".to_owned(),
        _ => format!("{scheme}://{}{}", HOSTS[host % HOSTS.len()], PATHS[path % PATHS.len()]),
    };
    let host_of = |url: &str| Url::parse(url).ok().and_then(|url| Host::of(&url));
    let host_of = |url: &str| host_of(url).map(|host| host.to_string()).unwrap_or_default();
    let domain = |host: &str| Host::from(host).registered_domain().to_string();
    let mut row = sample(n);
    row.url = address(n, n / 7);
    row.page_url = if n.is_multiple_of(11) { String::new() } else { address(n / 5 + 3, n * 13) };
    row.text = format!("picture {n}");
    row.id = SampleId::of(&row.url, &row.text);
    (row.image_host, row.page_host) = (host_of(&row.url), host_of(&row.page_url));
    (row.image_domain, row.page_domain) = (domain(&row.image_host), domain(&row.page_host));
    row
}

#[tokio::test]
async fn the_fast_look_names_what_a_list_names() {
    let (whole, store) = folder();
    write_run_of(&store, 0..1500, odd).await;
    publish(&store, &RunInfo { duplicates: schema::Duplicates::All, ..run_info("first") }).await.unwrap();
    let dataset = open(&whole).await;
    let rows = column(&dataset, "select id || ' ' || url || ' ' || page_url from samples").await;
    assert!(rows.len() > 800, "{}", rows.len());
    let urls = column(&dataset, "select url from samples order by id, url").await;
    let pages = column(&dataset, "select page_url from samples order by id, url").await;
    let ids = column(&dataset, "select id from samples order by id, url").await;
    let text = |field: &String| field.trim_matches('"').to_owned();
    for round in 0..12_usize {
        let chosen = |place: usize| round < 2 || (place * 7 + round * 5) % 9 < 2;
        let kinds = |kind: EntryKind| round != 1 || kind == EntryKind::Url;
        let entries: Vec<Entry> = ENTRIES
            .iter()
            .enumerate()
            .filter(|(place, (kind, _))| chosen(*place) && kinds(*kind))
            .map(|(_, (kind, value))| Entry { kind: *kind, value: (*value).to_owned() })
            .collect();
        let name = |kind| match kind {
            EntryKind::Domain => "domain",
            EntryKind::Host => "host",
            EntryKind::Url => "url",
            _ => "url-prefix",
        };
        let lines: String = entries.iter().map(|entry| format!("{},\"{}\"\n", name(entry.kind), entry.value)).collect();
        let list = OptOutList::parse("list", &format!("type,value\n{lines}")).unwrap();
        let names = |url: &str| Url::parse(url).ok().and_then(|url| list.find(&url)).is_some();
        let stays: Vec<&String> = (0..ids.len())
            .filter(|row| !names(&text(&urls[*row])) && !names(&text(&pages[*row])))
            .map(|row| &ids[row])
            .collect();
        assert!(stays.len() < ids.len() && !stays.is_empty(), "round {round}");
        let (after, _) = folder();
        copy(&whole.path().join("dataset"), &after.path().join("dataset"));
        let applied = apply(&open(&after).await, &entries, &run_info("taken")).await.unwrap();
        let left = column(&open(&after).await, "select id from samples order by id, url").await;
        assert_eq!(left.iter().collect::<Vec<_>>(), stays, "round {round}: {entries:?}");
        assert_eq!(applied.samples.rows, (ids.len() - stays.len()) as u64);
    }
}

/// A sample of a domain that has more rows than a row group.
fn of_one(n: usize) -> Sample {
    let mut row = sample(n);
    row.image_host = format!("img.site{}.example", n / 30_000);
    row.image_domain = format!("site{}.example", n / 30_000);
    row.url = format!("https://{}/{n:06}.jpg", row.image_host);
    row.id = SampleId::of(&row.url, &row.text);
    row.image = None;
    row.similarity = 0.25 + f32::from(u16::try_from(n % 1000).unwrap()) / 2000.0;
    row
}

fn groups(path: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(path).unwrap();
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let range = |group: &parquet::file::metadata::RowGroupMetaData| {
        let (start, _) = group.column(0).byte_range();
        let (last, length) = group.column(group.num_columns() - 1).byte_range();
        bytes[usize::try_from(start).unwrap()..usize::try_from(last + length).unwrap()].to_vec()
    };
    reader.metadata().row_groups().iter().map(range).collect()
}

#[tokio::test]
async fn row_groups_without_such_rows_are_copied_byte_by_byte() {
    let (folder, store) = folder();
    let info = RunInfo { duplicates: schema::Duplicates::All, ..run_info("first") };
    write_run_of(&store, 0..30_000, of_one).await;
    publish(&store, &info).await.unwrap();
    let before = open(&folder).await;
    let query = "select id from samples where not (url like '%/0000%' and image_domain = 'site0.example') order by id";
    let expected = column(&before, query).await;
    let files = before.samples().files().unwrap();
    let largest = files.iter().max_by_key(|file| file.rows).unwrap();
    let old = groups(&folder.path().join("dataset").join(&largest.path));
    assert!(old.len() > 1, "{} rows in one row group", largest.rows);
    let entries: Vec<Entry> = (0..100)
        .map(|n| Entry { kind: EntryKind::Url, value: format!("https://img.site0.example/{n:06}.jpg") })
        .collect();
    let applied = apply(&before, &entries, &run_info("taken")).await.unwrap();
    assert!(applied.samples.rows > 30, "{applied:?}");

    let after = open(&folder).await;
    assert_eq!(column(&after, "select id from samples order by id").await, expected);
    // A file is written anew only where a row goes, and in it only the row groups with such rows.
    let unchanged = files.iter().filter(|file| after.samples().files().unwrap().contains(file)).count();
    assert_eq!(files.len() - unchanged, usize::try_from(applied.samples.files).unwrap());
    let new = after.samples().files().unwrap();
    let mut copied = 0;
    for file in new.iter().filter(|file| file.path.contains("part-taken")) {
        let path = folder.path().join("dataset").join(&file.path);
        copied += groups(&path).iter().filter(|group| old.contains(group)).count();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), file.size);
    }
    assert!(copied >= 1, "{copied} of {} row groups", old.len());
    // The copies are found by their ranges and pages, and the log tells of the new files what is in them.
    let url = column(&after, "select url from samples order by url desc limit 1").await.remove(0);
    assert_eq!(column(&after, &format!("select count(*) from samples where url = '{url}'")).await, ["1"]);
    let log = folder.path().join("dataset/_delta_log/00000000000000000002.json");
    let mut told = 0;
    for line in std::fs::read_to_string(log).unwrap().lines() {
        let action: serde_json::Value = serde_json::from_str(line).unwrap();
        let Some(add) = action.get("add") else { continue };
        let stats: serde_json::Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
        let bucket = add["partitionValues"]["bucket"].as_str().unwrap();
        let query = format!(
            "select count(*) || ' ' || min(image_domain) || ' ' || max(image_domain) || ' ' || min(similarity) || ' ' || \
             max(similarity) from samples where bucket = {bucket}"
        );
        let range = |end: &str| stats[end]["image_domain"].as_str().unwrap().to_owned();
        #[expect(clippy::cast_possible_truncation, reason = "it was one")]
        let likeness = |end: &str| stats[end]["similarity"].as_f64().unwrap() as f32;
        let (low, high) = (range("minValues"), range("maxValues"));
        let said = format!("{} {low} {high} {} {}", stats["numRecords"], likeness("minValues"), likeness("maxValues"));
        assert_eq!(column(&after, &query).await, [said]);
        told += 1;
    }
    assert_eq!(told, applied.samples.files);
}

/// All files below `folder` but the standing opt-outs.
fn all_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() && !entry.ends_with("_optout") {
            all_files(&entry, found);
        } else if entry.is_file() {
            found.push(entry);
        }
    }
}

/// Files that hold `text`, in their bytes or, of Parquet, in any value.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    all_files(folder, &mut files);
    assert!(files.len() > 10);
    files.retain(|path| {
        let bytes = std::fs::read(path).unwrap();
        if bytes.windows(text.len()).any(|window| window == text.as_bytes()) {
            return true;
        }
        if path.extension().is_none_or(|extension| extension != "parquet") {
            return false;
        }
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
        let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        pretty_format_batches(&batches).unwrap().to_string().contains(text)
    });
    files
}

#[tokio::test]
async fn nothing_anywhere_tells_of_what_was_taken_out() {
    let (folder, store) = folder();
    for run in 0..3 {
        write_run(&store, run * 60..(run + 1) * 60).await;
        publish(&store, &run_info(&format!("run-{run}"))).await.unwrap();
    }
    let path = dataset_path(&folder);
    let settings = dedup::Settings { max_distance: 6, min_cosine: 0.9, embedding_cosine: None };
    dedup(&path, settings, &dedup::Asked { command: "dedup".into(), at: at(5) }, false).await.unwrap();
    compact(&path, Sizes::default(), &upkeep::Asked { command: "compact".into(), at: at(6) }, false).await.unwrap();
    // What a killed compaction left.
    let dataset = folder.path().join("dataset");
    let some = open(&folder).await.samples().files().unwrap().remove(0);
    let stray = dataset.join(format!("bucket={}/part-compact-1-0-0-0-0.parquet", some.bucket));
    std::fs::copy(dataset.join(&some.path), &stray).unwrap();
    let host = "://img.site1.example/";
    assert!(holding(&dataset, host).len() > 5);

    let entries = [Entry { kind: EntryKind::Domain, value: "site1.example".into() }];
    apply(&open(&folder).await, &entries, &run_info("taken")).await.unwrap();
    assert_eq!(holding(&dataset, host), Vec::<PathBuf>::new());
    let after = open(&folder).await;
    let kept = (0..180).filter(|n| fate(*n).is_none() && n % 7 != 1).count();
    assert_eq!(column(&after, "select count(*) from samples").await, [kept.to_string()]);
    Funnel::of(&after).await.unwrap().check().unwrap();
    assert!(candidate(1).url.contains(host));
}
