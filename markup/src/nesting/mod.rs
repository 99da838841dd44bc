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
use crate::names::{Name, RAW, VOID};
use crate::quirks::is_quirky;
use crate::stack::{Around, Stack};
use crate::tokens::{Tag, is_blank};

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
    pub(crate) element: Element<'a>,
    pub(crate) self_closing: bool,
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
    pub(crate) around: Around,
    /// Whether the element right around it is a picture.
    pub(crate) in_picture: bool,
}

/// What one rule made of a tag: `None` is to try again, in the mode now set.
type Step = Option<Outcome>;

/// The state of tree construction.
pub(crate) struct Nesting<'a> {
    pub(crate) stack: Stack<'a>,
    formatting: Formatting<'a>,
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

impl Default for Nesting<'_> {
    fn default() -> Self {
        Self {
            stack: Stack::new(),
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
}

impl<'a> Nesting<'a> {
    /// Whether the innermost element is of svg or math.
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
    pub(crate) fn start(&mut self, start: &Start<'_, 'a>) -> Outcome {
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
    pub(crate) fn end(&mut self, tag: &Tag<'a>) {
        if self.unheld > 0 {
            self.unheld -= 1;
            return;
        }
        if self.end_foreign(tag) {
            return;
        }
        while !self.end_in(self.mode, tag) {}
    }

    /// Whether the rule is done with the tag; else it is tried again, in the mode now set.
    fn end_in(&mut self, mode: Mode, tag: &Tag<'a>) -> bool {
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
    pub(crate) fn text(&mut self, source: &'a str, at: usize) {
        let is_blank = source.bytes().all(is_blank);
        if self.stack.is_full() || self.is_foreign() && !self.takes_html_text() {
            self.frameset_ok &= is_blank;
            self.add_text(source, is_blank);
            return;
        }
        self.text_before_body(is_blank, at);
        match self.mode {
            Mode::Table | Mode::TableBody | Mode::Row => self.text_in_table(source, is_blank),
            Mode::Body | Mode::Caption | Mode::Cell | Mode::Template => self.text_in_body(source, is_blank),
            _ => {}
        }
    }

    fn text_in_body(&mut self, source: &'a str, is_blank: bool) {
        self.reconstruct();
        self.frameset_ok &= is_blank;
        self.add_text(source, is_blank);
    }

    fn add_text(&mut self, source: &'a str, is_blank: bool) {
        if is_blank { self.stack.words.part() } else { self.stack.text(source, self.foster) }
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
        if !start.self_closing && !start.element.name.is_in(VOID | RAW) && start.element.name != Name::Image {
            self.unheld += 1;
        }
        let space = if self.is_foreign() { start.element.space } else { Space::Html };
        Outcome::Inserted(Place {
            space,
            around: self.stack.around(false),
            in_picture: self.stack.top_is(Name::Picture),
        })
    }

    /// Inserts an element, open if it is to hold others.
    fn insert(&mut self, element: &Element<'a>, open: bool) -> Outcome {
        let parent = self.stack.parent(self.foster);
        let in_picture = parent.is_some_and(|parent| self.stack.get(parent).element.is(Name::Picture));
        let place = Place { space: element.space, around: self.stack.around(self.foster), in_picture };
        if open {
            self.stack.push(*element, 0, self.foster);
        } else {
            self.stack.words.part();
        }
        Outcome::Inserted(place)
    }

    fn insert_implied(&mut self, name: Name, label: &'static str, at: usize) {
        self.stack.push(Element::implied(name, label, at), 0, self.foster);
    }
}

impl Start<'_, '_> {
    /// Whether it is an `input` that is not shown.
    fn is_hidden(&self) -> bool {
        self.attributes.value(Key::Type).is_some_and(|value| value.eq_ignore_ascii_case("hidden"))
    }
}
