//! In tables (HTML standard, sections 13.2.6.4.9 to 13.2.6.4.15).

use super::{Mode, Nesting, Outcome, Start, Step};
use crate::element::Element;
use crate::names::{FOSTERS, Name};
use crate::tokens::{Tag, Text};

const TABLE: [Name; 3] = [Name::Table, Name::Template, Name::Html];
const BODY: [Name; 5] = [Name::Tbody, Name::Tfoot, Name::Thead, Name::Template, Name::Html];

impl<'a> Nesting<'a> {
    /// Text in a table goes before it.
    pub(super) fn text_in_table(&mut self, text: &Text<'a>) {
        if text.is_blank && self.stack.top_is_in(FOSTERS) {
            self.stack.words.part();
            return;
        }
        self.foster = true;
        self.text_in_body(text);
        self.foster = false;
    }

    pub(super) fn start_in_table(&mut self, start: &Start<'_, 'a>) -> Step {
        let element = &start.element;
        match element.name {
            Name::Caption => {
                self.pop_to(&TABLE);
                self.formatting.push_border();
                Some(self.open(element, Mode::Caption))
            }
            Name::Colgroup => {
                self.pop_to(&TABLE);
                Some(self.open(element, Mode::ColumnGroup))
            }
            Name::Col => {
                self.pop_to(&TABLE);
                self.insert_implied(Name::Colgroup, element.at);
                self.mode = Mode::ColumnGroup;
                None
            }
            Name::Tbody | Name::Tfoot | Name::Thead => {
                self.pop_to(&TABLE);
                Some(self.open(element, Mode::TableBody))
            }
            Name::Td | Name::Th | Name::Tr => {
                self.pop_to(&TABLE);
                self.insert_implied(Name::Tbody, element.at);
                self.mode = Mode::TableBody;
                None
            }
            Name::Table => {
                if !self.in_table(Name::Table) {
                    return Some(Outcome::Ignored);
                }
                self.pop_until_named(Name::Table);
                self.reset_mode();
                None
            }
            Name::Style | Name::Script | Name::Template => self.start_of_head(start),
            Name::Input if start.is_hidden() => Some(self.insert(element, false)),
            Name::Form => {
                if self.form.is_some() || self.stack.holds(Name::Template) {
                    return Some(Outcome::Ignored);
                }
                self.form = Some(element.at);
                Some(self.insert(element, false))
            }
            _ => {
                self.foster = true;
                let outcome = self.start_in_body(start);
                self.foster = false;
                Some(outcome)
            }
        }
    }

    pub(super) fn open(&mut self, element: &Element, mode: Mode) -> Outcome {
        self.mode = mode;
        self.insert(element, true)
    }

    /// Closes all up to the first of `names`.
    pub(super) fn pop_to(&mut self, names: &[Name]) {
        while !names.iter().any(|name| self.stack.top_is(*name)) && self.pop() {}
    }

    pub(super) fn in_table(&self, name: Name) -> bool {
        self.stack.holds(name) && self.stack.in_table_scope(|element| element.is(name))
    }

    pub(super) fn end_in_table(&mut self, tag: &Tag) -> bool {
        match tag.name {
            Name::Table => {
                if self.in_table(Name::Table) {
                    self.pop_until_named(Name::Table);
                    self.reset_mode();
                }
            }
            Name::Body
            | Name::Caption
            | Name::Col
            | Name::Colgroup
            | Name::Html
            | Name::Tbody
            | Name::Td
            | Name::Tfoot
            | Name::Th
            | Name::Thead
            | Name::Tr => {}
            Name::Template => self.end_template(tag),
            _ => {
                self.foster = true;
                self.end_in_body(tag);
                self.foster = false;
            }
        }
        true
    }

    pub(super) fn start_in_caption(&mut self, start: &Start<'_, 'a>) -> Step {
        if !is_part(start.element.name) {
            return Some(self.start_in_body(start));
        }
        if !self.close_caption() {
            return Some(Outcome::Ignored);
        }
        None
    }

    fn close_caption(&mut self) -> bool {
        let is_open = self.in_table(Name::Caption);
        if is_open {
            self.close(Name::Caption, None);
            self.formatting.clear_to_border();
            self.mode = Mode::Table;
        }
        is_open
    }

    pub(super) fn end_in_caption(&mut self, tag: &Tag) -> bool {
        match tag.name {
            Name::Caption => {
                self.close_caption();
            }
            Name::Table => return !self.close_caption(),
            Name::Body
            | Name::Col
            | Name::Colgroup
            | Name::Html
            | Name::Tbody
            | Name::Td
            | Name::Tfoot
            | Name::Th
            | Name::Thead
            | Name::Tr => {}
            _ => self.end_in_body(tag),
        }
        true
    }

    pub(super) fn start_in_column_group(&mut self, start: &Start<'_, 'a>) -> Step {
        match start.element.name {
            Name::Html => Some(self.start_in_body(start)),
            Name::Col => Some(self.insert(&start.element, false)),
            Name::Template => self.start_of_head(start),
            _ => (!self.leave_column_group()).then_some(Outcome::Ignored),
        }
    }

    fn leave_column_group(&mut self) -> bool {
        let is_open = self.stack.top_is(Name::Colgroup);
        if is_open {
            self.pop();
            self.mode = Mode::Table;
        }
        is_open
    }

    pub(super) fn end_in_column_group(&mut self, tag: &Tag) -> bool {
        match tag.name {
            Name::Colgroup => {
                self.leave_column_group();
                true
            }
            Name::Col => true,
            Name::Template => {
                self.end_template(tag);
                true
            }
            _ => !self.leave_column_group(),
        }
    }

    pub(super) fn start_in_table_body(&mut self, start: &Start<'_, 'a>) -> Step {
        match start.element.name {
            Name::Tr => {
                self.pop_to(&BODY);
                Some(self.open(&start.element, Mode::Row))
            }
            Name::Th | Name::Td => {
                self.pop_to(&BODY);
                self.insert_implied(Name::Tr, start.element.at);
                self.mode = Mode::Row;
                None
            }
            Name::Caption | Name::Col | Name::Colgroup | Name::Tbody | Name::Tfoot | Name::Thead => {
                (!self.leave_table_body()).then_some(Outcome::Ignored)
            }
            _ => self.start_in_table(start),
        }
    }

    fn leave_table_body(&mut self) -> bool {
        let outer = [Name::Table, Name::Tbody, Name::Tfoot];
        let is_inside = self.stack.in_table_scope(|element| outer.iter().any(|name| element.is(*name)));
        if is_inside {
            self.pop_to(&BODY);
            self.pop();
            self.mode = Mode::Table;
        }
        is_inside
    }

    pub(super) fn end_in_table_body(&mut self, tag: &Tag) -> bool {
        match tag.name {
            Name::Tbody | Name::Tfoot | Name::Thead => {
                if self.in_table(tag.name) {
                    self.pop_to(&BODY);
                    self.pop();
                    self.mode = Mode::Table;
                }
                true
            }
            Name::Table => !self.leave_table_body(),
            Name::Body | Name::Caption | Name::Col | Name::Colgroup | Name::Html | Name::Td | Name::Th | Name::Tr => {
                true
            }
            _ => self.end_in_table(tag),
        }
    }
}

/// Whether it can only stand right inside a table, its bodies or rows.
pub(super) fn is_part(name: Name) -> bool {
    matches!(
        name,
        Name::Caption
            | Name::Col
            | Name::Colgroup
            | Name::Tbody
            | Name::Td
            | Name::Tfoot
            | Name::Th
            | Name::Thead
            | Name::Tr
    )
}
