//! In the body (HTML standard, section 13.2.6.4.7).

use super::{Mode, Nesting, Outcome, Start};
use crate::element::{Element, Space};
use crate::names::{BLOCK, BLOCK_END, FORMATTING, HEADING, IMPLIED, Name, SPECIAL};
use crate::tokens::Tag;

impl<'a> Nesting<'a> {
    pub(super) fn start_in_body(&mut self, start: &Start<'_, 'a>) -> Outcome {
        let element = &start.element;
        let name = element.name;
        if name.is_in(BLOCK) {
            self.close_paragraph();
            return self.insert(element, true);
        }
        if name.is_in(FORMATTING) {
            return match name {
                Name::A | Name::Nobr => self.start_single_formatting(start),
                _ => self.start_formatting(start),
            };
        }
        match name {
            Name::Base
            | Name::Basefont
            | Name::Bgsound
            | Name::Link
            | Name::Meta
            | Name::Title
            | Name::Noframes
            | Name::Style
            | Name::Script => self.insert(element, false),
            Name::Template => self.start_template(start),
            Name::Html | Name::Body => self.start_root(name),
            Name::Frameset => self.replace_body(start),
            Name::H1 | Name::H2 | Name::H3 | Name::H4 | Name::H5 | Name::H6 => self.start_heading(element),
            Name::Pre | Name::Listing => {
                self.close_paragraph();
                self.insert_content(element, true)
            }
            Name::Form => self.start_form(element),
            Name::Li | Name::Dd | Name::Dt => self.start_item(element),
            Name::Plaintext => {
                self.close_paragraph();
                self.insert(element, true)
            }
            Name::Button => {
                if self.stack.in_default_scope(Name::Button) {
                    self.close(Name::Button, None);
                }
                self.reconstruct();
                self.insert_content(element, true)
            }
            Name::Applet | Name::Marquee | Name::Object => {
                self.reconstruct();
                self.formatting.push_border();
                self.insert_content(element, true)
            }
            Name::Table => {
                if !self.quirks {
                    self.close_paragraph();
                }
                self.mode = Mode::Table;
                self.insert_content(element, true)
            }
            Name::Area | Name::Br | Name::Embed | Name::Img | Name::Image | Name::Keygen | Name::Wbr => {
                self.reconstruct();
                self.insert_content(element, false)
            }
            Name::Input => self.start_input(start),
            Name::Param | Name::Source | Name::Track | Name::Noembed => self.insert(element, false),
            Name::Hr => {
                self.close_paragraph();
                if self.stack.in_default_scope(Name::Select) {
                    self.imply_ends(IMPLIED, None);
                }
                self.insert_content(element, false)
            }
            Name::Textarea | Name::Iframe => self.insert_content(element, false),
            Name::Xmp => {
                self.close_paragraph();
                self.reconstruct();
                self.insert_content(element, false)
            }
            Name::Select | Name::Option | Name::Optgroup => self.start_choice(element),
            Name::Rb | Name::Rtc | Name::Rp | Name::Rt => self.start_ruby(element),
            Name::Math => self.enter(start, Space::Math),
            Name::Svg => self.enter(start, Space::Svg),
            Name::Caption
            | Name::Col
            | Name::Colgroup
            | Name::Frame
            | Name::Head
            | Name::Tbody
            | Name::Td
            | Name::Tfoot
            | Name::Th
            | Name::Thead
            | Name::Tr => Outcome::Ignored,
            _ => {
                self.reconstruct();
                self.insert(element, true)
            }
        }
    }

    /// Inserts what makes a page one that is no frameset.
    fn insert_content(&mut self, element: &Element, open: bool) -> Outcome {
        self.frameset_ok = false;
        self.insert(element, open)
    }

    fn start_root(&mut self, name: Name) -> Outcome {
        let has_body = self.stack.len() > 1 && self.stack.get(1).element.is(Name::Body);
        match name {
            _ if self.stack.holds(Name::Template) => Outcome::Ignored,
            Name::Html => Outcome::Root,
            _ if !has_body => Outcome::Ignored,
            _ => {
                self.frameset_ok = false;
                Outcome::Body
            }
        }
    }

    fn start_heading(&mut self, element: &Element) -> Outcome {
        self.close_paragraph();
        if self.stack.top_is_in(HEADING) {
            self.pop();
        }
        self.insert(element, true)
    }

    /// Forms do not nest.
    fn start_form(&mut self, element: &Element) -> Outcome {
        let in_template = self.stack.holds(Name::Template);
        if self.form.is_some() && !in_template {
            return Outcome::Ignored;
        }
        self.close_paragraph();
        if !in_template {
            self.form = Some(element.at);
        }
        self.insert(element, true)
    }

