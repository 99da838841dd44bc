//! Pictures, and what passes for them: true ones, cut ones, headers that lie, bombs, two things in one.

use super::bombs::deflate;
use crate::common::data::photo;
use flate2::Crc;
use image::{DynamicImage, ImageFormat, RgbImage};
use sha2::{Digest, Sha256};
use std::io::Cursor;

/// A side as no picture has it.
const HUGE: u32 = 60_000;

/// More than the least body that is kept.
const PADDING: usize = 6000;

/// A photograph; the same number gives the same one.
pub(crate) fn photo_jpeg(number: usize) -> Vec<u8> {
    photo(number)
}

/// The photograph that nobody may have: it stands where no request should lead.
pub(crate) fn poison() -> Vec<u8> {
    photo(40)
}

pub(crate) fn poison_sha256() -> String {
    Sha256::digest(poison()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The start of a JPEG that never ends: its first marker, then a comment as long as one may be.
pub(super) fn endless_jpeg() -> Vec<u8> {
    let mut piece = vec![b'.'; 64 * 1024];
    piece[..6].copy_from_slice(&[0xff, 0xd8, 0xff, 0xfe, 0xff, 0xff]);
    piece
}

/// A picture of noise in this format.
pub(super) fn noise(side: u32, format: ImageFormat) -> Vec<u8> {
    let mut state = 1_u32;
    let picture = RgbImage::from_fn(side, side, |_, _| {
        // Numerical Recipes' generator: the same noise every time.
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, c, _] = state.to_be_bytes();
        image::Rgb([a, b, c])
    });
    let mut bytes = Vec::new();
    DynamicImage::ImageRgb8(picture).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A PNG of grey with this header, these chunks, and whatever its pixels unpack from.
pub(super) fn png(width: u32, height: u32, chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 0, 0, 0, 0]].concat();
    let chunks: Vec<u8> = chunks.iter().flat_map(|(kind, data)| chunk(**kind, data)).collect();
    [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(*b"IHDR", &header), chunks, chunk(*b"IEND", &[])].concat()
}

/// A chunk with its length and checksum (PNG specification, section 5.3).
fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(&kind);
    crc.update(data);
    let length = u32::try_from(data.len()).unwrap();
    [&length.to_be_bytes()[..], &kind, data, &crc.sum().to_be_bytes()].concat()
}

/// So many grey pixels, packed.
pub(super) fn grey(width: usize, height: usize) -> Vec<u8> {
    deflate(&vec![0; (width + 1) * height])
}

/// A chunk of text nobody reads, so that the file is no smaller than a picture that is kept.
pub(super) fn padding() -> (&'static [u8; 4], Vec<u8>) {
    (b"tEXt", [b"Comment\0".as_slice(), &[b'.'; PADDING]].concat())
}

pub(super) fn huge_png() -> Vec<u8> {
    png(HUGE, HUGE, &[padding(), (b"IDAT", grey(1000, 1000))])
}

pub(super) fn huge_gif() -> Vec<u8> {
    let side = u16::try_from(HUGE).unwrap().to_le_bytes();
    [b"GIF89a".as_slice(), &side, &side, &[0; PADDING]].concat()
}

/// A photograph whose frame header (ITU-T T.81 section B.2.2) claims to be huge.
pub(super) fn huge_jpeg() -> Vec<u8> {
    let mut bytes = photo_jpeg(0);
    let side = u16::try_from(HUGE).unwrap().to_be_bytes();
    let is_frame = |pair: &[u8]| pair[0] == 0xff && matches!(pair[1], 0xc0 | 0xc2);
    let frame = bytes.windows(2).position(is_frame).unwrap();
    // Marker, length, precision; then height and width.
    bytes[frame + 5..frame + 9].copy_from_slice(&[side, side].concat());
    bytes
}

/// An extended WebP with a canvas of that size (RFC 9649 section 2.7).
pub(super) fn huge_webp() -> Vec<u8> {
    let side = &(HUGE - 1).to_le_bytes()[..3];
    let canvas = [b"VP8X\x0a\0\0\0\0\0\0\0", side, side, &[0; PADDING]].concat();
    let length = u32::try_from(canvas.len() + 4).unwrap().to_le_bytes();
    [b"RIFF".as_slice(), &length, b"WEBP", &canvas].concat()
}

/// A JPEG with a page of script in a comment, its first segment.
pub(super) fn jpeg_and_html() -> Vec<u8> {
    let page = b"<html><script>alert(1)</script></html>";
    let bytes = photo_jpeg(9);
    let length = u16::try_from(page.len() + 2).unwrap().to_be_bytes();
    [&bytes[..2], &[0xff, 0xfe], &length, page, &bytes[2..]].concat()
}

/// A GIF that is a script, too: its size is how the comment opens.
pub(super) fn gif_and_script() -> Vec<u8> {
    [b"GIF89a/*\x01\0".as_slice(), &[b' '; PADDING], b"*/=1;alert(1)//"].concat()
}

/// The end of a ZIP archive with nothing in it, behind a picture.
pub(super) fn png_and_zip() -> Vec<u8> {
    [noise(128, ImageFormat::Png), b"PK\x05\x06".to_vec(), vec![0; 18]].concat()
}

/// A PNG with megabytes of nothing in a compressed text under this keyword (PNG specification, sections 11.3.3.3
/// and 11.3.3.4).
pub(super) fn png_with_text_bomb(kind: [u8; 4], keyword: &[u8]) -> Vec<u8> {
    let head: &[u8] = if &kind == b"iTXt" { &[0, 1, 0, 0, 0] } else { &[0, 0] };
    let text = [keyword, head, &deflate(&vec![b' '; 256 * 1024 * 1024])].concat();
    png(256, 256, &[(&kind, text), (b"IDAT", grey(256, 256))])
}
