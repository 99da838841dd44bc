//! The words nearest to an image that has no text of its own.

use crate::element::{Element, Space};
use crate::names::{BLOCK, HEADING, Name};
use crate::words::Words;
use std::ops::Range;

/// How many blocks out words are looked for.
pub(crate) const LEVELS: usize = 4;
/// Most that are taken before an image, and after it.
const MAX_BYTES: usize = 256;
/// How far from there a blank may be to cut at, rather than inside a word.
const MAX_BYTES_TO_BLANK: usize = 64;

/// A block's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block(u32);

/// Where an image stands among the words of the page.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spot {
    /// The piece after it.
    pub(crate) piece: usize,
    /// Whether it stands in `noscript`, for another.
    pub(crate) is_fallback: bool,
    /// The blocks around it, innermost first; none where its words are not asked for.
    pub(crate) blocks: [Option<Block>; LEVELS],
}

/// Whether an element holds words that belong together.
pub(crate) fn is_block(element: &Element) -> bool {
    let is_other = matches!(
        element.name,
        Name::Body | Name::Caption | Name::Dd | Name::Dt | Name::Li | Name::Table | Name::Td | Name::Th | Name::Tr
    );
    element.space == Space::Html && (is_other || element.name.is_in(BLOCK | HEADING))
}

/// The pieces between the image before each and the image after it.
pub(crate) fn windows<'s>(spots: impl DoubleEndedIterator<Item = &'s Spot> + ExactSizeIterator) -> Vec<Range<usize>> {
    let mut windows: Vec<Range<usize>> = Vec::with_capacity(spots.len());
    let spots: Vec<&Spot> = spots.collect();
    let (mut any, mut shown) = (0, 0);
    for spot in &spots {
        windows.push(if spot.is_fallback { any } else { shown }..usize::MAX);
        any = spot.piece;
        shown = if spot.is_fallback { shown } else { spot.piece };
    }
    let (mut any, mut shown) = (usize::MAX, usize::MAX);
    for (spot, window) in spots.iter().zip(&mut windows).rev() {
        window.end = if spot.is_fallback { any } else { shown };
        any = spot.piece;
        shown = if spot.is_fallback { shown } else { spot.piece };
    }
    windows
}

/// The blocks around images: the pieces of words that each holds.
#[derive(Default)]
pub(crate) struct Blocks(Vec<Range<usize>>);

impl Blocks {
    /// A block begins with piece `first`.
    pub(crate) fn begin(&mut self, first: usize) -> Option<Block> {
        let number = u32::try_from(self.0.len()).ok()?;
        self.0.push(first..usize::MAX);
        Some(Block(number))
    }

    /// The block ended before piece `end`.
    pub(crate) fn end(&mut self, Block(number): Block, end: usize) {
        self.0[number as usize].end = end;
    }

    /// The words around `spot` in the innermost block that has some within `window`.
    pub(crate) fn around(&self, spot: &Spot, window: Range<usize>, words: &Words<'_>) -> Option<String> {
        let last = words.count();
        let (mut first, mut end) = (spot.piece, spot.piece);
        spot.blocks.iter().flatten().find_map(|Block(number)| {
            let block = &self.0[*number as usize];
            let pieces = block.start.max(window.start)..block.end.min(window.end).min(last);
            if pieces.start >= first && pieces.end <= end {
                // No more than the blocks further in have.
                return None;
            }
            (first, end) = (pieces.start, pieces.end);
            text(words, pieces.start..spot.piece, spot.piece..pieces.end)
        })
    }
}

fn text(words: &Words<'_>, before: Range<usize>, after: Range<usize>) -> Option<String> {
    let before = words.end(before, MAX_BYTES + 1).map(|text| last(&text).to_owned());
    // One byte more than is taken, and the rest of the character there.
    let after = words.text(after, MAX_BYTES + 4).map(|text| first(&text).to_owned());
    match (before, after) {
        (Some(before), Some(after)) => Some(format!("{before} {after}")),
        (before, after) => before.or(after),
    }
}

/// The beginning of `text`, cut between words if one ends near there.
fn first(text: &str) -> &str {
    if text.len() <= MAX_BYTES {
        return text.trim_end();
    }
    let end = text.floor_char_boundary(MAX_BYTES);
    if text.as_bytes()[end] == b' ' {
        return &text[..end];
    }
    let blank = text[..end].rfind(' ').filter(|blank| end - blank <= MAX_BYTES_TO_BLANK);
    &text[..blank.unwrap_or(end)]
}

/// The end of `text`, cut likewise.
fn last(text: &str) -> &str {
    if text.len() <= MAX_BYTES {
        return text;
    }
    let start = text.ceil_char_boundary(text.len() - MAX_BYTES);
    if text.as_bytes()[start - 1] == b' ' {
        return &text[start..];
    }
    let blank = text[start..].find(' ').filter(|blank| *blank < MAX_BYTES_TO_BLANK);
    &text[blank.map_or(start, |blank| start + blank + 1)..]
}
