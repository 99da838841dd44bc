//! Bytes in a buffer that is kept: taken from the front, added at the end, never given back.

/// Sizes are rounded up to this, so that growing by a little does not become a habit.
const PAGE: usize = 64 * 1024;

/// A buffer with a filled part in its middle.
pub(super) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Buffer {
    pub(super) fn of(capacity: usize) -> Self {
        Self { bytes: vec![0; capacity], start: 0, end: 0 }
    }

    pub(super) fn filled(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    pub(super) fn capacity(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn clear(&mut self) {
        (self.start, self.end) = (0, 0);
    }

    /// Takes bytes from the front, no more than there are.
    pub(super) fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start.saturating_add(count));
        if self.start == self.end {
            self.clear();
        }
    }

    /// Free bytes after the filled part, at least so many: the filled part is moved to the front,
    /// and the buffer grows to just the size needed.
    pub(super) fn room(&mut self, least: usize) -> &mut [u8] {
        if self.bytes.len() - self.end < least && self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        self.grow(self.end + least);
        &mut self.bytes[self.end..]
    }

    /// Says that so many bytes of the room were filled.
    pub(super) fn added(&mut self, count: usize) {
        self.end = self.bytes.len().min(self.end + count);
    }

    /// The whole buffer, emptied, at least this large and lent up to this size.
    pub(super) fn emptied(&mut self, size: usize) -> &mut [u8] {
        self.clear();
        self.grow(size);
        &mut self.bytes[..size]
    }

    fn grow(&mut self, size: usize) {
        if size > self.bytes.len() {
            let size = size.next_multiple_of(PAGE);
            self.bytes.reserve_exact(size - self.bytes.len());
            self.bytes.resize(size, 0);
        }
    }
}
