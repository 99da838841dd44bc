//! From a picture to what an image encoder eats: a square of its size, normalised, channels first.
//!
//! For CLIP the short side is brought to size and the middle cut out; the steps and their roundings are those of the original
//! (`clip.py`, `_transform`): torchvision's `Resize(size, BICUBIC)` and `CenterCrop(size)` on a Pillow picture, then `ToTensor`,
//! `Normalize`. For SigLIP all of the picture is squeezed into the square (transformers' `SiglipImageProcessor`).

use crate::{
    decode::Pixels,
    resize::{Window, bicubic, squeezed},
};
use serde::{Deserialize, Serialize};

/// How an image encoder wants its pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preprocess {
    /// Width and height of the input.
    pub size: u32,
    /// How a picture becomes a square.
    pub resize: Resize,
    /// Mean per channel, of values in 0…1.
    pub mean: [f32; 3],
    /// Standard deviation per channel.
    pub std: [f32; 3],
}

/// How a picture is brought to size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resize {
    /// Short side to size, bicubic: what is longer is cut off.
    BicubicShortSide,
    /// Both sides to size, bicubic: nothing is cut off, and proportions are lost.
    BicubicSqueeze,
}

/// How the square is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Crop {
    /// Out of the middle.
    Center,
    /// Not at all: it is one already.
    None,
}

impl Resize {
    /// What is left to be cut.
    pub(crate) fn crop(self) -> Crop {
        match self {
            Self::BicubicShortSide => Crop::Center,
            Self::BicubicSqueeze => Crop::None,
        }
    }
}

impl Preprocess {
    /// The scale at which a picture of this size is used: of a squeezed one, that of its short side, which is made least small.
    pub(crate) fn scale(&self, width: u32, height: u32) -> f64 {
        f64::from(self.size) / f64::from(width.min(height).max(1))
    }

    /// `pixels` as the encoder's square: the middle of them, or all of them squeezed.
    ///
    /// Where they are cut, only the part of the picture that ends in the square is resized, with the scale that the
    /// whole would have: the same pixels, and a picture of 1 × 30,000 costs no more than another.
    pub fn square(&self, pixels: &Pixels) -> Pixels {
        if self.resize == Resize::BicubicSqueeze {
            return squeezed(pixels, self.size);
        }
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

    fn plain(size: u32, resize: Resize) -> Preprocess {
        Preprocess { size, resize, mean: [0.0; 3], std: [1.0; 3] }
    }

    #[test]
    fn long_thin_pictures_become_squares_too() {
        for resize in [Resize::BicubicShortSide, Resize::BicubicSqueeze] {
            for (width, height) in [(1, 30_000), (30_000, 1), (1, 1), (7, 3)] {
                let grey = Pixels { width, height, rgb: vec![77; 3 * width as usize * height as usize] };
                let square = plain(32, resize).square(&grey);
                assert_eq!((square.width, square.height, square.rgb), (32, 32, vec![77; 3 * 32 * 32]));
            }
        }
    }

    #[test]
    fn a_squeezed_picture_keeps_its_borders_and_a_cut_one_does_not() {
        // A white stripe at the left of a picture three times as wide as it is high.
        let rgb = (0..96 * 32).flat_map(|at| if at % 96 < 9 { [255; 3] } else { [0; 3] }).collect();
        let wide = Pixels { width: 96, height: 32, rgb };
        let left = |resize| plain(32, resize).square(&wide).rgb[0];
        assert_eq!((left(Resize::BicubicShortSide), left(Resize::BicubicSqueeze)), (0, 255));
        // All of it goes into the square: as many pixels are needed as its short side has.
        assert!((plain(32, Resize::BicubicSqueeze).scale(96, 64) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn values_are_normalised_and_channels_first() {
        let preprocess =
            Preprocess { mean: [0.5, 0.0, 1.0], std: [0.5, 1.0, 2.0], ..plain(1, Resize::BicubicShortSide) };
        let mut values = Vec::new();
        preprocess.append(&Pixels { width: 2, height: 1, rgb: vec![255, 0, 255, 0, 255, 0] }, &mut values);
        assert_eq!(values, [1.0, -1.0, 0.0, 1.0, 0.0, -0.5]);
    }
}
