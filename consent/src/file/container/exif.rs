//! TIFF and EXIF: directories of tags. The same reader for TIFF files, `BigTIFF`, and the EXIF packet
//! inside other formats, which is a TIFF file without a picture.

use super::{
    super::{
        bytes::{Block, Order, number},
        packet::Packets,
        text,
    },
    iim, irb,
};
use std::borrow::Cow;

/// Most directories read of one file: pages of a TIFF, and those that tags point to.
const MOST_DIRECTORIES: usize = 16;
/// Longest text of one tag; what is longer is no note of an author's.
const MAX_TEXT: usize = 1 << 16;

/// Reads all directories of the TIFF structure `block`.
pub(super) fn read<'a>(block: &Block<'a>, packets: &mut Packets<'a>) {
    let Some(tiff) = Tiff::of(block) else { return };
    let mut waiting = vec![tiff.first];
    let mut done = Vec::new();
    while let Some(at) = waiting.pop() {
        // Each one once: directories may point at each other.
        if at == 0 || done.contains(&at) || done.len() >= MOST_DIRECTORIES {
            continue;
        }
        done.push(at);
        tiff.read_directory(at, &mut waiting, packets);
    }
}

struct Tiff<'t, 'a> {
    block: &'t Block<'a>,
    order: Order,
    /// Bytes of an offset: 4, in `BigTIFF` 8.
    word: usize,
    first: usize,
}

impl<'t, 'a> Tiff<'t, 'a> {
    fn of(block: &'t Block<'a>) -> Option<Self> {
        let order = match block.bytes.get(..2)? {
            b"II" => Order::Little,
            b"MM" => Order::Big,
            _ => return None,
        };
        let (word, at) = match number(&block.bytes, 2, 2, order)? {
            42 => (4, 4),
            43 => (8, 8),
            _ => return None,
        };
        Some(Self { block, order, word, first: number(&block.bytes, at, word, order)? })
    }

    fn number(&self, at: usize, size: usize) -> Option<usize> {
        number(&self.block.bytes, at, size, self.order)
    }

    fn read_directory(&self, at: usize, waiting: &mut Vec<usize>, packets: &mut Packets<'a>) {
        let count_size = if self.word == 8 { 8 } else { 2 };
        let entry_size = 4 + 2 * self.word;
        let (Some(count), Some(start)) = (self.number(at, count_size), at.checked_add(count_size)) else { return };
        let there = self.block.bytes.len().saturating_sub(start) / entry_size;
        let mut done = Vec::new();
        for entry in (0..count.min(there)).map(|index| start + index * entry_size) {
            // Each tag once (TIFF 6.0, section 2): sixty thousand of them may point at one place.
            let tag = self.number(entry, 2).filter(|tag| is_known(*tag) && !done.contains(tag));
            if let Some(tag) = tag {
                done.push(tag);
                self.read_entry(tag, entry, waiting, packets);
            }
        }
        if count <= there {
            waiting.extend(self.number(start + count * entry_size, self.word));
        }
    }

    /// One entry: tag, type, count, and the value or where it lies.
    fn read_entry(&self, tag: usize, at: usize, waiting: &mut Vec<usize>, packets: &mut Packets<'a>) -> Option<()> {
        let count = self.number(at + 4, self.word)?;
        let length = size_of(self.number(at + 2, 2)?).checked_mul(count)?;
        let value_at = at + 4 + self.word;
        let start = if length <= self.word { value_at } else { self.number(value_at, self.word)? };
        let value = self.block.part(start, length.min(limit(tag)));
        match tag {
            0x014A | 0x8769 => waiting.extend(self.number(start, self.word)),
            0x02BC => packets.xmp(value),
            0x83BB => iim::read(&value, packets),
            0x8649 => irb::read(&value, packets),
            0xCD41 => packets.manifest(value),
            _ => packets.field(value.byte, name_of(tag)?, Cow::Owned(self.text(tag, &value.bytes))),
        }
        Some(())
    }

    fn text(&self, tag: usize, value: &[u8]) -> String {
        let text = match tag {
            // Windows writes these as bytes.
            0x9C9B..=0x9C9F => text::utf16(value, Order::Little),
            0x9286 => self.user_comment(value),
            _ => text::guess(value).into_owned(),
        };
        // A copyright may hold two names with a zero between them: photographer and editor.
        text.trim_end_matches('\0').replace('\0', " ")
    }

    /// Eight bytes name the encoding (EXIF 2.32, section 4.6.5).
    fn user_comment(&self, value: &[u8]) -> String {
        match value {
            [b'U', b'N', b'I', b'C', b'O', b'D', b'E', 0, text @ ..] => text::utf16_guess(text, self.order),
            [b'A', b'S', b'C', b'I', b'I', 0, 0, 0, text @ ..] | [0, 0, 0, 0, 0, 0, 0, 0, text @ ..] => {
                text::guess(text).into_owned()
            }
            text => text::guess(text).into_owned(),
        }
    }
}

/// Longest value of a tag.
fn limit(tag: usize) -> usize {
    if name_of(tag).is_some() { MAX_TEXT } else { usize::MAX }
}

/// Bytes of one value, by type.
fn size_of(kind: usize) -> usize {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 1,
    }
}

fn is_known(tag: usize) -> bool {
    matches!(tag, 0x014A | 0x8769 | 0x02BC | 0x83BB | 0x8649 | 0xCD41) || name_of(tag).is_some()
}

/// Tags that hold words of the author.
fn name_of(tag: usize) -> Option<&'static str> {
    Some(match tag {
        0x010E => "EXIF ImageDescription",
        0x0131 => "EXIF Software",
        0x013B => "EXIF Artist",
        0x8298 => "EXIF Copyright",
        0x9286 => "EXIF UserComment",
        0x9C9B => "EXIF XPTitle",
        0x9C9C => "EXIF XPComment",
        0x9C9D => "EXIF XPAuthor",
        0x9C9E => "EXIF XPKeywords",
        0x9C9F => "EXIF XPSubject",
        _ => return None,
    })
}
