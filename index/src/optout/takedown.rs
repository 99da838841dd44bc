//! A takedown from request to receipt.
//!
//! Its id has the request's digest at its end. What is known of it is put down first (`_optout/begun/<id>.json`), so that one
//! that was killed is gone on with when the same is asked again, with the counts and digests from before anything was
//! removed. Then it is made standing, what is to go is counted and hashed, `apply` removes it, the log tells what that came to, and
//! last comes the receipt.

use super::{
    Checked, Entry, Named, apply, check,
    entry::digest_of,
    proof,
    receipt::{FileDigest, MOST_ENTRIES, Matched, Proof, Receipt, Request, Signed, TableChange},
    signature::Key,
    standing::{self, Standing},
};
use crate::{
    Dataset, Error, RunInfo,
    table::{BUCKET_COLUMN, FileId, Life, Table, is_of},
};
use chrono::{DateTime, Utc};
use futures::TryStreamExt;
use object_store::{ObjectStoreExt, path::Path};
use schema::{Duplicates, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shards::Store;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Takedowns that were begun and have no receipt yet.
const BEGUN: &str = "_optout/begun";

/// Who asks for what, and when. The clock is read by the caller, once.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What is to go.
    pub entries: Vec<Entry>,
    /// Names of persons that the list had beside.
    pub names: u64,
    /// The list's name, if there was one.
    pub list: Option<String>,
    /// Its SHA-256.
    pub list_sha256: Option<String>,
    /// Version of the consent policy.
    pub policy: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// A takedown under way.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Begun {
    id: String,
    at: DateTime<Utc>,
    request: Request,
    /// What it named before anything was removed; not known yet at first.
    checked: Option<Checked>,
    /// SHA-256 of the files that are to go, by table and name.
    digests: BTreeMap<String, String>,
}

/// Takes out what was asked, keeps it out, and signs what that came to. The same again, after it was killed, ends it.
pub async fn take_down(location: &str, asked: &Asked, key: &Key) -> Result<Signed, Error> {
    let dataset = Dataset::open(location).await?;
    let store = dataset.store().clone();
    let mut begun = begin(&store, asked).await?;
    let takedown = RunInfo {
        id: begun.id.clone(),
        round: 0,
        // Not the command line: it may name what must not be named in a log that is kept.
        command: "pinakes optout apply".to_owned(),
        buckets: 0,
        duplicates: Duplicates::default(),
        at: begun.at,
    };
    let named = Arc::new(Named::of(&begun.id, &asked.entries)?);
    // Before anything is counted, so that nothing comes in meanwhile.
    Standing::add(&store, &begun.id, &asked.entries).await?;
    let checked = if let Some(checked) = begun.checked.clone() {
        checked
    } else {
        let dataset = Dataset::open(location).await?;
        let checked = check(&dataset, &named).await?;
        for file in &checked.files {
            let digest = digest(&folder(&dataset, &file.table), &file.path).await?;
            begun.digests.extend(digest.sha256.map(|digest| (name_of(&file.table, &file.path), digest)));
        }
        begun.checked = Some(checked.clone());
        begun.write(&store).await?;
        checked
    };
    apply(&dataset, &asked.entries, &takedown).await?;
    let dataset = Dataset::open(location).await?;
    remove_unfinished(&dataset, &begun.id)?;
    let proof = prove(&dataset, &asked.entries, &named).await?;
    let Checked { samples, ledger, found, domains, .. } = checked.clone();
    let receipt = Receipt {
        form: Receipt::form(),
        id: begun.id.clone(),
        at: begun.at,
        pinakes: env!("CARGO_PKG_VERSION").to_owned(),
        policy: asked.policy.clone(),
        request: begun.request.clone(),
        matched: Matched { samples, ledger, entries: found.into_iter().take(MOST_ENTRIES).collect(), domains },
        standing: digest(&store, &standing::name_of(&begun.id)).await?,
        tables: changes(&dataset, &begun, &checked).await?,
        proof,
    };
    let signed = receipt.sign(key)?;
    signed.write(&store).await?;
    store.delete(&begun_name(&begun.id)).await?;
    Ok(signed)
}

