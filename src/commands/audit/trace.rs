//! `audit --trace`: the path of one picture.

use crate::{
    cli::{self, AuditFormat},
    exit::{Stop, json as pretty, print},
};
use index::{
    Dataset,
    audit::{OptedOut, Trace, Traced, trace},
};
use serde_json::{Map, Value};
use std::{fmt::Write, process::ExitCode};

/// Prints everything that is known of `asked`.
pub(super) async fn run(what: &cli::Audit, dataset: &Dataset, asked: &str) -> Result<ExitCode, Stop> {
    let trace = trace(dataset, asked).await?;
    print(&match what.format {
        AuditFormat::Json => pretty(&trace)?,
        AuditFormat::Table => text(&trace),
        AuditFormat::Csv | AuditFormat::Html => {
            return Err(Stop::yours("a trace is neither a table nor a page", "`--format table` or `--format json`"));
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn text(trace: &Trace) -> String {
    let mut text = match trace.found_as {
        Some(found_as) => format!("{} rows, found by {found_as}, version {}\n", trace.rows.len(), trace.version),
        None => format!(
            "`{}` is in no row of version {}, neither in the samples nor in the ledger (looked for {})\n",
            trace.asked,
            trace.version,
            trace.looked_for.join(", ")
        ),
    };
    if let Some(entry) = &trace.opted_out {
        let _ = writeln!(text, "{}", standing(entry));
    }
    if trace.cut {
        text += "cut: the dataset has more such rows, which `pinakes sql` can list\n";
    }
    for traced in &trace.rows {
        row(&mut text, traced);
    }
    text
}

fn standing(OptedOut { kind, value, place }: &OptedOut) -> String {
    format!("a standing opt-out names it: {kind} {value} ({place})")
}

fn row(text: &mut String, traced: &Traced) {
    let Traced { table, row, came, run, opted_out, read_again } = traced;
    let get = |name: &str| shown(row.get(name));
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(text, "  {name:<12} {value}");
        }
    };
    line("", String::new());
    let end = if *table == "samples" {
        "kept: a sample".to_owned()
    } else {
        format!("{} at {}: {}", get("kind"), get("stage"), get("reason"))
    };
    line("END", end);
    line("id", get("id"));
    line("picture", get("url"));
    if get("final_url") != get("url") {
        line("redirected to", get("final_url"));
    }
    line("text", get("text"));
    line(
        "page",
        if get("page_url").is_empty() { "(unknown: a list of URLs named none)".into() } else { get("page_url") },
    );
    line("archive", format!("{} at {}", get("archive"), get("archive_offset")));
    line("captured", get("captured_at"));
    if let Some(command) = read_again {
        line("read again", command.clone());
    }
    line("signal", get("signal"));
    for piece in row.get("evidence").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
        line("heard", heard(piece));
    }
    if let Some(stamp) = row.get("consent").and_then(Value::as_object) {
        let get = |name: &str| shown(stamp.get(name));
        line("consent", format!("mode {}, policy {}", get("mode"), get("policy")));
        line("checked", get("checked"));
        line("heard", if get("heard").is_empty() { "nothing".into() } else { get("heard") });
    } else {
        line("checked", get("checked"));
    }
    line("requests", get("attempts"));
    line("status", get("status"));
    line("seconds", get("seconds"));
    line("fetched", get("fetched_at"));
    line("ended", get("ended_at"));
    line("bytes", get("bytes"));
    line(
        "type, size",
        if get("mime").is_empty() {
            String::new()
        } else {
            format!("{}, {} x {}", get("mime"), get("width"), get("height"))
        },
    );
    line("SHA-256", get("sha256"));
    for score in ["similarity", "aesthetic", "punsafe", "scores", "tags", "model", "language", "license", "cluster"] {
        line(score, get(score));
    }
    if let Some(run) = run {
        line(
            "run",
            format!("{} ({}, pinakes {}): {}", run.id, run.at.format("%Y-%m-%d %H:%M"), run.pinakes, run.command),
        );
    }
    if let Some(came) = came {
        let at = came.at.map_or(String::new(), |at| at.format(", %Y-%m-%d %H:%M").to_string());
        let known = if came.certain { "" } else { ", or before: older files are deleted" };
        let change = came.change.as_deref().unwrap_or_default();
        line("came in", format!("version {} of the {table}{known} ({} {change}{at})", came.version, came.operation));
    }
    if let Some(entry) = opted_out {
        line("opted out", standing(entry));
    }
}

/// One piece of evidence: what, where, when, and in whose words.
fn heard(piece: &Map<String, Value>) -> String {
    let get = |name: &str| shown(piece.get(name));
    let to = if get("addressed_to").is_empty() { String::new() } else { format!(", to {}", get("addressed_to")) };
    let at = if get("seen_at").is_empty() { String::new() } else { format!(", {}", get("seen_at")) };
    format!(
        "{} says {} ({}, {}{to}): {:?} at {}, {}{at}",
        get("signal"),
        get("verdict"),
        get("category"),
        get("scope"),
        get("raw"),
        get("where"),
        get("source")
    )
}

/// A value as people read it; nothing for what is missing or empty.
fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(all)) => all.iter().map(|one| shown(Some(one))).collect::<Vec<_>>().join(", "),
        Some(Value::Object(all)) => {
            all.iter().map(|(name, value)| format!("{name} {}", shown(Some(value)))).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}
