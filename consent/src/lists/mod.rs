//! Opt-out lists: domains, hosts, URLs, URL prefixes, pictures and names that somebody asked to be
//! left out.
//!
//! A look-up costs a hash per label of the host and two or three for the URL, however many
//! entries there are; the words of all entries lie in one text, so that a list of a million
//! entries takes about ninety megabytes.

mod entries;
mod hash;
mod hit;
mod index;
pub(crate) mod key;
mod likeness;
mod names;
mod prefixes;
mod read;
mod table;

pub use hit::{ListHit, ListKind};
pub use read::ListError;

use entries::Asked;
use index::Index;
use key::UrlKey;
use likeness::Likenesses;
use names::Names;
use prefixes::Prefixes;
use std::fmt;
use url::Url;

/// Standing opt-outs, for look-up by URL, by the picture's bytes and by its looks.
#[derive(Clone, Default)]
pub struct OptOutList {
    index: Index,
    prefixes: Prefixes,
    likenesses: Likenesses,
    names: Names,
}

impl OptOutList {
    /// A list without entries.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Reads a list. `name` says where it came from, for evidence and errors.
    ///
    /// Plain text has one entry a line: a domain, a URL, which with a `*` at its end stands for
    /// all that begin so, or the SHA-256 of a picture. `#` starts a comment.
    ///
    /// CSV (with commas, semicolons or tabs) has a header with the columns `type` and `value` and,
    /// if there are any, `date` and `evidence`; other columns are not looked at. JSON Lines has
    /// objects with these keys.
    ///
    /// | type | value | covers |
    /// |---|---|---|
    /// | `domain` | `example.com` | that name and all below it |
    /// | `host` | `www.example.com` | that name alone |
    /// | `url` | `https://example.com/x.jpg` | that URL, over http and https |
    /// | `url-prefix` | `https://example.com/artist/` | all URLs that begin so |
    /// | `sha256` | 64 hexadecimal digits | the same bytes, wherever they lie |
    /// | `phash` | 16 hexadecimal digits, `/8` behind them for a reach | pictures that look alike |
    /// | `name` | `Ada Example` | nothing: it is found in texts for review |
    ///
    /// A list with a line that cannot be understood is an error: skipped, it were an opt-out
    /// ignored.
    pub fn parse(name: &str, text: &str) -> Result<Self, ListError> {
        read::read(name, text)
    }

    /// Adds another list's entries to these.
    pub fn extend(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        let entries = other.index.entries();
        for number in entries.numbers() {
            if let Some((kind, asked)) = entries.kind(number).zip(entries.asked(number)) {
                self.add(kind, entries.key(number), entries.value(number), &asked);
            }
        }
    }

    /// How many entries; of several that name the same the first counts.
    pub fn len(&self) -> usize {
        self.index.entries().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry that names `url`, the widest first.
    pub fn find(&self, url: &Url) -> Option<ListHit> {
        if self.is_empty() {
            return None;
        }
        let key = UrlKey::of(url)?;
        let found = self.find_domain(key.host());
        let found = found.or_else(|| self.index.find(ListKind::Host, key.host()));
        let found = found.or_else(|| self.prefixes.find(&self.index, key.as_str()));
        found.or_else(|| self.index.find(ListKind::Url, key.whole())).and_then(|number| self.hit(number))
    }

    /// The entry that names a picture by the SHA-256 of its bytes, hexadecimal in either case.
    pub fn find_sha256(&self, sha256: &str) -> Option<ListHit> {
        let key = sha256.trim().to_ascii_lowercase();
        self.index.find(ListKind::Sha256, &key).and_then(|number| self.hit(number))
    }

    /// An entry that names a picture by its looks: its perceptual hash differs from `phash` in no
    /// more bits than the entry allows.
    ///
    /// The hash is that of pHash as the Python package `imagehash` computes it, the first bit the
    /// highest; a column of signed numbers holds the same bits.
    pub fn find_phash(&self, phash: u64) -> Option<ListHit> {
        let (hash, reach) = self.likenesses.find(phash)?;
        self.index.find(ListKind::Phash, &read::phash_key(hash, reach)).and_then(|number| self.hit(number))
    }

    /// The listed names that stand in `text`, whole words, whatever their case and width.
    ///
    /// For review: a name refuses nothing.
    pub fn find_names(&self, text: &str) -> Vec<ListHit> {
        self.names.find(&self.index, text).into_iter().filter_map(|number| self.hit(number)).collect()
    }

    /// All listed names, as written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.index.of_kind(ListKind::Name).map(|number| self.index.entries().value(number))
    }

    /// All entries, in their order.
    pub fn entries(&self) -> impl Iterator<Item = ListHit> {
        self.index.entries().numbers().filter_map(|number| self.hit(number))
    }

    /// About how many bytes of memory it takes.
    pub fn memory(&self) -> usize {
        self.index.bytes() + self.prefixes.bytes() + self.likenesses.bytes()
    }

    /// Takes in an entry whose `key` is in the form in which its kind is compared.
    fn add(&mut self, kind: ListKind, key: &str, value: &str, asked: &Asked<'_>) {
        if self.index.add(kind, key, value, asked).is_none() {
            return;
        }
        match kind {
            ListKind::UrlPrefix => self.prefixes.add(&self.index, key),
            ListKind::Phash => {
                if let Some((hash, reach)) = read::phash_of(key) {
                    self.likenesses.add(hash, reach);
                }
            }
            ListKind::Name => self.names = Names::default(),
            ListKind::Domain | ListKind::Host | ListKind::Url | ListKind::Sha256 => {}
        }
    }

    fn find_domain(&self, host: &str) -> Option<u32> {
        // The registry's end first, since the widest is told. No name on the net is longer than the
        // limit, but a URL's host may be, and every label of it would be hashed with all behind it.
        let above = host.rmatch_indices('.').map(|(dot, _)| &host[dot + 1..]).chain([host]);
        let mut names = above.take_while(|name| name.len() <= key::MAX_HOST_BYTES);
        names.find_map(|name| self.index.find(ListKind::Domain, name))
    }

    fn hit(&self, number: u32) -> Option<ListHit> {
        let entries = self.index.entries();
        let asked = entries.asked(number)?;
        let told = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Some(ListHit {
            kind: entries.kind(number)?,
            value: entries.value(number).to_owned(),
            place: format!("{}:{}", asked.list, asked.line),
            date: told(asked.date),
            proof: told(asked.proof),
        })
    }
}

impl fmt::Debug for OptOutList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptOutList").field("entries", &self.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
