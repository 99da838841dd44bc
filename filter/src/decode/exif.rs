//! EXIF: cameras store pictures as the sensor lay, and note how to turn them; of what else they note,
//! what tells where a picture comes from is kept. Where it was taken never is.

use super::Pixels;
use exif::{Exif, Field, In, Reader, Tag, Value};
use serde_json::Map;
use std::io::Cursor;

/// Longest value kept, in characters.
const MAX_CHARS: usize = 256;

/// The tags kept, under the names that img2dataset's `exif` column has for them.
const KEPT: [(Tag, &str); 9] = [
    (Tag::Make, "Image Make"),
    (Tag::Model, "Image Model"),
    (Tag::Orientation, "Image Orientation"),
    (Tag::Software, "Image Software"),
    (Tag::DateTime, "Image DateTime"),
    (Tag::Artist, "Image Artist"),
    (Tag::Copyright, "Image Copyright"),
    (Tag::DateTimeOriginal, "EXIF DateTimeOriginal"),
    (Tag::DateTimeDigitized, "EXIF DateTimeDigitized"),
];

/// What a file's EXIF says that matters here.
pub(super) struct Notes {
    /// How the picture is to be turned, 1 to 8; 1 where none is noted or the note is damaged.
    pub(super) orientation: u32,
    /// The kept tags as a JSON object; `None` where there are none.
    pub(super) kept: Option<String>,
}

impl Notes {
    /// Reads the notes of a picture file; damaged ones as far as they can be.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let read = Reader::new().continue_on_error(true).read_from_container(&mut Cursor::new(bytes));
        match read.or_else(|error| error.distill_partial_result(|_| ())) {
            Ok(exif) => Self { orientation: orientation(&exif), kept: kept(&exif) },
            Err(_) => Self { orientation: 1, kept: None },
        }
    }
}

fn orientation(exif: &Exif) -> u32 {
    let noted = exif.get_field(Tag::Orientation, In::PRIMARY).and_then(|field| field.value.get_uint(0));
    noted.filter(|orientation| (1..=8).contains(orientation)).unwrap_or(1)
}

fn kept(exif: &Exif) -> Option<String> {
    let mut notes = Map::new();
    for (tag, name) in KEPT {
        let text = exif.get_field(tag, In::PRIMARY).and_then(text);
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            notes.insert(name.to_owned(), text.into());
        }
    }
    (!notes.is_empty()).then(|| serde_json::Value::Object(notes).to_string())
}

/// A value as text: orientations in exifread's words, texts as they stand, without what cannot be shown.
fn text(field: &Field) -> Option<String> {
    if field.tag == Tag::Orientation {
        let number = usize::try_from(field.value.get_uint(0)?).ok()?;
        return ORIENTATIONS.get(number.checked_sub(1)?).map(|words| (*words).to_owned());
    }
    let Value::Ascii(parts) = &field.value else { return None };
    let joined = parts.iter().map(|part| String::from_utf8_lossy(part)).collect::<Vec<_>>().join("; ");
    let shown: String = joined.chars().filter(|letter| !letter.is_control()).take(MAX_CHARS).collect();
    Some(shown.trim().to_owned())
}

const ORIENTATIONS: [&str; 8] = [
    "Horizontal (normal)",
    "Mirrored horizontal",
    "Rotated 180",
    "Mirrored vertical",
    "Mirrored horizontal then rotated 90 CCW",
    "Rotated 90 CW",
    "Mirrored horizontal then rotated 90 CW",
    "Rotated 90 CCW",
];

/// Turns and mirrors `pixels` upright (EXIF 2.32, tag 0x0112).
pub(super) fn upright(pixels: Pixels, orientation: u32) -> Pixels {
    if orientation == 1 {
        return pixels;
    }
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let (new_width, new_height) = if orientation >= 5 { (height, width) } else { (width, height) };
    let mut rgb = Vec::with_capacity(pixels.rgb.len());
    for y in 0..new_height {
        for x in 0..new_width {
            let (from_x, from_y) = match orientation {
                2 => (width - 1 - x, y),
                3 => (width - 1 - x, height - 1 - y),
                4 => (x, height - 1 - y),
                5 => (y, x),
                6 => (y, height - 1 - x),
                7 => (width - 1 - y, height - 1 - x),
                8 => (width - 1 - y, x),
                _ => (x, y),
            };
            let start = 3 * (from_y * width + from_x);
            rgb.extend_from_slice(&pixels.rgb[start..start + 3]);
        }
    }
    let turned = orientation >= 5;
    let (width, height) = if turned { (pixels.height, pixels.width) } else { (pixels.width, pixels.height) };
    Pixels { width, height, rgb }
}
