//! Which elements are inside which: the HTML standard's tree construction (section 13.2.6) on the
//! stack of open elements alone, without a tree. Scripting is off, so that what stands in
//! `noscript` (the fallbacks of lazy loading, often with the best texts) is seen.

mod adoption;
mod body;
mod closing;
mod foreign;
mod head;
mod rows;
mod table;

use crate::attributes::{Attributes, Key};
use crate::element::{Element, Space};
use crate::formatting::Formatting;
use crate::names::{BLOCK, BLOCK_END, FORMATTING, Name, PLAIN, RAW, VOID};
use crate::quirks::is_quirky;
use crate::stack::{Inside, Stack};
use crate::tokens::{Tag, Text};

/// The insertion modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Initial,
    BeforeHtml,
    BeforeHead,
    Head,
    HeadNoscript,
    AfterHead,
    Body,
    Table,
    Caption,
    ColumnGroup,
    TableBody,
    Row,
    Cell,
    Template,
    Frameset,
    AfterFrameset,
}

/// A start tag and what its attributes say.
#[derive(Clone, Copy)]
pub(crate) struct Start<'s, 'a> {
    pub(crate) element: Element,
    pub(crate) tag: &'s Tag,
    pub(crate) attributes: &'s Attributes<'a>,
}

/// What became of a start tag.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// It means nothing where it stands.
    Ignored,
    /// Its attributes go to the root element.
    Root,
    /// Its attributes go to the body.
    Body,
    /// It is an element.
    Inserted(Place),
}

/// Where an element was put.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) space: Space,
    pub(crate) inside: Inside,
    /// The innermost open element, which may be itself, if it may be an image or a source.
    pub(crate) parent: Option<usize>,
}

/// What one rule made of a tag: `None` is to try again, in the mode now set.
type Step = Option<Outcome>;

/// The state of tree construction.
pub(crate) struct Nesting<'a> {
    pub(crate) stack: Stack<'a>,
    formatting: Formatting,
    mode: Mode,
    template_modes: Vec<Mode>,
    /// Whether tables refuse what is inserted.
    foster: bool,
    frameset_ok: bool,
    quirks: bool,
    /// Where the open form begins.
    form: Option<usize>,
    /// How many elements are open beyond those the stack holds.
    unheld: usize,
    /// How many formatting elements were opened again.
    reopened: usize,
}

