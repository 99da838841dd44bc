//! What kind of statement a meta element holds, told by its name, and where the name does not
//! tell, by its content.

use super::ad_hoc;
use crate::{
    Policy,
    directive::{Addressee, Meaning, items, meaning},
    header::Standing,
    policy::Reading,
};
use markup::{Meta, MetaAttribute};

pub(super) enum Kind<'a> {
    /// A list of robots directives.
    Robots {
        named: Option<&'a str>,
        standing: Standing,
    },
    /// A robots header written as a meta.
    RobotsTag,
    /// A name that is a directive itself.
    Word,
    Tdm,
    TdmPolicy,
    /// A Content-Usage header written as a meta.
    Usage,
    /// A Content-Signal header written as a meta.
    Signal,
    /// A statement of its own making: its signal.
    AdHoc(&'static str),
    /// Pinterest's.
    NoPin,
    Nothing,
}

impl<'a> Kind<'a> {
    /// `name` is the element's, trimmed and in lower case.
    pub(super) fn of(name: &'a str, meta: &Meta, policy: &Policy) -> Self {
        let standing = match meta.attribute {
            MetaAttribute::Name => Standing::Defined,
            MetaAttribute::Property | MetaAttribute::HttpEquiv => Standing::Mistaken,
        };
        match name {
            "" => return Self::Nothing,
            "x-robots-tag" | "robots-tag" => return Self::RobotsTag,
            "tdm-reservation" | "tdm:reservation" => return Self::Tdm,
            "tdm-policy" | "tdm:policy" => return Self::TdmPolicy,
            "content-usage" => return Self::Usage,
            "content-signal" | "content-signals" => return Self::Signal,
            "pinterest" if is_nopin(&meta.content) => return Self::NoPin,
            _ => {}
        }
        if let Some(signal) = ad_hoc::signal(name) {
            return Self::AdHoc(signal);
        }
        if matches!(meaning(name, None), Meaning::NoAi | Meaning::NoAiAdHoc) {
            return Self::Word;
        }
        match addressee(name, policy) {
            Some(name) => Self::Robots { named: Some(name), standing },
            None if meta.attribute == MetaAttribute::Name && is_list_for_a_bot(name, &meta.content, policy) => {
                Self::Robots { named: Some(name), standing }
            }
            None => Self::Nothing,
        }
    }
}

/// The name, if it is ours or that of one who serves our purpose; of several in one attribute
/// (`robots,googlebot`) the first such, in strict reading.
fn addressee<'a>(name: &'a str, policy: &Policy) -> Option<&'a str> {
    let is_for_us = |name: &&str| Addressee::of(Some(name), policy) != Addressee::Other;
    let whole = Some(name).filter(is_for_us);
    if policy.reading() == Reading::Spec {
        return whole;
    }
    let mut parts = name.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
    whole.or_else(|| parts.find(is_for_us))
}

/// Names under which prose stands.
pub(super) const PROSE: [&str; 5] = ["description", "keywords", "news_keywords", "title", "author"];

/// Whether an element with a name we do not know (`googlebot`, `somebot`) holds robots directives:
/// every word must be one. Prose that happens to hold `none` or `noai` is no directive.
fn is_list_for_a_bot(name: &str, content: &str, policy: &Policy) -> bool {
    if PROSE.contains(&name) {
        return false;
    }
    let is_bot = name.ends_with("bot") || name.starts_with("googlebot");
    if !is_bot && begins_with_another_word(content) {
        return false;
    }
    let items = items(content, policy.reading());
    let known = items.iter().filter(|item| meaning(item.name, item.value) != Meaning::Unknown).count();
    known > 0 && (is_bot || known == items.len())
}

/// Most metas do, and then need not be read as a list. What is not plain enough to tell is read.
pub(super) fn begins_with_another_word(content: &str) -> bool {
    let start = content.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    let end = start.find(|c: char| !(c.is_ascii_alphanumeric() || "-_".contains(c))).unwrap_or(start.len());
    let (word, after) = start.split_at(end);
    content.is_ascii() && !after.starts_with([':', '=']) && meaning(word, None) == Meaning::Unknown
}

fn is_nopin(content: &str) -> bool {
    content.split([',', ';', ' ']).any(|word| word.trim().eq_ignore_ascii_case("nopin"))
}
