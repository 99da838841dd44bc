//! The open elements, and what an element inside them finds around itself.

use crate::element::{Element, Space};
use crate::figures::{Caption, Figure, Figures, Picture, Pictures};
use crate::marks::{Chain, Marks};
use crate::names::{COUNT, FOSTERS, Name};
use crate::notices::{Kind, Notices, Number};
use crate::words::Words;

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

/// An open element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Open<'a> {
    pub(crate) element: Element<'a>,
    /// Its number among the formatting elements; 0 is none.
    pub(crate) format: u32,
    /// What is around the elements inside it.
    pub(crate) inside: Around,
    /// Whether it stands before the table it was found in.
    fostered: bool,
    figure: Option<Figure>,
    picture: Option<Picture>,
    caption: Option<Caption>,
    notice: Option<Number>,
    first_piece: usize,
    /// Elements opened before it.
    order: u32,
}

/// The open elements of a page and what they leave behind.
pub(crate) struct Stack<'a> {
    open: Vec<Open<'a>>,
    /// How many of each name are open.
    counts: [u32; COUNT],
    /// How many were opened.
    opened: u32,
    pub(crate) words: Words<'a>,
    pub(crate) marks: Marks<'a>,
    pub(crate) notices: Notices<'a>,
    pub(crate) figures: Figures,
    pub(crate) pictures: Pictures,
}

impl<'a> Stack<'a> {
    pub(crate) fn new() -> Self {
        Self {
            open: Vec::with_capacity(64),
            counts: [0; COUNT],
            opened: 0,
            words: Words::default(),
            marks: Marks::default(),
            notices: Notices::default(),
            figures: Figures::default(),
            pictures: Pictures::default(),
        }
    }

    /// Whether no more elements are held.
    pub(crate) fn is_full(&self) -> bool {
        self.open.len() >= MAX_DEPTH
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn last(&self) -> Option<&Open<'a>> {
        self.open.last()
    }

