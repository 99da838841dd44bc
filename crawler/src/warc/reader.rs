//! Splits an archive into records and lends them. A damaged record is an item of its own, counted by
//! the caller; reading goes on at the next record that can be found.

use super::{
    arc,
    item::{Damage, Item, Limits},
    record::{Record, find_field},
    stream::{Form, More, Next, Stream, begins_record, find_record},
};
use std::io::{self, Read};

/// Blank bytes after a block that are looked at together with it.
const MAX_BLANK_BYTES: usize = 64;
/// Text asked for at once while some is passed over.
const PIECE_BYTES: usize = 64 * 1024;

/// Reads records from an archive. It buffers by itself: a window on the file of up to 8 MiB, and the text of
/// one member of up to 16 MiB or as long as the longest block.
pub struct Reader<R> {
    stream: Stream<R>,
    limits: Limits,
    /// Text of the record that was lent last.
    lent: usize,
    /// In damage that has been told of: what comes next must be looked for.
    searching: bool,
}

impl<R: Read> Reader<R> {
    /// Begins at the start of `archive`, compressed or not.
    pub fn new(archive: R, limits: Limits) -> io::Result<Self> {
        Ok(Self::on(Stream::new(archive, false)?, limits))
    }

    /// A reader that inflates every member piece by piece, which is slower: tests and benches put
    /// it beside the other.
    pub fn in_pieces(archive: R, limits: Limits) -> io::Result<Self> {
        Ok(Self::on(Stream::new(archive, true)?, limits))
    }

    fn on(stream: Stream<R>, limits: Limits) -> Self {
        Self { stream, limits, lent: 0, searching: false }
    }

    /// Bytes of the file consumed so far.
    pub fn position(&self) -> u64 {
        self.stream.position()
    }

    /// Bytes of memory that the reader's buffers hold.
    pub fn buffer_bytes(&self) -> usize {
        self.stream.capacity()
    }

