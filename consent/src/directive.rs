//! Directives of robots meta tags and X-Robots-Tag headers: how a list is split, and what each
//! word means to whom.

use crate::{Policy, agents, date, policy::Reading};
use chrono::{DateTime, Utc};
use schema::{Category, Verdict};

/// One directive of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    /// The crawler it names, if it names one.
    pub(crate) scope: Option<&'a str>,
    pub(crate) name: &'a str,
    /// What follows its `:` or `=`.
    pub(crate) value: Option<&'a str>,
}

/// Splits a list.
///
/// `token:` scopes what follows, until the next `token:` (Google, MDN). Four names take a value
/// behind a colon instead. A date as value may hold commas and colons of its own.
pub(crate) fn items(text: &str, reading: Reading) -> Vec<Item<'_>> {
    let mut list = List { reading, scope: None, items: Vec::new() };
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (part, after) = cut(text, reading);
        rest = list.add_part(part, after);
    }
    list.items
}

struct List<'a> {
    reading: Reading,
    scope: Option<&'a str>,
    items: Vec<Item<'a>>,
}

impl<'a> List<'a> {
    /// Adds what stands before the next separator; returns what is left after it.
    fn add_part(&mut self, mut part: &'a str, after: Option<&'a str>) -> Option<&'a str> {
        while let Some((left, right)) = part.split_once(':') {
            let name = self.add_words_before_last(left);
            if name.eq_ignore_ascii_case("unavailable_after") {
                return self.add_date(name, right, after);
            }
            let (value, more) = first_word(right);
            if takes_value(name) || (self.is_negative(name) && is_truth_value(value)) {
                self.add(name, Some(value));
                part = more;
            } else if self.is_negative(name) {
                // "noai: noindex": no crawler is called `noai`.
                self.add(name, None);
                part = right;
            } else {
                self.scope = Some(name).filter(|name| !name.is_empty());
                part = right;
            }
        }
        let last = self.add_words_before_last(part);
        self.add(last, None);
        after
    }

    /// In strict reading blanks separate, too. Returns the last word, which is not added yet.
    fn add_words_before_last(&mut self, text: &'a str) -> &'a str {
        let text = text.trim();
        if self.reading == Reading::Spec {
            return text;
        }
        let Some((front, last)) = text.rsplit_once(char::is_whitespace) else { return text };
        for word in front.split_whitespace() {
            self.add(word, None);
        }
        last
    }

    /// A comma after a weekday belongs to the date: `Saturday, 25-Jun-2050 15:00:00 PST`.
    fn add_date(&mut self, name: &'a str, start: &'a str, after: Option<&'a str>) -> Option<&'a str> {
        let (value, after) = match after {
            Some(after) if date::is_weekday(start.trim()) => cut(after, self.reading),
            after => (start, after),
        };
        self.add(name, Some(value.trim()));
        if self.reading == Reading::Strict {
            // "unavailable_after: 1 Jan 2030 noai": no part of a date is a directive.
            for word in value.split_whitespace().filter(|word| meaning(word, None) != Meaning::Unknown) {
                self.add(word, None);
            }
        }
        after
    }

    fn is_negative(&self, name: &str) -> bool {
        self.reading == Reading::Strict && !matches!(meaning(name, None), Meaning::Unknown | Meaning::Permission)
    }

    fn add(&mut self, word: &'a str, value: Option<&'a str>) {
        let word = if self.reading == Reading::Strict { word.trim_matches(['"', '\'']) } else { word };
        let (name, value) = match (word.split_once('='), value) {
            (Some((name, value)), None) => (name.trim(), Some(value.trim())),
            _ => (word, value),
        };
        if !name.is_empty() {
            self.items.push(Item { scope: self.scope, name, value });
        }
    }
}

fn cut(text: &str, reading: Reading) -> (&str, Option<&str>) {
    let separates = |c: char| c == ',' || (reading == Reading::Strict && matches!(c, ';' | '，' | '、'));
    match text.split_once(separates) {
        Some((part, after)) => (part, Some(after)),
        None => (text, None),
    }
}

/// The word at the start, and the rest. It ends at a colon too, so that a run of `noai:noai:…` is
/// looked at once and not from every colon to its end.
fn first_word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_at(text.find(|c: char| c == ':' || c.is_whitespace()).unwrap_or(text.len()))
}

