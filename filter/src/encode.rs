//! Pixels to bytes: JPEG, PNG, WebP, with the meaning of quality that img2dataset has from OpenCV.

use crate::decode::Pixels;
use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use schema::EncodeFormat;
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

/// `pixels` in `format`. Nothing comes along but pixels: no places, no names.
pub(crate) fn encode(pixels: &Pixels, format: EncodeFormat, quality: u32) -> Result<Vec<u8>, String> {
    match format {
        EncodeFormat::Jpg => jpeg(pixels, quality).map_err(|error| error.to_string()),
        EncodeFormat::Png => png(pixels, quality).map_err(|error| error.to_string()),
        EncodeFormat::Webp => webp(pixels, quality),
    }
}

fn jpeg(pixels: &Pixels, quality: u32) -> turbojpeg::Result<Vec<u8>> {
    let mut compressor = Compressor::new()?;
    // libjpeg-turbo knows no quality of 0, OpenCV's 0 is its 1.
    compressor.set_quality(i32::try_from(quality.clamp(1, 100)).unwrap_or(100))?;
    compressor.set_subsamp(Subsamp::Sub2x2)?;
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let pixels = &pixels.rgb[..];
    compressor.compress_to_vec(Image { pixels, width, pitch: 3 * width, height, format: PixelFormat::RGB })
}

fn png(pixels: &Pixels, compression: u32) -> image::ImageResult<Vec<u8>> {
    let level = match u8::try_from(compression).unwrap_or(9) {
        0 => CompressionType::Uncompressed,
        level => CompressionType::Level(level.min(9)),
    };
    let mut bytes = Vec::new();
    PngEncoder::new_with_quality(&mut bytes, level, FilterType::Adaptive).write_image(
        &pixels.rgb,
        pixels.width,
        pixels.height,
        ExtendedColorType::Rgb8,
    )?;
    Ok(bytes)
}

#[expect(clippy::cast_precision_loss, reason = "at most 101")]
fn webp(pixels: &Pixels, quality: u32) -> Result<Vec<u8>, String> {
    let picture = webp::Encoder::from_rgb(&pixels.rgb, pixels.width, pixels.height);
    let encoded = picture.encode_simple(quality > 100, quality.min(100) as f32);
    encoded.map(|bytes| bytes.to_vec()).map_err(|error| format!("libwebp: {error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Format, decode, sniff};

    #[test]
    fn each_format_reads_back() {
        let rgb = (0..60).flat_map(|y: u8| (0..80).flat_map(move |x: u8| [3 * x, 4 * y, x + y])).collect();
        let pixels = Pixels { width: 80, height: 60, rgb };
        for (format, quality, sniffed, most) in [
            (EncodeFormat::Jpg, 95, Format::Jpeg, 30),
            (EncodeFormat::Jpg, 0, Format::Jpeg, 255),
            (EncodeFormat::Png, 0, Format::Png, 0),
            (EncodeFormat::Png, 9, Format::Png, 0),
            (EncodeFormat::Webp, 95, Format::WebP, 40),
            (EncodeFormat::Webp, 101, Format::WebP, 0),
        ] {
            let bytes = encode(&pixels, format, quality).unwrap();
            assert_eq!(sniff(&bytes), Some(sniffed));
            let back = decode(&bytes, 10_000).unwrap();
            let worst = back.rgb.iter().zip(&pixels.rgb).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!(worst <= most, "{format:?} {quality}: off by {worst}");
        }
        let size = |quality| encode(&pixels, EncodeFormat::Jpg, quality).unwrap().len();
        assert!(size(30) < size(95));
    }
}
