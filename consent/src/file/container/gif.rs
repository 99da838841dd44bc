//! GIF: blocks of sub-blocks. Comments, and application extensions for XMP and C2PA.

use super::super::{
    bytes::{Block, slice},
    packet::Packets,
    text,
};
use std::borrow::Cow;

pub(super) fn read<'a>(bytes: &'a [u8], packets: &mut Packets<'a>) {
    // Signature and logical screen, whose flags tell whether a colour table follows.
    let mut at = 13 + colour_table(bytes.get(10).copied());
    while let Some(introducer) = bytes.get(at) {
        at = match introducer {
            0x21 => extension(bytes, at + 1, packets),
            // An image: descriptor, colour table, code size, data.
            0x2C => {
                let start = at + 10 + colour_table(bytes.get(at + 9).copied()) + 1;
                end_of_sub_blocks(bytes, start)
            }
            // Stray zeros between blocks are common; anything else is the trailer or rubbish.
            0x00 => at + 1,
            _ => break,
        };
    }
}

fn colour_table(flags: Option<u8>) -> usize {
    match flags {
        Some(flags) if flags & 0x80 != 0 => 3 << ((flags & 7) + 1),
        _ => 0,
    }
}

/// Reads an extension; returns where the next block begins.
fn extension<'a>(bytes: &'a [u8], at: usize, packets: &mut Packets<'a>) -> usize {
    let end = end_of_sub_blocks(bytes, at + 1);
    match bytes.get(at) {
        Some(0xFE) => {
            let comment = joined(bytes, at + 1, end);
            packets.field(at + 1, "GIF comment", Cow::Owned(text::guess(&comment).into_owned()));
        }
        Some(0xFF) => {
            // One sub-block of eleven bytes names the application.
            let start = at + 13;
            match slice(bytes, at + 2, 11) {
                b"XMP DataXMP" => {
                    packets.xmp(Block::borrowed(start, xmp(slice(bytes, start, end.saturating_sub(start)))));
                }
                name if name.starts_with(b"C2PA_GIF") => {
                    packets.manifest(Block::owned(start, joined(bytes, start, end)));
                }
                _ => {}
            }
        }
        _ => {}
    }
    end
}

/// XMP stands there bare, not cut into sub-blocks. A reader that does not know that takes its
/// letters for lengths and is led to the end by 257 descending bytes (XMP part 3, section 1.1.2).
fn xmp(data: &[u8]) -> &[u8] {
    let end = memchr::memrchr(b'>', data).map_or(0, |at| at + 1);
    // The descending bytes hold a `>` of their own, after `?` and before `=`.
    let trailer = memchr::memmem::rfind(data, b"\x01\xFF\xFE").unwrap_or(end);
    memchr::memrchr(b'>', &data[..trailer.min(data.len())]).map_or(&data[..end], |at| &data[..=at])
}

/// Where the block after the sub-blocks at `at` begins.
fn end_of_sub_blocks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(length) = bytes.get(at) {
        at += 1 + usize::from(*length);
        if *length == 0 {
            break;
        }
    }
    at
}

fn joined(bytes: &[u8], mut at: usize, end: usize) -> Vec<u8> {
    let mut joined = Vec::new();
    while at < end {
        let Some(length) = bytes.get(at) else { break };
        joined.extend_from_slice(slice(bytes, at + 1, usize::from(*length)));
        at += 1 + usize::from(*length);
    }
    joined
}
