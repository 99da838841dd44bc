//! Lists of image URLs with their texts, as img2dataset reads them: Parquet, CSV, TSV, JSON, JSON lines, or a
//! URL a line; all but Parquet also gzipped.
//!
//! [`read`] hands on one row after the other, and of what is no row, how many are lost and why. Memory
//! does not grow with the list: all that is held of it is the row at hand, of Parquet a batch of rows.
//! All but Parquet is read as it comes; Parquet tells at its end where its columns lie, so that a remote one
//! is first copied to a temporary file.

mod columns;
mod delimited;
mod json;
mod lines;
mod parquet;
mod source;

pub use columns::Columns;

use crate::{Error, archives::Archive};
use schema::DropReason;
use source::Source;

/// Longest row read, in bytes. A row is a few addresses and a text.
const MAX_ROW_BYTES: usize = 1024 * 1024;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Apache Parquet.
    Parquet,
    /// Fields apart by commas, quoted as RFC 4180 has it, their names in the first row.
    Commas,
    /// The same with tabs.
    Tabs,
    /// An array of objects, or an object a line.
    Json,
    /// A URL a line.
    Lines,
}

impl Kind {
    /// What the name of a file tells.
    pub fn of(file: &str) -> Option<Self> {
        let file = file.to_ascii_lowercase();
        let (file, is_gzip) = file.strip_suffix(".gz").map_or((file.as_str(), false), |file| (file, true));
        match file.rsplit_once('.')?.1 {
            // It is compressed within, and read from its end.
            "parquet" if !is_gzip => Some(Self::Parquet),
            "csv" => Some(Self::Commas),
            "tsv" => Some(Self::Tabs),
            "json" | "jsonl" | "ndjson" => Some(Self::Json),
            "txt" => Some(Self::Lines),
            _ => None,
        }
    }
}

/// A row, as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row<'a> {
    /// The image's URL.
    pub url: Option<&'a str>,
    /// Its text.
    pub text: Option<&'a str>,
    /// The URL of the page it was found on.
    pub page: Option<&'a str>,
}

/// What comes next in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A row.
    Row(Row<'a>),
    /// Rows that cannot be read. Where a list breaks off it is not known how many follow, and one is counted.
    Lost {
        /// How many.
        rows: u64,
        /// What they are counted under.
        reason: DropReason,
        /// What is wrong, said of the first of them: `has 3 fields, and the header 2`.
        problem: String,
    },
}

impl Item<'_> {
    fn damaged(problem: impl Into<String>) -> Self {
        Item::Lost { rows: 1, reason: DropReason::DamagedRecord, problem: problem.into() }
    }

    fn oversized(problem: &str) -> Self {
        Item::Lost { rows: 1, reason: DropReason::OversizedRecord, problem: problem.to_owned() }
    }
}

/// Reads a list and hands what is in it to `take`, in order; gives how many bytes it has.
///
/// Damage in it is told of and counted. What lacks a column that it must have is no list at all, and an error.
pub fn read(archive: &Archive, columns: &Columns, mut take: impl FnMut(Item<'_>)) -> Result<u64, Error> {
    let name = &archive.name;
    let Some(kind) = Kind::of(archive.place.file_name()) else { return Err(unknown(name)) };
    if kind == Kind::Parquet {
        return parquet::read(name, &archive.open_file()?, columns, &mut take);
    }
    let source = Source::open(archive.open()?).map_err(|error| Error::reading(name, error))?;
    let bytes = source.bytes();
    match kind {
        Kind::Commas => delimited::read(name, source, b',', columns, &mut take)?,
        Kind::Tabs => delimited::read(name, source, b'\t', columns, &mut take)?,
        Kind::Json => json::read(name, source, columns, &mut take)?,
        Kind::Lines | Kind::Parquet => lines::read(name, source, &mut take)?,
    }
    Ok(bytes.get())
}

/// The error for a list whose name does not tell how it is written.
pub(crate) fn unknown(name: &str) -> Error {
    let hint = "a list is told by its name: .parquet, .csv, .tsv, .json, .jsonl, .ndjson or .txt, all but Parquet also with \
                .gz; archives are read with `format = \"auto\"`";
    Error::archive(name, "is no list of URLs by its name", hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_how_a_list_is_written() {
        for (file, kind) in [
            ("a.parquet", Some(Kind::Parquet)),
            ("part-0.snappy.parquet", Some(Kind::Parquet)),
            ("a.parquet.gz", None),
            ("A.CSV", Some(Kind::Commas)),
            ("a.csv.gz", Some(Kind::Commas)),
            ("a.tsv", Some(Kind::Tabs)),
            ("a.jsonl.gz", Some(Kind::Json)),
            ("a.ndjson", Some(Kind::Json)),
            ("a.json", Some(Kind::Json)),
            ("a.txt.gz", Some(Kind::Lines)),
            ("warc.paths", None),
            ("warc.paths.gz", None),
            ("a.warc.gz", None),
            ("csv", None),
        ] {
            assert_eq!(Kind::of(file), kind, "{file}");
        }
    }
}
