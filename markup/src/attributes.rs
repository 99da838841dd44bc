//! The attributes of one tag that anything here asks for. Others are passed over, so that a tag
//! of a megabyte takes no more memory than a short one.

use crate::chunk::{packed, small};
use crate::references::{Site, decoded};
use crate::text::{collapsed, is_plain};
use std::borrow::Cow;

macro_rules! keys {
    ($($variant:ident $text:literal;)*) => {
        /// A name that is asked for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(crate) enum Key { $($variant,)* }

        const COUNT: usize = [$($text),*].len();
        /// The keys, the shorter first.
        const KEYS: [(Key, &str); COUNT] = [$((Key::$variant, $text)),*];
    };
}

keys! {
    Id "id";
    Src "src"; Alt "alt"; Rel "rel";
    Name "name"; Href "href"; Type "type"; Lang "lang"; Role "role"; Face "face"; Size "size";
    Class "class"; Title "title"; Color "color"; Nopin "nopin";
    Srcset "srcset"; Poster "poster";
    Content "content"; DataAi "data-ai"; DataBg "data-bg";
    Property "property"; Encoding "encoding"; DataSrc "data-src"; DataUrl "data-url";
    DataNoai "data-noai"; DataLazy "data-lazy"; DataLsrc "data-lsrc";
    AriaLabel "aria-label"; HttpEquiv "http-equiv"; DataNollm "data-nollm"; DataNoAi "data-no-ai";
    DataImage "data-image"; DataCfsrc "data-cfsrc"; DataEzsrc "data-ezsrc";
    DataSrcset "data-srcset"; DataPoster "data-poster"; DataRetina "data-retina";
    DataImgSrc "data-img-src"; DataImgUrl "data-img-url";
    DataOriginal "data-original"; DataLazySrc "data-lazy-src"; DataAiTrain "data-ai-train";
    DataEzsrcset "data-ezsrcset"; DataFullSrc "data-full-src"; DataFullUrl "data-full-url";
    DataPinNopin "data-pin-nopin"; DataNosnippet "data-nosnippet"; DataNoimageai "data-noimageai";
    DataActualsrc "data-actualsrc"; DataOrigFile "data-orig-file"; DataPinMedia "data-pin-media";
    DataHiResSrc "data-hi-res-src"; DataLargeFile "data-large-file"; DataZoomImage "data-zoom-image";
    DataLazySrcset "data-lazy-srcset"; DataAiTraining "data-ai-training"; DataLargeImage "data-large_image";
    DataPinNoHover "data-pin-no-hover"; DataOriginalSrc "data-original-src";
    DataNoAiTraining "data-no-ai-training";
    DataPagespeedLazySrc "data-pagespeed-lazy-src";
}

const MAX_LENGTH: usize = 23;

/// More than four times as many as there may be keys, so that a name that is none mostly meets an empty slot.
const SLOTS: usize = 256;

