//! The bytes of a data file at its store, for Parquet's blocking reader: it is used off the async threads only.

use bytes::{Buf, Bytes, buf::Reader};
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};
use std::{
    io::{self, Read},
    ops::Range,
    sync::Arc,
};
use tokio::runtime::Handle;

/// So much is read at a time where nobody says how much it will be: a page's head.
const BLOCK: u64 = 8 * 1024;

/// A file of known length. What is read of it is asked for piece by piece.
#[derive(Clone)]
pub(crate) struct StoredFile {
    store: Arc<dyn ObjectStore>,
    path: Path,
    length: u64,
    handle: Handle,
}

impl StoredFile {
    /// Its length is asked for: a log of other tools may be wrong about it.
    pub(crate) fn open(store: Arc<dyn ObjectStore>, path: &str, handle: Handle) -> object_store::Result<Self> {
        let path = Path::from(path);
        let length = handle.block_on(store.head(&path))?.size;
        Ok(Self { store, path, length, handle })
    }

    /// These ranges, in memory.
    pub(crate) fn pieces(&self, ranges: Vec<Range<u64>>) -> Result<Pieces> {
        let bytes = self.handle.block_on(self.store.get_ranges(&self.path, &ranges)).map_err(failed)?;
        let mut pieces: Vec<(u64, Bytes)> = ranges.into_iter().map(|range| range.start).zip(bytes).collect();
        pieces.sort_by_key(|piece| piece.0);
        Ok(Pieces { pieces: pieces.into(), length: self.length })
    }
}

impl Length for StoredFile {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for StoredFile {
    type T = Blocks;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(Blocks { file: self.clone(), next: start, block: Bytes::new() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let range = start..start + length as u64;
        self.handle.block_on(self.store.get_range(&self.path, range)).map_err(failed)
    }
}

/// A file from some place on, block by block.
pub(crate) struct Blocks {
    file: StoredFile,
    next: u64,
    block: Bytes,
}

impl Read for Blocks {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.block.is_empty() && self.next < self.file.length {
            let end = self.file.length.min(self.next + BLOCK);
            let length = usize::try_from(end - self.next).unwrap_or_default();
            self.block = self.file.get_bytes(self.next, length).map_err(io::Error::other)?;
            self.next = end;
        }
        let length = self.block.len().min(into.len());
        self.block.split_to(length).copy_to_slice(into.get_mut(..length).unwrap_or_default());
        Ok(length)
    }
}

fn failed(error: object_store::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}

/// Pieces of a file, each at its place.
#[derive(Clone)]
pub(crate) struct Pieces {
    pieces: Arc<[(u64, Bytes)]>,
    length: u64,
}

impl Pieces {
    /// What is held from `start` on.
    fn starting_at(&self, start: u64) -> Result<Bytes> {
        let after = self.pieces.partition_point(|piece| piece.0 <= start);
        let piece = after.checked_sub(1).and_then(|before| self.pieces.get(before));
        let held = piece.and_then(|(place, bytes)| {
            let skipped = usize::try_from(start - place).ok()?;
            (skipped <= bytes.len()).then(|| bytes.slice(skipped..))
        });
        held.ok_or_else(|| ParquetError::EOF(format!("byte {start} was not read")))
    }
}

impl Length for Pieces {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Pieces {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        Ok(self.starting_at(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let held = self.starting_at(start)?;
        if held.len() < length {
            return Err(ParquetError::EOF(format!("bytes behind {start} were not read")));
        }
        Ok(held.slice(..length))
    }
}
