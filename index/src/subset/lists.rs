//! Lists of ids, URLs or domains in a file: a line each, or a column of CSV, TSV or Parquet.
//!
//! A list is held in memory: of each entry a key of 128 bits instead of its text.

use super::keys::{Beginnings, Hashers, Itself};
use crate::{Error, address};
use arrow_array::{Array, RecordBatch, cast::AsArray, types::Int64Type};
use arrow_schema::DataType;
use datafusion::arrow::compute::cast;
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use schema::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fs::File,
    hash::BuildHasherDefault,
    io::{BufRead, BufReader, Read},
    path::Path,
};
use url::Url;

/// What a list names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Ids,
    Urls,
    Domains,
}

impl Kind {
    /// The columns that hold it, the first there is. LAION calls our id `hash`.
    fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Ids => &["id", "hash"],
            Self::Urls => &["url", "URL"],
            Self::Domains => &["domain", "image_domain", "value"],
        }
    }

    fn singular(self) -> &'static str {
        match self {
            Self::Ids => "id",
            Self::Urls => "URL",
            Self::Domains => "domain",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Ids => {
                "one whole number a line, as the column `id` has them; or CSV or Parquet with a column `id` or `hash`"
            }
            Self::Urls => "one http(s) address a line, whole; or CSV or Parquet with a column `url` or `URL`",
            Self::Domains => "one domain a line, without scheme or path; or CSV or Parquet with a column `domain`",
        }
    }
}

/// What became of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListReport {
    /// The option that named it.
    pub option: String,
    /// The file, as it was named.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Entries: lines or rows that are not empty.
    pub entries: u64,
    /// Those that name what another one has named already.
    pub repeated: u64,
    /// Those, repeated ones aside, that name a row of those that came so far.
    pub matched: u64,
    /// The rest.
    pub unmatched: u64,
}

/// A list, and which of its entries have been met.
pub(super) struct List {
    kind: Kind,
    option: &'static str,
    file: String,
    sha256: String,
    entries: u64,
    /// The places of entries in `met`, by their keys.
    keys: HashMap<u128, u32, BuildHasherDefault<Itself>>,
    met: Vec<bool>,
    hashers: Hashers,
    /// Of the keys of texts.
    beginnings: Beginnings,
}

impl List {
    /// Reads a whole list. Any entry that is none is an error: a list that leaves out has to be right.
    pub(super) fn read(kind: Kind, option: &'static str, path: &Path) -> Result<Self, Error> {
        let mut list = Self {
            kind,
            option,
            file: path.display().to_string(),
            sha256: String::new(),
            entries: 0,
            keys: HashMap::default(),
            met: Vec::new(),
            hashers: Hashers::new(),
            beginnings: Beginnings::of(std::iter::empty()),
        };
        list.sha256 = digest(path).map_err(|error| list.unreadable(&error))?;
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        match ending.as_str() {
            "parquet" => list.read_parquet(path)?,
            "csv" => list.read_csv(path, b',')?,
            "tsv" => list.read_csv(path, b'\t')?,
            _ => list.read_lines(path)?,
        }
        if kind != Kind::Ids {
            list.beginnings = Beginnings::of(list.keys.keys().copied());
        }
        Ok(list)
    }

    fn read_lines(&mut self, path: &Path) -> Result<(), Error> {
        let file = File::open(path).map_err(|error| self.unreadable(&error))?;
        let (mut lines, mut line, mut number) = (BufReader::new(file), String::new(), 0);
        while lines.read_line(&mut line).map_err(|error| self.unreadable(&error))? > 0 {
            number += 1;
            let text = if number == 1 { line.trim_start_matches('\u{feff}') } else { line.as_str() };
            self.add(text, number)?;
            line.clear();
        }
        Ok(())
    }

    fn read_csv(&mut self, path: &Path, delimiter: u8) -> Result<(), Error> {
        let reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_path(path);
        let mut reader = reader.map_err(|error| self.unreadable(&error))?;
        let headers: Vec<String> = reader
            .headers()
            .map_err(|error| self.unreadable(&error))?
            .iter()
            .map(|name| name.trim_start_matches('\u{feff}').to_owned())
            .collect();
        let column = self.column(&headers)?;
        for row in reader.records() {
            let row = row.map_err(|error| self.unreadable(&error))?;
            let line = row.position().map_or(0, csv::Position::line);
            self.add(row.get(column).unwrap_or_default(), usize::try_from(line).unwrap_or_default())?;
        }
        Ok(())
    }

