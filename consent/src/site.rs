//! The robots.txt of one origin: read once, asked for every URL.

use crate::{
    Policy,
    agents::Class,
    findings::Sight,
    policy::Reading,
    robots::{MAX_BYTES, NormalPath, Purpose, Robots, Rule},
};
use chrono::{DateTime, Utc};
use schema::{Category, Evidence, Scope, Source, Verdict};
use std::time::Duration;
use url::{Origin, Url};

/// What came back when a site file was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A body was read.
    Found {
        /// HTTP status.
        status: u16,
        /// As received; bytes over 1 MiB are not looked at.
        body: Vec<u8>,
        /// The Content-Type header.
        content_type: Option<String>,
    },
    /// An answer without a body of interest. 3xx stands for redirects that led nowhere, 0 for
    /// no answer at all.
    Status(u16),
    /// No answer: no address, no connection, TLS, timeout.
    Unreachable {
        /// What went wrong, for people.
        why: String,
    },
}

/// The robots.txt of one origin, ready to be asked.
#[derive(Debug)]
pub struct Site {
    origin: Origin,
    /// Where the file lies.
    file: String,
    state: State,
    sight: Sight,
}

#[derive(Debug)]
enum State {
    Rules(Rules),
    /// Answered, but not with rules.
    Refused(u16),
    Unreachable(String),
}

#[derive(Debug)]
struct Rules {
    /// Read to the letter.
    exact: Robots,
    /// Read leniently, where that makes a difference.
    lenient: Option<Robots>,
    truncated: bool,
    html: bool,
}

impl Site {
    /// Reads what came back for `/robots.txt` of the origin of `origin`. Redirects count for the
    /// origin that was asked first (RFC 9309 section 2.3.1.2).
    pub fn new(origin: &Url, robots: &Answer, source: Source, seen_at: Option<DateTime<Utc>>) -> Self {
        let state = match robots {
            Answer::Found { status: 200..=299, body, content_type } => {
                State::Rules(Rules::read(body, content_type.as_deref()))
            }
            Answer::Status(200..=299) => State::Rules(Rules::read(&[], None)),
            // RFC 9309 sections 2.3.1.2 and 2.3.1.3: too many redirects, or "unavailable".
            Answer::Found { status: status @ 300..=499, .. } | Answer::Status(status @ 300..=499) => {
                State::Refused(*status)
            }
            // RFC 9309 section 2.3.1.4: "unreachable" must be taken as a complete disallow.
            Answer::Found { status, .. } | Answer::Status(status) => State::Unreachable(format!("status {status}")),
            Answer::Unreachable { why } => State::Unreachable(why.clone()),
        };
        let mut file = origin.clone();
        file.set_path("/robots.txt");
        file.set_query(None);
        file.set_fragment(None);
        let sight = Sight { scope: Scope::Origin, source, seen_at };
        Self { origin: origin.origin(), file: file.to_string(), state, sight }
    }

    /// Scheme, host and port this site speaks for.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The wait between two requests that the file asks for: the largest said to us or to all.
    pub fn crawl_delay(&self, policy: &Policy) -> Option<Duration> {
        match &self.state {
            State::Rules(rules) => {
                rules.by(policy.reading()).filter_map(|robots| robots.crawl_delay(&policy.agent)).max()
            }
            State::Refused(_) | State::Unreachable(_) => None,
        }
    }

    /// What the file says of `url`: for us, and for those who collect for the same purpose.
    ///
    /// A URL of another origin is refused: this file does not speak for it, so it was not asked.
    pub fn evidence(&self, policy: &Policy, url: &Url) -> Vec<Evidence> {
        let path = NormalPath::of(url);
        let mut found = self.about_the_file(policy, url);
        if let (State::Rules(rules), false) = (&self.state, path.is_robots_file()) {
            found.extend(self.for_us(rules, policy, &path));
            found.extend(self.for_our_purpose(rules, policy, &path));
        }
        found
    }

    /// What the file says of `url` to those who collect for the same purpose (rule R-AI).
    pub(crate) fn purpose_evidence(&self, policy: &Policy, url: &Url) -> Vec<Evidence> {
        match &self.state {
            State::Rules(rules) => self.for_our_purpose(rules, policy, &NormalPath::of(url)),
            State::Refused(_) | State::Unreachable(_) => Vec::new(),
        }
    }

    /// The site's no to a dataset or training crawler for all it has: meant for its other hosts too.
    pub(crate) fn whole_domain_evidence(&self, policy: &Policy) -> Vec<Evidence> {
        let State::Rules(rules) = &self.state else { return Vec::new() };
        let root = NormalPath::root();
        let mut found = Vec::new();
        for (purpose, rule, lenient) in rules.purposes(policy.reading(), &root) {
            if purpose.class.shares_our_purpose() && rule.forbids_all() {
                let mut evidence = self.of_purpose(policy.reading(), purpose, rule, lenient);
                evidence.scope = Scope::Domain;
                found.push(evidence);
            }
        }
        found
    }

