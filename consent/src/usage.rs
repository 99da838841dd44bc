//! What Content-Usage and Content-Signal have in common: a table of labels, and pairs of a label
//! and a value, however written.

use crate::directive::{self, Meaning, meaning};
use schema::Category;
use std::sync::LazyLock;

/// Which of the two is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    Aipref,
    Signal,
}

/// What a no to a label does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Deny,
    Record,
    /// It refuses in strict mode only: the label is another's.
    Misnomer,
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Label {
    carrier: Carrier,
    pub(crate) name: &'static str,
    pub(crate) effect: Effect,
    pub(crate) category: Category,
}

const TABLE: &str = include_str!("../data/usage.tsv");

static LABELS: LazyLock<Vec<Label>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

/// The label of that name. Names are case-sensitive (RFC 9651 section 3.1.2).
pub(crate) fn label(carrier: Carrier, name: &str) -> Option<&'static Label> {
    LABELS.iter().find(|label| label.carrier == carrier && label.name == name)
}

fn row(line: &'static str) -> Option<Label> {
    if line.starts_with('#') {
        return None;
    }
    let mut columns = line.split('\t');
    let carrier = match columns.next()? {
        "aipref" => Carrier::Aipref,
        "signal" => Carrier::Signal,
        _ => return None,
    };
    let name = columns.next()?;
    let effect = match columns.next()? {
        "deny" => Effect::Deny,
        "record" => Effect::Record,
        "misnomer" => Effect::Misnomer,
        _ => return None,
    };
    let category = match columns.next()? {
        "access" => Category::Access,
        "index" => Category::Index,
        "train" => Category::Train,
        "gen-train" => Category::GenTrain,
        "tdm" => Category::Tdm,
        "cache-copy" => Category::CacheCopy,
        "inference" => Category::Inference,
        _ => return None,
    };
    Some(Label { carrier, name, effect, category })
}

/// Labels whose no can be made out in a text that may follow no grammar at all: `Train-AI=n`,
/// `train-ai: no`, `train_ai = "N"`, `train-ai=?0`, and `noai` all by itself.
pub(crate) fn plain_noes(carrier: Carrier, text: &str) -> Vec<&'static Label> {
    let mut found: Vec<&'static Label> = Vec::new();
    for (key, value) in pairs(text) {
        let says_no = value.is_some_and(is_plain_no);
        let name = if value.is_none() && is_bare_no(key) { "ai".to_owned() } else { plain_name(key) };
        let Some(label) = label(carrier, &name).filter(|_| says_no || value.is_none() && is_bare_no(key)) else {
            continue;
        };
        if !found.iter().any(|known| known.name == label.name) {
            found.push(label);
        }
    }
    found
}

/// The pairs of a text, in order. `=` and `:` join, blanks around them do not matter; what has no
/// value stands alone.
pub(crate) fn pairs(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut words = words(text).peekable();
    std::iter::from_fn(move || {
        let key = words.by_ref().find_map(Word::text)?;
        let mut joined = false;
        while words.next_if(|word| matches!(word, Word::Joint)).is_some() {
            joined = true;
        }
        // "train-ai no": the joint was forgotten.
        let takes = |word: &Word<'_>| word.text().is_some_and(|text| joined || is_plain_no(text));
        Some((key, words.next_if(takes).and_then(Word::text)))
    })
}

#[derive(Clone, Copy, Debug)]
enum Word<'a> {
    Text(&'a str),
    /// `=` or `:`
    Joint,
    /// `,` or `;`
    End,
}

impl<'a> Word<'a> {
    fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Joint | Self::End => None,
        }
    }
}

/// Quotes and brackets around a word carry no meaning.
fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let is_blank =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | '[' | ']' | '{' | '}' | '“' | '”');
    let is_sign = |c: char| matches!(c, '=' | ':' | ',' | ';' | '，' | '；' | '：');
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(is_blank);
        let first = rest.chars().next()?;
        let end = rest.find(|c| is_blank(c) || is_sign(c)).unwrap_or(rest.len()).max(first.len_utf8());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(match first {
            '=' | ':' | '：' => Word::Joint,
            ',' | ';' | '，' | '；' => Word::End,
            _ => Word::Text(word),
        })
    })
}

/// `Train_AI` is `train-ai`.
fn plain_name(key: &str) -> String {
    const LONGEST: usize = 32;
    if key.len() > LONGEST { String::new() } else { key.to_ascii_lowercase().replace('_', "-") }
}

fn is_plain_no(value: &str) -> bool {
    const NOES: [&str; 9] =
        ["?0", "never", "denied", "disallowed", "not-allowed", "prohibited", "prohibit", "forbidden", "reserved"];
    directive::is_no(value) || NOES.iter().any(|no| value.eq_ignore_ascii_case(no))
}

fn is_bare_no(word: &str) -> bool {
    matches!(meaning(word, None), Meaning::NoAi | Meaning::NoAiAdHoc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read_and_no_label_stands_twice() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(LABELS.len(), lines);
        for (place, label) in LABELS.iter().enumerate() {
            let same = |other: &Label| (other.carrier, other.name) == (label.carrier, label.name);
            assert!(!LABELS[..place].iter().any(same), "{}", label.name);
        }
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }

    #[test]
    fn pairs_are_found_however_written() {
        for (text, expected) in [
            ("a=b", &[("a", Some("b"))][..]),
            (" a = b , c:d;e ", &[("a", Some("b")), ("c", Some("d")), ("e", None)]),
            ("a=\"b\", (c)", &[("a", Some("b")), ("c", None)]),
            ("a==b", &[("a", Some("b"))]),
            ("a=,b", &[("a", None), ("b", None)]),
            ("=b", &[("b", None)]),
            ("a no b", &[("a", Some("no")), ("b", None)]),
            ("a b", &[("a", None), ("b", None)]),
            ("", &[]),
            (",;=:", &[]),
        ] {
            assert_eq!(pairs(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn noes_are_found_however_written() {
        for (text, expected) in [
            ("train-ai=n", &["train-ai"][..]),
            ("Train_AI : NO", &["train-ai"]),
            ("train-ai=?0, tdm=false", &["train-ai", "tdm"]),
            ("train-ai=n, train-ai=n", &["train-ai"]),
            ("ai-train=no", &["ai-train"]),
            ("noai", &["ai"]),
            ("noai=false", &[]),
            ("train-ai=y", &[]),
            ("train-ai", &[]),
            ("my-train-ai=n", &[]),
            ("train-ai;allow=n", &[]),
            ("no", &[]),
        ] {
            let found: Vec<_> = plain_noes(Carrier::Aipref, text).iter().map(|label| label.name).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn long_texts_take_linear_time() {
        for text in ["=".repeat(1 << 20), "a,".repeat(1 << 19), "no ".repeat(1 << 18), "train-ai=n;".repeat(100_000)] {
            assert!(plain_noes(Carrier::Aipref, &text).len() <= 1);
        }
    }
}
