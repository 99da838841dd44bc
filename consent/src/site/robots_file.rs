//! The robots.txt of an origin: what came back for it, and what it says of a URL.
//!
//! [`access`] says who may come, [`terms`] what is said of use, [`prose`] what comments say.

mod access;
mod prose;
mod terms;

use super::Answer;
use crate::{
    Policy,
    findings::{Sight, clip},
    policy::Reading,
    robots::{Comment, MAX_BYTES, NormalPath, Purpose, Robots, Rule, Span, comments, readable},
};
use prose::Prose;
use schema::{Category, Evidence, Verdict};
use std::{sync::OnceLock, time::Duration};
use url::Url;

/// A robots.txt, ready to be asked.
#[derive(Debug)]
pub(super) struct RobotsFile {
    /// Where it lies.
    url: Url,
    state: State,
    sight: Sight,
}

#[derive(Debug)]
enum State {
    Rules(Box<Rules>),
    /// Answered, but not with rules.
    Refused(u16),
    Unreachable(String),
    Unasked,
}

#[derive(Debug)]
struct Rules {
    /// The file as it was read; rules point into it.
    body: Box<[u8]>,
    /// Read to the letter.
    exact: Robots,
    /// Read leniently, where that makes a difference.
    lenient: Option<Robots>,
    truncated: bool,
    html: bool,
    comments: OnceLock<Vec<Comment>>,
    prose: Prose,
}

impl RobotsFile {
    /// Reads what came back for it. Redirects count for the origin that was asked first (RFC 9309
    /// section 2.3.1.2).
    pub(super) fn read(url: Url, answer: &Answer, sight: Sight) -> Self {
        let rules = |body: &[u8], content_type| State::Rules(Box::new(Rules::read(body, content_type)));
        let state = match answer {
            Answer::Found { status: 200..=299, body, content_type } => rules(body, content_type.as_deref()),
            Answer::Status(200..=299) => rules(&[], None),
            // RFC 9309 sections 2.3.1.2 and 2.3.1.3: too many redirects, or "unavailable".
            Answer::Found { status: status @ 300..=499, .. } | Answer::Status(status @ 300..=499) => {
                State::Refused(*status)
            }
            // RFC 9309 section 2.3.1.4: "unreachable" must be taken as a complete disallow.
            Answer::Found { status, .. } | Answer::Status(status) => State::Unreachable(format!("status {status}")),
            Answer::Unreachable { why } => State::Unreachable(why.clone()),
            Answer::Unasked => State::Unasked,
        };
        Self { url, state, sight }
    }

    /// Whether anybody asked for it.
    pub(super) fn was_asked(&self) -> bool {
        !matches!(self.state, State::Unasked)
    }

    /// Whether it shuts us out of everything, without exception.
    pub(super) fn closes_all(&self, policy: &Policy) -> bool {
        let strict = policy.reading() == Reading::Strict;
        self.rules().is_some_and(|Rules { exact, .. }| {
            exact.closes_all_to(&policy.agent) || (strict && exact.closes_all_to_our_purpose())
        })
    }

    /// The wait between two requests that the file asks for: the largest said to us or to all.
    pub(super) fn crawl_delay(&self, policy: &Policy) -> Option<Duration> {
        let rules = self.rules()?;
        rules.by(policy.reading()).filter_map(|robots| robots.crawl_delay(&policy.agent)).max()
    }

    /// What the file says of `url`: for us, and for those who collect for the same purpose.
    ///
    /// A URL of another origin is refused: this file does not speak for it, so it was not asked.
    pub(super) fn evidence(&self, policy: &Policy, url: &Url) -> Vec<Evidence> {
        let mut found = self.about_the_file(policy, url);
        let path = NormalPath::of(url);
        if let Some(rules) = self.rules().filter(|_| !path.is_robots_file()) {
            found.extend(self.for_us(rules, policy, &path));
            self.for_our_purpose(rules, policy, &path, &mut found);
            self.add_terms(rules, policy, &path, &mut found);
            found.extend(rules.prose.evidence(policy, self));
        }
        found
    }

    /// What the file says of `url` to those who collect for the same purpose (rule R-AI).
    pub(super) fn purpose_evidence(&self, policy: &Policy, url: &Url) -> Vec<Evidence> {
        let mut found = Vec::new();
        if let Some(rules) = self.rules() {
            let path = NormalPath::of(url);
            self.for_our_purpose(rules, policy, &path, &mut found);
            self.add_terms(rules, policy, &path, &mut found);
        }
        found
    }

    /// The comments of the file, found once.
    pub(super) fn comments(&self) -> &[Comment] {
        self.rules().map_or(&[], Rules::comments)
    }

    fn rules(&self) -> Option<&Rules> {
        match &self.state {
            State::Rules(rules) => Some(rules),
            State::Refused(_) | State::Unreachable(_) | State::Unasked => None,
        }
    }

