//! Directives of robots meta tags and X-Robots-Tag headers: whom one addresses, and what it says
//! to us. How a list is split and what the words mean stands in the files beside.

mod list;
mod meaning;

pub(crate) use list::{Item, blank, items};
pub(crate) use meaning::{Meaning, is_known_word, is_no, known_words, meaning};

use crate::{Policy, agents, date, policy::Reading};
use chrono::{DateTime, Utc};
use schema::{Category, Verdict};

/// Names that stand for the purpose itself.
pub(crate) const PURPOSE: [&str; 7] = ["ai", "ai-bot", "ai-bots", "ai-models", "genai", "llm", "llms"];

/// Whom a directive names, as far as it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressee {
    /// All, or us by name.
    Us,
    /// `ai`: the purpose itself.
    AllAi,
    /// A crawler that collects for the same purpose.
    AiCrawler,
    /// Somebody else: a search engine, an unknown name.
    Other,
}

impl Addressee {
    /// `None` and the names for all mean everybody.
    pub(crate) fn of(name: Option<&str>, policy: &Policy) -> Self {
        let Some(name) = name.filter(|name| !matches!(*name, "" | "*")) else { return Self::Us };
        let name = name.split('/').next().unwrap_or_default().trim().to_ascii_lowercase();
        if name == "robots" || name.eq_ignore_ascii_case(&policy.agent) {
            return Self::Us;
        }
        match agents::class_of(&name) {
            _ if PURPOSE.contains(&name.as_str()) => Self::AllAi,
            Some(class) if class.shares_our_purpose() => Self::AiCrawler,
            _ => Self::Other,
        }
    }
}

/// What a directive says to us.
pub(crate) fn verdict(
    item: &Item<'_>,
    to: Addressee,
    on_page: bool,
    reading: Reading,
    now: DateTime<Utc>,
) -> (Verdict, Category) {
    use Meaning::{NoAi, NoAiAdHoc, NoCopy, NoFollow, NoIndex, NoIndexAfter, NoSnippet, NoUse};
    use Meaning::{Permission, TdmReservation, Unknown};
    let meaning = by_date(item, now);
    let denies = match reading {
        Reading::Strict => denies_in_strict(item, meaning, to, on_page),
        Reading::Spec => denies_by_letter(item, meaning, to),
    };
    let category = match meaning {
        NoAi | NoAiAdHoc | NoUse => Category::Train,
        NoIndex | NoIndexAfter => Category::Index,
        NoCopy | NoSnippet => Category::CacheCopy,
        TdmReservation => Category::Tdm,
        NoFollow | Permission | Unknown => Category::Info,
    };
    let verdict = match (denies, meaning) {
        (true, TdmReservation) => Verdict::MalformedDeny,
        (true, _) => Verdict::Deny,
        (false, Permission) => Verdict::Allow,
        (false, _) => Verdict::Info,
    };
    (verdict, category)
}

/// From its day on `unavailable_after` is a noindex (Google); a date nobody can read is no plain no.
fn by_date(item: &Item<'_>, now: DateTime<Utc>) -> Meaning {
    match meaning(item.name, item.value) {
        Meaning::NoIndexAfter if item.value.and_then(date::parse).is_some_and(|day| day <= now) => Meaning::NoIndex,
        meaning => meaning,
    }
}

fn denies_in_strict(item: &Item<'_>, meaning: Meaning, to: Addressee, on_page: bool) -> bool {
    use Addressee::{AiCrawler, AllAi, Us};
    match meaning {
        // The value states the purpose, so it counts under any name.
        Meaning::NoAi | Meaning::NoAiAdHoc => true,
        Meaning::NoIndex | Meaning::NoCopy => matches!(to, Us | AllAi | AiCrawler),
        Meaning::NoUse => matches!(to, Us | AllAi),
        // An img is an embed, not a link; but a no to an AI crawler is meant for all it does.
        Meaning::NoFollow => on_page && matches!(to, AllAi | AiCrawler),
        Meaning::TdmReservation => item.value.is_some_and(|value| value.starts_with('1')),
        Meaning::NoIndexAfter | Meaning::NoSnippet | Meaning::Permission | Meaning::Unknown => false,
    }
}

/// Neither Google nor DeviantArt gives these words a value: `noindex=true` is another word.
fn denies_by_letter(item: &Item<'_>, meaning: Meaning, to: Addressee) -> bool {
    let has_its_form = item.value.is_none() || item.name.eq_ignore_ascii_case("unavailable_after");
    has_its_form && to == Addressee::Us && matches!(meaning, Meaning::NoAi | Meaning::NoIndex)
}

#[cfg(test)]
mod tests;
