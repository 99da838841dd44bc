//! Really Simple Licensing 1.0: licence documents in XML, named by robots.txt, headers and markup.
//!
//! The question is always the same: may this be used to train models, by anybody, anywhere? The use
//! and the place of whoever takes the dataset are not known, so that a licence which permits some
//! people or some countries is a condition not met. What a licence asks for in return is one, too.

mod license;
mod linked;
mod reach;
mod xml;

use crate::statement::Statement;
use license::Terms;
pub use linked::{linked_terms, read_linked_terms};
use reach::{Reach, Target};
use roxmltree::Node;
use schema::{Category, Verdict};
use url::Url;
use xml::Source;

/// The namespace of RSL 1.0.
const NAMESPACE: &str = "https://rslstandard.org/rsl";
/// Most `content` elements kept: each costs time for every URL that is asked for.
const MAX_CONTENTS: usize = 10_000;
/// Most statements made of one document.
const MOST: usize = 64;

/// What a licence document states of `target`; `document` is where it lies (the page or file that
/// carries it, for one that is embedded). One that cannot be read is a condition not met.
pub(crate) fn statements(body: &[u8], document: &Url, target: &Url) -> Vec<Statement> {
    LicenseDocument::read(body, document).statements(target)
}

/// A licence document, read.
#[derive(Clone, Debug)]
pub(crate) struct LicenseDocument {
    contents: Vec<Content>,
    /// Why it is no valid RSL, if it is not.
    flaw: Option<String>,
}

/// A `content` element: which assets, under which terms.
#[derive(Clone, Debug)]
struct Content {
    reach: Reach,
    said: Vec<Statement>,
}

impl LicenseDocument {
    /// Reads a document that lies at, or is embedded in, `document`.
    pub(crate) fn read(body: &[u8], document: &Url) -> Self {
        match Self::parsed(body, document) {
            Ok(document) => document,
            Err(flaw) => Self { contents: Vec::new(), flaw: Some(flaw) },
        }
    }

    /// What it states of `target`: the most specific element speaks, and of equally specific ones
    /// all, so that the stricter holds (RSL 1.0: the most restrictive combination).
    pub(crate) fn statements(&self, target: &Url) -> Vec<Statement> {
        let target = Target::of(target);
        let ranked = || self.contents.iter().filter_map(|content| Some((content.reach.rank(&target)?, content)));
        let best = ranked().map(|(rank, _)| rank).max();
        let speaking = ranked().filter(|(rank, _)| Some(*rank) == best);
        let mut said: Vec<Statement> = speaking.flat_map(|(_, content)| content.said.iter().cloned()).collect();
        if let Some(flaw) = &self.flaw {
            // Not valid, so not a licence; what it would say is kept for the reader.
            for statement in &mut said {
                statement.verdict = Verdict::Info;
            }
            said.push(invalid(flaw));
        } else if best.is_none() {
            said.push(Statement::new("rsl.silent", Category::Train, Verdict::Info, "no content element for this URL"));
        }
        // A no is kept before anything else, so that the bound never changes a decision.
        said.sort_by_key(|statement| weight(statement.verdict));
        said.truncate(MOST);
        said
    }

    fn parsed(body: &[u8], document: &Url) -> Result<Self, String> {
        let text = xml::text(body)?;
        let tree = xml::tree(&text)?;
        let mut source = Source::of(&text);
        let root = tree.root_element();
        let space = namespace_of(root);
        let is_content =
            |node: &Node<'_, '_>| node.tag_name().name() == "content" && node.tag_name().namespace() == space;
        let mut contents = Vec::new();
        for node in tree.descendants().filter(is_content) {
            if contents.len() == MAX_CONTENTS {
                return Err("more than 10 000 content elements".into());
            }
            contents.push(Content::read(node, document, &mut source));
        }
        if contents.is_empty() {
            return Err("no RSL content element".into());
        }
        let flaw = (space != Some(NAMESPACE)).then(|| format!("namespace {}", space.unwrap_or("missing")));
        Ok(Self { contents, flaw })
    }
}

/// The namespace in which RSL is looked for: its own, unless the root is an `rsl` of another one
/// (or of none), as is written by hand. A feed's `media:content` or Atom's `content` is not ours.
fn namespace_of<'a>(root: Node<'a, '_>) -> Option<&'a str> {
    if root.tag_name().name() == "rsl" { root.tag_name().namespace() } else { Some(NAMESPACE) }
}

impl Content {
    fn read(node: Node<'_, '_>, document: &Url, source: &mut Source<'_>) -> Self {
        let place = source.place(node);
        let reach = Reach::read(node.attribute("url").unwrap_or_default(), document);
        let mut said = license::best(terms(node, source));
        if needs_server(node) {
            said.push(license::conditional("rsl.server", source.raw(node)));
        }
        Self { reach, said: said.into_iter().map(|statement| statement.at(place.clone())).collect() }
    }
}

/// The licences of an element; they are alternatives.
fn terms(content: Node<'_, '_>, source: &Source<'_>) -> Vec<Terms> {
    let licenses = content.children().filter(|node| node.is_element() && same_space(*node, content));
    licenses.filter(|node| node.tag_name().name() == "license").map(|node| Terms::read(node, source)).collect()
}

/// A licence server must be asked for a token first, even if the licence is free; so must it for the
/// key of encrypted content.
fn needs_server(content: Node<'_, '_>) -> bool {
    let server = content.attribute("server").is_some_and(|url| !url.trim().is_empty());
    let encrypted = content.attribute("encrypted").is_some_and(|value| matches!(value.trim(), "true" | "1"));
    server || encrypted
}

/// Elements of other namespaces are extensions and ignored.
fn same_space(node: Node<'_, '_>, parent: Node<'_, '_>) -> bool {
    node.tag_name().namespace() == parent.tag_name().namespace()
}

fn invalid(why: &str) -> Statement {
    license::conditional("rsl.invalid", why)
}

fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Deny | Verdict::MalformedDeny => 0,
        Verdict::Conditional => 1,
        Verdict::Allow => 2,
        Verdict::Info => 3,
    }
}

#[cfg(test)]
mod tests;
