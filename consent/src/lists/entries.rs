//! All entries with their words: one text that holds them all, and 24 bytes for each.

use super::ListKind;
use std::sync::Arc;

/// Longest words kept of one cell, in bytes.
pub(super) const MAX_TEXT_BYTES: usize = 8 * 1024;

/// Who asked, and where that is written down.
#[derive(Clone, Debug)]
pub(super) struct Asked<'t> {
    pub(super) list: Arc<str>,
    pub(super) line: usize,
    /// As written; may be empty.
    pub(super) date: &'t str,
    /// As written; may be empty.
    pub(super) proof: &'t str,
}

/// The entries, numbered in the order in which they came.
#[derive(Clone, Default)]
pub(super) struct Entries {
    texts: String,
    all: Vec<Entry>,
    origins: Vec<Origin>,
}

/// Its texts stand at `start`: the value as written, and behind it the key, unless that is a part
/// of the value. `https://example.com/x.jpg` holds its key `example.com/x.jpg`, as most do.
#[derive(Clone)]
struct Entry {
    start: usize,
    line: u32,
    origin: u32,
    value: u16,
    key_at: u16,
    key: u16,
    kind: ListKind,
}

/// What entries share that follow one another: most lists were asked for in one piece.
#[derive(Clone)]
struct Origin {
    list: Arc<str>,
    start: usize,
    date: u16,
    proof: u16,
}

impl Entries {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Adds one and gives its number. Texts longer than [`MAX_TEXT_BYTES`] never come here.
    pub(super) fn push(&mut self, kind: ListKind, key: &str, value: &str, asked: &Asked<'_>) -> u32 {
        let origin = self.origin(asked);
        let start = self.texts.len();
        self.texts.push_str(value);
        let key_at = value.find(key).unwrap_or_else(|| {
            self.texts.push_str(key);
            value.len()
        });
        // Memory ends long before the numbers do.
        let number = number_of(self.all.len());
        let line = number_of(asked.line);
        let (value, key_at, key) = (length(value.len()), length(key_at), length(key.len()));
        self.all.push(Entry { start, line, origin, value, key_at, key, kind });
        number
    }

    pub(super) fn kind(&self, number: u32) -> Option<ListKind> {
        self.entry(number).map(|entry| entry.kind)
    }

    /// In the form in which it is compared.
    pub(super) fn key(&self, number: u32) -> &str {
        self.entry(number).map_or("", |entry| self.text(entry.start + usize::from(entry.key_at), entry.key))
    }

    /// As written.
    pub(super) fn value(&self, number: u32) -> &str {
        self.entry(number).map_or("", |entry| self.text(entry.start, entry.value))
    }

    pub(super) fn asked(&self, number: u32) -> Option<Asked<'_>> {
        let entry = self.entry(number)?;
        let origin = self.origins.get(index_of(entry.origin))?;
        let date = self.text(origin.start, origin.date);
        let proof = self.text(origin.start + usize::from(origin.date), origin.proof);
        Some(Asked { list: Arc::clone(&origin.list), line: index_of(entry.line), date, proof })
    }

    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + use<> {
        0..number_of(self.all.len())
    }

    /// Gives back what was kept for more.
    pub(super) fn shrink(&mut self) {
        self.texts.shrink_to_fit();
        self.all.shrink_to_fit();
        self.origins.shrink_to_fit();
    }

    /// Bytes of memory held.
    pub(super) fn bytes(&self) -> usize {
        self.texts.capacity() + self.all.capacity() * size_of::<Entry>() + self.origins.capacity() * size_of::<Origin>()
    }

    fn origin(&mut self, asked: &Asked<'_>) -> u32 {
        if let Some(last) = self.origins.last() {
            let said = self.texts.get(last.start..).unwrap_or_default();
            let date = said.get(..usize::from(last.date)).unwrap_or_default();
            let proof = said.get(date.len()..date.len() + usize::from(last.proof)).unwrap_or_default();
            if Arc::ptr_eq(&last.list, &asked.list) && date == asked.date && proof == asked.proof {
                return number_of(self.origins.len() - 1);
            }
        }
        let (date, proof) = (length(asked.date.len()), length(asked.proof.len()));
        self.origins.push(Origin { list: Arc::clone(&asked.list), start: self.texts.len(), date, proof });
        self.texts.push_str(asked.date);
        self.texts.push_str(asked.proof);
        number_of(self.origins.len() - 1)
    }

    fn entry(&self, number: u32) -> Option<&Entry> {
        self.all.get(index_of(number))
    }

    fn text(&self, start: usize, length: u16) -> &str {
        self.texts.get(start..start + usize::from(length)).unwrap_or_default()
    }
}

fn length(bytes: usize) -> u16 {
    u16::try_from(bytes).unwrap_or(u16::MAX)
}

fn number_of(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn index_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_as_they_went_in() {
        let mut entries = Entries::default();
        let (one, other): (Arc<str>, Arc<str>) = ("a.csv".into(), "b.csv".into());
        let rows = [
            (ListKind::Url, "a.example/x", "https://a.example/x", &one, 1, "2026-01-02", "mail 7"),
            (ListKind::Domain, "xn--bro-hoa.example", "büro.example", &one, 2, "2026-01-02", "mail 7"),
            (ListKind::Host, "b.example", "b.example", &one, 3, "2026-01-0", "2mail 7"),
            (ListKind::Host, "c.example", "c.example", &other, 4, "", ""),
        ];
        for (kind, key, value, list, line, date, proof) in rows {
            entries.push(kind, key, value, &Asked { list: Arc::clone(list), line, date, proof });
        }
        for (number, (kind, key, value, list, line, date, proof)) in (0..).zip(rows) {
            assert_eq!((entries.kind(number), entries.key(number)), (Some(kind), key));
            assert_eq!(entries.value(number), value);
            let asked = entries.asked(number).unwrap();
            assert_eq!((&asked.list, asked.line, asked.date, asked.proof), (list, line, date, proof));
        }
        assert_eq!((entries.len(), entries.origins.len()), (4, 3));
        assert_eq!((entries.key(4), entries.value(9), entries.kind(4)), ("", "", None));
        assert_eq!(size_of::<Entry>(), 24);
    }
}
