//! The attributes of one tag that anything here asks for. Others are passed over, so that a tag
//! of a megabyte takes no more memory than a short one.

use crate::references::{Site, decoded};
use crate::text::collapsed;
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
    Srcset "srcset";
    Content "content"; DataAi "data-ai";
    Property "property"; Encoding "encoding"; DataSrc "data-src"; DataUrl "data-url";
    DataNoai "data-noai"; DataLazy "data-lazy";
    AriaLabel "aria-label"; HttpEquiv "http-equiv"; DataNollm "data-nollm"; DataNoAi "data-no-ai";
    DataSrcset "data-srcset";
    DataOriginal "data-original"; DataLazySrc "data-lazy-src"; DataAiTrain "data-ai-train";
    DataPinNopin "data-pin-nopin"; DataNosnippet "data-nosnippet"; DataNoimageai "data-noimageai";
    DataHiResSrc "data-hi-res-src";
    DataLazySrcset "data-lazy-srcset"; DataAiTraining "data-ai-training";
    DataPinNoHover "data-pin-no-hover";
    DataNoAiTraining "data-no-ai-training";
}

const MAX_LENGTH: usize = 19;

/// Where the keys of each length begin in `KEYS`.
const STARTS: [usize; MAX_LENGTH + 2] = {
    let mut starts = [0; MAX_LENGTH + 2];
    let (mut length, mut key) = (0, 0);
    while length < starts.len() {
        while key < COUNT && KEYS[key].1.len() < length {
            key += 1;
        }
        starts[length] = key;
        length += 1;
    }
    starts
};

impl Key {
    /// The name, lower case.
    pub(crate) fn name(self) -> &'static str {
        KEYS[self as usize].1
    }

    /// The key `name` is, in any case.
    fn of(name: &[u8]) -> Option<Self> {
        let bounds = STARTS.get(name.len()..name.len() + 2)?;
        let same_length = &KEYS[bounds[0]..bounds[1]];
        same_length.iter().find(|(_, text)| name.eq_ignore_ascii_case(text.as_bytes())).map(|(key, _)| *key)
    }

    pub(crate) const fn bit(self) -> u64 {
        1 << self as u8
    }
}

/// The attributes of one tag.
#[derive(Clone, Debug)]
pub(crate) struct Attributes<'a> {
    present: u64,
    values: [&'a str; COUNT],
}

impl<'a> Attributes<'a> {
    pub(crate) const fn new() -> Self {
        Self { present: 0, values: [""; COUNT] }
    }

    pub(crate) fn clear(&mut self) {
        self.present = 0;
    }

    /// Takes an attribute in. Of several with one name the first counts.
    #[inline]
    pub(crate) fn add(&mut self, name: &[u8], value: &'a str) {
        let Some(key) = Key::of(name) else { return };
        if self.present & key.bit() == 0 {
            self.present |= key.bit();
            self.values[key as usize] = value;
        }
    }

    /// Which keys there are, as a set of bits.
    pub(crate) fn present(&self) -> u64 {
        self.present
    }

    /// Those whose bits are not among `present`.
    pub(crate) fn without(&self, present: u64) -> Self {
        Self { present: self.present & !present, values: self.values }
    }

    /// The value as written in the source.
    pub(crate) fn raw(&self, key: Key) -> Option<&'a str> {
        (self.present & key.bit() != 0).then(|| self.values[key as usize])
    }

    /// The value, character references decoded.
    pub(crate) fn value(&self, key: Key) -> Option<Cow<'a, str>> {
        self.raw(key).map(|value| decoded(value, Site::Attribute))
    }

    /// The value, decoded, white space collapsed; `None` where nothing is left.
    pub(crate) fn collapsed(&self, key: Key) -> Option<String> {
        collapsed(&self.value(key)?)
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
        }
        for other in ["", "x", "classe", "data-srcs", "data-pin-no-hover-x", "xata-pin-no-hover"] {
            assert_eq!(Key::of(other.as_bytes()), None, "{other}");
        }
        let mut attributes = Attributes::new();
        attributes.add(b"ALT", "a &amp; b");
        attributes.add(b"alt", "c");
        attributes.add(b"style", "d");
        assert_eq!((attributes.value(Key::Alt).as_deref(), attributes.value(Key::Title)), (Some("a & b"), None));
        attributes.clear();
        assert_eq!(attributes.raw(Key::Alt), None);
    }
}
