//! An image's addresses and texts.

use crate::addresses::{Addresses, Rank, is_address, is_image_file};
use crate::attributes::{Attributes, Key};
use crate::figures::{Picture, Pictures};
use crate::names::Name;
use crate::page::{AddressSource, ElementKind, Image, Mark, Place};
use crate::srcset::candidates;
use crate::text::is_plain;

/// Attributes under which lazy-loading scripts keep the real address, most used first. Values that cannot be
/// addresses (`data-lazy="true"`) do not count.
const LAZY_SOURCES: [Key; 14] = [
    Key::DataSrc,
    Key::DataLazySrc,
    Key::DataOriginal,
    Key::DataLazy,
    Key::DataImgUrl,
    Key::DataLsrc,
    Key::DataCfsrc,
    Key::DataEzsrc,
    Key::DataHiResSrc,
    Key::DataPagespeedLazySrc,
    Key::DataOriginalSrc,
    Key::DataImgSrc,
    Key::DataActualsrc,
    Key::DataPoster,
];
/// Lazy too, but as often the address of a page or the number of a record: only image files count.
const VAGUE_SOURCES: [Key; 3] = [Key::DataImage, Key::DataBg, Key::DataUrl];
const LAZY_SOURCE_SETS: [Key; 3] = [Key::DataSrcset, Key::DataLazySrcset, Key::DataEzsrcset];

/// Attributes that name a larger version of what is shown: for a zoom, a lightbox, a sharp screen or to be pinned.
/// They are not chosen, because the page does not show them: some are many times as large, some cut otherwise, and
/// what an image shows its texts are about. Those that name the largest come first.
const LARGER: [Key; 8] = [
    Key::DataOrigFile,
    Key::DataLargeFile,
    Key::DataLargeImage,
    Key::DataFullSrc,
    Key::DataFullUrl,
    Key::DataZoomImage,
    Key::DataRetina,
    Key::DataPinMedia,
];

const LAZY_BITS: u64 = Key::bits(&LAZY_SOURCES) | Key::bits(&VAGUE_SOURCES) | Key::bits(&LAZY_SOURCE_SETS);
const LARGER_BITS: u64 = Key::bits(&LARGER);

/// All addresses that images get from others than themselves, on one page, together with the addresses not chosen.
const MAX_BYTES_A_PAGE: usize = 32 << 20;

/// What kind of image an element is, if it is one.
pub(crate) fn kind(name: Name, attributes: &Attributes<'_>) -> Option<ElementKind> {
    let is_image = |value: std::borrow::Cow<'_, str>| value.eq_ignore_ascii_case("image");
    match name {
        Name::Img | Name::Image => Some(ElementKind::Img),
        Name::AmpImg => Some(ElementKind::AmpImg),
        Name::Video if attributes.present() & (Key::Poster.bit() | Key::DataPoster.bit()) != 0 => {
            Some(ElementKind::Video)
        }
        Name::Input if attributes.value(Key::Type).is_some_and(is_image) => Some(ElementKind::Input),
        _ => None,
    }
}

/// The image at `at`, for now with its plain address.
pub(crate) fn image(element: ElementKind, attributes: &Attributes<'_>, marks: Vec<Mark>, at: usize) -> Image {
    let plain = if element == ElementKind::Video { Key::Poster } else { Key::Src };
    Image {
        element,
        // Stays where nothing better comes, even if it holds the image itself.
        address: attributes.collapsed(plain).map(|url| (url, AddressSource::Src)),
        alt: attributes.collapsed(Key::Alt),
        title: attributes.collapsed(Key::Title),
        aria_label: attributes.collapsed(Key::AriaLabel),
        marks,
        at: Place { line: 0, byte: at },
        ..Image::default()
    }
}

/// The image file that a link leads to.
pub(crate) fn linked(link: &Attributes<'_>) -> Option<String> {
    let href = link.raw(Key::Href)?;
    if is_plain(href) && !is_image_file(href) {
        return None;
    }
    link.collapsed(Key::Href).filter(|url| is_image_file(url))
}