    /// The next item; `None` at the end. An `Err` is the source's, never the archive's.
    pub fn next_item(&mut self) -> io::Result<Option<Item<'_>>> {
        self.stream.consume(std::mem::take(&mut self.lent));
        Ok(match self.find()? {
            None => None,
            Some(Found::Damaged(damage)) => Some(Item::Damaged(damage)),
            Some(Found::Oversized { offset, length }) => Some(Item::Oversized { offset, length }),
            Some(Found::Record { offset, head, block, whole }) => {
                self.lent = whole;
                let text = self.stream.text();
                Some(Item::Record(Record { offset, head: &text[..head], block: &text[block..whole] }))
            }
        })
    }

    fn find(&mut self) -> io::Result<Option<Found>> {
        loop {
            match self.stream.want(1)? {
                More::Grown if self.searching => self.searching = !self.seek()?,
                More::Grown if self.pass_over_blanks() => {}
                More::Grown => return self.record().map(Some),
                More::Broken(problem) => {
                    let offset = self.stream.offset();
                    self.stream.leave_damaged();
                    if let Some(found) = self.damaged(offset, problem.to_owned()) {
                        return Ok(Some(found));
                    }
                }
                More::End => match self.stream.open_next()? {
                    Next::Opened => {}
                    Next::End => return Ok(None),
                    Next::Garbage(offset, count) => {
                        if let Some(found) = self.damaged(offset, format!("{count} bytes that are no gzip member")) {
                            return Ok(Some(found));
                        }
                    }
                },
            }
        }
    }

    /// Damage, unless it belongs to what has been told of.
    fn damaged(&mut self, offset: u64, problem: String) -> Option<Found> {
        let told = std::mem::replace(&mut self.searching, true);
        (!told).then_some(Found::Damaged(Damage { offset, problem }))
    }

    /// Passes over empty lines; whether there were any.
    fn pass_over_blanks(&mut self) -> bool {
        let blank = self.stream.text().iter().take_while(|byte| is_line_end(**byte)).count();
        self.stream.consume(blank);
        blank > 0
    }

    /// Goes on to the next line that begins a record; false where this member has no more.
    fn seek(&mut self) -> io::Result<bool> {
        let _ = self.stream.want(arc::MAX_LINE_BYTES)?;
        if begins_record(self.stream.text(), self.stream.form) {
            return Ok(true);
        }
        loop {
            let form = self.stream.form;
            if let Some(at) = find_record(self.stream.text(), form) {
                self.stream.consume(at);
                return Ok(true);
            }
            // The last bytes may be the beginning of what is looked for.
            let kept = if form == Form::Arc { arc::MAX_LINE_BYTES } else { b"\nWARC/1.".len() };
            self.stream.consume(self.stream.text().len().saturating_sub(kept));
            if self.stream.is_bomb() {
                self.stream.leave();
                return Ok(false);
            }
            match self.stream.more(PIECE_BYTES)? {
                More::Grown => {}
                More::End => {
                    self.stream.consume(usize::MAX);
                    return Ok(false);
                }
                More::Broken(_) => {
                    self.stream.leave_damaged();
                    return Ok(false);
                }
            }
        }
    }

    fn record(&mut self) -> io::Result<Found> {
        let offset = self.stream.offset();
        let problem = match self.read_record(offset) {
            Ok(found) => return Ok(found),
            Err(Stop::Source(error)) => return Err(error),
            Err(Stop::Member(problem)) => {
                self.stream.leave_damaged();
                problem.to_owned()
            }
            Err(Stop::Record(problem)) => {
                // Behind the beginning of the line, so that it is not found again.
                let text = self.stream.text();
                let line = if begins_record(text, self.stream.form) { memchr::memchr(b'\n', text) } else { None };
                self.stream.consume(line.unwrap_or(1));
                problem
            }
        };
        self.searching = true;
        Ok(Found::Damaged(Damage { offset, problem }))
    }

    fn read_record(&mut self, offset: u64) -> Result<Found, Stop> {
        let Head { ends: head, block, length } = self.head()?;
        let small = usize::try_from(length).ok().filter(|_| length <= self.limits.block_bytes);
        let Some(small) = small else { return self.pass_over(offset, block, length) };
        let whole = block + small;
        self.need(whole)?;
        self.check_end(block, whole)?;
        Ok(Found::Record { offset, head, block, whole })
    }

    fn head(&mut self) -> Result<Head, Stop> {
        let _ = self.stream.want(b"WARC/1.0\r\n".len())?;
        if self.stream.text().starts_with(b"WARC/") {
            return self.warc_head();
        }
        if self.stream.form != Form::Warc {
            let _ = self.stream.want(arc::MAX_LINE_BYTES)?;
            if let Some(line) = arc::Line::parse(self.stream.text()) {
                let head = Head { ends: line.bytes, block: line.bytes, length: line.length };
                self.stream.form = Form::Arc;
                return Ok(head);
            }
        }
        let line = self.stream.text().split(|byte| is_line_end(*byte)).next().unwrap_or_default();
        let line = String::from_utf8_lossy(&line[..line.len().min(40)]);
        Err(Stop::Record(format!("expected a record, found `{}`", line.escape_default())))
    }

    /// Named fields up to the empty line (ISO 28500 section 4).
    fn warc_head(&mut self) -> Result<Head, Stop> {
        let (ends, block) = loop {
            let text = self.stream.text();
            if let Some(found) = head_ends(&text[..text.len().min(self.limits.header_bytes)]) {
                break found;
            }
            if text.len() >= self.limits.header_bytes {
                return Err(Stop::Record("a record header without end".to_owned()));
            }
            self.need(text.len() + 1)?;
        };
        let length = find_field(&self.stream.text()[..ends], "Content-Length").and_then(|length| length.parse().ok());
        let Some(length) = length else {
            return Err(Stop::Record("a record without a Content-Length".to_owned()));
        };
        self.stream.form = Form::Warc;
        Ok(Head { ends, block, length })
    }

    /// Brings so much text to hand, or tells why it cannot be.
    fn need(&mut self, count: usize) -> Result<(), Stop> {
        match self.stream.want(count)? {
            More::Grown => Ok(()),
            More::End => Err(cut_off()),
            More::Broken(problem) => Err(Stop::Member(problem)),
        }
    }

    /// A block is followed by an empty line and then by a record or the end; and where it is the last
    /// of its member, the member's checksum tells whether it is whole. A wrong length would otherwise
    /// swallow what follows.
    fn check_end(&mut self, block: usize, whole: usize) -> Result<(), Stop> {
        let mut at = whole;
        loop {
            match self.stream.want(at + 1)? {
                More::Grown if !is_line_end(self.stream.text()[at]) => break,
                More::Grown if at >= whole + MAX_BLANK_BYTES => return Ok(()),
                More::Grown => at += 1,
                More::End => return Ok(()),
                More::Broken(problem) => return Err(Stop::Member(problem)),
            }
        }
        let form = self.stream.form;
        let seen = if form == Form::Arc { arc::MAX_LINE_BYTES } else { b"WARC/1.".len() };
        let _ = self.stream.want(at + seen)?;
        let text = self.stream.text();
        if begins_record(&text[at..], form) {
            return Ok(());
        }
        // Garbage follows. In a member that breaks soon the break is what made it.
        if let More::Broken(problem) = self.stream.want(at + PIECE_BYTES)? {
            return Err(Stop::Member(problem));
        }
        let text = self.stream.text();
        // It may have got in between, or lie over the blank itself, or the length is wrong.
        let blank: &[u8] = if form == Form::Arc { b"\n" } else { b"\r\n\r\n" };
        let next = text.get(whole + blank.len()..).unwrap_or_default();
        let ended = text[whole..].starts_with(blank) && find_record(&text[block..whole], form).is_none();
        if ended || begins_record(next, form) {
            return Ok(());
        }
        Err(Stop::Record("the block does not end where its length says".to_owned()))
    }

    fn pass_over(&mut self, offset: u64, block: usize, length: u64) -> Result<Found, Stop> {
        self.stream.consume(block);
        let mut left = length;
        loop {
            let passed = self.stream.text().len().min(usize::try_from(left).unwrap_or(usize::MAX));
            self.stream.consume(passed);
            left -= passed as u64;
            if left == 0 {
                return Ok(Found::Oversized { offset, length });
            }
            if self.stream.is_bomb() {
                self.stream.leave();
                self.searching = true;
                return Ok(Found::Oversized { offset, length });
            }
            match self.stream.more(PIECE_BYTES)? {
                More::Grown => {}
                More::End => return Err(cut_off()),
                More::Broken(problem) => return Err(Stop::Member(problem)),
            }
        }
    }
}

enum Found {
    Record {
        offset: u64,
        /// Where the head ends, where the block begins, where it ends.
        head: usize,
        block: usize,
        whole: usize,
    },
    Oversized {
        offset: u64,
        length: u64,
    },
    Damaged(Damage),
}

/// Where a head ends, where its block begins, and how long that is.
struct Head {
    ends: usize,
    block: usize,
    length: u64,
}

/// Why a record cannot be read.
enum Stop {
    /// The source failed.
    Source(io::Error),
    /// The record is damaged; the text goes on.
    Record(String),
    /// The gzip member is.
    Member(&'static str),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Source(error)
    }
}

fn cut_off() -> Stop {
    Stop::Record("the archive ends inside a record".to_owned())
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Where the first empty line begins and ends.
fn head_ends(text: &[u8]) -> Option<(usize, usize)> {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', text) {
        if text[start..end].iter().all(|byte| *byte == b'\r') {
            return Some((start, end + 1));
        }
        start = end + 1;
    }
    None
}
