//! Odd pictures: every format, every orientation, damage, and headers that lie.

use crate::support::odd;
use filter::decode::{DecodeError, Format, Pixels, decode, decode_for, sniff};

const LIMIT: u64 = 89_478_484;

fn read(name: &str) -> Pixels {
    let pixels = decode(&odd(name), LIMIT).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(pixels.rgb.len(), 3 * pixels.width as usize * pixels.height as usize, "{name}");
    pixels
}

fn at(pixels: &Pixels, x: u32, y: u32) -> [u8; 3] {
    let start = 3 * (y * pixels.width + x) as usize;
    pixels.rgb[start..start + 3].try_into().unwrap()
}

fn near(found: [u8; 3], wanted: [u8; 3]) -> bool {
    found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 12)
}

/// 24 × 16: red, green over blue, white.
fn assert_corners(name: &str) {
    let pixels = read(name);
    assert_eq!((pixels.width, pixels.height), (24, 16), "{name}");
    for (x, y, colour) in [(3, 3, [255, 0, 0]), (20, 3, [0, 255, 0]), (3, 12, [0, 0, 255]), (20, 12, [255, 255, 255])] {
        assert!(near(at(&pixels, x, y), colour), "{name}: {:?} at {x},{y}", at(&pixels, x, y));
    }
}

#[test]
fn every_format_shows_the_same_picture() {
    for name in ["corners.jpg", "progressive.jpg", "cmyk.jpg", "lossless.webp", "lossy.webp"] {
        assert_corners(name);
    }
}

#[test]
fn exif_orientations_are_turned_upright() {
    for orientation in 2..=8 {
        assert_corners(&format!("exif-{orientation}.jpg"));
    }
}

#[test]
fn grey_and_tiny_pictures_decode() {
    let grey = read("grey.jpg");
    let [red, green, blue] = at(&grey, 3, 3);
    assert!(red == green && green == blue && red.abs_diff(76) <= 3, "red has luma 76, not {red}");
    assert!(near(at(&read("dot.jpg"), 0, 0), [10, 200, 30]));
    assert_eq!(at(&read("dot.png"), 0, 0), [10, 200, 30]);
    assert_eq!(at(&read("grey-16.png"), 1, 1), [128; 3]);
}

#[test]
fn transparency_is_laid_on_white() {
    let alpha = read("alpha.png");
    assert_eq!((at(&alpha, 0, 0), at(&alpha, 1, 0)), ([255; 3], [127; 3]));
    let palette = read("palette-transparent.png");
    assert_eq!((at(&palette, 0, 0), at(&palette, 1, 0)), ([255; 3], [0, 0, 255]));
    assert_eq!(at(&read("grey-alpha.png"), 0, 0), [255; 3]);
    let webp = read("alpha.webp");
    assert_eq!((at(&webp, 0, 0), at(&webp, 20, 20)), ([255; 3], [127; 3]));
}

#[test]
fn of_an_animation_the_first_frame_counts() {
    for name in ["animated.gif", "animated.webp"] {
        assert_eq!(at(&read(name), 2, 2), [255, 0, 0], "{name}");
    }
}

#[test]
fn headers_that_promise_too_much_are_refused_before_anything_is_allocated() {
    for (name, side) in [("bomb.png", 60_000), ("bomb.jpg", 65_500), ("bomb.gif", 65_535)] {
        let error = decode(&odd(name), LIMIT).unwrap_err();
        assert_eq!(error, DecodeError::TooManyPixels { width: side, height: side, limit: LIMIT }, "{name}");
    }
    assert!(decode(&odd("corners.jpg"), 24 * 16).is_ok());
    assert!(decode(&odd("corners.jpg"), 24 * 16 - 1).is_err());
}

