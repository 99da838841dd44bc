//! An element, as far as the rules of nesting ask.

use crate::marks::Own;
use crate::names::{Name, SCOPE};
use crate::notices::Kind;

/// Where an element's name is defined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// HTML's.
    Html,
    /// That of `svg`.
    Svg,
    /// That of `math`.
    Math,
}

/// An element.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element {
    pub(crate) at: usize,
    /// How long the name is that stands at its beginning; 0 where the page left it out.
    pub(crate) label_length: u32,
    pub(crate) name: Name,
    pub(crate) space: Space,
    pub(crate) marks: Option<Own>,
    pub(crate) notice: Option<Kind>,
    /// Whether HTML begins again inside, though it is of svg or math.
    pub(crate) holds_html: bool,
}

impl Element {
    /// An element that the page left out.
    pub(crate) const fn implied(name: Name, at: usize) -> Self {
        let space = Space::Html;
        Self { name, space, at, label_length: 0, marks: None, notice: None, holds_html: false }
    }

    /// The name as written in the source.
    pub(crate) fn label<'a>(&self, source: &'a str) -> &'a str {
        if self.label_length == 0 {
            return self.name.text();
        }
        let start = self.at + 1;
        source.get(start..start + self.label_length as usize).unwrap_or_default()
    }

    /// Where the name ends that is written in the source.
    pub(crate) fn label_end(&self) -> usize {
        self.at + 1 + self.label_length as usize
    }

    /// Whether it is HTML's element of that name.
    pub(crate) fn is(&self, name: Name) -> bool {
        self.name == name && self.space == Space::Html
    }

    /// Whether it is HTML and belongs to one of `sets`.
    pub(crate) fn is_in(&self, sets: u16) -> bool {
        self.space == Space::Html && self.name.is_in(sets)
    }

    /// Whether it ends a scope (HTML standard, section 13.2.4.2).
    pub(crate) fn ends_scope(&self) -> bool {
        match self.space {
            Space::Html => self.name.is_in(SCOPE),
            Space::Math => self.is_math_text(),
            Space::Svg => self.holds_html,
        }
    }

    /// A text integration point of `math`.
    pub(crate) fn is_math_text(&self) -> bool {
        self.space == Space::Math && matches!(self.name, Name::Mi | Name::Mn | Name::Mo | Name::Ms | Name::Mtext)
    }
}
