//! The addresses that a page gives for one picture, and the choice among them.

use crate::page::AddressSource;
use crate::srcset::Size;
use memchr::{memchr2, memrchr};

/// Most that are kept beside the one chosen.
const MAX_OTHERS: usize = 16;
const MAX_ADDRESS_BYTES: usize = 4096;

/// How much speaks for an address: what stands first decides first.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) struct Rank {
    /// It is not said to be of a format that few can read (AVIF, JPEG XL, SVG).
    pub(crate) readable: bool,
    /// It stands in a lazy-loading attribute: what stands elsewhere is a placeholder then.
    pub(crate) lazy: bool,
    pub(crate) size: Size,
}

impl Rank {
    /// That of an address of which nothing is said.
    pub(crate) const PLAIN: Self = Self { readable: true, lazy: false, size: Size::Density(1.0) };
}

/// The addresses of one picture.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    best: Option<Best>,
    /// The first ones, each once, enough that without the best as many are left as are kept.
    listed: Vec<String>,
    /// How many of those listed are of larger versions, which stand before all others.
    larger: usize,
}

#[derive(Clone, Debug)]
struct Best {
    url: String,
    rank: Rank,
    source: AddressSource,
}

impl Addresses {
    pub(crate) fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Takes in the address of a larger version, which is never chosen. These come first.
    pub(crate) fn add_larger(&mut self, url: &str) {
        if is_usable(url) {
            self.list(url);
            self.larger = self.listed.len();
        }
    }

    /// Takes in an address to choose from. Of several that rank alike the first is chosen.
    pub(crate) fn add(&mut self, url: &str, rank: Rank, source: AddressSource) {
        if !is_usable(url) {
            return;
        }
        self.list(url);
        if self.best.as_ref().is_none_or(|best| rank > best.rank) {
            self.best = Some(Best { url: url.to_owned(), rank, source });
        }
    }

    fn list(&mut self, url: &str) {
        if self.listed.len() <= MAX_OTHERS && !self.listed.iter().any(|known| known == url) {
            self.listed.push(url.to_owned());
        }
    }

    /// Takes in those of the picture around the image, which come before the image's own.
    pub(crate) fn add_picture(&mut self, picture: &Self) {
        let own = self.listed.split_off(self.larger);
        for url in picture.listed.iter().chain(&own) {
            self.list(url);
        }
        if let Some(theirs) = &picture.best
            && self.best.as_ref().is_none_or(|best| theirs.rank >= best.rank)
        {
            self.best = Some(theirs.clone());
        }
    }

    /// The one chosen and the others.
    pub(crate) fn settled(mut self) -> (Option<(String, AddressSource)>, Vec<String>) {
        let chosen = self.best.map(|best| (best.url, best.source));
        if let Some((url, _)) = &chosen {
            self.listed.retain(|other| other != url);
        }
        self.listed.truncate(MAX_OTHERS);
        (chosen, self.listed)
    }
}

/// Whether an address leads to an image and is not beyond all measure.
pub(crate) fn is_usable(url: &str) -> bool {
    !url.is_empty() && url.len() <= MAX_ADDRESS_BYTES && !is_data(url)
}

/// Whether an address holds the image itself.
fn is_data(url: &str) -> bool {
    url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"))
}

/// Whether the value of a `data-` attribute can be an address, not a flag, a number or JSON.
pub(crate) fn is_address(value: &str) -> bool {
    value.bytes().any(|byte| byte == b'/' || byte == b'.') && !value.starts_with(['{', '[', '<', '\\', '"'])
}

/// Whether an address is that of an image file, by its ending. A wiki's page about one (`File:a.jpg`) is none.
pub(crate) fn is_image_file(url: &str) -> bool {
    let path = memchr2(b'?', b'#', url.as_bytes()).map_or(url, |end| &url[..end]);
    // The longest ending has five bytes with its dot.
    let Some(dot) = path.bytes().rev().take(5).position(|byte| byte == b'.') else { return false };
    let (stem, ending) = path.split_at(path.len() - dot);
    let endings = ["jpg", "jpeg", "png", "webp", "gif", "avif"];
    if !endings.iter().any(|known| ending.eq_ignore_ascii_case(known)) {
        return false;
    }
    let name = memrchr(b'/', stem.as_bytes()).map_or(stem, |slash| &stem[slash + 1..]);
    !name.contains(':') && !name.contains("%3A")
}
