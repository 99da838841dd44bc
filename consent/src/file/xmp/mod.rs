//! XMP (ISO 16684-1): RDF in XML, the metadata that photographers and agencies write.

mod dmi;
mod properties;

use super::{Contents, Reader, container::fragments, fields, text};
use crate::{policy::Reading, statement::Statement, tdmrep};
use base64::{Engine, prelude::BASE64_STANDARD};
use memchr::{memchr3, memmem};
use properties::{Property, properties};
use roxmltree::{Document, Node, ParsingOptions};
use schema::{Category, Verdict};

/// Longest packet read as XML.
const MAX_XMP: usize = 4 << 20;
/// Most elements and texts of one packet.
const MOST_NODES: u32 = 200_000;
/// Most attributes of one element, and most declarations of namespaces in one packet: the XML
/// reader compares each with all the others, so a flood of them would take time without end.
const MOST_ATTRIBUTES: usize = 256;
/// Most licence documents read of one packet.
const MOST_LICENCES: usize = 8;
const RSL: &str = "https://rslstandard.org/rsl";

/// Reads one packet.
pub(super) fn read(reader: Reader<'_>, packet: &[u8], contents: &mut Contents) {
    let text = text::xml(packet);
    // Padding, byte order marks and zeros stand around the XML itself.
    let text = text.find('<').map_or("", |start| &text[start..]);
    let sound = text.rfind('>').map_or("", |end| &text[..=end]);
    if let Some(document) = parse(sound) {
        return read_document(reader, &document, contents);
    }
    // What wraps the RDF may be what is broken: a DTD, rubbish, a second root.
    for (_, fragment) in fragments(text.as_bytes()) {
        if let Some(document) = str::from_utf8(fragment).ok().and_then(parse) {
            read_document(reader, &document, contents);
        }
    }
    read_broken(reader, text, contents);
}

/// No DTD and so no entities (a billion laughs); bounded in what the reader is not linear in.
fn parse(text: &str) -> Option<Document<'_>> {
    if text.len() > MAX_XMP || is_flood(text.as_bytes()) {
        return None;
    }
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MOST_NODES, entity_resolver: None };
    Document::parse_with_options(text, options).ok()
}

fn is_flood(text: &[u8]) -> bool {
    let (mut at, mut attributes) = (0, 0);
    while let Some(found) = memchr3(b'<', b'>', b'=', &text[at..]) {
        attributes = if text[at + found] == b'=' { attributes + 1 } else { 0 };
        if attributes > MOST_ATTRIBUTES {
            return true;
        }
        at += found + 1;
    }
    memmem::find_iter(text, b"xmlns").nth(MOST_ATTRIBUTES).is_some()
}

fn read_document(reader: Reader<'_>, document: &Document<'_>, contents: &mut Contents) {
    for property in properties(document) {
        let place = reader.place(&property.label());
        if let Some(said) = dmi::statement(&property, reader.reading()) {
            contents.add(said.at(place));
        } else if let Some(said) = reservation(&property, reader.reading()) {
            contents.add(said.at(place));
        } else if property.is("http://c2pa.org/manifest", "manifest") {
            let base64: Vec<u8> = property.value.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
            contents.add_manifests(reader, &BASE64_STANDARD.decode(base64).unwrap_or_default());
        } else if property.is_rsl() {
            contents.add(linked_licence(property.value).at(place));
        } else if property.is("http://purl.org/dc/terms/", "provenance") {
            // Where the manifest is: in this file, or elsewhere and not fetched.
            contents.add(Statement::new("c2pa.provenance", Category::Info, Verdict::Info, property.value).at(place));
        } else {
            fields::read(reader, &property.label(), property.value, contents);
        }
    }
    for licence in embedded_licences(document) {
        fields::read_rsl(reader, "XMP rsl", &licence, contents);
    }
}

