//! Before the body, and around it: the head, templates and framesets.

use super::{Mode, Nesting, Outcome, Start, Step};
use crate::names::{IMPLIED, Name, THOROUGH};
use crate::tokens::Tag;

impl<'a> Nesting<'a> {
    pub(super) fn start_before_html(&mut self, start: &Start<'_, 'a>) -> Step {
        self.begin_html(start.element.at);
        (start.element.name == Name::Html).then_some(Outcome::Root)
    }

    fn begin_html(&mut self, at: usize) {
        // No doctype before the first tag.
        self.quirks |= self.mode == Mode::Initial;
        self.insert_implied(Name::Html, at);
        self.mode = Mode::BeforeHead;
    }

    pub(super) fn start_before_head(&mut self, start: &Start<'_, 'a>) -> Step {
        if start.element.name == Name::Html {
            return Some(Outcome::Root);
        }
        self.mode = Mode::Head;
        if start.element.name == Name::Head {
            return Some(self.insert(&start.element, true));
        }
        self.insert_implied(Name::Head, start.element.at);
        None
    }

    pub(super) fn start_in_head(&mut self, start: &Start<'_, 'a>) -> Step {
        match start.element.name {
            Name::Html => Some(Outcome::Root),
            Name::Head => Some(Outcome::Ignored),
            Name::Noscript => {
                self.mode = Mode::HeadNoscript;
                Some(self.insert(&start.element, true))
            }
            _ => self.start_of_head(start).or_else(|| {
                self.pop();
                self.mode = Mode::AfterHead;
                None
            }),
        }
    }

    /// What belongs in the head, wherever it stands.
    pub(super) fn start_of_head(&mut self, start: &Start<'_, 'a>) -> Step {
        match start.element.name {
            Name::Base
            | Name::Basefont
            | Name::Bgsound
            | Name::Link
            | Name::Meta
            | Name::Title
            | Name::Noframes
            | Name::Style
            | Name::Script => Some(self.insert(&start.element, false)),
            Name::Template => Some(self.start_template(start)),
            _ => None,
        }
    }

    pub(super) fn start_in_head_noscript(&mut self, start: &Start<'_, 'a>) -> Step {
        match start.element.name {
            Name::Html => Some(Outcome::Root),
            Name::Head | Name::Noscript => Some(Outcome::Ignored),
            Name::Basefont | Name::Bgsound | Name::Link | Name::Meta | Name::Noframes | Name::Style => {
                Some(self.insert(&start.element, false))
            }
            _ => {
                self.pop();
                self.mode = Mode::Head;
                None
            }
        }
    }

    pub(super) fn start_after_head(&mut self, start: &Start<'_, 'a>) -> Step {
        match start.element.name {
            Name::Html => Some(Outcome::Root),
            Name::Head => Some(Outcome::Ignored),
            Name::Body => {
                self.frameset_ok = false;
                self.begin_body(start.element.at);
                Some(Outcome::Body)
            }
            Name::Frameset => {
                self.mode = Mode::Frameset;
                Some(self.insert(&start.element, true))
            }
            _ => self.start_of_head(start).or_else(|| {
                self.begin_body(start.element.at);
                None
            }),
        }
    }

    fn begin_body(&mut self, at: usize) {
        self.insert_implied(Name::Body, at);
        self.mode = Mode::Body;
    }

    pub(super) fn start_template(&mut self, start: &Start<'_, 'a>) -> Outcome {
        self.formatting.push_border();
        self.frameset_ok = false;
        self.mode = Mode::Template;
        self.template_modes.push(Mode::Template);
        self.insert(&start.element, true)
    }

    pub(super) fn start_in_template(&mut self, start: &Start<'_, 'a>) -> Step {
        let mode = match start.element.name {
            Name::Base
            | Name::Basefont
            | Name::Bgsound
            | Name::Link
            | Name::Meta
            | Name::Noframes
            | Name::Script
            | Name::Style
            | Name::Template
            | Name::Title => return self.start_of_head(start),
            Name::Caption | Name::Colgroup | Name::Tbody | Name::Tfoot | Name::Thead => Mode::Table,
            Name::Col => Mode::ColumnGroup,
            Name::Tr => Mode::TableBody,
            Name::Td | Name::Th => Mode::Row,
            _ => Mode::Body,
        };
        self.template_modes.pop();
        self.template_modes.push(mode);
        self.mode = mode;
        None
    }

