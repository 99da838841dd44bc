//! That nothing is left: a question in SQL that anybody can ask again.

use super::{Entry, EntryKind, entry::row_of, receipt::MOST_ENTRIES};
use crate::{Dataset, Error, sql};
use arrow_array::{cast::AsArray, types::Int64Type};
use std::fmt::Write;
use url::Url;

/// How many rows of samples and ledger `entries` name, as a question in SQL. Nothing where they are too many for one.
///
/// It compares addresses as they are written, over http and https; the program's own search, which a receipt has beside it,
/// knows other ways to write the same address, too, and pictures that only look alike.
pub(super) fn query(entries: &[Entry]) -> Result<Option<String>, Error> {
    if entries.is_empty() || entries.len() > MOST_ENTRIES {
        return Ok(None);
    }
    let mut counts = Vec::new();
    for table in ["samples", "ledger"] {
        let (joins, terms) = terms(entries, table)?;
        counts.push(format!("(select count(*) from {table}{joins} where {})", any(&terms)));
    }
    Ok(Some(format!("select {} as \"rows\"", counts.join(" + "))))
}

/// What `query` says today.
pub(super) async fn answer(dataset: &Dataset, query: &str) -> Result<u64, Error> {
    let batches = sql::run(dataset, query).await?;
    let number = batches.iter().filter(|batch| batch.num_rows() > 0).find_map(|batch| {
        let column = batch.columns().first()?.as_primitive_opt::<Int64Type>()?;
        Some(column.value(0).unsigned_abs())
    });
    let problem = || Error::Record { name: "the proof".into(), problem: "its query counts nothing".into() };
    number.ok_or_else(problem)
}

/// What is to be joined to `table`, and the conditions, each of which finds some of it.
fn terms(entries: &[Entry], table: &str) -> Result<(String, Vec<String>), Error> {
    let in_samples = table == "samples";
    let mut terms = Vec::new();
    let (mut hosts, mut below, mut urls, mut digests) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Entry { kind, value } in entries {
        match kind {
            EntryKind::Domain => {
                let host = host_of(value.trim_start_matches("*.").trim_start_matches('.'));
                below.push(format!("ends_with(host, {})", quoted(&format!(".{host}"))));
                hosts.push(quoted(&host));
            }
            EntryKind::Host => hosts.push(quoted(&host_of(value))),
            EntryKind::Url => urls.extend(schemes(value).map(|url| quoted(&url))),
            EntryKind::UrlPrefix => {
                for prefix in schemes(value.trim_end_matches('*')) {
                    terms.extend(
                        ["url", "page_url"].map(|column| format!("starts_with({column}, {})", quoted(&prefix))),
                    );
                }
            }
            EntryKind::Sha256 if in_samples => digests.push(quoted(&value.to_ascii_lowercase())),
            EntryKind::Phash if in_samples => {
                let digits = value.split('/').next().unwrap_or_default();
                if let Ok(hash) = u64::from_str_radix(digits, 16) {
                    terms.push(format!("phash = {}", hash.cast_signed()));
                }
            }
            EntryKind::Sha256 | EntryKind::Phash => {}
            EntryKind::Id => {
                let (id, url) = row_of("the request", value)?;
                let url = url.map_or_else(String::new, |url| format!(" and url = {}", quoted(&url)));
                terms.push(format!("(id = {id}{url})"));
            }
        }
    }
    let mut joins = String::new();
    for column in ["image_host", "page_host"].into_iter().filter(|_| !below.is_empty()) {
        // Each host is asked about once, not each row. As the greatest of its kind, which it is: a condition on what rows are
        // grouped by would be asked about all of them before.
        let different = format!("select max({column}) as host from {table} group by {column}");
        let found = format!("select host as {column}_below from ({different}) where {}", any(&below));
        let _ = write!(joins, " left join ({found}) on {column} = {column}_below");
        terms.push(format!("{column}_below is not null"));
    }
    for (columns, values) in
        [(&["image_host", "page_host"][..], hosts), (&["url", "page_url"], urls), (&["sha256"], digests)]
    {
        if !values.is_empty() {
            terms.extend(columns.iter().map(|column| format!("{column} in ({})", values.join(", "))));
        }
    }
    Ok((joins, terms))
}

/// Conditions joined by `or`, as a tree that is not deep: engines walk it by recursion.
fn any(terms: &[String]) -> String {
    match terms {
        [] => "false".to_owned(),
        [term] => term.clone(),
        _ => {
            let (one, other) = terms.split_at(terms.len() / 2);
            format!("({} or {})", any(one), any(other))
        }
    }
}

/// As URLs have it: lower case, punycode.
fn host_of(value: &str) -> String {
    let url = Url::parse(&format!("http://{value}/")).ok();
    url.as_ref().and_then(Url::host_str).map_or_else(|| value.to_ascii_lowercase(), str::to_owned)
}

/// The address over http and https.
fn schemes(value: &str) -> impl Iterator<Item = String> {
    let url = Url::parse(value).map_or_else(|_| value.to_owned(), |url| url.to_string());
    let rest = url.split_once("://").map_or(url.clone(), |(_, rest)| rest.to_owned());
    ["http", "https"].into_iter().map(move |scheme| format!("{scheme}://{rest}"))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
