//! Reads a page from front to back, once.

use crate::addresses::Addresses;
use crate::around::{Spot, windows};
use crate::attributes::{Attributes, Key};
use crate::element::{Element, Space};
use crate::figures::{Captions, Figure, Picture};
use crate::images::{self, Given};
use crate::marks::Own;
use crate::names::{Name, RAW, READ};
use crate::nesting::{self, Nesting, Outcome, Start};
use crate::notices::{Labels, kind};
use crate::page::{ElementKind, LicenseLink, Meta, MetaAttribute, Page, Place, Script};
use crate::places::number_lines;
use crate::references::{Site, decoded};
use crate::stack::Around;
use crate::text::clipped;
use crate::tokens::{self, Tag, Token, Tokens};
use std::collections::HashMap;

const MAX_IMAGES: usize = 100_000;
const MAX_METAS: usize = 10_000;
const MAX_LICENSES: usize = 1_000;
const MAX_SCRIPTS: usize = 1_000;
const MAX_SCRIPT_BYTES: usize = 1 << 20;

/// The relation of a page to its licence.
const LICENSE: &str = "license";

const SCRIPT_TYPES: [&str; 2] = ["application/ld+json", "application/rsl+xml"];

impl Page {
    /// Reads `html`. Any input makes a page, if an empty one, in time and memory linear in its
    /// length.
    pub fn parse(html: &str) -> Self {
        let mut reader = Reader::new(html);
        let mut tokens = Tokens::new(html);
        loop {
            if tokens.is_at_end()
                && let Some(name) = reader.nesting.innermost()
                && tokens.pass_end(name)
            {
                reader.nesting.close_innermost();
                continue;
            }
            let Some(token) = tokens.next(|| reader.nesting.is_foreign()) else { break };
            match token {
                Token::Text => reader.nesting.text(&tokens.text),
                Token::Start => reader.start(&mut tokens),
                Token::End => reader.nesting.end(&tokens.tag),
                Token::Comment => reader.nesting.comment(),
                Token::Doctype(ended) => reader.nesting.doctype(tokens.text.source, ended),
            }
        }
        let mut page = reader.finish();
        number_lines(&mut page, html);
        page
    }
}

struct Reader<'a> {
    page: Page,
    nesting: Nesting<'a>,
    /// What each image waits for, resolved at the end.
    pending: Vec<Pending>,
    /// The image files that links around images lead to, by where the links begin: each is read once.
    links: HashMap<usize, Option<String>>,
    root: Root,
    body: Root,
}

/// What of an image is known only when the page is over.
struct Pending {
    figure: Option<Figure>,
    picture: Option<Picture>,
    addresses: Addresses,
    spot: Spot,
}

/// The attributes of the root or the body, to which every further tag of theirs adds.
#[derive(Default)]
struct Root {
    present: u64,
    marks: Vec<Own>,
}

impl<'a> Reader<'a> {
    fn new(html: &'a str) -> Self {
        Self {
            page: Page::default(),
            nesting: Nesting::new(html),
            pending: Vec::new(),
            links: HashMap::new(),
            root: Root::default(),
            body: Root::default(),
        }
    }

    #[inline]
    fn start(&mut self, tokens: &mut Tokens<'a>) {
        let (tag, attributes) = (&tokens.tag, &tokens.attributes);
        let labels = Labels::of(attributes);
        let marks = self.nesting.stack.marks.own(attributes, labels.noai, tag);
        let element = Element {
            at: tag.at,
            label_length: tag.label_length(),
            name: tag.name,
            space: Space::Html,
            marks,
            notice: kind(tag.name, labels),
            holds_html: false,
        };
        let start = Start { element, tag, attributes };
        match self.nesting.start(&start) {
            Outcome::Ignored => {}
            Outcome::Root => {
                if self.root.present & Key::Lang.bit() == 0 {
                    self.page.language = attributes.collapsed(Key::Lang);
                }
                self.add_marks(tag, attributes, true);
            }
            Outcome::Body => self.add_marks(tag, attributes, false),
            Outcome::Inserted(place) => {
                if tag.name.is_in(READ) {
                    self.inserted(&start.element, place, attributes);
                }
                if tag.name.is_in(RAW) && place.space == Space::Html {
                    self.raw(place, tokens);
                }
            }
        }
    }

    /// A further `html` or `body` adds only attributes that are not there yet.
    fn add_marks(&mut self, tag: &Tag, attributes: &Attributes<'a>, is_root: bool) {
        let root = if is_root { &mut self.root } else { &mut self.body };
        let new = attributes.without(root.present);
        root.present |= attributes.present();
        let noai = Labels::of(&new).noai;
        root.marks.extend(self.nesting.stack.marks.own(&new, noai, tag));
    }

