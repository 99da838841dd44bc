//! A file of the index: some lists, each in one piece, so that to look through one is one read.
//!
//! ```text
//! "pinakes\1"  numbers of a direction: u32  lists: u32  CRC-32 of the rest of the head: u32
//! of each list: rows: u32  CRC-32 of its piece: u32
//! of each list: its centre
//! of each list: ids: i64 …  numbers of data files: u32 …  directions …
//! ```
//! All numbers are little-endian, those of directions i16 ([`alike::nearest::Direction`]).

use super::{damaged, manifest::SegmentFile};
use crate::Error;
use alike::nearest::{middle, read_steps, write_steps};
use schema::sha256_hex;
use std::ops::Range;

const MAGIC: &[u8; 8] = b"pinakes\x01";

/// Bytes before what is told of each list.
const BEGIN: usize = 20;

/// Bytes of what is told of a list beside its centre.
const TOLD: usize = 8;

/// Bytes of a row beside its direction.
const OF_ROW: usize = 12;

/// The rows of one list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    pub(super) ids: Vec<i64>,
    /// The number of the data file of each.
    pub(super) files: Vec<u32>,
    /// Their directions, one behind the other.
    pub(super) bytes: Vec<u8>,
}

/// What the head of a file tells.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub(super) name: String,
    /// Rows, checksum and place of each list.
    lists: Vec<(usize, u32, Range<u64>)>,
    /// Centres, one behind the other.
    pub(super) centres: Vec<i16>,
}

impl List {
    pub(super) fn push(&mut self, id: i64, file: u32, direction: &[u8]) {
        self.ids.push(id);
        self.files.push(file);
        self.bytes.extend_from_slice(direction);
    }

    /// Leaves out the rows of `gone` files, which ascend; gives how many there were.
    pub(super) fn forget(&mut self, gone: &[u32], dimension: usize) -> u64 {
        let old = std::mem::take(self);
        for ((id, file), direction) in old.ids.iter().zip(&old.files).zip(old.bytes.chunks_exact(2 * dimension)) {
            if gone.binary_search(file).is_err() {
                self.push(*id, *file, direction);
            }
        }
        (old.ids.len() - self.ids.len()) as u64
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        bytes.extend(self.ids.iter().flat_map(|id| id.to_le_bytes()));
        bytes.extend(self.files.iter().flat_map(|file| file.to_le_bytes()));
        bytes.extend_from_slice(&self.bytes);
    }
}

/// The file of `lists`, without those that are empty, and what the manifest says of it; `None` where all are.
pub(super) fn write(dimension: usize, lists: &[List]) -> Option<(SegmentFile, Vec<u8>)> {
    let lists: Vec<&List> = lists.iter().filter(|list| !list.ids.is_empty()).collect();
    let rows: usize = lists.iter().map(|list| list.ids.len()).sum();
    let head = BEGIN + lists.len() * (TOLD + 2 * dimension);
    let mut bytes = vec![0; head];
    bytes.reserve(rows * (OF_ROW + 2 * dimension));
    let (mut told, mut centres) = (Vec::new(), Vec::new());
    for list in &lists {
        let begin = bytes.len();
        list.write(&mut bytes);
        told.extend_from_slice(&u32::try_from(list.ids.len()).unwrap_or(u32::MAX).to_le_bytes());
        told.extend_from_slice(&crc32fast::hash(&bytes[begin..]).to_le_bytes());
        let mut steps = Vec::with_capacity(list.bytes.len() / 2);
        read_steps(&list.bytes, &mut steps);
        write_steps(&middle(dimension, &steps), &mut centres);
    }
    told.extend(centres);
    bytes[..8].copy_from_slice(MAGIC);
    for (at, number) in [dimension, lists.len()].into_iter().enumerate() {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        bytes[8 + 4 * at..12 + 4 * at].copy_from_slice(&number.to_le_bytes());
    }
    bytes[16..BEGIN].copy_from_slice(&crc32fast::hash(&told).to_le_bytes());
    bytes[BEGIN..head].copy_from_slice(&told);
    let name = format!("{}.lists", &sha256_hex(&bytes)[..24]);
    let file = SegmentFile { name, bytes: bytes.len() as u64, rows: rows as u64, lists: lists.len() };
    (!lists.is_empty()).then_some((file, bytes))
}

