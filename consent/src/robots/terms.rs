//! Lines of a robots.txt that speak of use rather than access, and which of them hold for a path.

use super::{
    NormalPath, Pattern,
    line::{Line, Term},
};
use crate::{
    aipref, content_signal,
    directive::{self, Meaning},
    findings::clip,
    policy::Reading,
    statement::Statement,
    tdmrep,
};
use schema::{Category, Evidence, Verdict};

/// One such line.
#[derive(Debug, PartialEq)]
pub(crate) struct TermRule {
    pub(crate) term: Term,
    pub(crate) line: u32,
    /// The line as written.
    pub(crate) text: Box<str>,
    /// What it says; nothing for a `License`, which points to what is said.
    pub(crate) statements: Vec<Statement>,
    /// The document a `License` line points to, as written.
    pub(crate) target: Option<Box<str>>,
    /// Where it holds; everywhere if there is none.
    pattern: Option<Pattern>,
}

impl TermRule {
    /// Reads the value of a line; `None` if it says nothing.
    pub(super) fn read(term: Term, value: &[u8], line: &Line<'_>, reading: Reading) -> Option<Self> {
        let value = String::from_utf8_lossy(value);
        let text = String::from_utf8_lossy(line.text);
        let (path, mut statements) = said(term, &value, &text, reading);
        if line.lenient {
            statements.retain(Statement::denies);
            statements.iter_mut().for_each(as_malformed);
        }
        let target = (term == Term::License).then(|| clip(value.trim(), Evidence::MAX_RAW_BYTES).into());
        // "DisallowAITraining:" and "Noindex:" without a path forbid nothing, as "Disallow:" does.
        let nothing_said = if target.is_some() { value.is_empty() } else { statements.is_empty() };
        if nothing_said || path.is_some_and(str::is_empty) {
            return None;
        }
        let pattern = path.map(|path| Pattern::new(&rooted(path)));
        let text = clip(&text, Evidence::MAX_RAW_BYTES).into();
        Some(Self { term, line: line.number, text, statements, target, pattern })
    }

    fn holds(&self, path: &NormalPath) -> bool {
        self.pattern.as_ref().is_none_or(|pattern| pattern.matches(path))
    }

    fn octets(&self) -> usize {
        self.pattern.as_ref().map_or(0, Pattern::octets)
    }
}

/// What of `rules` stands for `path`: all that the longest pattern says, and of equally long ones
/// all (draft-ietf-aipref-attach-05 section 3: identical paths are combined, and a no wins).
///
/// By the strict reading every other no stands too, unless a longer pattern says yes to the same
/// use: speaking of something else lifts nothing.
pub(crate) fn standing<'a>(
    rules: impl Iterator<Item = &'a TermRule>,
    path: &NormalPath,
    reading: Reading,
) -> Vec<(&'a TermRule, &'a Statement)> {
    let holding: Vec<&TermRule> = rules.filter(|rule| rule.holds(path)).collect();
    let longest = holding.iter().map(|rule| rule.octets()).max().unwrap_or_default();
    let permissions = permissions(&holding);
    let mut found = Vec::new();
    for rule in holding {
        for statement in &rule.statements {
            let lifted = || permissions.iter().any(|(of, octets)| *of == statement.signal && *octets > rule.octets());
            let is_nearest = rule.octets() == longest;
            if is_nearest || reading == Reading::Strict && statement.denies() && !lifted() {
                found.push((rule, statement));
            }
        }
    }
    found
}

/// The longest pattern that says yes to each use. There are few uses, however many lines.
fn permissions<'a>(rules: &[&'a TermRule]) -> Vec<(&'a str, usize)> {
    let mut found: Vec<(&str, usize)> = Vec::new();
    for rule in rules {
        for yes in rule.statements.iter().filter(|statement| statement.verdict == Verdict::Allow) {
            match found.iter_mut().find(|(of, _)| *of == yes.signal) {
                Some((_, octets)) => *octets = rule.octets().max(*octets),
                None => found.push((&yes.signal, rule.octets())),
            }
        }
    }
    found
}

/// Where a line holds, if it names a path, and what it says.
fn said<'a>(term: Term, value: &'a str, text: &str, reading: Reading) -> (Option<&'a str>, Vec<Statement>) {
    match term {
        Term::Usage => {
            let (path, rest) = aipref::split_path(value);
            (path, aipref::of_robots(rest, reading))
        }
        Term::Signal => {
            let (path, rest) = aipref::split_path(value);
            (path, content_signal::of_robots(rest, reading))
        }
        Term::NoTraining => (no_training_path(value, reading), training(Verdict::Deny, text)),
        Term::NoTrainingAdHoc => (no_training_path(value, reading), training(plain_no(reading), text)),
        // "AllowAITraining: no" speaks of no path called "no".
        Term::Training if directive::is_no(value) => (None, training(plain_no(reading), text)),
        Term::Training => (Some(value), training(Verdict::Allow, text)),
        Term::NoIndex => {
            let verdict = if reading == Reading::Strict { Verdict::Deny } else { Verdict::Info };
            (Some(value), vec![Statement::new("robots.noindex", Category::Index, verdict, text)])
        }
        Term::TdmReservation => (None, tdm(value, text, reading)),
        Term::AdHoc => (None, ad_hoc(value, text, reading)),
        Term::License => (None, Vec::new()),
    }
}

fn as_malformed(statement: &mut Statement) {
    if statement.verdict == Verdict::Deny {
        statement.verdict = Verdict::MalformedDeny;
    }
}

/// `DisallowAITraining: private/` was meant to match.
fn rooted(path: &str) -> Vec<u8> {
    if path.starts_with(['/', '*']) { path.as_bytes().to_vec() } else { [b"/", path.as_bytes()].concat() }
}

/// `DisallowAITraining: true` speaks of no path called "true".
fn no_training_path(value: &str, reading: Reading) -> Option<&str> {
    let is_yes = ["true", "yes", "1", "all", "on"].iter().any(|yes| value.eq_ignore_ascii_case(yes));
    if is_yes && reading == Reading::Strict { None } else { Some(value) }
}

fn plain_no(reading: Reading) -> Verdict {
    if reading == Reading::Strict { Verdict::MalformedDeny } else { Verdict::Info }
}

fn training(verdict: Verdict, text: &str) -> Vec<Statement> {
    vec![Statement::new("robots.ai-training", Category::Train, verdict, text)]
}

fn tdm(value: &str, text: &str, reading: Reading) -> Vec<Statement> {
    let reserves = tdmrep::reservation(value, Reading::Strict).is_some_and(|verdict| verdict != Verdict::Allow);
    let verdict = if reserves { plain_no(reading) } else { Verdict::Info };
    vec![Statement::new("robots.tdm-reservation", Category::Tdm, verdict, text)]
}

/// A meta tag's or header's words as a line of robots.txt.
fn ad_hoc(value: &str, text: &str, reading: Reading) -> Vec<Statement> {
    let key = text.split([':', ' ', ',', ';']).next().unwrap_or_default().trim();
    let is_no_ai = |name, value| matches!(directive::meaning(name, value), Meaning::NoAi | Meaning::NoAiAdHoc);
    let says_no = if is_no_ai(key, None) {
        !directive::is_no(value)
    } else if ["x-robots-tag", "robots"].iter().any(|name| key.eq_ignore_ascii_case(name)) {
        directive::items(value, Reading::Strict).iter().any(|item| is_no_ai(item.name, item.value))
    } else {
        directive::is_no(value)
    };
    if says_no { vec![Statement::new("robots.ad-hoc", Category::Train, plain_no(reading), text)] } else { Vec::new() }
}
