//! The path of one picture: every row that has it, back to the record of an archive, and what was heard on the way.

use crate::{
    Dataset, Error, Record,
    optout::{Facts, Hit, Standing},
    sql,
};
use arrow_array::{RecordBatch, cast::AsArray, types::Int64Type};
use chrono::{DateTime, Utc};
use datafusion::{
    arrow::json::{WriterBuilder, writer::LineDelimited},
    common::ScalarValue,
    prelude::SessionContext,
};
use futures::TryStreamExt;
use schema::{Bucket, Host};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Columns that are bytes, which say nothing to people.
const BYTES: [&str; 2] = ["embedding", "image"];

/// Everything that is known of one picture, page or id.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Trace {
    /// As it was asked for.
    pub asked: String,
    /// The addresses it was looked for by, or the id.
    pub looked_for: Vec<String>,
    /// What it is in the rows: `url`, `page or redirect`, `id`; nothing where there is no row.
    pub found_as: Option<&'static str>,
    /// The dataset's version.
    pub version: u64,
    /// The standing opt-out that names it, whether or not there are rows.
    pub opted_out: Option<OptedOut>,
    /// The rows, samples first.
    pub rows: Vec<Traced>,
    /// Whether a table has more of them than are told of.
    pub cut: bool,
}

/// A standing opt-out that names a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptedOut {
    /// What kind of entry.
    pub kind: String,
    /// The entry.
    pub value: String,
    /// File and line it stands on.
    pub place: String,
}

/// One row and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Traced {
    /// `samples` or `ledger`.
    pub table: &'static str,
    /// All its columns but pictures and embeddings.
    pub row: Map<String, Value>,
    /// The version it came in with.
    pub came: Option<Came>,
    /// The run that published it, by the dataset's own accounts.
    pub run: Option<RunTold>,
    /// The standing opt-out that names it or its page.
    pub opted_out: Option<OptedOut>,
    /// Reads the record again, ready to be pasted; nothing where the row came out of a list of URLs.
    pub read_again: Option<String>,
}

/// The version in which a row came in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Came {
    /// The version of the row's own table.
    pub version: u64,
    /// When it was committed.
    pub at: Option<DateTime<Utc>>,
    /// The operation that brought it.
    pub operation: String,
    /// The run, takedown or other change.
    pub change: Option<String>,
    /// Whether it is certain: older files of its bucket, which may have had it, are deleted.
    pub certain: bool,
}

/// What is told of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunTold {
    /// Its id.
    pub id: String,
    /// The command line.
    pub command: String,
    /// When it was published.
    pub at: DateTime<Utc>,
    /// Version of Pinakes that did.
    pub pinakes: String,
}

/// Looks for `asked`, which is the URL of a picture or a page, or the id of a row.
pub async fn trace(dataset: &Dataset, asked: &str) -> Result<Trace, Error> {
    let context = dataset.session(None)?;
    let standing = Standing::read(dataset.store()).await?;
    let asked = asked.trim();
    let by_id = asked.parse::<i64>().is_ok();
    let looked_for = if by_id { vec![asked.to_owned()] } else { addresses(asked)? };
    let (mut found_as, mut found, mut cut) = (None, Vec::new(), false);
    for (name, condition) in conditions(&looked_for, by_id, dataset.samples().buckets()) {
        (found, cut) = rows(dataset, &context, &condition, name == ELSEWHERE).await?;
        if !found.is_empty() {
            found_as = Some(name);
            break;
        }
    }
    let runs = if found.is_empty() { Vec::new() } else { dataset.runs().await? };
    let came = came(dataset, &found).await?;
    let rows = found.into_iter().zip(came).map(|(found, came)| told(&standing, &runs, found, came)).collect();
    let named = |url: &String| opted_out(&standing, &Facts { url, ..Facts::default() });
    let opted_out = if by_id { None } else { looked_for.iter().find_map(named) };
    Ok(Trace { asked: asked.to_owned(), looked_for, found_as, version: dataset.version(), opted_out, rows, cut })
}

