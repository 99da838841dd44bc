//! AVIF, HEIC, JPEG XL and JPEG 2000: boxes `length type data` (ISO 14496-12).

mod items;

use super::{
    super::{
        bytes::{Block, big, slice},
        packet::Packets,
    },
    exif,
};
use memchr::memmem;

const XMP: [u8; 16] = *b"\xBE\x7A\xCF\xCB\x97\xA9\x42\xE8\x9C\x71\x99\x94\x91\xE3\xAF\xAC";
const C2PA: [u8; 16] = *b"\xD8\xFE\xC3\xD6\x1B\x0E\x48\x3C\x92\x97\x58\x28\x87\x7E\xC4\x81";

/// Reads the boxes at the top; only `meta` is looked into, so nesting costs nothing.
pub(super) fn read<'a>(bytes: &'a [u8], packets: &mut Packets<'a>) {
    for part in boxes(bytes, 0) {
        let (byte, body) = (part.start, part.body(bytes));
        match &part.kind {
            b"meta" => items::read(bytes, byte, body, packets),
            b"uuid" => add_uuid(byte, body, packets),
            b"xml " => packets.xmp(Block::borrowed(byte, body)),
            b"Exif" => add_exif(&Block::borrowed(byte, body), packets),
            b"jumb" => packets.manifest(Block::borrowed(part.at, part.whole(bytes))),
            b"brob" => add_compressed(byte, body, packets),
            _ => {}
        }
    }
}

/// One box: where it stands, and where its data does.
struct Part {
    kind: [u8; 4],
    at: usize,
    start: usize,
    end: usize,
}

impl Part {
    fn body<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        slice(bytes, self.start, self.end.saturating_sub(self.start))
    }

    fn whole<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        slice(bytes, self.at, self.end.saturating_sub(self.at))
    }
}

/// The boxes that follow each other from `at` on.
fn boxes(bytes: &[u8], mut at: usize) -> impl Iterator<Item = Part> {
    std::iter::from_fn(move || {
        let part = part(bytes, at)?;
        at = part.end;
        Some(part)
    })
}

fn part(bytes: &[u8], at: usize) -> Option<Part> {
    let kind = <[u8; 4]>::try_from(bytes.get(at.checked_add(4)?..at.checked_add(8)?)?).ok()?;
    let (start, length) = match big(bytes, at, 4)? {
        // To the end of the file.
        0 => (at + 8, bytes.len() - at),
        1 => (at + 16, big(bytes, at + 8, 8)?),
        length => (at + 8, length),
    };
    // A length that does not cover its own header would stand still.
    (length >= start - at).then(|| Part { kind, at, start, end: at.saturating_add(length) })
}

fn add_uuid<'a>(byte: usize, body: &'a [u8], packets: &mut Packets<'a>) {
    if let Some(xmp) = body.strip_prefix(&XMP) {
        packets.xmp(Block::borrowed(byte + 16, xmp));
    } else if let Some(rest) = body.strip_prefix(&C2PA) {
        // Version and flags, a purpose, an offset; then the store, a `jumb` box.
        if let Some(at) = memmem::find(slice(rest, 0, 64), b"jumb").and_then(|at| at.checked_sub(4)) {
            packets.manifest(Block::borrowed(byte + 16 + at, &rest[at..]));
        }
    }
}

/// Four bytes say how far from here the TIFF header begins.
fn add_exif<'a>(block: &Block<'a>, packets: &mut Packets<'a>) {
    let start = big(&block.bytes, 0, 4).unwrap_or(0).saturating_add(4);
    exif::read(&block.part(start, usize::MAX), packets);
}

/// JPEG XL's `brob`: the type of the box it stands for, then brotli.
fn add_compressed(byte: usize, body: &[u8], packets: &mut Packets<'_>) {
    let Some((kind, stream)) = body.split_at_checked(4) else { return };
    match kind {
        b"xml " => {
            let xmp = packets.unbrotli(stream);
            packets.xmp(Block::owned(byte, xmp));
        }
        b"Exif" => {
            let body = packets.unbrotli(stream);
            add_exif(&Block::owned(byte, body), packets);
        }
        b"jumb" => {
            let body = packets.unbrotli(stream);
            packets.manifest(Block::owned(byte, with_header(*b"jumb", &body)));
        }
        _ => {}
    }
}

fn with_header(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 8).unwrap_or(0);
    [&length.to_be_bytes()[..], &kind, body].concat()
}
