//! What one `license` element comes to, for the training of models by anybody, anywhere.

use super::{same_space, weight, xml::Source};
use crate::statement::Statement;
use roxmltree::Node;
use schema::{Category, Verdict};
use std::{collections::HashMap, sync::LazyLock};

/// Most reasons kept of a licence.
const MOST: usize = 16;

const TABLE: &str = include_str!("../../data/rsl-usage.tsv");

static USAGES: LazyLock<HashMap<&'static str, Usage>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

/// What a usage token means for the making of training data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Usage {
    /// Includes the training of any model.
    Covers,
    /// Includes the training of some.
    Part,
    Other,
}

/// The terms of a licence: why it does not permit us, or that it does.
pub(super) struct Terms(Vec<Statement>);

/// Alternatives: one that is met suffices. Of several that are not, those nearest to it speak, and
/// the others are kept for the record. An element without a licence grants none.
pub(super) fn best(alternatives: Vec<Terms>) -> Vec<Statement> {
    let heaviest = |terms: &Terms| terms.0.iter().map(|one| weight(one.verdict)).min().unwrap_or_default();
    let Some(nearest) = alternatives.iter().map(heaviest).max() else {
        return vec![conditional("rsl.invalid", "content without license")];
    };
    let mut said = Vec::new();
    for terms in alternatives {
        let speaks = heaviest(&terms) == nearest;
        for mut statement in terms.0 {
            if !speaks {
                statement.verdict = Verdict::Info;
            }
            if said.len() < super::MOST && !said.contains(&statement) {
                said.push(statement);
            }
        }
    }
    said
}

impl Terms {
    /// Reads a licence.
    pub(super) fn read(license: Node<'_, '_>, source: &Source<'_>) -> Self {
        let mut reasons = Vec::new();
        let mut permits_usage = None;
        let children = license.children().filter(|node| node.is_element() && same_space(*node, license));
        for node in children {
            let raw = source.raw(node);
            let reason = match node.tag_name().name() {
                "permits" => permits(node, raw, &mut permits_usage),
                "prohibits" => prohibits(node, raw),
                "payment" => (!is_free(node)).then(|| conditional("rsl.payment", raw)),
                // Who cannot report as asked has no licence; nor has who did not ask the server
                // that one plugin names here rather than on the content element.
                "reporting" => Some(conditional("rsl.reporting", raw)),
                "server" => Some(conditional("rsl.server", raw)),
                "legal" | "terms" | "copyright" | "schema" | "alternate" => None,
                // `prohibit`, or a term of a later version: what is not understood is not met.
                _ => Some(conditional("rsl.invalid", raw)),
            };
            // Enough is said with so many, but for a first plain no.
            reasons.extend(reason.filter(|reason| reasons.len() < MOST || reason.verdict == Verdict::Deny));
        }
        match permits_usage {
            Some(Permitted { trains: false, raw }) => reasons.insert(0, deny("rsl.not-permitted", raw)),
            _ if reasons.is_empty() => reasons.push(allow(source.raw(license))),
            _ => {}
        }
        Self(reasons)
    }
}

/// A closed list of usages.
struct Permitted<'a> {
    trains: bool,
    raw: &'a str,
}

/// `permits` is a closed list: what it does not name is not permitted. Usages are gathered over
/// several elements, since a licence may not repeat one and who does means both.
fn permits<'a>(node: Node<'_, '_>, raw: &'a str, usage: &mut Option<Permitted<'a>>) -> Option<Statement> {
    let tokens = tokens(node);
    match kind(node).as_str() {
        "usage" => {
            let trains = tokens.iter().any(|token| USAGES.get(token.as_str()) == Some(&Usage::Covers));
            usage.get_or_insert(Permitted { trains, raw }).trains |= trains;
            None
        }
        "user" => {
            let all = |token: &str| tokens.iter().any(|one| one == token);
            let anybody = all("all") || (all("commercial") && all("non-commercial"));
            (!anybody).then(|| conditional("rsl.user", raw))
        }
        "geo" => {
            let anywhere = tokens.iter().any(|token| token == "all" || token == "*");
            (!anywhere).then(|| conditional("rsl.geo", raw))
        }
        _ => Some(conditional("rsl.invalid", raw)),
    }
}

/// `prohibits` beats `permits`. A word in it that is not known may well mean us.
fn prohibits(node: Node<'_, '_>, raw: &str) -> Option<Statement> {
    let tokens: Vec<String> = tokens(node).iter().map(|token| token.to_ascii_lowercase()).collect();
    let mut usages = tokens.iter().map(|token| USAGES.get(token.as_str()));
    match kind(node).as_str() {
        // Elements within were written for a scheme of their own; an empty list forbids nothing.
        _ if tokens.is_empty() && node.children().any(|child| child.is_element()) => {
            Some(conditional("rsl.invalid", raw))
        }
        _ if tokens.is_empty() => None,
        "user" => Some(conditional("rsl.user", raw)),
        "geo" => Some(conditional("rsl.geo", raw)),
        _ if usages.clone().any(|usage| matches!(usage, Some(Usage::Covers | Usage::Part))) => {
            Some(deny("rsl.prohibits", raw))
        }
        "usage" if usages.all(|usage| usage.is_some()) => None,
        _ => Some(conditional("rsl.invalid", raw)),
    }
}

/// Without a type a payment is free (RSL 1.0 section 3.7), unless it names a price or somebody to ask.
fn is_free(node: Node<'_, '_>) -> bool {
    const DEMANDS: [&str; 3] = ["amount", "custom", "accepts"];
    let kind = node.attribute("type").unwrap_or_default().trim();
    let demands = node.children().any(|child| DEMANDS.contains(&child.tag_name().name()));
    (kind.is_empty() || kind.eq_ignore_ascii_case("free")) && !demands
}

/// The `type` of a list; without one it is a list of usages.
fn kind(node: Node<'_, '_>) -> String {
    let kind = node.attribute("type").unwrap_or_default().trim().to_ascii_lowercase();
    if kind.is_empty() { "usage".into() } else { kind }
}

/// Words between blanks or commas. 1.0 has blanks, the drafts had commas. Only the element's own
/// words: to walk down from every element of a deep document would be quadratic.
fn tokens(node: Node<'_, '_>) -> Vec<String> {
    let text: Vec<&str> = node.children().filter(Node::is_text).filter_map(|part| part.text()).collect();
    let text = text.join(" ");
    text.split([' ', '\t', '\r', '\n', ',', ';']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

pub(super) fn conditional(signal: &'static str, raw: &str) -> Statement {
    Statement::new(signal, Category::Train, Verdict::Conditional, raw)
}

fn deny(signal: &'static str, raw: &str) -> Statement {
    Statement::new(signal, Category::Train, Verdict::Deny, raw)
}

fn allow(raw: &str) -> Statement {
    Statement::new("rsl.permits", Category::Train, Verdict::Allow, raw)
}

fn row(line: &'static str) -> Option<(&'static str, Usage)> {
    if line.starts_with('#') {
        return None;
    }
    let (token, meaning) = line.split_once('\t')?;
    let usage = match meaning {
        "covers" => Usage::Covers,
        "part" => Usage::Part,
        "other" => Usage::Other,
        _ => return None,
    };
    Some((token, usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read_and_no_token_stands_twice() {
        assert_eq!(USAGES.len(), TABLE.lines().filter(|line| !line.starts_with('#')).count());
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }
}
