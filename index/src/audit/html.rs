//! A report as one page for people: tables and plots, readable offline, in light and dark.

use super::{Audit, By, Concentration, Quantiles, Report, ScoreTable};
use crate::page::{bars, curve, histogram, page, table};
use maud::{Markup, html};

/// Most bars of a plot; the table below has all rows.
const BARS: usize = 50;

/// The page of one audit.
pub fn audit_page(audit: &Audit, scores: Option<&ScoreTable>) -> String {
    let body = html! {
        p.soft { "Version " (audit.version) ", made by pinakes " (env!("CARGO_PKG_VERSION")) "." }
        (condition(audit.condition.as_deref()))
        (section(audit))
        @if let Some(scores) = scores { (score_section(scores)) }
    };
    page(&format!("Audit by {}", audit.by.name()), &body)
}

/// The page of a whole report.
pub fn report_page(report: &Report) -> String {
    let most_refused = &report.most_refused;
    let refused: Vec<(String, f64)> = most_refused
        .rows
        .iter()
        .filter(|row| row.refused > 0)
        .map(|row| (row.name.clone(), row.refused as f64))
        .collect();
    let body = html! {
        p.soft {
            "Version " (report.version) ", made by pinakes " (report.pinakes) ". " (report.samples) " samples, " (report.ledger)
            " candidates in the ledger, each with its reason"
            @if report.removed > 0 { ", " (report.removed) " rows taken out since" }
            ". "
            @match &report.problem {
                None => "Every row adds up.",
                Some(problem) => { strong { "The rows do not add up: " (problem) } }
            }
        }
        @if !report.gone.is_nothing() {
            p { (report.gone.samples) " samples and " (report.gone.ledger)
                " rows of the ledger of this version lie in files that a takedown or a vacuum deleted since." }
        }
        (condition(report.condition.as_deref()))
        (funnel(report))
        @for audit in &report.audits { (section(audit)) }
        h2 { "Image domains of which most was refused" }
        (bars(&refused))
        (score_section(&report.scores))
        h2 { "Samples by the month of their page" }
        @let months: Vec<_> = report.months.iter().map(|month| (named(&month.month), month.samples as f64)).collect();
        (bars(&months))
        h2 { "Versions" }
        (table(&["version", "when", "operation", "run", "counts"], &commits(report)))
    };
    page("Audit of a dataset", &body)
}

fn condition(condition: Option<&str>) -> Markup {
    html! { @if let Some(condition) = condition { p { "Rows where " code { (condition) } "." } } }
}

fn named(month: &str) -> String {
    if month.is_empty() { "(not known)".into() } else { month.into() }
}

fn funnel(report: &Report) -> Markup {
    let stages: Vec<(String, f64)> =
        report.funnel.iter().map(|stage| (stage.stage.name().to_owned(), stage.rows.kept() as f64)).collect();
    let mut rows = Vec::new();
    for stage in &report.funnel {
        let mut dropped: Vec<_> = stage.rows.dropped().iter().collect();
        dropped.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        rows.push(vec![
            stage.stage.name().to_owned(),
            stage.rows.seen().to_string(),
            stage.rows.kept().to_string(),
            String::new(),
        ]);
        for (reason, count) in dropped {
            rows.push(vec![
                String::new(),
                String::new(),
                count.to_string(),
                format!("{}: {}", reason.name(), reason.explanation()),
            ]);
        }
    }
    html! {
        h2 { "The funnel: what each stage kept" }
        (bars(&stages))
        (table(&["stage", "seen", "kept, dropped", "why"], &rows))
    }
}

/// One audit: bars, table, and how unevenly it is spread.
fn section(audit: &Audit) -> Markup {
    let what = if audit.by == By::ImageDomain { "kept" } else { "candidates" };
    let size = |row: &super::AuditRow| if audit.by == By::ImageDomain { row.kept } else { row.candidates };
    let mut plotted: Vec<(String, f64)> = audit
        .rows
        .iter()
        .take(BARS)
        .map(|row| (row.name.clone(), size(row) as f64))
        .filter(|(_, size)| *size > 0.0)
        .collect();
    plotted.sort_by(|a, b| b.1.total_cmp(&a.1));
    let is_unknown = audit.totals.unknown > 0;
    let mut headers = vec![audit.by.name(), "candidates", "refused", "failed", "filtered", "kept"];
    if is_unknown {
        headers.push("unknown");
    }
    headers.push("reasons");
    let shown = audit.rows.iter().chain(audit.others.iter().map(|others| &others.row)).chain([&audit.totals]);
    let rows: Vec<Vec<String>> = shown
        .map(|row| {
            let reasons = row.reasons.each().map(|(reason, count)| format!("{reason} {count}"));
            let mut cells = vec![row.name.clone()];
            cells.extend(row.numbers().map(|number| number.to_string()));
            if is_unknown {
                cells.push(row.unknown.to_string());
            }
            cells.push(reasons.collect::<Vec<_>>().join(", "));
            cells
        })
        .collect();
    html! {
        h2 { "By " (audit.by.name()) }
        p.soft {
            (audit.groups) " groups, by " (what) "."
            @if let Some(list) = audit.suffix_list { " Registrable domains by the " (list) "." }
        }
        (bars(&plotted))
        (table(&headers, &rows))
        @if audit.kept.groups > 1 { (spread(&audit.kept)) }
    }
}

fn spread(kept: &Concentration) -> Markup {
    let sizes: Vec<Vec<String>> = kept
        .sizes
        .iter()
        .map(|size| vec![format!("{} to {}", size.from, size.to), size.groups.to_string(), size.rows.to_string()])
        .collect();
    html! {
        p {
            @for share in &kept.top { "The largest " (share.groups) " have " (percent(share.share)) ". " }
            "Half of all samples are of " (kept.half) " of " (kept.groups) " groups. Gini " (format!("{:.3}", kept.gini))
            ", Herfindahl " (format!("{:.4}", kept.herfindahl)) "."
        }
        (curve(&kept.lorenz, "share of groups, the smallest first", "share of samples"))
        (table(&["samples in a group", "groups", "samples"], &sizes))
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn score_section(scores: &ScoreTable) -> Markup {
    let columns = ["group", "score", "of", "values", "p1", "p5", "p25", "p50", "p75", "p95", "p99", "method"];
    let rows: Vec<Vec<String>> = scores.rows.iter().map(cells).collect();
    html! {
        h2 { "Scores" }
        (table(&columns, &rows))
        @for row in scores.rows.iter().filter(|row| row.group == "(all)") {
            p { (row.score) " of rows " (row.of) ", " (row.values) " values, median " (format!("{:.4}", row.quantiles["p50"])) }
            (histogram(f64::from(row.least), f64::from(row.most), &row.histogram))
        }
    }
}

fn cells(row: &Quantiles) -> Vec<String> {
    let mut cells = vec![row.group.clone(), row.score.clone(), row.of.to_owned(), row.values.to_string()];
    for name in ["p1", "p5", "p25", "p50", "p75", "p95", "p99"] {
        cells.push(format!("{:.4}", row.quantiles[name]));
    }
    cells.push(row.method.to_owned());
    cells
}

fn commits(report: &Report) -> Vec<Vec<String>> {
    let row = |commit: &crate::table::Commit| {
        let counts = commit.counts.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ");
        let at = commit.at.map_or(String::new(), |at| at.format("%Y-%m-%d %H:%M:%S").to_string());
        vec![commit.version.to_string(), at, commit.operation.clone(), commit.run.clone().unwrap_or_default(), counts]
    };
    report.commits.iter().map(row).collect()
}
