//! Colour profiles: what Little CMS makes of the same pictures (`tests/odd/make.py` prints it).

use crate::support::odd;
use filter::decode::{decode, decode_for};

const LIMIT: u64 = 1_000_000;

const WIDE: [[u8; 3]; 4] = [[200, 100, 50], [60, 160, 90], [90, 80, 200], [128, 128, 128]];
const WIDE_IN_SRGB: [[u8; 3]; 4] = [[215, 93, 31], [0, 163, 82], [92, 80, 207], [128, 128, 128]];

/// Asserts the colours of a row of squares of 16 pixels.
fn assert_patches(name: &str, colours: &[[u8; 3]], tolerance: u8) {
    let pixels = decode(&odd(name), LIMIT).unwrap_or_else(|error| panic!("{name}: {error}"));
    for (place, wanted) in colours.iter().enumerate() {
        let start = 3 * (8 * pixels.width as usize + 16 * place + 8);
        let found = &pixels.rgb[start..start + 3];
        let near = found.iter().zip(wanted).all(|(a, b)| a.abs_diff(*b) <= tolerance);
        assert!(near, "{name}: square {place} is {found:?}, not {wanted:?}");
    }
}

#[test]
fn wide_gamut_pictures_come_out_in_srgb() {
    for (name, tolerance) in
        [("p3.png", 1), ("p3-alpha.png", 1), ("p3.webp", 1), ("p3.jpg", 3), ("p3-two-parts.jpg", 3)]
    {
        assert_patches(name, &WIDE_IN_SRGB, tolerance);
        assert!(decode_for(&odd(name), LIMIT, |_, _| 1.0).unwrap().interpreted, "{name}");
    }
}

#[test]
fn a_profile_that_is_srgb_changes_not_one_value() {
    assert_patches("srgb.png", &WIDE, 0);
    assert!(!decode_for(&odd("srgb.png"), LIMIT, |_, _| 1.0).unwrap().interpreted);
}

#[test]
fn broken_and_half_profiles_are_ignored() {
    for (name, tolerance) in [("broken-profile.png", 0), ("broken-profile.jpg", 2), ("p3-half.jpg", 2)] {
        assert_patches(name, &WIDE, tolerance);
    }
}

#[test]
fn every_flipped_byte_of_a_profile_is_survived() {
    for name in ["p3.jpg", "press.jpg", "p3.webp"] {
        let whole = odd(name);
        let start = whole.windows(4).position(|four| four == b"acsp").unwrap() - 36;
        for index in (start..start + 520).step_by(3) {
            let mut changed = whole.clone();
            changed[index] ^= 0xff;
            let _ = decode(&changed, LIMIT);
        }
    }
}

#[test]
fn grey_profiles_count_for_grey_pictures() {
    let wanted = [[79; 3], [152; 3], [229; 3]];
    assert_patches("linear-grey.png", &wanted, 1);
    assert_patches("linear-grey.jpg", &wanted, 2);
}

#[test]
fn four_inks_follow_the_press_they_were_mixed_for() {
    // A table of sixteen corners in 8 bits, between which the two programs take different ways (by tetrahedra, along
    // four lines); without the profile the third square's green would be 46.
    assert_patches("press.jpg", &[[255, 255, 255], [21, 254, 255], [205, 94, 167], [13, 13, 13]], 20);
}

#[test]
fn what_is_packed_beside_the_pixels_is_not_unpacked_without_bound() {
    for name in ["bomb-profile.png", "bomb-text.png"] {
        assert_eq!(decode(&odd(name), LIMIT).unwrap().rgb, [10, 200, 30], "{name}");
    }
}