fn takes_value(name: &str) -> bool {
    const NAMES: [&str; 4] = ["max-snippet", "max-image-preview", "max-video-preview", "tdm-reservation"];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// What a directive is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Not for AI (`DeviantArt`, 2022).
    NoAi,
    /// The same in words that no announcement defines.
    NoAiAdHoc,
    /// Not in any index.
    NoIndex,
    /// No copy kept, no preview shown; for Bing also: not for training.
    NoCopy,
    /// Not in an index from a day on.
    NoIndexAfter,
    /// Links not followed.
    NoFollow,
    /// Not used, not summed up: said of AI under some names only.
    NoUse,
    /// Text not quoted.
    NoSnippet,
    /// `TDMRep` in the wrong place.
    TdmReservation,
    /// Permits.
    Permission,
    /// Not known.
    Unknown,
}

/// Names in lower case and what they mean.
const NAMES: [(&str, Meaning); 25] = [
    ("noai", Meaning::NoAi),
    ("noimageai", Meaning::NoAi),
    ("noml", Meaning::NoAiAdHoc),
    ("nollm", Meaning::NoAiAdHoc),
    ("notrain", Meaning::NoAiAdHoc),
    ("no-ai-training", Meaning::NoAiAdHoc),
    ("noaitraining", Meaning::NoAiAdHoc),
    ("disallowaitraining", Meaning::NoAiAdHoc),
    ("noindex", Meaning::NoIndex),
    ("noimageindex", Meaning::NoIndex),
    ("none", Meaning::NoIndex),
    ("noarchive", Meaning::NoCopy),
    ("nocache", Meaning::NoCopy),
    ("unavailable_after", Meaning::NoIndexAfter),
    ("nofollow", Meaning::NoFollow),
    ("nouse", Meaning::NoUse),
    ("nosummary", Meaning::NoUse),
    ("nosnippet", Meaning::NoSnippet),
    ("tdm-reservation", Meaning::TdmReservation),
    ("all", Meaning::Permission),
    ("index", Meaning::Permission),
    ("follow", Meaning::Permission),
    ("ai", Meaning::Permission),
    ("okforai", Meaning::Permission),
    ("indexifembedded", Meaning::Permission),
];

/// What a directive means. `noai=false` permits, `okforai=false` does not.
pub(crate) fn meaning(name: &str, value: Option<&str>) -> Meaning {
    let value = value.unwrap_or_default();
    if name.eq_ignore_ascii_case("max-image-preview") && value.eq_ignore_ascii_case("none") {
        return Meaning::NoCopy;
    }
    if name.eq_ignore_ascii_case("max-snippet") && value == "0" {
        return Meaning::NoSnippet;
    }
    let known = NAMES.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, meaning)| *meaning);
    match known {
        Some(Meaning::NoAi | Meaning::NoAiAdHoc | Meaning::NoUse) if is_no(value) => Meaning::Permission,
        Some(Meaning::Permission) if is_no(value) => match name.to_ascii_lowercase().as_str() {
            "ai" | "okforai" => Meaning::NoAiAdHoc,
            "index" => Meaning::NoIndex,
            _ => Meaning::Unknown,
        },
        Some(meaning) => meaning,
        None => Meaning::Unknown,
    }
}

/// A plain no as value.
pub(crate) fn is_no(value: &str) -> bool {
    ["false", "no", "0", "n", "off", "disallow", "deny", "none"].iter().any(|no| value.eq_ignore_ascii_case(no))
}

fn is_truth_value(value: &str) -> bool {
    is_no(value) || ["true", "yes", "1", "y", "on"].iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

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
            _ if name == "ai" => Self::AllAi,
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
    use Addressee::{AiCrawler, AllAi, Us};
    use Meaning::{
        NoAi, NoAiAdHoc, NoCopy, NoFollow, NoIndex, NoIndexAfter, NoSnippet, NoUse, Permission, TdmReservation, Unknown,
    };
    let meaning = match meaning(item.name, item.value) {
        // From its day on it is a noindex (Google); a date nobody can read is no plain no.
        NoIndexAfter => match item.value.and_then(date::parse) {
            Some(day) if day <= now => NoIndex,
            _ => NoIndexAfter,
        },
        meaning => meaning,
    };
    let denies = match reading {
        Reading::Strict => match meaning {
            // The value states the purpose, so it counts under any name.
            NoAi | NoAiAdHoc => true,
            NoIndex | NoCopy => matches!(to, Us | AllAi | AiCrawler),
            NoUse => matches!(to, Us | AllAi),
            // An img is an embed, not a link; but a no to an AI crawler is meant for all it does.
            NoFollow => on_page && matches!(to, AllAi | AiCrawler),
            TdmReservation => item.value.is_some_and(|value| value.starts_with('1')),
            NoIndexAfter | NoSnippet | Permission | Unknown => false,
        },
        Reading::Spec => matches!((meaning, to), (NoAi | NoIndex, Us)),
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

#[cfg(test)]
mod tests;