/// The address as it stands in rows (parsed by the URL standard, without fragment), over http and https, and as it was given.
fn addresses(asked: &str) -> Result<Vec<String>, Error> {
    let mut url = Url::parse(asked).map_err(|error| Error::Query {
        message: format!("`{asked}` is neither an id nor a URL: {error}"),
        hint: Some("an id is a whole number (the column `id`), a URL is whole: `https://example.com/a.jpg`".into()),
    })?;
    url.set_fragment(None);
    let mut all = BTreeSet::from([asked.to_owned(), url.to_string()]);
    let other = if url.scheme() == "http" { "https" } else { "http" };
    if matches!(url.scheme(), "http" | "https") && url.set_scheme(other).is_ok() {
        all.insert(url.to_string());
    }
    Ok(all.into_iter().collect())
}

const ELSEWHERE: &str = "page or redirect";

/// Where to look, the likeliest first. The picture's bucket and domain go along, by which files are skipped; rows that were made by
/// another list of suffixes, and pages, are found by the second look, which reads everything.
fn conditions(looked_for: &[String], by_id: bool, buckets: Option<u32>) -> Vec<(&'static str, String)> {
    if by_id {
        return vec![("id", format!("id = {}", looked_for[0]))];
    }
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let list = looked_for.iter().map(|url| quoted(url)).collect::<Vec<_>>().join(", ");
    let mut place = String::new();
    if let Some(host) = looked_for.iter().find_map(|url| Host::of(&Url::parse(url).ok()?)) {
        place = format!("image_domain = {} and ", quoted(host.registered_domain().as_str()));
        if let Some(buckets) = buckets {
            place += &format!("bucket = {} and ", Bucket::of(host.as_str(), buckets).0);
        }
    }
    vec![
        ("url", format!("{place}url in ({list})")),
        (ELSEWHERE, format!("url in ({list}) or page_url in ({list}) or final_url in ({list})")),
    ]
}

/// A table's name and a row of it.
type Found = (&'static str, Map<String, Value>);

/// The rows of both tables for which `condition` holds, and whether there are more. Of a page there may be many.
async fn rows(
    dataset: &Dataset,
    context: &SessionContext,
    condition: &str,
    many: bool,
) -> Result<(Vec<Found>, bool), Error> {
    const MOST: usize = 1000;
    let (mut found, mut cut) = (Vec::new(), false);
    for table in ["samples", "ledger"] {
        let columns = if table == "samples" { dataset.columns()? } else { dataset.ledger_columns()? };
        // In quotes, since `cluster` is a word of SQL's.
        let columns = columns.iter().filter(|column| !BYTES.contains(&column.as_str()));
        let columns: Vec<String> = columns.map(|column| format!("\"{column}\"")).collect();
        // One more shows whether there are more.
        let limit = if many { format!(" limit {}", MOST + 1) } else { String::new() };
        let query =
            format!("select {} from {table} where {condition} order by url, page_url, id{limit}", columns.join(", "));
        let mut of_table = Vec::new();
        for batch in sql::plan_in(context, dataset, &query).await?.collect().await? {
            of_table.extend(objects(&batch)?.into_iter().map(|row| (table, row)));
        }
        if many && of_table.len() > MOST {
            of_table.truncate(MOST);
            cut = true;
        }
        found.extend(of_table);
    }
    Ok((found, cut))
}

/// Rows as JSON.
fn objects(batch: &RecordBatch) -> Result<Vec<Map<String, Value>>, Error> {
    let mut lines = Vec::new();
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(&mut lines);
    writer.write(batch)?;
    writer.finish()?;
    drop(writer);
    let problem = |error: serde_json::Error| Error::Record { name: "a row as JSON".into(), problem: error.to_string() };
    lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).map_err(problem))
        .collect()
}

fn told(standing: &Standing, records: &[Record], (table, row): Found, came: Option<Came>) -> Traced {
    let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
    let opted_out = opted_out(
        standing,
        &Facts {
            url: text("url"),
            page_url: text("page_url"),
            sha256: row.get("sha256").and_then(Value::as_str),
            phash: number(&row, "phash"),
            id: number(&row, "id"),
        },
    );
    let read_again = read_again(text("archive"), number(&row, "archive_offset").unwrap_or_default());
    let run = run(records, came.as_ref());
    Traced { table, row, came, run, opted_out, read_again }
}

fn number(row: &Map<String, Value>, name: &str) -> Option<i64> {
    row.get(name).and_then(Value::as_i64)
}

fn opted_out(standing: &Standing, facts: &Facts<'_>) -> Option<OptedOut> {
    let Hit { kind, value, place } = standing.hit(facts)?;
    Some(OptedOut { kind, value, place })
}

