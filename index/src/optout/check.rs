//! Am I in it? Looks through all URLs of a dataset without changing anything.

use crate::{Dataset, Error, sql};
use arrow_array::cast::AsArray;
use consent::OptOutList;
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
}

/// What one entry names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// `domain`, `host`, `url` or `url-prefix`.
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
/// its picture or else its page.
pub async fn check(dataset: &Dataset, list: &OptOutList) -> Result<Checked, Error> {
    let mut checked = Checked { version: dataset.version(), ..Checked::default() };
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for table in ["samples", "ledger"] {
        let query = format!("select url, page_url, image_domain from {table}");
        let mut batches = sql::plan(dataset, &query).await?.execute_stream().await?;
        while let Some(batch) = batches.try_next().await? {
            let text = |column: usize| batch.column(column).as_string::<i32>();
            let (urls, pages, domains) = (text(0), text(1), text(2));
            for row in 0..batch.num_rows() {
                let Some(hit) = super::named(list, urls.value(row), pages.value(row)) else { continue };
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
