//! The picture as the dataset keeps it: nothing, the bytes received, or resized and encoded anew.
//!
//! Modes, sizes and roundings are those of img2dataset 1.47 (`resizer.py`, on albumentations 1.4),
//! so that a dataset can be made anew with its neighbours' shapes. Three things differ: pictures are
//! turned upright, brought to sRGB, and always stored in three colours.

use crate::{
    decode::{Decoded, Format, Pixels, decode_for},
    encode::encode,
    resize::{enlarged, reduced},
};
use schema::{EncodeFormat, Fetch, ResizeMode, Store};

/// How a picture of one size is brought to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Plan {
    /// The size after resizing.
    scaled: (u32, u32),
    /// The size after the middle is cut out, or white put around.
    framed: (u32, u32),
    /// From the whole picture to `scaled`; `None` leaves it as it is.
    scale: Option<f64>,
}

impl Plan {
    /// The plan for a picture of this size; `None` where nothing is resized and encoded.
    pub(crate) fn of(fetch: &Fetch, width: u32, height: u32) -> Option<Self> {
        if fetch.store != Store::Resized {
            return None;
        }
        let as_is = Self { scaled: (width, height), framed: (width, height), scale: None };
        let side = match fetch.resize_mode {
            ResizeMode::No => return Some(as_is),
            ResizeMode::KeepRatio | ResizeMode::CenterCrop => width.min(height),
            ResizeMode::Border | ResizeMode::KeepRatioLargest => width.max(height),
        };
        if fetch.resize_only_if_bigger && side <= fetch.resize_to {
            return Some(as_is);
        }
        let scale = f64::from(fetch.resize_to) / f64::from(side.max(1));
        let scaled = (rounded(width, scale), rounded(height, scale));
        let framed = match fetch.resize_mode {
            ResizeMode::CenterCrop | ResizeMode::Border => (fetch.resize_to, fetch.resize_to),
            _ => scaled,
        };
        Some(Self { scaled, framed, scale: Some(scale) })
    }

    /// The scale at which the picture is used.
    pub(crate) fn scale(&self) -> f64 {
        self.scale.unwrap_or(1.0)
    }

    fn applied(&self, pixels: &Pixels) -> Option<Pixels> {
        let scale = self.scale?;
        let (width, height) = self.scaled;
        let resized = if (width, height) == (pixels.width, pixels.height) {
            pixels.clone()
        } else if scale < 1.0 {
            reduced(pixels, width, height)
        } else {
            enlarged(pixels, width, height)
        };
        Some(framed(resized, self.framed))
    }
}

/// Python's `max(1, round(side * scale))`: halves to even.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; sizes are held to limits")]
fn rounded(side: u32, scale: f64) -> u32 {
    (f64::from(side) * scale).round_ties_even().max(1.0) as u32
}

/// What of a picture is stored, by `fetch.store`.
pub(crate) fn stored(decoded: &Decoded, received: &[u8], fetch: &Fetch) -> Result<Option<Vec<u8>>, String> {
    if fetch.store == Store::Original {
        return Ok(Some(received.to_vec()));
    }
    let Some(plan) = Plan::of(fetch, decoded.width, decoded.height) else { return Ok(None) };
    if fetch.skip_reencode && plan.scale.is_none() && is_as_wanted(decoded, fetch.encode_format) {
        return Ok(Some(received.to_vec()));
    }
    let most = plan.scaled.max(plan.framed);
    if u64::from(most.0) * u64::from(most.1) > fetch.max_pixels {
        return Err(format!("would be stored at {}x{}, over `fetch.max_pixels`", most.0, most.1));
    }
    let applied = plan.applied(&decoded.pixels);
    encode(applied.as_ref().unwrap_or(&decoded.pixels), fetch.encode_format, fetch.encode_quality).map(Some)
}

/// The picture that `fetch` stores of these bytes, from bytes to bytes: what the score stage does, without
/// the score.
pub fn stored_picture(bytes: &[u8], fetch: &Fetch) -> Result<Option<Vec<u8>>, String> {
    let scale_of = |width, height| Plan::of(fetch, width, height).map_or(0.0, |plan| plan.scale());
    let decoded = decode_for(bytes, fetch.max_pixels, scale_of).map_err(|error| error.to_string())?;
    stored(&decoded, bytes, fetch)
}

/// Whether the bytes received are what encoding would give, but for its losses. What must be turned,
/// recoloured or laid on white is not.
fn is_as_wanted(decoded: &Decoded, format: EncodeFormat) -> bool {
    let wanted = match format {
        EncodeFormat::Jpg => Format::Jpeg,
        EncodeFormat::Png => Format::Png,
        EncodeFormat::Webp => Format::WebP,
    };
    decoded.format == wanted && !decoded.interpreted
}

