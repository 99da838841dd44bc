//! What the words of a directive list mean: a table, and what a value behind a word makes of it.

use std::sync::LazyLock;

/// What a directive is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Not for AI (`DeviantArt`, 2022).
    NoAi,
    /// The same in words that no announcement defines.
    NoAiAdHoc,
    /// Not in any index.
    NoIndex,
    /// No copy kept, no preview shown; for Bing also: not for training.
    NoCopy,
    /// Not in an index from a day on.
    NoIndexAfter,
    /// Links not followed.
    NoFollow,
    /// Not used, not summed up: said of AI under some names only.
    NoUse,
    /// Text not quoted.
    NoSnippet,
    /// `TDMRep` in the wrong place.
    TdmReservation,
    /// Permits.
    Permission,
    /// Not known.
    Unknown,
}

impl Meaning {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "no-ai" => Self::NoAi,
            "no-ai-ad-hoc" => Self::NoAiAdHoc,
            "no-index" => Self::NoIndex,
            "no-copy" => Self::NoCopy,
            "no-index-after" => Self::NoIndexAfter,
            "no-follow" => Self::NoFollow,
            "no-use" => Self::NoUse,
            "no-snippet" => Self::NoSnippet,
            "tdm-reservation" => Self::TdmReservation,
            "permission" => Self::Permission,
            _ => return None,
        })
    }
}

struct Row {
    word: &'static str,
    /// Present where the word means this with this value alone.
    value: Option<&'static str>,
    meaning: Meaning,
}

const TABLE: &str = include_str!("../../data/directives.tsv");

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

/// Longest word of the table.
const LONGEST: usize = 31;

/// The rows again, by the length of their words: most words asked for have none of theirs.
static BY_LENGTH: LazyLock<[Vec<&'static Row>; LONGEST + 1]> =
    LazyLock::new(|| std::array::from_fn(|length| ROWS.iter().filter(|row| row.word.len() == length).collect()));

/// The rows of words as long as `name`.
fn rows(name: &str) -> &'static [&'static Row] {
    BY_LENGTH.get(name.len()).map_or(&[], Vec::as_slice)
}

/// All words that mean anything, with a value or without.
pub(crate) fn known_words() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.word)
}

/// Whether a word means anything, with a value or without.
pub(crate) fn is_known_word(name: &str) -> bool {
    rows(name).iter().any(|row| name.eq_ignore_ascii_case(row.word))
}

fn row(line: &'static str) -> Option<Row> {
    if line.starts_with('#') {
        return None;
    }
    let mut columns = line.split('\t');
    let (word, meaning) = (columns.next()?, Meaning::of(columns.next()?)?);
    let (word, value) = match word.split_once(':') {
        Some((word, value)) => (word, Some(value)),
        None => (word, None),
    };
    Some(Row { word, value, meaning })
}

/// What a directive means. `noai=false` permits, `okforai=false` does not.
pub(crate) fn meaning(name: &str, value: Option<&str>) -> Meaning {
    let value = value.unwrap_or_default();
    let is_it = |row: &&&Row| {
        name.eq_ignore_ascii_case(row.word) && row.value.is_none_or(|wanted| value.eq_ignore_ascii_case(wanted))
    };
    match rows(name).iter().find(is_it) {
        None => Meaning::Unknown,
        Some(row) if row.value.is_some() => row.meaning,
        Some(row) if row.meaning == Meaning::Permission && is_no(value) => refused_permission(row.word),
        Some(row) if is_false(value) => match row.meaning {
            Meaning::Permission => Meaning::Unknown,
            _ => Meaning::Permission,
        },
        Some(row) => row.meaning,
    }
}

fn refused_permission(word: &str) -> Meaning {
    match word {
        "ai" | "okforai" => Meaning::NoAiAdHoc,
        "index" => Meaning::NoIndex,
        _ => Meaning::Unknown,
    }
}

/// A plain no as value.
pub(crate) fn is_no(value: &str) -> bool {
    is_false(value) || ["disallow", "deny", "none"].iter().any(|no| value.eq_ignore_ascii_case(no))
}

/// A value that turns a no into a yes. `none` and `deny` are more of the same instead.
fn is_false(value: &str) -> bool {
    ["false", "no", "0", "n", "off", "?0"].iter().any(|no| value.eq_ignore_ascii_case(no))
}

/// A value that answers a word rather than being the next word.
pub(super) fn is_truth_value(value: &str) -> bool {
    is_no(value) || ["true", "yes", "1", "y", "on", "?1"].iter().any(|yes| value.eq_ignore_ascii_case(yes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read_and_no_word_stands_twice() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(ROWS.len(), lines.len());
        for (number, line) in lines.iter().enumerate() {
            assert_eq!(line.split('\t').count(), 3, "{line}");
            let word = line.split('\t').next().unwrap();
            assert_eq!(word, word.to_ascii_lowercase());
            assert!(word.len() <= LONGEST);
            assert!(!lines[..number].iter().any(|other| other.split('\t').next() == Some(word)), "{word} stands twice");
        }
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }
}
