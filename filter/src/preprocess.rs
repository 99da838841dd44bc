//! CLIP's preprocessing: short side to the encoder's size, centre crop, normalised, channels first.
//!
//! The steps and their roundings are those of the original CLIP (`clip.py`, `_transform`): torchvision's
//! `Resize(size, BICUBIC)` and `CenterCrop(size)` on a Pillow picture, then `ToTensor`, `Normalize`.

use crate::{
    decode::Pixels,
    resize::{Window, bicubic},
};
use serde::{Deserialize, Serialize};

/// How an image encoder wants its pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocess {
    /// Width and height of the input.
    pub size: u32,
    /// Mean per channel, of values in 0…1.
    pub mean: [f32; 3],
    /// Standard deviation per channel.
    pub std: [f32; 3],
}

/// How the short side is brought to size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub enum Resize {
    /// Short side to size, bicubic.
    #[serde(rename = "bicubic-short-side")]
    BicubicShortSide,
}

/// How the square is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Crop {
    /// Out of the middle.
    Center,
}

impl Preprocess {
    /// The scale at which a picture of this size is used.
    pub(crate) fn scale(&self, width: u32, height: u32) -> f64 {
        f64::from(self.size) / f64::from(width.min(height).max(1))
    }

    /// The middle square of `pixels`, at the encoder's size.
    ///
    /// Only the part of the picture that ends in the square is resized, with the scale that the
    /// whole would have: the same pixels, and a picture of 1 × 30,000 costs no more than another.
    pub fn square(&self, pixels: &Pixels) -> Pixels {
        let (width, height) = short_side_to(pixels, self.size);
        let (left, top) = (crop_start(width, self.size), crop_start(height, self.size));
        let scale_x = f64::from(pixels.width) / width as f64;
        let scale_y = f64::from(pixels.height) / height as f64;
        let window = Window {
            left: left as f64 * scale_x,
            top: top as f64 * scale_y,
            width: (f64::from(self.size) * scale_x).min(f64::from(pixels.width) - left as f64 * scale_x),
            height: (f64::from(self.size) * scale_y).min(f64::from(pixels.height) - top as f64 * scale_y),
        };
        bicubic(pixels, window, self.size, self.size)
    }

    /// Writes a square's values, normalised and channels first, behind those already in `values`.
    pub fn append(&self, square: &Pixels, values: &mut Vec<f32>) {
        for channel in 0..3 {
            let (mean, std) = (self.mean[channel], self.std[channel]);
            values.extend(
                square.rgb.iter().skip(channel).step_by(3).map(|value| (f32::from(*value) / 255.0 - mean) / std),
            );
        }
    }
}

/// The size at which the shorter side is `size`: torchvision cuts the longer side's fraction off.
fn short_side_to(pixels: &Pixels, size: u32) -> (u64, u64) {
    let (width, height, size) = (u64::from(pixels.width), u64::from(pixels.height), u64::from(size));
    if width <= height { (size, size * height / width) } else { (size * width / height, size) }
}

/// Where the middle `size` of `length` pixels begins: half the rest, halves to even, as Python's
/// `round` in torchvision's `center_crop`. transformers 5.24 rounds down: one pixel off where the rest is 3, 7, 11, …
fn crop_start(length: u64, size: u32) -> u64 {
    let rest = length - u64::from(size);
    let half = rest / 2;
    if rest.is_multiple_of(2) || half.is_multiple_of(2) { half } else { half + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crop_starts_where_torchvision_starts() {
        // int(round((length - 224) / 2.0)) in Python.
        for (length, start) in [(224, 0), (225, 0), (226, 1), (227, 2), (229, 2), (231, 4), (299, 38), (301, 38)] {
            assert_eq!(crop_start(length, 224), start, "{length}");
        }
    }

    #[test]
    fn long_thin_pictures_are_cut_before_they_are_resized() {
        let preprocess = Preprocess { size: 32, mean: [0.0; 3], std: [1.0; 3] };
        for (width, height) in [(1, 30_000), (30_000, 1), (1, 1), (7, 3)] {
            let grey = Pixels { width, height, rgb: vec![77; 3 * width as usize * height as usize] };
            let square = preprocess.square(&grey);
            assert_eq!((square.width, square.height, square.rgb), (32, 32, vec![77; 3 * 32 * 32]));
        }
    }

    #[test]
    fn values_are_normalised_and_channels_first() {
        let preprocess = Preprocess { size: 1, mean: [0.5, 0.0, 1.0], std: [0.5, 1.0, 2.0] };
        let mut values = Vec::new();
        preprocess.append(&Pixels { width: 2, height: 1, rgb: vec![255, 0, 255, 0, 255, 0] }, &mut values);
        assert_eq!(values, [1.0, -1.0, 0.0, 1.0, 0.0, -0.5]);
    }
}
