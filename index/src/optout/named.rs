//! What entries name, ready for rows by the million.

use super::entry::{Entry, EntryKind, list_of, row_of};
use crate::Error;
use arrow_array::{Array, Int64Array, RecordBatch, StringArray, cast::AsArray, types::Int64Type};
use arrow_schema::{DataType, Schema};
use consent::{ListKind, OptOutList};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use url::Url;

/// Entries, and the way to the one that names a row.
pub struct Named {
    list: OptOutList,
    /// Rows by id; where a URL is said, only with that one.
    rows: HashMap<i64, Vec<(Option<String>, String)>>,
    /// Hosts on which a URL or a beginning of URLs is named.
    hosts: HashSet<String>,
    kinds: HashSet<ListKind>,
}

/// The entry that names a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// `domain`, `host`, `url`, `url-prefix`, `sha256`, `phash` or `id`.
    pub kind: String,
    /// The entry as written.
    pub value: String,
    /// List and line it stands on.
    pub place: String,
}

/// What entries may name a row by.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) url: &'a str,
    /// Empty where the page is not known.
    pub(crate) page_url: &'a str,
    pub(crate) sha256: Option<&'a str>,
    pub(crate) phash: Option<i64>,
    pub(crate) id: Option<i64>,
}

/// What is known of hosts met before: whether anything on them is named.
#[derive(Default)]
pub(crate) struct Hosts(HashMap<String, bool>);

impl Named {
    /// By these entries; `name` says where they came from.
    pub fn of(name: &str, entries: &[Entry]) -> Result<Self, Error> {
        let mut named = Self::in_list(list_of(name, entries)?);
        for (number, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.kind == EntryKind::Id) {
            let (id, url) = row_of(name, &entry.value)?;
            named.rows.entry(id).or_default().push((url, format!("{name}:{}", number + 2)));
        }
        Ok(named)
    }

    /// By the entries of a list.
    pub fn in_list(list: OptOutList) -> Self {
        let mut named = Self { list, rows: HashMap::new(), hosts: HashSet::new(), kinds: HashSet::new() };
        named.note_hosts();
        named
    }

    /// Adds what `other` names.
    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
        for (id, rows) in other.rows {
            self.rows.entry(id).or_default().extend(rows);
        }
        self.hosts.extend(other.hosts);
        self.kinds.extend(other.kinds);
    }

    /// How many entries there are, names of persons among them.
    pub fn len(&self) -> usize {
        self.list.len() + self.rows.values().map(Vec::len).sum::<usize>()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The list, in which single rows do not stand.
    pub fn list(&self) -> &OptOutList {
        &self.list
    }

    /// The entry that names the picture's address, else its page's, else its bytes, its looks, or the row itself.
    pub(crate) fn hit(&self, facts: &Facts<'_>, hosts: &mut Hosts) -> Option<Hit> {
        let found = self.by_address(facts.url, hosts).or_else(|| self.by_address(facts.page_url, hosts));
        let found = found.or_else(|| self.list.find_sha256(facts.sha256.filter(|_| self.has(ListKind::Sha256))?));
        let by_looks = || facts.phash.filter(|_| self.has(ListKind::Phash)).map(i64::cast_unsigned);
        let found = found.or_else(|| self.list.find_phash(by_looks()?));
        let hit = found.map(|hit| Hit { kind: hit.kind.to_string(), value: hit.value, place: hit.place });
        hit.or_else(|| self.by_row(facts))
    }

    fn has(&self, kind: ListKind) -> bool {
        self.kinds.contains(&kind)
    }

    fn by_address(&self, text: &str, hosts: &mut Hosts) -> Option<consent::ListHit> {
        if let Some(host) = plain_host(text) {
            let is_named = if let Some(is_named) = hosts.0.get(host) {
                *is_named
            } else {
                let is_named = self.may_name(host);
                hosts.0.insert(host.to_owned(), is_named);
                is_named
            };
            if !is_named {
                return None;
            }
        }
        self.list.find(&Url::parse(text).ok()?)
    }

    /// Whether anything on `host` is named: itself, or a URL on it.
    fn may_name(&self, host: &str) -> bool {
        let Ok(url) = Url::parse(&format!("http://{host}/")) else { return true };
        let is_known = |host: &str| self.hosts.contains(host.trim_end_matches('.'));
        self.list.find(&url).is_some() || url.host_str().is_none_or(is_known)
    }

    /// Whether single rows are named by their ids.
    pub(super) fn has_rows(&self) -> bool {
        !self.rows.is_empty()
    }

    /// Whether the row of this id is named, if it has the URL that may be said with it.
    pub(super) fn has_row(&self, id: i64) -> bool {
        self.rows.contains_key(&id)
    }

    pub(super) fn by_row(&self, facts: &Facts<'_>) -> Option<Hit> {
        let id = facts.id.filter(|_| !self.rows.is_empty())?;
        let named = self.rows.get(&id)?;
        let (url, place) = named.iter().find(|(url, _)| url.as_ref().is_none_or(|url| url == facts.url))?;
        let value = url.as_ref().map_or_else(|| id.to_string(), |url| format!("{id} {url}"));
        Some(Hit { kind: EntryKind::Id.name().to_owned(), value, place: place.clone() })
    }

    fn note_hosts(&mut self) {
        for entry in self.list.entries() {
            self.kinds.insert(entry.kind);
            if matches!(entry.kind, ListKind::Url | ListKind::UrlPrefix)
                && let Ok(url) = Url::parse(entry.value.trim_end_matches('*'))
                && let Some(host) = url.host_str()
            {
                self.hosts.insert(host.trim_end_matches('.').to_owned());
            }
        }
    }
}