    fn about_the_file(&self, policy: &Policy, url: &Url) -> Vec<Evidence> {
        if !same_origin(url, &self.url) {
            return vec![self.about("robots.unchecked", Verdict::Deny, "the file is of another origin")];
        }
        match &self.state {
            State::Unasked => Vec::new(),
            State::Unreachable(why) => vec![self.about("robots.unreachable", Verdict::Deny, why)],
            State::Refused(status) => {
                vec![self.about("robots.status", status_verdict(*status, policy.reading()), &status.to_string())]
            }
            State::Rules(rules) => self.about_rules(rules),
        }
    }

    fn about_rules(&self, rules: &Rules) -> Vec<Evidence> {
        let mut found = Vec::new();
        if rules.truncated {
            found.push(self.about("robots.truncated", Verdict::Info, "longer than 1 MiB"));
        }
        if rules.html {
            found.push(self.about("robots.html-200", Verdict::Info, "HTML instead of rules"));
        }
        for remark in rules.exact.remarks() {
            let evidence = self.of_line(remark.signal, Category::Access, Verdict::Info, remark.line);
            found.push(Evidence { raw: rules.words(remark.text), ..evidence });
        }
        found
    }

    fn about(&self, signal: &str, verdict: Verdict, raw: &str) -> Evidence {
        let mut evidence = self.sight.evidence(signal, Category::Access, verdict, self.url.as_str());
        evidence.raw = clip(raw, Evidence::MAX_RAW_BYTES);
        evidence
    }

    /// What one line says, without its words yet.
    fn of_line(&self, signal: &str, category: Category, verdict: Verdict, line: u32) -> Evidence {
        // Made without a copy: every image URL asks.
        Evidence { place: self.place(line), ..self.sight.evidence(signal, category, verdict, "") }
    }

    fn place(&self, line: u32) -> String {
        const DIGITS: usize = 8;
        let mut place = String::with_capacity(self.url.as_str().len() + DIGITS);
        place.push_str(self.url.as_str());
        place.push(':');
        place.push_str(&line.to_string());
        place
    }
}

impl Rules {
    fn read(received: &[u8], content_type: Option<&str>) -> Self {
        let body = readable(received);
        let (lenient, differs) = Robots::parse(&body, Reading::Strict);
        let (exact, lenient) =
            if differs { (Robots::parse(&body, Reading::Spec).0, Some(lenient)) } else { (lenient, None) };
        let says_html = content_type.is_some_and(|value| value.to_ascii_lowercase().contains("text/html"));
        let html = body.trim_ascii_start().starts_with(b"<") || says_html && !exact.has_groups();
        let mut rules = Self {
            exact,
            lenient,
            truncated: received.len() > MAX_BYTES,
            html,
            comments: OnceLock::new(),
            prose: Prose::default(),
            body: body.into_owned().into(),
        };
        // The page that a site shows for everything it does not have: its scripts and styles hold
        // lines like `ai: 0`, and say nothing.
        if html && !rules.exact.has_groups() {
            (rules.exact, rules.lenient) = (Robots::default(), None);
        }
        rules
    }

    fn lenient(&self, reading: Reading) -> Option<&Robots> {
        self.lenient.as_ref().filter(|_| reading == Reading::Strict)
    }

    fn by(&self, reading: Reading) -> impl Iterator<Item = &Robots> {
        std::iter::once(&self.exact).chain(self.lenient(reading))
    }

    /// AI crawlers with the rule for `path`, by each reading; the flag says which.
    fn purposes<'a>(
        &'a self,
        reading: Reading,
        path: &'a NormalPath,
    ) -> impl Iterator<Item = (&'a Purpose, &'a Rule, bool)> {
        let exact = self.exact.rules_by_purpose(path).map(|(purpose, rule)| (purpose, rule, false));
        let lenient = self.lenient(reading).into_iter().flat_map(|robots| robots.rules_by_purpose(path));
        exact.chain(lenient.map(|(purpose, rule)| (purpose, rule, true)))
    }

    fn comments(&self) -> &[Comment] {
        // In a page `#` begins a colour or a place on it.
        self.comments.get_or_init(|| if self.html { Vec::new() } else { comments(&self.body) })
    }

    /// The words of a line, as evidence keeps them.
    fn words(&self, text: Span) -> String {
        let text = text.of(&self.body);
        // Octets that are no text grow as they are decoded, so the text is cut once more.
        clip(&String::from_utf8_lossy(&text[..text.len().min(Evidence::MAX_RAW_BYTES)]), Evidence::MAX_RAW_BYTES)
    }
}

/// [`Url::origin`] copies the host twice, and every image asks.
fn same_origin(one: &Url, other: &Url) -> bool {
    let parts = |url: &Url| url.port_or_known_default().filter(|_| matches!(url.scheme(), "http" | "https"));
    parts(one).is_some() && (one.scheme(), one.host(), parts(one)) == (other.scheme(), other.host(), parts(other))
}

/// RFC 9309 section 2.3.1.3 lets a crawler in on any 4xx. A server that answers 401, 402, 403,
/// 429 or 451 to robots.txt is not without rules, it shuts us out (Google treats 429 so, too).
fn status_verdict(status: u16, reading: Reading) -> Verdict {
    match (status, reading) {
        (401 | 402 | 403 | 429 | 451, Reading::Strict) => Verdict::Deny,
        _ => Verdict::Info,
    }
}

#[cfg(test)]
mod tests;
