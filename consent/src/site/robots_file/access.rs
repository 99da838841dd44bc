//! Who may come: RFC 9309 for our own token, and rule R-AI for those who collect for the same purpose.

use super::{RobotsFile, Rules};
use crate::{
    Policy,
    agents::Class,
    policy::Reading,
    robots::{NormalPath, Purpose, Rule},
};
use schema::{Category, Evidence, Scope, Verdict};

impl RobotsFile {
    /// RFC 9309 for our own token. In strict mode a no by either reading stands.
    pub(super) fn for_us(&self, rules: &Rules, policy: &Policy, path: &NormalPath) -> Option<Evidence> {
        let exact = rules.exact.rule_for(&policy.agent, path).map(|found| (found, false));
        let lenient = rules.lenient(policy.reading()).and_then(|robots| robots.rule_for(&policy.agent, path));
        let lenient = lenient.map(|found| (found, true));
        let refusing = [exact, lenient].into_iter().flatten().find(|((rule, _), _)| !rule.allows);
        let ((rule, to_all), lenient) = refusing.or(exact)?;
        let to = if to_all { "*" } else { &policy.agent };
        Some(self.of_rule(rules, "robots.own", Category::Access, verdict(rule, lenient), rule, to))
    }

    /// What AI crawlers are told, each line once, and by the letter if it stands so.
    pub(super) fn for_our_purpose(&self, rules: &Rules, policy: &Policy, path: &NormalPath, found: &mut Vec<Evidence>) {
        let mut told: Vec<(&str, u32)> = Vec::new();
        for (purpose, rule, lenient) in rules.purposes(policy.reading(), path) {
            if !told.contains(&(purpose.name, rule.line)) {
                told.push((purpose.name, rule.line));
                found.push(self.of_purpose(rules, policy.reading(), purpose, rule, lenient));
            }
        }
    }

    /// The site's no to a dataset or training crawler for all it has: meant for its other hosts too.
    pub(in crate::site) fn whole_domain_evidence(&self, policy: &Policy) -> Vec<Evidence> {
        let Some(rules) = self.rules() else { return Vec::new() };
        let root = NormalPath::root();
        let mut found = Vec::new();
        for robots in rules.by(policy.reading()) {
            let lenient = !std::ptr::eq(robots, &raw const rules.exact);
            for (purpose, rule) in robots.rules_by_purpose(&root) {
                if purpose.class.shares_our_purpose() && robots.forbids_all(rule) {
                    let mut evidence = self.of_purpose(rules, policy.reading(), purpose, rule, lenient);
                    evidence.scope = Scope::Domain;
                    found.push(evidence);
                }
            }
        }
        found
    }

    fn of_purpose(&self, rules: &Rules, reading: Reading, purpose: &Purpose, rule: &Rule, lenient: bool) -> Evidence {
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
        self.of_rule(rules, "robots.ai-token", category, verdict, rule, purpose.name)
    }

    fn of_rule(
        &self,
        rules: &Rules,
        signal: &str,
        category: Category,
        verdict: Verdict,
        rule: &Rule,
        to: &str,
    ) -> Evidence {
        let mut evidence = self.of_line(signal, category, verdict, rule.line);
        evidence.scope = Scope::Path;
        evidence.raw = rules.words(rule.text);
        evidence.addressed_to = Some(to.to_owned());
        evidence
    }
}

fn verdict(rule: &Rule, lenient: bool) -> Verdict {
    match (rule.allows, lenient) {
        (true, _) => Verdict::Allow,
        (false, false) => Verdict::Deny,
        (false, true) => Verdict::MalformedDeny,
    }
}
