//! Whether a receipt holds today.

use super::{
    Entry, Named, check,
    entry::digest_of,
    proof,
    receipt::{FileDigest, Receipt, Signed, TableChange},
    signature::PublicKey,
    standing,
    takedown::digest,
};
use crate::{
    Dataset, Error,
    table::{Life, Table, is_of},
};
use serde::Serialize;
use std::sync::Arc;

/// What was held against a receipt.
#[derive(Clone, Debug, Serialize)]
pub struct Verified {
    /// Id of its takedown.
    pub id: String,
    /// The receipt, where its signature holds.
    pub receipt: Option<Receipt>,
    /// Fingerprint of the key that it is signed with.
    pub fingerprint: Option<String>,
    /// Each thing that was looked at.
    pub looked: Vec<Looked>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Looked {
    /// What.
    pub what: &'static str,
    /// What is wrong, if anything is.
    pub problem: Option<String>,
}

impl Verified {
    /// The first thing that is not as it says.
    pub fn problem(&self) -> Option<&str> {
        self.looked.iter().find_map(|looked| looked.problem.as_deref())
    }

    fn note(&mut self, what: &'static str, problems: Vec<String>) {
        let problem = match problems.len() {
            0 => None,
            1 => problems.into_iter().next(),
            many => problems.first().map(|first| format!("{first}; and {} more", many - 1)),
        };
        self.looked.push(Looked { what, problem });
    }
}

/// Holds the receipt `id` against its signature and against the dataset as it is now. `by` is whose it must be.
pub async fn verify(dataset: &Dataset, id: &str, by: Option<&PublicKey>) -> Result<Verified, Error> {
    let store = dataset.store();
    let mut verified = Verified { id: id.to_owned(), receipt: None, fingerprint: None, looked: Vec::new() };
    let bytes = store.get(&Signed::name(id)).await?.ok_or_else(|| Error::NoReceipt(id.to_owned()))?;
    let Signed { receipt, signature } = match Signed::problem(&bytes, id, by) {
        Ok(signed) => signed,
        Err(problem) => {
            // Nothing else in it can be believed.
            verified.note("signature", vec![problem]);
            return Ok(verified);
        }
    };
    verified.fingerprint = Some(signature.fingerprint);
    verified.note("signature", Vec::new());
    let (mut gone, mut written, mut commits) = (Vec::new(), Vec::new(), Vec::new());
    for change in &receipt.tables {
        let table = if change.table == "ledger" { dataset.ledger() } else { Some(dataset.samples()) };
        let Some(table) = table else {
            commits.push(format!("there is no table `{}`", change.table));
            continue;
        };
        commits.extend(commit_problem(table, change, id).await?);
        for file in &change.removed {
            if table.store().exists(&file.path).await? {
                gone.push(format!("`{}` is there", file.path));
            }
        }
        let lives = table.lives().await?;
        for file in &change.written {
            written.extend(written_problem(table, &lives, file).await?);
        }
    }
    verified.note("versions", commits);
    verified.note("files removed", gone);
    verified.note("files written", written);
    let standing = digest(store, &receipt.standing.path).await?;
    let entries = standing::read(store, &receipt.standing.path).await?;
    let mut problems = Vec::new();
    if standing != receipt.standing {
        problems.push(format!("`{}` is not the list it was", receipt.standing.path));
    }
    if let Some(entries) = &entries
        && digest_of(entries)? != receipt.request.digest
    {
        problems.push(format!("`{}` names something else than was asked", receipt.standing.path));
    }
    verified.note("standing list", problems);
    verified.note("nothing left", left(dataset, &receipt, entries.as_deref()).await?);
    verified.receipt = Some(receipt);
    Ok(verified)
}

/// The commit must be in the log as the receipt says.
async fn commit_problem(table: &Table, change: &TableChange, id: &str) -> Result<Option<String>, Error> {
    if change.before == change.after {
        return Ok(None);
    }
    let history = table.history().await?;
    let is_its = |run: &str| is_of(run, id);
    let is_there =
        history.iter().any(|commit| commit.version == change.after && commit.run.as_deref().is_some_and(is_its));
    Ok((!is_there).then(|| format!("version {} of the {} is not this takedown's", change.after, change.table)))
}

/// A file that was written lies there as it was, or a later commit has replaced it.
async fn written_problem(table: &Table, lives: &[Life], file: &FileDigest) -> Result<Option<String>, Error> {
    let Some(life) = lives.iter().find(|life| life.file.path == file.path) else {
        return Ok(Some(format!("the log does not know `{}`", file.path)));
    };
    if life.removed.is_some() && !table.store().exists(&file.path).await? {
        return Ok(None);
    }
    // One that was replaced before its receipt was written has no digest.
    let now = digest(table.store(), &file.path).await?;
    let is_same = now == *file || file.sha256.is_none();
    Ok((!is_same).then(|| format!("`{}` is not the file it was", file.path)))
}

/// What the request names today.
async fn left(dataset: &Dataset, receipt: &Receipt, entries: Option<&[Entry]>) -> Result<Vec<String>, Error> {
    let mut problems = Vec::new();
    if let Some(query) = &receipt.proof.query {
        match proof::answer(dataset, query).await {
            Ok(0) => {}
            Ok(rows) => problems.push(format!("the proof query finds {rows} rows")),
            Err(error) => problems.push(format!("the proof query cannot be answered: {error}")),
        }
    }
    let Some(entries) = entries else { return Ok(problems) };
    match check(dataset, &Arc::new(Named::of(&receipt.standing.path, entries)?)).await {
        Ok(left) if left.files.is_empty() => {}
        Ok(left) => problems.push(format!(
            "{} samples and {} rows of the ledger are named, {} files hold such rows",
            left.samples,
            left.ledger,
            left.files.len()
        )),
        // What cannot be looked through is not known to hold nothing.
        Err(error) => problems.push(format!("not all could be looked through: {error}")),
    }
    Ok(problems)
}
