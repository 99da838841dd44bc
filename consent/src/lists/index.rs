//! Entries by kind and key: a hash finds them, the key itself confirms them.

use super::{
    ListKind,
    entries::{Asked, Entries},
    hash::{Beginnings, Secret},
    table::Table,
};

/// The entries and the way to them.
#[derive(Clone, Default)]
pub(super) struct Index {
    entries: Entries,
    table: Table,
    secret: Secret,
    /// How many there are of each kind, by its number.
    counts: [usize; ListKind::COUNT],
}

impl Index {
    pub(super) fn entries(&self) -> &Entries {
        &self.entries
    }

    pub(super) fn count(&self, kind: ListKind) -> usize {
        self.counts[kind as usize]
    }

    /// Adds an entry and gives its number; `None` if one of that kind with that key is there: the
    /// first stands.
    pub(super) fn add(&mut self, kind: ListKind, key: &str, value: &str, asked: &Asked<'_>) -> Option<u32> {
        let tag = self.secret.hash(kind as u8, key.as_bytes());
        if self.find_tagged(kind, key.as_bytes(), tag).is_some() {
            return None;
        }
        let number = self.entries.push(kind, key, value, asked);
        self.table.insert(tag, number);
        self.counts[kind as usize] += 1;
        Some(number)
    }

    pub(super) fn find(&self, kind: ListKind, key: &str) -> Option<u32> {
        if self.count(kind) == 0 {
            return None;
        }
        self.find_tagged(kind, key.as_bytes(), self.secret.hash(kind as u8, key.as_bytes()))
    }

    pub(super) fn find_tagged(&self, kind: ListKind, key: &[u8], tag: u32) -> Option<u32> {
        let is_it = |number| self.entries.kind(number) == Some(kind) && self.entries.key(number).as_bytes() == key;
        self.table.find(tag, is_it)
    }

    /// Tags of the beginnings of `key`.
    pub(super) fn beginnings<'k>(&self, kind: ListKind, key: &'k [u8]) -> Beginnings<'k> {
        self.secret.beginnings(kind as u8, key)
    }

    /// The numbers of all entries of `kind`, in their order.
    pub(super) fn of_kind(&self, kind: ListKind) -> impl Iterator<Item = u32> {
        self.entries.numbers().filter(move |number| self.entries.kind(*number) == Some(kind))
    }

    pub(super) fn shrink(&mut self) {
        self.entries.shrink();
    }

    pub(super) fn bytes(&self) -> usize {
        self.entries.bytes() + self.table.bytes()
    }
}
