//! The text of an archive: decompressed where it is compressed, member after member, with the offset
//! of the member it comes from.
//!
//! A member is tried in one piece first, with libdeflate. One that does not fit is read piece by piece.
//! It is tried thrice at most, on at most 4 MiB of input and 16 MiB of text, and only at its beginning, so
//! that the work in vain is bounded however an archive is made.

use super::{
    arc,
    buffer::Buffer,
    gzip::{MAGIC, Member},
    inflate::{Inflated, Inflater},
    window::Window,
};
use memchr::memmem;
use std::io::{self, Read};

/// The window to begin with, and what is kept full of it.
const WINDOW_BYTES: usize = 1024 * 1024;
const LOW_BYTES: usize = 256 * 1024;
/// Most input a member is tried with in one piece.
const MAX_WINDOW_BYTES: usize = 4 * 1024 * 1024;
/// Text that a member may become in one piece: at first, and at most.
const TEXT_BYTES: usize = 4 * 1024 * 1024;
const MAX_TEXT_BYTES: usize = 16 * 1024 * 1024;
/// Least bytes asked of a plain file at once.
const PIECE_BYTES: usize = 64 * 1024;
/// Bytes looked at to tell whether a member begins a record.
const PROBE_BYTES: usize = 4096;
/// Going back to look inside damaged members is bounded to this and 16 bytes for each byte of the
/// file, so that members forged to lie inside one another cost no more than others.
const MAX_REWORK_BYTES: u64 = 256 * 1024 * 1024;

/// The text of an archive.
pub(super) struct Stream<R> {
    window: Window<R>,
    text: Buffer,
    /// Absent where all is to be read piece by piece.
    inflater: Option<Inflater>,
    member: Member,
    state: State,
    /// Where the open member begins.
    offset: u64,
    /// Whether a member is to begin right here: the one before it ended well.
    trusted: bool,
    rework: u64,
    /// What the records found so far were.
    pub(super) form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    Between,
    /// The member's text is at hand in one piece.
    Whole,
    /// The member is read piece by piece.
    Pieces,
}

/// Format of the records.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Unknown,
    Warc,
    Arc,
}

/// What came of asking for more text of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    /// There is more.
    Grown,
    /// The member (or the plain file) has come to its end.
    End,
    /// The member is damaged here.
    Broken(&'static str),
}

/// What came of looking for the next member.
pub(super) enum Next {
    Opened,
    /// So many bytes at this offset are no member. If another follows, it is open.
    Garbage(u64, u64),
    End,
}

impl<R: Read> Stream<R> {
    /// Looks at the first bytes to tell compressed from plain.
    pub(super) fn new(source: R, in_pieces: bool) -> io::Result<Self> {
        let mut stream = Self {
            window: Window::new(source, WINDOW_BYTES),
            text: Buffer::of(if in_pieces { 0 } else { TEXT_BYTES }),
            inflater: if in_pieces { None } else { Inflater::new() },
            member: Member::new(),
            state: State::Between,
            offset: 0,
            trusted: true,
            rework: 0,
            form: Form::Unknown,
        };
        stream.window.hold(LOW_BYTES)?;
        if !stream.window.unread().starts_with(MAGIC) {
            stream.begin_without_magic()?;
        }
        Ok(stream)
    }

    /// A plain file, or one damaged in its first bytes: then what can be found first decides.
    fn begin_without_magic(&mut self) -> io::Result<()> {
        let start = self.window.unread();
        let blank = start.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if !begins_record(&start[blank..], Form::Unknown) {
            self.window.hold(MAX_WINDOW_BYTES)?;
            let line = find_record(self.window.unread(), Form::Unknown);
            self.trusted = false;
            let found = self.seek_member(MAX_WINDOW_BYTES as u64)?;
            let member = usize::try_from(self.window.position()).unwrap_or(usize::MAX);
            self.window.go_to(0);
            if found && line.is_none_or(|line| member < line) {
                return Ok(());
            }
        }
        self.state = State::Plain;
        Ok(())
    }

    /// Offset in the file of the record to be read next: of its member, or of itself.
    pub(super) fn offset(&self) -> u64 {
        if self.state == State::Plain { self.window.position() } else { self.offset }
    }

    /// Bytes of the file consumed so far.
    pub(super) fn position(&self) -> u64 {
        self.window.position()
    }

    /// Bytes of memory that the buffers hold.
    pub(super) fn capacity(&self) -> usize {
        self.window.capacity() + self.text.capacity()
    }

    /// The text at hand.
    pub(super) fn text(&self) -> &[u8] {
        if self.state == State::Plain { self.window.unread() } else { self.text.filled() }
    }

    pub(super) fn consume(&mut self, count: usize) {
        if self.state == State::Plain {
            self.window.advance(count);
            self.window.forget();
        } else {
            self.text.consume(count);
        }
    }

    /// Brings at least so much text to hand, if the member has it.
    pub(super) fn want(&mut self, count: usize) -> io::Result<More> {
        loop {
            let have = self.text().len();
            if have >= count {
                return Ok(More::Grown);
            }
            match self.more(count - have)? {
                More::Grown => {}
                other => return Ok(other),
            }
        }
    }

