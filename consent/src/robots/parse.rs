//! From the lines of a robots.txt to its groups.

use super::{
    Group, Purpose, Remark, Robots, Rule, Span, delay,
    line::{Line, Record, Term, lines},
    pattern,
    terms::TermRule,
};
use crate::{agents, policy::Reading};
use memchr::{memchr, memchr3};

/// Most remarks kept of a file.
const MAX_REMARKS: usize = 16;

/// A file half read.
pub(super) struct Reader {
    robots: Robots,
    reading: Reading,
    /// Only a rule closes the list of agents: blank lines and other records between two
    /// User-agent lines do not (RFC 9309 section 2.2.4).
    list_is_open: bool,
    /// Whether a line about use stands in the open list.
    use_in_list: bool,
    /// Whether anything was taken that only a lenient reading takes.
    lenient: bool,
}

impl Reader {
    pub(super) fn read(body: &[u8], reading: Reading) -> (Robots, bool) {
        let robots = Robots::default();
        let mut reader = Self { robots, reading, list_is_open: false, use_in_list: false, lenient: false };
        for line in lines(body, reading) {
            reader.lenient |= line.lenient;
            reader.add(&line);
        }
        reader.robots.names.settle();
        reader.find_purposes();
        (reader.robots, reader.lenient)
    }

    fn add(&mut self, line: &Line<'_>) {
        match line.record {
            Record::Agent(value) => self.add_agent(value, line),
            Record::Allow(value) => self.add_access(true, value, line),
            Record::Disallow(value) => self.add_access(false, value, line),
            Record::CrawlDelay(value) => self.delay_last_group(delay::seconds(value)),
            Record::RequestRate(value) => self.delay_last_group(delay::seconds_of_rate(value)),
            Record::Term(term, value) => self.add_term(term, value, line),
            Record::Remark(signal) => self.remark(signal, line),
            Record::Other => {}
        }
    }

    fn add_agent(&mut self, value: &[u8], line: &Line<'_>) {
        // In draft-ietf-aipref-attach a Content-Usage is a rule and closes the list, in RFC 9309 it
        // is an unknown line and does not. Strict reads the file both ways, and a no by either stands.
        if self.use_in_list && self.reading == Reading::Strict {
            self.list_is_open = false;
            self.lenient = true;
        }
        if !self.list_is_open {
            self.robots.groups.push(Group::beginning_at(self.robots.rules.len(), self.robots.terms.len()));
            self.list_is_open = true;
            self.use_in_list = false;
        }
        let heard = self.robots.names.add(value, self.robots.groups.len() - 1, self.reading);
        self.lenient |= heard.lenient;
        if heard.wildcard {
            self.remark("robots.agent-wildcard", line);
        }
    }

    fn add_access(&mut self, allows: bool, value: &[u8], line: &Line<'_>) {
        self.list_is_open = false;
        self.use_in_list = false;
        if self.robots.groups.is_empty() {
            return;
        }
        // "Disallow:" forbids nothing, and an "Allow: x" matches nothing.
        if let Some(b'/' | b'*') = value.first() {
            self.add_rule(allows, value, line);
        }
        if !allows && self.reading == Reading::Strict {
            for meant in meant_by(value) {
                self.lenient = true;
                self.add_rule(false, &meant, line);
            }
        }
    }

    fn add_rule(&mut self, allows: bool, value: &[u8], line: &Line<'_>) {
        let robots = &mut self.robots;
        let start = robots.patterns.len();
        let anchored = pattern::compile(value, &mut robots.patterns);
        let pattern = Span::new(start, robots.patterns.len() - start);
        let text = Span::new(line.start, line.text.len());
        robots.rules.push(Rule { allows, anchored, line: line.number, text, pattern });
        if let Some(group) = robots.groups.last_mut() {
            group.rules.end = robots.rules.len();
        }
    }

    fn delay_last_group(&mut self, delay: Option<std::time::Duration>) {
        if let Some(group) = self.robots.groups.last_mut() {
            group.crawl_delay = group.crawl_delay.max(delay);
        }
    }

