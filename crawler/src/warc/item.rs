//! What comes out of an archive, and how much of it is kept.

use super::Record;

/// Bounds on what one record may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest block kept; larger records are passed over.
    pub block_bytes: u64,
    /// Longest header read.
    pub header_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { block_bytes: 32 * 1024 * 1024, header_bytes: 64 * 1024 }
    }
}

/// What comes out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A whole record.
    Record(Record<'a>),
    /// A record whose block is larger than the limit, passed over.
    Oversized {
        /// Where it begins.
        offset: u64,
        /// Its length by its own account.
        length: u64,
    },
    /// Something that is no whole record.
    Damaged(Damage),
}

/// What is wrong at a place in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where it begins.
    pub offset: u64,
    /// What is wrong.
    pub problem: String,
}
