//! Bytes to pixels: JPEG, PNG, GIF (first frame), WebP (first frame) and AVIF, told apart by their
//! first bytes, never by a header or a name. Upright by EXIF, in sRGB by the colour profile,
//! transparency laid on white.
//!
//! Bounded: the size in the header is held against the limit before pixels are allocated, and a
//! decoder that panics spoils its own picture only.

mod avif;
mod exif;
mod inks;
mod jpeg;
mod profile;
mod raster;

use exif::Notes;
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

/// A decoded picture, and what its file said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The pixels; fewer than the file has, where fewer were asked for.
    pub pixels: Pixels,
    /// Width of the whole picture, upright.
    pub width: u32,
    /// Height of the whole picture, upright.
    pub height: u32,
    /// The format by the first bytes.
    pub format: Format,
    /// Whether a program that minds neither orientation, profile nor transparency would see another
    /// picture in these bytes.
    pub interpreted: bool,
    /// What EXIF notes of camera, time, program and author, as a JSON object of texts under img2dataset's
    /// names (`Image Make`); never the place.
    pub exif: Option<String>,
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
    /// AVIF.
    Avif,
}

/// Why a picture could not be decoded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// No format that we read.
    #[error("neither JPEG, PNG, GIF, WebP nor AVIF")]
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
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f' | b's', ..] => Some(Format::Avif),
        _ => None,
    }
}

/// Decodes `bytes` whole.
pub fn decode(bytes: &[u8], max_pixels: u64) -> Result<Pixels, DecodeError> {
    decode_for(bytes, max_pixels, |_, _| 1.0).map(|decoded| decoded.pixels)
}

/// Decodes `bytes` with as few pixels as its uses can do with. `scale_of` is told width and height
/// (as stored, perhaps lying on the side) and names the largest scale at which the picture will be
/// used; what comes back is large enough to be resized to that without visible loss.
pub fn decode_for(bytes: &[u8], max_pixels: u64, scale_of: impl Fn(u32, u32) -> f64) -> Result<Decoded, DecodeError> {
    let decode = || decode_unguarded(bytes, max_pixels, &scale_of);
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or(Err(DecodeError::Panicked))
}

fn decode_unguarded(bytes: &[u8], max_pixels: u64, scale_of: &ScaleOf) -> Result<Decoded, DecodeError> {
    let format = sniff(bytes).ok_or(DecodeError::UnknownFormat)?;
    let Notes { orientation, kept } = Notes::of(bytes);
    let (stored, orientation) = match format {
        Format::Jpeg => (jpeg::decode(bytes, max_pixels, scale_of)?, orientation),
        Format::Png | Format::Gif | Format::WebP => (raster::decode(bytes, format, max_pixels)?, orientation),
        Format::Avif => avif::decode(bytes, max_pixels)?,
    };
    let (width, height) = if orientation >= 5 { (stored.height, stored.width) } else { (stored.width, stored.height) };
    let pixels = exif::upright(stored.pixels, orientation);
    let interpreted = stored.interpreted || orientation != 1;
    Ok(Decoded { pixels, width, height, format, interpreted, exif: kept })
}

/// See [`decode_for`].
type ScaleOf<'a> = dyn Fn(u32, u32) -> f64 + 'a;

/// A picture as a decoder gives it: not yet turned.
struct Stored {
    pixels: Pixels,
    width: u32,
    height: u32,
    interpreted: bool,
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
