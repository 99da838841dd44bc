//! What was done on somebody's request, signed.
//!
//! A receipt repeats what was asked, since whoever asked knows that, and beyond it names no address that was found: a
//! receipt may be passed on, and a list of somebody's pictures were a trace of them.

use super::{
    Entry, Found,
    signature::{Key, PublicKey},
};
use crate::Error;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shards::Store;
use std::collections::BTreeMap;

/// The folder of receipts within the dataset.
pub(super) const FOLDER: &str = "_optout/receipts";

/// What a receipt says of its own form.
const FORM: &str = "pinakes.receipt/1";

const ALGORITHM: &str = "Ed25519";

/// Entries, and entries with what they named, that stand in a receipt itself; all of them stand in the standing list.
pub(super) const MOST_ENTRIES: usize = 1_000;

/// An account of one takedown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The form of this account.
    pub form: String,
    /// Id of the takedown, and of its commits.
    pub id: String,
    /// When it was begun.
    pub at: DateTime<Utc>,
    /// Version of the program.
    pub pinakes: String,
    /// Version of the consent policy, which says what an entry names.
    pub policy: String,
    /// What was asked.
    pub request: Request,
    /// What it named when it was begun.
    pub matched: Matched,
    /// The list that keeps it out of whatever is published later.
    pub standing: FileDigest,
    /// What became of the tables.
    pub tables: Vec<TableChange>,
    /// What is left of it.
    pub proof: Proof,
}

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// SHA-256 of all entries as the standing list has them.
    pub digest: String,
    /// The list's name, if it came as one.
    pub list: Option<String>,
    /// SHA-256 of the list as it came.
    pub list_sha256: Option<String>,
    /// How many entries.
    pub count: u64,
    /// The first thousand of them.
    pub entries: Vec<Entry>,
    /// Names of persons beside them, which take out nothing by themselves.
    pub names: u64,
}

/// What a request named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// Samples.
    pub samples: u64,
    /// Rows of the ledger.
    pub ledger: u64,
    /// By entry; the first thousand of those that named something.
    pub entries: Vec<Found>,
    /// Samples by the registrable domain of the picture.
    pub domains: BTreeMap<String, u64>,
}

/// A file and its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileDigest {
    /// Its name, in the dataset's folder or the table's.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// SHA-256; nothing where the file was replaced by another writer before it could be read.
    pub sha256: Option<String>,
}

/// What became of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableChange {
    /// `samples` or `ledger`.
    pub table: String,
    /// The version before.
    pub before: u64,
    /// The version after; the same where the current version held nothing of it.
    pub after: u64,
    /// Rows that the commit took out.
    pub rows: u64,
    /// Versions that read such rows before, by the first and last of each stretch. They can no longer be read whole.
    pub versions: Vec<(u64, u64)>,
    /// Files deleted.
    pub removed: Vec<FileDigest>,
    /// Files written in their place.
    pub written: Vec<FileDigest>,
}

/// What was found when all was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// A question to samples and ledger that anybody can ask again; nothing where the request is too long for one.
    pub query: Option<String>,
    /// Its answer.
    pub rows: Option<u64>,
    /// Samples that the request still names, every file looked through, older versions' too.
    pub samples: u64,
    /// Rows of the ledger, likewise.
    pub ledger: u64,
    /// Files with such rows, likewise.
    pub files: u64,
}

/// A receipt as it lies in the dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The account.
    pub receipt: Receipt,
    /// Who vouches for it.
    pub signature: Signature,
}

/// A signature and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Always `Ed25519`.
    pub algorithm: String,
    /// The key, in hexadecimal.
    pub public_key: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Over the member `receipt` as JSON without white space, its members in the order in which they stand; in hexadecimal.
    pub value: String,
}

impl Receipt {
    pub(super) fn form() -> String {
        FORM.to_owned()
    }

    /// Signs it.
    pub(super) fn sign(self, key: &Key) -> Result<Signed, Error> {
        let public = key.public();
        let value = key.sign(&canonical(&self)?);
        let (public_key, fingerprint) = (public.hex(), public.fingerprint());
        Ok(Signed {
            receipt: self,
            signature: Signature { algorithm: ALGORITHM.to_owned(), public_key, fingerprint, value },
        })
    }
}

impl Signed {
    /// The file of the takedown `id`.
    pub(super) fn name(id: &str) -> String {
        format!("{FOLDER}/{id}.json")
    }

    /// Reads the receipt of `id`; `None` where there is none. Whether it holds is not asked.
    pub async fn read(dataset: &Store, id: &str) -> Result<Option<Self>, Error> {
        let name = Self::name(id);
        let Some(bytes) = dataset.get(&name).await? else { return Ok(None) };
        let problem = |error: serde_json::Error| Error::Record { name, problem: error.to_string() };
        serde_json::from_slice(&bytes).map(Some).map_err(problem)
    }

    /// Ids of all receipts, the oldest first.
    pub async fn ids(dataset: &Store) -> Result<Vec<String>, Error> {
        let names = dataset.list(FOLDER).await?.into_iter();
        let id = |name: String| Some(name.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".json")?.to_owned());
        Ok(names.filter_map(id).collect())
    }

    pub(super) async fn write(&self, dataset: &Store) -> Result<(), Error> {
        Ok(dataset.put(&Self::name(&self.receipt.id), self.text()?).await?)
    }

    /// As it lies in the dataset. There is one way to write it, so that not even a blank can be changed unseen.
    fn text(&self) -> Result<String, Error> {
        let text = serde_json::to_string_pretty(self).map_err(|error| unreadable(&self.receipt.id, &error))?;
        Ok(format!("{text}\n"))
    }

    /// What is wrong with the file's `bytes` as a signed receipt of `id`, if anything is; `by` is whose it must be.
    pub(super) fn problem(bytes: &[u8], id: &str, by: Option<&PublicKey>) -> Result<Self, String> {
        let signed: Self = serde_json::from_slice(bytes).map_err(|error| format!("it is no receipt: {error}"))?;
        let Signature { algorithm, public_key, fingerprint, value } = &signed.signature;
        if signed.text().map_err(|error| error.to_string())?.as_bytes() != bytes {
            return Err("it is not written as receipts are: somebody changed it".to_owned());
        }
        if signed.receipt.id != id || signed.receipt.form != FORM || algorithm != ALGORITHM {
            return Err("its id, form or algorithm is another than it should be".to_owned());
        }
        let key = PublicKey::parse(public_key).map_err(|_| "its public key is none".to_owned())?;
        if key.hex() != *public_key || key.fingerprint() != *fingerprint {
            return Err("its fingerprint is not that of its key".to_owned());
        }
        if by.is_some_and(|by| *by != key) {
            return Err(format!("it is signed by another key, {fingerprint}"));
        }
        let canonical = canonical(&signed.receipt).map_err(|error| error.to_string())?;
        if !key.has_signed(&canonical, value) {
            return Err("its signature is not that of its words".to_owned());
        }
        Ok(signed)
    }
}

fn canonical(receipt: &Receipt) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(receipt).map_err(|error| unreadable(&receipt.id, &error))
}

fn unreadable(id: &str, error: &serde_json::Error) -> Error {
    Error::Record { name: Signed::name(id), problem: error.to_string() }
}
