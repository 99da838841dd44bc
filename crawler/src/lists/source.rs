//! The bytes of a list as its readers get them: unpacked, counted, and for one row no more than a row may have.

use super::{Item, MAX_ROW_BYTES};
use crate::Error;
use flate2::read::MultiGzDecoder;
use std::{
    cell::Cell,
    io::{self, Cursor, ErrorKind, Read},
    rc::Rc,
};

/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A list being read. Whoever reads it says when a row begins; within one, there is an end to what it gives.
pub(super) struct Source {
    inner: Box<dyn Read>,
    left: Row,
    bytes: Rc<Cell<u64>>,
}

/// What the row at hand may still have.
#[derive(Clone)]
pub(super) struct Row(Rc<Cell<usize>>);

impl Row {
    /// A row begins. What was read ahead of it counts for the one before, which is a reader's buffer at most.
    pub(super) fn begins(&self) {
        self.0.set(MAX_ROW_BYTES);
    }
}

impl Source {
    /// Reads what `archive` gives, unpacked if it begins as gzip does, for a server may have unpacked it on the way;
    /// without the byte order mark that some programs put before UTF-8.
    pub(super) fn open(archive: impl Read + 'static) -> io::Result<Self> {
        let bytes = Rc::new(Cell::new(0));
        let mut counted = Counted { inner: archive, bytes: Rc::clone(&bytes) };
        let head = first(&mut counted, 2)?;
        let is_gzip = head == [0x1f, 0x8b];
        let whole = Cursor::new(head).chain(counted);
        let mut text: Box<dyn Read> = if is_gzip { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) };
        let head = match first(&mut text, BYTE_ORDER_MARK.len()) {
            Ok(head) if head == BYTE_ORDER_MARK => Vec::new(),
            Ok(head) => head,
            // It breaks off there, which whoever reads on is told again.
            Err(error) if is_damage(&error) => Vec::new(),
            Err(error) => return Err(error),
        };
        let inner = Box::new(Cursor::new(head).chain(text));
        Ok(Self { inner, left: Row(Rc::new(Cell::new(MAX_ROW_BYTES))), bytes })
    }

    /// How many bytes were read so far, as they lie there.
    pub(super) fn bytes(&self) -> Rc<Cell<u64>> {
        Rc::clone(&self.bytes)
    }

    /// The bound on rows.
    pub(super) fn row(&self) -> Row {
        self.left.clone()
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.0.get();
        if left == 0 {
            return Err(ErrorKind::FileTooLarge.into());
        }
        let most = buffer.len().min(left);
        let count = self.inner.read(&mut buffer[..most])?;
        self.left.0.set(left - count);
        Ok(count)
    }
}

/// What the failure of a [`Source`] comes to: the end of the list, told of as damage, or an error of the disk or the
/// transfer.
pub(super) fn end(name: &str, error: io::Error) -> Result<Item<'static>, Error> {
    match error.kind() {
        ErrorKind::FileTooLarge => Ok(Item::oversized(
            "is longer than a row may be (a quote that is never closed?): it and all that follows is lost",
        )),
        _ if is_damage(&error) => {
            Ok(Item::damaged(format!("cannot be read: {error}: it and all that follows is lost")))
        }
        _ => Err(Error::reading(name, error)),
    }
}

/// Whether it is the list that is wrong, and not the disk or the transfer.
fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof)
}

/// The first bytes, fewer where there are no more.
fn first(source: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(count);
    source.take(count as u64).read_to_end(&mut head)?;
    Ok(head)
}

struct Counted<R> {
    inner: R,
    bytes: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.set(self.bytes.get() + count as u64);
        Ok(count)
    }
}
