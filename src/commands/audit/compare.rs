//! `audit --diff` and `--diff-with`: what changed.

use super::{opened, question};
use crate::{
    cli::{self, AuditFormat},
    exit::{Stop, json as pretty, print},
};
use index::{
    By,
    audit::{Between, Diff, DiffSide, diff},
    sql::Format,
};
use std::process::ExitCode;

/// Two versions of a dataset, or two crawls in it.
pub(super) async fn versions(what: &cli::Audit, by: Option<By>, sides: &[String]) -> Result<ExitCode, Stop> {
    let mut opened_sides = Vec::new();
    for side in sides {
        let hint = "`pinakes sql DATASET \"select * from versions\"` lists versions, `pinakes audit DATASET --by crawl` crawls";
        let side: DiffSide = side.parse().map_err(|problem: String| Stop::yours(problem, hint))?;
        let (version, crawl, name) = match side {
            DiffSide::Version(version) => (Some(version), None, format!("version {version}")),
            DiffSide::Crawl(crawl) => (None, Some(crawl.clone()), crawl),
        };
        let (dataset, gone) = opened(&what.dataset, version).await?;
        opened_sides.push(Between { dataset, gone, crawl, name });
    }
    let [before, after] = &opened_sides[..] else {
        return Err(Stop::yours("`--diff` compares two", "name both: `--diff 1 3`"));
    };
    show(what, by, before, after).await
}

/// A dataset and another.
pub(super) async fn datasets(what: &cli::Audit, by: Option<By>, other: &str) -> Result<ExitCode, Stop> {
    let (dataset, gone) = opened(&what.dataset, what.version).await?;
    let name = format!("{} (version {})", what.dataset, dataset.version());
    let before = Between { dataset, gone, crawl: None, name };
    let (dataset, gone) = opened(other, None).await?;
    let name = format!("{other} (version {})", dataset.version());
    show(what, by, &before, &Between { dataset, gone, crawl: None, name }).await
}

async fn show(what: &cli::Audit, by: Option<By>, before: &Between, after: &Between) -> Result<ExitCode, Stop> {
    let diff = diff(before, after, &question(what, by.unwrap_or(By::ImageDomain))).await?;
    print(&match what.format {
        AuditFormat::Json => pretty(&diff)?,
        AuditFormat::Csv => index::sql::format(&[diff.to_batch(true)?], Format::Csv)?,
        AuditFormat::Table => text(&diff)?,
        AuditFormat::Html => {
            return Err(Stop::yours("a comparison is no page yet", "`--format table`, `json` or `csv`"));
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

fn text(diff: &Diff) -> Result<String, Stop> {
    let mut text = format!("{} to {}, by {}\n", diff.before.name, diff.after.name, diff.by.name());
    text += &index::sql::format(&[diff.to_batch(false)?], Format::Table)?;
    let changes: Vec<String> = diff.changes.iter().map(|(change, groups)| format!("{groups} {change}")).collect();
    text += &format!("groups: {}\n", changes.join(", "));
    for commit in &diff.commits {
        let counts: Vec<String> = commit.counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let at = commit.at.map_or(String::new(), |at| at.format("%Y-%m-%d %H:%M").to_string());
        let run = commit.run.as_deref().unwrap_or_default();
        text += &format!("version {}: {} {run} {at} {}\n", commit.version, commit.operation, counts.join(", "));
    }
    for note in &diff.notes {
        text += &format!("note: {note}\n");
    }
    Ok(text)
}