/// The keys, each with its first and last bytes, in the first free slot from its hash on.
static TABLE: [(u64, u64, Option<Key>); SLOTS] = {
    let mut table = [(0, 0, None); SLOTS];
    let mut at = 0;
    while at < COUNT {
        let (first, last) = ends(KEYS[at].1.as_bytes());
        let mut slot = hash(first, last);
        while table[slot].2.is_some() {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = (first, last, Some(KEYS[at].0));
        at += 1;
    }
    table
};

/// The same for names of at most eight bytes, which most are.
static SHORT: [(u64, Option<Key>); SLOTS] = {
    let mut table = [(0, None); SLOTS];
    let mut slot = 0;
    while slot < SLOTS {
        let (first, last, key) = TABLE[slot];
        // One that a longer name shifts from its place stays there: the search goes on past that.
        table[slot] = (if last == 0 { first } else { 0 }, key);
        slot += 1;
    }
    table
};

#[inline]
const fn hash(first: u64, last: u64) -> usize {
    ((first ^ last.rotate_left(23)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize
}

/// The first eight bytes, and the last where there are more.
const fn ends(name: &[u8]) -> (u64, u64) {
    let last = if name.len() > 8 { packed(name.split_at(name.len() - 8).1) } else { 0 };
    (packed(name), last)
}

impl Key {
    /// The name, lower case.
    pub(crate) fn name(self) -> &'static str {
        KEYS[self as usize].1
    }

    /// The key `name` is, in any case.
    pub(crate) fn of(name: &[u8]) -> Option<Self> {
        if name.len() > MAX_LENGTH {
            return None;
        }
        let (first, last) = ends(name);
        Self::find(first, last, name)
    }

    /// The key that stands between two places more than eight bytes apart and begins with `word`.
    pub(crate) fn of_long(word: u64, source: &[u8], start: usize, end: usize) -> Option<Self> {
        let last = small(crate::chunk::word(source, end - 8)?, 8);
        Self::find(small(word, 8), last, source.get(start..end)?)
    }

    fn find(first: u64, last: u64, name: &[u8]) -> Option<Self> {
        let mut slot = hash(first, last);
        while let (known_first, known_last, Some(key)) = TABLE[slot] {
            if known_first == first && known_last == last && name.eq_ignore_ascii_case(key.name().as_bytes()) {
                return Some(key);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }

    /// The key whose at most eight bytes, letters small, are `word`.
    #[inline]
    pub(crate) fn of_word(word: u64) -> Option<Self> {
        let mut slot = hash(word, 0);
        loop {
            let (known, key) = SHORT[slot];
            if known == word || key.is_none() {
                return key;
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    pub(crate) const fn bit(self) -> u64 {
        1 << self as u8
    }

    /// The bits of all of `keys`.
    pub(crate) const fn bits(keys: &[Self]) -> u64 {
        let (mut bits, mut at) = (0, 0);
        while at < keys.len() {
            bits |= keys[at].bit();
            at += 1;
        }
        bits
    }
}

/// The attributes of one tag.
#[derive(Clone, Debug)]
pub(crate) struct Attributes<'a> {
    source: &'a str,
    present: u64,
    /// Whether class or id may hold a word that means something; most hold none.
    pub(crate) may_be_labelled: bool,
    /// Where in the source they begin and end.
    values: [(usize, usize); COUNT],
}

impl<'a> Attributes<'a> {
    pub(crate) const fn new(source: &'a str) -> Self {
        Self { source, present: 0, may_be_labelled: false, values: [(0, 0); COUNT] }
    }

    pub(crate) fn clear(&mut self) {
        self.present = 0;
        self.may_be_labelled = false;
    }

    /// Takes an attribute in whose value stands between two places. Of several with one name the first counts.
    #[inline]
    pub(crate) fn add(&mut self, key: Key, start: usize, end: usize) {
        if self.present & key.bit() == 0 {
            self.present |= key.bit();
            self.values[key as usize] = (start, end);
        }
    }

    /// What they stand in.
    pub(crate) fn source(&self) -> &'a str {
        self.source
    }

    /// Which keys there are, as a set of bits.
    pub(crate) fn present(&self) -> u64 {
        self.present
    }

    /// Those whose bits are not among `present`.
    pub(crate) fn without(&self, present: u64) -> Self {
        Self { present: self.present & !present, ..self.clone() }
    }

    /// The value as written in the source.
    pub(crate) fn raw(&self, key: Key) -> Option<&'a str> {
        if self.present & key.bit() == 0 {
            return None;
        }
        let (start, end) = self.values[key as usize];
        self.source.get(start..end)
    }

    /// The value, character references decoded.
    pub(crate) fn value(&self, key: Key) -> Option<Cow<'a, str>> {
        self.raw(key).map(|value| decoded(value, Site::Attribute))
    }

    /// The value, decoded, white space collapsed; `None` where nothing is left.
    pub(crate) fn collapsed(&self, key: Key) -> Option<String> {
        let raw = self.raw(key)?;
        if is_plain(raw) { Some(raw.to_owned()) } else { collapsed(&decoded(raw, Site::Attribute)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_the_first_of_its_kind_counts() {
        assert!(KEYS.is_sorted_by_key(|(_, text)| text.len()));
        for (key, text) in KEYS {
            assert_eq!(Key::of(text.to_ascii_uppercase().as_bytes()), Some(key));
            assert!(text.len() > 8 || Key::of_word(packed(text.as_bytes())) == Some(key), "{text}");
            // What `small` takes for the same would be a key too.
            assert!(text.len() > 8 || text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{text}");
        }
        for other in ["", "x", "classe", "data-srcs", "data-pin-no-hover-x", "xata-pin-no-hover", "data-pin_no-hover"] {
            assert_eq!(Key::of(other.as_bytes()), None, "{other}");
        }
        assert_eq!(Key::of_word(packed(b"classe")), None);
        let mut attributes = Attributes::new("a &amp; b c");
        attributes.add(Key::Alt, 0, 9);
        attributes.add(Key::Alt, 10, 11);
        assert_eq!((attributes.value(Key::Alt).as_deref(), attributes.value(Key::Title)), (Some("a & b"), None));
        attributes.clear();
        assert_eq!(attributes.raw(Key::Alt), None);
    }
}
