//! Bytes into tags and text (HTML standard, section 13.2.5), with the states folded into searches
//! for the few bytes that end each of them.

use crate::attributes::{Attributes, Key};
use crate::chunk::{Chunk, small, window, word};
use crate::names::Name;
use crate::notices::SIGN;
use crate::raw;
use memchr::memchr;

/// A piece of the source.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token {
    /// Text between tags: [`Tokens::text`].
    Text,
    /// A start tag: [`Tokens::tag`], with its [`Tokens::attributes`].
    Start,
    /// An end tag: [`Tokens::tag`].
    End,
    /// A comment, or what counts as one.
    Comment,
    /// A doctype. [`Tokens::text`] is what stands between `<!doctype` and `>`; says whether the `>` is there.
    Doctype(bool),
}

/// Text between tags.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    /// As written; not there where it is blank.
    pub(crate) source: &'a str,
    pub(crate) at: usize,
    pub(crate) is_blank: bool,
    /// Whether it may hold a copyright sign.
    pub(crate) may_be_signed: bool,
}

/// A tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag {
    /// Where its `<` stands.
    pub(crate) at: usize,
    /// Where its name begins and ends.
    label: (usize, usize),
    /// Where it ends.
    pub(crate) end: usize,
    /// The name, if a rule speaks of it.
    pub(crate) name: Name,
    /// Whether it ends in `/>`.
    pub(crate) self_closing: bool,
}

impl Tag {
    /// The name as written in the source.
    pub(crate) fn label<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.label.0..self.label.1).unwrap_or_default()
    }

    pub(crate) fn label_length(&self) -> u32 {
        u32::try_from(self.label.1 - self.label.0).unwrap_or(u32::MAX)
    }
}

