//! WebP: RIFF chunks `type length data`, padded to even lengths.

use super::{
    super::{
        bytes::{Block, Order, number, slice},
        packet::Packets,
    },
    exif,
};

pub(super) fn read<'a>(bytes: &'a [u8], packets: &mut Packets<'a>) {
    // `RIFF`, length, `WEBP`. What follows that length is no part of the file (RFC 9649, section 2.4).
    let length = number(bytes, 4, 4, Order::Little).unwrap_or(0);
    let bytes = if packets.is_lenient { bytes } else { slice(bytes, 0, length.saturating_add(8)) };
    let mut at = 12;
    while let (Some(kind), Some(length)) = (bytes.get(at..at + 4), number(bytes, at + 4, 4, Order::Little)) {
        let byte = at + 8;
        let data = slice(bytes, byte, length);
        match kind {
            // Some encoders take over the head it has in a JPEG.
            b"EXIF" => match data.strip_prefix(b"Exif\0\0") {
                Some(tiff) => exif::read(&Block::borrowed(byte + 6, tiff), packets),
                None => exif::read(&Block::borrowed(byte, data), packets),
            },
            // The fourth letter is a blank; a zero is met, too.
            b"XMP " | b"XMP\0" => packets.xmp(Block::borrowed(byte, data)),
            b"C2PA" => packets.manifest(Block::borrowed(byte, data)),
            _ => {}
        }
        at = byte.saturating_add(length).saturating_add(length % 2);
    }
}