/// For each row the first of the files of its bucket that has it, among those that are still there. Commits are read once a
/// table and bucket, files once for all rows.
async fn came(dataset: &Dataset, found: &[Found]) -> Result<Vec<Option<Came>>, Error> {
    let mut buckets: BTreeMap<(&'static str, i32), Vec<usize>> = BTreeMap::new();
    for (place, (table, row)) in found.iter().enumerate() {
        if let Some(bucket) = number(row, "bucket").and_then(|bucket| i32::try_from(bucket).ok()) {
            buckets.entry((*table, bucket)).or_default().push(place);
        }
    }
    let domain = |place: usize| {
        let domain = found[place].1.get("image_domain").and_then(Value::as_str);
        ScalarValue::Utf8(domain.map(str::to_owned))
    };
    let mut all: Vec<Option<Came>> = vec![None; found.len()];
    for ((table, bucket), mut open) in buckets {
        let of = if table == "samples" { Some(dataset.samples()) } else { dataset.ledger() };
        let Some(table) = of else { continue };
        let mut uncertain = BTreeSet::new();
        for added in table.added(bucket).await? {
            open.retain(|place| all[*place].is_none());
            let domains = added.ranges.iter().find(|range| range.column == "image_domain");
            let mut here = open.clone();
            here.retain(|place| {
                let domain = domain(*place);
                let is_outside = domains.is_some_and(|range| domain < range.low || domain > range.high);
                !is_outside
            });
            if here.is_empty() {
                continue;
            }
            if !table.store().exists(&added.file.path).await? {
                uncertain.extend(here);
                continue;
            }
            let mut wanted: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
            for place in here {
                let row = &found[place].1;
                if let (Some(id), Some(offset)) = (number(row, "id"), number(row, "archive_offset")) {
                    wanted.entry((id, offset)).or_default().push(place);
                }
            }
            let mut batches = table.rows_of(&added.file, Some(&["id", "archive_offset"])).await?;
            while let Some(batch) = batches.try_next().await? {
                let (ids, offsets) =
                    (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_primitive::<Int64Type>());
                for key in ids.values().iter().copied().zip(offsets.values().iter().copied()) {
                    for place in wanted.remove(&key).unwrap_or_default() {
                        let commit = added.commit.clone();
                        let (version, at, operation) = (commit.version, commit.at, commit.operation);
                        let certain = !uncertain.contains(&place);
                        all[place] = Some(Came { version, at, operation, change: commit.run, certain });
                    }
                }
                if wanted.is_empty() {
                    break;
                }
            }
        }
    }
    Ok(all)
}

/// The run of a change: rounds of a run are called by it with something behind. Where only one run was ever published, it is that.
fn run(records: &[Record], came: Option<&Came>) -> Option<RunTold> {
    let change = came.and_then(|came| came.change.as_deref()).unwrap_or_default();
    let is_of = |record: &&Record| {
        change.strip_prefix(&record.run.id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let only = if let [only] = records { Some(only) } else { None };
    let record = records.iter().filter(is_of).max_by_key(|record| record.run.id.len()).or(only)?;
    let (id, command, at) = (record.run.id.clone(), record.run.command.clone(), record.run.at);
    Some(RunTold { id, command, at, pinakes: record.pinakes.clone() })
}

/// A command that prints the record's beginning.
fn read_again(archive: &str, offset: i64) -> Option<String> {
    let packed = archive.ends_with(".gz");
    let plain = archive.trim_end_matches(".gz");
    if !plain.ends_with(".warc") && !plain.ends_with(".arc") {
        return None;
    }
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    // Common Crawl's listings name its archives so.
    let common = archive.starts_with("crawl-data/").then(|| format!("https://data.commoncrawl.org/{archive}"));
    let place = common.as_deref().unwrap_or(archive);
    let from = offset + 1;
    let bytes = if place.starts_with("http://") || place.starts_with("https://") {
        format!("curl -s -r {offset}- {}", quoted(place))
    } else if place.starts_with("s3://") {
        format!("aws s3 cp {} - | tail -c +{from}", quoted(place))
    } else {
        format!("tail -c +{from} {}", quoted(place.strip_prefix("file://").unwrap_or(place)))
    };
    Some(format!("{bytes} {}| head -c 65536", if packed { "| gzip -dc 2>/dev/null " } else { "" }))
}
