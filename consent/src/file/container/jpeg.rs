//! JPEG: segments `FF marker length`. EXIF and XMP in APP1, C2PA in APP11, IPTC in APP13, comments.

use super::{
    super::{
        bytes::{Block, big, slice},
        packet::Packets,
        text,
    },
    exif, irb,
};

const EXIF: &[u8] = b"Exif\0\0";
const XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const EXTENDED_XMP: &[u8] = b"http://ns.adobe.com/xmp/extension/\0";
const PHOTOSHOP: &[u8] = b"Photoshop 3.0\0";
const END_OF_IMAGE: u8 = 0xD9;

pub(super) fn read<'a>(bytes: &'a [u8], packets: &mut Packets<'a>) {
    let mut pieces = Pieces::default();
    let mut at = 2;
    while let Some((marker, start)) = next_marker(bytes, at) {
        at = start;
        match marker {
            END_OF_IMAGE => break,
            // No length: TEM, a restart, the start of a thumbnail.
            0x01 | 0xD0..=0xD8 => {}
            _ => {
                let length = big(bytes, start, 2).unwrap_or(0).max(2);
                add_segment(marker, start + 2, slice(bytes, start + 2, length - 2), &mut pieces, packets);
                at = start + length;
            }
        }
    }
    pieces.join(packets);
}

/// The next marker and where its segment begins. Skips fill bytes, compressed data and rubbish.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += memchr::memchr(0xFF, bytes.get(at..)?)? + 1;
        match *bytes.get(at)? {
            0x00 | 0xFF => {}
            marker => return Some((marker, at + 1)),
        }
    }
}

fn add_segment<'a>(marker: u8, byte: usize, body: &'a [u8], pieces: &mut Pieces<'a>, packets: &mut Packets<'a>) {
    let after = |head: &[u8]| body.strip_prefix(head).map(|rest| (byte + head.len(), rest));
    match marker {
        0xE1 => {
            if let Some((byte, tiff)) = after(EXIF) {
                exif::read(&Block::borrowed(byte, tiff), packets);
            } else if let Some((byte, xmp)) = after(XMP) {
                pieces.main.push(xmp);
                packets.xmp(Block::borrowed(byte, xmp));
            } else if let Some((byte, rest)) = after(EXTENDED_XMP) {
                pieces.extended.extend(extended_piece(byte, rest));
            }
        }
        0xEB => pieces.boxes.extend(after(b"JP").and_then(|(byte, rest)| box_piece(byte, rest))),
        0xED => {
            let resources = after(PHOTOSHOP).map(|(byte, body)| Piece { key: &[], position: 0, whole: 0, byte, body });
            pieces.photoshop.extend(resources);
        }
        0xFE => packets.field(byte, "JPEG comment", text::guess(body)),
        _ => {}
    }
}

/// A part of something too long for one segment of 64 KiB.
struct Piece<'a> {
    /// Of what: pieces with the same key belong together.
    key: &'a [u8],
    /// Where in it.
    position: usize,
    /// How long the whole is said to be, where that is said.
    whole: usize,
    byte: usize,
    body: &'a [u8],
}

/// Extended XMP (XMP part 3, section 1.1.3.1): GUID, length of the whole, offset, data.
fn extended_piece(byte: usize, rest: &[u8]) -> Option<Piece<'_>> {
    let (key, whole, position) = (rest.get(..32)?, big(rest, 32, 4)?, big(rest, 36, 4)?);
    Some(Piece { key, position, whole, byte: byte + 40, body: rest.get(40..)? })
}

/// JUMBF (ISO 19566-5, annex D): box instance number En, packet sequence number Z, then the box,
/// whose header is repeated in every segment.
fn box_piece(byte: usize, rest: &[u8]) -> Option<Piece<'_>> {
    let (key, position) = (rest.get(..2)?, big(rest, 2, 4)?);
    Some(Piece { key, position, whole: 0, byte: byte + 6, body: rest.get(6..)? })
}

#[derive(Default)]
struct Pieces<'a> {
    /// Main XMP packets: one of them names the extended one.
    main: Vec<&'a [u8]>,
    extended: Vec<Piece<'a>>,
    boxes: Vec<Piece<'a>>,
    photoshop: Vec<Piece<'a>>,
}

impl<'a> Pieces<'a> {
    fn join(mut self, packets: &mut Packets<'a>) {
        for whole in groups(&mut self.extended) {
            if packets.is_lenient || is_complete(whole, &self.main) {
                packets.xmp(join(whole, overlap));
            }
        }
        for whole in groups(&mut self.boxes) {
            packets.manifest(join(whole, repeated_header));
        }
        for whole in groups(&mut self.photoshop) {
            irb::read(&join(whole, |_, _| 0), packets);
        }
    }
}

/// Pieces that belong together, in order. They may stand in any order in the file.
fn groups<'p, 'a>(pieces: &'p mut [Piece<'a>]) -> impl Iterator<Item = &'p [Piece<'a>]> {
    pieces.sort_by_key(|piece| (piece.key, piece.position));
    pieces.chunk_by(|one, next| one.key == next.key)
}

/// Joins pieces; `skip` tells how much of the next one is there already.
fn join<'a>(whole: &[Piece<'a>], skip: impl Fn(usize, &Piece<'a>) -> usize) -> Block<'a> {
    if let [only] = whole {
        return Block::borrowed(only.byte, only.body);
    }
    let mut joined = Vec::new();
    for piece in whole {
        let skip = skip(joined.len(), piece).min(piece.body.len());
        joined.extend_from_slice(&piece.body[skip..]);
    }
    Block::owned(whole.first().map_or(0, |first| first.byte), joined)
}

/// Whether a reader by the letter takes an extended packet: named by a main one, without a gap, of
/// the length it is said to have. Editors that do not know it leave stale ones behind.
fn is_complete(whole: &[Piece<'_>], main: &[&[u8]]) -> bool {
    let end = whole.iter().try_fold(0, |end, piece| (piece.position == end).then_some(end + piece.body.len()));
    let is_named = |piece: &Piece<'_>| main.iter().any(|packet| memchr::memmem::find(packet, piece.key).is_some());
    whole.first().is_some_and(|first| end == Some(first.whole) && is_named(first))
}

/// A gap is closed up: what follows it is read as far as it can be.
fn overlap(length: usize, piece: &Piece<'_>) -> usize {
    length.saturating_sub(piece.position)
}

fn repeated_header(length: usize, piece: &Piece<'_>) -> usize {
    match (length, big(piece.body, 0, 4)) {
        (0, _) => 0,
        // A length of 1 says that the real one follows in eight more bytes.
        (_, Some(1)) => 16,
        _ => 8,
    }
}
