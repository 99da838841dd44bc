//! PNG, GIF and WebP through the crate `image`, with transparency laid on white.

use super::{DecodeError, Pixels, check_size};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Most bytes a decoder takes for one pixel: four channels of 16 bits, and as much again for its
/// own buffers.
const BYTES_PER_PIXEL: u64 = 16;

/// What a decoder may take beside its pixels.
const OVERHEAD_BYTES: u64 = 16 * 1024 * 1024;

pub(super) fn decode(bytes: &[u8], format: ImageFormat, max_pixels: u64) -> Result<Pixels, DecodeError> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(max_pixels.saturating_mul(BYTES_PER_PIXEL).saturating_add(OVERHEAD_BYTES));
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    check_size(width.into(), height.into(), max_pixels)?;
    // Of an animation this reads the first frame.
    let picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    let rgb = if picture.color().has_alpha() {
        on_white(&picture.into_rgba8().into_raw())
    } else {
        picture.into_rgb8().into_raw()
    };
    Ok(Pixels { width, height, rgb })
}

/// Lays transparent pixels on white, which is what a page shows them on most often.
fn on_white(rgba: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    for pixel in rgba.chunks_exact(4) {
        let alpha = u16::from(pixel[3]);
        for channel in &pixel[..3] {
            let mixed = (u16::from(*channel) * alpha + 255 * (255 - alpha) + 127) / 255;
            rgb.push(u8::try_from(mixed).unwrap_or(u8::MAX));
        }
    }
    rgb
}

#[expect(clippy::needless_pass_by_value, reason = "fits map_err")]
fn damaged(error: image::ImageError) -> DecodeError {
    DecodeError::Damaged(error.to_string())
}
