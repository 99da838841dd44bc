//! EXIF orientation: cameras store pictures as the sensor lay, and note how to turn them.

use super::Pixels;
use exif::{In, Reader, Tag};
use std::io::Cursor;

/// The EXIF orientation of a picture file, 1 to 8; 1 where none is noted or the note is damaged.
pub(super) fn of(bytes: &[u8]) -> u32 {
    let Ok(exif) = Reader::new().read_from_container(&mut Cursor::new(bytes)) else { return 1 };
    let noted = exif.get_field(Tag::Orientation, In::PRIMARY).and_then(|field| field.value.get_uint(0));
    noted.filter(|orientation| (1..=8).contains(orientation)).unwrap_or(1)
}

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