    /// A list item ends the one before it.
    fn start_item(&mut self, element: &Element) -> Outcome {
        self.frameset_ok = false;
        let is_list = element.name == Name::Li;
        let ends = |open: &Element| {
            if is_list { open.is(Name::Li) } else { open.is(Name::Dd) || open.is(Name::Dt) }
        };
        let passes = |open: &Element| [Name::Address, Name::Div, Name::P].iter().any(|name| open.is(*name));
        let mut to_close = None;
        for (_, open) in self.stack.inwards() {
            if ends(&open.element) {
                to_close = Some(open.element.name);
                break;
            }
            if open.element.is_in(SPECIAL) && !passes(&open.element) {
                break;
            }
        }
        if let Some(name) = to_close {
            self.close(name, Some(name));
        }
        self.close_paragraph();
        self.insert(element, true)
    }

    fn start_input(&mut self, start: &Start<'_, 'a>) -> Outcome {
        if self.stack.in_default_scope(Name::Select) {
            self.pop_until_named(Name::Select);
        }
        self.reconstruct();
        self.frameset_ok &= start.is_hidden();
        self.insert(&start.element, false)
    }

    fn start_choice(&mut self, element: &Element) -> Outcome {
        let in_select = self.stack.in_default_scope(Name::Select);
        if element.name == Name::Select {
            if in_select {
                self.pop_until_named(Name::Select);
                return Outcome::Ignored;
            }
            self.frameset_ok = false;
        } else if in_select {
            let stays = (element.name == Name::Option).then_some(Name::Optgroup);
            self.imply_ends(IMPLIED, stays);
        } else if self.stack.top_is(Name::Option) {
            self.pop();
        }
        self.reconstruct();
        self.insert(element, true)
    }

    fn start_ruby(&mut self, element: &Element) -> Outcome {
        if self.stack.in_default_scope(Name::Ruby) {
            let stays = matches!(element.name, Name::Rp | Name::Rt).then_some(Name::Rtc);
            self.imply_ends(IMPLIED, stays);
        }
        self.insert(element, true)
    }

    pub(super) fn end_in_body(&mut self, tag: &Tag) {
        match tag.name {
            Name::Template => self.end_template(tag),
            Name::Body | Name::Html => {}
            name if name.is_in(BLOCK_END) => {
                if self.stack.in_default_scope(name) {
                    self.close(name, None);
                }
            }
            Name::Form => self.end_form(),
            Name::P => self.end_paragraph(tag.at),
            Name::Li => {
                if self.stack.in_scope(Name::Li, |element| element.is(Name::Ol) || element.is(Name::Ul)) {
                    self.close(Name::Li, Some(Name::Li));
                }
            }
            Name::Dd | Name::Dt => {
                if self.stack.in_default_scope(tag.name) {
                    self.close(tag.name, Some(tag.name));
                }
            }
            name if name.is_in(HEADING) => self.end_heading(),
            name if name.is_in(FORMATTING) => self.adopt(name, tag),
            Name::Applet | Name::Marquee | Name::Object => {
                if self.stack.in_default_scope(tag.name) {
                    self.close(tag.name, None);
                    self.formatting.clear_to_border();
                }
            }
            Name::Br => {
                self.reconstruct();
                self.frameset_ok = false;
                self.stack.words.part();
            }
            _ => self.end_any(tag),
        }
    }

    /// Any other end tag closes the nearest element of its name, unless a block stands between.
    pub(super) fn end_any(&mut self, tag: &Tag) {
        let is_it =
            |element: &Element| element.is(tag.name) && (tag.name != Name::Other || self.stack.has_label(element, tag));
        let mut found = None;
        for (index, open) in self.stack.inwards() {
            if is_it(&open.element) {
                found = Some(index);
                break;
            }
            if open.element.is_in(SPECIAL) {
                return;
            }
        }
        if let Some(index) = found {
            self.truncate(index);
        }
    }

    fn end_form(&mut self) {
        if self.stack.holds(Name::Template) {
            if self.stack.in_default_scope(Name::Form) {
                self.close(Name::Form, None);
            }
            return;
        }
        let Some(at) = self.form.take() else { return };
        let is_it = |element: &Element| element.is(Name::Form) && element.at == at;
        if !self.stack.is_in_scope(is_it) {
            return;
        }
        self.imply_ends(IMPLIED, None);
        let index = self.stack.inwards().find(|(_, open)| is_it(&open.element)).map(|(index, _)| index);
        if let Some(index) = index {
            self.stack.remove(index);
        }
    }

    /// `</p>` without `<p>` is an empty paragraph.
    fn end_paragraph(&mut self, at: usize) {
        if !self.stack.in_scope(Name::P, |element| element.is(Name::Button)) {
            self.insert_implied(Name::P, at);
        }
        self.close(Name::P, Some(Name::P));
    }

    fn end_heading(&mut self) {
        if self.stack.is_in_scope(|element| element.is_in(HEADING)) {
            self.imply_ends(IMPLIED, None);
            self.pop_until(|element| element.is_in(HEADING));
        }
    }
}