    fn add_term(&mut self, term: Term, value: &[u8], line: &Line<'_>) {
        self.use_in_list |= self.list_is_open && matches!(term, Term::Usage | Term::Signal);
        let Some(rule) = TermRule::read(term, value, line, self.reading) else { return };
        let strict = self.reading == Reading::Strict;
        if strict && TermRule::read(term, value, line, Reading::Spec).as_ref() != Some(&rule) {
            self.lenient = true;
        }
        // Words out of place are meant for everybody.
        let for_all = matches!(term, Term::TdmReservation | Term::AdHoc);
        match self.robots.groups.last_mut().filter(|_| !for_all) {
            Some(group) => {
                self.robots.terms.push(rule);
                group.terms.end = self.robots.terms.len();
            }
            // By the letter only these two may stand outside of groups.
            None if for_all || matches!(term, Term::License | Term::Signal) => self.robots.for_all.push(rule),
            None if strict => {
                self.lenient = true;
                self.robots.for_all.push(rule);
            }
            None => {}
        }
    }

    fn remark(&mut self, signal: &'static str, line: &Line<'_>) {
        if self.robots.remarks.len() < MAX_REMARKS {
            let text = Span::new(line.start, line.text.len());
            self.robots.remarks.push(Remark { signal, line: line.number, text });
        }
    }

    /// Finds the AI crawlers named. Those that share all their groups get the same answer, so the
    /// first of the weightiest class speaks for them.
    fn find_purposes(&mut self) {
        let robots = &mut self.robots;
        let mut known: Vec<_> = robots.names.all().filter_map(|(name, at)| Some((agents::find(name)?, at))).collect();
        known.sort_by_key(|((place, agent), _)| (agent.class, *place));
        for ((_, agent), at) in known {
            let same =
                |purpose: &Purpose| robots.names.groups(purpose.names.clone()).eq(robots.names.groups(at.clone()));
            if !robots.purposes.iter().any(same) {
                robots.purposes.push(Purpose { name: agent.name, class: agent.class, names: at });
            }
        }
    }
}

/// Other values that somebody may have meant by that of a `Disallow`.
fn meant_by(value: &[u8]) -> Vec<Vec<u8>> {
    let mut meant: Vec<Vec<u8>> = Vec::new();
    match value.first() {
        None => return meant,
        Some(b'/' | b'*') => {}
        Some(_) => meant.push(match path_of_address(value) {
            Some(path) => path.to_vec(),
            // "Disallow: private/" cannot match as written, but was meant to.
            None => [b"/", value].concat(),
        }),
    }
    if let Some(folder) = folder_of_index(value) {
        meant.push([folder, b"$"].concat());
    }
    if memchr3(b' ', b'\t', b',', value).is_none() {
        return meant;
    }
    let separates = |octet: &u8| octet.is_ascii_whitespace() || *octet == b',';
    let words = || value.split(separates).filter(|word| !word.is_empty());
    // "Disallow: /a, /b" names two folders. "/my pictures" is one.
    if words().nth(1).is_some() && words().all(|word| matches!(word[0], b'/' | b'*')) {
        meant.extend(words().map(<[u8]>::to_vec));
    }
    meant
}

/// `Disallow: https://example.com/private/` was meant for a path.
fn path_of_address(value: &[u8]) -> Option<&[u8]> {
    let schemes = [b"https://".as_slice(), b"http://"];
    let is = |scheme: &[u8]| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    let scheme = schemes.into_iter().find(|scheme| is(scheme))?;
    let rest = &value[scheme.len()..];
    Some(memchr(b'/', rest).map_or(b"/".as_slice(), |slash| &rest[slash..]))
}

/// The folder that a rule for its `index.html` speaks of, too (Google's reading). `/myindex.html`
/// is another file.
fn folder_of_index(value: &[u8]) -> Option<&[u8]> {
    let names = [b"index.html".as_slice(), b"index.htm"];
    names.iter().find_map(|name| value.strip_suffix(*name)).filter(|folder| folder.ends_with(b"/"))
}
