//! Which rows of a table a list names, without reading them all.
//!
//! An address entry can only name a row whose picture or page lies on a domain that the entry belongs to. Domains are read
//! first, which costs little (a few numbers into a dictionary a row group); addresses only of rows whose domain may be
//! named; and only what is not plain is parsed. What a row's domain is was decided by the public suffix list of its day, and
//! may be decided otherwise today: so names are compared label by label, and that list is not asked.

use super::{Facts, Named, named::usual};
use crate::{
    Error, address,
    table::{Doomed, Groups},
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, RecordBatch,
    cast::AsArray,
    types::{Int32Type, Int64Type},
};
use consent::ListKind;
use parquet::arrow::arrow_reader::RowSelection;
use std::{collections::HashSet, sync::Arc};
use url::Url;

const IMAGE: Side = Side { domain: "image_domain", url: "url" };
const PAGE: Side = Side { domain: "page_domain", url: "page_url" };

/// The picture, or the page it stands on.
struct Side {
    domain: &'static str,
    url: &'static str,
}

/// The rows that entries name.
pub(super) struct Sought {
    named: Arc<Named>,
    places: Places,
    /// Whether pictures are named by their bytes or looks, wherever they lie.
    pictures: bool,
    /// Whether single rows are named by their ids.
    rows: bool,
}

impl Sought {
    pub(super) fn by(named: Arc<Named>) -> Self {
        let mut places = Places::default();
        let mut pictures = false;
        for entry in named.list().entries() {
            match entry.kind {
                ListKind::Domain | ListKind::Host | ListKind::UrlPrefix => places.add(&entry.value, false),
                ListKind::Url => places.add(&entry.value, true),
                ListKind::Sha256 | ListKind::Phash => pictures = true,
                // It takes out nothing by itself.
                ListKind::Name => {}
            }
        }
        let rows = named.has_rows();
        Self { named, places, pictures, rows }
    }

    /// How a group's rows are to be looked at by the domains in this column.
    fn looks(&self, domains: &ArrayRef) -> Vec<Look> {
        let rows = domains.len();
        let Some(numbered) = domains.as_dictionary_opt::<Int32Type>() else { return vec![Look::Closely; rows] };
        let Some(texts) = numbered.values().as_string_opt::<i32>() else { return vec![Look::Closely; rows] };
        let by_number: Vec<Look> =
            texts.iter().map(|domain| domain.map_or(Look::Closely, |domain| self.places.look(domain))).collect();
        let look = |number: Option<usize>| number.and_then(|number| by_number.get(number)).copied();
        (0..rows).map(|row| look(numbered.key(row)).unwrap_or(Look::Closely)).collect()
    }

    /// Whether the list names this address, which lies on a domain that is looked at so.
    fn names(&self, url: &str, look: Look) -> bool {
        match look {
            Look::No => false,
            Look::ForUrls => match plain(url) {
                Some(plain) => self.places.urls.contains(plain),
                None => self.lists(url),
            },
            Look::Closely => self.lists(url),
        }
    }

