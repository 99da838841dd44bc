//! What strings in a JSON say.

use super::{Problem, json::Cursor};
use std::{borrow::Cow, ops::Range};

/// Where a string, number or boolean stands, without quotes. A block is no longer than [`super::MAX_BLOCK_BYTES`],
/// and small values are handed on faster.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    start: u32,
    /// Twice the end, and one more if there are escapes in it.
    end: u32,
}

impl Raw {
    #[inline]
    pub(super) fn new(start: usize, end: usize, escaped: bool) -> Self {
        let [start, end] = [start, end].map(|at| u32::try_from(at).unwrap_or(u32::MAX >> 1));
        Self { start, end: end << 1 | u32::from(escaped) }
    }

    #[inline]
    pub(super) fn is_escaped(self) -> bool {
        self.end & 1 == 1
    }

    #[inline]
    fn range(self) -> Range<usize> {
        self.start as usize..(self.end >> 1) as usize
    }

    pub(super) fn is_empty(self) -> bool {
        self.range().is_empty()
    }
}

impl<'a> Cursor<'a> {
    /// As it is written.
    #[inline]
    pub(super) fn written(&self, raw: Raw) -> &'a [u8] {
        self.text.get(raw.range()).unwrap_or_default()
    }

    /// What it says.
    #[inline]
    pub(super) fn read(&self, raw: Raw) -> Result<Cow<'a, str>, Problem> {
        // Between quotes there are whole characters.
        match self.readable.and_then(|text| text.get(raw.range())) {
            Some(text) if !raw.is_escaped() => Ok(Cow::Borrowed(text)),
            _ => self.judge(raw),
        }
    }

    /// The same, of a string that is to be unescaped, or in a text that cannot be read everywhere.
    #[cold]
    fn judge(&self, raw: Raw) -> Result<Cow<'a, str>, Problem> {
        let written = self.written(raw);
        // A word, which has no quote before it, can always be read.
        let unreadable = Problem::NotText { at: raw.range().start.saturating_sub(1) };
        if !raw.is_escaped() {
            return std::str::from_utf8(written).map(Cow::Borrowed).map_err(|_| unreadable);
        }
        let quoted = [b"\"", written, b"\""].concat();
        serde_json::from_slice(&quoted).map(Cow::Owned).map_err(|_| unreadable)
    }

    /// What a key says, as far as it can be read.
    pub(super) fn read_key(&self, key: Raw) -> Result<Cow<'a, str>, Problem> {
        if key.is_escaped() || self.readable.is_some() {
            return self.read(key);
        }
        Ok(String::from_utf8_lossy(self.written(key)))
    }

    /// Whether it says just this.
    pub(super) fn says(&self, raw: Raw, text: &[u8]) -> Result<bool, Problem> {
        Ok(if raw.is_escaped() { self.read(raw)?.as_bytes() == text } else { self.written(raw) == text })
    }
}
