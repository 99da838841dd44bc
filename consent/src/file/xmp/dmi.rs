//! PLUS Data Mining (IPTC Photo Metadata Standard 2023.1): `plus:DataMining` and what is taken for it.

use super::{
    super::keys::{is_refusal, squeeze},
    properties::Property,
};
use crate::{directive::is_no, policy::Reading, statement::Statement};
use schema::{Category, Verdict};
use std::sync::LazyLock;

const TABLE: &str = include_str!("../../../data/plus-dmi.tsv");
const NAMESPACE: &str = "http://ns.useplus.org/ldf/xmp/1.0/";
const VOCABULARY: &str = "http://ns.useplus.org/ldf/vocab/";
const PROHIBITED: &str = "DMI-PROHIBITED";

struct Row {
    code: &'static str,
    label: &'static str,
    verdict: Verdict,
    category: Category,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

/// What a property says on data mining, if it is about that at all.
pub(super) fn statement(property: &Property<'_>, reading: Reading) -> Option<Statement> {
    if !is_about_mining(property.name) {
        return None;
    }
    if let Some(row) = by_the_letter(property) {
        return Some(Statement::new("plus.dmi", row.category, row.verdict, property.value));
    }
    let (category, refuses) = meaning(property);
    let verdict = if refuses && reading == Reading::Strict { Verdict::MalformedDeny } else { Verdict::Info };
    Some(Statement::new("plus.dmi", category, verdict, property.value))
}

/// `DataMining`; tools before the standard wrote `Iptc4xmpExt:DMI-Prohibited` and the like.
fn is_about_mining(name: &str) -> bool {
    let starts_with = |start: &str| name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    starts_with("DataMining") || starts_with("DMI-") || name.eq_ignore_ascii_case("DMI")
}

/// The standard's own way: its namespace, its vocabulary, said of the file itself.
fn by_the_letter(property: &Property<'_>) -> Option<&'static Row> {
    let code = property.value.strip_prefix(VOCABULARY)?;
    let is_meant = property.is(NAMESPACE, "DataMining") && property.is_of_file;
    ROWS.iter().find(|row| is_meant && row.code == code)
}

/// What is plainly meant, however written: use, and whether it is refused.
fn meaning(property: &Property<'_>) -> (Category, bool) {
    let name = squeeze(property.name);
    if name.starts_with("dmiprohibit") || name == "dmiallowed" {
        // The name states the terms, the value whether they hold; or the value states them, too.
        let refuses = match property.value {
            value if is_refusal(value) => !(name.starts_with("dmiprohibit") && is_no(value)),
            value => name.starts_with("dmiprohibit") && !is_permission(value),
        };
        return (Category::Train, refuses);
    }
    let known = ROWS.iter().find(|row| is_written(row, property.value));
    let category = known.map_or(Category::Train, |row| row.category);
    (category, is_refusal(value_of(property.value)))
}

fn is_permission(value: &str) -> bool {
    ["allowed", "dmiallowed", "unspecified", "dmiunspecified"].contains(&squeeze(value_of(value)).as_str())
}

fn is_written(row: &Row, value: &str) -> bool {
    let value = squeeze(value_of(value));
    value == squeeze(row.code) || value == squeeze(row.label) || Some(&*value) == squeeze(row.code).strip_prefix("dmi")
}

/// The code within an address; a label has slashes of its own (`AI/ML`).
fn value_of(value: &str) -> &str {
    let is_address = value.contains("://") || value.contains("vocab/");
    if is_address { value.trim_end_matches('/').rsplit(['/', '#']).next().unwrap_or(value) } else { value }
}

/// A prohibition in a text whose structure cannot be read: the code as it stands there.
pub(super) fn code_in(text: &str) -> Option<&str> {
    let at = memchr::memmem::find(text.to_ascii_uppercase().as_bytes(), PROHIBITED.as_bytes())?;
    let is_code = |c: char| c.is_ascii_alphabetic() || c == '-';
    let end = text[at..].find(|c| !is_code(c)).map_or(text.len(), |length| at + length);
    text.get(at..end)
}

fn row(line: &'static str) -> Option<Row> {
    if line.starts_with('#') {
        return None;
    }
    let mut columns = line.split('\t');
    let (code, label) = (columns.next()?, columns.next()?);
    let verdict = match columns.next()? {
        "deny" => Verdict::Deny,
        "conditional" => Verdict::Conditional,
        "allow" => Verdict::Allow,
        "info" => Verdict::Info,
        _ => return None,
    };
    let category = match columns.next()? {
        "train" => Category::Train,
        "gen-train" => Category::GenTrain,
        "tdm" => Category::Tdm,
        "info" => Category::Info,
        _ => return None,
    };
    Some(Row { code, label, verdict, category })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(namespace: &str, name: &str, value: &str, is_of_file: bool) -> [Option<Verdict>; 2] {
        let property = Property { namespace, name, value, is_of_file };
        [Reading::Strict, Reading::Spec].map(|reading| statement(&property, reading).map(|said| said.verdict))
    }

    #[test]
    fn the_table_is_whole() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!((ROWS.len(), lines), (9, 9));
        assert!(
            ROWS.iter()
                .all(|row| row.code.starts_with(PROHIBITED) == !matches!(row.verdict, Verdict::Allow | Verdict::Info))
        );
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }

    #[test]
    fn the_letter_is_the_same_in_both_readings() {
        for row in ROWS.iter() {
            let value = format!("{VOCABULARY}{}", row.code);
            assert_eq!(verdicts(NAMESPACE, "DataMining", &value, true), [Some(row.verdict); 2], "{value}");
        }
    }

    #[test]
    fn other_ways_count_in_strict_only() {
        const OTHER: &str = "http://ns.useplus.org/LDF/1.0/";
        const IPTC: &str = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
        const URI: &str = "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED";
        for (namespace, name, value, is_of_file) in [
            (OTHER, "DataMining", URI, true),
            ("https://ns.useplus.org/ldf/xmp/1.0/", "DataMining", URI, true),
            ("", "DataMining", URI, true),
            (NAMESPACE, "dataMining", URI, true),
            (NAMESPACE, "DataMining", URI, false),
            (NAMESPACE, "DataMining", "https://ns.useplus.org/ldf/vocab/DMI-PROHIBITED", true),
            (NAMESPACE, "DataMining", "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED/", true),
            (NAMESPACE, "DataMining", "http://ns.useplus.org/ldf/vocab/dmi-prohibited", true),
            (NAMESPACE, "DataMining", "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-ROBOTS", true),
            (NAMESPACE, "DataMining", "DMI-PROHIBITED-GENAIMLTRAINING", true),
            (NAMESPACE, "DataMining", "Prohibited for Generative AI/ML training", true),
            (NAMESPACE, "DataMining", "Prohibited, see Other Constraints property", true),
            (NAMESPACE, "DataMining", "not allowed", true),
            (IPTC, "DMI-Prohibited", "ProhibitedAiMlTraining", true),
            (IPTC, "DMI-PROHIBITED-AIMLTRAINING", "True", true),
            (IPTC, "DMI-PROHIBITED", "yes", true),
            (IPTC, "DMI", "Prohibited", true),
            (IPTC, "DataMiningAttribute", "ProhibitedGenAiMlTraining", true),
            (IPTC, "DMI-Allowed", "no", true),
        ] {
            let found = verdicts(namespace, name, value, is_of_file);
            assert_eq!(found, [Some(Verdict::MalformedDeny), Some(Verdict::Info)], "{namespace} {name}={value}");
        }
    }

    #[test]
    fn what_is_no_refusal_is_recorded() {
        for (name, value) in [
            ("DataMining", "DMI-ALLOWED"),
            ("DataMining", "http://ns.useplus.org/ldf/vocab/DMI-UNKNOWN"),
            ("DataMining", "NOT-PROHIBITED"),
            ("DataMining", "see contract"),
            ("DMI-Prohibited", "false"),
            ("DMI-Prohibited", "Allowed"),
            ("DMI-Allowed", "Allowed"),
            ("DMI-Allowed", "true"),
        ] {
            assert_eq!(verdicts(NAMESPACE, name, value, true), [Some(Verdict::Info); 2], "{name}={value}");
        }
        assert_eq!(verdicts(NAMESPACE, "Licensor", "DMI-PROHIBITED", true), [None; 2]);
        assert_eq!(verdicts(NAMESPACE, "DMIé", "x", true), [None; 2]);
    }

    #[test]
    fn categories_are_those_of_the_code() {
        let category = |value| {
            let property = Property { namespace: NAMESPACE, name: "DataMining", value, is_of_file: true };
            statement(&property, Reading::Strict).map(|said| said.category)
        };
        assert_eq!(category("DMI-PROHIBITED-GENAIMLTRAINING"), Some(Category::GenTrain));
        assert_eq!(category("Prohibited for AI/ML training"), Some(Category::Train));
        assert_eq!(category("DMI-PROHIBITED"), Some(Category::Tdm));
    }

    #[test]
    fn codes_are_cut_out_of_broken_texts() {
        assert_eq!(code_in("é plus:DataMining=\"dmi-prohibited-aimltraining\""), Some("dmi-prohibited-aimltraining"));
        assert_eq!(code_in("DMI-ALLOWED"), None);
    }
}
