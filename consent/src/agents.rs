//! Names of AI crawlers and what they collect for: the table behind rule R-AI.
//!
//! By RFC 9309 a group binds only the crawler it names. But a site that shuts out `img2dataset`,
//! `CCBot` or `Google-Extended` (a control token that sends no request at all) states a purpose
//! it does not want served, and strict mode takes that as said to everyone who serves it.

use std::{collections::HashMap, sync::LazyLock};

/// What a named crawler collects for. Ordered by weight: the first in a shared group is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Dataset,
    Training,
    Assistant,
    Ambiguous,
}

impl Class {
    /// Whether a no to this crawler is a no to us (strict mode).
    pub(crate) fn shares_our_purpose(self) -> bool {
        matches!(self, Self::Dataset | Self::Training)
    }

    fn of(name: &str) -> Option<Self> {
        match name {
            "dataset" => Some(Self::Dataset),
            "training" => Some(Self::Training),
            "assistant" => Some(Self::Assistant),
            "ambiguous" => Some(Self::Ambiguous),
            _ => None,
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Agent {
    /// As its operator writes it.
    pub(crate) name: &'static str,
    /// As it is compared: lower case.
    pub(crate) token: String,
    pub(crate) class: Class,
}

const TABLE: &str = include_str!("../data/agents.tsv");

/// All rows, in the order of the file.
pub(crate) static AGENTS: LazyLock<Vec<Agent>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

/// Places in the table by token.
static PLACES: LazyLock<HashMap<&'static [u8], usize>> =
    LazyLock::new(|| (0..).zip(AGENTS.iter()).map(|(place, agent)| (agent.token.as_bytes(), place)).collect());

/// The class of a name, if the table knows it. `name` must be lower case.
pub(crate) fn class_of(name: &str) -> Option<Class> {
    find(name.as_bytes()).map(|(_, agent)| agent.class)
}

/// The row of a name and its place in the table. `name` must be lower case.
pub(crate) fn find(name: &[u8]) -> Option<(usize, &'static Agent)> {
    let place = *PLACES.get(name)?;
    Some((place, &AGENTS[place]))
}

fn row(line: &'static str) -> Option<Agent> {
    if line.starts_with('#') {
        return None;
    }
    let (name, class) = line.split_once('\t')?;
    Some(Agent { name, token: name.to_ascii_lowercase(), class: Class::of(class)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read_and_no_name_stands_twice() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(AGENTS.len(), lines);
        assert_eq!(PLACES.len(), lines);
        assert_eq!(class_of("img2dataset"), Some(Class::Dataset));
        assert_eq!(class_of("google-extended"), Some(Class::Training));
        assert_eq!(class_of("img"), None);
        assert!(!class_of("chatgpt-user").unwrap().shares_our_purpose());
    }

    #[test]
    fn the_version_in_the_file_is_the_policys() {
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }
}
