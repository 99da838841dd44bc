//! The value of a `TDMRep` reservation (W3C TDM Reservation Protocol, CG-FINAL-tdmrep-20240510).

use crate::policy::Reading;
use schema::Verdict;

/// Reads `tdm-reservation`: 1 reserves, 0 does not, anything else makes no statement.
///
/// Several headers may arrive joined by commas; a 1 among them stands. Strict mode also takes
/// what is plainly meant as 1.
pub(crate) fn reservation(text: &str, reading: Reading) -> Option<Verdict> {
    let mut permits = false;
    let mut meant = false;
    for value in text.split(',').map(str::trim) {
        match value {
            "1" => return Some(Verdict::Deny),
            "0" => permits = true,
            _ => meant |= is_meant_as_one(value),
        }
    }
    match (meant && reading == Reading::Strict, permits) {
        (true, _) => Some(Verdict::MalformedDeny),
        (false, true) => Some(Verdict::Allow),
        (false, false) => None,
    }
}

/// `"1"`, `true`, `1; policy=…`, `1 (see https://…)`.
fn is_meant_as_one(value: &str) -> bool {
    let first = value.split([' ', '\t', ';', '(']).next().unwrap_or_default();
    let word = first.trim_matches(['"', '\'', '.']);
    ["1", "1.0", "true", "yes", "?1", "on", "reserved"].iter().any(|one| word.eq_ignore_ascii_case(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reservations_are_read() {
        for (text, strict, spec) in [
            ("1", Some(Verdict::Deny), Some(Verdict::Deny)),
            ("  1 ", Some(Verdict::Deny), Some(Verdict::Deny)),
            ("1, 1", Some(Verdict::Deny), Some(Verdict::Deny)),
            ("1, 0", Some(Verdict::Deny), Some(Verdict::Deny)),
            ("0, 1", Some(Verdict::Deny), Some(Verdict::Deny)),
            ("0", Some(Verdict::Allow), Some(Verdict::Allow)),
            ("0, true", Some(Verdict::MalformedDeny), Some(Verdict::Allow)),
            ("\"1\"", Some(Verdict::MalformedDeny), None),
            ("true", Some(Verdict::MalformedDeny), None),
            ("TRUE.", Some(Verdict::MalformedDeny), None),
            ("1; policy=https://example.com/p.json", Some(Verdict::MalformedDeny), None),
            ("1 https://example.com/p.json", Some(Verdict::MalformedDeny), None),
            ("reserved", Some(Verdict::MalformedDeny), None),
            ("false", None, None),
            ("10", None, None),
            ("-1", None, None),
            ("2", None, None),
            ("", None, None),
            (",,,", None, None),
        ] {
            assert_eq!(reservation(text, Reading::Strict), strict, "{text}");
            assert_eq!(reservation(text, Reading::Spec), spec, "{text}");
        }
    }
}