    fn inserted(&mut self, element: &Element, place: nesting::Place, attributes: &Attributes<'a>) {
        let is_link = matches!(element.name, Name::A | Name::Link | Name::Area);
        if is_link && attributes.present() & Key::Rel.bit() == 0 {
            return;
        }
        let around = self.nesting.stack.around(place.inside);
        if around.template {
            return;
        }
        let is_html = place.space == Space::Html;
        match element.name {
            Name::Img | Name::Image | Name::AmpImg | Name::Video | Name::Input if is_html => {
                if let Some(kind) = images::kind(element.name, attributes) {
                    self.image(kind, element, place.parent, around, attributes);
                }
            }
            Name::Source if is_html && self.nesting.stack.is(place.parent, Name::Picture) => {
                if let Some(picture) = around.picture {
                    images::add_source(self.nesting.stack.pictures.addresses_mut(picture), attributes);
                }
            }
            Name::Meta if is_html && self.page.metas.len() < MAX_METAS => {
                self.page.metas.extend(meta(attributes, element.at));
            }
            Name::Base if is_html && self.page.base.is_none() => self.page.base = attributes.collapsed(Key::Href),
            _ if is_link && self.page.licenses.len() < MAX_LICENSES => {
                self.page.licenses.extend(license(attributes, element.at));
            }
            _ => {}
        }
    }

    fn image(
        &mut self,
        kind: ElementKind,
        element: &Element,
        parent: Option<usize>,
        around: Around,
        attributes: &Attributes<'a>,
    ) {
        if self.page.images.len() >= MAX_IMAGES {
            return;
        }
        let stack = &mut self.nesting.stack;
        let mut marks = stack.marks.of_image(element.marks, around.marks);
        if element.name == Name::Image {
            for mark in marks.iter_mut().filter(|mark| mark.at.byte == element.at) {
                // `<image>` means `<img>`.
                "img".clone_into(&mut mark.element);
            }
        }
        let image = images::image(kind, attributes, marks, element.at);
        let link = parent.and_then(|parent| stack.link(parent));
        let link = link.and_then(|link| {
            let read = || images::linked(&tokens::attributes(attributes.source(), link.label_end()));
            self.links.entry(link.at).or_insert_with(read).as_deref()
        });
        let picture = around.picture.filter(|_| kind == ElementKind::Img);
        let addresses = images::addresses(&image, attributes, link, picture.is_some());
        let has_text = image.alt.is_some() || image.title.is_some() || image.aria_label.is_some();
        let spot = stack.spot(parent.filter(|_| !has_text));
        self.pending.push(Pending { figure: around.figure, picture, addresses, spot });
        self.page.images.push(image);
    }

    /// Reads the text of an element without markup.
    fn raw(&mut self, place: nesting::Place, tokens: &mut Tokens<'a>) {
        let tag = tokens.tag;
        if tag.name != Name::Script {
            if tag.name == Name::Plaintext {
                tokens.finish();
            } else {
                tokens.raw();
            }
            return;
        }
        let media_type = tokens.attributes.value(Key::Type);
        let text = tokens.script();
        if self.nesting.stack.around(place.inside).template || self.page.scripts.len() >= MAX_SCRIPTS {
            return;
        }
        let media_type = media_type.as_deref().and_then(|value| value.split(';').next()).unwrap_or_default().trim();
        if SCRIPT_TYPES.iter().any(|known| known.eq_ignore_ascii_case(media_type)) {
            let text = clipped(&decoded(text, Site::Script), MAX_SCRIPT_BYTES);
            let media_type = media_type.to_ascii_lowercase();
            self.page.scripts.push(Script { media_type, text, at: Place { line: 0, byte: tag.at } });
        }
    }

    fn finish(mut self) -> Page {
        self.nesting.finish();
        let stack = &mut self.nesting.stack;
        let mut captions = Captions::new(&stack.figures, &stack.words);
        let mut given = Given::default();
        let windows = windows(self.pending.iter().map(|pending| &pending.spot));
        for ((image, pending), window) in self.page.images.iter_mut().zip(self.pending).zip(windows) {
            image.caption = pending.figure.and_then(|figure| captions.of(figure));
            if image.caption.is_none() {
                image.around = stack.blocks.around(&pending.spot, window, &stack.words);
            }
            given.settle(image, pending.addresses, pending.picture, &stack.pictures);
            stack.marks.add(&self.body.marks, &mut image.marks);
            stack.marks.add(&self.root.marks, &mut image.marks);
        }
        self.page.notices = stack.notices.read(&stack.words);
        self.page
    }
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
    let rel = attributes.raw(Key::Rel)?;
    // Most links are none: `license` is long, and has a letter that other words seldom have.
    if rel.len() < LICENSE.len() || !rel.bytes().any(|byte| matches!(byte, b'c' | b'C' | b'&')) {
        return None;
    }
    let rel = decoded(rel, Site::Attribute);
    if !rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(LICENSE)) {
        return None;
    }
    let href = attributes.value(Key::Href)?.trim().to_owned();
    let media_type = attributes.value(Key::Type).map(std::borrow::Cow::into_owned);
    (!href.is_empty()).then_some(LicenseLink { href, media_type, at: Place { line: 0, byte: at } })
}