/// The receipt of the same request, if it was done before to its very end. One whose signature does not hold, or whose
/// standing list is not what it was, counts for nothing: then it is done again.
pub async fn done_before(dataset: &Store, asked: &Asked) -> Result<Option<Signed>, Error> {
    let end = end_of(&asked.entries)?;
    if dataset.list(BEGUN).await?.iter().any(|name| name.ends_with(&format!("{end}.json"))) {
        return Ok(None);
    }
    let Some(id) = Signed::ids(dataset).await?.into_iter().rfind(|id| id.ends_with(&end)) else { return Ok(None) };
    let Some(bytes) = dataset.get(&Signed::name(&id)).await? else { return Ok(None) };
    let Ok(signed) = Signed::problem(&bytes, &id, None) else { return Ok(None) };
    let Receipt { request, standing, .. } = &signed.receipt;
    let holds = request.digest == digest_of(&asked.entries)? && digest(dataset, &standing.path).await? == *standing;
    Ok(holds.then_some(signed))
}

/// Puts down what is asked for, unless it was begun before.
async fn begin(store: &Store, asked: &Asked) -> Result<Begun, Error> {
    let end = end_of(&asked.entries)?;
    for name in store.list(BEGUN).await? {
        if let Some(bytes) = store.get(&name).await?.filter(|_| name.ends_with(&format!("{end}.json"))) {
            let problem = |error: serde_json::Error| Error::Record { name: name.clone(), problem: error.to_string() };
            return serde_json::from_slice(&bytes).map_err(problem);
        }
    }
    let begun = Begun {
        id: format!("takedown-{}{end}", asked.at.format("%Y%m%dT%H%M%SZ")),
        at: asked.at,
        request: Request {
            digest: digest_of(&asked.entries)?,
            list: asked.list.clone(),
            list_sha256: asked.list_sha256.clone(),
            count: asked.entries.len() as u64,
            entries: asked.entries.iter().take(MOST_ENTRIES).cloned().collect(),
            names: asked.names,
        },
        checked: None,
        digests: BTreeMap::new(),
    };
    begun.write(store).await?;
    Ok(begun)
}

impl Begun {
    /// Whether a commit is this takedown's.
    fn made(&self, commit: &FileId) -> bool {
        commit.change.as_ref().is_some_and(|change| is_of(change, &self.id))
    }

    async fn write(&self, store: &Store) -> Result<(), Error> {
        let name = begun_name(&self.id);
        let text = serde_json::to_vec_pretty(self);
        let text = text.map_err(|error| Error::Record { name: name.clone(), problem: error.to_string() })?;
        Ok(store.put(&name, text).await?)
    }
}

/// The end of the ids of all takedowns with this request.
fn end_of(entries: &[Entry]) -> Result<String, Error> {
    Ok(format!("-{}", &digest_of(entries)?[..16]))
}

fn begun_name(id: &str) -> String {
    format!("{BEGUN}/{id}.json")
}

fn name_of(table: &str, path: &str) -> String {
    format!("{table}/{path}")
}

/// Removes what attempts that were killed left of files which they were writing.
fn remove_unfinished(dataset: &Dataset, id: &str) -> Result<(), Error> {
    for table in [Some(dataset.samples()), dataset.ledger()].into_iter().flatten() {
        for bucket in 0..table.buckets().unwrap_or_default() {
            table.store().remove_unfinished(&format!("{BUCKET_COLUMN}={bucket}/part-{id}"))?;
        }
    }
    Ok(())
}

