//! Gzip members piece by piece (RFC 1952), for those that do not fit into memory in one piece, hold
//! many records, or are damaged.

use super::{buffer::Buffer, stream::More, window::Window};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use std::io::{self, Read};

/// First bytes of every gzip member that uses deflate (RFC 1952 section 2.3.1).
pub(super) const MAGIC: &[u8] = &[0x1f, 0x8b, 0x08];

/// Text made at once.
const PIECE_BYTES: usize = 256 * 1024;
/// Longest gzip header read; only names and comments can make it long.
const MAX_HEADER_BYTES: usize = 128 * 1024;
/// From here on a member may be a bomb: it is one if it grows more than a [`BOMB_RATIO`]-fold.
const BOMB_BYTES: u64 = 64 * 1024 * 1024;
const BOMB_RATIO: u64 = 200;

const CUT_OFF: &str = "the archive ends inside a gzip member";

/// A member that is being inflated.
pub(super) struct Member {
    zlib: Decompress,
    crc: Crc,
    stage: Stage,
}

#[derive(Clone, Copy)]
enum Stage {
    Header,
    Body,
    Ended,
    Broken(&'static str),
}

impl Member {
    pub(super) fn new() -> Self {
        Self { zlib: Decompress::new(false), crc: Crc::new(), stage: Stage::Ended }
    }

    /// Begins with the member that comes next.
    pub(super) fn begin(&mut self) {
        self.zlib.reset(false);
        self.crc.reset();
        self.stage = Stage::Header;
    }

    /// Whether so little became so much that going on is not worth it.
    pub(super) fn is_bomb(&self) -> bool {
        let produced = self.zlib.total_out();
        produced > BOMB_BYTES && produced / BOMB_RATIO > self.zlib.total_in()
    }

    /// Bytes read and written for this member.
    pub(super) fn work(&self) -> u64 {
        self.zlib.total_in() + self.zlib.total_out()
    }

    /// Adds a piece to the text. What came before a break is given out before the break is told.
    pub(super) fn more<R: Read>(&mut self, window: &mut Window<R>, text: &mut Buffer) -> io::Result<More> {
        loop {
            match self.stage {
                Stage::Header => self.header(window)?,
                Stage::Body => {
                    if self.body(window, text)? > 0 {
                        return Ok(More::Grown);
                    }
                }
                Stage::Ended => return Ok(More::End),
                Stage::Broken(problem) => return Ok(More::Broken(problem)),
            }
        }
    }

    fn header<R: Read>(&mut self, window: &mut Window<R>) -> io::Result<()> {
        self.stage = loop {
            match header_bytes(window.unread()) {
                Header::Whole(length) => {
                    window.advance(length);
                    break Stage::Body;
                }
                Header::Bad => break Stage::Broken("no gzip header"),
                Header::Short if window.unread().len() > MAX_HEADER_BYTES => {
                    break Stage::Broken("a gzip header without end");
                }
                Header::Short if !window.hold(window.unread().len() + 1)? => break Stage::Broken(CUT_OFF),
                Header::Short => {}
            }
        };
        Ok(())
    }

    /// Inflates a piece; gives how many bytes it became.
    fn body<R: Read>(&mut self, window: &mut Window<R>, text: &mut Buffer) -> io::Result<usize> {
        if !window.hold(1)? {
            self.stage = Stage::Broken(CUT_OFF);
            return Ok(0);
        }
        let room = text.room(PIECE_BYTES);
        let room = &mut room[..PIECE_BYTES];
        let (before_in, before_out) = (self.zlib.total_in(), self.zlib.total_out());
        let status = self.zlib.decompress(window.unread(), room, FlushDecompress::None);
        let consumed = piece(before_in, self.zlib.total_in());
        let produced = piece(before_out, self.zlib.total_out());
        self.crc.update(&room[..produced]);
        text.added(produced);
        window.advance(consumed);
        match status {
            Ok(Status::StreamEnd) => self.trailer(window)?,
            Ok(_) if consumed > 0 || produced > 0 => {}
            // Neither room nor input is lacking, and still it does not go on.
            Ok(_) | Err(_) => self.stage = Stage::Broken("a gzip member that cannot be inflated"),
        }
        Ok(produced)
    }

    /// Checksum and length at the end (RFC 1952 section 2.3.1).
    fn trailer<R: Read>(&mut self, window: &mut Window<R>) -> io::Result<()> {
        window.hold(8)?;
        let right = [self.crc.sum().to_le_bytes(), self.crc.amount().to_le_bytes()].concat();
        self.stage = match window.unread().get(..8) {
            None => Stage::Broken(CUT_OFF),
            Some(trailer) if trailer == right => Stage::Ended,
            Some(_) => Stage::Broken("a gzip member whose checksum is wrong"),
        };
        if matches!(self.stage, Stage::Ended) {
            window.advance(8);
        }
        Ok(())
    }

    /// Inflates the first bytes of a member, as far as they are at hand.
    pub(super) fn first_bytes<'a>(&mut self, member: &[u8], output: &'a mut [u8]) -> &'a [u8] {
        let Header::Whole(length) = header_bytes(member) else { return &[] };
        self.begin();
        // An error after the first bytes will be met again when the member is read.
        let _ = self.zlib.decompress(&member[length..], output, FlushDecompress::None);
        &output[..piece(0, self.zlib.total_out())]
    }
}

fn piece(before: u64, after: u64) -> usize {
    usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX)
}

enum Header {
    Whole(usize),
    Short,
    Bad,
}

/// How long the gzip header at the start of these bytes is. As libdeflate has it: the checksum of
/// the header, which hardly anybody writes, is passed over.
fn header_bytes(bytes: &[u8]) -> Header {
    let seen = bytes.len().min(MAGIC.len());
    if bytes[..seen] != MAGIC[..seen] {
        return Header::Bad;
    }
    let Some(flags) = bytes.get(3) else { return Header::Short };
    if flags & 0xe0 != 0 {
        return Header::Bad;
    }
    let mut at = 10;
    if flags & 0x04 != 0 {
        let Some(length) = bytes.get(at..at + 2) else { return Header::Short };
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    // A name and a comment, each up to a zero byte.
    for flag in [0x08, 0x10] {
        if flags & flag != 0 {
            let end = bytes.get(at..).and_then(|rest| memchr::memchr(0, rest));
            let Some(end) = end else { return Header::Short };
            at += end + 1;
        }
    }
    if flags & 0x02 != 0 {
        at += 2;
    }
    if at <= bytes.len() { Header::Whole(at) } else { Header::Short }
}
