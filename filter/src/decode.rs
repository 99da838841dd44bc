//! Bytes to pixels: JPEG, PNG, GIF (first frame) and WebP (first frame), told apart by their
//! first bytes, never by a header or a name.
//!
//! Bounded: the size in the header is held against the limit before pixels are allocated, and a
//! decoder that panics spoils its own picture only.

mod jpeg;
mod orientation;
mod raster;

use std::panic::{AssertUnwindSafe, catch_unwind};

/// A decoded picture: eight bits a channel, red green blue, row by row, upright.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// `3 * width * height` bytes.
    pub rgb: Vec<u8>,
}

/// A format this crate decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// JPEG (ITU-T T.81), baseline or progressive.
    Jpeg,
    /// PNG.
    Png,
    /// GIF, 87a or 89a.
    Gif,
    /// WebP.
    WebP,
}

/// Why a picture could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// No format that we read.
    #[error("neither JPEG, PNG, GIF nor WebP")]
    UnknownFormat,
    /// A side of no pixels.
    #[error("a picture without pixels")]
    Empty,
    /// More pixels than allowed, by the header.
    #[error("{width}x{height} pixels, more than {limit}")]
    TooManyPixels {
        /// Width by the header.
        width: u64,
        /// Height by the header.
        height: u64,
        /// The limit.
        limit: u64,
    },
    /// The decoder gave up.
    #[error("{0}")]
    Damaged(String),
    /// The decoder panicked: a defect of ours or of its own.
    #[error("the decoder panicked")]
    Panicked,
}

/// The format of `bytes`, by their first bytes.
pub fn sniff(bytes: &[u8]) -> Option<Format> {
    match bytes {
        [0xff, 0xd8, 0xff, ..] => Some(Format::Jpeg),
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Format::Png),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Format::Gif),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Format::WebP),
        _ => None,
    }
}

/// Decodes `bytes`: upright by their EXIF orientation, transparency laid on white.
pub fn decode(bytes: &[u8], max_pixels: u64) -> Result<Pixels, DecodeError> {
    catch_unwind(AssertUnwindSafe(|| decode_unguarded(bytes, max_pixels))).unwrap_or(Err(DecodeError::Panicked))
}

fn decode_unguarded(bytes: &[u8], max_pixels: u64) -> Result<Pixels, DecodeError> {
    let pixels = match sniff(bytes).ok_or(DecodeError::UnknownFormat)? {
        Format::Jpeg => jpeg::decode(bytes, max_pixels)?,
        Format::Png => raster::decode(bytes, image::ImageFormat::Png, max_pixels)?,
        Format::Gif => raster::decode(bytes, image::ImageFormat::Gif, max_pixels)?,
        Format::WebP => raster::decode(bytes, image::ImageFormat::WebP, max_pixels)?,
    };
    Ok(orientation::upright(pixels, orientation::of(bytes)))
}

/// Holds a size against the limit; called with the header's size, before anything is allocated.
fn check_size(width: u64, height: u64, limit: u64) -> Result<(), DecodeError> {
    if width == 0 || height == 0 {
        return Err(DecodeError::Empty);
    }
    if width.checked_mul(height).is_none_or(|pixels| pixels > limit) {
        return Err(DecodeError::TooManyPixels { width, height, limit });
    }
    Ok(())
}
