//! A robots.txt by one reading: groups, rules, and which rule speaks for a path (RFC 9309).
//!
//! Rules and names keep no text of their own: they point into the file and into one list of
//! compiled patterns, so that a file is read at the speed of its lines and evidence still has
//! the number and the words of each.

mod body;
mod comment;
mod delay;
mod index;
mod line;
mod names;
mod normal;
mod parse;
mod pattern;
mod terms;

use crate::{agents::Class, policy::Reading};
pub(crate) use body::{MAX_BYTES, readable};
pub(crate) use comment::{Comment, comments};
use index::Index;
pub(crate) use line::Term;
use names::Names;
pub(crate) use normal::NormalPath;
use pattern::Glob;
pub(crate) use pattern::Pattern;
use std::{ops::Range, sync::OnceLock, time::Duration};
pub(crate) use terms::{TermRule, standing};

/// The groups of a file, merged by name.
#[derive(Debug, Default)]
pub(crate) struct Robots {
    names: Names,
    groups: Vec<Group>,
    /// The rules of all groups, in the order of the file.
    rules: Vec<Rule>,
    /// The patterns of all rules, one after the other.
    patterns: Vec<u8>,
    /// What is said of use in all groups, in the order of the file.
    terms: Vec<TermRule>,
    /// What is said of use to everybody, before any group or out of place.
    for_all: Vec<TermRule>,
    /// AI crawlers that the file names, one per set of groups.
    purposes: Vec<Purpose>,
    /// Lines that decide nothing and are worth recording.
    remarks: Vec<Remark>,
}

#[derive(Debug)]
struct Group {
    rules: Range<usize>,
    terms: Range<usize>,
    crawl_delay: Option<Duration>,
    /// Made when it is first asked for.
    index: OnceLock<Index>,
}

/// An `Allow` or `Disallow` line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) allows: bool,
    anchored: bool,
    pub(crate) line: u32,
    /// The line as written.
    pub(crate) text: Span,
    pattern: Span,
}

/// An AI crawler named by the file, with all groups that name it.
#[derive(Debug)]
pub(crate) struct Purpose {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    names: Range<usize>,
}

/// A line that decides nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Remark {
    pub(crate) signal: &'static str,
    pub(crate) line: u32,
    pub(crate) text: Span,
}

/// A place in a text of at most some megabytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    start: u32,
    length: u32,
}

impl Span {
    fn new(start: usize, length: usize) -> Self {
        let saturated = |octets| u32::try_from(octets).unwrap_or(u32::MAX);
        Self { start: saturated(start), length: saturated(length) }
    }

    /// What stands there.
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        let (start, length) = (self.start as usize, self.length as usize);
        text.get(start..start + length).unwrap_or_default()
    }
}

impl Robots {
    /// Reads a file that [`readable`] made; tells also whether anything was taken that only a
    /// lenient reading takes.
    pub(crate) fn parse(body: &[u8], reading: Reading) -> (Self, bool) {
        parse::Reader::read(body, reading)
    }

    /// The rule that speaks to `agent` for `path`, and whether it was said to all.
    pub(crate) fn rule_for(&self, agent: &str, path: &NormalPath) -> Option<(&Rule, bool)> {
        let (names, to_all) = self.names_for(agent);
        self.strongest(names, path).map(|rule| (rule, to_all))
    }

    /// AI crawlers the file names in groups of their own, each with the rule for `path`. `*` does
    /// not count for them: it was asked under our own name already.
    pub(crate) fn rules_by_purpose(&self, path: &NormalPath) -> impl Iterator<Item = (&Purpose, &Rule)> {
        self.purposes.iter().filter_map(|purpose| Some((purpose, self.strongest(purpose.names.clone(), path)?)))
    }

    /// Whether a rule forbids the whole origin.
    pub(crate) fn forbids_all(&self, rule: &Rule) -> bool {
        !rule.allows && self.glob(rule).covers_all()
    }

    /// Whether everything is forbidden to `agent`, without exception.
    pub(crate) fn closes_all_to(&self, agent: &str) -> bool {
        self.closes_all(self.names_for(agent).0)
    }

    /// Whether everything is forbidden to a crawler of our purpose (rule R-AI), without exception.
    pub(crate) fn closes_all_to_our_purpose(&self) -> bool {
        let purposes = self.purposes.iter().filter(|purpose| purpose.class.shares_our_purpose());
        purposes.map(|purpose| purpose.names.clone()).any(|names| self.closes_all(names))
    }

    fn closes_all(&self, names: Range<usize>) -> bool {
        let rules = || self.names.groups(names.clone()).flat_map(|group| &self.rules[self.groups[group].rules.clone()]);
        rules().any(|rule| self.forbids_all(rule)) && !rules().any(|rule| rule.allows)
    }

