//! In the rows and cells of tables (HTML standard, sections 13.2.6.4.14 and 13.2.6.4.15).

use super::table::is_part;
use super::{Mode, Nesting, Outcome, Start, Step};
use crate::element::Element;
use crate::names::{IMPLIED, Name};
use crate::tokens::Tag;

const ROW: [Name; 3] = [Name::Tr, Name::Template, Name::Html];

impl<'a> Nesting<'a> {
    pub(super) fn start_in_row(&mut self, start: &Start<'_, 'a>) -> Step {
        match start.element.name {
            Name::Th | Name::Td => {
                self.pop_to(&ROW);
                let outcome = self.open(&start.element, Mode::Cell);
                self.formatting.push_border();
                Some(outcome)
            }
            Name::Caption | Name::Col | Name::Colgroup | Name::Tbody | Name::Tfoot | Name::Thead | Name::Tr => {
                (!self.leave_row()).then_some(Outcome::Ignored)
            }
            _ => self.start_in_table(start),
        }
    }

    fn leave_row(&mut self) -> bool {
        let is_inside = self.in_table(Name::Tr);
        if is_inside {
            self.pop_to(&ROW);
            self.pop();
            self.mode = Mode::TableBody;
        }
        is_inside
    }

    pub(super) fn end_in_row(&mut self, tag: &Tag) -> bool {
        match tag.name {
            Name::Tr => {
                self.leave_row();
                true
            }
            Name::Table => !self.leave_row(),
            Name::Tbody | Name::Tfoot | Name::Thead => !(self.in_table(tag.name) && self.leave_row()),
            Name::Body | Name::Caption | Name::Col | Name::Colgroup | Name::Html | Name::Td | Name::Th => true,
            _ => self.end_in_table(tag),
        }
    }

    pub(super) fn start_in_cell(&mut self, start: &Start<'_, 'a>) -> Step {
        if !is_part(start.element.name) {
            return Some(self.start_in_body(start));
        }
        if !self.stack.in_table_scope(is_cell) {
            return Some(Outcome::Ignored);
        }
        self.close_cell();
        None
    }

    fn close_cell(&mut self) {
        self.imply_ends(IMPLIED, None);
        self.pop_until(is_cell);
        self.formatting.clear_to_border();
        self.mode = Mode::Row;
    }

    pub(super) fn end_in_cell(&mut self, tag: &Tag) -> bool {
        match tag.name {
            Name::Td | Name::Th => {
                if self.in_table(tag.name) {
                    self.close(tag.name, None);
                    self.formatting.clear_to_border();
                    self.mode = Mode::Row;
                }
                true
            }
            Name::Body | Name::Caption | Name::Col | Name::Colgroup | Name::Html => true,
            Name::Table | Name::Tbody | Name::Tfoot | Name::Thead | Name::Tr => {
                let is_inside = self.in_table(tag.name);
                if is_inside {
                    self.close_cell();
                }
                !is_inside
            }
            _ => {
                self.end_in_body(tag);
                true
            }
        }
    }
}

fn is_cell(element: &Element) -> bool {
    element.is(Name::Td) || element.is(Name::Th)
}
