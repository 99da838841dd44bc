//! The properties of an RDF document, whichever of XMP's ways they are written in.

use roxmltree::{Document, Node};
use std::borrow::Cow;

const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const SVG: &str = "http://www.w3.org/2000/svg";

/// Namespaces and the prefixes they are known by. A file may use any prefix it likes.
const PREFIXES: [(&str, &str); 18] = [
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://purl.org/dc/terms/", "dcterms"),
    ("http://ns.adobe.com/xap/1.0/", "xmp"),
    ("http://ns.adobe.com/xap/1.0/rights/", "xmpRights"),
    ("http://ns.adobe.com/photoshop/1.0/", "photoshop"),
    ("http://ns.adobe.com/tiff/1.0/", "tiff"),
    ("http://ns.adobe.com/exif/1.0/", "exif"),
    ("http://ns.useplus.org/ldf/xmp/1.0/", "plus"),
    ("http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/", "Iptc4xmpCore"),
    ("http://iptc.org/std/Iptc4xmpExt/2008-02-29/", "Iptc4xmpExt"),
    ("http://creativecommons.org/ns#", "cc"),
    ("https://creativecommons.org/ns#", "cc"),
    ("http://web.resource.org/cc/", "cc"),
    ("http://www.w3.org/ns/tdmrep/", "tdm"),
    ("http://www.w3.org/ns/tdmrep#", "tdm"),
    ("https://rslstandard.org/rsl", "rsl"),
    ("http://www.tc260.org.cn/ns/AIGC/1.0/", "TC260"),
    (SVG, "svg"),
];

/// One property with one of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Property<'a> {
    /// Namespace; empty if it has none.
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    /// Its value without the blanks around it.
    pub(super) value: &'a str,
    /// Whether it is said of the file itself, and not of a part, a region or an ingredient.
    pub(super) is_of_file: bool,
}

impl Property<'_> {
    pub(super) fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// An address under RSL's namespace.
    pub(super) fn is_rsl(&self) -> bool {
        super::is_rsl_namespace(self.namespace) && self.value.contains("://")
    }

    /// Its name as people know it: `XMP dc:rights`, `SVG title`.
    pub(super) fn label(&self) -> String {
        let prefix = PREFIXES.iter().find(|(uri, _)| *uri == self.namespace).map_or("?", |(_, prefix)| prefix);
        let name: Cow<'_, str> = if self.name.len() > 64 { "…".into() } else { self.name.into() };
        if prefix == "svg" { format!("SVG {name}") } else { format!("XMP {prefix}:{name}") }
    }
}

/// All properties with a value, in the order of the document.
///
/// A property is an attribute of a description, or an element with text or `rdf:resource`; lists,
/// alternatives and `rdf:value` stand for the element that holds them.
pub(super) fn properties<'a>(document: &'a Document<'_>) -> Vec<Property<'a>> {
    let mut found = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        add_attributes(node, &mut found);
        add_element(node, &mut found);
    }
    found
}

fn add_attributes<'a>(node: Node<'a, '_>, found: &mut Vec<Property<'a>>) {
    for attribute in node.attributes() {
        let namespace = attribute.namespace().unwrap_or_default();
        let is_syntax = namespace == RDF || namespace == XML;
        // The attributes of a drawing: coordinates, colours, styles.
        let is_drawing = namespace.is_empty() && node.tag_name().namespace() == Some(SVG);
        let value = attribute.value().trim();
        if !is_syntax && !is_drawing && !value.is_empty() {
            found.push(Property { namespace, name: attribute.name(), value, is_of_file: is_description_of_file(node) });
        }
    }
}

fn add_element<'a>(node: Node<'a, '_>, found: &mut Vec<Property<'a>>) {
    let Some(owner) = owner(node) else { return };
    let namespace = owner.tag_name().namespace().unwrap_or_default();
    let name = owner.tag_name().name();
    if namespace == SVG && !matches!(name, "title" | "desc") {
        return;
    }
    let is_of_file = owner.parent().is_some_and(is_description_of_file);
    // `<cc:License rdf:about="…">` names a licence by being about it.
    let about = node.attribute((RDF, "about")).filter(|_| namespace != RDF);
    let texts = node.children().filter(Node::is_text).filter_map(|text| text.text());
    for value in texts.chain(node.attribute((RDF, "resource"))).chain(about) {
        let value = value.trim();
        if !value.is_empty() {
            found.push(Property { namespace, name, value, is_of_file });
        }
    }
}

/// The element whose value stands in `node`: itself, or for a list item the property above the list.
fn owner<'a, 'i>(node: Node<'a, 'i>) -> Option<Node<'a, 'i>> {
    let is_syntax = |node: &Node<'_, '_>| node.tag_name().namespace() == Some(RDF);
    // Item, list, property; a little more for descriptions within items.
    let owner = node.ancestors().take(6).find(|above| !is_syntax(above))?;
    owner.is_element().then_some(owner)
}

/// `rdf:Description` directly below `rdf:RDF`.
fn is_description_of_file(node: Node<'_, '_>) -> bool {
    let is =
        |node: Node<'_, '_>, name: &str| node.tag_name().namespace() == Some(RDF) && node.tag_name().name() == name;
    is(node, "Description") && node.parent().is_some_and(|above| is(above, "RDF"))
}
