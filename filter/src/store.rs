//! The picture as the dataset keeps it: nothing, the bytes received, or a smaller JPEG.

use crate::{
    decode::Pixels,
    resize::{Window, bicubic},
};
use schema::{Fetch, Store};
use turbojpeg::{Compressor, Image, PixelFormat, Subsamp};

/// Quality of stored JPEGs.
const QUALITY: i32 = 90;

/// The JPEG that `fetch.store = "resized"` asks for, of a picture already upright; `None` if it
/// asks for something else. EXIF (places, names) does not come along.
pub(crate) fn resized(pixels: &Pixels, fetch: &Fetch) -> Result<Option<Vec<u8>>, String> {
    if fetch.store != Store::Resized {
        return Ok(None);
    }
    let (width, height) = longer_side_to(pixels, fetch.resize_to.max(1));
    let small;
    let pixels = if (width, height) == (pixels.width, pixels.height) {
        pixels
    } else {
        small = bicubic(pixels, Window::whole(pixels), width, height);
        &small
    };
    jpeg(pixels).map(Some).map_err(|error| error.to_string())
}

/// The size at which the longer side is `most`, never larger than now, never under one pixel.
fn longer_side_to(pixels: &Pixels, most: u32) -> (u32, u32) {
    let longer = pixels.width.max(pixels.height);
    if longer <= most {
        return (pixels.width, pixels.height);
    }
    let scale = |side: u32| {
        let rounded = (u64::from(side) * u64::from(most) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(rounded).unwrap_or(most).max(1)
    };
    (scale(pixels.width), scale(pixels.height))
}

fn jpeg(pixels: &Pixels) -> turbojpeg::Result<Vec<u8>> {
    let mut compressor = Compressor::new()?;
    compressor.set_quality(QUALITY)?;
    compressor.set_subsamp(Subsamp::Sub2x2)?;
    let (width, height) = (pixels.width as usize, pixels.height as usize);
    compressor.compress_to_vec(Image {
        pixels: &pixels.rgb[..],
        width,
        pitch: 3 * width,
        height,
        format: PixelFormat::RGB,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longer_side_is_bounded_and_nothing_grows() {
        for (from, to) in [
            ((1024, 768), (512, 384)),
            ((768, 1024), (384, 512)),
            ((513, 1), (512, 1)),
            ((300, 200), (300, 200)),
            ((512, 512), (512, 512)),
        ] {
            let pixels =
                Pixels { width: from.0, height: from.1, rgb: vec![200; 3 * from.0 as usize * from.1 as usize] };
            assert_eq!(longer_side_to(&pixels, 512), to);
            let fetch = Fetch { store: Store::Resized, ..Fetch::default() };
            let stored = resized(&pixels, &fetch).unwrap().unwrap();
            let read = crate::decode::decode(&stored, 1_000_000).unwrap();
            assert_eq!((read.width, read.height), to);
            assert_eq!(resized(&pixels, &Fetch::default()).unwrap(), None);
        }
    }
}
