//! `NumPy`'s file of a list of uids, as `DataComp`'s resharder and training code look uids up: sorted, two little-endian numbers of 64
//! bits each (`numpy.dtype("u8,u8")`).

use super::{Written, uid::Uid};
use crate::Error;
use object_store::{buffered::BufWriter, path::Path};
use shards::Store;
use tokio::io::AsyncWriteExt;

/// Writes `uids`, which are sorted.
pub(super) async fn write(uids: &[Uid], name: &str, store: &Store) -> Result<Written, Error> {
    let failed = |error: std::io::Error| Error::Record { name: name.to_owned(), problem: error.to_string() };
    let mut file = BufWriter::new(store.inner(), Path::from(name));
    file.write_all(&header(uids.len())).await.map_err(failed)?;
    for load in uids.chunks(65_536) {
        let mut bytes = Vec::with_capacity(load.len() * 16);
        for uid in load {
            bytes.extend_from_slice(&uid.0.to_le_bytes());
            bytes.extend_from_slice(&uid.1.to_le_bytes());
        }
        file.write_all(&bytes).await.map_err(failed)?;
    }
    file.shutdown().await.map_err(failed)?;
    // Its rows are those of the metadata.
    Ok(Written { name: name.to_owned(), rows: 0 })
}

/// Version 1.0 of the format (NEP 1): the data begins at a multiple of 64 bytes.
pub(crate) fn header(rows: usize) -> Vec<u8> {
    const BEFORE: usize = 10;
    let words = format!("{{'descr': [('f0', '<u8'), ('f1', '<u8')], 'fortran_order': False, 'shape': ({rows},), }}");
    let length = (BEFORE + words.len() + 1).next_multiple_of(64) - BEFORE;
    let mut header = b"\x93NUMPY\x01\x00".to_vec();
    header.extend_from_slice(&u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes());
    header.extend_from_slice(words.as_bytes());
    header.resize(BEFORE + length - 1, b' ');
    header.push(b'\n');
    header
}
