//! Formatting elements that are closed out of turn: the "adoption agency" (HTML standard, section
//! 13.2.6.4.7), and opening them again.

use super::{Nesting, Outcome, Place, Start};
use crate::formatting::Format;
use crate::names::{Name, SPECIAL};
use crate::stack::Open;
use crate::tokens::Tag;

/// How often one end tag may reorder, and how many elements between it copies each time.
const MAX_ROUNDS: usize = 8;
const MAX_COPIES: usize = 3;

/// How many formatting elements are opened again on one page. Dozens of them, left open, could
/// otherwise be opened again at every one of a hundred thousand paragraphs.
const MAX_REOPENED: usize = 1_000_000;

impl<'a> Nesting<'a> {
    /// Opens again what was closed from outside.
    #[inline]
    pub(super) fn reconstruct(&mut self) {
        if let Some(index) = self.formatting.first_closed() {
            self.reopen(index);
        }
    }

    fn reopen(&mut self, mut index: usize) {
        if self.reopened >= MAX_REOPENED {
            return;
        }
        while let Some(format) = self.formatting.reopen(index) {
            self.stack.push(&format.element, format.number, self.foster);
            index += 1;
            self.reopened += 1;
        }
    }

    pub(super) fn start_formatting(&mut self, start: &Start<'_, 'a>) -> Outcome {
        self.reconstruct();
        self.insert_formatting(start)
    }

    fn insert_formatting(&mut self, start: &Start<'_, 'a>) -> Outcome {
        let element = &start.element;
        let number = self.formatting.add(element, start.tag.end, self.stack.source());
        let inside = self.stack.push(element, number, self.foster);
        Outcome::Inserted(Place { space: element.space, inside, parent: None })
    }

    /// `a` and `nobr` end the one before.
    pub(super) fn start_single_formatting(&mut self, start: &Start<'_, 'a>) -> Outcome {
        let element = &start.element;
        if element.name == Name::A {
            if let Some((_, format)) = self.formatting.find(Name::A) {
                self.adopt(Name::A, start.tag);
                if let Some(index) = self.formatting.position(format.number) {
                    self.formatting.remove(index);
                }
                if let Some(index) = self.stack_position(&format) {
                    self.stack.remove(index);
                }
            }
            self.reconstruct();
        } else {
            self.reconstruct();
            if self.stack.in_default_scope(Name::Nobr) {
                self.adopt(Name::Nobr, start.tag);
                self.reconstruct();
            }
        }
        self.insert_formatting(start)
    }

    fn stack_position(&self, format: &Format) -> Option<usize> {
        self.stack.inwards().find(|(_, open)| open.format == format.number).map(|(index, _)| index)
    }

    /// Ends a formatting element. Blocks opened inside it and still open move out of it and get a
    /// copy of it for what they hold already; only the stack shows that here.
    pub(super) fn adopt(&mut self, name: Name, tag: &Tag) {
        // Mostly it is the innermost element, and the newest of its kind.
        if let Some(top) = self.stack.last()
            && top.element.is(name)
            && self.formatting.remove_newest(top.format)
        {
            self.stack.pop();
            return;
        }
        let top_is_plain = |top: &Open| top.element.is(name) && self.formatting.position(top.format).is_none();
        if self.stack.last().is_some_and(top_is_plain) {
            self.pop();
            return;
        }
        for _ in 0..MAX_ROUNDS {
            let Some((index, format)) = self.formatting.find(name) else {
                self.end_any(tag);
                return;
            };
            let Some(place) = self.stack_position(&format) else {
                self.formatting.remove(index);
                return;
            };
            if self.stack.inwards().take_while(|(above, _)| *above > place).any(|(_, open)| open.element.ends_scope()) {
                return;
            }
            let Some(block) = (place + 1..self.stack.len()).find(|at| self.stack.get(*at).element.is_in(SPECIAL))
            else {
                self.truncate(place);
                self.formatting.remove(index);
                return;
            };
            self.adopt_block(&format, place, block);
        }
    }

    fn adopt_block(&mut self, format: &Format, place: usize, block: usize) {
        let (mut block, mut after) = (block, None);
        let mut copies = 0;
        for at in (place + 1..block).rev() {
            copies += 1;
            let number = self.stack.get(at).format;
            let known = self.formatting.position(number).filter(|_| number > 0);
            if known.is_some() && copies <= MAX_COPIES {
                // A copy takes its place under its number; the first marks where ours goes.
                after = after.or(Some(number));
                continue;
            }
            if let Some(index) = known {
                self.formatting.remove(index);
            }
            self.stack.remove(at);
            block -= 1;
        }
        let number = self.formatting.number();
        let copy = Format { number, open: true, ..*format };
        let old = self.formatting.position(format.number);
        let index = match after {
            Some(after) => self.formatting.position(after).map(|index| index + 1),
            None => old,
        };
        if let Some(index) = index {
            self.formatting.insert(index, copy);
        }
        if let Some(old) = self.formatting.position(format.number) {
            self.formatting.remove(old);
        }
        self.stack.remove(place);
        self.stack.insert(block, &format.element, number);
    }
}
