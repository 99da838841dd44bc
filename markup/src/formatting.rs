//! The formatting elements (`b`, `a`, `small`, …) that are opened again where a page closed what
//! is around them and not them (HTML standard, section 13.2.4.3).

use crate::element::Element;
use crate::names::Name;

/// Most that are remembered. Each may be opened again at every paragraph.
const MAX: usize = 64;

/// One of them, or a border none is carried over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry<'a> {
    /// Begins a table cell, an object or the like.
    Border,
    /// A formatting element.
    Element(Format<'a>),
}

/// A formatting element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format<'a> {
    pub(crate) element: Element<'a>,
    /// Counted from 1.
    pub(crate) number: u32,
    /// Whether it is on the stack.
    pub(crate) open: bool,
}

/// The formatting elements, oldest first.
#[derive(Default)]
pub(crate) struct Formatting<'a> {
    entries: Vec<Entry<'a>>,
    last_number: u32,
}

impl<'a> Formatting<'a> {
    /// Adds one that is being opened; gives its number.
    pub(crate) fn add(&mut self, element: Element<'a>) -> u32 {
        self.keep_three(&element);
        if self.entries.len() >= MAX {
            self.entries.remove(0);
        }
        let number = self.number();
        self.entries.push(Entry::Element(Format { element, number, open: true }));
        number
    }

    pub(crate) fn number(&mut self) -> u32 {
        self.last_number = self.last_number.wrapping_add(1).max(1);
        self.last_number
    }

    /// Of equal ones only three are kept.
    fn keep_three(&mut self, element: &Element<'a>) {
        let same = |entry: &Format<'a>| entry.element.name == element.name && entry.element.rest == element.rest;
        let equal: Vec<usize> = self.recent().filter(|(_, entry)| same(entry)).map(|(index, _)| index).collect();
        if equal.len() >= 3 {
            self.entries.remove(equal[equal.len() - 1]);
        }
    }

    /// Those since the last border, newest first.
    pub(crate) fn recent(&self) -> impl Iterator<Item = (usize, Format<'a>)> {
        let entries = self.entries.iter().enumerate().rev();
        entries.map_while(|(index, entry)| match entry {
            Entry::Border => None,
            Entry::Element(format) => Some((index, *format)),
        })
    }

    /// The newest of that name.
    pub(crate) fn find(&self, name: Name) -> Option<(usize, Format<'a>)> {
        self.recent().find(|(_, format)| format.element.name == name)
    }

    pub(crate) fn position(&self, number: u32) -> Option<usize> {
        let is = |entry: &Entry<'a>| matches!(entry, Entry::Element(format) if format.number == number);
        self.entries.iter().rposition(is)
    }

    pub(crate) fn push_border(&mut self) {
        if self.entries.len() < 2 * MAX {
            self.entries.push(Entry::Border);
        }
    }

    /// Forgets those since the last border, and it.
    pub(crate) fn clear_to_border(&mut self) {
        while let Some(Entry::Element(_)) = self.entries.pop() {}
    }

    pub(crate) fn remove(&mut self, index: usize) {
        self.entries.remove(index);
    }

    pub(crate) fn insert(&mut self, index: usize, format: Format<'a>) {
        self.entries.insert(index, Entry::Element(format));
    }

    /// It was taken off the stack.
    pub(crate) fn closed(&mut self, number: u32) {
        if let Some(index) = self.position(number)
            && let Entry::Element(format) = &mut self.entries[index]
        {
            format.open = false;
        }
    }

    /// Where those begin that are to be opened again, if any.
    pub(crate) fn first_closed(&self) -> Option<usize> {
        let closed = self.recent().take_while(|(_, format)| !format.open);
        closed.last().map(|(index, _)| index)
    }

    /// The entry at `index` is open again: gives it.
    pub(crate) fn reopen(&mut self, index: usize) -> Option<Format<'a>> {
        match self.entries.get_mut(index)? {
            Entry::Border => None,
            Entry::Element(format) => {
                format.open = true;
                Some(*format)
            }
        }
    }
}