    fn lists(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.named.list().find(&url).is_some())
    }

    fn by_address(&self, file: &Groups, group: usize) -> Result<Option<Vec<bool>>, Error> {
        let sides = [IMAGE, PAGE];
        let rows = file.rows(group);
        let mut looks = Vec::new();
        let domains = sides.each_ref().map(|side| side.domain);
        let bytes = file.fetch(group..group + 1, &domains)?;
        for side in &sides {
            looks.push(if file.has(side.domain) && !self.places.anywhere {
                let batch = file.read_numbered(&bytes, group, &[side.domain])?;
                self.looks(column(&batch, side.domain)?)
            } else {
                vec![Look::Closely; rows]
            });
        }
        let chosen: Vec<usize> =
            (0..rows).filter(|row| looks.iter().any(|looks| looks.get(*row) != Some(&Look::No))).collect();
        if chosen.is_empty() {
            return Ok(None);
        }
        let mut wanted: Vec<&str> = Vec::new();
        for (side, looks) in sides.iter().zip(&looks) {
            if looks.iter().any(|look| *look != Look::No) {
                wanted.push(side.url);
            }
        }
        let selected: BooleanArray =
            (0..rows).map(|row| Some(looks.iter().any(|looks| looks.get(row) != Some(&Look::No)))).collect();
        let bytes = file.fetch(group..group + 1, &wanted)?;
        let batch = usual(&file.read(&bytes, group, &wanted, Some(RowSelection::from_filters(&[selected])))?)?;
        if batch.num_rows() != chosen.len() {
            return Err(missing("rows"));
        }
        let mut marks = vec![false; rows];
        for (side, looks) in sides.iter().zip(&looks) {
            if !wanted.contains(&side.url) {
                continue;
            }
            let urls = column(&batch, side.url)?.as_string_opt::<i32>().ok_or_else(|| missing(side.url))?;
            for (url, row) in urls.iter().zip(&chosen) {
                let look = looks.get(*row).copied().unwrap_or(Look::Closely);
                if let (Some(url), Some(mark)) = (url, marks.get_mut(*row)) {
                    *mark |= self.names(url, look);
                }
            }
        }
        Ok(Some(marks))
    }

    /// The ledger's pictures were not kept, so that it has no such columns.
    fn by_picture(&self, file: &Groups, group: usize, marks: &mut [bool]) -> Result<(), Error> {
        let columns: Vec<&str> = ["sha256", "phash"].into_iter().filter(|name| file.has(name)).collect();
        if columns.is_empty() {
            return Ok(());
        }
        let bytes = file.fetch(group..group + 1, &columns)?;
        let batch = usual(&file.read(&bytes, group, &columns, None)?)?;
        if file.has("sha256") {
            let digests = column(&batch, "sha256")?.as_string_opt::<i32>().ok_or_else(|| missing("sha256"))?;
            for (digest, mark) in digests.iter().zip(marks.iter_mut()) {
                *mark |= digest.is_some_and(|digest| self.named.list().find_sha256(digest).is_some());
            }
        }
        if file.has("phash") {
            let looks = column(&batch, "phash")?.as_primitive_opt::<Int64Type>().ok_or_else(|| missing("phash"))?;
            for (look, mark) in looks.iter().zip(marks.iter_mut()) {
                *mark |= look.is_some_and(|look| self.named.list().find_phash(look.cast_unsigned()).is_some());
            }
        }
        Ok(())
    }

    /// Ids are asked first: addresses are read only where a row has one that is named.
    fn by_row(&self, file: &Groups, group: usize, marks: &mut [bool]) -> Result<(), Error> {
        let read = |name: &'static str| {
            let bytes = file.fetch(group..group + 1, &[name])?;
            Ok::<_, Error>(Arc::clone(column(&usual(&file.read(&bytes, group, &[name], None)?)?, name)?))
        };
        let ids = read("id")?;
        let ids = ids.as_primitive_opt::<Int64Type>().ok_or_else(|| missing("id"))?;
        if !ids.iter().flatten().any(|id| self.named.has_row(id)) {
            return Ok(());
        }
        let urls = read("url")?;
        let urls = urls.as_string_opt::<i32>().ok_or_else(|| missing("url"))?;
        for ((id, url), mark) in ids.iter().zip(urls).zip(marks.iter_mut()) {
            let facts = Facts { id, url: url.unwrap_or_default(), ..Facts::default() };
            *mark |= self.named.by_row(&facts).is_some();
        }
        Ok(())
    }
}

impl Doomed for Sought {
    fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    fn in_group(&self, file: &Groups, group: usize) -> Result<Option<BooleanArray>, Error> {
        let mut marks = if self.places.is_empty() { None } else { self.by_address(file, group)? };
        if self.pictures {
            self.by_picture(file, group, marks.get_or_insert_with(|| vec![false; file.rows(group)]))?;
        }
        if self.rows {
            self.by_row(file, group, marks.get_or_insert_with(|| vec![false; file.rows(group)]))?;
        }
        Ok(marks.filter(|marks| marks.contains(&true)).map(BooleanArray::from))
    }
}

