//! Colour profiles (ICC.1:2022): pixels of a wide-gamut camera or a press brought to sRGB, which is
//! what every encoder was trained on and every other program takes pixels for.
//!
//! A profile that is sRGB changes nothing and costs a look-up; one that is broken, or of another
//! kind than the pixels, is ignored, as browsers do.

use moxcms::{ColorProfile, DataColorSpace, Layout, ParsingOptions, Transform8BitExecutor, TransformOptions};
use schema::sha256_hex;
use std::{
    collections::HashMap,
    ops::Range,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// Largest profile read. Those of presses have half a megabyte, those of cameras a few hundred bytes.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// Profiles remembered; the web has a few dozen that are common.
const MAX_KNOWN: usize = 64;

/// Pixels changed at a time.
const STRIP: usize = 16 * 1024;

/// How far a profile may be from sRGB, of 255, and still be taken for it: those that scanners and
/// old cameras bring are sRGB but for rounding.
const TOLERANCE: u8 = 2;

/// What lies in a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Channels {
    /// Red, green, blue.
    Rgb,
    /// The same with alpha, which is left alone.
    Rgba,
    /// Red, green, blue of a picture that is grey by its format.
    Grey,
    /// The same with alpha.
    GreyAlpha,
    /// Cyan, magenta, yellow, black.
    Inks,
}

impl Channels {
    /// Layout before and after, and the kind of profile that belongs to it.
    fn layouts(self) -> (Layout, Layout, DataColorSpace) {
        match self {
            Self::Rgb => (Layout::Rgb, Layout::Rgb, DataColorSpace::Rgb),
            Self::Rgba => (Layout::Rgba, Layout::Rgba, DataColorSpace::Rgb),
            Self::Grey => (Layout::Gray, Layout::Rgb, DataColorSpace::Gray),
            Self::GreyAlpha => (Layout::GrayAlpha, Layout::Rgba, DataColorSpace::Gray),
            Self::Inks => (Layout::Rgba, Layout::Rgb, DataColorSpace::Cmyk),
        }
    }
}

/// The profile in the APP2 segments of a JPEG (ICC.1:2022, annex B.4); `None` where there is none,
/// or a part is missing.
pub(super) fn of_jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut parts: Vec<(u8, u8, &[u8])> = Vec::new();
    for place in jpeg_parts(bytes) {
        let [number, count, part @ ..] = bytes[place].get(4 + JPEG_MARK.len()..)? else { return None };
        parts.push((*number, *count, part));
    }
    parts.sort_by_key(|(number, ..)| *number);
    let count = parts.len();
    let is_whole =
        parts.iter().zip(1..=u8::MAX).all(|((number, of, _), place)| *number == place && usize::from(*of) == count);
    ((1..=255).contains(&count) && is_whole).then(|| parts.iter().flat_map(|(.., part)| *part).copied().collect())
}

/// What an APP2 segment with a part of a profile begins with.
const JPEG_MARK: &[u8] = b"ICC_PROFILE\0";

/// Where the segments with a profile lie in a JPEG, marker included.
pub(super) fn jpeg_parts(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut places = Vec::new();
    let mut at = 2;
    // Segments up to the first scan.
    while let Some([0xff, marker, high, low]) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        match marker {
            0xda | 0xd9 => break,
            // Fill bytes.
            0xff => at += 1,
            _ => {
                let end = at + 2 + usize::from(u16::from_be_bytes([*high, *low]));
                let Some(segment) = bytes.get(at + 4..end) else { break };
                if *marker == 0xe2 && segment.starts_with(JPEG_MARK) {
                    places.push(at..end);
                }
                at = end;
            }
        }
    }
    places
}

/// Brings `pixels`, which are not inks, to sRGB; whether anything was changed.
pub(super) fn to_srgb(profile: &[u8], pixels: &mut [u8], channels: Channels) -> bool {
    let Some(way) = known_way(profile, channels) else { return false };
    let width = channels.layouts().1.channels();
    let mut before = Vec::with_capacity(STRIP * width);
    for strip in pixels.chunks_mut(STRIP * width) {
        before.clear();
        match channels {
            Channels::Grey => before.extend(strip.iter().step_by(width)),
            Channels::GreyAlpha => {
                before.extend(strip.as_chunks::<4>().0.iter().flat_map(|pixel| [pixel[0], pixel[3]]));
            }
            _ => before.extend_from_slice(strip),
        }
        // Cannot fail: source and target fit each other.
        let done = way.transform(&before, strip);
        debug_assert!(done.is_ok(), "{done:?}");
    }
    true
}

/// Inverted inks in sRGB; `None` where the profile is not one of four inks.
pub(super) fn inks_to_srgb(profile: &[u8], inks: &[u8]) -> Option<Vec<u8>> {
    let way = known_way(profile, Channels::Inks)?;
    let mut rgb = vec![0; inks.len() / 4 * 3];
    let mut upright = Vec::with_capacity(STRIP * 4);
    for (strip, light) in inks.chunks(STRIP * 4).zip(rgb.chunks_mut(STRIP * 3)) {
        upright.clear();
        upright.extend(strip.iter().map(|ink| 255 - ink));
        way.transform(&upright, light).ok()?;
    }
    Some(rgb)
}

type Way = Option<Arc<Transform8BitExecutor>>;

/// [`way`], remembered: to make one takes longer than to use it on a small picture.
fn known_way(profile: &[u8], channels: Channels) -> Way {
    static KNOWN: LazyLock<Mutex<HashMap<(String, Channels), Way>>> = LazyLock::new(Mutex::default);
    if profile.len() > MAX_BYTES {
        return None;
    }
    let key = (sha256_hex(profile), channels);
    if let Some(way) = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return way.clone();
    }
    let way = way(profile, channels);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MAX_KNOWN {
        known.clear();
    }
    known.insert(key, way.clone());
    way
}

/// The way from `profile` to sRGB; `None` where there is none to go.
fn way(profile: &[u8], channels: Channels) -> Way {
    let options = ParsingOptions { max_profile_size: MAX_BYTES + 1, ..ParsingOptions::default() };
    let profile = ColorProfile::new_from_slice_with_options(profile, options).ok()?;
    let (before, after, space) = channels.layouts();
    if profile.color_space != space {
        return None;
    }
    let options = TransformOptions::default();
    let way = profile.create_transform_8bit(before, &ColorProfile::new_srgb(), after, options).ok()?;
    (space != DataColorSpace::Rgb || !changes_nothing(way.as_ref(), before)).then_some(way)
}

/// Whether colours all over the cube stay what they are.
fn changes_nothing(way: &Transform8BitExecutor, layout: Layout) -> bool {
    let levels = || (0..=u8::MAX).step_by(51);
    let colours =
        levels().flat_map(|red| levels().flat_map(move |green| levels().map(move |blue| [red, green, blue, 255])));
    let before: Vec<u8> = colours.flat_map(|colour| colour.into_iter().take(layout.channels())).collect();
    let mut after = vec![0; before.len()];
    way.transform(&before, &mut after).is_ok() && before.iter().zip(&after).all(|(a, b)| a.abs_diff(*b) <= TOLERANCE)
}
