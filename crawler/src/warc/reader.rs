//! Splits an archive into records. A damaged record is an item of its own, counted by the caller;
//! reading goes on at the next record that can be found.

use super::{Record, stream::Stream};
use std::io::{self, BufRead, Read};

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
        Self { block_bytes: 64 * 1024 * 1024, header_bytes: 64 * 1024 }
    }
}

/// What comes out of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A whole record.
    Record(Record),
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

/// Reads records from an archive.
pub struct Reader<R: BufRead> {
    stream: Stream<R>,
    limits: Limits,
    /// A line that begins the next record, met while searching for it.
    pending: Option<(u64, Vec<u8>)>,
    finished: bool,
    /// Inside damage that has been told of already.
    searching: bool,
}

impl<R: BufRead> Reader<R> {
    /// Begins at the start of `archive`, compressed or not.
    pub fn new(archive: R, limits: Limits) -> io::Result<Self> {
        Ok(Self { stream: Stream::new(archive)?, limits, pending: None, finished: false, searching: false })
    }

    /// Bytes of the file consumed so far.
    pub fn position(&self) -> u64 {
        self.stream.position()
    }

    /// The next item; `None` at the end. An `Err` is the disk's, never the archive's.
    pub fn next_item(&mut self) -> io::Result<Option<Item>> {
        if self.finished {
            return Ok(None);
        }
        let offset = self.stream.offset();
        match self.read_item() {
            Ok(item) => Ok(item),
            Err(error) if is_damage(&error) => {
                let offset = if self.stream.is_compressed() { self.stream.offset() } else { offset };
                self.stream.abandon_member();
                // A plain file that ends too early has nothing after the end.
                self.finished = !self.stream.is_compressed();
                self.searching = true;
                Ok(Some(Item::Damaged(Damage { offset, problem: error.to_string() })))
            }
            Err(error) => Err(error),
        }
    }

    fn read_item(&mut self) -> io::Result<Option<Item>> {
        let (offset, line) = match self.pending.take() {
            Some(begun) => begun,
            None => match self.first_line()? {
                Begin::Line(offset, line) => (offset, line),
                Begin::Garbage(damage) => return Ok(Some(Item::Damaged(damage))),
                Begin::End => {
                    self.finished = true;
                    return Ok(None);
                }
            },
        };
        if !line.starts_with(b"WARC/") {
            return self.search_next(offset, &line).map(Some);
        }
        let fields = self.read_fields()?;
        let length = fields.iter().find(|(key, _)| key.eq_ignore_ascii_case("Content-Length"));
        let Some(length) = length.and_then(|(_, value)| value.trim().parse::<u64>().ok()) else {
            return self.search_next(offset, b"a record without a Content-Length").map(Some);
        };
        if length > self.limits.block_bytes {
            let passed = io::copy(&mut (&mut self.stream).take(length), &mut io::sink())?;
            return if passed == length { Ok(Some(Item::Oversized { offset, length })) } else { Err(cut_off()) };
        }
        let mut block = Vec::new();
        (&mut self.stream).take(length).read_to_end(&mut block)?;
        if (block.len() as u64) < length {
            return Err(cut_off());
        }
        Ok(Some(Item::Record(Record { offset, fields, block })))
    }

    /// The first line that is not empty, and the offset of its record.
    fn first_line(&mut self) -> io::Result<Begin> {
        loop {
            let before = self.stream.offset();
            let (more, garbage) = self.stream.open_next()?;
            let searching = std::mem::take(&mut self.searching);
            if garbage > 0 && !searching {
                let problem = format!("{garbage} bytes that are no gzip member");
                return Ok(Begin::Garbage(Damage { offset: before, problem }));
            }
            if !more {
                return Ok(Begin::End);
            }
            let offset = self.stream.offset();
            let line = self.read_line()?;
            if !line.is_empty() {
                return Ok(Begin::Line(offset, line));
            }
        }
    }

    /// Named fields up to the empty line; continuation lines are joined (ISO 28500 section 4).
    fn read_fields(&mut self) -> io::Result<Vec<(String, String)>> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut total = 0;
        loop {
            let line = self.read_line()?;
            if line.is_empty() {
                return Ok(fields);
            }
            total += line.len();
            if total > self.limits.header_bytes {
                return Err(damage("a record header without end"));
            }
            let text = String::from_utf8_lossy(&line);
            match (text.starts_with([' ', '\t']), fields.last_mut(), text.split_once(':')) {
                (true, Some((_, value)), _) => {
                    value.push(' ');
                    value.push_str(text.trim());
                }
                (false, _, Some((key, value))) => fields.push((key.trim().to_owned(), value.trim().to_owned())),
                // A line that is neither: old writers leave some; it carries nothing we use.
                _ => {}
            }
        }
    }

    /// Passes over what is no record, up to the next line that begins one.
    fn search_next(&mut self, offset: u64, found: &[u8]) -> io::Result<Item> {
        let start = String::from_utf8_lossy(&found[..found.len().min(40)]).into_owned();
        let problem = if found.starts_with(b"filedesc:") {
            "an ARC file, the format before WARC: convert it first".to_owned()
        } else {
            format!("expected a record, found `{}`", start.escape_default())
        };
        loop {
            let (more, _) = match self.stream.open_next() {
                Ok(next) => next,
                Err(error) if is_damage(&error) => (false, 0),
                Err(error) => return Err(error),
            };
            if !more {
                self.finished = !self.stream.is_compressed() || self.stream.fill_buf()?.is_empty();
                return Ok(Item::Damaged(Damage { offset, problem }));
            }
            let at = self.stream.offset();
            let line = match self.read_line() {
                Ok(line) => line,
                Err(error) if is_damage(&error) => {
                    self.stream.abandon_member();
                    continue;
                }
                Err(error) => return Err(error),
            };
            if line.starts_with(b"WARC/") {
                self.pending = Some((at, line));
                return Ok(Item::Damaged(Damage { offset, problem }));
            }
        }
    }

    /// One line without its end. Lines longer than a header may be are cut into pieces.
    fn read_line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        let limit = self.limits.header_bytes as u64;
        (&mut self.stream).take(limit).read_until(b'\n', &mut line)?;
        while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
            line.pop();
        }
        Ok(line)
    }
}

enum Begin {
    Line(u64, Vec<u8>),
    Garbage(Damage),
    End,
}

fn damage(problem: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

fn cut_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside a record")
}

/// Errors that speak of the bytes rather than of the disk.
fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput)
}
