//! An image's address and texts.

use crate::attributes::{Attributes, Key};
use crate::figures::Picture;
use crate::page::{AddressSource, Image, Mark, Place};
use crate::srcset::{is_data, largest};

/// Attributes under which lazy-loading scripts keep the real address, most used first.
const LAZY_SOURCES: [Key; 6] =
    [Key::DataSrc, Key::DataOriginal, Key::DataLazySrc, Key::DataLazy, Key::DataUrl, Key::DataHiResSrc];
const LAZY_SOURCE_SETS: [Key; 2] = [Key::DataSrcset, Key::DataLazySrcset];

/// The image at `at`. Its address may yet come from its picture, whose later sources count too.
pub(crate) fn image(attributes: &Attributes<'_>, marks: Vec<Mark>, at: usize) -> Image {
    Image {
        address: address(attributes),
        alt: attributes.collapsed(Key::Alt),
        title: attributes.collapsed(Key::Title),
        aria_label: attributes.collapsed(Key::AriaLabel),
        caption: None,
        marks,
        at: Place { line: 0, byte: at },
    }
}

/// Picks one address: a lazy attribute first (then `src` is only a placeholder), `src` next, and
/// the largest candidate of `srcset` where there is no usable `src`.
fn address(attributes: &Attributes<'_>) -> Option<(String, AddressSource)> {
    let lazy = LAZY_SOURCES.iter().find_map(|key| attributes.collapsed(*key));
    let lazy = lazy.or_else(|| LAZY_SOURCE_SETS.iter().find_map(|key| largest_in(attributes, *key)));
    if let Some(url) = lazy {
        return Some((url, AddressSource::Lazy));
    }
    let src = attributes.collapsed(Key::Src);
    if let Some(url) = src.as_ref().filter(|url| !is_data(url)) {
        return Some((url.clone(), AddressSource::Src));
    }
    let from_set = largest_in(attributes, Key::Srcset).map(|url| (url, AddressSource::Srcset));
    from_set.or(src.map(|url| (url, AddressSource::Src)))
}

/// The address a `source` of a picture gives.
pub(crate) fn source_address(attributes: &Attributes<'_>) -> Option<String> {
    largest_in(attributes, Key::Srcset).or_else(|| largest_in(attributes, Key::DataSrcset))
}

fn largest_in(attributes: &Attributes<'_>, key: Key) -> Option<String> {
    largest(&attributes.value(key)?)
}

/// The picture to ask for the address, where the image itself has no usable one.
pub(crate) fn picture_needed(image: &Image, picture: Option<Picture>) -> Option<Picture> {
    let is_usable = match &image.address {
        Some((url, AddressSource::Src)) => !is_data(url),
        Some(_) => true,
        None => false,
    };
    picture.filter(|_| !is_usable)
}
