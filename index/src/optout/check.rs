//! Am I in it? Looks through all URLs of a dataset without changing anything.

use crate::{Dataset, Error, sql};
use arrow_array::{RecordBatch, cast::AsArray, types::Int64Type};
use consent::{ListHit, OptOutList};
use futures::TryStreamExt;
use serde::Serialize;
use std::collections::BTreeMap;

/// What a list comes to in a dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
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
}

/// What one entry names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// `domain`, `host`, `url`, `url-prefix`, `sha256` or `phash`.
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

/// Counts what `list` names in `dataset`. A row is counted under one entry, the widest that names
/// its picture or else its page; a sample also by its bytes and its looks. The ledger's pictures were
/// not kept, so that only their addresses are known.
pub async fn check(dataset: &Dataset, list: &OptOutList) -> Result<Checked, Error> {
    let mut checked = Checked { version: dataset.version(), names: list.names().count() as u64, ..Checked::default() };
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for table in ["samples", "ledger"] {
        let looks = if table == "samples" { ", sha256, phash" } else { "" };
        let query = format!("select url, page_url, image_domain{looks} from {table}");
        let mut batches = sql::plan(dataset, &query).await?.execute_stream().await?;
        while let Some(batch) = batches.try_next().await? {
            let text = |column: usize| batch.column(column).as_string::<i32>();
            let (urls, pages, domains) = (text(0), text(1), text(2));
            for row in 0..batch.num_rows() {
                let by_address = super::named(list, urls.value(row), pages.value(row));
                let Some(hit) = by_address.or_else(|| by_picture(list, &batch, row)) else { continue };
                let entry = found.entry(hit.place.clone()).or_insert_with(|| Found {
                    kind: hit.kind.to_string(),
                    value: hit.value,
                    place: hit.place,
                    samples: 0,
                    ledger: 0,
                });
                if table == "samples" {
                    entry.samples += 1;
                    checked.samples += 1;
                    *checked.domains.entry(domains.value(row).to_owned()).or_default() += 1;
                } else {
                    entry.ledger += 1;
                    checked.ledger += 1;
                }
            }
        }
    }
    checked.found = found.into_values().collect();
    Ok(checked)
}

/// The entry that names a sample's picture, wherever it lies: by its bytes, or by its looks.
fn by_picture(list: &OptOutList, batch: &RecordBatch, row: usize) -> Option<ListHit> {
    const SHA256: usize = 3;
    const PHASH: usize = 4;
    if batch.num_columns() <= PHASH {
        return None;
    }
    let sha256 = batch.column(SHA256).as_string::<i32>().value(row);
    let phash = batch.column(PHASH).as_primitive::<Int64Type>().value(row);
    list.find_sha256(sha256).or_else(|| list.find_phash(phash.cast_unsigned()))
}
