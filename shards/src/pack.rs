//! Bodies of pictures, one after the other in one file beside the rows that say where each lies.
//!
//! In a column they would be copied into Arrow's memory, then into Parquet's pages, then out; here they go
//! to disk as they come.

use crate::{Error, Store};
use bytes::Bytes;
use object_store::{ObjectStoreExt, buffered::BufWriter, path::Path};
use std::ops::Range;
use tokio::io::AsyncWriteExt;

/// Bytes that go to the store in one piece. Object stores take no smaller ones.
const PIECE: usize = 5 * 1024 * 1024;
/// Pieces on their way at a time.
const MOST_PIECES: usize = 2;

/// A pack in the making. Nothing is seen under its name before [`PackWriter::close`].
#[derive(Debug)]
pub struct PackWriter {
    name: String,
    writer: BufWriter,
    length: u64,
}

impl PackWriter {
    /// Begins the file `name`.
    pub fn create(store: &Store, name: &str) -> Self {
        let writer = BufWriter::with_capacity(store.inner(), Path::from(name), PIECE);
        Self { name: name.to_owned(), writer: writer.with_max_concurrency(MOST_PIECES), length: 0 }
    }

    /// Puts `body` at the end; gives the byte it begins at.
    pub async fn put(&mut self, body: Bytes) -> Result<u64, Error> {
        let start = self.length;
        self.length += body.len() as u64;
        self.writer.put(body).await?;
        Ok(start)
    }

    /// Bytes put so far.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Finishes the file and puts it under its name.
    pub async fn close(mut self) -> Result<(), Error> {
        self.writer.shutdown().await.map_err(|error| Error::Pack { name: self.name, problem: error.to_string() })
    }
}

/// Bytes `range` of the pack `name`.
pub async fn read_pack(store: &Store, name: &str, range: Range<u64>) -> Result<Bytes, Error> {
    if range.is_empty() {
        return Ok(Bytes::new());
    }
    let expected = range.end - range.start;
    let problem = |problem: String| Error::Pack { name: name.to_owned(), problem };
    let bytes = store.inner().get_range(&Path::from(name), range).await.map_err(|error| problem(error.to_string()))?;
    // Not every store says that a file ended too early.
    if bytes.len() as u64 == expected { Ok(bytes) } else { Err(problem("it ends too early".into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bodies_lie_where_they_were_put_however_large() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        let sizes = [0, 1, 1000, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 7];
        let bodies: Vec<Bytes> = (1_u8..).zip(sizes).map(|(byte, size)| vec![byte; size].into()).collect();
        let mut pack = PackWriter::create(&store, "a.pack");
        let mut starts = Vec::new();
        for body in &bodies {
            starts.push(pack.put(body.clone()).await.unwrap());
        }
        assert_eq!(pack.length(), sizes.iter().sum::<usize>() as u64);
        assert!(!store.exists("a.pack").await.unwrap());
        pack.close().await.unwrap();
        for (start, body) in starts.into_iter().zip(&bodies) {
            assert_eq!(read_pack(&store, "a.pack", start..start + body.len() as u64).await.unwrap(), body);
        }
    }

    #[tokio::test]
    async fn an_empty_pack_is_a_file_and_a_torn_one_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::create(folder.path().to_str().unwrap()).unwrap();
        PackWriter::create(&store, "empty.pack").close().await.unwrap();
        assert!(store.exists("empty.pack").await.unwrap());
        assert_eq!(read_pack(&store, "empty.pack", 0..0).await.unwrap(), "");
        store.put("torn.pack", "abc").await.unwrap();
        for range in [2..5, 3..4, 9..12] {
            let error = read_pack(&store, "torn.pack", range).await.unwrap_err().to_string();
            assert!(error.contains("torn.pack"), "{error}");
        }
    }
}