impl<'a> Nesting<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self {
            stack: Stack::new(source),
            formatting: Formatting::default(),
            mode: Mode::Initial,
            template_modes: Vec::new(),
            foster: false,
            frameset_ok: true,
            quirks: false,
            form: None,
            unheld: 0,
            reopened: 0,
        }
    }

    /// Whether the innermost element is of svg or math.
    #[inline]
    pub(crate) fn is_foreign(&self) -> bool {
        self.stack.last().is_some_and(|top| top.element.space != Space::Html)
    }

    pub(crate) fn doctype(&mut self, text: &str, ended: bool) {
        if self.mode == Mode::Initial {
            self.quirks = is_quirky(text, ended);
            self.mode = Mode::BeforeHtml;
        }
    }

    pub(crate) fn comment(&mut self) {
        self.stack.words.part();
    }

    /// A start tag.
    #[inline]
    pub(crate) fn start(&mut self, start: &Start<'_, 'a>) -> Outcome {
        if self.is_in_body() {
            if self.is_plain(start.element.name) {
                let inside = self.stack.push_plain(&start.element, 0);
                return Outcome::Inserted(Place { space: Space::Html, inside, parent: None });
            }
            if self.mode == Mode::Body {
                return self.start_in_body(start);
            }
        }
        self.start_by_rules(start)
    }

    /// Whether it is the turn of the body's rules, save for the parts of tables.
    #[inline]
    fn is_in_body(&self) -> bool {
        matches!(self.mode, Mode::Body | Mode::Cell | Mode::Caption) && !self.is_foreign() && !self.stack.is_full()
    }

    /// Whether the rules of the body would just open an element of that name, as they do with most.
    #[inline]
    fn is_plain(&self, name: Name) -> bool {
        name.is_in(BLOCK) && !self.stack.holds(Name::P)
            || matches!(name, Name::Span | Name::Other) && self.formatting.first_closed().is_none()
    }

    fn start_by_rules(&mut self, start: &Start<'_, 'a>) -> Outcome {
        if self.stack.is_full() {
            return self.start_unheld(start);
        }
        if let Some(outcome) = self.start_foreign(start) {
            return outcome;
        }
        loop {
            if let Some(outcome) = self.start_in(self.mode, start) {
                return outcome;
            }
        }
    }

    fn start_in(&mut self, mode: Mode, start: &Start<'_, 'a>) -> Step {
        match mode {
            Mode::Initial | Mode::BeforeHtml => self.start_before_html(start),
            Mode::BeforeHead => self.start_before_head(start),
            Mode::Head => self.start_in_head(start),
            Mode::HeadNoscript => self.start_in_head_noscript(start),
            Mode::AfterHead => self.start_after_head(start),
            Mode::Body => Some(self.start_in_body(start)),
            Mode::Table => self.start_in_table(start),
            Mode::Caption => self.start_in_caption(start),
            Mode::ColumnGroup => self.start_in_column_group(start),
            Mode::TableBody => self.start_in_table_body(start),
            Mode::Row => self.start_in_row(start),
            Mode::Cell => self.start_in_cell(start),
            Mode::Template => self.start_in_template(start),
            Mode::Frameset | Mode::AfterFrameset => Some(self.start_in_frameset(start)),
        }
    }

    /// An end tag.
    #[inline]
    pub(crate) fn end(&mut self, tag: &Tag) {
        if self.closes_innermost(tag) {
            self.pop();
        } else {
            self.end_by_rules(tag);
        }
    }

    /// The innermost element's name, if its end tag closes it and does nothing else, as most do.
    #[inline]
    pub(crate) fn innermost(&self) -> Option<Name> {
        let top = self.stack.last()?;
        let name = top.element.name;
        let ends = matches!(self.mode, Mode::Body | Mode::Cell | Mode::Caption)
            && self.unheld == 0
            && top.element.space == Space::Html
            && (name.is_in(PLAIN | BLOCK_END) || name.is_in(FORMATTING) && self.formatting.is_newest(top.format));
        ends.then_some(name)
    }

    /// Closes it.
    #[inline]
    pub(crate) fn close_innermost(&mut self) {
        if let Some(format) = self.stack.pop()
            && format > 0
        {
            self.formatting.remove_newest(format);
        }
    }

    fn end_by_rules(&mut self, tag: &Tag) {
        if self.unheld > 0 {
            self.unheld -= 1;
            return;
        }
        if self.end_foreign(tag) {
            return;
        }
        while !self.end_in(self.mode, tag) {}
    }

    /// Whether it ends the innermost element and nothing else, as most do.
    #[inline]
    fn closes_innermost(&self, tag: &Tag) -> bool {
        matches!(self.mode, Mode::Body | Mode::Cell | Mode::Caption)
            && tag.name.is_in(PLAIN | BLOCK_END)
            && self.unheld == 0
            && self.stack.last().is_some_and(|top| {
                top.element.is(tag.name) && (tag.name != Name::Other || self.stack.has_label(&top.element, tag))
            })
    }

    /// Whether the rule is done with the tag; else it is tried again, in the mode now set.
    fn end_in(&mut self, mode: Mode, tag: &Tag) -> bool {
        match mode {
            Mode::Initial | Mode::BeforeHtml | Mode::BeforeHead | Mode::Head | Mode::HeadNoscript | Mode::AfterHead => {
                self.end_in_head(mode, tag)
            }
            Mode::Body => {
                self.end_in_body(tag);
                true
            }
            Mode::Table => self.end_in_table(tag),
            Mode::Caption => self.end_in_caption(tag),
            Mode::ColumnGroup => self.end_in_column_group(tag),
            Mode::TableBody => self.end_in_table_body(tag),
            Mode::Row => self.end_in_row(tag),
            Mode::Cell => self.end_in_cell(tag),
            Mode::Template => {
                self.end_template(tag);
                true
            }
            Mode::Frameset | Mode::AfterFrameset => {
                self.end_in_frameset(tag);
                true
            }
        }
    }

    /// Text between tags.
    #[inline]
    pub(crate) fn text(&mut self, text: &Text<'a>) {
        if self.is_in_body() && self.formatting.first_closed().is_none() {
            self.frameset_ok &= text.is_blank;
            self.add_text(text);
        } else {
            self.text_by_rules(text);
        }
    }

    fn text_by_rules(&mut self, text: &Text<'a>) {
        if self.stack.is_full() || self.is_foreign() && !self.takes_html_text() {
            self.frameset_ok &= text.is_blank;
            self.add_text(text);
            return;
        }
        self.text_before_body(text.is_blank, text.at);
        match self.mode {
            Mode::Table | Mode::TableBody | Mode::Row => self.text_in_table(text),
            Mode::Body | Mode::Caption | Mode::Cell | Mode::Template => self.text_in_body(text),
            _ => {}
        }
    }

    fn text_in_body(&mut self, text: &Text<'a>) {
        self.reconstruct();
        self.frameset_ok &= text.is_blank;
        self.add_text(text);
    }

    #[inline]
    fn add_text(&mut self, text: &Text<'a>) {
        if text.is_blank { self.stack.words.part() } else { self.stack.text(text, self.foster) }
    }

    /// The page is over.
    pub(crate) fn finish(&mut self) {
        self.stack.finish();
    }

    /// Beyond the depth limit elements are seen but not held.
    fn start_unheld(&mut self, start: &Start<'_, 'a>) -> Outcome {
        match start.element.name {
            Name::Html => return Outcome::Root,
            Name::Body => return Outcome::Body,
            _ => {}
        }
        if !start.tag.self_closing && !start.element.name.is_in(VOID | RAW) && start.element.name != Name::Image {
            self.unheld += 1;
        }
        let space = if self.is_foreign() { start.element.space } else { Space::Html };
        Outcome::Inserted(Place { space, inside: self.stack.inside(false), parent: self.stack.parent(false) })
    }

    /// Inserts an element, open if it is to hold others.
    fn insert(&mut self, element: &Element, open: bool) -> Outcome {
        let space = element.space;
        if open {
            let inside = self.stack.push(element, 0, self.foster);
            return Outcome::Inserted(Place { space, inside, parent: self.stack.parent(false) });
        }
        self.stack.words.part();
        let parent = self.stack.parent(self.foster);
        Outcome::Inserted(Place { space, inside: self.stack.inside(self.foster), parent })
    }

    fn insert_implied(&mut self, name: Name, at: usize) {
        self.stack.push(&Element::implied(name, at), 0, self.foster);
    }
}

impl Start<'_, '_> {
    /// Whether it is an `input` that is not shown.
    fn is_hidden(&self) -> bool {
        self.attributes.value(Key::Type).is_some_and(|value| value.eq_ignore_ascii_case("hidden"))
    }
}
