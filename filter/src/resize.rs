//! The one place that resizes: `fast_image_resize`, whose convolution is Pillow's.
//!
//! What a model sees is resized in 16 bits a channel, since its 8-bit path keeps 15 bits of each weight where Pillow keeps 22:
//! on a photograph that put every fifth value off by one and some by three. In 16 bits, rounded to
//! 8 where Pillow rounds, fewer than one in a hundred is off, and by one. What is stored is resized in 8.

use crate::decode::Pixels;
use fast_image_resize::{
    FilterType, PixelTrait, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
    pixels::{U16, U16x3},
};

/// Most pixels resized in 16 bits; larger pictures would need half a gigabyte for it.
const MAX_WIDE_PIXELS: usize = 16 * 1024 * 1024;

/// A window in a picture, in its pixels, with fractions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Window {
    /// The whole of `pixels`.
    pub(crate) fn whole(pixels: &Pixels) -> Self {
        Self { left: 0.0, top: 0.0, width: pixels.width.into(), height: pixels.height.into() }
    }
}

/// The whole of `pixels`, smaller.
pub(crate) fn reduced(pixels: &Pixels, width: u32, height: u32) -> Pixels {
    quick(pixels, Window::whole(pixels), (width, height), FilterType::CatmullRom)
}

/// The whole of `pixels`, larger: by Lanczos, as img2dataset does.
pub(crate) fn enlarged(pixels: &Pixels, width: u32, height: u32) -> Pixels {
    quick(pixels, Window::whole(pixels), (width, height), FilterType::Lanczos3)
}

fn quick(pixels: &Pixels, window: Window, to: (u32, u32), filter: FilterType) -> Pixels {
    let source = ImageRef::new(pixels.width, pixels.height, &pixels.rgb, PixelType::U8x3);
    Pixels { width: to.0, height: to.1, rgb: convolved(source.ok().as_ref(), PixelType::U8x3, window, to, filter) }
}

/// `window` of `pixels` at `width` × `height`, by Pillow's BICUBIC, which is Catmull-Rom (a = −0.5).
pub(crate) fn bicubic(pixels: &Pixels, window: Window, width: u32, height: u32) -> Pixels {
    let (from, to) = ((pixels.width, pixels.height), (width, height));
    if pixels.rgb.len() / 3 > MAX_WIDE_PIXELS {
        return quick(pixels, window, to, FilterType::CatmullRom);
    }
    Pixels { width, height, rgb: two_passes(&pixels.rgb, wide_pixels, from, window, to, FilterType::CatmullRom) }
}

/// The whole of `pixels` in a square of `side`, by Pillow's BICUBIC in Pillow's order.
pub(crate) fn squeezed(pixels: &Pixels, side: u32) -> Pixels {
    let (from, to, whole) = ((pixels.width, pixels.height), (side, side), Window::whole(pixels));
    if pixels.rgb.len() / 3 > MAX_WIDE_PIXELS {
        return quick(pixels, whole, to, FilterType::CatmullRom);
    }
    if !is_down_first(from, to) {
        return bicubic(pixels, whole, side, side);
    }
    let filter = FilterType::CatmullRom;
    let rows = narrowed(&run(&wide_pixels(&pixels.rgb), from, whole, (from.0, side), filter));
    let rows_whole = Window { height: side.into(), ..whole };
    Pixels {
        width: side,
        height: side,
        rgb: narrowed(&run(&wide_pixels(&rows), (from.0, side), rows_whole, to, filter)),
    }
}

/// Whether Pillow 13 goes down before it goes across (found out by trying 2,460 sizes): rounding between the two, it gives other values.
/// Older Pillows always go across first, and so did LAION's, when it brought short sides to size: there, so do we.
fn is_down_first(from: (u32, u32), to: (u32, u32)) -> bool {
    let less = |from: u32, to: u32| i64::from(from) - i64::from(to);
    to.1 < from.1 && less(from.1, to.1) > 2 * less(from.0, to.0)
}

fn wide_pixels(rgb: &[u8]) -> Vec<U16x3> {
    rgb.as_chunks().0.iter().map(|pixel: &[u8; 3]| U16x3::new(pixel.map(widened))).collect()
}

/// A grey picture at `to` (width, height), by Pillow's LANCZOS.
pub(crate) fn lanczos_grey(grey: &[u8], from: (u32, u32), to: (u32, u32)) -> Vec<u8> {
    let whole = Window { left: 0.0, top: 0.0, width: from.0.into(), height: from.1.into() };
    let wide = |grey: &[u8]| grey.iter().map(|value| U16::new(widened(*value))).collect();
    two_passes(grey, wide, from, whole, to, FilterType::Lanczos3)
}

/// Across, rounded to 8 bits, then down, rounded again: as Pillow does it. Where the picture
/// between the two would be large (a very tall one), in one go.
fn two_passes<P: PixelTrait>(
    bytes: &[u8],
    wide: impl Fn(&[u8]) -> Vec<P>,
    from: (u32, u32),
    window: Window,
    to: (u32, u32),
    filter: FilterType,
) -> Vec<u8> {
    let between = (to.0, from.1);
    if between.0 as usize * between.1 as usize > MAX_WIDE_PIXELS {
        return narrowed(&run(&wide(bytes), from, window, to, filter));
    }
    let across = Window { top: 0.0, height: from.1.into(), ..window };
    let down = Window { left: 0.0, width: to.0.into(), ..window };
    let rows = narrowed(&run(&wide(bytes), from, across, between, filter));
    narrowed(&run(&wide(&rows), between, down, to, filter))
}

/// 0…255 to 0…65535, end to end, so that overshoot is clipped where Pillow clips it.
fn widened(value: u8) -> u16 {
    u16::from(value) * 257
}

/// Native-endian 16-bit values to 8 bits, to the nearest.
fn narrowed(bytes: &[u8]) -> Vec<u8> {
    let narrow = |wide: &[u8; 2]| u8::try_from((u32::from(u16::from_ne_bytes(*wide)) + 128) / 257).unwrap_or(u8::MAX);
    bytes.as_chunks().0.iter().map(narrow).collect()
}

fn run<P: PixelTrait>(pixels: &[P], from: (u32, u32), window: Window, to: (u32, u32), filter: FilterType) -> Vec<u8> {
    convolved(ImageRef::from_pixels(from.0, from.1, pixels).ok().as_ref(), P::pixel_type(), window, to, filter)
}

/// Neither step can fail: every buffer fits its size, both images have one type, and every window lies
/// inside. A black picture is the answer to a defect of ours.
fn convolved(
    source: Option<&ImageRef>,
    kind: PixelType,
    window: Window,
    to: (u32, u32),
    filter: FilterType,
) -> Vec<u8> {
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .crop(window.left, window.top, window.width, window.height)
        .use_alpha(false);
    let mut target = Image::new(to.0, to.1, kind);
    let done = source.map(|source| Resizer::new().resize(source, &mut target, &options));
    debug_assert!(matches!(done, Some(Ok(()))), "{done:?}");
    target.into_vec()
}
