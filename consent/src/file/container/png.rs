//! PNG: chunks `length type data crc`. Text in three forms, EXIF, C2PA in `caBX`.

use super::{
    super::{
        bytes::{Block, big, slice, split_at_byte},
        packet::Packets,
        text,
    },
    exif, iim, irb,
};
use std::borrow::Cow;

const SIGNATURE_LENGTH: usize = 8;
const XMP_KEY: &[u8] = b"XML:com.adobe.xmp";
const PROFILE_KEY: &[u8] = b"Raw profile type ";

pub(super) fn read<'a>(bytes: &'a [u8], packets: &mut Packets<'a>) {
    let mut at = SIGNATURE_LENGTH;
    while let (Some(length), Some(kind)) = (big(bytes, at, 4), bytes.get(at + 4..at + 8)) {
        let byte = at + 8;
        let data = slice(bytes, byte, length);
        match kind {
            b"tEXt" => add_text(data, byte, packets),
            b"zTXt" => add_compressed_text(data, byte, packets),
            b"iTXt" => {
                add_international_text(data, byte, packets);
            }
            b"eXIf" => exif::read(&Block::borrowed(byte, data), packets),
            b"caBX" => packets.manifest(Block::borrowed(byte, data)),
            b"IEND" => break,
            _ => {}
        }
        at = byte.saturating_add(length).saturating_add(4);
    }
}

fn add_text<'a>(data: &'a [u8], byte: usize, packets: &mut Packets<'a>) {
    let (key, value) = split_at_byte(data, 0).unwrap_or((data, &[]));
    add(key, Cow::Borrowed(value), byte, packets);
}

/// Key, method (only zlib is defined), stream.
fn add_compressed_text(data: &[u8], byte: usize, packets: &mut Packets<'_>) {
    if let Some((key, [_, stream @ ..])) = split_at_byte(data, 0) {
        let value = packets.inflate(stream);
        add(key, Cow::Owned(value), byte, packets);
    }
}

/// Key, whether compressed, method, language, key in that language, text in UTF-8.
fn add_international_text<'a>(data: &'a [u8], byte: usize, packets: &mut Packets<'a>) -> Option<()> {
    let (key, rest) = split_at_byte(data, 0)?;
    let (_language, after) = split_at_byte(rest.get(2..)?, 0)?;
    let (_translated, value) = split_at_byte(after, 0)?;
    let value = if rest[0] == 0 { Cow::Borrowed(value) } else { Cow::Owned(packets.inflate(value)) };
    add(key, value, byte, packets);
    Some(())
}

fn add<'a>(key: &[u8], value: Cow<'a, [u8]>, byte: usize, packets: &mut Packets<'a>) {
    if key == XMP_KEY {
        packets.xmp(Block { byte, bytes: value });
    } else if let Some(kind) = key.strip_prefix(PROFILE_KEY) {
        add_profile(kind, &value, byte, packets);
    } else {
        let text = match value {
            Cow::Borrowed(value) => text::guess(value),
            Cow::Owned(value) => Cow::Owned(text::guess(&value).into_owned()),
        };
        packets.field(byte, format!("PNG {}", text::latin1(slice(key, 0, 79))), text);
    }
}

/// What `ImageMagick` and exiftool write: a name, a length and the profile in hexadecimal.
fn add_profile(kind: &[u8], value: &[u8], byte: usize, packets: &mut Packets<'_>) {
    let profile = hexadecimal(value);
    // Under `APP1` stands either, with the head it would have in a JPEG.
    if let Some(tiff) = profile.strip_prefix(b"Exif\0\0") {
        exif::read(&Block::owned(byte, tiff.to_vec()), packets);
    } else if let Some(xmp) = profile.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
        packets.xmp(Block::owned(byte, xmp.to_vec()));
    } else {
        let profile = Block::owned(byte, profile);
        match kind {
            b"xmp" => packets.xmp(profile),
            b"exif" => exif::read(&profile, packets),
            b"iptc" | b"8bim" if profile.bytes.starts_with(b"8BIM") => irb::read(&profile, packets),
            b"iptc" => iim::read(&profile, packets),
            _ => {}
        }
    }
}

/// The digits after name and length, which stand on lines of their own.
fn hexadecimal(value: &[u8]) -> Vec<u8> {
    let value = value.trim_ascii_start();
    let digits = value.splitn(3, |byte| *byte == b'\n').nth(2).unwrap_or_default();
    let digits: Vec<u8> = digits.iter().filter_map(|byte| digit(*byte)).collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}
