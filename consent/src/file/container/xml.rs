//! SVG, and XMP packets that lie bare in a file of another format.

use super::super::{bytes::Block, packet::Packets};
use memchr::memmem;
use std::io::Read;

/// Most bare packets looked for.
const MOST_PACKETS: usize = 16;
/// An SVG longer than this is not read whole; the packets in it are still cut out.
const MAX_SVG: usize = 4 << 20;

pub(super) fn read<'a>(bytes: &'a [u8], packets: &mut Packets<'a>) {
    if is_svg(bytes) && bytes.len() <= MAX_SVG {
        // Its rights may stand in prefixes that the root element declares, so the whole is read.
        packets.xmp(Block::borrowed(0, bytes));
        return;
    }
    // XMP part 3 allows for a search for packets where the format is not known.
    for (byte, packet) in fragments(bytes) {
        packets.xmp(Block::borrowed(byte, packet));
    }
}

/// A compressed SVG. Any other gzip is no picture.
pub(super) fn read_gzip(bytes: &[u8], packets: &mut Packets<'_>) {
    let limit = u64::try_from(MAX_SVG).unwrap_or(u64::MAX);
    let mut inflated = Vec::new();
    // What can be read is read.
    let _ = flate2::read::GzDecoder::new(bytes).take(limit).read_to_end(&mut inflated);
    if is_svg(&inflated) {
        packets.xmp(Block::owned(0, inflated));
    }
}

/// By its root element within the first kilobytes, in UTF-8 or UTF-16.
fn is_svg(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4096)];
    ["<svg", ":svg"].iter().any(|root| {
        let wide: Vec<u8> = root.bytes().flat_map(|letter| [0, letter]).skip(1).collect();
        memmem::find(head, root.as_bytes()).is_some() || memmem::find(head, &wide).is_some()
    })
}

/// RDF that stands anywhere in `bytes`, with the place of each.
pub(in super::super) fn fragments(bytes: &[u8]) -> Vec<(usize, &[u8])> {
    let mut found = Vec::new();
    for (open, close) in [("<x:xmpmeta", "</x:xmpmeta>"), ("<rdf:RDF", "</rdf:RDF>")] {
        let mut at = 0;
        while let Some(start) = memmem::find(&bytes[at..], open.as_bytes()).map(|found| at + found) {
            let Some(length) = memmem::find(&bytes[start..], close.as_bytes()) else { break };
            at = start + length + close.len();
            if found.len() < MOST_PACKETS {
                found.push((start, &bytes[start..at]));
            }
        }
        // The outer wrapper holds the inner one.
        if !found.is_empty() {
            break;
        }
    }
    found
}
