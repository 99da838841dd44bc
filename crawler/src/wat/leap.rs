//! Long arrays of which little is asked for: nine tenths of a WAT are anchors that say nothing.
//!
//! [`Cursor::leap`] hands out the elements that could matter and leaps over the others without
//! reading them, at the speed of a search for a few bytes. In JSON that is sound, for three reasons:
//!
//! - An element with none of the [`Sign`]s and without a backslash cannot matter: without escapes a
//!   text is written in one way only.
//! - `,{"a`, with any letter for the `a`, can only be the beginning of an object in an array. Were the
//!   brace within a string, the quote would end it (before an escaped one stands a backslash), and no
//!   letter follows the end of a string. After the comma of an object no brace may follow.
//! - That array is the one being read, if no bracket stood on the way: a bracket, be it in a text or
//!   not, is a sign that the element around it is to be read.
//!
//! Of what is no JSON more is thus read than by a walk: a break within what is leaped over is not told.

use super::{Problem, json::Cursor};
use memchr::{memchr2, memchr3, memrchr};

/// Where in a text the next string stands without which an element cannot matter. In what is sought there
/// is neither a bracket nor a backslash.
pub(super) type Sign = fn(&[u8]) -> Option<usize>;

/// The signs ahead of a place, each sought once.
struct Lookout<'a, const N: usize> {
    text: &'a [u8],
    /// Where the next bracket stands, or backslash if there are signs.
    mark: usize,
    signs: [Sign; N],
    /// Where the next of each stands, if that is before the mark.
    next: [usize; N],
}

impl Cursor<'_> {
    /// Reads an array like [`Cursor::array`], but may leave out elements that hold none of `signs`.
    pub(super) fn leap<const N: usize>(
        &mut self,
        signs: [Sign; N],
        mut element: impl FnMut(&mut Self) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        if !self.opens_array()? {
            return Ok(());
        }
        let mut lookout = Lookout { text: self.text, mark: 0, signs, next: [0; N] };
        loop {
            let sign = lookout.next(self.at);
            self.at = self.last_element(sign);
            while self.at <= sign {
                element(self)?;
                if !self.goes_on(b']')? {
                    return Ok(());
                }
            }
        }
    }

    /// The last place before `end`, here or further on, of which it is certain that an element begins there.
    fn last_element(&self, end: usize) -> usize {
        let mut ahead = self.text.get(self.at..end).unwrap_or_default();
        while let Some(brace) = memrchr(b'{', ahead) {
            let place = self.at + brace;
            let after_comma = brace > 0 && ahead[brace - 1] == b',';
            if after_comma && matches!(self.text[place + 1..], [b'"', letter, ..] if letter.is_ascii_alphabetic()) {
                return place;
            }
            ahead = &ahead[..brace];
        }
        self.at
    }
}

impl<const N: usize> Lookout<'_, N> {
    /// The first place from `at` on where something stands that could matter; the end if there is none.
    fn next(&mut self, at: usize) -> usize {
        if self.mark < at {
            let ahead = self.text.get(at..).unwrap_or_default();
            let mark = if N == 0 { memchr2(b'[', b']', ahead) } else { memchr3(b'[', b']', b'\\', ahead) };
            self.mark = mark.map_or(self.text.len(), |mark| at + mark);
        }
        let mut first = self.mark;
        for (find, next) in self.signs.iter().zip(&mut self.next) {
            if *next < at {
                let ahead = self.text.get(at..self.mark).unwrap_or_default();
                *next = find(ahead).map_or(self.mark, |place| at + place);
            }
            first = first.min(*next);
        }
        first
    }
}
