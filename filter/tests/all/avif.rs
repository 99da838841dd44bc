//! AVIF against what Pillow (libavif) reads of the same files, and its damage.

use crate::support::odd;
use filter::decode::{DecodeError, Pixels, decode, decode_for};

const LIMIT: u64 = 1_000_000;

fn read(name: &str) -> Pixels {
    decode(&odd(name), LIMIT).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn assert_near(name: &str, pixels: &Pixels, (x, y): (u32, u32), wanted: [u8; 3], tolerance: u8) {
    let start = 3 * (y * pixels.width + x) as usize;
    let found = &pixels.rgb[start..start + 3];
    let near = found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= tolerance);
    assert!(near, "{name}: {found:?} at {x},{y}, not {wanted:?}");
}

/// 48 × 32: red, green over blue, white.
fn assert_corners(name: &str) {
    let pixels = read(name);
    assert_eq!((pixels.width, pixels.height), (48, 32), "{name}");
    for (at, colour) in
        [((6, 6), [255, 0, 0]), ((40, 6), [0, 255, 0]), ((6, 24), [0, 0, 255]), ((40, 24), [255, 255, 255])]
    {
        assert_near(name, &pixels, at, colour, 8);
    }
}

#[test]
fn colours_are_right_in_every_layout() {
    for name in ["corners.avif", "corners-420.avif", "corners-10.avif"] {
        assert_corners(name);
    }
    assert_near("grey.avif", &read("grey.avif"), (6, 6), [76; 3], 3);
}

#[test]
fn turns_and_mirrors_of_the_container_count() {
    for orientation in 2..=8 {
        let name = format!("exif-{orientation}.avif");
        assert_corners(&name);
        assert!(decode_for(&odd(&name), LIMIT, |_, _| 1.0).unwrap().interpreted, "{name}");
    }
}

#[test]
fn alpha_is_laid_on_white_and_profiles_count() {
    let alpha = read("alpha.avif");
    assert_near("alpha.avif", &alpha, (4, 16), [255; 3], 3);
    assert_near("alpha.avif", &alpha, (26, 16), [127; 3], 3);
    let wide = read("p3.avif");
    for (x, colour) in [(8, [215, 93, 31]), (24, [0, 163, 82]), (40, [92, 80, 207]), (56, [128; 3])] {
        assert_near("p3.avif", &wide, (x, 8), colour, 5);
    }
}

#[test]
fn a_size_over_the_limit_is_refused_before_decoding() {
    let error = decode(&odd("corners.avif"), 48 * 32 - 1).unwrap_err();
    assert_eq!(error, DecodeError::TooManyPixels { width: 48, height: 32, limit: 48 * 32 - 1 });
}

#[test]
fn sequences_are_refused_by_name() {
    let mut bytes = odd("corners.avif");
    bytes[11] = b's';
    let error = decode(&bytes, LIMIT).unwrap_err();
    assert!(error.to_string().contains("Animated AVIF"), "{error}");
}

#[test]
fn damage_is_an_error_and_never_an_abort() {
    for name in ["corners-420.avif", "alpha.avif", "exif-6.avif"] {
        let whole = odd(name);
        for length in 0..whole.len() {
            if let Ok(pixels) = decode(&whole[..length], LIMIT) {
                assert_eq!(pixels.rgb.len(), 3 * pixels.width as usize * pixels.height as usize);
            }
        }
        assert!(decode(&whole[..whole.len() / 2], LIMIT).is_err(), "half of {name}");
        for index in 0..whole.len() {
            let mut changed = whole.clone();
            changed[index] ^= if index % 2 == 0 { 0xff } else { 0x10 };
            assert_ne!(decode(&changed, LIMIT), Err(DecodeError::Panicked), "{name}: byte {index}");
        }
    }
}
