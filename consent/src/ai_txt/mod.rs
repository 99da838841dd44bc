//! ai.txt (Spawning, 2023): which kinds of media may be used, read from the host that serves them.
//!
//! The grammar is that of robots.txt, and rules mostly name file types. Others have proposed files
//! of the same name; what they say no to in so many words is heard by the strict reading.

mod ad_hoc;
mod media;
mod read;

use crate::{Policy, agents::class_of, policy::Reading, statement::Statement, words};
use ad_hoc::AdHoc;
use media::{Paths, Pattern};
use schema::{Category, Verdict};
use std::sync::OnceLock;
use url::Url;

/// Most statements kept of a file.
const MOST: usize = 64;

/// An ai.txt, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct AiTxt {
    groups: Vec<Group>,
    /// Rules before the first group: by the grammar they bind nobody.
    homeless: Vec<Rule>,
    ad_hoc: Vec<AdHoc>,
    /// Lines that are no rules, for the phrase matcher.
    prose: String,
    /// What the prose says, and the policy's traits it was read for.
    prose_said: OnceLock<((Reading, bool), Vec<Statement>)>,
    html: bool,
}

/// Rules for some crawlers.
#[derive(Clone, Debug, Default)]
struct Group {
    /// In lower case.
    agents: Vec<String>,
    rules: Vec<Rule>,
}

/// An `Allow` or `Disallow` line.
#[derive(Clone, Debug)]
struct Rule {
    allows: bool,
    pattern: Pattern,
    line: usize,
    text: Box<str>,
}

impl AiTxt {
    /// Reads a file. HTML makes an empty one.
    pub(crate) fn read(body: &[u8], content_type: Option<&str>) -> Self {
        read::file(body, content_type)
    }

    /// What it states of `media`; `mime` is its media type where that is known.
    pub(crate) fn statements(&self, media: &Url, mime: Option<&str>, policy: &Policy) -> Vec<Statement> {
        if self.html {
            return vec![Statement::new("ai-txt.html", Category::Info, Verdict::Info, "HTML instead of rules")];
        }
        let paths = Paths::of(media, mime);
        let mut said = self.of_groups(&paths, policy);
        said.extend(self.homeless(&paths, policy.reading()));
        said.extend(self.ad_hoc.iter().filter(|one| one.holds(&paths)).map(|one| one.statement(policy.reading())));
        said.extend(self.of_prose(policy));
        // A no is kept before anything else, so that the bound never changes a decision.
        said.sort_by_key(|one| !one.denies());
        said.truncate(MOST);
        said
    }

    /// Our own groups, or else those for all; then every group that names an AI crawler or somebody
    /// else. Groups of one name are merged, as in RFC 9309 section 2.2.1.
    fn of_groups(&self, paths: &Paths, policy: &Policy) -> Vec<Statement> {
        let own = policy.agent.to_ascii_lowercase();
        let ours = if self.names().any(|name| name == own) { own.as_str() } else { "*" };
        let mut others: Vec<&str> = self.names().filter(|name| *name != "*" && *name != own).collect();
        others.sort_unstable();
        others.dedup();
        let mut said: Vec<Statement> =
            self.of_agent(ours, paths).map(|rule| rule.statement(ours)).into_iter().collect();
        // Beyond so many names a file repeats itself; those that share our purpose come first.
        others.sort_by_key(|name| !shares_our_purpose(name));
        for name in others.into_iter().take(MOST) {
            let Some(rule) = self.of_agent(name, paths) else { continue };
            let mut statement = rule.statement(name);
            // By the letter a group binds whom it names.
            if !shares_our_purpose(name) || policy.reading() == Reading::Spec {
                statement.verdict = Verdict::Info;
            }
            if !said.iter().any(|one| (&one.place, one.verdict) == (&statement.place, statement.verdict)) {
                said.push(statement);
            }
        }
        said
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|group| group.agents.iter().map(String::as_str))
    }

    fn of_agent(&self, name: &str, paths: &Paths) -> Option<&Rule> {
        let groups = self.groups.iter().filter(|group| group.agents.iter().any(|agent| agent == name));
        strictest(&groups.flat_map(|group| &group.rules), paths)
    }

    fn homeless(&self, paths: &Paths, reading: Reading) -> Option<Statement> {
        let rule = strictest(&self.homeless.iter(), paths).filter(|rule| !rule.allows)?;
        let mut statement = rule.statement("*");
        statement.verdict = plain_no(reading);
        Some(statement)
    }

    /// The prose is the same for every URL, so it is read once.
    fn of_prose(&self, policy: &Policy) -> Vec<Statement> {
        if self.prose.is_empty() {
            return Vec::new();
        }
        let read = || words::statements(policy, "ai-txt.prose", &self.prose);
        let traits = (policy.reading(), policy.redistributes);
        let (known, said) = self.prose_said.get_or_init(|| (traits, read()));
        if *known == traits { said.clone() } else { read() }
    }
}

impl Rule {
    fn statement(&self, agent: &str) -> Statement {
        let (signal, verdict) =
            if self.allows { ("ai-txt.allow", Verdict::Allow) } else { ("ai-txt.disallow", Verdict::Deny) };
        let mut statement =
            Statement::new(signal, Category::Train, verdict, &self.text).at(format!("line {}", self.line));
        statement.addressed_to = Some(agent.to_owned());
        statement
    }
}

/// The longest rule that matches any form of the path; a tie denies. A file type that is denied in
/// one form of the path (`.jpg` for `image/jpeg`) is denied.
fn strictest<'a>(rules: &(impl Iterator<Item = &'a Rule> + Clone), paths: &Paths) -> Option<&'a Rule> {
    let of_form = |form| {
        let matching = rules.clone().filter(|rule| rule.pattern.matches(form));
        matching.max_by_key(|rule| (rule.pattern.octets(), !rule.allows))
    };
    paths.forms().filter_map(of_form).min_by_key(|rule| rule.allows)
}

fn shares_our_purpose(name: &str) -> bool {
    class_of(name).is_some_and(crate::agents::Class::shares_our_purpose)
}

fn plain_no(reading: Reading) -> Verdict {
    if reading == Reading::Strict { Verdict::MalformedDeny } else { Verdict::Info }
}

#[cfg(test)]
mod tests;
