//! Cuts a training subset out of a dataset, in the shape that a training program reads.
//!
//! `manifest.json` is written last: a folder with a manifest is whole. It names the dataset's
//! version and the query, so that the same cut can be made again.

mod columns;
mod urls;
mod webdataset;

use crate::{Dataset, Error, dedup, sql};
use datafusion::prelude::DataFrame;
use futures::TryStreamExt;
use object_store::{ObjectStoreExt, path::Path};
use schema::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use shards::Store;
use std::{fmt::Write as _, str::FromStr};

/// The shape of a subset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Parquet with the dataset's own columns.
    Parquet,
    /// Parquet with LAION's column names, as img2dataset and its kin read them.
    Laion,
    /// One URL a line.
    Urls,
    /// Tar shards of picture, text and facts, as img2dataset writes them.
    Webdataset,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Parquet, Self::Laion, Self::Urls, Self::Webdataset];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Laion => "laion",
            Self::Urls => "urls",
            Self::Webdataset => "webdataset",
        }
    }
}

impl FromStr for Layout {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.map(Self::name).join(", ");
        Self::ALL
            .into_iter()
            .find(|layout| layout.name() == text)
            .ok_or_else(|| format!("`{text}` is no layout: {known}"))
    }
}

/// What a subset is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of Pinakes that made it.
    pub pinakes: String,
    /// The dataset's version it was cut from.
    pub dataset_version: u64,
    /// Its shape.
    pub layout: Layout,
    /// The condition, as it was given.
    #[serde(rename = "where")]
    pub condition: Option<String>,
    /// Most rows asked for.
    pub limit: Option<usize>,
    /// Whether only one row of each cluster of near-duplicates was taken.
    #[serde(default)]
    pub without_duplicates: bool,
    /// The whole query.
    pub query: String,
    /// Rows in all files.
    pub rows: u64,
    /// The files, in order.
    pub files: Vec<ManifestFile>,
}

/// A file of a subset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFile {
    /// Its name in the subset's folder.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
}

/// A file that was written, before it is hashed.
struct Written {
    name: String,
    rows: u64,
}

/// Which rows of a dataset make a subset.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// A condition in SQL.
    pub condition: Option<&'a str>,
    /// Most rows.
    pub limit: Option<usize>,
    /// One row of each cluster of near-duplicates: of those for which the condition holds, the one that the cluster is called
    /// by, else the largest, else that with the least id.
    pub without_duplicates: bool,
}

/// Writes the rows of `dataset` that are `wanted` into the new or empty folder `out`.
pub async fn subset(dataset: &Dataset, wanted: Wanted<'_>, layout: Layout, out: &str) -> Result<Manifest, Error> {
    let Wanted { condition, limit, without_duplicates } = wanted;
    if without_duplicates && dedup::last_search(dataset).await?.is_none() {
        return Err(Error::NotSearched);
    }
    let query = query(dataset, wanted, layout)?;
    let frame = sql::plan(dataset, &query).await?;
    let store = Store::create(out)?;
    if !store.list("").await?.is_empty() {
        return Err(Error::NotEmpty(out.to_owned()));
    }
    let written = match layout {
        Layout::Parquet | Layout::Laion => columns::write(frame, &store).await?,
        Layout::Urls => urls::write(frame, &store).await?,
        Layout::Webdataset => {
            let written = webdataset::write(frame, &store).await?;
            if written.is_empty() && !is_empty(dataset, condition).await? {
                return Err(Error::NoPictures);
            }
            written
        }
    };
    let mut manifest = Manifest {
        pinakes: env!("CARGO_PKG_VERSION").to_owned(),
        dataset_version: dataset.version(),
        layout,
        condition: condition.map(str::to_owned),
        limit,
        without_duplicates,
        query,
        rows: 0,
        files: Vec::new(),
    };
    for file in written {
        manifest.rows += file.rows;
        manifest.files.push(described(&store, file).await?);
    }
    let problem = |error: serde_json::Error| Error::Record { name: "manifest.json".into(), problem: error.to_string() };
    store.put("manifest.json", serde_json::to_vec_pretty(&manifest).map_err(problem)?).await?;
    Ok(manifest)
}

/// The query behind a subset. Ordered, so that the same version gives the same files.
fn query(dataset: &Dataset, wanted: Wanted<'_>, layout: Layout) -> Result<String, Error> {
    let (columns, order) = match layout {
        Layout::Parquet | Layout::Webdataset => (columns::own(&dataset.columns()?), "image_domain, url, id"),
        Layout::Laion => (columns::LAION.to_owned(), "image_domain, url, id"),
        // A picture may stand in several rows with several texts.
        Layout::Urls => ("distinct url".to_owned(), "url"),
    };
    let mut query = format!("select {columns} from samples");
    // On lines of its own, so that a comment at its end does not swallow the bracket.
    let condition = wanted.condition.map(|condition| format!("(\n{condition}\n)"));
    let pictured = (layout == Layout::Webdataset).then(|| "image is not null".to_owned());
    let mut parts: Vec<String> = condition.into_iter().chain(pictured).collect();
    if wanted.without_duplicates {
        parts.push(first_of_cluster(&parts));
    }
    if !parts.is_empty() {
        query.push_str(" where ");
        query.push_str(&parts.join(" and "));
    }
    query.push_str(" order by ");
    query.push_str(order);
    if let Some(limit) = wanted.limit {
        let _ = write!(query, " limit {limit}");
    }
    Ok(query)
}

/// Whether a row is the first of its cluster among those for which all of `parts` hold. Only rows in clusters are sorted for it,
/// and of them no more than sizes and ids.
fn first_of_cluster(parts: &[String]) -> String {
    let conditions: String = parts.iter().map(|part| format!(" and {part}")).collect();
    format!(
        "(cluster is null or id in (select id from (select id, row_number() over (partition by cluster order by \
         case when id = cluster then 0 else 1 end, cast(width as bigint) * height desc, id) as place \
         from samples where cluster is not null{conditions}) where place = 1))"
    )
}

async fn is_empty(dataset: &Dataset, condition: Option<&str>) -> Result<bool, Error> {
    let query = format!("select id from samples where (\n{}\n) limit 1", condition.unwrap_or("true"));
    let batches = sql::run(dataset, &query).await?;
    Ok(batches.iter().all(|batch| batch.num_rows() == 0))
}

async fn batches(frame: DataFrame) -> Result<datafusion::execution::SendableRecordBatchStream, Error> {
    Ok(frame.execute_stream().await?)
}

async fn described(store: &Store, file: Written) -> Result<ManifestFile, Error> {
    let mut hash = Sha256::new();
    let mut bytes = 0;
    let mut stream = store.inner().get(&Path::from(file.name.as_str())).await?.into_stream();
    while let Some(piece) = stream.try_next().await? {
        bytes += piece.len() as u64;
        hash.update(&piece);
    }
    Ok(ManifestFile { name: file.name, rows: file.rows, bytes, sha256: hex(&hash.finalize()) })
}
