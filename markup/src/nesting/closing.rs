//! Closing elements: those a tag names and those that close by themselves (HTML standard, section
//! 13.2.6.3), and the mode that is right afterwards.

use super::{Mode, Nesting};
use crate::element::{Element, Space};
use crate::names::{IMPLIED, Name};

impl Nesting<'_> {
    /// Closes the innermost element, but never the root; says whether there was one to close.
    #[inline]
    pub(super) fn pop(&mut self) -> bool {
        match self.stack.pop() {
            Some(0) => true,
            Some(format) => {
                self.formatting.closed(format);
                true
            }
            None => false,
        }
    }

    /// Closes all down to `index`, it too.
    pub(super) fn truncate(&mut self, index: usize) {
        while self.stack.len() > index && self.pop() {}
    }

    /// Closes all up to and with the first that `is` it.
    pub(super) fn pop_until(&mut self, is: impl Fn(&Element) -> bool) {
        loop {
            let is_last = self.stack.last().is_some_and(|top| is(&top.element));
            if !self.pop() || is_last {
                break;
            }
        }
    }

    pub(super) fn pop_until_named(&mut self, name: Name) {
        self.pop_until(|element| element.is(name));
    }

    /// Closes what closes by itself.
    pub(super) fn imply_ends(&mut self, sets: u16, except: Option<Name>) {
        while self.stack.last().is_some_and(|top| top.element.is_in(sets) && Some(top.element.name) != except) {
            if !self.pop() {
                break;
            }
        }
    }

    /// Ends an element that is in scope.
    pub(super) fn close(&mut self, name: Name, except: Option<Name>) {
        self.imply_ends(IMPLIED, except);
        self.pop_until_named(name);
    }

    /// Ends the paragraph that a block cannot stand in.
    pub(super) fn close_paragraph(&mut self) {
        if self.stack.in_scope(Name::P, |element| element.is(Name::Button)) {
            self.close(Name::P, Some(Name::P));
        }
    }

    /// The mode that fits the open elements.
    pub(super) fn reset_mode(&mut self) {
        for (index, open) in self.stack.inwards() {
            if open.element.space != Space::Html {
                continue;
            }
            self.mode = match open.element.name {
                Name::Td | Name::Th if index > 0 => Mode::Cell,
                Name::Tr => Mode::Row,
                Name::Tbody | Name::Thead | Name::Tfoot => Mode::TableBody,
                Name::Caption => Mode::Caption,
                Name::Colgroup => Mode::ColumnGroup,
                Name::Table => Mode::Table,
                Name::Template => self.template_modes.last().copied().unwrap_or(Mode::Body),
                Name::Head if index > 0 => Mode::Head,
                Name::Body => Mode::Body,
                Name::Frameset => Mode::Frameset,
                Name::Html => Mode::AfterHead,
                _ => continue,
            };
            return;
        }
        self.mode = Mode::Body;
    }
}