    /// Brings more text to hand, and room for as much as is needed.
    pub(super) fn more(&mut self, needed: usize) -> io::Result<More> {
        match self.state {
            State::Plain => {
                let have = self.window.unread().len();
                self.window.hold(have + needed.max(PIECE_BYTES))?;
                Ok(if self.window.unread().len() > have { More::Grown } else { More::End })
            }
            State::Between | State::Whole => Ok(More::End),
            State::Pieces => {
                self.text.room(needed);
                self.member.more(&mut self.window, &mut self.text)
            }
        }
    }

    /// Whether the open member is not worth reading on.
    pub(super) fn is_bomb(&self) -> bool {
        self.state == State::Pieces && self.member.is_bomb()
    }

    /// Opens the next member after one whose text was read to its end.
    pub(super) fn open_next(&mut self) -> io::Result<Next> {
        if self.state == State::Plain {
            return Ok(Next::End);
        }
        self.state = State::Between;
        self.text.clear();
        self.pass_over_padding()?;
        let begin = self.window.position();
        self.window.hold(MAGIC.len())?;
        if self.trusted && self.window.unread().starts_with(MAGIC) {
            self.open()?;
            return Ok(Next::Opened);
        }
        if self.window.unread().is_empty() {
            return Ok(Next::End);
        }
        let found = self.seek_member(u64::MAX)?;
        let garbage = self.window.position() - begin;
        if found {
            self.open()?;
        }
        Ok(if found && garbage == 0 { Next::Opened } else { Next::Garbage(begin, garbage) })
    }

    /// Zero bytes between members are padding.
    fn pass_over_padding(&mut self) -> io::Result<()> {
        while self.window.hold(1)? {
            let unread = self.window.unread();
            let zeros = unread.iter().take_while(|byte| **byte == 0).count();
            let all = zeros == unread.len();
            self.window.advance(zeros);
            self.window.forget();
            if !all {
                break;
            }
        }
        Ok(())
    }

    /// Goes on to the next member that begins a record, as its first bytes tell.
    fn seek_member(&mut self, until: u64) -> io::Result<bool> {
        while self.window.position() < until {
            let Some(at) = memmem::find(self.window.unread(), MAGIC) else {
                // The last bytes may be the first of a magic.
                let rest = self.window.unread().len();
                self.window.advance(rest.saturating_sub(MAGIC.len() - 1));
                if self.window.hold(MAGIC.len())? {
                    continue;
                }
                self.window.advance(rest);
                return Ok(false);
            };
            self.window.advance(at);
            self.window.hold(PROBE_BYTES)?;
            let mut output = [0; 1024];
            let first = self.member.first_bytes(self.window.unread(), &mut output);
            if begins_record(first, self.form) {
                return Ok(true);
            }
            self.window.advance(1);
        }
        Ok(false)
    }

    fn open(&mut self) -> io::Result<()> {
        self.offset = self.window.position();
        self.window.forget();
        if self.inflate_whole()? {
            self.window.forget();
            self.state = State::Whole;
        } else {
            self.text.clear();
            self.member.begin();
            self.state = State::Pieces;
        }
        // Taken back when the member turns out to be damaged.
        self.trusted = true;
        Ok(())
    }

    fn inflate_whole(&mut self) -> io::Result<bool> {
        let Some(inflater) = &mut self.inflater else { return Ok(false) };
        self.window.hold(LOW_BYTES)?;
        let mut room = self.text.capacity().clamp(TEXT_BYTES, MAX_TEXT_BYTES);
        for _ in 0..3 {
            match inflater.member(self.window.unread(), self.text.emptied(room)) {
                Inflated::Whole { consumed, produced } => {
                    self.text.added(produced);
                    self.window.advance(consumed);
                    return Ok(true);
                }
                Inflated::NoRoom if room < MAX_TEXT_BYTES => room = MAX_TEXT_BYTES,
                Inflated::Bad if !self.window.ended() && self.window.unread().len() < MAX_WINDOW_BYTES => {
                    self.window.hold(MAX_WINDOW_BYTES)?;
                }
                Inflated::NoRoom | Inflated::Bad => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Leaves a damaged member. The next is looked for from just behind the beginning of this one:
    /// damage may have led the inflation past the beginning of others.
    pub(super) fn leave_damaged(&mut self) {
        let here = self.window.position().max(self.offset + 1);
        self.rework = self.rework.saturating_add(self.member.work());
        let allowed = self.rework <= here.saturating_mul(16).saturating_add(MAX_REWORK_BYTES);
        self.leave_for(if allowed { self.offset + 1 } else { here });
    }

    /// Leaves a member that is not worth reading on.
    pub(super) fn leave(&mut self) {
        self.leave_for(self.window.position());
    }

    fn leave_for(&mut self, position: u64) {
        self.window.go_to(position);
        self.text.clear();
        self.state = State::Between;
        self.trusted = false;
    }
}

/// Whether a text begins with a record.
pub(super) fn begins_record(text: &[u8], form: Form) -> bool {
    let warc = text.starts_with(b"WARC/1.") || text.starts_with(b"WARC/0.");
    warc || form != Form::Warc && arc::Line::parse(text).is_some()
}

/// The first line but the first that begins a record.
pub(super) fn find_record(text: &[u8], form: Form) -> Option<usize> {
    let warc = memmem::find_iter(text, b"\nWARC/").map(|at| at + 1).find(|at| begins_record(&text[*at..], Form::Warc));
    if form != Form::Arc {
        return warc;
    }
    let arc = memchr::memchr_iter(b'\n', text).map(|at| at + 1).find(|at| arc::Line::parse(&text[*at..]).is_some());
    warc.into_iter().chain(arc).min()
}
