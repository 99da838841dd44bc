//! Standing opt-outs: they lie in the dataset and are asked at every publish.

use super::{
    entry::{Entry, lines},
    named::{Facts, Hit, Hosts, Named},
};
use crate::Error;
use consent::OptOutList;
use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, path::Path};
use schema::{LedgerRow, Sample};
use shards::Store;
use std::sync::{Mutex, PoisonError};

/// The folder of standing opt-outs within the dataset. What lies in folders below it is about takedowns.
pub(super) const FOLDER: &str = "_optout";

/// All standing opt-outs of a dataset.
pub(crate) struct Standing {
    named: Named,
    /// Hosts met before: rows of one host come one after the other.
    hosts: Mutex<Hosts>,
}

impl Standing {
    /// Reads them. A line that cannot be read is an error: skipped, it were an opt-out ignored.
    pub(crate) async fn read(dataset: &Store) -> Result<Self, Error> {
        let mut named = Named::in_list(OptOutList::empty());
        for name in dataset.list(FOLDER).await? {
            if !is_standing(&name) {
                continue;
            }
            if let Some(entries) = read(dataset, &name).await? {
                named.extend(Named::of(&name, &entries)?);
            }
        }
        Ok(Self { named, hosts: Mutex::default() })
    }

    /// What changes when an opt-out comes to stand: the files that hold them, with their sizes and times.
    pub(crate) async fn mark(dataset: &Store) -> Result<Vec<(String, u64, i64)>, Error> {
        let files = dataset.inner().list(Some(&Path::from(FOLDER)));
        let mark = |file: ObjectMeta| (file.location.to_string(), file.size, file.last_modified.timestamp_micros());
        let mut marks: Vec<_> = files.map_ok(mark).try_collect().await?;
        // Notes and receipts of takedowns come and go without an opt-out.
        marks.retain(|(name, ..)| is_standing(name));
        marks.sort();
        Ok(marks)
    }

    /// What they name.
    pub(crate) fn into_named(self) -> Named {
        self.named
    }

    /// Whether one of them names the sample: by its picture's address, its page's, its picture's bytes or looks, or itself.
    pub(crate) fn names(&self, sample: &Sample) -> bool {
        self.name(&Facts {
            url: &sample.url,
            page_url: &sample.page_url,
            sha256: Some(&sample.sha256),
            phash: Some(sample.phash),
            id: Some(sample.id.0),
        })
    }

    /// Whether one of them names a row whose picture was not kept: by the addresses, or itself.
    pub(crate) fn names_row(&self, row: &LedgerRow) -> bool {
        self.name(&Facts { url: &row.url, page_url: &row.page_url, id: Some(row.id.0), ..Facts::default() })
    }

    fn name(&self, facts: &Facts<'_>) -> bool {
        self.hit(facts).is_some()
    }

    /// The one that names what has these facts.
    pub(crate) fn hit(&self, facts: &Facts<'_>) -> Option<Hit> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if self.named.is_empty() { None } else { self.named.hit(facts, &mut hosts) }
    }

    /// Adds `entries` under the name of the takedown `id`. The same again writes nothing: whoever publishes need not look
    /// once more.
    pub(crate) async fn add(dataset: &Store, id: &str, entries: &[Entry]) -> Result<(), Error> {
        let name = name_of(id);
        let text = lines(&name, entries)?;
        if dataset.get(&name).await?.is_some_and(|stands| stands == text) {
            return Ok(());
        }
        Ok(dataset.put(&name, text).await?)
    }
}

/// Whether a file in the folder holds standing opt-outs.
fn is_standing(name: &str) -> bool {
    name.matches('/').count() == 1
}

/// The file of a takedown's standing opt-outs.
pub(super) fn name_of(id: &str) -> String {
    format!("{FOLDER}/{id}.jsonl")
}

/// The entries of one file; `None` where there is none.
pub(super) async fn read(dataset: &Store, name: &str) -> Result<Option<Vec<Entry>>, Error> {
    let Some(bytes) = dataset.get(name).await? else { return Ok(None) };
    let problem = |problem: String| Error::Record { name: name.to_owned(), problem };
    let text = std::str::from_utf8(&bytes).map_err(|error| problem(error.to_string()))?;
    let mut entries: Vec<Entry> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let entry = serde_json::from_str(line);
        entries.push(entry.map_err(|error| problem(format!("line {}: {error}", number + 1)))?);
    }
    Ok(Some(entries))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optout::EntryKind;

    #[tokio::test]
    async fn only_another_opt_out_changes_the_mark() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        let entry = |value: &str| Entry { kind: EntryKind::Domain, value: value.to_owned() };
        Standing::add(&store, "one", &[entry("a.example")]).await.unwrap();
        let mark = Standing::mark(&store).await.unwrap();
        assert_eq!(mark.len(), 1);
        store.put("_optout/begun/two.json", "{}").await.unwrap();
        store.put("_optout/receipts/two.json", "{}").await.unwrap();
        Standing::add(&store, "one", &[entry("a.example")]).await.unwrap();
        assert_eq!(Standing::mark(&store).await.unwrap(), mark);
        Standing::add(&store, "two", &[entry("b.example")]).await.unwrap();
        assert_ne!(Standing::mark(&store).await.unwrap(), mark);
    }
}
