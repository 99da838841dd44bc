//! Photoshop image resources: `8BIM`, id, name, length, data. IPTC-IIM is one of them.

use super::{
    super::{
        bytes::{Block, big},
        packet::Packets,
    },
    iim,
};

const IPTC: usize = 0x0404;
const XMP: usize = 0x0424;

pub(super) fn read<'a>(block: &Block<'a>, packets: &mut Packets<'a>) {
    let mut at = 0;
    while let Some((id, start, length)) = resource(&block.bytes, at) {
        match id {
            IPTC => iim::read(&block.part(start, length), packets),
            XMP => packets.xmp(block.part(start, length)),
            _ => {}
        }
        at = start.saturating_add(length).saturating_add(length % 2);
    }
}

/// Id, start and length of the resource at `at`. Name and data are padded to even lengths.
fn resource(block: &[u8], at: usize) -> Option<(usize, usize, usize)> {
    if block.get(at..at.checked_add(4)?)? != b"8BIM" {
        return None;
    }
    let name = 1 + usize::from(*block.get(at + 6)?);
    let size_at = at + 6 + name + name % 2;
    Some((big(block, at + 4, 2)?, size_at + 4, big(block, size_at, 4)?))
}
