//! `DataComp`'s uid of a row.

/// A uid: 32 hexadecimal digits in files, two numbers of 64 bits in lists.
///
/// The first half is the row's `id`, which is a hash of URL and text, the second the first half of the SHA-256 of the picture as
/// received: so it follows from the row alone, is the same in every dataset and version, and tells whether the picture is the same.
/// In SQL the first half is `id`, read as an unsigned number, and the second `left(sha256, 16)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Uid(pub(super) u64, pub(super) u64);

impl Uid {
    pub(super) fn of(id: i64, sha256: &str) -> Self {
        let picture = sha256.get(..16).and_then(|half| u64::from_str_radix(half, 16).ok());
        Self(id.cast_unsigned(), picture.unwrap_or_default())
    }
}

impl std::fmt::Display for Uid {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:016x}{:016x}", self.0, self.1)
    }
}
