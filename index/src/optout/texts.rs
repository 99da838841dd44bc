//! Rows whose texts hold a person's name: for somebody to look at, never taken out by themselves.

use super::entry::{Entry, EntryKind};
use crate::{Dataset, Error, table::Table};
use arrow_array::{Array, RecordBatch, cast::AsArray, types::Int64Type};
use consent::OptOutList;
use futures::TryStreamExt;
use serde::Serialize;
use std::collections::BTreeMap;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Characters of a text that are shown around a name.
const AROUND: usize = 80;

/// Most rows that are told of: whoever bears a name that more texts hold has to say more than the name.
const MOST: usize = 1_000_000;

/// A row whose text holds a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// The name as it was asked for.
    pub name: String,
    /// `samples` or `ledger`.
    pub table: &'static str,
    /// The row's id.
    pub id: i64,
    /// Where the picture lies.
    pub url: String,
    /// The page it stands on; empty where it is not known.
    pub page_url: String,
    /// The column that holds the name.
    pub found_in: &'static str,
    /// Whether it is found only if accents are left out of both, which says less.
    pub without_accents: bool,
    /// What stands around it.
    pub excerpt: String,
}

impl Candidate {
    /// The row as an entry, should somebody find that it is meant.
    pub fn entry(&self) -> Entry {
        Entry { kind: EntryKind::Id, value: format!("{} {}", self.id, self.url) }
    }
}

/// Looks for the names of `list` in all texts of `dataset`. A row is told once for each name, by the first column that holds it.
pub async fn find_names(dataset: &Dataset, list: &OptOutList) -> Result<Vec<Candidate>, Error> {
    let mut found = Vec::new();
    if list.names().next().is_none() {
        return Ok(found);
    }
    let names = Names::of(list)?;
    for (name, table, columns) in [
        ("samples", Some(dataset.samples()), &["text", "alt", "title", "caption"][..]),
        ("ledger", dataset.ledger(), &["text"]),
    ] {
        let Some(table) = table else { continue };
        look_through(table, name, columns, &names, &mut found).await?;
    }
    Ok(found)
}

async fn look_through(
    table: &Table,
    name: &'static str,
    texts: &[&'static str],
    names: &Names,
    found: &mut Vec<Candidate>,
) -> Result<(), Error> {
    let columns: Vec<&str> = ["id", "url", "page_url"].iter().chain(texts).copied().collect();
    for file in table.files()? {
        let mut batches = table.rows_of(&file, Some(&columns)).await?;
        while let Some(batch) = batches.try_next().await? {
            for row in 0..batch.num_rows() {
                found.extend(names.in_row(&batch, row, name, texts));
            }
            if found.len() > MOST {
                return Err(Error::TooManyNames(MOST));
            }
        }
    }
    Ok(())
}

/// The names as they were written, and without accents.
struct Names {
    as_written: OptOutList,
    /// The names that these stand for, by their place.
    plain: OptOutList,
    of_plain: BTreeMap<String, Vec<String>>,
}

impl Names {
    fn of(list: &OptOutList) -> Result<Self, Error> {
        let mut of_plain: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in list.names() {
            of_plain.entry(without_accents(name)).or_default().push(name.to_owned());
        }
        let as_list = |names: &mut dyn Iterator<Item = &str>| {
            let lines: String = names.map(|name| format!("name,\"{}\"\n", name.replace('"', "\"\""))).collect();
            let list = OptOutList::parse("names", &format!("type,value\n{lines}"));
            list.map_err(|error| Error::Record { name: "names".into(), problem: error.problem })
        };
        let as_written = as_list(&mut list.names())?;
        let plain = as_list(&mut of_plain.keys().map(String::as_str))?;
        Ok(Self { as_written, plain, of_plain })
    }

    fn in_row(&self, batch: &RecordBatch, row: usize, table: &'static str, texts: &[&'static str]) -> Vec<Candidate> {
        let mut found: BTreeMap<String, (bool, &'static str, &str)> = BTreeMap::new();
        for (place, column) in texts.iter().enumerate() {
            let values = batch.column(3 + place).as_string::<i32>();
            if values.is_null(row) {
                continue;
            }
            let text = values.value(row);
            for name in self.as_written.find_names(text) {
                let told = found.entry(name.value).or_insert((false, *column, text));
                if told.0 {
                    *told = (false, *column, text);
                }
            }
            for plain in self.plain.find_names(&without_accents(text)) {
                for name in self.of_plain.get(&plain.value).into_iter().flatten() {
                    found.entry(name.clone()).or_insert((true, *column, text));
                }
            }
        }
        let id = batch.column(0).as_primitive::<Int64Type>().value(row);
        let address = |column: usize| batch.column(column).as_string::<i32>().value(row).to_owned();
        let told = found.into_iter().map(|(name, (without_accents, found_in, text))| Candidate {
            excerpt: excerpt(text, &name),
            name,
            table,
            id,
            url: address(1),
            page_url: address(2),
            found_in,
            without_accents,
        });
        told.collect()
    }
}

/// Letters without what stands over, under or through them.
fn without_accents(text: &str) -> String {
    let letters = text.nfd().filter(|letter| !is_combining_mark(*letter));
    letters
        .map(|letter| match letter {
            'ø' => 'o',
            'Ø' => 'O',
            'ł' => 'l',
            'Ł' => 'L',
            'đ' | 'ð' => 'd',
            'Đ' | 'Ð' => 'D',
            'ħ' => 'h',
            'Ħ' => 'H',
            'ı' => 'i',
            other => other,
        })
        .collect()
}

/// The part of a text where a name stands, on one line.
fn excerpt(text: &str, name: &str) -> String {
    let text: Vec<char> = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().collect();
    if text.len() <= 2 * AROUND {
        return text.into_iter().collect();
    }
    let plain = |text: &str| without_accents(text).to_lowercase();
    let first: Vec<char> = plain(name.split_whitespace().next().unwrap_or_default()).chars().collect();
    // By single characters, so that places in the folded text are those in the text.
    let folded: Vec<char> =
        text.iter().map(|letter| plain(&letter.to_string()).chars().next().unwrap_or(*letter)).collect();
    let at = folded.windows(first.len().max(1)).position(|part| part == first).unwrap_or_default();
    let (start, end) = (at.saturating_sub(AROUND), (at + AROUND).min(text.len()));
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < text.len() { "…" } else { "" });
    format!("{before}{}{after}", text[start..end].iter().collect::<String>())
}
