//! What a robots.txt says of use: each family of lines by its own rule of precedence.

use super::{RobotsFile, Rules};
use crate::{
    Policy, content_signal,
    findings::Findings,
    policy::Reading,
    robots::{NormalPath, Robots, Term, TermRule, standing},
    statement::Statement,
};
use schema::{Evidence, Scope, Verdict};

/// Lines that lift only each other.
const FAMILIES: [&[Term]; 6] = [
    &[Term::Usage],
    &[Term::Signal],
    &[Term::NoTraining, Term::NoTrainingAdHoc, Term::Training],
    &[Term::NoIndex],
    &[Term::TdmReservation],
    &[Term::AdHoc],
];
const LICENSE: &[Term] = &[Term::License];

impl RobotsFile {
    /// The `License` lines that hold for us, which `site::licenses` makes evidence of. In strict mode also those said to AI crawlers, and,
    /// unless the file names us, those in any group: mostly a plugin appended one to whatever
    /// group came last.
    pub(in crate::site) fn licenses(&self, policy: &Policy) -> Vec<&TermRule> {
        let Some(rules) = self.rules() else { return Vec::new() };
        if !rules.by(policy.reading()).any(Robots::speaks_of_use) {
            return Vec::new();
        }
        let mut held: Vec<&TermRule> = Vec::new();
        for robots in rules.by(policy.reading()) {
            let (own, to_all) = robots.terms_for(&policy.agent, LICENSE);
            let mut named: Vec<&TermRule> = own.collect();
            if policy.reading() == Reading::Strict {
                named.extend(robots.terms_by_purpose(LICENSE).flat_map(|(_, rules)| rules));
                if to_all {
                    named.extend(robots.terms_by_group(LICENSE).flatten());
                }
            }
            for rule in named {
                if !held.iter().any(|known| known.line == rule.line) {
                    held.push(rule);
                }
            }
        }
        held
    }

    /// Adds what is said of use at `path`.
    pub(super) fn add_terms(&self, rules: &Rules, policy: &Policy, path: &NormalPath, found: &mut Vec<Evidence>) {
        if !rules.by(policy.reading()).any(Robots::speaks_of_use) {
            return;
        }
        let mut findings = Findings::default();
        // The lenient reading first: what it takes for a no, the letter takes for a remark.
        let lenient = rules.lenient(policy.reading()).into_iter();
        for robots in lenient.chain([&rules.exact]).filter(|robots| robots.speaks_of_use()) {
            let terms = Terms { file: self, policy, robots, path };
            for kinds in FAMILIES {
                terms.add(&mut findings, kinds);
            }
        }
        found.extend(findings.into_vec());
    }
}

/// What one reading of a file says of use at one path.
struct Terms<'a> {
    file: &'a RobotsFile,
    policy: &'a Policy,
    robots: &'a Robots,
    path: &'a NormalPath,
}

impl Terms<'_> {
    fn add(&self, findings: &mut Findings, kinds: &'static [Term]) {
        let reading = self.policy.reading();
        let (own, to_all) = self.robots.terms_for(&self.policy.agent, kinds);
        let own = standing(own, self.path, reading);
        let welcome = !to_all && own.iter().any(|(_, said)| said.verdict == Verdict::Allow);
        self.add_all(findings, own, Some(if to_all { "*" } else { &self.policy.agent }));
        if reading == Reading::Spec {
            return;
        }
        // Rule R-AI: what is said of use to an AI crawler is said of the purpose.
        for (purpose, rules) in self.robots.terms_by_purpose(kinds) {
            if purpose.class.shares_our_purpose() {
                self.add_all(findings, standing(rules, self.path, reading), Some(purpose.name));
            }
        }
        // A Content-Signal names the use itself, so it is a no whomever the group names; unless the
        // file has a group for us that says yes.
        if kinds.contains(&Term::Signal) && !welcome {
            for rules in self.robots.terms_by_group(kinds) {
                self.add_all(findings, standing(rules, self.path, reading), None);
            }
        }
    }

    /// Adds what was not said already of the same line.
    fn add_all(&self, findings: &mut Findings, said: Vec<(&TermRule, &Statement)>, to: Option<&str>) {
        for (rule, statement) in said {
            let evidence = self.evidence(rule, statement, to);
            let said_already = |known: &Evidence| {
                let of_the_same_line = (&known.signal, &known.place) == (&evidence.signal, &evidence.place);
                of_the_same_line && (known.denies() || !evidence.denies())
            };
            if !findings.iter().any(said_already) {
                findings.add(evidence, &rule.text, to);
            }
        }
    }

    fn evidence(&self, rule: &TermRule, statement: &Statement, to: Option<&str>) -> Evidence {
        let verdict = content_signal::weighed(statement, self.policy);
        let mut evidence = self.file.of_line(&statement.signal, statement.category, verdict, rule.line);
        evidence.scope = if rule.term == Term::TdmReservation { Scope::Origin } else { Scope::Path };
        evidence.raw = rule.text.to_string();
        evidence.addressed_to = to.map(str::to_owned);
        evidence
    }
}