#[test]
fn a_picture_of_a_thousand_scans_is_refused() {
    let whole = odd("progressive.jpg");
    let last = whole.windows(2).rposition(|two| two == [0xff, 0xda]).unwrap();
    let (head, scan) = (&whole[..last], &whole[last..whole.len() - 2]);
    let many = [head, &scan.repeat(1000), &[0xff, 0xd9]].concat();
    let error = decode(&many, LIMIT).unwrap_err();
    assert!(matches!(&error, DecodeError::Damaged(text) if text.contains("scans")), "{error}");
    assert!(decode(&[head, scan, &[0xff, 0xd9]].concat(), LIMIT).is_ok());
}

#[test]
fn fewer_pixels_are_decoded_where_fewer_are_wanted() {
    // 97 × 61 as a JPEG; each scale wants half as many pixels again.
    let pixels = read("waves.png");
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    let image = turbojpeg::Image {
        pixels: &pixels.rgb[..],
        width,
        pitch: 3 * width,
        height,
        format: turbojpeg::PixelFormat::RGB,
    };
    let mut compressor = turbojpeg::Compressor::new().unwrap();
    compressor.set_quality(95).unwrap();
    let bytes = compressor.compress_to_vec(image).unwrap();
    for (scale, size) in [
        (0.08, (13, 8)),
        (0.16, (25, 16)),
        (0.2, (37, 23)),
        (0.3, (49, 31)),
        (0.34, (97, 61)),
        (1.0, (97, 61)),
        (4.0, (97, 61)),
    ] {
        let decoded = decode_for(&bytes, LIMIT, |width, height| {
            assert_eq!((width, height), (97, 61));
            scale
        });
        let decoded = decoded.unwrap();
        assert_eq!((decoded.pixels.width, decoded.pixels.height), size, "at {scale}");
        assert_eq!((decoded.width, decoded.height), (97, 61));
    }
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    assert_eq!(decode(b"", LIMIT), Err(DecodeError::UnknownFormat));
    assert_eq!(decode(b"<!doctype html>", LIMIT), Err(DecodeError::UnknownFormat));
    for name in
        ["corners.jpg", "progressive.jpg", "waves.png", "animated.gif", "lossless.webp", "lossy.webp", "exif-6.jpg"]
    {
        let whole = odd(name);
        for length in 0..whole.len() {
            // A prefix may decode (a GIF's first frame ends early); it must not decode to nonsense.
            if let Ok(pixels) = decode(&whole[..length], LIMIT) {
                assert_eq!(pixels.rgb.len(), 3 * pixels.width as usize * pixels.height as usize);
            }
        }
        if name != "animated.gif" {
            assert!(decode(&whole[..whole.len() / 2], LIMIT).is_err(), "half of {name}");
        }
    }
}

#[test]
fn every_flipped_byte_is_survived() {
    for name in ["exif-6.jpg", "dot.jpg", "palette-transparent.png", "animated.gif", "animated.webp", "lossless.webp"] {
        let whole = odd(name);
        for index in 0..whole.len() {
            for value in [0x00, 0xff, whole[index] ^ 0x10] {
                let mut changed = whole.clone();
                changed[index] = value;
                let _ = decode(&changed, 1_000_000);
            }
        }
    }
}

#[test]
fn junk_behind_the_pixels_of_a_jpeg_costs_nothing() {
    let mut bytes = odd("corners.jpg");
    let end = bytes.len() - 2;
    bytes.splice(end..end, [0x12, 0x34, 0x56]);
    assert!(decode(&bytes, LIMIT) == decode(&odd("corners.jpg"), LIMIT));
}

#[test]
fn formats_are_told_by_their_first_bytes() {
    for (name, format) in [
        ("dot.jpg", Some(Format::Jpeg)),
        ("dot.png", Some(Format::Png)),
        ("animated.gif", Some(Format::Gif)),
        ("animated.webp", Some(Format::WebP)),
        ("corners.avif", Some(Format::Avif)),
        ("make.py", None),
    ] {
        assert_eq!(sniff(&odd(name)), format, "{name}");
    }
    assert_eq!(sniff(b"RIFF\0\0\0\0WAVE"), None);
}
