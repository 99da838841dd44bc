//! Plain words about training in a file named ai.txt, whatever its format: `Training: deny`,
//! `"ai-training": false`, `Disallow-AI-Training: /`, `train-ai=n`.

use super::{
    media::{Paths, Pattern},
    plain_no,
};
use crate::{directive::is_no, findings::clip, policy::Reading, statement::Statement};
use schema::{Category, Evidence};

/// Most kept of a file.
const MOST: usize = 64;

/// Names that speak of training; a negative value is a no. Compared without `-`, `_` and blanks.
const PERMISSIONS: [&str; 17] = [
    "training",
    "train",
    "aitraining",
    "aitrain",
    "trainai",
    "traingenai",
    "allowtraining",
    "allowaitraining",
    "trainingallowed",
    "aitrainingallowed",
    "permittraining",
    "allowtrain",
    "modeltraining",
    "datatrainingallowed",
    "machinelearning",
    "spawning",
    "dataset",
];
/// Names that say no by themselves: their value is a path, or yes.
const PROHIBITIONS: [&str; 7] =
    ["disallowaitraining", "disallowtraining", "noaitraining", "notraining", "denytraining", "noai", "blockaitraining"];
/// Under a name of the first kind, names of what is said of it (`training: { allowed: false }`).
const DETAILS: [&str; 8] = ["allow", "allowed", "permitted", "permission", "policy", "status", "value", "enabled"];

/// A no in words of its own.
#[derive(Clone, Debug)]
pub(super) struct AdHoc {
    said: Said,
    line: usize,
    text: Box<str>,
}

#[derive(Clone, Debug)]
enum Said {
    /// No, for these paths.
    No(Pattern),
    /// Only what is spoken of.
    Subject,
}

/// What became of a line: a statement, whether it says no or takes one back, or nothing of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Statement,
    Nothing,
}

impl AdHoc {
    /// Reads a line and adds what it says to `found`.
    pub(super) fn read(line: &str, number: usize, found: &mut Vec<Self>) -> Heard {
        // A subject without a word on it waits for the next line only.
        let subject = found.pop_if(|last| matches!(last.said, Said::Subject));
        let pairs_of = line.split([',', ';']).filter_map(|part| part.split_once([':', '=']));
        for (name, value) in pairs_of.flat_map(|(name, value)| pairs(name, value)) {
            let (name, value) = (plain(name), bare(value));
            let said = said(&name, value, subject.is_some()).filter(|_| found.len() < MOST);
            if let Some(said) = said {
                let text = clip(line.trim(), Evidence::MAX_RAW_BYTES).into();
                found.push(Self { said, line: number, text });
                return Heard::Statement;
            }
            // `no-ai-training: false` takes back its own words, which must not be read as prose.
            if PROHIBITIONS.contains(&name.as_str()) && is_no(value) {
                return Heard::Statement;
            }
        }
        Heard::Nothing
    }

    /// Whether it speaks of these paths.
    pub(super) fn holds(&self, paths: &Paths) -> bool {
        matches!(&self.said, Said::No(pattern) if paths.forms().any(|form| pattern.matches(form)))
    }

    pub(super) fn statement(&self, reading: Reading) -> Statement {
        let place = format!("line {}", self.line);
        Statement::new("ai-txt.ad-hoc", Category::Train, plain_no(reading), &self.text).at(place)
    }
}

/// `Content-Signal: ai-train=no` holds a pair within a pair.
fn pairs<'a>(name: &'a str, value: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    std::iter::once((name, value)).chain(value.split_once(['=', ':']))
}

/// What a pair says; `of_training` if the line before named training as its subject.
fn said(name: &str, value: &str, of_training: bool) -> Option<Said> {
    let is_permission = PERMISSIONS.contains(&name) || (of_training && DETAILS.contains(&name));
    if is_permission && value.is_empty() {
        Some(Said::Subject)
    } else if is_permission && is_negative(value) {
        Pattern::read("*").map(Said::No)
    } else if PROHIBITIONS.contains(&name) {
        prohibited(value).map(Said::No)
    } else {
        None
    }
}

/// `Disallow-AI-Training: /art/`, `no-ai-training: true`; an empty value or a no forbids nothing.
fn prohibited(value: &str) -> Option<Pattern> {
    if value.starts_with(['/', '*']) {
        return Pattern::read(value);
    }
    Pattern::read("*").filter(|_| !value.is_empty() && !is_no(value))
}

fn is_negative(value: &str) -> bool {
    const WORDS: [&str; 16] = [
        "no",
        "none",
        "never",
        "false",
        "deny",
        "denied",
        "disallow",
        "disallowed",
        "forbid",
        "forbidden",
        "prohibited",
        "prohibit",
        "block",
        "blocked",
        "not",
        "opt-out",
    ];
    let first = value.split(|c: char| !(c.is_alphanumeric() || c == '-')).next().unwrap_or_default();
    is_no(value) || first == "reserved" || WORDS.iter().any(|word| first.eq_ignore_ascii_case(word))
}

/// A name without quotes, list marks, `-`, `_` and blanks, in lower case.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric).take(32);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// A value without the quotes and brackets of JSON and YAML.
fn bare(value: &str) -> &str {
    value.trim_matches(|c: char| c.is_whitespace() || "\"'{}[],".contains(c))
}
