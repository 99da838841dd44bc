//! An aesthetic score without learning, for models that have no learned head.
//!
//! Four measures that have names in the literature, each brought to 0…1 and weighted:
//!
//! | measure | formula | full mark at | weight |
//! |---|---|---|---|
//! | colourfulness | √(σrg² + σyb²) + 0.3 √(μrg² + μyb²), rg = R − G, yb = (R + G)/2 − B; Hasler & Süsstrunk, "Measuring colourfulness in natural images", 2003 | 82 ("highly colourful" there) | 0.30 |
//! | contrast | standard deviation of luma in 0…1 (RMS contrast); Peli, "Contrast in complex images", 1990 | 0.25 | 0.20 |
//! | sharpness | ln(1 + variance of the 4-neighbour Laplacian of luma); Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000 | variance 2,000 | 0.25 |
//! | exposure | (1 − 4 · share of luma ≤ 4 or ≥ 251) · (1 − (2 · mean − 1)²) | nothing clipped, mean grey | 0.25 |
//!
//! The score is 1 + 9 · the weighted sum, so 1…10 like LAION's predictors; the scales do **not**
//! compare. It is measured on the encoder's square, so resolution does not speak. It tells flat,
//! blurred and burnt pictures from vivid ones, and knows nothing of beauty.

use crate::{decode::Pixels, phash::luma};

/// The four measures, each 0…1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measures {
    /// How colourful.
    pub colourfulness: f64,
    /// How contrasted.
    pub contrast: f64,
    /// How sharp.
    pub sharpness: f64,
    /// How well exposed.
    pub exposure: f64,
}

impl Measures {
    /// The score, 1…10.
    #[expect(clippy::cast_possible_truncation, reason = "a score of 1 to 10")]
    pub fn score(self) -> f32 {
        let sum = 0.30 * self.colourfulness + 0.20 * self.contrast + 0.25 * self.sharpness + 0.25 * self.exposure;
        (1.0 + 9.0 * sum) as f32
    }
}

/// Measures a picture; all pixels count alike.
pub fn measure(pixels: &Pixels) -> Measures {
    let grey = luma(pixels);
    let (mean, deviation) = mean_and_deviation(grey.iter().map(|value| f64::from(*value)));
    let clipped = grey.iter().filter(|value| **value <= 4 || **value >= 251).count() as f64 / grey.len().max(1) as f64;
    let middle = 1.0 - (2.0 * mean / 255.0 - 1.0).powi(2);
    Measures {
        colourfulness: (colourfulness(pixels) / 82.0).min(1.0),
        contrast: (deviation / 255.0 / 0.25).min(1.0),
        sharpness: (laplacian_variance(&grey, pixels.width as usize).ln_1p() / 2000_f64.ln_1p()).min(1.0),
        exposure: (1.0 - 4.0 * clipped).max(0.0) * middle,
    }
}

/// Hasler and Süsstrunk's M3, on 0…255.
fn colourfulness(pixels: &Pixels) -> f64 {
    let channels = |pixel: &[u8]| (f64::from(pixel[0]), f64::from(pixel[1]), f64::from(pixel[2]));
    let opponents = || pixels.rgb.chunks_exact(3).map(channels);
    let (red_green, spread_rg) = mean_and_deviation(opponents().map(|(red, green, _)| red - green));
    let (yellow_blue, spread_yb) =
        mean_and_deviation(opponents().map(|(red, green, blue)| f64::midpoint(red, green) - blue));
    spread_rg.hypot(spread_yb) + 0.3 * red_green.hypot(yellow_blue)
}

/// The variance of the Laplacian over all pixels that have four neighbours; 0 where none has.
fn laplacian_variance(grey: &[u8], width: usize) -> f64 {
    let height = grey.len().checked_div(width).unwrap_or(0);
    let at = |x: usize, y: usize| f64::from(grey[y * width + x]);
    let inner = (1..height.saturating_sub(1)).flat_map(|y| (1..width.saturating_sub(1)).map(move |x| (x, y)));
    let laplacian = inner.map(|(x, y)| at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y));
    mean_and_deviation(laplacian).1.powi(2)
}

/// Mean and (population) standard deviation, (0, 0) of nothing. Sums in order, so the same on
/// every machine.
fn mean_and_deviation(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (mut count, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for value in values {
        count += 1.0;
        sum += value;
        squares += value * value;
    }
    if count == 0.0 {
        return (0.0, 0.0);
    }
    let mean = sum / count;
    (mean, (squares / count - mean * mean).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(colour: impl Fn(u32, u32) -> [u8; 3]) -> Pixels {
        let rgb = (0..64).flat_map(|y| (0..64).map(move |x| (x, y))).flat_map(|(x, y)| colour(x, y)).collect();
        Pixels { width: 64, height: 64, rgb }
    }

    #[test]
    fn flat_pictures_measure_nothing_but_their_exposure() {
        let grey = measure(&picture(|_, _| [128; 3]));
        assert_eq!((grey.colourfulness, grey.contrast, grey.sharpness), (0.0, 0.0, 0.0));
        assert!(grey.exposure > 0.99, "{grey:?}");
        let white = measure(&picture(|_, _| [255; 3]));
        assert_eq!((white.exposure, white.score()), (0.0, 1.0));
    }

    #[test]
    fn colourfulness_is_that_of_the_paper() {
        // Half red, half blue: rg is 255 or 0, yb is 127.5 or -255, so by hand
        // σrg = 127.5, σyb = 191.25, μrg = 127.5, μyb = -63.75.
        let pixels = picture(|x, _| if x < 32 { [255, 0, 0] } else { [0, 0, 255] });
        let by_hand = 127.5_f64.hypot(191.25) + 0.3 * 127.5_f64.hypot(63.75);
        assert!((colourfulness(&pixels) - by_hand).abs() < 1e-9);
    }

    #[test]
    fn sharp_is_sharper_than_smooth_and_every_score_is_in_range() {
        let checkers = picture(|x, y| if (x / 4 + y / 4) % 2 == 0 { [40, 90, 160] } else { [200, 150, 60] });
        #[expect(clippy::cast_possible_truncation, reason = "under 256")]
        let ramp = picture(|x, y| [(2 * x) as u8, (x + y) as u8, (2 * y) as u8]);
        assert!(measure(&checkers).sharpness > measure(&ramp).sharpness);
        for pixels in [&checkers, &ramp] {
            assert!((1.0..=10.0).contains(&measure(pixels).score()));
        }
        let dot = Pixels { width: 1, height: 1, rgb: vec![9, 9, 9] };
        assert!((1.0..=10.0).contains(&measure(&dot).score()));
    }
}