/// The source, read from front to back.
pub(crate) struct Tokens<'a> {
    source: &'a str,
    at: usize,
    /// The text last read.
    pub(crate) text: Text<'a>,
    /// The tag last read.
    pub(crate) tag: Tag,
    /// Its attributes.
    pub(crate) attributes: Attributes<'a>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        // A byte order mark is no text.
        let at = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let text = Text { source: "", at, is_blank: true, may_be_signed: false };
        let tag = Tag { at, label: (at, at), end: at, name: Name::Other, self_closing: false };
        Self { source, at, text, tag, attributes: Attributes::new(source) }
    }

    /// The next piece; `is_foreign` says whether we are inside svg or math, where CDATA sections are text.
    #[inline]
    pub(crate) fn next(&mut self, is_foreign: impl Fn() -> bool) -> Option<Token> {
        loop {
            let bytes = self.source.as_bytes();
            if *bytes.get(self.at)? == b'<' {
                let is_end = self.byte(1) == Some(b'/');
                let ahead = 1 + usize::from(is_end);
                if self.byte(ahead).is_some_and(|byte| byte.is_ascii_alphabetic()) {
                    self.tag(ahead)?;
                    return Some(if is_end { Token::End } else { Token::Start });
                }
                if self.begins_markup() {
                    if let Some(token) = self.other_markup(is_foreign()) {
                        return Some(token);
                    }
                    continue;
                }
            } else if let Some(length) = self.blanks_before_tag() {
                self.at += length;
                self.blanks_from(self.at - length);
                return Some(Token::Text);
            }
            self.read_text();
            return Some(Token::Text);
        }
    }

    /// Whether an end tag may begin here.
    #[inline]
    pub(crate) fn is_at_end(&self) -> bool {
        self.source.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(b"</"))
    }

    /// Passes over the end tag here if it is that of `name`, and plainly written.
    #[inline]
    pub(crate) fn pass_end(&mut self, name: Name) -> bool {
        let (letters, length) = name.word();
        let bytes = self.source.as_bytes();
        let passes = length > 0
            && word(bytes, self.at + 2).is_some_and(|word| small(word, length) == letters)
            && bytes.get(self.at + 2 + length) == Some(&b'>');
        if passes {
            self.at += 3 + length;
        }
        passes
    }

    /// What begins with `<` and is no tag.
    fn other_markup(&mut self, is_foreign: bool) -> Option<Token> {
        match (self.byte(1), self.byte(2)) {
            (Some(b'!'), _) => self.declaration(is_foreign),
            (Some(b'/'), Some(b'>')) => {
                self.at += 3;
                None
            }
            _ => Some(self.bogus_comment()),
        }
    }

    /// Reads the text of a `script` up to its end tag, which is read too.
    pub(crate) fn script(&mut self) -> &'a str {
        let rest = &self.source[self.at..];
        self.until(raw::script_end(rest.as_bytes()), "script")
    }

    /// Reads the text of the element whose tag was last read up to its end tag, which is read too.
    pub(crate) fn raw(&mut self) -> &'a str {
        let label = self.tag.label(self.source);
        let rest = &self.source[self.at..];
        self.until(raw::end(rest.as_bytes(), label.as_bytes()), label)
    }

    /// Passes over all that is left.
    pub(crate) fn finish(&mut self) {
        self.at = self.source.len();
    }

    fn until(&mut self, end: Option<usize>, label: &str) -> &'a str {
        let rest = &self.source[self.at..];
        let Some(end) = end else {
            self.finish();
            return rest;
        };
        self.attributes.clear();
        match rest_of_tag(self.source.as_bytes(), self.at + end + 2 + label.len(), &mut self.attributes) {
            Some((after, _)) => self.at = after,
            None => self.finish(),
        }
        &rest[..end]
    }

    /// Text up to the next `<` that begins markup. There is some.
    fn read_text(&mut self) {
        let start = self.at;
        let bytes = self.source.as_bytes();
        self.at = blanks_end_far(bytes, start);
        if self.at > start && (self.at == bytes.len() || bytes[self.at] == b'<' && self.begins_markup()) {
            self.blanks_from(start);
            return;
        }
        let mut may_be_signed = false;
        while let Some(window) = window::<{ 2 * Chunk::LENGTH }>(bytes, self.at)
            && let (Some(first), Some(second)) = (window.first_chunk(), window.last_chunk())
        {
            let (first, second) = (Chunk::of(first), Chunk::of(second));
            let opening = first.are(b'<') | second.are(b'<') << Chunk::LENGTH;
            let before = opening.wrapping_sub(1) & !opening;
            let signs = first.are_either(b'&', SIGN[0]) | second.are_either(b'&', SIGN[0]) << Chunk::LENGTH;
            let signs = signs & before;
            if signs != 0 {
                may_be_signed |= may_hold_sign(bytes, self.at, signs);
            }
            if opening == 0 {
                self.at += 2 * Chunk::LENGTH;
                continue;
            }
            self.at += opening.trailing_zeros() as usize;
            if self.begins_markup() {
                self.text_from(start, may_be_signed);
                return;
            }
            self.at += 1;
        }
        while let Some(&byte) = bytes.get(self.at)
            && !(byte == b'<' && self.begins_markup())
        {
            self.at += 1;
        }
        self.text_from(start, true);
    }

    #[inline]
    fn text_from(&mut self, start: usize, may_be_signed: bool) {
        let source = self.source.get(start..self.at).unwrap_or_default();
        self.text = Text { source, at: start, is_blank: false, may_be_signed };
    }

    #[inline]
    fn blanks_from(&mut self, start: usize) {
        self.text = Text { source: "", at: start, is_blank: true, may_be_signed: false };
    }

    /// How many blanks stand between here and a tag, if only those do, and a few.
    #[inline]
    fn blanks_before_tag(&self) -> Option<usize> {
        let bytes = self.source.as_bytes();
        let window = window::<{ Chunk::LENGTH + 2 }>(bytes, self.at)?;
        let others = !Chunk::of(window.first_chunk()?).are_blank() & ALL;
        let length = others.trailing_zeros() as usize;
        let is_before = (1..Chunk::LENGTH).contains(&length)
            && window[length] == b'<'
            && (window[length + 1] == b'/' || window[length + 1].is_ascii_alphabetic());
        is_before.then_some(length)
    }

    /// Whether the `<` here does.
    #[inline]
    fn begins_markup(&self) -> bool {
        match self.byte(1) {
            Some(b'/') => self.byte(2).is_some(),
            Some(byte) => byte.is_ascii_alphabetic() || matches!(byte, b'!' | b'?'),
            None => false,
        }
    }

    #[inline]
    fn byte(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + ahead).copied()
    }

    /// A tag whose name stands `ahead` bytes from here. One that the page's end cuts off is none.
    #[inline]
    fn tag(&mut self, ahead: usize) -> Option<()> {
        let (at, start) = (self.at, self.at + ahead);
        self.at = self.source.len();
        let (name, end) = self.label(start)?;
        let bytes = self.source.as_bytes();
        self.attributes.clear();
        let (after, self_closing) = if bytes.get(end) == Some(&b'>') {
            (end + 1, false)
        } else {
            rest_of_tag(bytes, end, &mut self.attributes)?
        };
        self.tag.at = at;
        self.tag.label = (start, end);
        self.tag.end = after;
        self.tag.name = name;
        self.tag.self_closing = self_closing;
        self.at = after;
        Some(())
    }

    /// The name that begins at `start`, and where it ends.
    #[inline]
    fn label(&self, start: usize) -> Option<(Name, usize)> {
        let bytes = self.source.as_bytes();
        if let Some(word) = word(bytes, start) {
            // Letters have this bit, and what ends a name has not; digits have not either.
            let letters = (!word & 0x4040_4040_4040_4040).trailing_zeros() as usize / 8;
            let is_heading = (letters == 1) & (word >> 8 & 0xFF).wrapping_sub(u64::from(b'0')).lt(&10);
            let length = letters + usize::from(is_heading);
            if length < 8 && is_end(word >> (8 * length) & 0xFF, ENDS_NAME) {
                return Some((Name::of_word(small(word, length)), start + length));
            }
        }
        self.long_label(start)
    }

    fn long_label(&self, start: usize) -> Option<(Name, usize)> {
        let bytes = self.source.as_bytes();
        let length = bytes[start..].iter().position(|byte| is_end(*byte, ENDS_NAME))?;
        Some((Name::of(&bytes[start..start + length]), start + length))
    }

    /// What begins with `<!`.
    fn declaration(&mut self, foreign: bool) -> Option<Token> {
        let rest = &self.source[self.at + 2..];
        if rest.starts_with("--") {
            self.at += 4;
            let end = raw::comment_end(&rest.as_bytes()[2..]);
            self.at = end.map_or(self.source.len(), |end| self.at + end);
            return Some(Token::Comment);
        }
        if rest.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("doctype")) {
            self.at += 9;
            let start = self.at;
            let end = memchr(b'>', &self.source.as_bytes()[start..]);
            self.at = end.map_or(self.source.len(), |end| start + end + 1);
            let inner = &self.source[start..end.map_or(self.source.len(), |end| start + end)];
            self.text = Text { source: inner, at: start, is_blank: false, may_be_signed: false };
            return Some(Token::Doctype(end.is_some()));
        }
        if foreign && rest.starts_with("[CDATA[") {
            let (text, start) = (&rest[7..], self.at + 9);
            let length = memchr::memmem::find(text.as_bytes(), b"]]>");
            self.at += 9 + length.map_or(text.len(), |length| length + 3);
            // References mean nothing in here, but words that hold `&` are passed on all the same.
            let text = &text[..length.unwrap_or(text.len())];
            let is_blank = text.bytes().all(is_blank);
            self.text = Text { source: text, at: start, is_blank, may_be_signed: true };
            return (!text.is_empty()).then_some(Token::Text);
        }
        Some(self.bogus_comment())
    }

    fn bogus_comment(&mut self) -> Token {
        let end = memchr(b'>', &self.source.as_bytes()[self.at..]);
        self.at = end.map_or(self.source.len(), |end| self.at + end + 1);
        Token::Comment
    }
}