/// `TDMRep` defines the property for PDF; it is met in pictures, too (strict).
fn reservation(property: &Property<'_>, reading: Reading) -> Option<Statement> {
    let is_known = match property.name {
        "reservation" => property.namespace.contains("tdm"),
        name => name.eq_ignore_ascii_case("reserve_tdm") || name.eq_ignore_ascii_case("tdm-reservation"),
    };
    let found = tdmrep::reservation(property.value, Reading::Strict);
    let verdict = match reading {
        Reading::Strict => found.unwrap_or(Verdict::Info),
        Reading::Spec => Verdict::Info,
    };
    is_known.then(|| Statement::new("file.tdm", Category::Tdm, verdict, property.value))
}

/// Terms that lie elsewhere: a condition nobody has met.
fn linked_licence(address: &str) -> Statement {
    Statement::new("rsl.file", Category::Train, Verdict::Conditional, address)
}

/// RSL within RDF, each cut out with the prefixes it needs.
fn embedded_licences(document: &Document<'_>) -> Vec<String> {
    let is_rsl = |node: &Node<'_, '_>| node.tag_name().namespace().is_some_and(is_rsl_namespace);
    let is_outermost = |node: &Node<'_, '_>| is_rsl(node) && !node.parent().is_some_and(|above| is_rsl(&above));
    let outermost = document.descendants().filter(is_outermost);
    let with_content = outermost.filter(|node| node.children().any(|child| child.is_element()));
    with_content.take(MOST_LICENCES).map(licence_document).collect()
}

/// The element as a document of its own: declarations of its ancestors are added to its start tag.
fn licence_document(node: Node<'_, '_>) -> String {
    let source = &node.document().input_text()[node.range()];
    let start_tag = &source[..source.find('>').unwrap_or(source.len())];
    let name_end = start_tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(start_tag.len());
    let attributes = node.namespaces().filter(|namespace| namespace.name() != Some("xml")).map(|namespace| {
        let name = namespace.name().map_or("xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
        let uri = namespace.uri().replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        (format!("{name}="), format!(" {name}=\"{uri}\""))
    });
    let missing: String =
        attributes.filter(|(name, _)| !start_tag.contains(name.as_str())).map(|(_, whole)| whole).collect();
    let element = format!("{}{missing}{}", &source[..name_end], &source[name_end..]);
    match node.tag_name().name() {
        "rsl" => element,
        _ => format!("<rsl xmlns=\"{RSL}\">{element}</rsl>"),
    }
}

fn is_rsl_namespace(uri: &str) -> bool {
    let uri = uri.trim_start_matches("https").trim_start_matches("http");
    uri.starts_with("://rslstandard.org/rsl")
}

/// A packet that is no XML. Its structure cannot be trusted, its words can be read.
fn read_broken(reader: Reader<'_>, text: &str, contents: &mut Contents) {
    let verdict = if reader.reading() == Reading::Strict { Verdict::MalformedDeny } else { Verdict::Info };
    let place = reader.place("XMP, not well-formed");
    if let Some(code) = dmi::code_in(text) {
        contents.add(Statement::new("plus.dmi", Category::Train, verdict, code).at(place.clone()));
    }
    if reserves(text) {
        contents.add(Statement::new("file.tdm", Category::Tdm, verdict, "tdm:reservation").at(place));
    }
    fields::read_words(reader, "XMP, not well-formed", &prose(text), contents);
}

/// `tdm:reservation="1"` or `<tdm:reserve_tdm>1</…`.
fn reserves(text: &str) -> bool {
    ["tdm:reservation", "tdm:reserve_tdm"].iter().any(|name| {
        memmem::find_iter(text.as_bytes(), name)
            .take(16)
            .any(|at| text[at + name.len()..].trim_start_matches([' ', '=', '"', '\'', '>']).starts_with('1'))
    })
}

/// What stands between tags.
fn prose(text: &str) -> String {
    let pieces = text.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_tag, after)| after));
    pieces.filter(|piece| !piece.trim().is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
