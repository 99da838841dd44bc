//! The funnel as a table for people: what came in, what went, and why, stage by stage.

use index::{Funnel, FunnelStage};
use schema::{DropReason, Stage};
use std::{collections::BTreeMap, fmt::Write};

/// The whole funnel, and whether it adds up.
pub(super) fn table(funnel: &Funnel) -> String {
    let mut text = String::new();
    for stage in funnel.stages() {
        write_stage(&mut text, &stage);
    }
    let Funnel { samples, ledger, removed, near_duplicates, .. } = funnel;
    let _ = writeln!(text, "\n{samples:>9}  samples in the dataset");
    if *near_duplicates > 0 {
        let _ = writeln!(text, "{near_duplicates:>20}  of them look like another, which is in it, too (`cluster`)");
    }
    let _ = writeln!(text, "{ledger:>9}  candidates in its ledger, each with its reason");
    if *removed > 0 {
        let _ = writeln!(text, "{removed:>9}  rows taken out since");
    }
    for run in &funnel.runs {
        for round in &run.rounds {
            let index::Round { round, into_samples, into_ledger, still_in_ledger } = round;
            let _ = writeln!(
                text,
                "           round {round}: {into_samples} rows came into the samples, {into_ledger} left them, \
                 {still_in_ledger} were looked at again and stay out"
            );
        }
    }
    match funnel.check() {
        Ok(()) => text.push_str("           every row adds up\n"),
        Err(problem) => {
            let _ = writeln!(text, "           THE ROWS DO NOT ADD UP: {problem}");
        }
    }
    text
}

/// The signals that refused, over all stages, most frequent first.
pub(super) fn signals(funnel: &Funnel) -> String {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for stage in funnel.stages() {
        for (signal, count) in stage.counts.signals {
            *counts.entry(signal).or_default() += count;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.into_iter().fold(String::new(), |mut text, (signal, count)| {
        let _ = writeln!(text, "{count:>9}  {signal}");
        text
    })
}

fn write_stage(text: &mut String, stage: &FunnelStage) {
    let what = match stage.stage {
        Stage::Extract => "images on pages",
        Stage::Admit => "candidates; the hosts of their pages were asked",
        Stage::Fetch => "admitted; the hosts of the images were asked",
        Stage::Score => "downloaded; pictures and texts were scored",
        Stage::Publish => "passed the rules",
    };
    let _ = writeln!(text, "{:>9}  {:<8} {what}", stage.rows.seen(), stage.stage.name());
    if let Some(note) = stage.counts.pages_unknown_note() {
        let _ = writeln!(text, "{:>20}  {note}", "");
    }
    let mut dropped: Vec<(&DropReason, &u64)> = stage.rows.dropped().iter().collect();
    dropped.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    for (reason, count) in dropped {
        let _ = writeln!(text, "{count:>20}  {:<18} {}", reason.name(), reason.explanation());
    }
}
