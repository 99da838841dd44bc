//! `/.well-known/tdmrep.json`: reservations by path (W3C TDM Reservation Protocol, section 6.1).
//!
//! Which of two matching objects holds, the report says in two ways: the first in the array, and as
//! Google matches robots.txt, the longest. By the letter the first is taken; strict refuses if
//! either reserves, so that a 0 lifts a 1 only where it is both first and longest.

mod json;
mod read;

use crate::{
    findings::clip,
    policy::Reading,
    robots::{NormalPath, Pattern},
    statement::Statement,
};
use read::{Contents, Entry, Reservation, Shape};
use schema::{Category, Evidence, Verdict};
use url::Url;

/// A tdmrep.json, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct TdmFile {
    /// In the order of the array.
    rules: Vec<Rule>,
    /// Whether it could not be read as JSON to its end.
    broken: bool,
    /// Whether it has more objects than are kept.
    truncated: bool,
    /// Words that reserve and could not be read as an object.
    unheard: Option<Box<str>>,
}

/// What one object says of one location.
#[derive(Clone, Debug)]
struct Rule {
    pattern: Pattern,
    reserves: bool,
    /// Whether it is written as the report has it.
    exact: bool,
    /// Place in the array, from 1.
    number: usize,
    raw: Box<str>,
    policy: Option<Box<str>>,
}

impl TdmFile {
    /// Reads a file. What is no JSON makes an empty one.
    pub(crate) fn read(body: &[u8]) -> Self {
        let contents = Contents::read(body);
        let mut rules = Vec::new();
        for (place, entry) in contents.entries.iter().enumerate() {
            rules.extend(Rule::of(entry, place + 1, contents.shape == Shape::Array));
        }
        Self {
            rules,
            broken: contents.shape == Shape::Broken,
            truncated: contents.truncated,
            unheard: contents.unheard,
        }
    }

    /// What it states of `url`.
    pub(crate) fn statements(&self, url: &Url, reading: Reading) -> Vec<Statement> {
        let paths = Paths::of(url);
        let mut said = self.flaws();
        let held = match reading {
            Reading::Strict => self.strictest(&paths),
            Reading::Spec => self.first_exact(&paths).or_else(|| self.first_inexact(&paths)),
        };
        match (held, &self.unheard) {
            (Some(rule), _) => said.extend(rule.statements(reading)),
            (None, Some(words)) => said.push(reservation(reserving(false, reading), words)),
            (None, None) => {}
        }
        said
    }

    fn flaws(&self) -> Vec<Statement> {
        let info = |signal: &'static str, raw| Statement::new(signal, Category::Tdm, Verdict::Info, raw);
        let broken = self.broken.then(|| info("tdmrep.not-json", "no JSON array"));
        let truncated = self.truncated.then(|| info("tdmrep.truncated", "more than 10 000 objects"));
        broken.into_iter().chain(truncated).collect()
    }

    fn first(&self, paths: &Paths) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.holds(paths, Reading::Strict))
    }

    /// What strict would hear, for the record.
    fn first_inexact(&self, paths: &Paths) -> Option<&Rule> {
        self.rules.iter().find(|rule| !rule.exact && rule.holds(paths, Reading::Strict))
    }

    fn first_exact(&self, paths: &Paths) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.exact && rule.holds(paths, Reading::Spec))
    }

    /// Of the first and the longest match the one that reserves. Of equally long ones, too.
    fn strictest(&self, paths: &Paths) -> Option<&Rule> {
        let first = self.first(paths)?;
        let holding = self.rules.iter().filter(|rule| rule.holds(paths, Reading::Strict));
        let longest = holding.max_by_key(|rule| (rule.pattern.octets(), rule.reserves, rule.exact));
        longest.filter(|rule| rule.reserves && !first.reserves).or(Some(first))
    }
}

impl Rule {
    /// What an object says. One that is badly written says nothing unless it reserves.
    fn of(entry: &Entry, number: usize, in_array: bool) -> Vec<Self> {
        let Some(reservation) = entry.reservation else { return Vec::new() };
        let exact = in_array && entry.is_exact();
        let reserves = reservation != Reservation::Free;
        if !reserves && !exact {
            return Vec::new();
        }
        let everywhere = [String::from("/")];
        let locations = if entry.locations.is_empty() { &everywhere[..] } else { &entry.locations };
        let raw: Box<str> = entry.raw().into();
        let policy = entry.policy.as_deref().map(|url| clip(url, Evidence::MAX_RAW_BYTES).into());
        let rule = |location: &String| Self {
            pattern: Pattern::new(&rooted(location)),
            reserves,
            exact,
            number,
            raw: raw.clone(),
            policy: policy.clone(),
        };
        locations.iter().map(rule).collect()
    }

    /// A pattern is compared with path and query as in robots.txt. Strict lets a reservation of
    /// `/*.jpg$` cover `/a.jpg?width=100` as well: it is the same picture.
    fn holds(&self, paths: &Paths, reading: Reading) -> bool {
        let without_query = self.reserves && reading == Reading::Strict;
        self.pattern.matches(&paths.full) || (without_query && self.pattern.matches(&paths.without_query))
    }

    fn statements(&self, reading: Reading) -> Vec<Statement> {
        let verdict = if self.reserves { reserving(self.exact, reading) } else { Verdict::Allow };
        let place = format!("object {}", self.number);
        let mut said = vec![reservation(verdict, &self.raw).at(place.clone())];
        // With 0 a policy is ignored. It is never accepted unseen, so it lifts nothing.
        if let Some(policy) = self.policy.as_deref().filter(|_| self.reserves) {
            said.push(Statement::new("tdmrep.policy", Category::Tdm, Verdict::Info, policy).at(place));
        }
        said
    }
}

/// The two forms in which a URL is compared.
struct Paths {
    full: NormalPath,
    without_query: NormalPath,
}

impl Paths {
    fn of(url: &Url) -> Self {
        let mut bare = url.clone();
        bare.set_query(None);
        Self { full: NormalPath::of(url), without_query: NormalPath::of(&bare) }
    }
}

fn reservation(verdict: Verdict, raw: &str) -> Statement {
    Statement::new("tdmrep.file", Category::Tdm, verdict, raw)
}

fn reserving(exact: bool, reading: Reading) -> Verdict {
    match (exact, reading) {
        (true, _) => Verdict::Deny,
        (false, Reading::Strict) => Verdict::MalformedDeny,
        (false, Reading::Spec) => Verdict::Info,
    }
}

/// `images/` and `https://example.com/images/` were meant as paths.
fn rooted(location: &str) -> Vec<u8> {
    let location = location.trim();
    let path = match location.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |start| &rest[start..]),
        None => location,
    };
    if path.starts_with(['/', '*']) { path.as_bytes().to_vec() } else { [b"/", path.as_bytes()].concat() }
}

#[cfg(test)]
mod tests;
