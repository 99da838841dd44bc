//! Inside svg and math (HTML standard, section 13.2.6.5).

use super::{Nesting, Outcome, Start};
use crate::attributes::Key;
use crate::element::{Element, Space};
use crate::names::{BREAKOUT, Name};
use crate::tokens::Tag;

impl<'a> Nesting<'a> {
    /// An `svg` or `math` begins.
    pub(super) fn enter(&mut self, start: &Start<'_, 'a>, space: Space) -> Outcome {
        self.reconstruct();
        self.insert_foreign(start, space)
    }

    fn insert_foreign(&mut self, start: &Start<'_, 'a>, space: Space) -> Outcome {
        let mut element = Element { space, ..start.element };
        element.holds_html = match (space, element.name) {
            (Space::Svg, Name::ForeignObject | Name::Desc | Name::Title) => true,
            (Space::Math, Name::AnnotationXml) => start.attributes.value(Key::Encoding).is_some_and(|encoding| {
                ["text/html", "application/xhtml+xml"].iter().any(|html| encoding.eq_ignore_ascii_case(html))
            }),
            _ => false,
        };
        self.insert(&element, !start.tag.self_closing)
    }

    /// Whether text here is HTML's, though the innermost element is of svg or math.
    pub(super) fn takes_html_text(&self) -> bool {
        self.stack.last().is_some_and(|top| top.element.holds_html || top.element.is_math_text())
    }

    /// A start tag, if it stays inside svg or math.
    pub(super) fn start_foreign(&mut self, start: &Start<'_, 'a>) -> Option<Outcome> {
        let top = self.stack.last()?.element;
        let name = start.element.name;
        let is_html = match top.space {
            Space::Html => true,
            _ if top.is_math_text() => !matches!(name, Name::Mglyph | Name::Malignmark),
            _ if top.holds_html => true,
            Space::Math => top.name == Name::AnnotationXml && name == Name::Svg,
            Space::Svg => false,
        };
        if is_html {
            return None;
        }
        let keys = [Key::Color, Key::Face, Key::Size];
        let breaks_out = name == Name::Font && keys.iter().any(|key| start.attributes.raw(*key).is_some());
        if name.is_in(BREAKOUT) || breaks_out {
            self.break_out();
            return None;
        }
        Some(self.insert_foreign(start, top.space))
    }

    /// Back to HTML.
    fn break_out(&mut self) {
        // An `annotation-xml` that holds HTML is left too, as html5ever leaves it.
        let stays = |element: &Element| {
            element.space == Space::Html || element.is_math_text() || element.space == Space::Svg && element.holds_html
        };
        while self.stack.last().is_some_and(|top| !stays(&top.element)) && self.pop() {}
    }

    /// An end tag; says whether it is done with.
    pub(super) fn end_foreign(&mut self, tag: &Tag) -> bool {
        if !self.is_foreign() {
            return false;
        }
        if matches!(tag.name, Name::Br | Name::P) {
            self.break_out();
            return false;
        }
        let top = self.stack.len() - 1;
        for index in (1..=top).rev() {
            let element = &self.stack.get(index).element;
            if index < top && element.space == Space::Html {
                return false;
            }
            if self.stack.has_label(element, tag) {
                self.truncate(index);
                return true;
            }
        }
        true
    }
}