impl Head {
    /// How many bytes the head of `file` has.
    pub(super) fn length(file: &SegmentFile, dimension: usize) -> u64 {
        (BEGIN + file.lists * (TOLD + 2 * dimension)) as u64
    }

    /// Understands the first bytes of `file`.
    pub(super) fn read(file: &SegmentFile, dimension: usize, bytes: &[u8]) -> Result<Self, Error> {
        let wrong = |problem: &str| damaged(&file.name, problem);
        let numbers = bytes.get(8..BEGIN).map(|bytes| bytes.as_chunks::<4>().0).unwrap_or_default();
        let [of, lists, sum] = numbers else { return Err(wrong("ends too early")) };
        if !bytes.starts_with(MAGIC) {
            return Err(wrong("is no file of an index"));
        }
        let told = bytes.get(BEGIN..usize::try_from(Self::length(file, dimension)).unwrap_or(usize::MAX));
        let told = told.ok_or_else(|| wrong("ends too early"))?;
        let is = |number: &[u8; 4], of: usize| u32::from_le_bytes(*number) as usize == of;
        if !is(of, dimension) || !is(lists, file.lists) || crc32fast::hash(told) != u32::from_le_bytes(*sum) {
            return Err(wrong("is not what was written"));
        }
        let (counts, centres) = told.split_at(TOLD * file.lists);
        let mut head = Self { name: file.name.clone(), lists: Vec::new(), centres: Vec::new() };
        read_steps(centres, &mut head.centres);
        let mut begin = Self::length(file, dimension);
        for pair in counts.as_chunks::<4>().0.chunks_exact(2) {
            let rows = u32::from_le_bytes(pair[0]) as usize;
            let end = begin + (rows * (OF_ROW + 2 * dimension)) as u64;
            head.lists.push((rows, u32::from_le_bytes(pair[1]), begin..end));
            begin = end;
        }
        if begin == file.bytes { Ok(head) } else { Err(wrong("is not what was written")) }
    }

    /// How many lists there are.
    pub(super) fn count(&self) -> usize {
        self.lists.len()
    }

    /// Where a list lies.
    pub(super) fn place(&self, list: usize) -> Range<u64> {
        self.lists[list].2.clone()
    }

    /// Holds a list's piece against its checksum.
    pub(super) fn check(&self, list: usize, piece: &[u8]) -> Result<(), Error> {
        let (_, sum, place) = &self.lists[list];
        if piece.len() as u64 == place.end - place.start && crc32fast::hash(piece) == *sum {
            return Ok(());
        }
        Err(damaged(&self.name, format!("list {list} is not what was written")))
    }

    /// The ids, the numbers of files and the directions in a list's piece.
    pub(super) fn parts<'a>(&self, list: usize, piece: &'a [u8]) -> (Ids<'a>, Numbers<'a>, &'a [u8]) {
        let rows = self.lists[list].0;
        let (ids, rest) = piece.split_at(8 * rows);
        let (files, directions) = rest.split_at(4 * rows);
        (Ids(ids.as_chunks().0), Numbers(files.as_chunks().0), directions)
    }

    /// The list as it was before it was written.
    pub(super) fn list(&self, list: usize, piece: &[u8]) -> Result<List, Error> {
        self.check(list, piece)?;
        let (ids, files, directions) = self.parts(list, piece);
        let rows = self.lists[list].0;
        Ok(List {
            ids: (0..rows).map(|row| ids.get(row)).collect(),
            files: (0..rows).map(|row| files.get(row)).collect(),
            bytes: directions.to_vec(),
        })
    }
}

/// Ids as they lie in the file.
#[derive(Clone, Copy)]
pub(super) struct Ids<'a>(&'a [[u8; 8]]);

impl Ids<'_> {
    pub(super) fn get(&self, row: usize) -> i64 {
        i64::from_le_bytes(self.0[row])
    }
}

/// Numbers of data files as they lie in the file.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a>(&'a [[u8; 4]]);

impl Numbers<'_> {
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, row: usize) -> u32 {
        u32::from_le_bytes(self.0[row])
    }
}
