//! That nothing is left: a question in SQL that anybody can ask again.

use super::{Entry, EntryKind, entry::row_of, receipt::MOST_ENTRIES};
use crate::{Dataset, Error, sql};
use arrow_array::{cast::AsArray, types::Int64Type};
use url::Url;

/// How many rows of samples and ledger `entries` name, as a question in SQL. Nothing where they are too many for one.
///
/// It compares addresses as they are written, over http and https; the program's own search, which a receipt has beside it,
/// knows other ways to write the same address, too, and pictures that only look alike.
pub(super) fn query(entries: &[Entry]) -> Result<Option<String>, Error> {
    if entries.is_empty() || entries.len() > MOST_ENTRIES {
        return Ok(None);
    }
    let samples = any(&terms(entries, true)?);
    let ledger = any(&terms(entries, false)?);
    let count = |table: &str, condition: &str| format!("(select count(*) from {table} where {condition})");
    Ok(Some(format!("select {} + {} as \"rows\"", count("samples", &samples), count("ledger", &ledger))))
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

/// The conditions, each of which finds some of it.
fn terms(entries: &[Entry], in_samples: bool) -> Result<Vec<String>, Error> {
    let mut terms = Vec::new();
    let (mut hosts, mut urls, mut digests) = (Vec::new(), Vec::new(), Vec::new());
    for Entry { kind, value } in entries {
        match kind {
            EntryKind::Domain => {
                let host = host_of(value.trim_start_matches("*.").trim_start_matches('.'));
                terms.extend(
                    ["image_host", "page_host"]
                        .map(|column| format!("ends_with({column}, {})", quoted(&format!(".{host}")))),
                );
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
    for (columns, values) in
        [(&["image_host", "page_host"][..], hosts), (&["url", "page_url"], urls), (&["sha256"], digests)]
    {
        if !values.is_empty() {
            terms.extend(columns.iter().map(|column| format!("{column} in ({})", values.join(", "))));
        }
    }
    Ok(terms)
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
