//! A robots.txt by one reading: groups, rules, and which rule speaks for a path (RFC 9309).

mod line;
mod pattern;

use crate::{
    agents::{AGENTS, Class},
    findings::clip,
    policy::Reading,
};
use line::{Record, lines};
pub(crate) use pattern::NormalPath;
use pattern::Pattern;
use schema::Evidence;
use std::{borrow::Cow, collections::HashMap, time::Duration};

/// Most read of a file. RFC 9309 section 2.5 asks for at least 500 KiB.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// The groups of a file, merged by name.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Robots {
    groups: Vec<Group>,
    /// Lower-case name → places in `groups`: groups that name the same crawler are merged.
    by_name: HashMap<String, Vec<usize>>,
    /// AI crawlers that the file names, one per set of groups.
    purposes: Vec<Purpose>,
}

#[derive(Debug, Default, PartialEq)]
struct Group {
    rules: Vec<Rule>,
    crawl_delay: Option<Duration>,
}

/// An `Allow` or `Disallow` line.
#[derive(Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) allows: bool,
    pub(crate) line: u32,
    /// The line as written.
    pub(crate) text: Box<str>,
    pattern: Pattern,
}

impl Rule {
    /// Whether it forbids the whole origin.
    pub(crate) fn forbids_all(&self) -> bool {
        !self.allows && self.pattern.covers_all()
    }
}

/// An AI crawler named by the file, with all groups that name it.
#[derive(Debug, PartialEq)]
pub(crate) struct Purpose {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    groups: Vec<usize>,
}

impl Robots {
    /// Reads a file; tells also whether anything was taken that only a lenient reading takes.
    pub(crate) fn parse(body: &[u8], reading: Reading) -> (Self, bool) {
        let body = without_nul(within_limit(body));
        let mut robots = Self::default();
        let mut lenient = false;
        // Only a rule closes the list of agents: blank lines and other records between two
        // User-agent lines do not (RFC 9309 section 2.2.4).
        let mut list_is_open = false;
        for line in lines(&body, reading) {
            lenient |= line.lenient;
            match line.record {
                Record::Agent(value) => {
                    if !list_is_open {
                        robots.groups.push(Group::default());
                        list_is_open = true;
                    }
                    lenient |= robots.name_last_group(value, reading);
                }
                Record::Allow(value) | Record::Disallow(value) => {
                    list_is_open = false;
                    let allows = matches!(line.record, Record::Allow(_));
                    if let Some(group) = robots.groups.last_mut() {
                        lenient |= group.add_rule(allows, value, line.number, line.text, reading);
                    }
                }
                Record::CrawlDelay(value) => {
                    if let Some(group) = robots.groups.last_mut() {
                        group.crawl_delay = group.crawl_delay.max(seconds(value));
                    }
                }
                Record::Other => {}
            }
        }
        robots.find_purposes();
        (robots, lenient)
    }

    /// The rule that speaks to `agent` for `path`, and whether it was said to all.
    pub(crate) fn rule_for(&self, agent: &str, path: &NormalPath) -> Option<(&Rule, bool)> {
        match self.by_name.get(&agent.to_ascii_lowercase()) {
            Some(groups) => self.strongest(groups, path).map(|rule| (rule, false)),
            None => self.strongest(self.by_name.get("*")?, path).map(|rule| (rule, true)),
        }
    }

    /// AI crawlers the file names in groups of their own, each with the rule for `path`. `*` does
    /// not count for them: it was asked under our own name already.
    pub(crate) fn rules_by_purpose(&self, path: &NormalPath) -> impl Iterator<Item = (&Purpose, &Rule)> {
        self.purposes.iter().filter_map(|purpose| Some((purpose, self.strongest(&purpose.groups, path)?)))
    }

    /// The largest Crawl-delay said to `agent` or to all. Not in RFC 9309; politeness costs little.
    pub(crate) fn crawl_delay(&self, agent: &str) -> Option<Duration> {
        let names = [agent.to_ascii_lowercase(), "*".to_owned()];
        let groups = names.iter().filter_map(|name| self.by_name.get(name)).flatten();
        groups.filter_map(|group| self.groups[*group].crawl_delay).max()
    }

    /// The longest matching pattern; of two equally long ones, Allow (RFC 9309 section 2.2.2).
    fn strongest(&self, groups: &[usize], path: &NormalPath) -> Option<&Rule> {
        let rules = groups.iter().flat_map(|group| &self.groups[*group].rules);
        rules.filter(|rule| rule.pattern.matches(path)).max_by_key(|rule| (rule.pattern.octets(), rule.allows))
    }

