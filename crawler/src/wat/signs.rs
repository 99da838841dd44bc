//! What an element of `Links` or `Link` must hold to be an image or a link to a licence.

use memchr::memmem::Finder;
use std::sync::LazyLock;
use wide::u8x16;

/// Without it an element is no image.
pub(super) fn image_path(text: &[u8]) -> Option<usize> {
    static PATH: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""IMG@/src""#));
    PATH.find(text)
}

/// Without it an element is no link to a licence: four letters of `license` that are found seldom, in capitals or
/// not.
pub(super) fn part_of_license(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(block) = text[at..].first_chunk() {
        if may_hold_part(block) {
            break;
        }
        at += BLOCK;
    }
    // What is left is mostly less than a block, which is told from the last block of the text.
    if text[at..].len() < WINDOW && text.last_chunk().is_some_and(|block| !may_hold_part(block)) {
        return None;
    }
    Some(at + text[at..].windows(LETTERS).position(|four| four.eq_ignore_ascii_case(b"cens"))?)
}

/// So many bytes are looked at in one go.
const CHUNK: usize = 16;

const LETTERS: usize = 4;

/// In so many places the letters are looked for at once.
const BLOCK: usize = 64;

/// The bits in which letters differ that are not the same one, in capitals or not.
const OTHER_THAN_CASE: u8 = !0x20;

/// A block, and what of letters beginning in it lies beyond.
const WINDOW: usize = BLOCK + LETTERS - 1;

/// Whether the letters begin in one of the first [`BLOCK`] places.
#[inline]
fn may_hold_part(window: &[u8; WINDOW]) -> bool {
    let chunk = |place| {
        let chunk = window.get(place..).and_then(<[u8]>::first_chunk);
        chunk.map_or(u8x16::splat(0), |chunk| u8x16::new(*chunk))
    };
    let mut least = u8x16::splat(u8::MAX);
    for place in (0..BLOCK).step_by(CHUNK) {
        let c = chunk(place) ^ u8x16::splat(b'C');
        let e = chunk(place + 1) ^ u8x16::splat(b'E');
        let n = chunk(place + 2) ^ u8x16::splat(b'N');
        let s = chunk(place + 3) ^ u8x16::splat(b'S');
        least = least.min((c | e | n | s) & u8x16::splat(OTHER_THAN_CASE));
    }
    least.simd_eq(u8x16::splat(0)).to_bitmask() != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_are_found_everywhere() {
        for place in 0..600 {
            for letters in ["cens", "CENS", "cEnS"] {
                let mut text = "cenc".repeat(150);
                text.replace_range(place..(place + 4).min(600), &letters[..4.min(600 - place)]);
                let first = text.to_ascii_lowercase().find("cens");
                assert_eq!(part_of_license(text.as_bytes()), first, "{place}");
            }
        }
        // In texts of every length around that of a block, with what is told from the last block of them.
        for length in 0..200 {
            let text = "cenc".repeat(50)[..length].to_owned();
            assert_eq!(part_of_license(text.as_bytes()), None, "{length}");
            for place in 0..length.saturating_sub(3) {
                let mut text = text.clone();
                text.replace_range(place..place + 4, "Cens");
                let first = text.to_ascii_lowercase().find("cens");
                assert_eq!(part_of_license(text.as_bytes()), first, "{length} {place}");
            }
        }
    }
}
