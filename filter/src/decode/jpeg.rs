//! JPEG through libjpeg-turbo, the fastest decoder measured, and equal bit for bit to what Pillow
//! and OpenCV give.

use super::{DecodeError, Pixels, check_size};
use turbojpeg::{Colorspace, Decompressor, Error, Image, PixelFormat};

/// Most scans of a progressive picture. Encoders write about ten; a file of a few kilobytes can
/// ask for thousands, each a pass over all pixels ("Two Issues with the JPEG Standard", 2015).
const MAX_SCANS: u32 = 100;

pub(super) fn decode(bytes: &[u8], max_pixels: u64) -> Result<Pixels, DecodeError> {
    let mut decompressor = Decompressor::new().map_err(damaged)?;
    decompressor.set_scan_limit(MAX_SCANS).map_err(damaged)?;
    let header = decompressor.read_header(bytes).map_err(damaged)?;
    check_size(header.width as u64, header.height as u64, max_pixels)?;

    let four_inks = matches!(header.colorspace, Colorspace::CMYK | Colorspace::YCCK);
    let (format, channels) = if four_inks { (PixelFormat::CMYK, 4) } else { (PixelFormat::RGB, 3) };
    let pitch = channels * header.width;
    let mut buffer = vec![0; pitch * header.height];
    let target = Image { pixels: &mut buffer[..], width: header.width, pitch, height: header.height, format };
    match decompressor.decompress(bytes, target) {
        Ok(()) => {}
        Err(error) if is_harmless(&error) => {}
        Err(error) => return Err(damaged(error)),
    }
    if four_inks {
        buffer = inks_to_rgb(&buffer);
    }
    let side = |length: usize| u32::try_from(length).map_err(|_| DecodeError::Empty);
    Ok(Pixels { width: side(header.width)?, height: side(header.height)?, rgb: buffer })
}

/// libjpeg warns and goes on, the crate turns each warning into an error. This one is common on
/// the web (junk between the pixels and the end marker) and costs no pixel; a file cut short
/// stays an error.
fn is_harmless(error: &Error) -> bool {
    matches!(error, Error::TurboJpegError(text) if text.contains("extraneous bytes before marker"))
}

/// Four inks to red, green and blue. Photoshop writes inks inverted (255 is none), nearly all
/// files on the web come from it, and Pillow reads all so (`CMYK;I`).
fn inks_to_rgb(inks: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(inks.len() / 4 * 3);
    for pixel in inks.chunks_exact(4) {
        let black = u16::from(pixel[3]);
        for ink in &pixel[..3] {
            let light = (u16::from(*ink) * black + 127) / 255;
            rgb.push(u8::try_from(light).unwrap_or(u8::MAX));
        }
    }
    rgb
}

fn damaged(error: Error) -> DecodeError {
    match error {
        Error::TurboJpegError(text) => DecodeError::Damaged(text),
        other => DecodeError::Damaged(other.to_string()),
    }
}
