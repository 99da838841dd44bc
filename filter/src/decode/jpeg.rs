//! JPEG through libjpeg-turbo, the fastest decoder measured, and equal bit for bit to what Pillow
//! and OpenCV give, unless fewer pixels are asked for: then most of the inverse DCT is left out.

use super::{
    DecodeError, Pixels, ScaleOf, Stored, check_size, inks,
    profile::{self, Channels},
};
use turbojpeg::{Colorspace, DecompressHeader, Decompressor, Error, Image, PixelFormat, ScalingFactor};

/// Most scans of a progressive picture. Encoders write about ten; a file of a few kilobytes can
/// ask for thousands, each a pass over all pixels ("Two Issues with the JPEG Standard", 2015).
const MAX_SCANS: u32 = 100;

/// How much larger than its use a picture must stay: at 1.5 the result keeps 41 dB against the one
/// from all pixels, below that 34 to 37.
const MARGIN: f64 = 1.5;

pub(super) fn decode(bytes: &[u8], max_pixels: u64, scale_of: &ScaleOf) -> Result<Stored, DecodeError> {
    let places = profile::jpeg_parts(bytes);
    let profile = profile::of_jpeg(bytes);
    if profile.is_some() || places.is_empty() {
        return decode_with(bytes, profile.as_deref(), max_pixels, scale_of);
    }
    // libjpeg-turbo stumbles over a profile of which a part is missing; a browser shows the picture.
    let (mut without, mut at) = (Vec::with_capacity(bytes.len()), 0);
    for place in places {
        without.extend_from_slice(&bytes[at..place.start]);
        at = place.end;
    }
    without.extend_from_slice(&bytes[at..]);
    decode_with(&without, None, max_pixels, scale_of)
}

fn decode_with(
    bytes: &[u8],
    profile: Option<&[u8]>,
    max_pixels: u64,
    scale_of: &ScaleOf,
) -> Result<Stored, DecodeError> {
    let mut decompressor = Decompressor::new().map_err(damaged)?;
    decompressor.set_scan_limit(MAX_SCANS).map_err(damaged)?;
    let header = decompressor.read_header(bytes).map_err(damaged)?;
    check_size(header.width as u64, header.height as u64, max_pixels)?;

    let factor = factor(&header, scale_of)?;
    decompressor.set_scaling_factor(factor).map_err(damaged)?;
    let scaled = header.scaled(factor);
    let four_inks = matches!(header.colorspace, Colorspace::CMYK | Colorspace::YCCK);
    let (format, channels) = if four_inks { (PixelFormat::CMYK, 4) } else { (PixelFormat::RGB, 3) };
    let pitch = channels * scaled.width;
    let mut buffer = vec![0; pitch * scaled.height];
    let target = Image { pixels: &mut buffer[..], width: scaled.width, pitch, height: scaled.height, format };
    match decompressor.decompress(bytes, target) {
        Ok(()) => {}
        Err(error) if is_harmless(&error) => {}
        Err(error) => return Err(damaged(error)),
    }
    let interpreted = if four_inks {
        buffer = inks::to_rgb(&buffer, profile);
        true
    } else {
        let channels = if header.colorspace == Colorspace::Gray { Channels::Grey } else { Channels::Rgb };
        profile.is_some_and(|profile| profile::to_srgb(profile, &mut buffer, channels))
    };
    Ok(Stored {
        pixels: Pixels { width: side(scaled.width)?, height: side(scaled.height)?, rgb: buffer },
        width: side(header.width)?,
        height: side(header.height)?,
        interpreted,
    })
}

/// The strongest reduction that leaves [`MARGIN`]. Five, six and seven eighths are left out: libjpeg-turbo
/// has no vector code for them, and takes longer than for all pixels (500, 440 and 350 pictures a second
/// against 570; a half and three eighths do 615).
fn factor(header: &DecompressHeader, scale_of: &ScaleOf) -> Result<ScalingFactor, DecodeError> {
    if header.is_lossless {
        return Ok(ScalingFactor::ONE);
    }
    let wanted = scale_of(side(header.width)?, side(header.height)?) * MARGIN;
    let factors = [1, 2, 3, 4].map(|eighths| (ScalingFactor::new(eighths, 8), eighths as f64 / 8.0));
    Ok(factors.into_iter().find(|(_, scale)| *scale >= wanted).map_or(ScalingFactor::ONE, |(factor, _)| factor))
}

fn side(length: usize) -> Result<u32, DecodeError> {
    u32::try_from(length).map_err(|_| DecodeError::Empty)
}

/// libjpeg warns and goes on, the crate turns each warning into an error. This one is common on
/// the web (junk between the pixels and the end marker) and costs no pixel; a file cut short
/// stays an error.
fn is_harmless(error: &Error) -> bool {
    matches!(error, Error::TurboJpegError(text) if text.contains("extraneous bytes before marker"))
}

fn damaged(error: Error) -> DecodeError {
    match error {
        Error::TurboJpegError(text) => DecodeError::Damaged(text),
        other => DecodeError::Damaged(other.to_string()),
    }
}
