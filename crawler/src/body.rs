//! What the bytes of a picture say of themselves, read from the header alone: a bomb is known
//! before it is unpacked.

use imagesize::{Compression, ImageType};
use schema::{DropReason, sha256_hex};

/// What is known of a picture without decoding it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) mime: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) sha256: String,
}

/// Reads format and size; refuses what is no picture we decode, or has too many pixels.
pub(crate) fn facts(body: &[u8], max_pixels: u64) -> Result<Facts, DropReason> {
    let mime = match imagesize::image_type(body).map_err(|_| DropReason::NotAnImage)? {
        ImageType::Jpeg => "image/jpeg",
        ImageType::Png => "image/png",
        ImageType::Webp => "image/webp",
        ImageType::Gif => "image/gif",
        ImageType::Heif(Compression::Av1) => "image/avif",
        _ => return Err(DropReason::NotAnImage),
    };
    let size = imagesize::blob_size(body).map_err(|_| DropReason::NotAnImage)?;
    let (Ok(width), Ok(height)) = (u32::try_from(size.width), u32::try_from(size.height)) else {
        return Err(DropReason::TooManyPixels);
    };
    if width == 0 || height == 0 {
        return Err(DropReason::NotAnImage);
    }
    if u64::from(width) * u64::from(height) > max_pixels {
        return Err(DropReason::TooManyPixels);
    }
    Ok(Facts { mime, width, height, sha256: sha256_hex(body) })
}

/// Whether a media type is worth reading the body for. Servers mislabel pictures as anything but
/// text, so only what is plainly something else is left unread.
pub(crate) fn may_be_image(media_type: &str) -> bool {
    media_type.is_empty()
        || media_type.starts_with("image/") && media_type != "image/svg+xml"
        || matches!(media_type, "application/octet-stream" | "binary/octet-stream" | "application/x-octet-stream")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A GIF header that claims this size.
    fn gif(width: u16, height: u16) -> Vec<u8> {
        [b"GIF89a".as_slice(), &width.to_le_bytes(), &height.to_le_bytes(), &[0; 20]].concat()
    }

    #[test]
    fn pictures_are_known_by_their_bytes() {
        let facts_of = |body: &[u8]| facts(body, 1_000_000).map(|facts| (facts.mime, facts.width, facts.height));
        assert_eq!(facts_of(&gif(7, 9)), Ok(("image/gif", 7, 9)));
        assert_eq!(facts_of(&gif(60_000, 60_000)), Err(DropReason::TooManyPixels));
        assert_eq!(facts_of(&gif(0, 9)), Err(DropReason::NotAnImage));
        for junk in [b"".as_slice(), b"<html>", b"\xff\xd8", b"BM......................", b"RIFF....WEBP"] {
            assert_eq!(facts_of(junk), Err(DropReason::NotAnImage), "{junk:?}");
        }
    }

    #[test]
    fn avif_is_told_from_the_other_formats_in_its_container() {
        let body = |brand: &[u8; 4]| {
            let head = |size: u32, name: &[u8]| [&size.to_be_bytes(), name].concat();
            let mut bytes = [head(20, b"ftyp"), brand.to_vec(), vec![0; 4], brand.to_vec()].concat();
            // meta holds iprp holds ipco holds ispe, the size.
            bytes.extend([head(48, b"meta"), vec![0; 4], head(36, b"iprp"), head(28, b"ipco")].concat());
            bytes.extend([head(20, b"ispe"), vec![0; 4], vec![0, 0, 0, 7], vec![0, 0, 0, 9]].concat());
            bytes
        };
        let facts_of = |brand| facts(&body(brand), 1_000_000).map(|facts| (facts.mime, facts.width, facts.height));
        assert_eq!(facts_of(b"avif"), Ok(("image/avif", 7, 9)));
        assert_eq!(facts_of(b"heic"), Err(DropReason::NotAnImage));
        assert_eq!(facts(&body(b"avif"), 62), Err(DropReason::TooManyPixels));
    }

    #[test]
    fn types_that_are_plainly_something_else_are_left_unread() {
        assert!(["", "image/jpeg", "image/x-whatever", "application/octet-stream"].into_iter().all(may_be_image));
        assert!(!["text/html", "image/svg+xml", "application/json", "video/mp4"].into_iter().any(may_be_image));
    }
}
