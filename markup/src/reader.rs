//! Reads a page from front to back, once.

use crate::attributes::{Attributes, Key};
use crate::element::{Element, Space};
use crate::figures::{Captions, Figure, Picture};
use crate::images::{image, picture_needed, source_address};
use crate::marks::Own;
use crate::names::{Name, RAW};
use crate::nesting::{self, Nesting, Outcome, Start};
use crate::notices::{Labels, kind};
use crate::page::{AddressSource, LicenseLink, Meta, MetaAttribute, Page, Place, Script};
use crate::places::number_lines;
use crate::references::{Site, decoded};
use crate::text::clipped;
use crate::tokens::{Tag, Token, Tokens};

const MAX_IMAGES: usize = 100_000;
const MAX_METAS: usize = 10_000;
const MAX_LICENSES: usize = 1_000;
const MAX_SCRIPTS: usize = 1_000;
const MAX_SCRIPT_BYTES: usize = 1 << 20;

const SCRIPT_TYPES: [&str; 2] = ["application/ld+json", "application/rsl+xml"];

impl Page {
    /// Reads `html`. Any input makes a page, if an empty one, in time and memory linear in its
    /// length.
    pub fn parse(html: &str) -> Self {
        let mut reader = Reader::default();
        let mut tokens = Tokens::new(html);
        while let Some(token) = tokens.next(reader.nesting.is_foreign()) {
            reader.read(token, &mut tokens, html);
        }
        let mut page = reader.finish();
        number_lines(&mut page, html);
        page
    }
}

#[derive(Default)]
struct Reader<'a> {
    page: Page,
    nesting: Nesting<'a>,
    /// What each image shares with others, resolved at the end.
    shared: Vec<Shared>,
    root: Root,
    body: Root,
}

#[derive(Clone, Copy, Default)]
struct Shared {
    figure: Option<Figure>,
    /// Where its address is to come from, if it has none of its own.
    picture: Option<Picture>,
}

