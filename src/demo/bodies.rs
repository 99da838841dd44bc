//! Bodies that are no photographs: noise, a bomb, furniture, HTML in disguise.

use flate2::{Compression, Crc, write::ZlibEncoder};
use std::io::Write as _;

/// A piece of an endless body, in bytes.
pub(crate) const PIECE: usize = 64 * 1024;

/// A PNG of coloured noise, which no packing makes smaller: about three bytes a pixel.
pub(crate) fn noise(width: u16, height: u16) -> Vec<u8> {
    let row = 3 * usize::from(width) + 1;
    let mut pixels = vec![0; row * usize::from(height)];
    let mut state = 1_u32;
    // The first byte of a row is its filter, and 0 is none.
    for (_, byte) in pixels.iter_mut().enumerate().filter(|(place, _)| place % row != 0) {
        // Numerical Recipes' generator: the same noise every time.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = state.to_be_bytes()[0];
    }
    png(u32::from(width), u32::from(height), Colour::RedGreenBlue, &packed(&pixels))
}

/// A PNG whose header claims 60000 × 60000 pixels, and which unpacks to a good many of them.
pub(crate) fn bomb() -> Vec<u8> {
    png(60_000, 60_000, Colour::Grey, &packed(&vec![0; 8 * 1024 * 1024]))
}

/// The JPEG with an XMP packet that forbids training (PLUS `DataMining`, IPTC 2023.1).
pub(crate) fn marked(jpeg: &[u8]) -> Vec<u8> {
    let packet = "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
        <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
        xmlns:plus=\"http://ns.useplus.org/ldf/xmp/1.0/\" \
        plus:DataMining=\"http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING\"/></rdf:RDF></x:xmpmeta>";
    let (start, rest) = jpeg.split_at(jpeg.len().min(2));
    let length = u16::try_from(packet.len() + 2).unwrap_or(u16::MAX).to_be_bytes();
    [start, &[0xff, 0xe1], &length, packet.as_bytes(), rest].concat()
}

/// A page longer than the smallest picture that is kept.
pub(crate) fn html_in_disguise() -> Vec<u8> {
    let line = "<p>This is not the picture you asked for, and the header is wrong.</p>\n";
    format!("<!DOCTYPE html>\n<title>Not a picture</title>\n{}", line.repeat(100)).into_bytes()
}

/// What many servers answer instead of 404.
pub(crate) const SOFT_MISSING: &str = "<!DOCTYPE html>\n<title>Oops</title>\n<p>We cannot find this picture.</p>\n";

/// A drawing.
pub(crate) const SVG: &str =
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><circle cx=\"5\" cy=\"5\" r=\"4\"/></svg>\n";

/// The start of a JPEG that never ends: its first marker, then a comment as long as one may be,
/// again and again.
pub(crate) fn endless_piece() -> Vec<u8> {
    let mut piece = vec![b'.'; PIECE];
    piece[..6].copy_from_slice(&[0xff, 0xd8, 0xff, 0xfe, 0xff, 0xff]);
    piece
}

/// Packed with zlib. Writing to memory does not fail.
fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// Colour types by their number (PNG specification, section 11.2.1).
#[derive(Clone, Copy)]
enum Colour {
    Grey = 0,
    RedGreenBlue = 2,
}

/// A PNG of eight bits a channel with these packed pixels.
fn png(width: u32, height: u32, colour: Colour, data: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, colour as u8, 0, 0, 0]].concat();
    let chunks = [chunk(*b"IHDR", &header), chunk(*b"IDAT", data), chunk(*b"IEND", &[])];
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunks.concat()].concat()
}

/// A chunk with its length and checksum (PNG specification, section 5.3).
fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    [&length.to_be_bytes()[..], &kind, data, &crc.sum().to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_sizes_that_their_ends_need() {
        assert!(noise(24, 24).len() < 5000);
        // Over the least body: dropped for their sides, not for their bytes.
        for (width, height) in [(48, 48), (640, 80), (160, 120)] {
            assert!(noise(width, height).len() > 5000, "{width}x{height}");
        }
        assert!((5000..100_000).contains(&bomb().len()));
        assert!(html_in_disguise().len() > 5000);
    }
}
