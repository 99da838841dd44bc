//! Planes of luma and chroma to red, green and blue (ITU-T H.273, 8.3).

use super::{LUMA, properties::Coding, sample};
use crate::decode::DecodeError;
use re_rav1d::{Picture, PixelLayout, PlanarImageComponent, Plane, pixel};

/// What a picture's numbers mean.
struct Scale {
    is_wide: bool,
    /// The largest number.
    most: f32,
    /// Black, and the span to white.
    luma: (f32, f32),
    /// The span of chroma.
    chroma: f32,
}

impl Scale {
    fn of(picture: &Picture, is_full_range: bool) -> Result<Self, DecodeError> {
        let bits = picture.bits_per_component().ok_or_else(|| DecodeError::Damaged("AV1: unknown depth".into()))?.0;
        let unit = f32::from(1_u16 << (bits - 8));
        let most = f32::from((1_u16 << bits) - 1);
        let (luma, chroma) =
            if is_full_range { ((0.0, most), most) } else { ((16.0 * unit, 219.0 * unit), 224.0 * unit) };
        Ok(Self { is_wide: bits > 8, most, luma, chroma })
    }
}

/// Three colours a pixel. What the container says of the coding wins over the stream.
pub(super) fn to_rgb(picture: &Picture, coding: Option<Coding>) -> Result<Vec<u8>, DecodeError> {
    let coding = coding.unwrap_or_else(|| of_stream(picture));
    if picture.pixel_layout() == PixelLayout::I400 {
        return Ok(grey(picture, coding.is_full_range)?.into_iter().flat_map(|value| [value; 3]).collect());
    }
    let scale = Scale::of(picture, coding.is_full_range)?;
    let weights = weights(coding.matrix);
    let luma = picture.plane(LUMA);
    let stride = picture.stride(LUMA) as usize;
    let chroma = Chroma::of(picture, scale.is_wide);
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut rgb = Vec::with_capacity(3 * width * height);
    for y in 0..height {
        let row = &luma[y * stride..];
        for x in 0..width {
            let (blue_by, red_by) = chroma.at(x, y);
            let bright = f32::from(sample(row, x, scale.is_wide));
            rgb.extend(colour(bright, blue_by, red_by, weights, &scale));
        }
    }
    Ok(rgb)
}

/// One value a pixel: the alpha plane.
pub(super) fn to_grey(picture: &Picture) -> Result<Vec<u8>, DecodeError> {
    grey(picture, of_stream(picture).is_full_range)
}

fn grey(picture: &Picture, is_full_range: bool) -> Result<Vec<u8>, DecodeError> {
    let scale = Scale::of(picture, is_full_range)?;
    let plane = picture.plane(LUMA);
    let stride = picture.stride(LUMA) as usize;
    let value = |row: &[u8], x| byte((f32::from(sample(row, x, scale.is_wide)) - scale.luma.0) / scale.luma.1);
    let rows = (0..picture.height() as usize).map(|y| &plane[y * stride..]);
    Ok(rows.flat_map(|row| (0..picture.width() as usize).map(move |x| value(row, x))).collect())
}

fn of_stream(picture: &Picture) -> Coding {
    Coding {
        matrix: picture.matrix_coefficients() as u16,
        is_full_range: matches!(picture.color_range(), pixel::YUVRange::Full),
    }
}

/// The shares of red and blue in luma; `None` where the planes are green, blue and red themselves.
fn weights(matrix: u16) -> Option<(f32, f32)> {
    match matrix {
        0 => None,
        1 => Some((0.2126, 0.0722)),
        4 => Some((0.30, 0.11)),
        7 => Some((0.212, 0.087)),
        9 | 10 => Some((0.2627, 0.0593)),
        // BT.601, which is also what AVIF takes where nothing is said (MIAF, 7.3.6.4).
        _ => Some((0.299, 0.114)),
    }
}

fn colour(bright: f32, blue_by: f32, red_by: f32, weights: Option<(f32, f32)>, scale: &Scale) -> [u8; 3] {
    let (black, span) = scale.luma;
    let bright = (bright - black) / span;
    let Some((red_share, blue_share)) = weights else {
        return [(red_by - black) / span, bright, (blue_by - black) / span].map(byte);
    };
    let middle = f32::midpoint(scale.most, 1.0);
    let (blue_by, red_by) = ((blue_by - middle) / scale.chroma, (red_by - middle) / scale.chroma);
    let red = bright + 2.0 * (1.0 - red_share) * red_by;
    let blue = bright + 2.0 * (1.0 - blue_share) * blue_by;
    let green = (bright - red_share * red - blue_share * blue) / (1.0 - red_share - blue_share);
    [red, green, blue].map(byte)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn byte(value: f32) -> u8 {
    (value * 255.0 + 0.5) as u8
}

/// Two planes that may be half as wide or high as the picture; between their samples values run straight.
struct Chroma {
    planes: (Plane, Plane),
    stride: usize,
    is_wide: bool,
    /// Whether a plane has half the columns, half the rows.
    halved: (bool, bool),
    last: (usize, usize),
}

impl Chroma {
    fn of(picture: &Picture, is_wide: bool) -> Self {
        let halved = match picture.pixel_layout() {
            PixelLayout::I420 => (true, true),
            PixelLayout::I422 => (true, false),
            _ => (false, false),
        };
        let last = |length: u32, is_half: bool| (if is_half { length.div_ceil(2) } else { length }).max(1) as usize - 1;
        Self {
            planes: (picture.plane(PlanarImageComponent::U), picture.plane(PlanarImageComponent::V)),
            stride: picture.stride(PlanarImageComponent::U) as usize,
            is_wide,
            halved,
            last: (last(picture.width(), halved.0), last(picture.height(), halved.1)),
        }
    }

    fn at(&self, x: usize, y: usize) -> (f32, f32) {
        let (near_x, far_x) = neighbours(x, self.halved.0, self.last.0);
        let (near_y, far_y) = neighbours(y, self.halved.1, self.last.1);
        let value = |plane: &Plane| {
            let at = |x, y: usize| f32::from(sample(&plane[y * self.stride..], x, self.is_wide));
            let near = 0.75 * at(near_x, near_y) + 0.25 * at(far_x, near_y);
            let far = 0.75 * at(near_x, far_y) + 0.25 * at(far_x, far_y);
            0.75 * near + 0.25 * far
        };
        (value(&self.planes.0), value(&self.planes.1))
    }
}

/// The sample a place lies in, and the one on its other side.
fn neighbours(place: usize, is_half: bool, last: usize) -> (usize, usize) {
    if !is_half {
        return (place, place);
    }
    let near = place / 2;
    let far = if place.is_multiple_of(2) { near.saturating_sub(1) } else { near + 1 };
    (near.min(last), far.min(last))
}