    /// Ends a template, if one is open.
    pub(super) fn end_template(&mut self, tag: &Tag) {
        if tag.name != Name::Template || !self.stack.holds(Name::Template) {
            return;
        }
        self.imply_ends(IMPLIED | THOROUGH, None);
        self.pop_until_named(Name::Template);
        self.formatting.clear_to_border();
        self.template_modes.pop();
        self.reset_mode();
    }

    pub(super) fn end_in_head(&mut self, mode: Mode, tag: &Tag) -> bool {
        match (mode, tag.name) {
            (Mode::Head, Name::Head) => {
                self.pop();
                self.mode = Mode::AfterHead;
                true
            }
            (Mode::HeadNoscript, Name::Noscript) => {
                self.pop();
                self.mode = Mode::Head;
                true
            }
            (Mode::Head | Mode::AfterHead, Name::Template) => {
                self.end_template(tag);
                true
            }
            (Mode::HeadNoscript, Name::Br) => {
                self.pop();
                self.mode = Mode::Head;
                false
            }
            (Mode::HeadNoscript, _) => true,
            (Mode::Initial | Mode::BeforeHtml | Mode::BeforeHead, Name::Head)
            | (_, Name::Body | Name::Html | Name::Br) => {
                self.leave(mode, tag.at);
                false
            }
            _ => {
                if mode == Mode::Initial {
                    self.quirks = true;
                    self.mode = Mode::BeforeHtml;
                }
                true
            }
        }
    }

    /// Goes on from a mode before the body to the next.
    fn leave(&mut self, mode: Mode, at: usize) {
        match mode {
            Mode::Initial | Mode::BeforeHtml => self.begin_html(at),
            Mode::BeforeHead => {
                self.insert_implied(Name::Head, at);
                self.mode = Mode::Head;
            }
            Mode::HeadNoscript => {
                self.pop();
                self.mode = Mode::Head;
            }
            Mode::Head => {
                self.pop();
                self.mode = Mode::AfterHead;
            }
            _ => self.begin_body(at),
        }
    }

    /// Text other than blanks begins the body.
    pub(super) fn text_before_body(&mut self, is_blank: bool, at: usize) {
        while !is_blank
            && matches!(
                self.mode,
                Mode::Initial
                    | Mode::BeforeHtml
                    | Mode::BeforeHead
                    | Mode::Head
                    | Mode::HeadNoscript
                    | Mode::AfterHead
                    | Mode::ColumnGroup
            )
        {
            if self.mode != Mode::ColumnGroup {
                self.leave(self.mode, at);
            } else if self.stack.top_is(Name::Colgroup) {
                self.pop();
                self.mode = Mode::Table;
            } else {
                return;
            }
        }
    }

    pub(super) fn start_in_frameset(&mut self, start: &Start<'_, 'a>) -> Outcome {
        match start.element.name {
            Name::Html => Outcome::Root,
            Name::Noframes => self.insert(&start.element, false),
            Name::Frame if self.mode == Mode::Frameset => self.insert(&start.element, false),
            Name::Frameset if self.mode == Mode::Frameset => self.insert(&start.element, true),
            _ => Outcome::Ignored,
        }
    }

    pub(super) fn end_in_frameset(&mut self, tag: &Tag) {
        if tag.name == Name::Frameset && self.mode == Mode::Frameset && self.pop() && !self.stack.top_is(Name::Frameset)
        {
            self.mode = Mode::AfterFrameset;
        }
    }

    /// A frameset in place of the body, where nothing stands in that yet.
    pub(super) fn replace_body(&mut self, start: &Start<'_, 'a>) -> Outcome {
        let has_body = self.stack.len() > 1 && self.stack.get(1).element.is(Name::Body);
        if !self.frameset_ok || !has_body {
            return Outcome::Ignored;
        }
        self.truncate(1);
        self.mode = Mode::Frameset;
        self.insert(&start.element, true)
    }
}