/// The attributes of the tag whose name ends at `at`.
pub(crate) fn attributes(source: &str, at: usize) -> Attributes<'_> {
    let mut attributes = Attributes::new(source);
    rest_of_tag(source.as_bytes(), at, &mut attributes);
    attributes
}

/// Whether a copyright sign or a reference to it may begin at one of the places that `bits` marks from `at` on.
fn may_hold_sign(bytes: &[u8], at: usize, mut bits: u32) -> bool {
    while bits != 0 {
        match bytes.get(at + bits.trailing_zeros() as usize + 1) {
            Some(b'#' | b'c' | b'C') | None => return true,
            Some(after) if *after == SIGN[1] => return true,
            _ => bits &= bits - 1,
        }
    }
    false
}

/// Reads attributes and the `>` from `at` on; says where they end, and whether a `/` stood before it.
fn rest_of_tag(bytes: &[u8], mut at: usize, attributes: &mut Attributes<'_>) -> Option<(usize, bool)> {
    loop {
        match *bytes.get(at)? {
            b'>' => return Some((at + 1, false)),
            b'/' if *bytes.get(at + 1)? == b'>' => return Some((at + 2, true)),
            b'/' | b' ' | b'\n' | b'\t' | b'\r' | b'\x0c' => at += 1,
            _ => at = attribute(bytes, at, attributes)?,
        }
    }
}

