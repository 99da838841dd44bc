//! The encoding that a page declares in itself: "prescan a byte stream to determine its encoding" of
//! the HTML standard (section 13.2.3.3). Scripts and comments that speak of one declare nothing.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// The encoding that a meta element in `start` declares, or else an XML declaration before all.
pub(super) fn declared(start: &[u8]) -> Option<&'static Encoding> {
    let mut rest = start;
    while let Some(place) = memchr::memchr(b'<', rest) {
        rest = &rest[place + 1..];
        if let Some(comment) = rest.strip_prefix(b"!--") {
            // `<!-->` is one already.
            let dashes = &rest[1..];
            rest = memchr::memmem::find(dashes, b"-->").map_or(&comment[comment.len()..], |end| &dashes[end + 3..]);
        } else if is_meta(rest) {
            let mut attributes = Attributes(&rest[4..]);
            if let Some(encoding) = of_meta(&mut attributes) {
                return Some(encoding);
            }
            rest = attributes.0;
        } else if is_tag(rest) {
            let name = rest.iter().position(|byte| is_blank(*byte) || *byte == b'>').unwrap_or(rest.len());
            let mut attributes = Attributes(&rest[name..]);
            attributes.by_ref().for_each(drop);
            rest = attributes.0;
        } else if matches!(rest.first(), Some(b'!' | b'/' | b'?')) {
            rest = memchr::memchr(b'>', rest).map_or(&rest[rest.len()..], |end| &rest[end..]);
        }
    }
    of_xml(start)
}

fn is_meta(rest: &[u8]) -> bool {
    rest.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"))
        && rest.get(4).is_some_and(|byte| is_blank(*byte) || *byte == b'/')
}

fn is_tag(rest: &[u8]) -> bool {
    rest.strip_prefix(b"/").unwrap_or(rest).first().is_some_and(u8::is_ascii_alphabetic)
}

fn of_meta(attributes: &mut Attributes<'_>) -> Option<&'static Encoding> {
    let (mut label, mut is_pragma, mut needs_pragma) = (None, false, false);
    let mut seen: Vec<Vec<u8>> = Vec::new();
    for (name, value) in attributes {
        let name = name.to_ascii_lowercase();
        if seen.contains(&name) || !matches!(&name[..], b"http-equiv" | b"content" | b"charset") {
            continue;
        }
        match &name[..] {
            b"http-equiv" => is_pragma = value.eq_ignore_ascii_case(b"content-type"),
            b"content" if label.is_none() => {
                label = of_content(value);
                needs_pragma = label.is_some();
            }
            b"charset" => (label, needs_pragma) = (Some(value), false),
            _ => {}
        }
        seen.push(name);
    }
    label.filter(|_| is_pragma || !needs_pragma).and_then(named)
}

/// "Extracting a character encoding from a meta element": what follows `charset=` in `content`.
fn of_content(content: &[u8]) -> Option<&[u8]> {
    let mut rest = content;
    loop {
        let place = rest.windows(7).position(|word| word.eq_ignore_ascii_case(b"charset"))?;
        rest = rest[place + 7..].trim_ascii_start();
        if let Some(value) = rest.strip_prefix(b"=") {
            let value = value.trim_ascii_start();
            return match value.first()? {
                quote @ (b'"' | b'\'') => {
                    value[1..].split(|byte| byte == quote).next().filter(|_| value[1..].contains(quote))
                }
                _ => value.split(|byte| is_blank(*byte) || *byte == b';').next(),
            };
        }
    }
}

/// `<?xml version="1.0" encoding="EUC-JP"?>`: "get an XML encoding".
fn of_xml(start: &[u8]) -> Option<&'static Encoding> {
    let declaration = start.strip_prefix(b"<?xml")?;
    let declaration = &declaration[..memchr::memchr(b'>', declaration)?];
    let place = memchr::memmem::find(declaration, b"encoding")? + b"encoding".len();
    let value = declaration[place..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let quote = value.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let end = memchr::memchr(*quote, &value[1..])?;
    named(&value[1..=end])
}

/// The encoding of a name found in what could be read as ASCII.
fn named(label: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label(label)?;
    Some(match encoding {
        wide if [UTF_16LE, UTF_16BE].contains(&wide) => UTF_8,
        own if own == X_USER_DEFINED => WINDOWS_1252,
        other => other,
    })
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

/// The attributes of a tag, from behind its name; afterwards what follows the last.
struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    /// "Get an attribute".
    fn next(&mut self) -> Option<Self::Item> {
        let start = self.0.iter().position(|byte| !is_blank(*byte) && *byte != b'/').unwrap_or(self.0.len());
        self.0 = &self.0[start..];
        if matches!(self.0.first(), None | Some(b'>')) {
            return None;
        }
        // A `=` at the beginning belongs to the name.
        let ends = |byte: u8| is_blank(byte) || matches!(byte, b'=' | b'/' | b'>');
        let name = self.take(1 + self.0[1..].iter().position(|byte| ends(*byte)).unwrap_or(self.0.len() - 1));
        let Some(value) = self.0.trim_ascii_start().strip_prefix(b"=") else { return Some((name, b"")) };
        self.0 = value.trim_ascii_start();
        if let Some(quote @ (b'"' | b'\'')) = self.0.first() {
            self.0 = &self.0[1..];
            let value = self.take(memchr::memchr(*quote, self.0).unwrap_or(self.0.len()));
            self.0 = self.0.get(1..).unwrap_or_default();
            return Some((name, value));
        }
        let end = self.0.iter().position(|byte| is_blank(*byte) || *byte == b'>').unwrap_or(self.0.len());
        Some((name, self.take(end)))
    }
}

impl<'a> Attributes<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }
}