    /// Enters the last group under each name of a User-agent line.
    fn name_last_group(&mut self, value: &[u8], reading: Reading) -> bool {
        let Some(last) = self.groups.len().checked_sub(1) else { return false };
        let value = String::from_utf8_lossy(value).to_ascii_lowercase();
        // "User-agent: GPTBot, CCBot" is no valid line, and its meaning is plain.
        let several = reading == Reading::Strict && value.contains(',');
        let names: Vec<&str> = if several { value.split(',').collect() } else { vec![&value] };
        for name in names {
            for key in keys(name) {
                let groups = self.by_name.entry(key).or_default();
                if groups.last() != Some(&last) {
                    groups.push(last);
                }
            }
        }
        several
    }

    /// Finds the AI crawlers named. Those that share all their groups get the same answer, so the
    /// first of the weightiest class speaks for them.
    fn find_purposes(&mut self) {
        let mut agents: Vec<_> = AGENTS.iter().filter(|agent| self.by_name.contains_key(&agent.token)).collect();
        agents.sort_by_key(|agent| agent.class);
        for agent in agents {
            let groups = &self.by_name[&agent.token];
            if !self.purposes.iter().any(|purpose| purpose.groups == *groups) {
                self.purposes.push(Purpose { name: agent.name, class: agent.class, groups: groups.clone() });
            }
        }
    }
}

impl Group {
    /// Adds a rule; returns whether it took a lenient reading to do so.
    fn add_rule(&mut self, allows: bool, value: &[u8], line: u32, text: &[u8], reading: Reading) -> bool {
        let text: Box<str> = clip(&String::from_utf8_lossy(text), Evidence::MAX_RAW_BYTES).into();
        let pattern = match value.first() {
            Some(b'/' | b'*') => Pattern::new(value),
            // "Disallow: private/" cannot match as written, but was meant to.
            Some(_) if !allows && reading == Reading::Strict => Pattern::new(&[b"/", value].concat()),
            // "Disallow:" forbids nothing, and an "Allow: x" matches nothing.
            None | Some(_) => return false,
        };
        let mut lenient = !matches!(value.first(), Some(b'/' | b'*'));
        if let Some(folder) = folder_of_index(value).filter(|_| !allows && reading == Reading::Strict) {
            self.rules.push(Rule { allows, line, text: text.clone(), pattern: Pattern::new(&[folder, b"$"].concat()) });
            lenient = true;
        }
        self.rules.push(Rule { allows, line, text, pattern });
        lenient
    }
}

/// What a User-agent value is compared as: in full, and up to the first character that no name
/// holds (`FooBot/1.0`, `FooBot (x)`). RFC 9309 would cut at digits and dots too, but then
/// `img2dataset` were `img` and `AI2Bot` were `ai`.
fn keys(name: &str) -> Vec<String> {
    let full = name.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
    if full == "*" || full.starts_with("* ") {
        return vec!["*".into()];
    }
    let in_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = full.find(|c| !in_name(c)).unwrap_or(full.len());
    let short = full[..end].to_owned();
    let mut keys = vec![full, short];
    keys.dedup();
    // An empty name, or one that starts with a wildcard (`*bot*`), names nobody.
    keys.retain(|key| !key.is_empty() && !key.starts_with('*'));
    keys
}

/// The folder that a rule for its `index.html` speaks of, too (Google's reading).
fn folder_of_index(value: &[u8]) -> Option<&[u8]> {
    [b"index.html".as_slice(), b"index.htm"].iter().find_map(|name| value.strip_suffix(*name)).filter(|folder| {
        // `/myindex.html` is another file.
        folder.ends_with(b"/")
    })
}

fn seconds(value: &[u8]) -> Option<Duration> {
    let seconds: f64 = std::str::from_utf8(value).ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// The first [`MAX_BYTES`], without the line that the cut goes through: half a path is another path.
fn within_limit(body: &[u8]) -> &[u8] {
    if body.len() <= MAX_BYTES {
        return body;
    }
    let end = body[..MAX_BYTES].iter().rposition(|octet| matches!(octet, b'\n' | b'\r'));
    &body[..end.unwrap_or(0)]
}

/// Without NUL octets, which also makes UTF-16 files of ASCII text legible.
fn without_nul(body: &[u8]) -> Cow<'_, [u8]> {
    if body.contains(&0) {
        Cow::Owned(body.iter().copied().filter(|octet| *octet != 0).collect())
    } else {
        Cow::Borrowed(body)
    }
}

#[cfg(test)]
mod tests;
