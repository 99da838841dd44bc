//! Names of entries and words of use, from `data/training-mining.tsv`.

use schema::Category;
use std::sync::LazyLock;

/// What a use says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    No,
    /// Under terms that are told elsewhere, or nowhere.
    Condition,
    Yes,
    /// A word nobody defined.
    Unknown,
}

struct Row {
    kind: &'static str,
    spelling: &'static str,
    meaning: &'static str,
}

const TABLE: &str = include_str!("../../../data/training-mining.tsv");

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

/// The entry named so, without prefix, however it is written; and its use.
pub(super) fn entry(name: &str) -> Option<(&'static str, Category)> {
    let plain = plain(name);
    let found = ROWS.iter().find(|row| row.kind == "entry" && self::plain(row.spelling) == plain)?;
    Some((found.spelling, category(found.meaning)))
}

/// What a word says, and whether it is the standard's own.
pub(super) fn word(text: &str) -> (Use, bool) {
    let of = |kind, text: &str| ROWS.iter().find(|row| row.kind == kind && row.spelling == text);
    if let Some(found) = of("use", text) {
        return (meaning(found.meaning), true);
    }
    (of("meant", &plain(text)).map_or(Use::Unknown, |found| meaning(found.meaning)), false)
}

/// As spellings are compared that need not be exact: short, without case, blanks, `-` and `_`.
pub(super) fn plain(text: &str) -> String {
    /// Longer than any spelling with what may be between.
    const LONGEST: usize = 128;
    let letters = text.chars().take(LONGEST).filter(|letter| !matches!(letter, '-' | '_') && !letter.is_whitespace());
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

fn row(line: &'static str) -> Option<Row> {
    let mut cells = line.split('\t');
    let (kind, spelling, meaning) = (cells.next()?, cells.next()?, cells.next()?);
    (!kind.starts_with('#')).then_some(Row { kind, spelling, meaning })
}

fn category(meaning: &str) -> Category {
    match meaning {
        "tdm" => Category::Tdm,
        "inference" => Category::Inference,
        "gen-train" => Category::GenTrain,
        _ => Category::Train,
    }
}

fn meaning(meaning: &str) -> Use {
    match meaning {
        "no" => Use::No,
        "condition" => Use::Condition,
        "yes" => Use::Yes,
        _ => Use::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
        assert_eq!(ROWS.len(), lines.count());
        for row in ROWS.iter() {
            match row.kind {
                "entry" => assert!(["tdm", "inference", "train", "gen-train"].contains(&row.meaning)),
                "use" => assert_ne!(meaning(row.meaning), Use::Unknown),
                "meant" => assert_eq!(
                    (plain(row.spelling), meaning(row.meaning) == Use::Unknown),
                    (row.spelling.into(), false)
                ),
                other => panic!("{other}"),
            }
        }
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }

    #[test]
    fn spellings_are_compared() {
        assert_eq!(entry("data_mining"), Some(("data_mining", Category::Tdm)));
        assert_eq!(entry("AI-Generative Training"), Some(("ai_generative_training", Category::GenTrain)));
        assert_eq!(entry("training"), None);
        for (text, expected) in [
            ("notAllowed", (Use::No, true)),
            ("NOT_ALLOWED", (Use::No, false)),
            (" not allowed ", (Use::No, false)),
            ("Constrained", (Use::Condition, false)),
            ("allowed", (Use::Yes, true)),
            ("Allowed", (Use::Yes, false)),
            ("notAllowedYet", (Use::Unknown, false)),
            ("", (Use::Unknown, false)),
        ] {
            assert_eq!(word(text), expected, "{text}");
        }
    }
}
