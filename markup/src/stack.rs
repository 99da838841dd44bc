//! The open elements, and what an element inside them finds around itself.

use crate::around::{Block, Blocks, LEVELS, Spot, is_block};
use crate::element::{Element, Space};
use crate::figures::{Caption, Figure, Figures, Picture, Pictures};
use crate::marks::{Chain, Marks};
use crate::names::{BEGINS, COUNT, FOSTERS, Name};
use crate::notices::{Kind, Notices, Number};
use crate::tokens::{Tag, Text};
use crate::words::Words;
use std::num::NonZeroU32;

/// Elements nested deeper are seen, but hold nothing: for what is inside them, the elements up to
/// here are what is around. Browsers stop nesting at 512 too.
const MAX_DEPTH: usize = 512;

/// What an element finds around itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Around {
    pub(crate) figure: Option<Figure>,
    pub(crate) picture: Option<Picture>,
    pub(crate) marks: Option<Chain>,
    /// Inside svg or a template: no words of the page.
    pub(crate) wordless: bool,
    /// Inside a template: not on the page.
    pub(crate) template: bool,
}

/// The number of what is around some elements; most have the same around them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Inside(u32);

/// An open element. There are many, and few begin anything: it fills one line of the cache.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open {
    pub(crate) element: Element,
    /// Its number among the formatting elements; 0 is none.
    pub(crate) format: u32,
    /// What is around the elements inside it.
    inside: Inside,
    first_piece: u32,
    /// Elements opened before it.
    order: u32,
    /// Where what it begins stands among `begun`, counted from 1.
    begun: Option<NonZeroU32>,
    /// Whether it stands before the table it was found in.
    fostered: bool,
}

/// What an element begins.
#[derive(Clone, Copy, Debug, Default)]
struct Begun {
    figure: Option<Figure>,
    picture: Option<Picture>,
    caption: Option<Caption>,
    notice: Option<Number>,
    block: Option<Block>,
}

/// The open elements of a page and what they leave behind.
pub(crate) struct Stack<'a> {
    source: &'a str,
    open: Vec<Open>,
    /// What is around elements; nothing is around those outside all.
    around: Vec<Around>,
    begun: Vec<Begun>,
    /// How many of each name are open.
    counts: [u32; COUNT],
    /// How many were opened.
    opened: u32,
    pub(crate) words: Words<'a>,
    pub(crate) marks: Marks<'a>,
    pub(crate) notices: Notices<'a>,
    pub(crate) figures: Figures,
    pub(crate) pictures: Pictures,
    pub(crate) blocks: Blocks,
}

