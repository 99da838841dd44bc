//! URL prefixes: found in a time that depends on the URL's length and not on how many there are.
//!
//! A prefix is found by the hash of the URL's beginning of the same length. Trying every length of
//! every URL would be dear, so a table keeps, by the hash of host and port, which lengths there
//! are (modulo 64). Most hosts have no prefix, and their URLs cost one look into the table. Two
//! hosts that share a slot share their lengths, which costs a few vain tries.

use super::{ListKind, index::Index, table::place};

/// Lengths to try, by host.
#[derive(Clone, Default)]
pub(super) struct Prefixes {
    lengths: Vec<u64>,
}

impl Prefixes {
    /// Takes in the prefix `key`, which is in `index` already.
    pub(super) fn add(&mut self, index: &Index, key: &str) {
        if index.count(ListKind::UrlPrefix) > self.lengths.len() {
            self.lengths = vec![0; (self.lengths.len() * 2).max(64)];
            for number in index.of_kind(ListKind::UrlPrefix) {
                self.mark(index, index.entries().key(number));
            }
        }
        self.mark(index, key);
    }

    /// The shortest prefix of `key`, a URL in the form in which it is compared.
    pub(super) fn find(&self, index: &Index, key: &str) -> Option<u32> {
        let host = key.find('/').filter(|_| !self.lengths.is_empty())?;
        let key = key.as_bytes();
        let mut beginnings = index.beginnings(ListKind::UrlPrefix, key);
        let lengths = self.lengths[place(beginnings.at(host), self.lengths.len())];
        if lengths == 0 {
            return None;
        }
        let mut worth_trying = (host + 1..=key.len()).filter(|length| lengths & bit(length - host) != 0);
        worth_trying.find_map(|length| index.find_tagged(ListKind::UrlPrefix, &key[..length], beginnings.at(length)))
    }

    pub(super) fn bytes(&self) -> usize {
        self.lengths.capacity() * size_of::<u64>()
    }

    fn mark(&mut self, index: &Index, key: &str) {
        let host = key.find('/').unwrap_or(key.len());
        let tag = index.beginnings(ListKind::UrlPrefix, key.as_bytes()).at(host);
        let slot = place(tag, self.lengths.len());
        self.lengths[slot] |= bit(key.len() - host);
    }
}

fn bit(length: usize) -> u64 {
    1 << (length % 64)
}