/// The attributes of the root or the body, to which every further tag of theirs adds.
#[derive(Default)]
struct Root {
    present: u64,
    marks: Vec<Own>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, token: Token<'a>, tokens: &mut Tokens<'a>, html: &'a str) {
        match token {
            Token::Text(text) => self.nesting.text(text, offset(html, text)),
            Token::Start => self.start(tokens),
            Token::End => self.nesting.end(&tokens.tag),
            Token::Comment => self.nesting.comment(),
            Token::Doctype(text, ended) => self.nesting.doctype(text, ended),
        }
    }

    fn start(&mut self, tokens: &mut Tokens<'a>) {
        let (tag, attributes) = (&tokens.tag, &tokens.attributes);
        let labels = Labels::of(attributes);
        let marks = self.nesting.stack.marks.own(attributes, labels.noai, tag.label, tag.at);
        let element = Element {
            name: tag.name,
            space: Space::Html,
            label: tag.label,
            rest: tag.rest,
            at: tag.at,
            marks,
            notice: kind(tag.name, labels),
            holds_html: false,
        };
        match self.nesting.start(&Start { element, self_closing: tag.self_closing, attributes }) {
            Outcome::Ignored => {}
            Outcome::Root => {
                if self.root.present & Key::Lang.bit() == 0 {
                    self.page.language = attributes.collapsed(Key::Lang);
                }
                self.add_marks(tag, attributes, true);
            }
            Outcome::Body => self.add_marks(tag, attributes, false),
            Outcome::Inserted(place) => {
                self.inserted(&element, place, attributes);
                if place.space == Space::Html && tag.name.is_in(RAW) {
                    self.raw(place, tokens);
                } else if tag.name == Name::Plaintext && place.space == Space::Html {
                    tokens.finish();
                }
            }
        }
    }

    /// A further `html` or `body` adds only attributes that are not there yet.
    fn add_marks(&mut self, tag: &Tag<'a>, attributes: &Attributes<'a>, is_root: bool) {
        let root = if is_root { &mut self.root } else { &mut self.body };
        let new = attributes.without(root.present);
        root.present |= attributes.present();
        let noai = Labels::of(&new).noai;
        root.marks.extend(self.nesting.stack.marks.own(&new, noai, tag.label, tag.at));
    }

    fn inserted(&mut self, element: &Element<'a>, place: nesting::Place, attributes: &Attributes<'a>) {
        if place.around.template {
            return;
        }
        let is_html = place.space == Space::Html;
        match element.name {
            Name::Img | Name::Image if is_html => self.image(element, place, attributes),
            Name::Source if is_html && place.in_picture => {
                if let Some(picture) = place.around.picture {
                    self.nesting.stack.pictures.add(picture, || source_address(attributes));
                }
            }
            Name::Meta if is_html && self.page.metas.len() < MAX_METAS => {
                self.page.metas.extend(meta(attributes, element.at));
            }
            Name::Base if is_html && self.page.base.is_none() => self.page.base = attributes.collapsed(Key::Href),
            Name::Link | Name::A | Name::Area if self.page.licenses.len() < MAX_LICENSES => {
                self.page.licenses.extend(license(attributes, element.at));
            }
            _ => {}
        }
    }

    fn image(&mut self, element: &Element<'a>, place: nesting::Place, attributes: &Attributes<'a>) {
        if self.page.images.len() >= MAX_IMAGES {
            return;
        }
        let mut marks = self.nesting.stack.marks.of_image(element.marks, place.around.marks);
        for mark in marks.iter_mut().filter(|mark| mark.at.byte == element.at) {
            // `<image>` means `<img>`.
            "img".clone_into(&mut mark.element);
        }
        let image = image(attributes, marks, element.at);
        let picture = picture_needed(&image, place.around.picture);
        self.shared.push(Shared { figure: place.around.figure, picture });
        self.page.images.push(image);
    }

    /// Reads the text of an element without markup.
    fn raw(&mut self, place: nesting::Place, tokens: &mut Tokens<'a>) {
        let tag = tokens.tag;
        if tag.name != Name::Script {
            tokens.raw(tag.label);
            return;
        }
        let media_type = tokens.attributes.value(Key::Type);
        let text = tokens.script();
        if place.around.template || self.page.scripts.len() >= MAX_SCRIPTS {
            return;
        }
        let media_type = media_type.as_deref().and_then(|value| value.split(';').next()).unwrap_or_default();
        let media_type = media_type.trim().to_ascii_lowercase();
        if SCRIPT_TYPES.contains(&media_type.as_str()) {
            let text = clipped(&decoded(text, Site::Script), MAX_SCRIPT_BYTES);
            self.page.scripts.push(Script { media_type, text, at: Place { line: 0, byte: tag.at } });
        }
    }

    fn finish(mut self) -> Page {
        self.nesting.finish();
        let stack = &mut self.nesting.stack;
        let mut captions = Captions::new(&stack.figures, &stack.words);
        for (image, shared) in self.page.images.iter_mut().zip(&self.shared) {
            image.caption = shared.figure.and_then(|figure| captions.of(figure));
            if let Some(url) = shared.picture.and_then(|picture| stack.pictures.address(picture)) {
                image.address = Some((url, AddressSource::Picture));
            }
            stack.marks.add(&self.body.marks, &mut image.marks);
            stack.marks.add(&self.root.marks, &mut image.marks);
        }
        self.page.notices = stack.notices.read(&stack.words);
        self.page
    }
}

/// Where `part` begins in `whole`, of which it is a part.
fn offset(whole: &str, part: &str) -> usize {
    part.as_ptr().addr() - whole.as_ptr().addr()
}

fn meta(attributes: &Attributes<'_>, at: usize) -> Option<Meta> {
    let keys = [
        (Key::Name, MetaAttribute::Name),
        (Key::Property, MetaAttribute::Property),
        (Key::HttpEquiv, MetaAttribute::HttpEquiv),
    ];
    let named = |(key, attribute)| Some((attribute, attributes.value(key).filter(|name| !name.is_empty())?));
    let (attribute, name) = keys.into_iter().find_map(named)?;
    let content = attributes.value(Key::Content).unwrap_or_default().into_owned();
    Some(Meta { attribute, name: name.into_owned(), content, at: Place { line: 0, byte: at } })
}

fn license(attributes: &Attributes<'_>, at: usize) -> Option<LicenseLink> {
    let rel = attributes.value(Key::Rel)?;
    if !rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("license")) {
        return None;
    }
    let href = attributes.value(Key::Href)?.trim().to_owned();
    let media_type = attributes.value(Key::Type).map(std::borrow::Cow::into_owned);
    (!href.is_empty()).then_some(LicenseLink { href, media_type, at: Place { line: 0, byte: at } })
}