/// The addresses that the tag of `image` gives; none if there is only the one it has. `link` is the image file that a
/// link around it leads to, `in_picture` whether a picture has more.
pub(crate) fn addresses(image: &Image, attributes: &Attributes<'_>, link: Option<&str>, in_picture: bool) -> Addresses {
    let mut addresses = Addresses::default();
    add_larger(&mut addresses, attributes, link);
    add_lazy(&mut addresses, attributes);
    if matches!(image.element, ElementKind::Img | ElementKind::AmpImg) {
        add_set(&mut addresses, attributes, Key::Srcset, Rank::PLAIN, AddressSource::Srcset);
    }
    if let Some((url, source)) = image.address.as_ref().filter(|_| in_picture || !addresses.is_empty()) {
        addresses.add(url, Rank::PLAIN, *source);
    }
    addresses
}

fn add_larger(addresses: &mut Addresses, attributes: &Attributes<'_>, link: Option<&str>) {
    if attributes.present() & LARGER_BITS != 0 {
        let values = LARGER.iter().filter_map(|key| attributes.collapsed(*key));
        values.filter(|value| is_address(value)).for_each(|value| addresses.add_larger(&value));
    }
    if let Some(link) = link {
        addresses.add_larger(link);
    }
}

/// As in the standard's source set, the candidates of a set come before the single address, which counts as `1x`.
fn add_lazy(addresses: &mut Addresses, attributes: &Attributes<'_>) {
    if attributes.present() & LAZY_BITS == 0 {
        return;
    }
    let rank = Rank { lazy: true, ..Rank::PLAIN };
    for key in LAZY_SOURCE_SETS {
        add_set(addresses, attributes, key, rank, AddressSource::Lazy);
    }
    let sources = LAZY_SOURCES.iter().filter_map(|key| attributes.collapsed(*key)).filter(|value| is_address(value));
    let vague = VAGUE_SOURCES.iter().filter_map(|key| attributes.collapsed(*key));
    let vague = vague.filter(|value| is_address(value) && is_image_file(value));
    for url in sources.chain(vague) {
        addresses.add(&url, rank, AddressSource::Lazy);
    }
}

fn add_set(addresses: &mut Addresses, attributes: &Attributes<'_>, key: Key, rank: Rank, source: AddressSource) {
    let Some(set) = attributes.value(key) else { return };
    for candidate in candidates(&set) {
        addresses.add(candidate.url, Rank { size: candidate.size, ..rank }, source);
    }
}

/// Takes in what a `source` gives to its picture.
///
/// A browser takes the first source whose `media` and `type` suit it, before the image's own set. What suits cannot be
/// known here, so all take part, and the largest candidate is chosen; a format that we do not read only where there
/// is nothing else.
pub(crate) fn add_source(addresses: &mut Addresses, attributes: &Attributes<'_>) {
    let readable = attributes.collapsed(Key::Type).is_none_or(|media_type| {
        let known = ["image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif"];
        known.iter().any(|known| media_type.eq_ignore_ascii_case(known))
    });
    let lazy = Rank { readable, lazy: true, ..Rank::PLAIN };
    for key in LAZY_SOURCE_SETS {
        add_set(addresses, attributes, key, lazy, AddressSource::Picture);
    }
    add_set(addresses, attributes, Key::Srcset, Rank { lazy: false, ..lazy }, AddressSource::Picture);
}

/// How much of what a page may give away is given.
#[derive(Debug, Default)]
pub(crate) struct Given(usize);

impl Given {
    /// Settles the image's address, now that its picture is known.
    pub(crate) fn settle(
        &mut self,
        image: &mut Image,
        mut addresses: Addresses,
        picture: Option<Picture>,
        all: &Pictures,
    ) {
        if let Some(picture) = picture.filter(|_| self.0 < MAX_BYTES_A_PAGE) {
            addresses.add_picture(all.addresses(picture));
        }
        let (chosen, others) = addresses.settled();
        if let Some((url, source)) = chosen {
            if source == AddressSource::Picture {
                self.0 += url.len();
            }
            image.address = Some((url, source));
        }
        self.0 += others.iter().map(String::len).sum::<usize>();
        if self.0 < MAX_BYTES_A_PAGE {
            image.others = others;
        }
    }
}
