//! Figures and pictures: what an image shares with the elements it stands among.

use crate::addresses::Addresses;
use crate::text::clipped;
use crate::words::Words;
use std::collections::HashMap;

const MAX_CAPTION_BYTES: usize = 4096;
/// Captions are copied to every image of their figure: together at most this much, then little each.
const MAX_BYTES_A_PAGE: usize = 32 << 20;
const MAX_BYTES_AFTER: usize = 256;

/// A figure's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Figure(u32);

/// A caption's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caption(u32);

/// A picture's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture(u32);

/// The figures of a page and their captions.
#[derive(Default)]
pub(crate) struct Figures {
    figures: Vec<(Option<Figure>, Option<Caption>)>,
    captions: Vec<(usize, Option<usize>)>,
}

impl Figures {
    /// A figure begins, perhaps inside another.
    pub(crate) fn begin(&mut self, outer: Option<Figure>) -> Option<Figure> {
        let number = u32::try_from(self.figures.len()).ok()?;
        self.figures.push((outer, None));
        Some(Figure(number))
    }

    /// A caption begins with piece `first`: that of every figure around it that has none yet.
    pub(crate) fn begin_caption(&mut self, mut figure: Option<Figure>, first: usize) -> Option<Caption> {
        let caption = Caption(u32::try_from(self.captions.len()).ok()?);
        self.captions.push((first, None));
        while let Some(Figure(number)) = figure
            && let (outer, none @ None) = &mut self.figures[number as usize]
        {
            *none = Some(caption);
            figure = *outer;
        }
        Some(caption)
    }

    /// The caption ended before piece `end`.
    pub(crate) fn end_caption(&mut self, Caption(number): Caption, end: usize) {
        self.captions[number as usize].1 = Some(end);
    }

    fn caption(&self, Figure(number): Figure) -> Option<Caption> {
        self.figures[number as usize].1
    }
}

/// The captions' texts, each read once.
pub(crate) struct Captions<'w, 'a> {
    figures: &'w Figures,
    words: &'w Words<'a>,
    texts: HashMap<u32, Option<String>>,
    given: usize,
}

impl<'w, 'a> Captions<'w, 'a> {
    pub(crate) fn new(figures: &'w Figures, words: &'w Words<'a>) -> Self {
        Self { figures, words, texts: HashMap::new(), given: 0 }
    }

    pub(crate) fn of(&mut self, figure: Figure) -> Option<String> {
        let Caption(number) = self.figures.caption(figure)?;
        let (first, end) = self.figures.captions[number as usize];
        let pieces = first..end.unwrap_or_else(|| self.words.count());
        let text = self.texts.entry(number).or_insert_with(|| self.words.text(pieces, MAX_CAPTION_BYTES)).as_deref()?;
        let most = if self.given < MAX_BYTES_A_PAGE { MAX_CAPTION_BYTES } else { MAX_BYTES_AFTER };
        self.given += text.len();
        Some(clipped(text, most))
    }
}

/// The pictures of a page: the addresses that their sources give.
#[derive(Default)]
pub(crate) struct Pictures(Vec<Addresses>);

impl Pictures {
    pub(crate) fn begin(&mut self) -> Option<Picture> {
        let number = u32::try_from(self.0.len()).ok()?;
        self.0.push(Addresses::default());
        Some(Picture(number))
    }

    pub(crate) fn addresses(&self, Picture(number): Picture) -> &Addresses {
        &self.0[number as usize]
    }

    pub(crate) fn addresses_mut(&mut self, Picture(number): Picture) -> &mut Addresses {
        &mut self.0[number as usize]
    }
}
