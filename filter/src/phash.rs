//! A perceptual hash: alike for a picture and its resized, recompressed copies.
//!
//! The DCT hash of pHash (Zauner 2010) as the Python package `imagehash` computes it (`phash`, hash
//! size 8), so that hashes out of other people's tools can be compared: luma, 32 × 32 by Lanczos,
//! DCT-II both ways, the lowest 8 × 8, one bit each for "over the median", first row first, the
//! first bit the highest.

use crate::{decode::Pixels, resize::lanczos_grey};
use std::{f64::consts::PI, sync::LazyLock};

const SIDE: usize = 32;
const KEPT: usize = 8;

/// `COSINES[k][n]` = 2 cos(π k (2n + 1) / 64): the rows of the DCT-II that are kept, in `scipy`'s scale.
static COSINES: LazyLock<[[f64; SIDE]; KEPT]> = LazyLock::new(|| {
    let mut table = [[0.0; SIDE]; KEPT];
    for (k, row) in table.iter_mut().enumerate() {
        for (n, cosine) in row.iter_mut().enumerate() {
            *cosine = 2.0 * (PI * k as f64 * (2 * n + 1) as f64 / (2 * SIDE) as f64).cos();
        }
    }
    table
});

/// Least short side that gives the hash of the whole picture, but for a bit or two.
const ENOUGH: u32 = 128;

/// The scale at which a picture of this size is used.
pub(crate) fn scale(width: u32, height: u32) -> f64 {
    f64::from(ENOUGH) / f64::from(width.min(height).max(1))
}

/// The hash of `pixels`. Two pictures whose hashes differ in few bits look alike.
pub fn phash(pixels: &Pixels) -> i64 {
    let side = u32::try_from(SIDE).unwrap_or_default();
    let small = lanczos_grey(&luma(pixels), (pixels.width, pixels.height), (side, side));
    let low = low_frequencies(&small);
    let mut sorted = low;
    sorted.sort_by(f64::total_cmp);
    let median = f64::midpoint(sorted[31], sorted[32]);
    low.iter().fold(0_i64, |hash, value| (hash << 1) | i64::from(*value > median))
}

/// Grey values by ITU-R 601-2, in Pillow's 16-bit fixed point.
pub(crate) fn luma(pixels: &Pixels) -> Vec<u8> {
    let grey = |pixel: &[u8]| {
        let (red, green, blue) = (u32::from(pixel[0]), u32::from(pixel[1]), u32::from(pixel[2]));
        u8::try_from((red * 19_595 + green * 38_470 + blue * 7_471 + 0x8000) >> 16).unwrap_or(u8::MAX)
    };
    pixels.rgb.chunks_exact(3).map(grey).collect()
}

/// The lowest 8 × 8 frequencies of a 32 × 32 picture, row by row.
fn low_frequencies(grey: &[u8]) -> [f64; KEPT * KEPT] {
    // Down the columns first, as `dct(dct(pixels, axis=0), axis=1)`.
    let mut columns = [[0.0; SIDE]; KEPT];
    for (cosines, row) in COSINES.iter().zip(&mut columns) {
        for (x, value) in row.iter_mut().enumerate() {
            *value = (0..SIDE).map(|y| cosines[y] * f64::from(grey[y * SIDE + x])).sum();
        }
    }
    let mut low = [0.0; KEPT * KEPT];
    for (v, row) in columns.iter().enumerate() {
        for (u, cosines) in COSINES.iter().enumerate() {
            low[v * KEPT + u] = row.iter().zip(cosines).map(|(value, cosine)| value * cosine).sum();
        }
    }
    low
}
