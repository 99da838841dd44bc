//! What the comments of a robots.txt say in words, looked for once per way of reading.

use super::RobotsFile;
use crate::{Policy, findings::Findings, policy::Reading, words};
use schema::Evidence;
use std::sync::OnceLock;

/// What was found, once somebody asked. The phrases that count depend on the reading and on
/// whether copies are kept, and on nothing else of a policy.
#[derive(Debug, Default)]
pub(super) struct Prose([OnceLock<Vec<Evidence>>; 4]);

impl Prose {
    pub(super) fn evidence(&self, policy: &Policy, file: &RobotsFile) -> Vec<Evidence> {
        let way = usize::from(policy.reading() == Reading::Strict) * 2 + usize::from(policy.redistributes);
        self.0[way].get_or_init(|| read(policy, file)).clone()
    }
}

/// They speak for the whole origin: no path is named.
fn read(policy: &Policy, file: &RobotsFile) -> Vec<Evidence> {
    let mut findings = Findings::default();
    for comment in file.comments() {
        for said in words::statements(policy, "robots.comment", &comment.text) {
            let evidence = file.sight.of_statement(&said, &file.place(comment.line));
            findings.add(evidence, &said.raw, said.addressed_to.as_deref());
        }
    }
    findings.into_vec()
}
