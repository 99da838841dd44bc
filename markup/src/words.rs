//! The words of the page, kept as pieces of the source, so that the text of any element is at hand
//! when its end is known.

use crate::references::{Site, decoded};
use crate::text::{is_plain, words};
use std::ops::Range;

/// Source read for one text; what stands beyond it is not looked at.
const MAX_SOURCE_BYTES: usize = 1 << 16;

/// Source for each piece that room is made for beforehand.
const BYTES_A_PIECE: usize = 256;

/// Pieces of a text that room is made for beforehand, and most room.
const PIECES_A_TEXT: usize = 8;
const MAX_ROOM: usize = 1024;

/// The words of the page, in order.
#[derive(Default)]
pub(crate) struct Words<'a> {
    pieces: Vec<Piece<'a>>,
    /// Whether an element or comment stands between the last piece and the next.
    parted: bool,
}

struct Piece<'a> {
    source: &'a str,
    /// Whether it goes on the text of the piece before it.
    joined: bool,
}

impl<'a> Words<'a> {
    /// With room for those of a page of usual density.
    pub(crate) fn of(source: &str) -> Self {
        Self { pieces: Vec::with_capacity(source.len() / BYTES_A_PIECE), parted: false }
    }

    /// How many pieces there are: the place of the next one.
    pub(crate) fn count(&self) -> usize {
        self.pieces.len()
    }

    /// An element or comment begins or ends here.
    pub(crate) fn part(&mut self) {
        self.parted = true;
    }

    /// Takes in text that is not blank.
    pub(crate) fn push(&mut self, source: &'a str) {
        self.pieces.push(Piece { source, joined: !self.parted });
        self.parted = false;
    }

    /// The text of some pieces, white space collapsed, at most so many bytes; `None` where there is none.
    pub(crate) fn text(&self, pieces: Range<usize>, bytes: usize) -> Option<String> {
        let pieces = self.pieces.get(pieces).unwrap_or_default();
        let room: usize = pieces.iter().take(PIECES_A_TEXT).map(|piece| piece.source.len() + 1).sum();
        let mut line = Line { text: String::with_capacity(room.min(bytes).min(MAX_ROOM)), parted: false };
        let mut source_bytes = 0;
        for piece in pieces {
            line.push_piece(piece);
            source_bytes += piece.source.len();
            if line.text.len() >= bytes || source_bytes > MAX_SOURCE_BYTES {
                break;
            }
        }
        line.text.truncate(line.text.floor_char_boundary(bytes));
        (!line.text.is_empty()).then_some(line.text)
    }

    /// The text that some pieces end with: all of it, or at least so many bytes.
    pub(crate) fn end(&self, pieces: Range<usize>, bytes: usize) -> Option<String> {
        let Range { start, end } = pieces;
        let mut count = 1;
        loop {
            let first = end.saturating_sub(count).max(start);
            let text = self.text(first..end, usize::MAX);
            let source_bytes: usize = self.pieces.get(first..end)?.iter().map(|piece| piece.source.len()).sum();
            let is_enough = text.as_ref().is_some_and(|text| text.len() >= bytes);
            if is_enough || first == start || source_bytes > MAX_SOURCE_BYTES {
                return text;
            }
            count *= 2;
        }
    }

    /// The first of as many whole pieces before `piece`, none before `first`, as come to no more than so many bytes.
    pub(crate) fn start_before(&self, piece: usize, first: usize, bytes: usize) -> usize {
        let (mut start, mut end, mut length) = (piece, piece, 0);
        while end > first {
            let mut begin = end - 1;
            while begin > first && self.pieces[begin].joined {
                begin -= 1;
            }
            length += self.text(begin..end, bytes + 1).map_or(0, |text| text.len());
            if length > bytes {
                break;
            }
            (start, end) = (begin, begin);
        }
        start
    }
}

impl Piece<'_> {
    /// As written, as much of it as is looked at.
    fn start(&self) -> &str {
        &self.source[..self.source.floor_char_boundary(MAX_SOURCE_BYTES)]
    }
}

/// A text in the making.
struct Line {
    text: String,
    /// Whether a blank comes before the next word.
    parted: bool,
}

impl Line {
    fn push_piece(&mut self, piece: &Piece<'_>) {
        let source = piece.start();
        let line = source.trim_ascii_start();
        let text = line.trim_ascii_end();
        if !is_plain(text) {
            self.push(&decoded(source, Site::Text), piece.joined);
            return;
        }
        if (self.parted || !piece.joined || line.len() < source.len()) && !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(text);
        self.parted = text.len() < line.len();
    }

    fn push(&mut self, piece: &str, joined: bool) {
        self.parted |= !joined;
        if piece.is_empty() {
            // Nothing but NULs, as which it is no text.
            return;
        }
        self.parted |= piece.starts_with(char::is_whitespace);
        for word in words(piece) {
            if self.parted && !self.text.is_empty() {
                self.text.push(' ');
            }
            self.text.push_str(word);
            self.parted = true;
        }
        // The last word may go on in the next piece.
        self.parted = piece.ends_with(char::is_whitespace);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_texts() {
        let mut words = Words::default();
        for (piece, parted) in [(" a &amp;", true), ("b c ", false), ("d", false), ("é", true)] {
            if parted {
                words.part();
            }
            words.push(piece);
        }
        assert_eq!(words.text(0..4, 100).as_deref(), Some("a &b c d é"));
        assert_eq!(words.text(0..4, 9).as_deref(), Some("a &b c d "));
        assert_eq!(words.text(0..4, 10).as_deref(), Some("a &b c d "));
        assert_eq!(words.text(3..3, 10), None);
        words.part();
        words.push("\0");
        words.push("f");
        assert_eq!(words.text(3..6, 10).as_deref(), Some("é f"));
        assert_eq!((words.start_before(3, 0, 8), words.start_before(3, 0, 7), words.start_before(3, 3, 8)), (0, 3, 3));
    }
}
