//! Am I in it? Looks through all rows of a dataset, older versions too, without changing anything.

use super::{
    named::{Columns, Hit, Hosts, Named},
    standing::Standing,
};
use crate::{
    Dataset, Error,
    table::{ActiveFile, Life, Table},
};
use arrow_array::cast::AsArray;
use futures::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Files looked through side by side.
const AT_ONCE: usize = 4;

/// What a list comes to in a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The dataset's version.
    pub version: u64,
    /// Samples that the list names.
    pub samples: u64,
    /// Rows of the ledger that it names: seen, and never kept.
    pub ledger: u64,
    /// By entry; entries that name nothing do not stand here.
    pub found: Vec<Found>,
    /// Samples named, by the domain of the picture.
    pub domains: BTreeMap<String, u64>,
    /// Persons' names in the list. They name nothing by themselves: where one stands in a caption,
    /// somebody has to look.
    pub names: u64,
    /// What was looked through, so that "nothing" means something.
    pub searched: Searched,
    /// Files with rows that the list names, of this version and, as far as they lie here, of older ones.
    pub files: Vec<HeldIn>,
}

/// What one entry names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// `domain`, `host`, `url`, `url-prefix`, `sha256`, `phash` or `id`.
    pub kind: String,
    /// The entry as written.
    pub value: String,
    /// List and line it stands on.
    pub place: String,
    /// Samples it names.
    pub samples: u64,
    /// Rows of the ledger it names.
    pub ledger: u64,
}

/// What was looked through.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Searched {
    /// The version of the samples.
    pub samples_version: u64,
    /// Rows in it.
    pub samples: u64,
    /// The version of the ledger, if there is one.
    pub ledger_version: Option<u64>,
    /// Rows in it.
    pub ledger: u64,
    /// Files of older versions only that lie here still.
    pub older_files: u64,
    /// Standing opt-outs of the dataset.
    pub standing: u64,
}

/// A file that holds rows which the list names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldIn {
    /// `samples` or `ledger`.
    pub table: String,
    /// Its name in the table's folder.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// Rows that the list names.
    pub rows: u64,
    /// The first version that reads it.
    pub first: u64,
    /// The last version that does.
    pub last: u64,
    /// Whether the current version does: then it is written anew, where others are deleted.
    pub current: bool,
}

impl Checked {
    /// Versions of `table` that read rows which the list names, as far as their files lie here: the first and the last of
    /// each stretch.
    pub fn versions(&self, table: &str) -> Vec<(u64, u64)> {
        let mut versions = BTreeSet::new();
        for file in self.files.iter().filter(|file| file.table == table) {
            versions.extend(file.first..=file.last);
        }
        let mut stretches: Vec<(u64, u64)> = Vec::new();
        for version in versions {
            match stretches.last_mut() {
                Some((_, last)) if *last + 1 == version => *last = version,
                _ => stretches.push((version, version)),
            }
        }
        stretches
    }
}

/// What of one file is named.
#[derive(Default)]
struct Counted {
    rows: u64,
    found: BTreeMap<Hit, u64>,
    domains: BTreeMap<String, u64>,
}

/// Counts what `named` names in `dataset`. A row is counted under one entry, the widest that names
/// its picture or else its page; a sample also by its bytes and its looks. The ledger's pictures were
/// not kept, so that only their addresses are known.
pub async fn check(dataset: &Dataset, named: &Arc<Named>) -> Result<Checked, Error> {
    let mut checked = Checked {
        version: dataset.version(),
        names: named.list().names().count() as u64,
        searched: searched(dataset).await?,
        ..Checked::default()
    };
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for (name, table) in [("samples", Some(dataset.samples())), ("ledger", dataset.ledger())] {
        let Some(table) = table else { continue };
        let now = table.version();
        let lives: Vec<Life> = held(table).await?;
        checked.searched.older_files += lives.iter().filter(|life| life.removed.is_some()).count() as u64;
        let counted: Vec<(Life, Counted)> = stream::iter(lives)
            .map(|life| count(table.clone(), life, Arc::clone(named)))
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        for (life, counted) in counted.into_iter().filter(|(_, counted)| counted.rows > 0) {
            let (first, last, current) = (life.added.version, life.last(now), life.removed.is_none());
            let ActiveFile { path, size: bytes, .. } = life.file;
            let rows = counted.rows;
            checked.files.push(HeldIn { table: name.to_owned(), path, bytes, rows, first, last, current });
            if current {
                checked.add(name, counted, &mut found);
            }
        }
    }
    checked.found = found.into_values().collect();
    Ok(checked)
}

impl Checked {
    fn add(&mut self, table: &str, counted: Counted, found: &mut BTreeMap<String, Found>) {
        let is_sample = table == "samples";
        for (Hit { kind, value, place }, rows) in counted.found {
            let entry = found.entry(place.clone()).or_insert(Found { kind, value, place, samples: 0, ledger: 0 });
            *(if is_sample { &mut entry.samples } else { &mut entry.ledger }) += rows;
        }
        if !is_sample {
            self.ledger += counted.rows;
            return;
        }
        self.samples += counted.rows;
        for (domain, rows) in counted.domains {
            *self.domains.entry(domain).or_default() += rows;
        }
    }
}

/// What there is to look through.
pub(crate) async fn searched(dataset: &Dataset) -> Result<Searched, Error> {
    let ledger = dataset.ledger();
    Ok(Searched {
        samples_version: dataset.version(),
        samples: dataset.samples().rows()?,
        ledger_version: ledger.map(Table::version),
        ledger: ledger.map(Table::rows).transpose()?.unwrap_or_default(),
        older_files: 0,
        standing: Standing::read(dataset.store()).await?.into_named().len() as u64,
    })
}

/// The files of this version, and those of older ones that nobody deleted.
async fn held(table: &Table) -> Result<Vec<Life>, Error> {
    let mut held = Vec::new();
    for life in table.lives().await? {
        if life.removed.is_none() || table.store().exists(&life.file.path).await? {
            held.push(life);
        }
    }
    Ok(held)
}

/// On a task of its own: reading a file is work for a processor.
async fn count(table: Table, life: Life, named: Arc<Named>) -> Result<(Life, Counted), Error> {
    let counting = tokio::spawn(async move {
        let counted = count_file(&table, &life.file, &named).await?;
        Ok((life, counted))
    });
    let failed =
        |error: tokio::task::JoinError| Error::Record { name: "the search".into(), problem: error.to_string() };
    counting.await.map_err(failed)?
}

async fn count_file(table: &Table, file: &ActiveFile, named: &Named) -> Result<Counted, Error> {
    let mut columns = named.columns(table)?;
    columns.push("image_domain");
    let mut counted = Counted::default();
    let mut hosts = Hosts::default();
    let mut batches = table.rows_of(file, Some(&columns)).await?;
    while let Some(batch) = batches.try_next().await? {
        let rows = Columns::of(&batch)?;
        let domains = batch.column(columns.len() - 1).as_string::<i32>();
        for row in 0..batch.num_rows() {
            if let Some(hit) = named.hit(&rows.facts(row), &mut hosts) {
                counted.rows += 1;
                *counted.found.entry(hit).or_default() += 1;
                *counted.domains.entry(domains.value(row).to_owned()).or_default() += 1;
            }
        }
    }
    Ok(counted)
}
