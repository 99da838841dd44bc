//! Keys of PNG text chunks that artists' tools and anti-scraping tools use to say no. No standard
//! defines them, so only strict mode takes them for what they plainly mean.

use crate::{directive::is_no, policy::Reading, statement::Statement, tdmrep};
use schema::{Category, Verdict};

/// What a key says by itself, unless its value takes it back. Squeezed: lower case letters only.
const OBJECTIONS: [&str; 11] = [
    "noai",
    "noimageai",
    "noml",
    "nollm",
    "notrain",
    "noaitraining",
    "notdm",
    "aioptout",
    "aitrainingoptout",
    "donottrain",
    "disallowaitraining",
];
/// Keys that name the use, so that the value decides. Not `AI: none`, which tells how it was made.
const USES: [&str; 5] = ["aitraining", "allowaitraining", "trainai", "datamining", "textanddatamining"];

/// What the text chunk `key` with `value` says, if it is about AI at all.
pub(super) fn statement(key: &str, value: &str, reading: Reading) -> Option<Statement> {
    if key.len() > 79 {
        return None;
    }
    let category = if is_reservation(key) { Category::Tdm } else { Category::Train };
    let objects = objects(key, value)?;
    let verdict = match reading {
        Reading::Strict if objects => Verdict::MalformedDeny,
        _ => Verdict::Info,
    };
    Some(Statement::new("file.noai-key", category, verdict, &format!("{key}: {value}")))
}

/// Whether it is a no; nothing if the key is not about AI.
fn objects(key: &str, value: &str) -> Option<bool> {
    let squeezed = squeeze(key);
    if is_reservation(key) {
        return Some(tdmrep::reservation(value, Reading::Strict).is_some_and(|verdict| verdict != Verdict::Allow));
    }
    if OBJECTIONS.contains(&squeezed.as_str()) || squeezed.starts_with("dmiprohibited") {
        return Some(!is_no(value.trim()));
    }
    USES.contains(&squeezed.as_str()).then(|| is_refusal(value))
}

fn is_reservation(key: &str) -> bool {
    matches!(squeeze(key).as_str(), "tdmreservation" | "tdmreservetdm" | "tdmreserve" | "reservetdm")
}

/// A plain no as the value of a use: `no`, `Prohibited`, `not allowed`, `DMI-PROHIBITED-…`.
pub(super) fn is_refusal(value: &str) -> bool {
    let value = value.trim();
    if value.len() > 256 {
        return false;
    }
    let squeezed = squeeze(value);
    let code = squeezed.strip_prefix("dmi").unwrap_or(&squeezed);
    is_no(value)
        || ["prohibit", "notallowed", "disallow", "forbidden", "notpermitted", "denied", "optout", "reserved"]
            .iter()
            .any(|word| code.starts_with(word))
}

/// Lower case letters only: `AI-Training_Opt Out` and `aiTrainingOptOut` are one key.
pub(super) fn squeeze(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_noes_are_heard() {
        for (key, value, expected) in [
            ("noai", "noindex", Some(Verdict::MalformedDeny)),
            ("noai", "true", Some(Verdict::MalformedDeny)),
            ("noai", "", Some(Verdict::MalformedDeny)),
            ("NoAI", "1", Some(Verdict::MalformedDeny)),
            ("noai", "false", Some(Verdict::Info)),
            ("ai-training-opt-out", "DO NOT USE FOR AI TRAINING", Some(Verdict::MalformedDeny)),
            ("DMI-PROHIBITED", "true", Some(Verdict::MalformedDeny)),
            ("DMI-PROHIBITED-AIMLTRAINING", "", Some(Verdict::MalformedDeny)),
            ("DMI-PROHIBITED", "no", Some(Verdict::Info)),
            ("tdm-reservation", "1", Some(Verdict::MalformedDeny)),
            ("tdm:reserve_tdm", "1", Some(Verdict::MalformedDeny)),
            ("tdm-reservation", "0", Some(Verdict::Info)),
            ("AI-Training", "Not allowed", Some(Verdict::MalformedDeny)),
            ("DataMining", "DMI-PROHIBITED", Some(Verdict::MalformedDeny)),
            ("AI-Training", "allowed", Some(Verdict::Info)),
            ("AI", "none", None),
            ("parameters", "noai", None),
            ("Piano AI", "true", None),
            ("Comment", "noai", None),
        ] {
            let verdict = |reading| statement(key, value, reading).map(|said| said.verdict);
            assert_eq!(verdict(Reading::Strict), expected, "{key}={value}");
            assert_eq!(verdict(Reading::Spec), expected.map(|_| Verdict::Info), "{key}={value}");
        }
    }
}