/// The host of a URL that is written plainly; of others nothing is said, and they are read in full.
fn plain_host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..end].split(':').next().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_');
    let port = rest[..end].get(host.len()..).unwrap_or_default();
    let has_port = port.is_empty() || port[1..].bytes().all(|byte| byte.is_ascii_digit());
    (!host.is_empty() && host.bytes().all(is_plain) && has_port).then_some(host)
}

/// Texts and numbers in the types that they are looked up in, whichever ones the file has. What does not fit is an error:
/// passed over, it were a row that nobody looked at.
pub(super) fn usual(batch: &RecordBatch) -> Result<RecordBatch, Error> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    let (mut fields, mut columns) = (Vec::new(), Vec::new());
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let kind = if matches!(field.name().as_str(), "id" | "phash") { DataType::Int64 } else { DataType::Utf8 };
        columns.push(cast_with_options(column, &kind, &options)?);
        fields.push(field.as_ref().clone().with_data_type(kind));
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

/// The columns of a batch by which rows are named.
pub(crate) struct Columns<'a> {
    urls: &'a StringArray,
    pages: Option<&'a StringArray>,
    sha256: Option<&'a StringArray>,
    phash: Option<&'a Int64Array>,
    ids: Option<&'a Int64Array>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(batch: &'a RecordBatch) -> Result<Self, Error> {
        let text = |name: &str| batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
        let number = |name: &str| batch.column_by_name(name).and_then(|column| column.as_primitive_opt::<Int64Type>());
        let missing = || Error::Record { name: "url".to_owned(), problem: "the table has no such column".into() };
        Ok(Self {
            urls: text("url").ok_or_else(missing)?,
            pages: text("page_url"),
            sha256: text("sha256"),
            phash: number("phash"),
            ids: number("id"),
        })
    }

    pub(crate) fn facts(&self, row: usize) -> Facts<'a> {
        let text = |column: Option<&'a StringArray>| column.filter(|it| it.is_valid(row)).map(|it| it.value(row));
        let number = |column: Option<&'a Int64Array>| column.filter(|it| it.is_valid(row)).map(|it| it.value(row));
        Facts {
            url: self.urls.value(row),
            page_url: text(self.pages).unwrap_or_default(),
            sha256: text(self.sha256),
            phash: number(self.phash),
            id: number(self.ids),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::{ArrayRef, DictionaryArray, LargeStringArray, StringViewArray, UInt64Array, types::Int32Type};

    #[test]
    fn texts_and_numbers_of_other_types_are_looked_up_too() {
        let digest = "0".repeat(64);
        let urls: DictionaryArray<Int32Type> = [Some("https://a.example/1.jpg"), None].into_iter().collect();
        let columns: [(&str, ArrayRef); 4] = [
            ("url", Arc::new(urls)),
            ("sha256", Arc::new(LargeStringArray::from(vec![Some(digest.as_str()), None]))),
            ("page_url", Arc::new(StringViewArray::from(vec![Some("https://a.example/"), None]))),
            ("phash", Arc::new(UInt64Array::from(vec![Some(7), None]))),
        ];
        let batch = usual(&RecordBatch::try_from_iter(columns).unwrap()).unwrap();
        let columns = Columns::of(&batch).unwrap();
        let facts = columns.facts(0);
        assert_eq!((facts.url, facts.page_url), ("https://a.example/1.jpg", "https://a.example/"));
        assert_eq!((facts.sha256, facts.phash), (Some(digest.as_str()), Some(7)));
        assert_eq!((columns.facts(1).sha256, columns.facts(1).phash), (None, None));

        let too_large: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX]));
        assert!(usual(&RecordBatch::try_from_iter([("phash", too_large)]).unwrap()).is_err());
    }
}
