//! XML from strangers: no DTD and no entities, and nothing that makes the parser slow.
//!
//! roxmltree keeps its stack flat whatever the nesting, but compares each attribute of an element
//! with all before it, and copies all namespaces in scope to each element that declares one. Both
//! are counted before it runs.

use crate::findings::clip;
use memchr::{memchr_iter, memmem};
use roxmltree::{Document, Node};
use schema::Evidence;
use std::borrow::Cow;

/// Most read of a document; a longer one is refused, since half a licence is another licence.
const MAX_BYTES: usize = 1024 * 1024;
/// Most tags and attributes of a document, most attributes of a tag, most namespace declarations.
const MAX_NODES: usize = 200_000;
const MAX_ATTRIBUTES: usize = 512;
const MAX_NAMESPACES: usize = 256;

/// The text of a document: UTF-8, or UTF-16 with a byte order mark.
pub(super) fn text(body: &[u8]) -> Result<Cow<'_, str>, String> {
    if body.len() > MAX_BYTES {
        return Err("longer than 1 MiB".into());
    }
    let wide = |octets: &[u8], of: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = octets.chunks_exact(2).map(|pair| of([pair[0], pair[1]])).collect();
        Cow::Owned(String::from_utf16_lossy(&units))
    };
    Ok(match body {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest),
        _ => String::from_utf8_lossy(body),
    })
}

/// The tree of a document. A DTD, and with it every entity of its own, is refused by roxmltree.
pub(super) fn tree(text: &str) -> Result<Document<'_>, String> {
    let octets = text.as_bytes();
    if memchr_iter(b'<', octets).count() + memchr_iter(b'=', octets).count() > MAX_NODES {
        return Err("too many elements".into());
    }
    if memmem::find_iter(octets, "xmlns").count() > MAX_NAMESPACES {
        return Err("too many namespaces".into());
    }
    if octets.split(|octet| *octet == b'<').any(|tag| attributes(tag) > MAX_ATTRIBUTES) {
        return Err("too many attributes".into());
    }
    // What stands before the declaration in an HTML script element is no part of the document.
    Document::parse(text.trim_start()).map_err(|error| clip(&error.to_string(), 200))
}

/// At most so many attributes are in a tag and the text after it: `=` followed by a quote.
fn attributes(tag: &[u8]) -> usize {
    memchr_iter(b'=', tag)
        .filter(|place| matches!(tag[place + 1..].trim_ascii_start().first(), Some(b'"' | b'\'')))
        .count()
}

/// The text that a tree was made of. Nodes must be asked for in the order of the document.
pub(super) struct Source<'a> {
    text: &'a str,
    /// Lines counted so far, and up to where.
    line: usize,
    counted: usize,
}

impl<'a> Source<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let trimmed = text.trim_start();
        let before = &text[..text.len() - trimmed.len()];
        Self { text: trimmed, line: 1 + memchr_iter(b'\n', before.as_bytes()).count(), counted: 0 }
    }

    /// The line a node begins in. Counted on from the node before, since to count from the start
    /// each time would be quadratic.
    pub(super) fn place(&mut self, node: Node<'_, '_>) -> String {
        let start = node.range().start.max(self.counted);
        self.line += memchr_iter(b'\n', &self.text.as_bytes()[self.counted..start]).count();
        self.counted = start;
        format!("line {}", self.line)
    }

    /// The words of a node.
    pub(super) fn raw(&self, node: Node<'_, '_>) -> &'a str {
        let words = self.text.get(node.range()).unwrap_or_default();
        let mut end = words.len().min(Evidence::MAX_RAW_BYTES);
        while !words.is_char_boundary(end) {
            end -= 1;
        }
        &words[..end]
    }
}
