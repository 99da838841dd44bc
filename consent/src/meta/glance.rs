//! Tells at a glance that a meta element holds nothing, as most do: by its name, and where a list of
//! directives may stand under any name, by the beginning of its content.

use super::{ad_hoc, kind};
use crate::{Policy, agents, directive};
use markup::{Meta, MetaAttribute};
use std::sync::LazyLock;

/// Names that are read for themselves, besides those of the tables.
const NAMES: [&str; 11] = [
    "x-robots-tag",
    "robots-tag",
    "tdm-reservation",
    "tdm:reservation",
    "tdm-policy",
    "tdm:policy",
    "content-usage",
    "content-signal",
    "content-signals",
    "pinterest",
    "robots",
];

/// Whether an element may hold anything. May say yes too often, but never no to one that does.
pub(super) fn may_speak(meta: &Meta, policy: &Policy) -> bool {
    let name = meta.name.as_bytes();
    !name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte))
        || NAMED.holds(name)
        || meta.name.eq_ignore_ascii_case(&policy.agent)
        || (meta.attribute == MetaAttribute::Name && may_be_list_for_a_bot(&meta.name, &meta.content))
}

fn may_be_list_for_a_bot(name: &str, content: &str) -> bool {
    !kind::PROSE.iter().any(|prose| name.eq_ignore_ascii_case(prose))
        && (ends_as_bot(name) || !(begins_as_no_list(content) || kind::begins_with_another_word(content)))
}

fn ends_as_bot(name: &str) -> bool {
    let (front, end) = (name.get(..9), name.get(name.len().saturating_sub(3)..));
    let is_it = |part: Option<&str>, bot: &str| part.is_some_and(|part| part.eq_ignore_ascii_case(bot));
    is_it(front, "googlebot") || is_it(end, "bot")
}

/// Whether the first item of a list would be none: an address, a setting (`width=device-width`), the
/// first of several words. A colon makes a scope of what stands before it, so there must be none.
fn begins_as_no_list(content: &str) -> bool {
    let address = content.strip_prefix("https:").or_else(|| content.strip_prefix("http:"));
    if let Some(rest) = address.filter(|rest| rest.starts_with("//")) {
        return !rest.contains(':');
    }
    let end = content.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(content.len());
    let (word, after) = content.split_at(end);
    let goes_on = match after.as_bytes() {
        [b'=', ..] => true,
        [b' ', next, ..] => next.is_ascii_alphanumeric(),
        _ => false,
    };
    goes_on && !word.is_empty() && !directive::is_known_word(word) && !content.contains(':')
}

/// A set of names: one bit for each, so that some others are taken for one.
struct Names([u64; WORDS]);

const WORDS: usize = 256;

impl Names {
    fn add(&mut self, name: &str) {
        let bit = Self::bit(name.as_bytes());
        self.0[bit / 64] |= 1 << (bit % 64);
    }

    fn holds(&self, name: &[u8]) -> bool {
        let bit = Self::bit(name);
        self.0[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// FNV-1a of the name in lower case.
    fn bit(name: &[u8]) -> usize {
        let start = 0xCBF2_9CE4_8422_2325_u64;
        let hash = name
            .iter()
            .fold(start, |hash, byte| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01B3));
        (hash >> 32) as usize % (WORDS * 64)
    }
}

static NAMED: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names([0; WORDS]);
    let purpose = directive::PURPOSE.iter().chain(&NAMES).copied();
    let agents = agents::AGENTS.iter().map(|agent| agent.token.as_str());
    purpose.chain(agents).chain(ad_hoc::names()).chain(directive::known_words()).for_each(|name| names.add(name));
    names
});

#[cfg(test)]
mod tests {
    use super::*;
    use markup::Place;
    use schema::Mode;

    #[test]
    fn what_most_pages_hold_is_told_at_a_glance() {
        use MetaAttribute::{HttpEquiv, Name, Property};
        let policy = Policy::new(Mode::Strict, "pinakes");
        for (attribute, name, content) in [
            (Name, "viewport", "width=device-width, initial-scale=1"),
            (Name, "twitter:image", "https://h.example/i.jpg"),
            (Name, "twitter:title", "Evening at Århus"),
            (Name, "application-name", "Århus"),
            (Name, "theme-color", "#ffffff"),
            (Name, "format-detection", "telephone=no"),
            (Name, "description", "none"),
            (Property, "og:description", "none"),
            (HttpEquiv, "X-UA-Compatible", "IE=edge"),
        ] {
            let meta = Meta { attribute, name: name.into(), content: content.into(), at: Place::default() };
            assert_eq!(may_speak(&meta, &policy), name == "application-name", "{name}");
        }
    }
}
