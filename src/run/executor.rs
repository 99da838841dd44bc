//! The in-process executor: the tasks of a stage, as many side by side as the stage bears.

use super::{Run, Task};
use crate::{exit::Stop, progress::Progress};
use futures::{StreamExt, stream};
use schema::{Counts, Stage, Tally};
use std::time::Duration;

/// Between two looks at how far a stage is.
const TICK: Duration = Duration::from_secs(1);

/// Tasks of a stage that failed, with what they said.
#[derive(Debug, Default)]
pub(crate) struct Failed(pub(crate) Vec<(Task, Stop)>);

/// Does all open tasks of `stage`. A task that fails does not stop the others.
pub(crate) async fn run_stage(run: &Run, stage: Stage, progress: Progress) -> Result<(Tally, Failed), Stop> {
    let tasks = run.tasks(stage).await?;
    let open = run.open_tasks(stage).await?;
    // What the stage lacks is told before work begins.
    if !open.is_empty() {
        run.prepare(stage).await?;
    }
    run.watch_stage(stage, tasks.len() as u64).await?;
    let mut bar = progress.stage(run, stage);
    let mut tick = tokio::time::interval(TICK);
    let open = &open;
    let mut reports = stream::iter(tasks)
        .map(|task| async move {
            let report = run.perform(&task).await;
            if let (Ok(report), true) = (&report, open.contains(&task)) {
                run.watch_task(stage, &report.rows);
            }
            (task, report)
        })
        .buffer_unordered(side_by_side(stage));
    let mut total = Tally::default();
    let mut counts = Counts::default();
    let mut failed = Failed::default();
    loop {
        let next = tokio::select! {
            next = reports.next() => next,
            _ = tick.tick() => {
                bar.tell();
                continue;
            }
        };
        match next {
            None => break,
            Some((_, Ok(report))) => {
                total += &report.rows;
                counts.pages_unknown += report.counts.pages_unknown;
                for note in &report.counts.notes {
                    bar.note(note);
                }
            }
            Some((task, Err(stop))) => failed.0.push((task, stop)),
        }
        bar.tell();
    }
    if let Some(note) = counts.pages_unknown_note() {
        bar.note(&note);
    }
    bar.finish();
    Ok((total, failed))
}

/// How many tasks of a stage are worth doing at once: extract is bound by the processors, admit
/// and fetch by other people's machines, score by its encoders, whose batches some shards fill together, publish by
/// having one writer.
fn side_by_side(stage: Stage) -> usize {
    match stage {
        Stage::Extract => std::thread::available_parallelism().map_or(2, usize::from),
        Stage::Admit | Stage::Fetch => 8,
        Stage::Score => 4,
        Stage::Publish => 1,
    }
}
