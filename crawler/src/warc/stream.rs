//! The bytes of an archive, decompressed, with the offset of the gzip member they come from.

use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, Read};

/// First bytes of every gzip member that uses deflate (RFC 1952 section 2.3.1).
const GZIP_MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];

/// A reader that knows how far it has come.
pub(super) struct Counted<R> {
    inner: R,
    position: u64,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.position += count as u64;
        self.inner.consume(count);
    }
}

/// The decompressed archive, one gzip member after the other.
pub(super) enum Stream<R: BufRead> {
    /// Not compressed.
    Plain(Counted<R>),
    /// Inside a gzip member that began at the offset.
    Member(u64, Box<BufReader<GzDecoder<Counted<R>>>>),
    /// Between two members.
    Between(Counted<R>),
    /// Taken apart for a moment; never seen from outside.
    Moving,
}

impl<R: BufRead> Stream<R> {
    /// Looks at the first bytes to tell compressed from plain.
    pub(super) fn new(inner: R) -> io::Result<Self> {
        let mut counted = Counted { inner, position: 0 };
        let gzip = counted.fill_buf()?.starts_with(&GZIP_MAGIC[..2]);
        Ok(if gzip { Self::Between(counted) } else { Self::Plain(counted) })
    }

    /// Offset in the file of the next record to be read.
    pub(super) fn offset(&self) -> u64 {
        match self {
            Self::Plain(reader) | Self::Between(reader) => reader.position,
            Self::Member(offset, _) => *offset,
            Self::Moving => 0,
        }
    }

    /// Bytes of the file consumed so far.
    pub(super) fn position(&self) -> u64 {
        match self {
            Self::Plain(reader) | Self::Between(reader) => reader.position,
            Self::Member(_, reader) => reader.get_ref().get_ref().position,
            Self::Moving => 0,
        }
    }

    /// Whether the file is compressed.
    pub(super) fn is_compressed(&self) -> bool {
        !matches!(self, Self::Plain(_))
    }

    /// Opens the next member if none is open. Returns whether there is anything left to read, and
    /// how many bytes of garbage lay before it.
    pub(super) fn open_next(&mut self) -> io::Result<(bool, u64)> {
        match std::mem::replace(self, Self::Moving) {
            Self::Plain(mut reader) => {
                let more = !reader.fill_buf()?.is_empty();
                *self = Self::Plain(reader);
                Ok((more, 0))
            }
            Self::Member(offset, mut reader) => {
                if reader.fill_buf()?.is_empty() {
                    *self = Self::Between(reader.into_inner().into_inner());
                    return self.open_next();
                }
                *self = Self::Member(offset, reader);
                Ok((true, 0))
            }
            Self::Between(mut reader) => {
                let garbage = skip_to_member(&mut reader)?;
                if reader.fill_buf()?.is_empty() {
                    *self = Self::Between(reader);
                    return Ok((false, garbage));
                }
                let offset = reader.position;
                *self = Self::Member(offset, Box::new(BufReader::with_capacity(32 * 1024, GzDecoder::new(reader))));
                Ok((true, garbage))
            }
            Self::Moving => Ok((false, 0)),
        }
    }

    /// Leaves a damaged member, so that [`Stream::open_next`] looks for the next one.
    pub(super) fn abandon_member(&mut self) {
        *self = match std::mem::replace(self, Self::Moving) {
            Self::Member(offset, reader) => {
                let mut rest = reader.into_inner().into_inner();
                // A header so broken that nothing was read of it must not be found again.
                if rest.position == offset {
                    rest.consume(1);
                }
                Self::Between(rest)
            }
            other => other,
        };
    }
}

impl<R: BufRead> Read for Stream<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Member(_, reader) => reader.read(buffer),
            Self::Between(_) | Self::Moving => Ok(0),
        }
    }
}

impl<R: BufRead> BufRead for Stream<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain(reader) => reader.fill_buf(),
            Self::Member(_, reader) => reader.fill_buf(),
            Self::Between(_) | Self::Moving => Ok(&[]),
        }
    }

    fn consume(&mut self, count: usize) {
        match self {
            Self::Plain(reader) => reader.consume(count),
            Self::Member(_, reader) => reader.consume(count),
            Self::Between(_) | Self::Moving => {}
        }
    }
}

/// Goes on to the next bytes that look like a gzip member, and counts what was skipped.
/// Zero bytes between members are padding and do not count.
fn skip_to_member<R: BufRead>(reader: &mut Counted<R>) -> io::Result<u64> {
    let mut garbage = 0;
    loop {
        let buffer = reader.fill_buf()?;
        // A magic that straddles two buffers is missed: its record is lost with the damage that
        // made us search. Undamaged archives never come here with anything but a member.
        let found = buffer.windows(GZIP_MAGIC.len()).position(|window| window == GZIP_MAGIC);
        let skipped = found.unwrap_or(buffer.len());
        let at_end = buffer.is_empty();
        garbage += buffer[..skipped].iter().filter(|byte| **byte != 0).count() as u64;
        reader.consume(skipped);
        if at_end || found.is_some() {
            return Ok(garbage);
        }
    }
}
