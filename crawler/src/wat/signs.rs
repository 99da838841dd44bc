//! What an element of `Links` or `Link` must hold to be an image or a link to a licence.

use memchr::memmem::Finder;
use std::sync::LazyLock;

/// Without it an element is no image.
pub(super) fn image_path(text: &[u8]) -> Option<usize> {
    static PATH: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(br#""IMG@/src""#));
    PATH.find(text)
}

/// Without it an element is no link to a licence: four letters of `license` that are found seldom, in capitals or
/// not. They are looked for in a few hundred places at once, without a way out between, which compiles to wide
/// instructions.
pub(super) fn part_of_license(text: &[u8]) -> Option<usize> {
    const LETTERS: usize = 4;
    const BLOCK: usize = 256;
    /// Zero for the four letters, which differ from their capitals in one bit.
    fn differ([c, e, n, s]: [u8; LETTERS]) -> u8 {
        ((c ^ b'C') | (e ^ b'E') | (n ^ b'N') | (s ^ b'S')) & !0x20
    }
    let mut at = 0;
    while let Some(block) = text[at..].first_chunk::<{ BLOCK + LETTERS - 1 }>() {
        let mut found = false;
        for place in 0..BLOCK {
            found |= differ([block[place], block[place + 1], block[place + 2], block[place + 3]]) == 0;
        }
        if found {
            break;
        }
        at += BLOCK;
    }
    let mut places = text[at..].windows(LETTERS);
    Some(at + places.position(|four| four.first_chunk().is_some_and(|four| differ(*four) == 0))?)
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
        assert_eq!(part_of_license(b"cen"), None);
    }
}