    fn about_the_file(&self, policy: &Policy, url: &Url) -> Vec<Evidence> {
        let about = |signal: &str, verdict, raw: &str| {
            let mut evidence = self.sight.evidence(signal, Category::Access, verdict, &self.file);
            raw.clone_into(&mut evidence.raw);
            evidence
        };
        if url.origin() != self.origin {
            return vec![about("robots.unchecked", Verdict::Deny, "the file is of another origin")];
        }
        match &self.state {
            State::Unreachable(why) => vec![about("robots.unreachable", Verdict::Deny, why)],
            State::Refused(status) => {
                vec![about("robots.status", status_verdict(*status, policy.reading()), &status.to_string())]
            }
            State::Rules(rules) => {
                let mut found = Vec::new();
                if rules.truncated {
                    found.push(about("robots.truncated", Verdict::Info, "longer than 1 MiB"));
                }
                if rules.html {
                    found.push(about("robots.html-200", Verdict::Info, "HTML instead of rules"));
                }
                found
            }
        }
    }

    /// RFC 9309 for our own token. In strict mode a no by either reading stands.
    fn for_us(&self, rules: &Rules, policy: &Policy, path: &NormalPath) -> Option<Evidence> {
        let exact = rules.exact.rule_for(&policy.agent, path).map(|found| (found, false));
        let lenient = rules.lenient(policy.reading()).and_then(|robots| robots.rule_for(&policy.agent, path));
        let lenient = lenient.map(|found| (found, true));
        let refusing = [exact, lenient].into_iter().flatten().find(|((rule, _), _)| !rule.allows);
        let ((rule, to_all), lenient) = refusing.or(exact)?;
        let to = if to_all { "*" } else { &policy.agent };
        Some(self.of_rule("robots.own", Category::Access, verdict(rule, lenient), rule, to))
    }

    fn for_our_purpose(&self, rules: &Rules, policy: &Policy, path: &NormalPath) -> Vec<Evidence> {
        let mut found = Vec::new();
        for (purpose, rule, lenient) in rules.purposes(policy.reading(), path) {
            let evidence = self.of_purpose(policy.reading(), purpose, rule, lenient);
            if !found.contains(&evidence) {
                found.push(evidence);
            }
        }
        found
    }

    fn of_purpose(&self, reading: Reading, purpose: &Purpose, rule: &Rule, lenient: bool) -> Evidence {
        let category = match purpose.class {
            Class::Dataset => Category::BulkDataset,
            Class::Training => Category::Train,
            Class::Assistant => Category::Inference,
            Class::Ambiguous => Category::Info,
        };
        let counts = reading == Reading::Strict && purpose.class.shares_our_purpose();
        let verdict = match verdict(rule, lenient) {
            Verdict::Deny | Verdict::MalformedDeny if !counts => Verdict::Info,
            verdict => verdict,
        };
        self.of_rule("robots.ai-token", category, verdict, rule, purpose.name)
    }

    fn of_rule(&self, signal: &str, category: Category, verdict: Verdict, rule: &Rule, to: &str) -> Evidence {
        let place = format!("{}:{}", self.file, rule.line);
        let mut evidence = self.sight.evidence(signal, category, verdict, &place);
        evidence.scope = Scope::Path;
        evidence.raw = rule.text.to_string();
        evidence.addressed_to = Some(to.to_owned());
        evidence
    }
}

impl Rules {
    fn read(body: &[u8], content_type: Option<&str>) -> Self {
        let (lenient, differs) = Robots::parse(body, Reading::Strict);
        let (exact, lenient) =
            if differs { (Robots::parse(body, Reading::Spec).0, Some(lenient)) } else { (lenient, None) };
        let says_html = content_type.is_some_and(|value| value.to_ascii_lowercase().contains("text/html"));
        let html = says_html || body.trim_ascii_start().starts_with(b"<");
        Self { exact, lenient, truncated: body.len() > MAX_BYTES, html }
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
}

fn verdict(rule: &Rule, lenient: bool) -> Verdict {
    match (rule.allows, lenient) {
        (true, _) => Verdict::Allow,
        (false, false) => Verdict::Deny,
        (false, true) => Verdict::MalformedDeny,
    }
}

/// RFC 9309 section 2.3.1.3 lets a crawler in on any 4xx. A server that answers 401, 402, 403,
/// 429 or 451 to robots.txt is not without rules, it shuts us out (Google treats 429 so, too).
fn status_verdict(status: u16, reading: Reading) -> Verdict {
    match (status, reading) {
        (401 | 402 | 403 | 429 | 451, Reading::Strict) => Verdict::Deny,
        _ => Verdict::Info,
    }
}