    pub(crate) fn get(&self, index: usize) -> &Open<'a> {
        &self.open[index]
    }

    /// The elements, innermost first.
    pub(crate) fn inwards(&self) -> impl Iterator<Item = (usize, &Open<'a>)> {
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
    pub(crate) fn in_scope(&self, name: Name, hides: impl Fn(&Element<'a>) -> bool) -> bool {
        self.holds(name) && self.finds(|element| element.is(name), |element| element.ends_scope() || hides(element))
    }

    /// Whether one that `is` it is open and no scope hides it.
    pub(crate) fn is_in_scope(&self, is: impl Fn(&Element<'a>) -> bool) -> bool {
        self.finds(is, Element::ends_scope)
    }

    /// Looks inside out for one that `is` it, up to one that `hides` what is further out.
    fn finds(&self, is: impl Fn(&Element<'a>) -> bool, hides: impl Fn(&Element<'a>) -> bool) -> bool {
        let mut elements = self.open.iter().rev().map(|open| &open.element);
        elements.find(|element| is(element) || hides(element)).is_some_and(is)
    }

    pub(crate) fn in_default_scope(&self, name: Name) -> bool {
        self.in_scope(name, |_| false)
    }

    pub(crate) fn in_table_scope(&self, is: impl Fn(&Element<'a>) -> bool) -> bool {
        self.finds(is, |element| [Name::Html, Name::Table, Name::Template].iter().any(|end| element.is(*end)))
    }

    /// The element that one inserted now is put in; `foster` says whether tables refuse it.
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
    pub(crate) fn around(&self, foster: bool) -> Around {
        self.parent(foster).map(|parent| self.open[parent].inside).unwrap_or_default()
    }

    /// Opens an element.
    pub(crate) fn push(&mut self, element: Element<'a>, format: u32, foster: bool) {
        let fostered = foster && self.top_is_in(FOSTERS);
        let around = self.around(foster);
        self.words.part();
        let open = self.opened(element, format, fostered, around);
        self.count(&element, 1);
        self.open.push(open);
    }

    fn opened(&mut self, element: Element<'a>, format: u32, fostered: bool, around: Around) -> Open<'a> {
        let first_piece = self.words.count();
        let mut open = Open {
            element,
            format,
            inside: around,
            fostered,
            figure: None,
            picture: None,
            caption: None,
            notice: None,
            first_piece,
            order: self.opened,
        };
        self.opened = self.opened.saturating_add(1);
        if !around.template && element.space == Space::Html {
            match element.name {
                Name::Figure => open.figure = self.figures.begin(around.figure),
                Name::Picture => open.picture = self.pictures.begin(),
                Name::Figcaption if around.figure.is_some() => {
                    open.caption = self.figures.begin_caption(around.figure, first_piece);
                }
                _ => {}
            }
        }
        if let Some(kind) = element.notice
            && element.space == Space::Html
            && !around.wordless
        {
            open.notice = Some(self.notices.begin(&element, kind, open.order, first_piece));
        }
        open.inside = self.inside(&open, around);
        open
    }

    fn inside(&mut self, open: &Open<'a>, around: Around) -> Around {
        let element = &open.element;
        let template = element.is(Name::Template);
        let svg = element.space == Space::Svg && element.name == Name::Svg;
        Around {
            figure: open.figure.or(around.figure),
            picture: open.picture.or(around.picture),
            marks: element.marks.map_or(around.marks, |own| self.marks.inside(own, around.marks)),
            wordless: around.wordless || template || svg,
            template: around.template || template,
        }
    }

    /// Takes in text; `foster` says whether tables refuse it.
    pub(crate) fn text(&mut self, source: &'a str, foster: bool) {
        let Some(parent) = self.parent(foster) else { return };
        if self.open[parent].inside.wordless {
            self.words.part();
            return;
        }
        let piece = self.words.count();
        self.words.push(source);
        if crate::notices::has_sign(source) {
            self.sign(parent, piece);
        }
    }

    /// The element holds a copyright sign in `piece`.
    fn sign(&mut self, index: usize, piece: usize) {
        let open = &mut self.open[index];
        if open.element.space != Space::Html {
            return;
        }
        if let Some(number) = open.notice {
            self.notices.signed(number, &self.words, piece);
            return;
        }
        let first = crate::notices::start(&self.words, piece, open.first_piece);
        open.notice = Some(self.notices.begin(&open.element, Kind::Named, open.order, first));
    }

    /// Closes the innermost element, but never the root.
    pub(crate) fn pop(&mut self) -> Option<Open<'a>> {
        if self.open.len() < 2 {
            return None;
        }
        let open = self.open.pop()?;
        self.close(&open);
        Some(open)
    }

    /// Closes all.
    pub(crate) fn finish(&mut self) {
        while let Some(open) = self.open.pop() {
            self.close(&open);
        }
    }

    fn close(&mut self, open: &Open<'a>) {
        self.words.part();
        self.count(&open.element, -1);
        if let Some(notice) = open.notice {
            self.notices.end(notice, self.words.count());
        }
        if let Some(caption) = open.caption {
            self.figures.end_caption(caption, self.words.count());
        }
    }

    fn count(&mut self, element: &Element<'a>, change: i32) {
        if element.space == Space::Html {
            let count = &mut self.counts[element.name as usize];
            *count = count.saturating_add_signed(change);
        }
    }

    /// Takes an element out from among the others, which stay open.
    pub(crate) fn remove(&mut self, index: usize) {
        let open = self.open.remove(index);
        self.close(&open);
        self.refresh(index);
    }

    /// Puts a copy of a formatting element at `index`.
    pub(crate) fn insert(&mut self, index: usize, element: Element<'a>, format: u32) {
        let around = if index == 0 { Around::default() } else { self.open[index - 1].inside };
        self.words.part();
        let open = self.opened(element, format, false, around);
        self.count(&element, 1);
        self.open.insert(index, open);
        self.refresh(index + 1);
    }

    /// Finds out anew what is around the elements from `index` on.
    fn refresh(&mut self, index: usize) {
        for at in index..self.open.len() {
            let Some(above) = at.checked_sub(1) else { continue };
            let parent = if self.open[at].fostered { self.foster_parent(above) } else { above };
            let around = self.open[parent].inside;
            let open = self.open[at];
            self.open[at].inside = self.inside(&open, around);
        }
    }
}
