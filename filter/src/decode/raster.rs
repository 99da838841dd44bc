//! PNG, GIF and WebP, with transparency laid on white.
//!
//! Stills in WebP go through libwebp, at over twice the speed of the crate `image`, which does the rest.

use super::{
    DecodeError, Format, Pixels, Stored, check_size,
    profile::{self, Channels},
};
use image::{ColorType, DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use webp::{BitstreamFeatures, PixelLayout};

/// Most bytes a decoder takes for one pixel: four channels of 16 bits, and as much again for its
/// own buffers.
const BYTES_PER_PIXEL: u64 = 16;

/// What a decoder may take beside its pixels; also the largest profile and the longest text that is unpacked.
const OVERHEAD_BYTES: u64 = 16 * 1024 * 1024;

pub(super) fn decode(bytes: &[u8], format: Format, max_pixels: u64) -> Result<Stored, DecodeError> {
    let (width, height) = claimed_size(bytes, format)?;
    check_size(width.into(), height.into(), max_pixels)?;
    let is_still = BitstreamFeatures::new(bytes).is_some_and(|features| !features.has_animation());
    let drawn = if format == Format::WebP && is_still {
        webp_still(bytes)?
    } else {
        other(bytes, format, u64::from(width) * u64::from(height), max_pixels)?
    };
    Ok(flat(drawn))
}

/// A picture with its alpha and its profile.
struct Drawn {
    width: u32,
    height: u32,
    values: Vec<u8>,
    channels: Channels,
    profile: Option<Vec<u8>>,
}

/// The size by the header, which stands at a fixed place; what the decoder may take is measured by it.
fn claimed_size(bytes: &[u8], format: Format) -> Result<(u32, u32), DecodeError> {
    let cut = || DecodeError::Damaged("cut off in its header".into());
    match format {
        Format::Png => {
            // PNG, 11.2.2: IHDR is the first chunk.
            let four = |at: usize| bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes);
            four(16).zip(four(20)).ok_or_else(cut)
        }
        Format::Gif => {
            // GIF 89a, 18: the logical screen.
            let two = |at: usize| bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes);
            two(6).zip(two(8)).map(|(width, height)| (width.into(), height.into())).ok_or_else(cut)
        }
        _ => BitstreamFeatures::new(bytes).map(|features| (features.width(), features.height())).ok_or_else(cut),
    }
}

fn webp_still(bytes: &[u8]) -> Result<Drawn, DecodeError> {
    let damaged = || DecodeError::Damaged("libwebp cannot decode it".into());
    let picture = webp::Decoder::new(bytes).decode().ok_or_else(damaged)?;
    let channels = if picture.layout() == PixelLayout::Rgba { Channels::Rgba } else { Channels::Rgb };
    let (width, height) = (picture.width(), picture.height());
    Ok(Drawn { width, height, values: picture.to_vec(), channels, profile: riff_chunk(bytes, *b"ICCP") })
}

/// The first chunk of this name in a RIFF file (RFC 9649, section 2.3).
fn riff_chunk(bytes: &[u8], name: [u8; 4]) -> Option<Vec<u8>> {
    let mut rest = bytes.get(12..)?;
    while let Some((head, body)) = rest.split_at_checked(8) {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        if head[..4] == name {
            return body.get(..length).map(<[u8]>::to_vec);
        }
        rest = body.get(length.checked_next_multiple_of(2)?..)?;
    }
    None
}

/// Through the crate `image`; of an animation this reads the first frame.
fn other(bytes: &[u8], format: Format, pixels: u64, max_pixels: u64) -> Result<Drawn, DecodeError> {
    let format = match format {
        Format::Png => ImageFormat::Png,
        Format::Gif => ImageFormat::Gif,
        _ => ImageFormat::WebP,
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(pixels.saturating_mul(BYTES_PER_PIXEL).saturating_add(OVERHEAD_BYTES));
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    check_size(width.into(), height.into(), max_pixels)?;
    let profile = decoder.icc_profile().ok().flatten();
    let is_grey = matches!(decoder.color_type(), ColorType::L8 | ColorType::L16 | ColorType::La8 | ColorType::La16);
    let picture = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    let (values, channels) = if picture.color().has_alpha() {
        (picture.into_rgba8().into_raw(), if is_grey { Channels::GreyAlpha } else { Channels::Rgba })
    } else {
        (picture.into_rgb8().into_raw(), if is_grey { Channels::Grey } else { Channels::Rgb })
    };
    Ok(Drawn { width, height, values, channels, profile })
}

/// Brought to sRGB, and laid on white.
fn flat(drawn: Drawn) -> Stored {
    let Drawn { width, height, mut values, channels, profile } = drawn;
    let is_coloured = profile.is_some_and(|profile| profile::to_srgb(&profile, &mut values, channels));
    let has_alpha = matches!(channels, Channels::Rgba | Channels::GreyAlpha);
    let rgb = if has_alpha { on_white(&values) } else { values };
    Stored { pixels: Pixels { width, height, rgb }, width, height, interpreted: is_coloured || has_alpha }
}

/// Lays transparent pixels on white, which is what a page shows them on most often, and what
/// img2dataset does.
pub(super) fn on_white(rgba: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(rgba.len() / 4 * 3);
    for pixel in rgba.as_chunks::<4>().0 {
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