/// Looks once more, everywhere; what is still there is an error, and no receipt.
async fn prove(dataset: &Dataset, entries: &[Entry], named: &Arc<Named>) -> Result<Proof, Error> {
    let left = check(dataset, named).await?;
    let query = proof::query(entries)?;
    let rows = match &query {
        Some(query) => Some(proof::answer(dataset, query).await?),
        None => None,
    };
    let files = left.files.len() as u64;
    if files > 0 || rows.unwrap_or(0) > 0 {
        return Err(Error::StillThere { samples: left.samples, ledger: left.ledger, files });
    }
    Ok(Proof { query, rows, samples: left.samples, ledger: left.ledger, files })
}

/// What the logs say that the takedown did.
async fn changes(dataset: &Dataset, begun: &Begun, checked: &Checked) -> Result<Vec<TableChange>, Error> {
    let mut changes = Vec::new();
    for (name, table) in [("samples", Some(dataset.samples())), ("ledger", dataset.ledger())] {
        let Some(table) = table else { continue };
        let history = table.history().await?.into_iter();
        let commits: Vec<_> =
            history.filter(|commit| commit.run.as_ref().is_some_and(|run| is_of(run, &begun.id))).collect();
        let before = match (commits.first(), name) {
            (Some(commit), _) => commit.version.saturating_sub(1),
            (None, "samples") => checked.searched.samples_version,
            (None, _) => checked.searched.ledger_version.unwrap_or_default(),
        };
        let lives = table.lives().await?;
        let is_its =
            |life: &&Life| begun.made(&life.added) && life.removed.as_ref().is_none_or(|removed| !begun.made(removed));
        let mut written = Vec::new();
        for life in lives.iter().filter(is_its) {
            written.push(digest(table.store(), &life.file.path).await?);
        }
        changes.push(TableChange {
            table: name.to_owned(),
            before,
            after: commits.last().map_or(before, |commit| commit.version),
            rows: commits.iter().filter_map(|commit| commit.counts.get("removed")).sum(),
            versions: checked.versions(name),
            removed: removed(table, name, &lives, begun, checked).await?,
            written,
        });
    }
    Ok(changes)
}

/// Files that the takedown removed from the table, and files of older versions that it deleted.
async fn removed(
    table: &Table,
    name: &str,
    lives: &[Life],
    begun: &Begun,
    checked: &Checked,
) -> Result<Vec<FileDigest>, Error> {
    let is_its = |life: &&Life| life.removed.as_ref().is_some_and(|removed| begun.made(removed));
    let from_log = lives.iter().filter(is_its).map(|life| (life.file.path.clone(), life.file.size));
    let held = checked.files.iter().filter(|file| file.table == name).map(|file| (file.path.clone(), file.bytes));
    let mut removed = Vec::new();
    for (path, bytes) in from_log.chain(held).collect::<BTreeSet<(String, u64)>>() {
        // Who replaced it meanwhile may have done so for other reasons, and it may hold nothing any more.
        if !table.store().exists(&path).await? {
            let sha256 = begun.digests.get(&name_of(name, &path)).cloned();
            removed.push(FileDigest { path, bytes, sha256 });
        }
    }
    Ok(removed)
}

fn folder(dataset: &Dataset, table: &str) -> Store {
    let ledger = dataset.ledger().filter(|_| table == "ledger").map(|ledger| ledger.store().clone());
    ledger.unwrap_or_else(|| dataset.store().clone())
}

/// The file's size and digest; no digest where it is gone.
pub(super) async fn digest(store: &Store, path: &str) -> Result<FileDigest, Error> {
    let found = match store.inner().get(&Path::from(path)).await {
        Err(object_store::Error::NotFound { .. }) => {
            return Ok(FileDigest { path: path.to_owned(), bytes: 0, sha256: None });
        }
        found => found?,
    };
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    let mut stream = found.into_stream();
    while let Some(piece) = stream.try_next().await? {
        bytes += piece.len() as u64;
        hash.update(&piece);
    }
    Ok(FileDigest { path: path.to_owned(), bytes, sha256: Some(hex(&hash.finalize())) })
}
