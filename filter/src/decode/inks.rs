//! Four inks (CMYK) to red, green and blue.
//!
//! Photoshop writes inks inverted (255 is none), nearly all such files on the web come from it, and
//! Pillow reads all so (`CMYK;I`).

use super::profile;

/// By the profile of the press, where the file brings one that can be read; else by subtraction.
pub(super) fn to_rgb(inks: &[u8], profile: Option<&[u8]>) -> Vec<u8> {
    profile.and_then(|profile| profile::inks_to_srgb(profile, inks)).unwrap_or_else(|| subtracted(inks))
}

fn subtracted(inks: &[u8]) -> Vec<u8> {
    let mut rgb = Vec::with_capacity(inks.len() / 4 * 3);
    for pixel in inks.as_chunks::<4>().0 {
        let black = u16::from(pixel[3]);
        for ink in &pixel[..3] {
            let light = (u16::from(*ink) * black + 127) / 255;
            rgb.push(u8::try_from(light).unwrap_or(u8::MAX));
        }
    }
    rgb
}