    fn read_parquet(&mut self, path: &Path) -> Result<(), Error> {
        let file = File::open(path).map_err(|error| self.unreadable(&error))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| self.unreadable(&error))?;
        let names: Vec<String> = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
        let column = self.column(&names)?;
        let mask = ProjectionMask::roots(reader.parquet_schema(), [column]);
        let batches = reader.with_projection(mask).build().map_err(|error| self.unreadable(&error))?;
        let mut before = 0;
        for batch in batches {
            let batch = batch.map_err(|error| self.unreadable(&error))?;
            self.add_batch(&batch, before)?;
            before += batch.num_rows();
        }
        Ok(())
    }

    fn add_batch(&mut self, batch: &RecordBatch, before: usize) -> Result<(), Error> {
        let column = batch.column(0);
        let is_number = self.kind == Kind::Ids && column.data_type() == &DataType::Int64;
        if is_number {
            for id in column.as_primitive::<Int64Type>().iter().flatten() {
                self.entries += 1;
                self.insert(u128::from(id.cast_unsigned()));
            }
            return Ok(());
        }
        let texts = cast(column, &DataType::Utf8)?;
        for (row, text) in texts.as_string::<i32>().iter().enumerate() {
            self.add(text.unwrap_or_default(), before + row + 1)?;
        }
        Ok(())
    }

    fn column(&self, names: &[String]) -> Result<usize, Error> {
        let wanted = self.kind.columns();
        let place = wanted.iter().find_map(|wanted| names.iter().position(|name| name.trim() == *wanted));
        place.ok_or_else(|| {
            let problem =
                format!("it has no column `{}`: its columns are `{}`", wanted.join("` or `"), names.join("`, `"));
            self.wrong(problem)
        })
    }

    /// Takes the entry of a line or row.
    fn add(&mut self, text: &str, line: usize) -> Result<(), Error> {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        let is_plain = self.kind == Kind::Urls && address::plain(text).is_some();
        let key = match self.kind {
            Kind::Ids => text.parse().ok().map(|id: i64| u128::from(id.cast_unsigned())),
            Kind::Urls if is_plain => Some(self.hashers.key(text)),
            Kind::Urls => {
                let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
                url.map(|url| self.hashers.key(url.as_str()))
            }
            Kind::Domains => {
                let host = text.trim_start_matches("*.").trim_matches('.').to_lowercase();
                let host = url::Host::parse(&host).ok().map(|host| host.to_string()).filter(|host| host.contains('.'));
                host.map(|host| self.hashers.key(&host))
            }
        };
        let Some(key) = key else {
            let shown: String = text.chars().take(200).collect();
            return Err(self.wrong(format!("`{shown}` in line {line} is no {}", self.kind.singular())));
        };
        self.entries += 1;
        let place = self.insert(key);
        if self.kind == Kind::Urls && !is_plain {
            // An address is found as it is written and as the standard writes it.
            let written = self.hashers.key(text);
            self.keys.entry(written).or_insert(place);
        }
        Ok(())
    }

    fn insert(&mut self, key: u128) -> u32 {
        // More entries than can be numbered so would need 100 GB before.
        let next = u32::try_from(self.met.len()).unwrap_or(u32::MAX);
        let place = *self.keys.entry(key).or_insert(next);
        if place == next {
            self.met.push(false);
        }
        place
    }

    fn meet(&mut self, key: u128) -> bool {
        let Some(place) = self.keys.get(&key) else { return false };
        if let Some(met) = self.met.get_mut(*place as usize) {
            *met = true;
        }
        true
    }

    /// Whether the list names this row.
    pub(super) fn names_id(&mut self, id: i64) -> bool {
        self.meet(u128::from(id.cast_unsigned()))
    }

    pub(super) fn names_url(&mut self, url: &str) -> bool {
        self.names(url)
    }

    /// Whether the list names `host` or what it lies below. All entries that do so are met, not only the narrowest.
    pub(super) fn names_host(&mut self, host: &str) -> bool {
        let (mut rest, mut named) = (host, false);
        // No entry is without a dot.
        while let Some((_, above)) = rest.split_once('.') {
            named |= self.names(rest);
            rest = above;
        }
        named
    }

    /// Whether an entry has the key of `text`. Most texts have none, which the first half of it tells.
    fn names(&mut self, text: &str) -> bool {
        let first = self.hashers.first(text);
        if !self.beginnings.may_begin(first) {
            return false;
        }
        let key = self.hashers.whole(first, text);
        self.meet(key)
    }

    pub(super) fn report(&self) -> ListReport {
        let different = self.met.len() as u64;
        let matched = self.met.iter().filter(|met| **met).count() as u64;
        ListReport {
            option: self.option.to_owned(),
            file: self.file.clone(),
            sha256: self.sha256.clone(),
            entries: self.entries,
            repeated: self.entries - different,
            matched,
            unmatched: different - matched,
        }
    }

    fn wrong(&self, problem: String) -> Error {
        Error::List { file: self.file.clone(), problem, hint: self.kind.hint() }
    }

    fn unreadable(&self, error: &impl ToString) -> Error {
        self.wrong(error.to_string())
    }
}

fn digest(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hash, mut buffer) = (File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            length => hash.update(&buffer[..length]),
        }
    }
}