/// Reads the attribute that begins at `start`; says where it ends, which is beyond the source where no quote ends it.
#[inline]
fn attribute(bytes: &[u8], start: usize, attributes: &mut Attributes<'_>) -> Option<usize> {
    // Most are written `name="value"`, with a short name.
    if let Some(window) = window::<{ Chunk::LENGTH + 2 }>(bytes, start)
        && let (Some(first), Some(rest)) = (window.first_chunk(), window[1..].first_chunk())
        // A name may begin with `=`.
        && let length = 1 + Chunk::of(rest).may_end_attribute().trailing_zeros() as usize
        && length <= Chunk::LENGTH
        && window[length] == b'='
        && window[length + 1] == b'"'
    {
        let word = u64::from_le_bytes(*first);
        let key = if length <= 8 {
            Key::of_word(small(word, length))
        } else {
            Key::of_long(word, bytes, start, start + length)
        };
        let value = start + length + 2;
        let Some(key) = key else { return Some(quote_end(bytes, value, b'"') + 1) };
        let end = match key {
            Key::Class | Key::Id => label_end(bytes, value, b'"', attributes),
            _ => quote_end(bytes, value, b'"'),
        };
        attributes.add(key, value, end);
        return Some(end + 1);
    }
    odd_attribute(bytes, start, attributes)
}

/// The same, however it is written.
fn odd_attribute(bytes: &[u8], start: usize, attributes: &mut Attributes<'_>) -> Option<usize> {
    let mut at = name_end(bytes, start + 1)?;
    let key = match word(bytes, start) {
        Some(word) if at - start <= 8 => Key::of_word(small(word, at - start)),
        Some(word) => Key::of_long(word, bytes, start, at),
        None => Key::of(&bytes[start..at]),
    };
    at = blanks_end(bytes, at);
    if *bytes.get(at)? != b'=' {
        if let Some(key) = key {
            attributes.add(key, at, at);
        }
        return Some(at);
    }
    at = blanks_end(bytes, at + 1);
    let quote = *bytes.get(at)?;
    let is_quoted = matches!(quote, b'"' | b'\'');
    at += usize::from(is_quoted);
    let end = if !is_quoted {
        attributes.may_be_labelled |= matches!(key, Some(Key::Class | Key::Id));
        at + bytes[at..].iter().position(|byte| is_end(*byte, ENDS_VALUE))?
    } else if matches!(key, Some(Key::Class | Key::Id)) {
        label_end(bytes, at, quote, attributes)
    } else {
        quote_end(bytes, at, quote)
    };
    if let Some(key) = key {
        attributes.add(key, at, end);
    }
    Some(end + usize::from(is_quoted))
}

