//! Rows on their way into segments: put aside by segment, in memory while they are few, else in a file each.

use super::{damaged, files::SEGMENT, segment::List};
use crate::Error;
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    path::PathBuf,
};

/// Bytes of a record beside its direction: list, id and number of the data file.
const HEAD: usize = 16;

/// Rows by segment.
pub(super) struct Spill {
    folder: PathBuf,
    dimension: usize,
    /// The segment of each list, and its number in it.
    places: Vec<(usize, usize)>,
    waiting: Vec<Vec<u8>>,
    bytes: u64,
    on_disk: Vec<bool>,
}

impl Spill {
    /// `places` are those of all lists.
    pub(super) fn new(folder: PathBuf, dimension: usize, places: Vec<(usize, usize)>, segments: usize) -> Self {
        let waiting = vec![Vec::new(); segments];
        Self { folder, dimension, places, waiting, bytes: 0, on_disk: vec![false; segments] }
    }

    pub(super) fn push(&mut self, list: u32, id: i64, file: u32, direction: &[u8]) -> Result<(), Error> {
        let (segment, list) = self.places[list as usize];
        let waiting = &mut self.waiting[segment];
        waiting.extend_from_slice(&u32::try_from(list).unwrap_or(u32::MAX).to_le_bytes());
        waiting.extend_from_slice(&id.to_le_bytes());
        waiting.extend_from_slice(&file.to_le_bytes());
        waiting.extend_from_slice(direction);
        self.bytes += (HEAD + direction.len()) as u64;
        if self.bytes > SEGMENT { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        for segment in 0..self.waiting.len() {
            if self.waiting[segment].is_empty() {
                continue;
            }
            let path = self.path(segment);
            // What lies there from a build that was killed is none of this one's.
            let file =
                if self.on_disk[segment] { OpenOptions::new().append(true).open(&path) } else { File::create(&path) };
            let written = file.and_then(|mut file| file.write_all(&self.waiting[segment]));
            written.map_err(|error| failed(&error))?;
            self.on_disk[segment] = true;
            self.waiting[segment] = Vec::new();
        }
        self.bytes = 0;
        Ok(())
    }

    /// Adds the rows of `segment` to its `lists`, in the order in which they came.
    pub(super) fn take(&mut self, segment: usize, lists: &mut [List]) -> Result<(), Error> {
        let mut bytes = Vec::new();
        if self.on_disk[segment] {
            let path = self.path(segment);
            let read = File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes));
            read.and_then(|_| std::fs::remove_file(&path)).map_err(|error| failed(&error))?;
        }
        bytes.append(&mut self.waiting[segment]);
        for record in bytes.chunks_exact(HEAD + 2 * self.dimension) {
            let (head, direction) = record.split_at(HEAD);
            let [list, low, high, file] = *head.as_chunks::<4>().0 else { continue };
            let id = i64::from_le_bytes([low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3]]);
            lists[u32::from_le_bytes(list) as usize].push(id, u32::from_le_bytes(file), direction);
        }
        Ok(())
    }

    fn path(&self, segment: usize) -> PathBuf {
        self.folder.join(format!("rows-{segment}.part"))
    }
}

fn failed(error: &std::io::Error) -> Error {
    damaged("", format!("rows on their way cannot be kept: {error}; a takedown sweeps the folder, then begin again"))
}
