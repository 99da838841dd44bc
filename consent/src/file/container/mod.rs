//! Containers: where each image format keeps its metadata. Small walkers that never decode a pixel.
//!
//! Every length in a file may lie and every file may break off: what can be read is read. Strict
//! reading also takes what a reader by the letter must leave out, such as chunks behind the end.

mod bmff;
mod exif;
mod gif;
mod iim;
mod irb;
mod jpeg;
mod png;
mod riff;
mod xml;

pub(super) use xml::fragments;

use super::{
    bytes::Block,
    packet::{Packet, Packets},
};
use crate::policy::Reading;

/// All packets of a file, told by its first bytes and not by its name.
pub(super) fn packets(bytes: &[u8], reading: Reading) -> Vec<Packet<'_>> {
    let mut packets = Packets::of_file(bytes.len(), reading);
    match bytes {
        [0xFF, 0xD8, ..] => jpeg::read(bytes, &mut packets),
        [0x89, b'P', b'N', b'G', ..] => png::read(bytes, &mut packets),
        [b'R', b'I', b'F', b'F', ..] => riff::read(bytes, &mut packets),
        [b'G', b'I', b'F', b'8', ..] => gif::read(bytes, &mut packets),
        [b'I', b'I', 42 | 43, 0, ..] | [b'M', b'M', 0, 42 | 43, ..] => {
            exif::read(&Block::borrowed(0, bytes), &mut packets);
        }
        // AVIF and HEIC; the signature boxes of JPEG XL and JPEG 2000.
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..]
        | [0, 0, 0, 12, b'j', b'P', b' ', b' ', ..] => bmff::read(bytes, &mut packets),
        [0x1F, 0x8B, ..] => xml::read_gzip(bytes, &mut packets),
        _ => xml::read(bytes, &mut packets),
    }
    packets.into_vec()
}