/// Where the name of an attribute ends whose second byte stands at `at`.
fn name_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(chunk) = Chunk::at(bytes, at) {
        let ends = chunk.may_end_attribute();
        if ends == 0 {
            at += Chunk::LENGTH;
            continue;
        }
        at += ends.trailing_zeros() as usize;
        if is_end(bytes[at], ENDS_ATTRIBUTE) {
            return Some(at);
        }
        at += 1;
    }
    Some(at + bytes.get(at..)?.iter().position(|byte| is_end(*byte, ENDS_ATTRIBUTE))?)
}

/// Where the blanks end that begin at `at`, if any do.
fn blanks_end(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| is_blank(*byte)) {
        at += 1;
    }
    at
}

/// The same, where there may be many.
#[inline]
fn blanks_end_far(bytes: &[u8], mut at: usize) -> usize {
    if bytes.get(at).is_some_and(|byte| !is_blank(*byte)) {
        return at;
    }
    while let Some(chunk) = Chunk::at(bytes, at) {
        let others = !chunk.are_blank() & ALL;
        if others != 0 {
            return at + others.trailing_zeros() as usize;
        }
        at += Chunk::LENGTH;
    }
    blanks_end(bytes, at)
}

/// Where the quote stands that ends the value from `at` on. Most values are short.
#[inline]
fn quote_end(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    if let Some(window) = window::<{ 4 * Chunk::LENGTH }>(bytes, at) {
        for chunk in window.as_chunks().0 {
            let ends = Chunk::of(chunk).are(quote);
            if ends != 0 {
                return at + ends.trailing_zeros() as usize;
            }
            at += Chunk::LENGTH;
        }
    }
    far_quote(bytes, at, quote)
}

fn far_quote(bytes: &[u8], at: usize, quote: u8) -> usize {
    memchr(quote, &bytes[at..]).map_or(bytes.len(), |length| at + length)
}

/// Where the quote stands that ends a class or id, which begins at `start`; takes note of what [`Chunk::labels`] finds
/// in it.
#[inline]
fn label_end(bytes: &[u8], start: usize, quote: u8, attributes: &mut Attributes<'_>) -> usize {
    let mut at = start;
    while let Some(window) = window::<{ 2 * Chunk::LENGTH + 2 }>(bytes, at - 1) {
        for half in [0, Chunk::LENGTH] {
            let (before, chunk, after) = (&window[half..], &window[half + 1..], &window[half + 2..]);
            let (Some(before), Some(chunk), Some(after)) =
                (before.first_chunk(), chunk.first_chunk(), after.first_chunk())
            else {
                break;
            };
            let (ends, words) = Chunk::of(chunk).labels(quote, Chunk::of(before), Chunk::of(after));
            attributes.may_be_labelled |= words != 0;
            if ends != 0 {
                return at + ends.trailing_zeros() as usize;
            }
            at += Chunk::LENGTH;
        }
    }
    attributes.may_be_labelled = true;
    far_quote(bytes, at, quote)
}

/// All bits of a chunk.
const ALL: u32 = (1 << Chunk::LENGTH) - 1;

/// Whether `byte` parts the words of a tag. Carriage returns count as line feeds.
pub(crate) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
}

#[inline]
fn is_end(byte: impl Into<u64>, set: u64) -> bool {
    let byte = byte.into();
    byte < 64 && set >> byte & 1 != 0
}

/// Which bytes end a value without quotes, a tag's name, and an attribute's name: sets of bits, for none is above 63.
const ENDS_VALUE: u64 = 1 << b' ' | 1 << b'\n' | 1 << b'\t' | 1 << b'\r' | 1 << b'\x0c' | 1 << b'>';
const ENDS_NAME: u64 = ENDS_VALUE | 1 << b'/';
const ENDS_ATTRIBUTE: u64 = ENDS_NAME | 1 << b'=';
