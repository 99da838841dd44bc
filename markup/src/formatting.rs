//! The formatting elements (`b`, `a`, `small`, …) that are opened again where a page closed what
//! is around them and not them (HTML standard, section 13.2.4.3).

use crate::element::Element;
use crate::names::Name;

/// Most that are remembered. Each may be opened again at every paragraph.
const MAX: usize = 64;

/// One of them, or a border none is carried over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry {
    /// Begins a table cell, an object or the like.
    Border,
    /// A formatting element.
    Element(Format),
}

/// A formatting element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub(crate) element: Element,
    /// Where its tag ends.
    pub(crate) end: usize,
    /// Counted from 1.
    pub(crate) number: u32,
    /// Whether it is on the stack.
    pub(crate) open: bool,
}

/// The formatting elements, oldest first.
#[derive(Default)]
pub(crate) struct Formatting {
    entries: Vec<Entry>,
    last_number: u32,
}

impl Formatting {
    /// Adds one that is being opened; gives its number.
    pub(crate) fn add(&mut self, element: &Element, end: usize, source: &str) -> u32 {
        self.keep_three(element, end, source);
        if self.entries.len() >= MAX {
            self.entries.remove(0);
        }
        let number = self.number();
        self.entries.push(Entry::Element(Format { element: *element, end, number, open: true }));
        number
    }

    pub(crate) fn number(&mut self) -> u32 {
        self.last_number = self.last_number.wrapping_add(1).max(1);
        self.last_number
    }

    /// Of equal ones only three are kept.
    fn keep_three(&mut self, element: &Element, end: usize, source: &str) {
        let rest = element.label_end()..end;
        let same = |entry: &Format| {
            let other = entry.element.label_end()..entry.end;
            entry.element.name == element.name
                && other.len() == rest.len()
                && source.as_bytes().get(other) == source.as_bytes().get(rest.clone())
        };
        let (mut equal, mut oldest) = (0, 0);
        for (index, _) in self.recent().filter(|(_, entry)| same(entry)) {
            (equal, oldest) = (equal + 1, index);
        }
        if equal >= 3 {
            self.entries.remove(oldest);
        }
    }

    /// Those since the last border, newest first.
    #[inline]
    pub(crate) fn recent(&self) -> impl Iterator<Item = (usize, &Format)> {
        let entries = self.entries.iter().enumerate().rev();
        entries.map_while(|(index, entry)| match entry {
            Entry::Border => None,
            Entry::Element(format) => Some((index, format)),
        })
    }

    /// The newest of that name.
    pub(crate) fn find(&self, name: Name) -> Option<(usize, Format)> {
        self.recent().find(|(_, format)| format.element.name == name).map(|(index, format)| (index, *format))
    }

    pub(crate) fn position(&self, number: u32) -> Option<usize> {
        let is = |entry: &Entry| matches!(entry, Entry::Element(format) if format.number == number);
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

    pub(crate) fn insert(&mut self, index: usize, format: Format) {
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

    #[inline]
    pub(crate) fn is_newest(&self, number: u32) -> bool {
        matches!(self.entries.last(), Some(Entry::Element(format)) if format.number == number)
    }

    /// Forgets the newest, if that is it.
    #[inline]
    pub(crate) fn remove_newest(&mut self, number: u32) -> bool {
        let is_it = self.is_newest(number);
        if is_it {
            self.entries.pop();
        }
        is_it
    }

    /// Where those begin that are to be opened again, if any.
    #[inline]
    pub(crate) fn first_closed(&self) -> Option<usize> {
        match self.entries.last() {
            Some(Entry::Element(format)) if !format.open => {
                let closed = self.recent().take_while(|(_, format)| !format.open);
                closed.last().map(|(index, _)| index)
            }
            _ => None,
        }
    }

    /// The entry at `index` is open again: gives it.
    pub(crate) fn reopen(&mut self, index: usize) -> Option<Format> {
        match self.entries.get_mut(index)? {
            Entry::Border => None,
            Entry::Element(format) => {
                format.open = true;
                Some(*format)
            }
        }
    }
}
