//! The tables of the model: for every n-gram that matters, how much it speaks for each language.
//!
//! The file holds, for each of [`Model::SCRIPTS`] in turn: four bytes (languages to a row, languages
//! named, percent of belief needed for an answer, bits of a slot number), the number of rows, the
//! languages (three bytes each, padded with zeros; the first, empty, is "unknown"), the hash of
//! every row's n-gram, and the rows, a byte for each language: 32nds of a nat, plus 128. Numbers
//! are little-endian. `tools/build_language_model.py` writes it.
use std::sync::LazyLock;

use crate::ngrams::{each_ngram, of_shape};
use crate::script::Script;

/// The widest row.
pub(crate) const MOST_LANGUAGES: usize = 64;
/// N-grams of one text that count; what comes after so many is not needed.
const MOST_HITS: usize = 1024;

/// The model as shipped.
static MODEL: LazyLock<Model> = LazyLock::new(|| Model::read(include_bytes!("../data/model.bin")));

/// All tables.
pub(crate) struct Model {
    tables: Vec<Table>,
}

/// The table of one script.
pub(crate) struct Table {
    width: usize,
    languages: Vec<&'static str>,
    needed: u32,
    slot_bits: u32,
    /// By the upper bits of a hash: its lower 16 bits, and which row it has.
    slots: Vec<Slot>,
    rows: &'static [u8],
}

/// An n-gram's place. Row 0 belongs to nothing and stands for "not in the table".
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    check: u16,
    row: u16,
}

impl Model {
    /// The scripts that have a table, in the order of the file.
    pub(crate) const SCRIPTS: [Script; 5] =
        [Script::Latin, Script::Cyrillic, Script::Arabic, Script::Devanagari, Script::Han];

    pub(crate) fn shipped() -> &'static Self {
        &MODEL
    }

    /// The table of a script that has one.
    pub(crate) fn table(&self, script: Script) -> Option<&Table> {
        let place = Self::SCRIPTS.iter().position(|&one| one == script)?;
        self.tables.get(place)
    }

    /// Reads as many tables as are whole; a test holds that the shipped file has all of them.
    fn read(mut file: &'static [u8]) -> Self {
        let tables = std::iter::from_fn(|| Table::read(&mut file)).collect();
        Self { tables }
    }
}

impl Table {
    fn read(file: &mut &'static [u8]) -> Option<Self> {
        let &[width, named, needed, slot_bits, ..] = take(file, 4)? else { return None };
        let (width, named) = (usize::from(width), usize::from(named));
        let count = u32::from_le_bytes(take(file, 4)?.try_into().ok()?) as usize;
        let sound = [4, 8, 16, 64].contains(&width) && named <= width && count < 1 << 16 && slot_bits <= 16;
        if !sound {
            return None;
        }
        let tags = take(file, named * 3)?.chunks_exact(3);
        let languages = tags.map(|tag| std::str::from_utf8(tag).unwrap_or("").trim_end_matches('\0')).collect();
        let hashes = take(file, count * 4)?;
        let rows = take(file, count * width)?;
        let slot_bits = u32::from(slot_bits);
        let mut slots = vec![Slot::default(); 1 << slot_bits];
        for (row, hash) in hashes.chunks_exact(4).enumerate().skip(1) {
            let hash = u32::from_le_bytes(hash.try_into().ok()?);
            slots[slot_of(hash, slot_bits)] = Slot { check: check_of(hash), row: u16::try_from(row).ok()? };
        }
        Some(Self { width, languages, needed: u32::from(needed), slot_bits, slots, rows })
    }

    /// The tag of a language of this table; empty for "unknown".
    pub(crate) fn language(&self, place: usize) -> &'static str {
        self.languages.get(place).copied().unwrap_or("")
    }

    /// How many percent of belief an answer needs.
    pub(crate) fn needed(&self) -> u32 {
        self.needed
    }

    /// How much the words and their shape speak for each language of this table, in 32nds of a
    /// nat, all off by the same amount.
    pub(crate) fn sums(&self, words: &[u16], shape: u16) -> ([u32; MOST_LANGUAGES], usize) {
        // Two passes, the first without branches: which n-grams have a row cannot be foretold.
        let mut hits = [0_u16; MOST_HITS + 1];
        let mut end = 0;
        let mut note = |hash: u32| {
            let slot = self.slots[slot_of(hash, self.slot_bits)];
            hits[end] = slot.row;
            end += usize::from(slot.check == check_of(hash) && slot.row != 0 && end < MOST_HITS);
        };
        note(of_shape(shape));
        each_ngram(words, note);
        let hits = &hits[..end];
        let mut sums = [0; MOST_LANGUAGES];
        match self.width {
            64 => add_rows::<64>(self.rows, hits, &mut sums),
            16 => add_rows::<16>(self.rows, hits, &mut sums),
            8 => add_rows::<8>(self.rows, hits, &mut sums),
            _ => add_rows::<4>(self.rows, hits, &mut sums),
        }
        (sums, self.languages.len())
    }
}

/// Adds up rows in 16 bits, as the compiler does eight at a time; after 256 of them they are moved
/// to 32 bits, so that nothing overflows.
fn add_rows<const W: usize>(rows: &[u8], hits: &[u16], sums: &mut [u32; MOST_LANGUAGES]) {
    let (rows, _) = rows.as_chunks::<W>();
    for hits in hits.chunks(256) {
        let mut part = [0_u16; W];
        for &hit in hits {
            if let Some(row) = rows.get(usize::from(hit)) {
                for (sum, &weight) in part.iter_mut().zip(row) {
                    *sum += u16::from(weight);
                }
            }
        }
        for (sum, part) in sums.iter_mut().zip(part) {
            *sum += u32::from(part);
        }
    }
}

#[inline]
fn slot_of(hash: u32, bits: u32) -> usize {
    (hash >> (32 - bits)) as usize
}

#[inline]
fn check_of(hash: u32) -> u16 {
    (hash & 0xFFFF) as u16
}

fn take(file: &mut &'static [u8], bytes: usize) -> Option<&'static [u8]> {
    let (taken, rest) = file.split_at_checked(bytes)?;
    *file = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_file_is_whole() {
        let mut file: &'static [u8] = include_bytes!("../data/model.bin");
        for script in Model::SCRIPTS {
            let table = Table::read(&mut file).unwrap();
            assert_eq!(table.languages[0], "", "{script:?}");
            assert!(
                table.languages[1..].iter().all(|name| (2..=3).contains(&name.len())),
                "{script:?}: {:?}",
                table.languages
            );
            assert_eq!(table.rows.len() % table.width, 0);
            assert!(Model::shipped().table(script).is_some());
        }
        assert!(file.is_empty());
        assert!(Model::shipped().table(Script::Thai).is_none());
    }

    #[test]
    fn a_broken_file_has_no_tables() {
        for file in [&b""[..], b"\x40", b"\x07\x01\x32\x10\0\0\0\0", b"\x40\x01\x32\x10\xff\0\0\0   "] {
            assert!(Model::read(file).tables.is_empty());
        }
    }

    #[test]
    fn sums_do_not_overflow() {
        let rows = [255_u8; 64 * 2];
        let mut sums = [0; MOST_LANGUAGES];
        add_rows::<64>(&rows, &[1; MOST_HITS], &mut sums);
        assert_eq!(sums.map(|sum| sum as usize), [255 * MOST_HITS; MOST_LANGUAGES]);
    }
}
