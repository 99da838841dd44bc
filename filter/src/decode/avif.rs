//! AVIF: the container by `avif-parse`, AV1 by rav1d, the port of dav1d to Rust. Stills only: grids
//! and sequences are refused by name.

mod properties;
mod yuv;

use super::{
    DecodeError, Pixels, Stored, check_size,
    profile::{self, Channels},
    raster::on_white,
};
use avif_parse::AvifData;
use properties::Properties;
use re_rav1d::{Decoder, Picture, PixelLayout, PlanarImageComponent, Settings};

/// The picture, and its orientation in EXIF's numbers: of the container, since AVIF's EXIF does not count
/// (ISO 23008-12, 6.6.3: what turns an image is a property of it).
pub(super) fn decode(bytes: &[u8], max_pixels: u64) -> Result<(Stored, u32), DecodeError> {
    let file = AvifData::from_reader(&mut &bytes[..]).map_err(|error| DecodeError::Damaged(error.to_string()))?;
    let properties = Properties::of(bytes);
    let picture = frame(&file.primary_item, max_pixels)?;
    let mut rgb = yuv::to_rgb(&picture, properties.coding)?;
    let channels = if picture.pixel_layout() == PixelLayout::I400 { Channels::Grey } else { Channels::Rgb };
    let mut interpreted = properties.profile.is_some_and(|profile| profile::to_srgb(&profile, &mut rgb, channels));
    if let Some(item) = &file.alpha_item {
        let alpha = frame(item, max_pixels)?;
        if (alpha.width(), alpha.height()) != (picture.width(), picture.height()) {
            return Err(DecodeError::Damaged("its alpha is of another size".into()));
        }
        rgb = laid_on_white(&rgb, &yuv::to_grey(&alpha)?, file.premultiplied_alpha);
        interpreted = true;
    }
    let (width, height) = (picture.width(), picture.height());
    Ok((Stored { pixels: Pixels { width, height, rgb }, width, height, interpreted }, properties.orientation))
}

/// The first frame of an AV1 stream, decoded on this thread.
fn frame(stream: &[u8], max_pixels: u64) -> Result<Picture, DecodeError> {
    let failed = |error: re_rav1d::Error| DecodeError::Damaged(format!("AV1: {error}"));
    let header = avif_parse::AV1Metadata::parse_av1_bitstream(stream);
    let header = header.map_err(|error| DecodeError::Damaged(error.to_string()))?;
    check_size(header.max_frame_width.get().into(), header.max_frame_height.get().into(), max_pixels)?;
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    settings.set_all_layers(false);
    // The header that counts is the decoder's own.
    settings.set_frame_size_limit(u32::try_from(max_pixels).unwrap_or(u32::MAX));
    let mut decoder = Decoder::with_settings(&settings).map_err(failed)?;
    match decoder.send_data(stream.to_vec(), None, None, None) {
        Err(error) if !error.is_again() => return Err(failed(error)),
        _ => {}
    }
    let picture = decoder.get_picture().map_err(failed)?;
    check_size(picture.width().into(), picture.height().into(), max_pixels)?;
    Ok(picture)
}

fn laid_on_white(rgb: &[u8], alpha: &[u8], is_premultiplied: bool) -> Vec<u8> {
    let pixels = rgb.as_chunks::<3>().0.iter().zip(alpha);
    if is_premultiplied {
        return pixels.flat_map(|(pixel, alpha)| pixel.map(|channel| channel.saturating_add(255 - alpha))).collect();
    }
    let rgba: Vec<u8> = pixels.flat_map(|([red, green, blue], alpha)| [*red, *green, *blue, *alpha]).collect();
    on_white(&rgba)
}

/// A plane's samples in a row, whatever their depth: bytes up to 8 bits, native-endian pairs above.
fn sample(row: &[u8], x: usize, is_wide: bool) -> u16 {
    if is_wide { u16::from_ne_bytes([row[2 * x], row[2 * x + 1]]) } else { row[x].into() }
}

const LUMA: PlanarImageComponent = PlanarImageComponent::Y;
