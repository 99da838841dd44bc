//! Am I in it? Looks through all rows of a dataset, older versions too, without changing anything.

use super::{
    look::Sought,
    named::{Columns, Hit, Hosts, Named, usual},
    standing::Standing,
};
use crate::{
    Dataset, Error,
    table::{ActiveFile, Doomed, Groups, Life, Table, at_once, in_background},
};
use arrow_array::{Array, cast::AsArray};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStore;
use parquet::arrow::arrow_reader::RowSelection;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::runtime::Handle;

/// Another writer may be faster now and then, but not for ever.
const ATTEMPTS: usize = 20;

/// What is read of the rows that are named.
const COLUMNS: [&str; 6] = ["url", "page_url", "sha256", "phash", "id", "image_domain"];

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

/// How many rows are named, and by what.
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
    let mut checked = Checked { names: named.list().names().count() as u64, ..Checked::default() };
    checked.searched.standing = Standing::read(dataset.store()).await?.into_named().len() as u64;
    let sought = Arc::new(Sought::by(Arc::clone(named)));
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for (name, table) in [("samples", Some(dataset.samples())), ("ledger", dataset.ledger())] {
        let Some(table) = table else { continue };
        let (table, looked) = look_through(table, name, named, &sought).await?;
        let searched = &mut checked.searched;
        searched.older_files += looked.older_files;
        if name == "samples" {
            checked.version = table.version();
            (searched.samples_version, searched.samples) = (table.version(), table.rows()?);
        } else {
            (searched.ledger_version, searched.ledger) = (Some(table.version()), table.rows()?);
        }
        checked.files.extend(looked.files);
        checked.add(name, looked.current, &mut found);
    }
    checked.found = found.into_values().collect();
    Ok(checked)
}

/// What of one table is named.
#[derive(Default)]
struct LookedThrough {
    /// Files of older versions only.
    older_files: u64,
    /// Files with rows that are named, by name.
    files: Vec<HeldIn>,
    /// What the version that is open holds.
    current: Counted,
}

/// Looks through `table`; where files that its version reads vanish meanwhile, through the latest version, which then comes
/// back, too.
async fn look_through(
    table: &Table,
    name: &str,
    named: &Arc<Named>,
    sought: &Arc<Sought>,
) -> Result<(Table, LookedThrough), Error> {
    let mut table = table.clone();
    for _ in 1..ATTEMPTS {
        let looked = look_once(&table, name, named, sought).await;
        match looked {
            // Another takedown, or a vacuum, deleted what was being read.
            Err(_) if table.has_moved().await? => {
                let Some(latest) = Table::open(table.store(), None).await? else { return Err(Error::Contended) };
                table = latest;
            }
            looked => return Ok((table, looked?)),
        }
    }
    let looked = look_once(&table, name, named, sought).await?;
    Ok((table, looked))
}

async fn look_once(
    table: &Table,
    name: &str,
    named: &Arc<Named>,
    sought: &Arc<Sought>,
) -> Result<LookedThrough, Error> {
    let now = table.version();
    let mut looked = LookedThrough::default();
    let mut counting = stream::iter(held(table).await?)
        .map(|life| count(table, life, Arc::clone(named), Arc::clone(sought)))
        .buffer_unordered(at_once());
    while let Some((life, counted)) = counting.try_next().await? {
        let (first, last, current) = (life.added.version, life.last(now), life.removed.is_none());
        looked.older_files += u64::from(!current);
        let rows = counted.rows;
        if rows == 0 {
            continue;
        }
        let ActiveFile { path, size: bytes, .. } = life.file;
        looked.files.push(HeldIn { table: name.to_owned(), path, bytes, rows, first, last, current });
        if current {
            looked.current.take(counted);
        }
    }
    looked.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(looked)
}

impl Counted {
    fn take(&mut self, other: Self) {
        self.rows += other.rows;
        for (hit, rows) in other.found {
            *self.found.entry(hit).or_default() += rows;
        }
        for (domain, rows) in other.domains {
            *self.domains.entry(domain).or_default() += rows;
        }
    }
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

/// On a thread of its own: reading a file is work for a processor.
async fn count(table: &Table, life: Life, named: Arc<Named>, sought: Arc<Sought>) -> Result<(Life, Counted), Error> {
    let (store, path) = (table.store().inner(), life.file.path.clone());
    let counted = in_background(move |handle| count_file(store, &path, &named, &sought, handle)).await;
    match counted {
        // Another takedown, or a vacuum, was faster.
        Err(_) if life.removed.is_some() && !table.store().exists(&life.file.path).await? => {
            Ok((life, Counted::default()))
        }
        counted => Ok((life, counted?)),
    }
}

/// Only of rows that are named more is read than what tells whether they are.
fn count_file(
    store: Arc<dyn ObjectStore>,
    path: &str,
    named: &Named,
    sought: &Sought,
    handle: &Handle,
) -> Result<Counted, Error> {
    let file = Groups::open(store, path, handle)?;
    let columns: Vec<&str> = COLUMNS.into_iter().filter(|name| file.has(name)).collect();
    let mut counted = Counted::default();
    let mut hosts = Hosts::default();
    for group in 0..file.count() {
        let Some(marks) = sought.in_group(&file, group)? else { continue };
        let bytes = file.fetch(group..group + 1, &columns)?;
        let marked = RowSelection::from_filters(&[marks]);
        let batch = usual(&file.read(&bytes, group, &columns, Some(marked))?)?;
        let rows = Columns::of(&batch)?;
        let domains = batch.column_by_name("image_domain").and_then(|column| column.as_string_opt::<i32>());
        for row in 0..batch.num_rows() {
            let Some(hit) = named.hit(&rows.facts(row), &mut hosts) else { continue };
            counted.rows += 1;
            *counted.found.entry(hit).or_default() += 1;
            let domain = domains.filter(|domains| domains.is_valid(row)).map_or("", |domains| domains.value(row));
            *counted.domains.entry(domain.to_owned()).or_default() += 1;
        }
    }
    Ok(counted)
}
