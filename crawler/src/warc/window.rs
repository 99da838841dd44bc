//! A window on the file: bytes read ahead, and for a while those already used, so that reading can
//! begin again a little earlier after damage.

use super::buffer::Buffer;
use std::io::{self, ErrorKind, Read};

/// Read at once.
const READ_BYTES: usize = 512 * 1024;
/// Most bytes kept for going back to.
const MAX_HISTORY_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of a file with the place where they lie.
pub(super) struct Window<R> {
    source: R,
    buffer: Buffer,
    /// Bytes at the front of the buffer that were used already.
    used: usize,
    /// Offset in the file of the buffer's first byte.
    offset: u64,
    ended: bool,
}

impl<R: Read> Window<R> {
    pub(super) fn new(source: R, capacity: usize) -> Self {
        Self { source, buffer: Buffer::of(capacity), used: 0, offset: 0, ended: false }
    }

    /// What is at hand and was not used yet.
    pub(super) fn unread(&self) -> &[u8] {
        &self.buffer.filled()[self.used..]
    }

    /// Offset in the file of the next unread byte.
    pub(super) fn position(&self) -> u64 {
        self.offset + self.used as u64
    }

    /// Whether the file has nothing beyond what is at hand.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Reads until so many bytes are unread; false where the file has fewer.
    pub(super) fn hold(&mut self, count: usize) -> io::Result<bool> {
        while self.unread().len() < count && !self.ended {
            self.read(count - self.unread().len())?;
        }
        Ok(self.unread().len() >= count)
    }

    fn read(&mut self, least: usize) -> io::Result<()> {
        if self.buffer.filled().len() + least > MAX_HISTORY_BYTES {
            self.forget();
        }
        let room = self.buffer.room(least);
        let most = room.len().min(least.max(READ_BYTES));
        match self.source.read(&mut room[..most]) {
            Ok(count) => {
                self.ended = count == 0;
                self.buffer.added(count);
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Uses bytes, no more than are at hand.
    pub(super) fn advance(&mut self, count: usize) {
        self.used = self.buffer.filled().len().min(self.used.saturating_add(count));
    }

    /// Lets go of what was used.
    pub(super) fn forget(&mut self) {
        self.offset += self.used as u64;
        self.buffer.consume(std::mem::take(&mut self.used));
    }

    /// Goes back (or on) to a place, as near as what is at hand allows.
    pub(super) fn go_to(&mut self, position: u64) {
        let used = usize::try_from(position.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        self.used = used.min(self.buffer.filled().len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_on_and_back() {
        let file: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
        let mut window = Window::new(&file[..], 1000);
        assert!(window.hold(10).unwrap());
        window.advance(700);
        assert!(window.hold(600).unwrap());
        window.go_to(5);
        assert_eq!((window.position(), window.unread()[0]), (5, 5));
        window.advance(300);
        window.forget();
        window.go_to(5);
        assert_eq!((window.position(), window.unread()[0]), (305, 49));
        assert!(!window.hold(file.len()).unwrap() && window.ended());
        assert_eq!(window.unread(), &file[305..]);
    }
}
