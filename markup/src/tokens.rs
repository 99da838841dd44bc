//! Bytes into tags and text (HTML standard, section 13.2.5), with the states folded into searches
//! for the few bytes that end each of them.

use crate::attributes::Attributes;
use crate::names::Name;
use crate::raw;
use memchr::memchr;

/// A piece of the source.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Token<'a> {
    /// Text between tags, as written.
    Text(&'a str),
    /// A start tag: [`Tokens::tag`], with its [`Tokens::attributes`].
    Start,
    /// An end tag: [`Tokens::tag`].
    End,
    /// A comment, or what counts as one.
    Comment,
    /// A doctype: what stands between `<!doctype` and `>`, and whether the `>` is there.
    Doctype(&'a str, bool),
}

/// A tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tag<'a> {
    /// The name, if a rule speaks of it.
    pub(crate) name: Name,
    /// The name as written.
    pub(crate) label: &'a str,
    /// What follows the name.
    pub(crate) rest: &'a str,
    /// Whether it ends in `/>`.
    pub(crate) self_closing: bool,
    /// Where its `<` stands.
    pub(crate) at: usize,
}

/// The source, read from front to back.
pub(crate) struct Tokens<'a> {
    source: &'a str,
    at: usize,
    /// The tag last read.
    pub(crate) tag: Tag<'a>,
    /// Its attributes.
    pub(crate) attributes: Attributes<'a>,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        // A byte order mark is no text.
        let at = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let tag = Tag { name: Name::Other, label: "", rest: "", self_closing: false, at };
        Self { source, at, tag, attributes: Attributes::new() }
    }

    /// The next piece; `foreign` says whether we are inside svg or math, where CDATA sections are text.
    pub(crate) fn next(&mut self, foreign: bool) -> Option<Token<'a>> {
        loop {
            let text = self.text();
            if !text.is_empty() {
                return Some(Token::Text(text));
            }
            if self.at >= self.source.len() {
                return None;
            }
            let token = match self.byte(1) {
                Some(b'!') => self.declaration(foreign),
                Some(b'/') => match self.byte(2) {
                    Some(b'>') => {
                        self.at += 3;
                        None
                    }
                    Some(byte) if byte.is_ascii_alphabetic() => self.tag(2).map(|()| Token::End),
                    _ => Some(self.bogus_comment()),
                },
                Some(byte) if byte.is_ascii_alphabetic() => self.tag(1).map(|()| Token::Start),
                _ => Some(self.bogus_comment()),
            };
            if token.is_some() {
                return token;
            }
        }
    }

    /// Reads the text of a `script` up to its end tag, which is read too.
    pub(crate) fn script(&mut self) -> &'a str {
        let rest = &self.source[self.at..];
        self.until(raw::script_end(rest.as_bytes()), "script")
    }

    /// Reads text up to the end tag of `label`, which is read too.
    pub(crate) fn raw(&mut self, label: &str) -> &'a str {
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
        self.at += end + 2 + label.len();
        if self.rest_of_tag().is_none() {
            self.finish();
        }
        &rest[..end]
    }

    /// Text up to the next `<` that begins markup.
    fn text(&mut self) -> &'a str {
        let start = self.at;
        let bytes = self.source.as_bytes();
        loop {
            let Some(found) = memchr(b'<', &bytes[self.at..]) else {
                self.finish();
                break;
            };
            self.at += found;
            let slash = usize::from(self.byte(1) == Some(b'/'));
            let begins_markup = match self.byte(1 + slash) {
                Some(b'!' | b'?') => true,
                Some(byte) => slash == 1 || byte.is_ascii_alphabetic(),
                None => false,
            };
            if begins_markup {
                break;
            }
            self.at += 1;
        }
        &self.source[start..self.at]
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.source.as_bytes().get(self.at + ahead).copied()
    }

    /// A tag whose name stands `ahead` bytes from here. One that the page's end cuts off is none.
    fn tag(&mut self, ahead: usize) -> Option<()> {
        let at = self.at;
        let start = at + ahead;
        let bytes = self.source.as_bytes();
        let length = bytes[start..].iter().position(|byte| ENDS[usize::from(*byte)] & ENDS_NAME != 0);
        let Some(length) = length else {
            self.finish();
            return None;
        };
        let label = &self.source[start..start + length];
        self.at = start + length;
        let Some(self_closing) = self.rest_of_tag() else {
            self.finish();
            return None;
        };
        let rest = &self.source[start + length..self.at];
        self.tag = Tag { name: Name::of(label.as_bytes()), label, rest, self_closing, at };
        Some(())
    }

    /// Reads attributes and the `>`; says whether a `/` stood before it.
    fn rest_of_tag(&mut self) -> Option<bool> {
        self.attributes.clear();
        let bytes = self.source.as_bytes();
        loop {
            match *bytes.get(self.at)? {
                b'>' => {
                    self.at += 1;
                    return Some(false);
                }
                b'/' if *bytes.get(self.at + 1)? == b'>' => {
                    self.at += 2;
                    return Some(true);
                }
                b'/' | b' ' | b'\n' | b'\t' | b'\r' | b'\x0c' => self.at += 1,
                _ => self.attribute()?,
            }
        }
    }

    fn attribute(&mut self) -> Option<()> {
        let bytes = self.source.as_bytes();
        let start = self.at;
        // A name may begin with `=`.
        let length = bytes[start + 1..].iter().position(|byte| ENDS[usize::from(*byte)] & ENDS_ATTRIBUTE != 0)?;
        let end = start + 1 + length;
        self.at = end;
        self.blanks();
        let mut value = "";
        if *bytes.get(self.at)? == b'=' {
            self.at += 1;
            self.blanks();
            value = self.value()?;
        }
        self.attributes.add(&bytes[start..end], value);
        Some(())
    }

    fn blanks(&mut self) {
        while self.byte(0).is_some_and(is_blank) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Option<&'a str> {
        let bytes = self.source.as_bytes();
        let quote = *bytes.get(self.at)?;
        if quote == b'"' || quote == b'\'' {
            let start = self.at + 1;
            let end = start + memchr(quote, &bytes[start..])?;
            self.at = end + 1;
            return Some(&self.source[start..end]);
        }
        let start = self.at;
        let length = bytes[start..].iter().position(|byte| ENDS[usize::from(*byte)] & ENDS_VALUE != 0)?;
        self.at = start + length;
        Some(&self.source[start..self.at])
    }

    /// What begins with `<!`.
    fn declaration(&mut self, foreign: bool) -> Option<Token<'a>> {
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
            return Some(Token::Doctype(inner, end.is_some()));
        }
        if foreign && rest.starts_with("[CDATA[") {
            let text = &rest[7..];
            let length = memchr::memmem::find(text.as_bytes(), b"]]>");
            self.at += 9 + length.map_or(text.len(), |length| length + 3);
            // References mean nothing in here, but words that hold `&` are passed on all the same.
            let text = &text[..length.unwrap_or(text.len())];
            return (!text.is_empty()).then_some(Token::Text(text));
        }
        Some(self.bogus_comment())
    }

    fn bogus_comment(&mut self) -> Token<'a> {
        let end = memchr(b'>', &self.source.as_bytes()[self.at..]);
        self.at = end.map_or(self.source.len(), |end| self.at + end + 1);
        Token::Comment
    }
}

/// Whether `byte` parts the words of a tag. Carriage returns count as line feeds.
pub(crate) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c')
}

const ENDS_NAME: u8 = 1;
const ENDS_ATTRIBUTE: u8 = 2;
const ENDS_VALUE: u8 = 4;

/// Which bytes end a tag's name, an attribute's name, and a value without quotes.
const ENDS: [u8; 256] = {
    let mut ends = [0; 256];
    let blanks = b" \n\t\r\x0c";
    let mut at = 0;
    while at < blanks.len() {
        ends[blanks[at] as usize] = ENDS_NAME | ENDS_ATTRIBUTE | ENDS_VALUE;
        at += 1;
    }
    ends[b'/' as usize] = ENDS_NAME | ENDS_ATTRIBUTE;
    ends[b'>' as usize] = ENDS_NAME | ENDS_ATTRIBUTE | ENDS_VALUE;
    ends[b'=' as usize] = ENDS_ATTRIBUTE;
    ends
};
