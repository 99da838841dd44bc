//! JSON Lines: `{"type":"domain","value":"example.com","date":"2026-01-02","evidence":"mail 7"}`.

use super::{Lines, Numbered, Problem, Row, is_blank};
use serde::Deserialize;
use std::borrow::Cow;

/// One line; keys that are not known are not looked at.
#[derive(Deserialize)]
struct Line<'t> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'t, str>,
    #[serde(borrow)]
    value: Cow<'t, str>,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    evidence: Option<String>,
}

pub(super) fn rows(text: &str) -> impl Iterator<Item = Numbered<'_>> {
    let lines = Lines::new(text).map(|(number, line)| (number, line.trim())).filter(|(_, line)| !is_blank(line));
    lines.map(|(number, line)| (number, row(line)))
}

fn row(line: &str) -> Result<Row<'_>, Problem> {
    let hint = "write `{\"type\": \"domain\", \"value\": \"example.com\"}`, one object a line; \
                `date` and `evidence` may follow, as text";
    let read: Line<'_> = serde_json::from_str(line).map_err(|error| {
        // The line is counted here; serde_json's own count is always 1.
        let told = error.to_string();
        let told = told.split(" at line ").next().unwrap_or_default();
        Problem::new(format!("is no entry: {told} (column {})", error.column()), hint)
    })?;
    let Line { kind, value, date, evidence } = read;
    Ok(Row { kind, value, date: date.unwrap_or_default().into(), proof: evidence.unwrap_or_default().into() })
}
