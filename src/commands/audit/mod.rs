//! `audit`: the funnel, who contributed and who was refused, what changed, and the path of one picture.

mod compare;
mod trace;

use super::funnel;
use crate::{
    cli::{self, AuditFormat, AuditSort},
    exit::{Stop, json as pretty, print},
};
use index::{
    Audit, By, Dataset, Funnel, Gone,
    audit::{self, Question, ScoreTable, Sort},
    sql::Format,
};
use serde_json::json;
use std::{collections::BTreeSet, path::Path, process::ExitCode};

/// Groups told of to people.
const TOP: usize = 50;

/// Prints what was asked for.
pub(crate) async fn run(what: &cli::Audit) -> Result<ExitCode, Stop> {
    let by: Option<By> = match what.by.as_deref() {
        Some(text) => {
            Some(text.parse().map_err(|problem: String| Stop::yours(problem, "leave `--by` out for the funnel"))?)
        }
        None => None,
    };
    if let Some(sides) = &what.diff {
        return compare::versions(what, by, sides).await;
    }
    if let Some(other) = &what.diff_with {
        return compare::datasets(what, by, other).await;
    }
    let (dataset, gone) = opened(&what.dataset, what.version).await?;
    if let Some(url) = &what.trace {
        return trace::run(what, &dataset, url).await;
    }
    let is_report = by.is_none() && (what.report || what.html.is_some() || what.format == AuditFormat::Html);
    if by.is_none() {
        only_for_groups(what, is_report)?;
    }
    told(gone, by.is_some() || is_report || !what.scores, what.scores || is_report);
    match by {
        Some(by) => groups(what, &dataset, gone, by).await?,
        None if is_report => report(what, &dataset, gone).await?,
        None if what.scores => {
            let scores = audit::scores(&dataset, None, what.condition.as_deref()).await?;
            print(&score_text(&scores, what.format)?)?;
        }
        None => print(&funnel_text(&Funnel::of(&dataset).await?, what.format))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A version of a dataset, and what it no longer has if it is an old one.
async fn opened(location: &str, version: Option<u64>) -> Result<(Dataset, Gone), Stop> {
    Ok(Dataset::open_what_is_left(location, version).await?)
}

/// The log has counts of files that are gone, but no scores.
fn told(gone: Gone, has_counts: bool, has_scores: bool) {
    if !gone.is_nothing() {
        let how = match (has_counts, has_scores) {
            (true, false) => "they are counted by the log",
            (true, true) => "they are counted by the log, and no quantile is of them",
            (false, _) => "no quantile is of them",
        };
        eprintln!(
            "note: {} samples and {} rows of the ledger of this version lie in files that a takedown or a vacuum deleted since; \
             {how}",
            gone.samples, gone.ledger
        );
    }
}

/// Refuses what would do nothing where nothing is counted by groups of the user's choice.
fn only_for_groups(what: &cli::Audit, is_report: bool) -> Result<(), Stop> {
    let (used, why): (&[&str], &str) = if is_report {
        (&["--where", "--top"], "a report has columns and an order of its own")
    } else if what.scores {
        (&["--where"], "these quantiles are over all rows")
    } else {
        (&[], "the funnel is always of all rows")
    };
    let given = [
        ("--where", what.condition.is_some()),
        ("--top", what.top.is_some()),
        ("--min-rows", what.min_rows.is_some()),
        ("--sort", what.sort.is_some()),
        ("--reasons", what.reasons),
        ("--stages", what.stages),
    ];
    match given.iter().find(|(name, given)| *given && !used.contains(name)) {
        Some((name, _)) => Err(Stop::yours(
            format!("`{name}` is given without `--by`, and {why}"),
            "count by something: `--by image-domain`, `--by reason`, …",
        )),
        None => Ok(()),
    }
}

/// What is asked, with so many groups as fit the format. With scores these are few for programs, too, since quantiles of all
/// groups are held in memory at once.
fn question(what: &cli::Audit, by: By) -> Question {
    let is_short = matches!(what.format, AuditFormat::Table | AuditFormat::Html) || what.scores;
    let sort = match what.sort {
        None | Some(AuditSort::Candidates) => Sort::Candidates,
        Some(AuditSort::Refused) => Sort::Refused,
        Some(AuditSort::Failed) => Sort::Failed,
        Some(AuditSort::Filtered) => Sort::Filtered,
        Some(AuditSort::Kept) => Sort::Kept,
    };
    Question {
        by,
        condition: what.condition.clone(),
        top: what.top.or(is_short.then_some(TOP)),
        min_rows: what.min_rows.unwrap_or_default(),
        sort,
    }
}

async fn groups(what: &cli::Audit, dataset: &Dataset, gone: Gone, by: By) -> Result<(), Stop> {
    let audit = Audit::of(dataset, &question(what, by), gone).await?;
    let scores = if what.scores {
        let names: BTreeSet<String> = audit.rows.iter().map(|row| row.name.clone()).collect();
        Some(audit::scores(dataset, Some((by, &names)), what.condition.as_deref()).await?)
    } else {
        None
    };
    let text = match (what.format, &scores) {
        (AuditFormat::Html, _) => audit::audit_page(&audit, scores.as_ref()),
        (AuditFormat::Json, None) => pretty(&audit)?,
        (AuditFormat::Json, Some(scores)) => pretty(&json!({ "audit": audit, "scores": scores }))?,
        // One file of CSV is one table.
        (AuditFormat::Csv, Some(scores)) => score_text(scores, what.format)?,
        (AuditFormat::Csv, None) => index::sql::format(&[audit.to_batch(what.stages, what.reasons)?], Format::Csv)?,
        (AuditFormat::Table, _) => {
            let mut text = index::sql::format(&[audit.to_batch(what.stages, what.reasons)?], Format::Table)?;
            text += &notes(&audit);
            if let Some(scores) = &scores {
                text += &score_text(scores, what.format)?;
            }
            text
        }
    };
    if let Some(file) = &what.html {
        // Programs are told of all groups on stdout, people on the page of the first.
        let audit = audit.cut(what.top.unwrap_or(TOP));
        write(file, &audit::audit_page(&audit, scores.as_ref()))?;
    }
    print(&text)
}

/// What a table of counts does not say.
fn notes(audit: &Audit) -> String {
    let mut text = String::new();
    if audit.kept.groups > 1 {
        let shares: Vec<String> =
            audit.kept.top.iter().map(|top| format!("{} {:.1} %", top.groups, top.share * 100.0)).collect();
        text += &format!(
            "samples by {}: the largest {}; half of them are of {} of {} groups; Gini {:.3}, Herfindahl {:.4}\n",
            audit.by.name(),
            shares.join(", "),
            audit.kept.half,
            audit.kept.groups,
            audit.kept.gini,
            audit.kept.herfindahl
        );
    }
    if let Some(list) = audit.suffix_list {
        text += &format!("registrable domains by the {list}\n");
    }
    text
}

fn score_text(scores: &ScoreTable, format: AuditFormat) -> Result<String, Stop> {
    Ok(match format {
        AuditFormat::Json => pretty(scores)?,
        AuditFormat::Csv => index::sql::format(&[scores.to_batch()?], Format::Csv)?,
        AuditFormat::Table | AuditFormat::Html => index::sql::format(&[scores.to_batch()?], Format::Table)?,
    })
}

async fn report(what: &cli::Audit, dataset: &Dataset, gone: Gone) -> Result<(), Stop> {
    let report = audit::report(dataset, gone, what.condition.as_deref(), what.top.unwrap_or(TOP)).await?;
    if let Some(file) = &what.html {
        write(file, &audit::report_page(&report))?;
    }
    match what.format {
        AuditFormat::Html => print(&audit::report_page(&report)),
        AuditFormat::Json => print(&pretty(&report)?),
        AuditFormat::Table if what.html.is_some() => print(&funnel::table(&Funnel::of(dataset).await?)),
        AuditFormat::Table | AuditFormat::Csv => Err(Stop::yours(
            "a whole report is no table",
            "`--format json`, `--format html` or `--html FILE`; or one side of it with `--by`",
        )),
    }
}

/// A file that is there whole or not at all.
fn write(file: &Path, text: &str) -> Result<(), Stop> {
    let unfinished = file.with_added_extension("unfinished");
    let written = std::fs::write(&unfinished, text).and_then(|()| std::fs::rename(&unfinished, file));
    written.map_err(|error| {
        Stop::yours(format!("`{}` cannot be written: {error}", file.display()), "name a file in a folder that is there")
    })
}

fn funnel_text(funnel: &Funnel, format: AuditFormat) -> String {
    match format {
        AuditFormat::Table | AuditFormat::Html => funnel::table(funnel),
        AuditFormat::Json => {
            let Funnel { samples, ledger, removed, near_duplicates, .. } = funnel;
            let check = funnel.check();
            let value = json!({
                "stages": funnel.stages(),
                "samples": samples,
                "ledger": ledger,
                "removed": removed,
                "near_duplicates": near_duplicates,
                "adds_up": check.is_ok(),
                "problem": check.err(),
            });
            format!("{value:#}\n")
        }
        AuditFormat::Csv => {
            let mut text = "stage,outcome,rows\n".to_owned();
            for stage in funnel.stages() {
                text += &format!("{},seen,{}\n", stage.stage, stage.rows.seen());
                text += &format!("{},kept,{}\n", stage.stage, stage.rows.kept());
                for (reason, count) in stage.rows.dropped() {
                    text += &format!("{},{reason},{count}\n", stage.stage);
                }
            }
            text
        }
    }
}