    /// The largest wait asked of `agent` or of all.
    pub(crate) fn crawl_delay(&self, agent: &str) -> Option<Duration> {
        let names = [self.names.find(agent), self.names.find("*")];
        let groups = names.into_iter().flat_map(|names| self.names.groups(names));
        groups.filter_map(|group| self.groups[group].crawl_delay).max()
    }

    /// Whether the file says anything of use.
    pub(crate) fn speaks_of_use(&self) -> bool {
        !self.terms.is_empty() || !self.for_all.is_empty()
    }

    /// What is said of use to `agent` in lines of these `kinds`, and whether it was said to all.
    /// What stands outside of groups is said to all.
    pub(crate) fn terms_for(&self, agent: &str, kinds: &'static [Term]) -> (impl Iterator<Item = &TermRule>, bool) {
        let (names, to_all) = self.names_for(agent);
        let own = self.terms_of(names, kinds);
        // RSL 1.0: a License within a group takes the place of the global one.
        let overrides = kinds.contains(&Term::License) && own.clone().next().is_some();
        let for_all = self.for_all.iter().filter(move |rule| kinds.contains(&rule.term) && !overrides);
        (own.chain(for_all), to_all)
    }

    /// What is said of use in groups of AI crawlers (rule R-AI).
    pub(crate) fn terms_by_purpose(
        &self,
        kinds: &'static [Term],
    ) -> impl Iterator<Item = (&Purpose, impl Iterator<Item = &TermRule>)> {
        self.purposes.iter().map(move |purpose| (purpose, self.terms_of(purpose.names.clone(), kinds)))
    }

    /// What is said of use in every group, whomever it names.
    pub(crate) fn terms_by_group(
        &self,
        kinds: &'static [Term],
    ) -> impl Iterator<Item = impl Iterator<Item = &TermRule>> {
        let groups = self.groups.iter().filter(|group| !group.terms.is_empty());
        groups.map(move |group| self.terms[group.terms.clone()].iter().filter(move |rule| kinds.contains(&rule.term)))
    }

    /// Lines that decide nothing and are worth recording.
    pub(crate) fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Whether any crawler is named at all.
    pub(crate) fn has_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// `*` is asked only if no group names us (RFC 9309 section 2.2.1).
    fn names_for(&self, agent: &str) -> (Range<usize>, bool) {
        match self.names.find(agent) {
            names if names.is_empty() => (self.names.find("*"), true),
            names => (names, false),
        }
    }

    fn terms_of(&self, names: Range<usize>, kinds: &'static [Term]) -> impl Iterator<Item = &TermRule> + Clone {
        let rules = self.names.groups(names).flat_map(|group| &self.terms[self.groups[group].terms.clone()]);
        rules.filter(move |rule| kinds.contains(&rule.term))
    }

    /// The longest matching pattern; of two equally long ones, Allow (RFC 9309 section 2.2.2).
    fn strongest(&self, names: Range<usize>, path: &NormalPath) -> Option<&Rule> {
        let mut best = None;
        for group in self.names.groups(names) {
            self.strengthen(&mut best, &self.groups[group], path);
        }
        best
    }

    fn strengthen<'a>(&'a self, best: &mut Option<&'a Rule>, group: &Group, path: &NormalPath) {
        /// Fewer are tried one by one sooner than ordered.
        const FEW: usize = 8;
        let rules = &self.rules[group.rules.clone()];
        let mut consider = |rule: &'a Rule| {
            let strength = |rule: &Rule| (self.glob(rule).octets(), rule.allows);
            if best.is_none_or(|best| strength(rule) >= strength(best)) && self.glob(rule).matches(path) {
                *best = Some(rule);
            }
        };
        if rules.len() <= FEW {
            rules.iter().for_each(consider);
            return;
        }
        let glob = |rule: u32| self.glob(&rules[rule as usize]);
        let count = u32::try_from(rules.len()).unwrap_or(u32::MAX);
        let index = group.index.get_or_init(|| Index::new(count, glob));
        index.candidates(path, glob).for_each(|rule| consider(&rules[rule as usize]));
    }

    fn glob(&self, rule: &Rule) -> Glob<'_> {
        Glob { text: rule.pattern.of(&self.patterns), anchored: rule.anchored }
    }
}

impl Group {
    fn beginning_at(rules: usize, terms: usize) -> Self {
        Self { rules: rules..rules, terms: terms..terms, crawl_delay: None, index: OnceLock::new() }
    }
}

#[cfg(test)]
mod tests;