/// The middle of `pixels`, or `pixels` in the middle of white; what is odd goes to the right and below.
fn framed(pixels: Pixels, (width, height): (u32, u32)) -> Pixels {
    if (pixels.width, pixels.height) == (width, height) {
        return pixels;
    }
    let (from_x, to_x, columns) = overlap(pixels.width, width);
    let (from_y, to_y, rows) = overlap(pixels.height, height);
    let mut rgb = vec![255; 3 * width as usize * height as usize];
    for row in 0..rows {
        let from = 3 * ((from_y + row) * pixels.width as usize + from_x);
        let to = 3 * ((to_y + row) * width as usize + to_x);
        rgb[to..to + 3 * columns].copy_from_slice(&pixels.rgb[from..from + 3 * columns]);
    }
    Pixels { width, height, rgb }
}

/// Where the middles of two lengths meet: start in the one, start in the other, and how far.
fn overlap(from: u32, to: u32) -> (usize, usize, usize) {
    let rest = |longer: u32, shorter: u32| (longer.saturating_sub(shorter) / 2) as usize;
    (rest(from, to), rest(to, from), from.min(to) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(resize_mode: ResizeMode, resize_only_if_bigger: bool) -> Fetch {
        Fetch { store: Store::Resized, resize_to: 256, resize_mode, resize_only_if_bigger, ..Fetch::default() }
    }

    #[test]
    fn sizes_are_those_of_img2dataset() {
        // Printed by `benches/img2dataset_sizes.py`, which asks img2dataset's own Resizer.
        let table = include_str!("../benches/img2dataset_sizes.csv");
        let mut rows = 0;
        for line in table.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [width, height, mode, only_if_bigger, to_width, to_height, as_received] = fields[..] else {
                panic!("{line}")
            };
            let number = |text: &str| text.parse::<u32>().unwrap();
            let mode = match mode {
                "no" => ResizeMode::No,
                "border" => ResizeMode::Border,
                "keep_ratio" => ResizeMode::KeepRatio,
                "keep_ratio_largest" => ResizeMode::KeepRatioLargest,
                "center_crop" => ResizeMode::CenterCrop,
                other => panic!("{other}"),
            };
            let plan = Plan::of(&fetch(mode, only_if_bigger == "True"), number(width), number(height)).unwrap();
            assert_eq!(plan.framed, (number(to_width), number(to_height)), "{line}");
            assert_eq!(plan.scale.is_none(), as_received == "True", "{line}");
            rows += 1;
        }
        assert!(rows >= 200, "{rows} rows");
    }

    #[test]
    fn borders_and_crops_lie_where_img2dataset_puts_them() {
        let black = |width, height| Pixels { width, height, rgb: vec![0; 3 * width as usize * height as usize] };
        let bordered = framed(black(256, 7), (256, 256));
        let dark = |y: usize| bordered.rgb[3 * 256 * y] == 0;
        assert!(!dark(123) && dark(124) && dark(130) && !dark(131));
        let ramp = (0..=255).flat_map(|value: u8| [value; 3]).collect();
        let cut = framed(Pixels { width: 256, height: 1, rgb: ramp }, (253, 1));
        assert_eq!((cut.rgb[0], cut.rgb.len()), (1, 3 * 253));
    }

    #[test]
    fn what_nothing_would_change_is_stored_as_received_where_asked() {
        let pixels = Pixels { width: 9, height: 7, rgb: (0..189).collect() };
        let png = encode(&pixels, EncodeFormat::Png, 6).unwrap();
        let as_received = |fetch: &Fetch, interpreted| {
            let decoded = Decoded { interpreted, ..crate::decode::decode_for(&png, 1000, |_, _| 1.0).unwrap() };
            stored(&decoded, b"received", fetch).unwrap().unwrap() == b"received"
        };
        let skip = Fetch {
            encode_format: EncodeFormat::Png,
            encode_quality: 6,
            skip_reencode: true,
            ..fetch(ResizeMode::Border, true)
        };
        assert!(as_received(&skip, false));
        assert!(!as_received(&skip, true));
        assert!(!as_received(&Fetch { skip_reencode: false, ..skip.clone() }, false));
        assert!(!as_received(&Fetch { encode_format: EncodeFormat::Jpg, ..skip.clone() }, false));
        assert!(!as_received(&Fetch { resize_only_if_bigger: false, ..skip.clone() }, false));
        assert!(as_received(&Fetch { store: Store::Original, ..skip }, true));
    }

    #[test]
    fn a_size_out_of_all_bounds_is_refused_before_it_is_made() {
        let pixels = Pixels { width: 1, height: 60_000, rgb: vec![0; 180_000] };
        let decoded = Decoded { pixels, width: 1, height: 60_000, format: Format::Png, interpreted: false, exif: None };
        let problem = stored(&decoded, b"", &fetch(ResizeMode::KeepRatio, false)).unwrap_err();
        assert_eq!(problem, "would be stored at 256x15360000, over `fetch.max_pixels`");
    }
}