/// How closely the addresses on a domain are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// No entry can name one.
    No,
    /// Entries name single URLs only, and all of those are plain.
    ForUrls,
    Closely,
}

/// The names of hosts that entries belong to.
#[derive(Default)]
struct Places {
    /// Hosts of entries other than plain URLs, and all names above them.
    closely: HashSet<String>,
    /// Hosts of plain URLs, and all names above them.
    for_urls: HashSet<String>,
    /// Plain URLs without their scheme.
    urls: HashSet<String>,
    /// Hosts of entries other than plain URLs, themselves.
    names: HashSet<String>,
    /// Fewest labels that one of those has.
    least_labels: usize,
    /// An entry whose place is not understood here: every row is looked at.
    anywhere: bool,
}

impl Places {
    fn is_empty(&self) -> bool {
        !self.anywhere && self.names.is_empty() && self.urls.is_empty()
    }

    /// Takes in where an entry belongs to, as the list itself reads it.
    fn add(&mut self, value: &str, is_url: bool) {
        let value = value.trim();
        let address = if value.contains("://") {
            // The star of a URL is one of its own; that of a beginning stands for what comes behind it.
            Url::parse(if is_url { value } else { value.trim_end_matches('*') })
        } else {
            let below = value.strip_prefix("*.").or_else(|| value.strip_prefix('.')).unwrap_or(value);
            let is_v6 = below.contains(':') && !below.starts_with('[');
            Url::parse(&if is_v6 { format!("http://[{below}]/") } else { format!("http://{below}/") })
        };
        let host = address.as_ref().ok().and_then(Url::host_str).map(|host| host.trim_end_matches('.'));
        let Some(host) = host.filter(|host| !host.is_empty()).map(str::to_ascii_lowercase) else {
            self.anywhere = true;
            return;
        };
        let text = address.as_ref().map(Url::as_str).unwrap_or_default();
        if let Some(plain) = plain(text).filter(|_| is_url) {
            self.for_urls.extend(with_names_above(&host).map(str::to_owned));
            self.urls.insert(plain.to_owned());
            return;
        }
        self.closely.extend(with_names_above(&host).map(str::to_owned));
        let labels = host.split('.').count();
        self.least_labels = if self.names.is_empty() { labels } else { self.least_labels.min(labels) };
        self.names.insert(host);
    }

    /// How closely rows of a registrable domain are looked at. Their hosts end with it.
    fn look(&self, domain: &str) -> Look {
        if self.anywhere || self.closely.contains(domain) {
            return Look::Closely;
        }
        // An entry may name all below a name above the domain.
        let labels = domain.split('.').count();
        if !self.names.is_empty() && labels > self.least_labels {
            let mut above = with_names_above(domain).skip(1).take(labels - self.least_labels);
            if above.any(|name| self.names.contains(name)) {
                return Look::Closely;
            }
        }
        if self.for_urls.contains(domain) { Look::ForUrls } else { Look::No }
    }
}

/// `a.b.c`, `b.c`, `c`.
fn with_names_above(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |name| name.split_once('.').map(|(_, above)| above))
}

/// A URL that is written in the one way in which it can be: without its scheme it is what lists compare. They leave out an empty
/// query, and have views of their own on hosts that are no names of domains.
fn plain(url: &str) -> Option<&str> {
    let rest = address::plain(url).filter(|rest| !rest.ends_with('?'))?;
    let (host, _) = rest.split_once('/')?;
    (host.contains('.') && host.len() <= 253).then_some(rest)
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, Error> {
    batch.column_by_name(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> Error {
    Error::Record { name: name.to_owned(), problem: "the table has no such column".into() }
}
