//! trust.txt (`JournalList`, 2024-04): `datatrainingallowed` speaks for the whole domain.
//!
//! Several lines are not foreseen by the reference document; a no among them stands.

use crate::{directive::is_no, policy::Reading, statement::Statement};
use schema::{Category, Verdict};

/// Most read of a file, and most statements kept of it.
const MAX_BYTES: usize = 1024 * 1024;
const MOST: usize = 64;

/// What a file states. HTML in its place (the soft 404 of a web application) states nothing.
pub(crate) fn statements(body: &[u8], reading: Reading) -> Vec<Statement> {
    let body = &body[..body.len().min(MAX_BYTES)];
    let text = String::from_utf8_lossy(body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body));
    if text.trim_start().starts_with('<') {
        return Vec::new();
    }
    let mut found: Vec<Statement> = Vec::new();
    for (place, line) in text.lines().flat_map(|line| line.split('\r')).enumerate() {
        let Some(verdict) = verdict(line, reading) else { continue };
        let signal = if verdict == Verdict::Allow { "trust-txt.yes" } else { "trust-txt.no" };
        let kept = found.iter().any(|one| one.verdict == verdict);
        if found.len() < MOST || !kept {
            found.push(Statement::new(signal, Category::Train, verdict, line.trim()).at(format!("line {}", place + 1)));
        }
    }
    found
}

/// What a line says, if it is the one we look for.
fn verdict(line: &str, reading: Reading) -> Option<Verdict> {
    let line = line.split('#').next().unwrap_or_default();
    let (name, value) = line.split_once(['=', ':'])?;
    let proper = line.as_bytes().get(name.len()) == Some(&b'=') && is_name(name.trim());
    if !proper && !is_name(&plain(name)) {
        return None;
    }
    let value = value.trim();
    if proper && value.eq_ignore_ascii_case("no") {
        Some(Verdict::Deny)
    } else if proper && value.eq_ignore_ascii_case("yes") {
        Some(Verdict::Allow)
    } else if is_meant_as_no(value) {
        Some(if reading == Reading::Strict { Verdict::MalformedDeny } else { Verdict::Info })
    } else {
        None
    }
}

fn is_name(name: &str) -> bool {
    name.eq_ignore_ascii_case("datatrainingallowed")
}

/// `Data-Training-Allowed`, `"datatrainingallowed"`.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).take(32).collect()
}

/// `no`, `"no"`, `No, thanks`, `false`, `yes, no`.
fn is_meant_as_no(value: &str) -> bool {
    value.split([',', ';']).any(|part| {
        let first = part.split_ascii_whitespace().next().unwrap_or_default();
        is_no(first.trim_matches(['"', '\'', '.', '!', '=', ':'])) || first.eq_ignore_ascii_case("never")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Allow, Deny, Info, MalformedDeny};

    fn verdicts(body: &str, reading: Reading) -> Vec<Verdict> {
        statements(body.as_bytes(), reading).iter().map(|one| one.verdict).collect()
    }

    #[test]
    fn files_are_read() {
        for (body, strict, spec) in [
            ("datatrainingallowed=no", &[Deny][..], &[Deny][..]),
            ("DataTrainingAllowed = No", &[Deny], &[Deny]),
            ("\u{FEFF}datatrainingallowed=no\r\n", &[Deny], &[Deny]),
            ("member=https://a.example/\r\rdatatrainingallowed=no # since 2024", &[Deny], &[Deny]),
            ("datatrainingallowed=yes", &[Allow], &[Allow]),
            ("datatrainingallowed=yes\ndatatrainingallowed=no", &[Allow, Deny], &[Allow, Deny]),
            ("datatrainingallowed=false", &[MalformedDeny], &[Info]),
            ("datatrainingallowed=0", &[MalformedDeny], &[Info]),
            ("datatrainingallowed=n", &[MalformedDeny], &[Info]),
            ("datatrainingallowed: no", &[MalformedDeny], &[Info]),
            ("data-training-allowed=no", &[MalformedDeny], &[Info]),
            ("datatrainingallowed=\"no\"", &[MalformedDeny], &[Info]),
            ("datatrainingallowed=No, thanks.", &[MalformedDeny], &[Info]),
            ("datatrainingallowed=yes,no", &[MalformedDeny], &[Info]),
            ("datatrainingallowed==no", &[MalformedDeny], &[Info]),
            ("# datatrainingallowed=no", &[], &[]),
            ("datatrainingallowed=", &[], &[]),
            ("datatrainingallowed=true", &[], &[]),
            ("datatrainingallowed: yes", &[], &[]),
            ("datatrainingallowed=nobody knows", &[], &[]),
            ("datatrainingallowed no", &[], &[]),
            ("notdatatrainingallowed=no", &[], &[]),
            ("disclosure=https://example.com/datatrainingallowed=no", &[], &[]),
            ("<!doctype html>\ndatatrainingallowed=no", &[], &[]),
            ("", &[], &[]),
        ] {
            assert_eq!(verdicts(body, Reading::Strict), strict, "{body}");
            assert_eq!(verdicts(body, Reading::Spec), spec, "{body}");
        }
    }

    #[test]
    fn a_long_file_is_bounded_and_its_late_no_is_heard() {
        let body = format!("{}datatrainingallowed=no", "datatrainingallowed=yes\n".repeat(10_000));
        let said = statements(body.as_bytes(), Reading::Spec);
        assert_eq!(said.len(), MOST + 1);
        assert_eq!((said[MOST].verdict, said[MOST].place.as_str()), (Deny, "line 10001"));
        assert!(statements("=:#".repeat(300_000).as_bytes(), Reading::Strict).is_empty());
    }
}
