//! Attributes that speak of use, on elements and on those around them.

use crate::attributes::{Attributes, Key};
use crate::page::{Mark, Place};
use crate::references::{Site, decoded};
use crate::text::clipped;
use crate::tokens::Tag;
use std::num::NonZeroU32;

const KEYS: [Key; 12] = [
    Key::DataNoai,
    Key::DataNoimageai,
    Key::DataNollm,
    Key::DataNoAi,
    Key::DataAi,
    Key::DataAiTraining,
    Key::DataNoAiTraining,
    Key::DataAiTrain,
    Key::Nopin,
    Key::DataPinNopin,
    Key::DataPinNoHover,
    Key::DataNosnippet,
];

/// The keys of all of them as bits.
const BITS: u64 = {
    let (mut bits, mut at) = (0, 0);
    while at < KEYS.len() {
        bits |= KEYS[at].bit();
        at += 1;
    }
    bits
};

/// Most marks an image is given.
const MAX_MARKS: usize = 64;
/// Most marks the images of a page are given together; after them an image gets only its nearest.
const MAX_MARKS_A_PAGE: usize = 200_000;
const MAX_VALUE_BYTES: usize = 1024;

/// The marks of one element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own {
    start: u32,
    end: NonZeroU32,
}

/// The marks in force somewhere: those of an element, then those around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain(u32);

struct Link {
    own: Own,
    outer: Option<Chain>,
}

/// A mark as it stands in the source.
struct Raw<'a> {
    key: Key,
    value: &'a str,
    element: &'a str,
    at: usize,
}

/// All marks of a page.
#[derive(Default)]
pub(crate) struct Marks<'a> {
    raw: Vec<Raw<'a>>,
    links: Vec<Link>,
    given: usize,
}

impl<'a> Marks<'a> {
    /// The marks among the attributes of the tag at `at`; `noai` says whether its class is one.
    #[inline]
    pub(crate) fn own(&mut self, attributes: &Attributes<'a>, noai: bool, tag: &Tag) -> Option<Own> {
        if attributes.present() & BITS == 0 && !noai {
            return None;
        }
        self.add_own(attributes, noai, tag)
    }

    fn add_own(&mut self, attributes: &Attributes<'a>, noai: bool, tag: &Tag) -> Option<Own> {
        let (element, at) = (tag.label(attributes.source()), tag.at);
        let start = self.next()?;
        for key in KEYS.into_iter().chain(noai.then_some(Key::Class)) {
            if let Some(value) = attributes.raw(key) {
                self.raw.push(Raw { key, value, element, at });
            }
        }
        Some(Own { start, end: NonZeroU32::new(self.next()?)? })
    }

    fn next(&self) -> Option<u32> {
        u32::try_from(self.raw.len()).ok()
    }

    /// What is in force inside an element with marks of its own.
    pub(crate) fn inside(&mut self, own: Own, outer: Option<Chain>) -> Option<Chain> {
        let link = u32::try_from(self.links.len()).ok()?;
        self.links.push(Link { own, outer });
        Some(Chain(link))
    }

    /// The marks of an image, its own first.
    pub(crate) fn of_image(&mut self, own: Option<Own>, mut around: Option<Chain>) -> Vec<Mark> {
        let limit = self.limit();
        let mut marks: Vec<Mark> = own.map(|own| self.read(own, limit).collect()).unwrap_or_default();
        while let Some(Chain(link)) = around
            && marks.len() < limit
        {
            let link = &self.links[link as usize];
            marks.extend(self.read(link.own, limit - marks.len()));
            around = link.outer;
        }
        self.given += marks.len();
        marks
    }

    /// Adds to `marks` those of the page's root, which may come late in the source.
    pub(crate) fn add(&mut self, own: &[Own], marks: &mut Vec<Mark>) {
        for own in own {
            let room = self.limit().saturating_sub(marks.len());
            let before = marks.len();
            marks.extend(self.read(*own, room));
            self.given += marks.len() - before;
        }
    }

    fn limit(&self) -> usize {
        if self.given < MAX_MARKS_A_PAGE { MAX_MARKS } else { 1 }
    }

    fn read(&self, own: Own, most: usize) -> impl Iterator<Item = Mark> {
        self.raw[own.start as usize..own.end.get() as usize].iter().take(most).map(Raw::read)
    }
}

impl Raw<'_> {
    fn read(&self) -> Mark {
        // References make a value shorter, but no sensible one four times.
        let source = &self.value[..self.value.floor_char_boundary(4 * MAX_VALUE_BYTES)];
        let value = clipped(&decoded(source, Site::Attribute), MAX_VALUE_BYTES);
        let element = self.element.to_ascii_lowercase().replace('\0', "\u{fffd}");
        Mark { name: self.key.name().to_owned(), value, element, at: Place { line: 0, byte: self.at } }
    }
}
