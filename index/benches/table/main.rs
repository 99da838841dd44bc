//! Our side of the bench of a large table: one job a process, so that `run.py` can tell what each costs in
//! processor time and memory. See README.md beside this file.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench")]

mod after;

use chrono::{DateTime, Utc};
use index::{
    Audit, By, Dataset, RunInfo,
    optout::{self, Entry, EntryKind},
    sql,
    subset::{Layout, Subset, Wanted, subset},
    table::{Change, Table},
};
use schema::{LedgerRow, Sample};
use shards::Store;
use std::{collections::BTreeMap, fs::read_to_string};

/// As the program has it.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

const JOBS: &str = "create FOLDER BUCKETS | audit FOLDER | subset FOLDER CONDITION OUT | \
    anti-join FOLDER URLS DOMAINS | sql FOLDER QUERY | takedown FOLDER ID KIND LIST | \
    receipt FOLDER LIST | verify FOLDER KEY | republish RUN ROWS NEW";

#[tokio::main]
async fn main() {
    let given: Vec<String> = std::env::args().skip(1).filter(|given| given != "--bench").collect();
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    match given[..] {
        ["create", folder, buckets] => create(folder, buckets.parse().unwrap()).await,
        ["audit", folder] => {
            let audit = Audit::by(&open(folder).await, By::ImageDomain).await.unwrap();
            println!("{} groups, {} rows", audit.rows.len(), audit.totals.candidates);
        }
        ["subset", folder, condition, out] => {
            let wanted = Wanted { condition: Some(condition.to_owned()), ..Wanted::default() };
            let manifest = subset(&open(folder).await, &wanted, Layout::Parquet, out, Utc::now()).await.unwrap();
            println!("{} rows", manifest.rows);
        }
        ["anti-join", folder, urls, domains] => {
            let lists = (Some(urls.into()), Some(domains.into()));
            let wanted = Wanted { exclude_urls: lists.0, exclude_domains: lists.1, ..Wanted::default() };
            let dataset = open(folder).await;
            let manifest = Subset::count(&dataset, &wanted, Layout::Parquet, Utc::now()).await.unwrap();
            println!("{} rows", manifest.written);
        }
        ["sql", folder, query] => {
            let batches = sql::run(&open(folder).await, query).await.unwrap();
            print!("{}", sql::format(&batches, sql::Format::Csv).unwrap());
        }
        ["takedown", folder, id, kind, list] => takedown(folder, id, kind, list).await,
        ["receipt", folder, list] => after::receipt(folder, list).await,
        ["verify", folder, key] => after::verify(folder, key).await,
        ["republish", run, rows, new] => after::republish(run, rows, new.parse().unwrap()).await,
        _ => {
            eprintln!("skipped: this bench is run by `make bench-table`, or as one of\n  {JOBS}");
        }
    }
}

async fn open(folder: &str) -> Dataset {
    Dataset::open(folder).await.unwrap()
}

/// An empty dataset, for `make.py` to fill.
async fn create(folder: &str, buckets: u32) {
    let change = Change {
        id: "create".into(),
        command: "bench".into(),
        at: DateTime::<Utc>::UNIX_EPOCH,
        counts: BTreeMap::new(),
    };
    let store = Store::create(folder).unwrap();
    Table::open_or_create::<Sample>(&store, buckets, &change).await.unwrap();
    let ledger = store.below(index::LEDGER_FOLDER).unwrap();
    Table::open_or_create::<LedgerRow>(&ledger, buckets, &change).await.unwrap();
}

/// Takes out what a list of one kind names, a value a line.
async fn takedown(folder: &str, id: &str, kind: &str, list: &str) {
    let kind = match kind {
        "domain" => EntryKind::Domain,
        _ => EntryKind::Url,
    };
    let entries: Vec<Entry> =
        read_to_string(list).unwrap().lines().map(|line| Entry { kind, value: line.to_owned() }).collect();
    let takedown = RunInfo {
        id: id.to_owned(),
        round: 0,
        command: "bench".into(),
        buckets: 0,
        duplicates: schema::Duplicates::All,
        at: Utc::now(),
    };
    let applied = optout::apply(&open(folder).await, &entries, &takedown).await.unwrap();
    println!("{} rows, {} files rewritten, {} deleted", applied.samples.rows, applied.samples.files, applied.deleted);
}