impl<'a> Stack<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self {
            source,
            open: Vec::with_capacity(MAX_DEPTH / 4),
            around: vec![Around::default()],
            begun: Vec::new(),
            counts: [0; COUNT],
            opened: 0,
            words: Words::of(source),
            marks: Marks::default(),
            notices: Notices::default(),
            figures: Figures::default(),
            pictures: Pictures::default(),
            blocks: Blocks::default(),
        }
    }

    pub(crate) fn source(&self) -> &'a str {
        self.source
    }

    /// Whether the element is named as the tag is.
    pub(crate) fn has_label(&self, element: &Element, tag: &Tag) -> bool {
        element.label(self.source).eq_ignore_ascii_case(tag.label(self.source))
    }

    /// Whether no more elements are held.
    pub(crate) fn is_full(&self) -> bool {
        self.open.len() >= MAX_DEPTH
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn last(&self) -> Option<&Open> {
        self.open.last()
    }

    pub(crate) fn get(&self, index: usize) -> &Open {
        &self.open[index]
    }

    /// The elements, innermost first.
    pub(crate) fn inwards(&self) -> impl Iterator<Item = (usize, &Open)> {
        self.open.iter().enumerate().rev()
    }

    pub(crate) fn top_is(&self, name: Name) -> bool {
        self.last().is_some_and(|top| top.element.is(name))
    }

    pub(crate) fn top_is_in(&self, sets: u16) -> bool {
        self.last().is_some_and(|top| top.element.is_in(sets))
    }

    /// Whether any HTML element of that name is open.
    pub(crate) fn holds(&self, name: Name) -> bool {
        self.counts[name as usize] > 0
    }

    /// Whether an HTML element of that name is open and no scope hides it, nor any that `hides`.
    pub(crate) fn in_scope(&self, name: Name, hides: impl Fn(&Element) -> bool) -> bool {
        self.holds(name) && self.finds(|element| element.is(name), |element| element.ends_scope() || hides(element))
    }

    /// Whether one that `is` it is open and no scope hides it.
    pub(crate) fn is_in_scope(&self, is: impl Fn(&Element) -> bool) -> bool {
        self.finds(is, Element::ends_scope)
    }

    /// Looks inside out for one that `is` it, up to one that `hides` what is further out.
    fn finds(&self, is: impl Fn(&Element) -> bool, hides: impl Fn(&Element) -> bool) -> bool {
        let mut elements = self.open.iter().rev().map(|open| &open.element);
        elements.find(|element| is(element) || hides(element)).is_some_and(is)
    }

    pub(crate) fn in_default_scope(&self, name: Name) -> bool {
        self.in_scope(name, |_| false)
    }

    pub(crate) fn in_table_scope(&self, is: impl Fn(&Element) -> bool) -> bool {
        self.finds(is, |element| [Name::Html, Name::Table, Name::Template].iter().any(|end| element.is(*end)))
    }

    /// The element that one inserted now is put in; `foster` says whether tables refuse it.
    #[inline]
    pub(crate) fn parent(&self, foster: bool) -> Option<usize> {
        let top = self.open.len().checked_sub(1)?;
        if !(foster && self.open[top].element.is_in(FOSTERS)) {
            return Some(top);
        }
        Some(self.foster_parent(top))
    }

    /// The element around the innermost table up to `index`.
    fn foster_parent(&self, index: usize) -> usize {
        for at in (0..=index).rev() {
            if self.open[at].element.is(Name::Template) {
                return at;
            }
            if self.open[at].element.is(Name::Table) {
                return at.saturating_sub(1);
            }
        }
        0
    }

    /// What is around an element inserted now.
    #[inline]
    pub(crate) fn inside(&self, foster: bool) -> Inside {
        self.parent(foster).map(|parent| self.open[parent].inside).unwrap_or_default()
    }

    pub(crate) fn around(&self, Inside(number): Inside) -> Around {
        self.around[number as usize]
    }

    /// The element right around the one at `index`.
    fn outer(&self, index: usize) -> Option<usize> {
        let above = index.checked_sub(1)?;
        Some(if self.open[index].fostered { self.foster_parent(above) } else { above })
    }

    /// Whether the element at `index` is HTML's of that name.
    pub(crate) fn is(&self, index: Option<usize>, name: Name) -> bool {
        index.is_some_and(|index| self.open[index].element.is(name))
    }

    /// The innermost link around what is put into the element at `index`.
    pub(crate) fn link(&self, mut index: usize) -> Option<&Element> {
        if !self.holds(Name::A) {
            return None;
        }
        while !self.open[index].element.is(Name::A) {
            index = self.outer(index)?;
        }
        Some(&self.open[index].element)
    }

    /// The blocks around what is put into the element at `index`, innermost first.
    fn blocks_around(&mut self, index: usize) -> [Option<Block>; LEVELS] {
        let mut found = [None; LEVELS];
        let (mut count, mut next) = (0, Some(index));
        while let Some(index) = next
            && count < LEVELS
        {
            next = self.outer(index);
            if is_block(&self.open[index].element) {
                found[count] = self.block(index);
                count += 1;
            }
        }
        found
    }

    /// The element at `index` is a block that words are asked of.
    fn block(&mut self, index: usize) -> Option<Block> {
        let open = self.open[index];
        let known = self.begun(open.begun).copied().unwrap_or_default();
        if known.block.is_none() {
            let block = self.blocks.begin(open.first_piece as usize)?;
            self.open[index].begun = self.keep(Begun { block: Some(block), ..known });
            return Some(block);
        }
        known.block
    }

    /// Where an image stands among the words; `parent` is what it was put into, where its blocks are asked for.
    pub(crate) fn spot(&mut self, parent: Option<usize>) -> Spot {
        let blocks = parent.map(|parent| self.blocks_around(parent)).unwrap_or_default();
        Spot { piece: self.words.count(), is_fallback: self.holds(Name::Noscript), blocks }
    }

    /// Opens an element in the innermost one; gives what is around it.
    #[inline]
    pub(crate) fn push_plain(&mut self, element: &Element, format: u32) -> Inside {
        let inside = self.open.last().map(|top| top.inside).unwrap_or_default();
        let open = self.opened(element, format, false, inside);
        self.open.push(open);
        inside
    }

    /// Opens an element; gives what is around it.
    pub(crate) fn push(&mut self, element: &Element, format: u32, foster: bool) -> Inside {
        if !foster {
            return self.push_plain(element, format);
        }
        let fostered = self.top_is_in(FOSTERS);
        let inside = self.inside(foster);
        let open = self.opened(element, format, fostered, inside);
        self.open.push(open);
        inside
    }

    #[inline]
    fn opened(&mut self, element: &Element, format: u32, fostered: bool, inside: Inside) -> Open {
        self.words.part();
        self.count(element.name, element.space, 1);
        let order = self.opened;
        self.opened = order.saturating_add(1);
        let first_piece = u32::try_from(self.words.count()).unwrap_or(u32::MAX);
        let begins = match element.space {
            Space::Html => element.name.is_in(BEGINS) || element.notice.is_some(),
            Space::Svg => element.name == Name::Svg,
            Space::Math => false,
        };
        let (begun, inside) = if begins || element.marks.is_some() {
            self.begin(element, inside, order, first_piece as usize)
        } else {
            (None, inside)
        };
        Open { element: *element, format, inside, first_piece, order, begun, fostered }
    }

    /// An element that may begin something does. Gives that and what is around the elements inside it.
    fn begin(
        &mut self,
        element: &Element,
        inside: Inside,
        order: u32,
        first_piece: usize,
    ) -> (Option<NonZeroU32>, Inside) {
        let around = self.around(inside);
        let mut begun = Begun::default();
        if !around.template && element.space == Space::Html {
            match element.name {
                Name::Figure => begun.figure = self.figures.begin(around.figure),
                Name::Picture => begun.picture = self.pictures.begin(),
                Name::Figcaption if around.figure.is_some() => {
                    begun.caption = self.figures.begin_caption(around.figure, first_piece);
                }
                _ => {}
            }
        }
        if let Some(kind) = element.notice
            && element.space == Space::Html
            && !around.wordless
        {
            let label = element.label(self.source);
            begun.notice = Some(self.notices.begin(label, element.at, kind, order, first_piece));
        }
        let is_any =
            begun.figure.is_some() || begun.picture.is_some() || begun.caption.is_some() || begun.notice.is_some();
        let number = if is_any { self.keep(begun) } else { None };
        (number, self.changed(element, begun, inside))
    }

    fn keep(&mut self, begun: Begun) -> Option<NonZeroU32> {
        self.begun.push(begun);
        u32::try_from(self.begun.len()).ok().and_then(NonZeroU32::new)
    }

    fn begun(&self, number: Option<NonZeroU32>) -> Option<&Begun> {
        self.begun.get(number?.get() as usize - 1)
    }

    /// What is around the elements inside one, if `inside` is around it.
    fn changed(&mut self, element: &Element, begun: Begun, inside: Inside) -> Inside {
        let template = element.is(Name::Template);
        let svg = element.space == Space::Svg && element.name == Name::Svg;
        if begun.figure.is_none() && begun.picture.is_none() && element.marks.is_none() && !template && !svg {
            return inside;
        }
        let around = self.around(inside);
        let around = Around {
            figure: begun.figure.or(around.figure),
            picture: begun.picture.or(around.picture),
            marks: element.marks.map_or(around.marks, |own| self.marks.inside(own, around.marks)),
            wordless: around.wordless || template || svg,
            template: around.template || template,
        };
        let Ok(number) = u32::try_from(self.around.len()) else { return inside };
        self.around.push(around);
        Inside(number)
    }

    /// Takes in text; `foster` says whether tables refuse it.
    pub(crate) fn text(&mut self, text: &Text<'a>, foster: bool) {
        let Some(parent) = self.parent(foster) else { return };
        if self.around[self.open[parent].inside.0 as usize].wordless {
            self.words.part();
            return;
        }
        let piece = self.words.count();
        self.words.push(text.source);
        if text.may_be_signed && crate::notices::has_sign(text.source) {
            self.sign(parent, piece);
        }
    }

    /// The element holds a copyright sign in `piece`.
    fn sign(&mut self, index: usize, piece: usize) {
        let open = self.open[index];
        if open.element.space != Space::Html {
            return;
        }
        let known = self.begun(open.begun).copied().unwrap_or_default();
        if let Some(number) = known.notice {
            self.notices.signed(number, &self.words, piece);
            return;
        }
        let first = crate::notices::start(&self.words, piece, open.first_piece as usize);
        let label = open.element.label(self.source);
        let notice = self.notices.begin(label, open.element.at, Kind::Named, open.order, first);
        self.open[index].begun = self.keep(Begun { notice: Some(notice), ..known });
    }

    /// Closes the innermost element, but never the root. Gives its number among the formatting elements.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<u32> {
        let [_, .., open] = self.open.as_slice() else { return None };
        let (name, space, begun, format) = (open.element.name, open.element.space, open.begun, open.format);
        self.open.truncate(self.open.len() - 1);
        self.close(name, space, begun);
        Some(format)
    }

    /// Closes all.
    pub(crate) fn finish(&mut self) {
        while let Some(open) = self.open.pop() {
            self.close(open.element.name, open.element.space, open.begun);
        }
    }

    #[inline]
    fn close(&mut self, name: Name, space: Space, begun: Option<NonZeroU32>) {
        self.words.part();
        self.count(name, space, -1);
        if begun.is_some()
            && let Some(begun) = self.begun(begun).copied()
        {
            self.end(begun);
        }
    }

    fn end(&mut self, begun: Begun) {
        if let Some(notice) = begun.notice {
            self.notices.end(notice, self.words.count());
        }
        if let Some(caption) = begun.caption {
            self.figures.end_caption(caption, self.words.count());
        }
        if let Some(block) = begun.block {
            self.blocks.end(block, self.words.count());
        }
    }

    #[inline]
    fn count(&mut self, name: Name, space: Space, change: i32) {
        if space == Space::Html {
            let count = &mut self.counts[name as usize];
            *count = count.wrapping_add_signed(change);
        }
    }

    /// Takes an element out from among the others, which stay open.
    pub(crate) fn remove(&mut self, index: usize) {
        let open = self.open.remove(index);
        self.close(open.element.name, open.element.space, open.begun);
        self.refresh(index);
    }

    /// Puts a copy of a formatting element at `index`.
    pub(crate) fn insert(&mut self, index: usize, element: &Element, format: u32) {
        let inside = if index == 0 { Inside::default() } else { self.open[index - 1].inside };
        let open = self.opened(element, format, false, inside);
        self.open.insert(index, open);
        self.refresh(index + 1);
    }

    /// Finds out anew what is around the elements from `index` on.
    fn refresh(&mut self, index: usize) {
        for at in index..self.open.len() {
            let Some(above) = at.checked_sub(1) else { continue };
            let parent = if self.open[at].fostered { self.foster_parent(above) } else { above };
            let inside = self.open[parent].inside;
            let open = self.open[at];
            let begun = self.begun(open.begun).copied().unwrap_or_default();
            self.open[at].inside = self.changed(&open.element, begun, inside);
        }
    }
}
