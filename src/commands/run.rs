//! `run`, the five stages, `tasks` and `task`.

use super::funnel;
use crate::{
    cli::{Job, Retry, Watched},
    exit::{SOME_FAILED, Stop, print},
    library::Library,
    metrics::Metrics,
    progress::Progress,
    run::{Failed, Run, Task, run_stage},
};
use chrono::Utc;
use crawler::fetch::Again;
use filter::runtime::default_search;
use index::{Dataset, Funnel};
use schema::Stage;
use std::{process::ExitCode, sync::Arc};

/// All stages; then the funnel on stdout.
pub(crate) async fn all(work: &Watched, progress: Progress) -> Result<ExitCode, Stop> {
    let run = Arc::new(Run::open(&work.job).await?);
    check_scoring(&run).await?;
    let _metrics = serve_metrics(work, &run).await?;
    let code = stages(&run, progress).await?;
    if code == ExitCode::SUCCESS {
        let dataset = Dataset::open(&dataset_of(&run)).await?;
        print(&funnel::table(&Funnel::of(&dataset).await?))?;
        progress.say(&format!("dataset: {}", dataset_of(&run)));
    }
    Ok(code)
}

/// Whether model and device are here, told now rather than when hours of fetching are over; a run that is scored can do
/// without.
async fn check_scoring(run: &Run) -> Result<(), Stop> {
    for stage in [Stage::Extract, Stage::Admit, Stage::Fetch, Stage::Score] {
        if !run.open_tasks(stage).await?.is_empty() {
            Library::of(&run.config.models)?.locate(&run.config.score.model)?;
            filter::runtime::check(&run.config.score, &default_search())?;
            return Ok(());
        }
    }
    Ok(())
}

/// The stages of `run`, one after the other, until one has failed tasks.
pub(super) async fn stages(run: &Run, progress: Progress) -> Result<ExitCode, Stop> {
    for stage in Stage::ALL {
        let (_, failed) = run_stage(run, stage, progress).await?;
        if !failed.0.is_empty() {
            return Ok(conclude(failed));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One stage.
pub(crate) async fn one_stage(work: &Watched, stage: Stage, progress: Progress) -> Result<ExitCode, Stop> {
    let run = Arc::new(Run::open(&work.job).await?);
    let _metrics = serve_metrics(work, &run).await?;
    let (_, failed) = run_stage(&run, stage, progress).await?;
    Ok(conclude(failed))
}

/// The fetch stage; with `retry`, a later round of it.
pub(crate) async fn fetch(work: &Watched, retry: Option<Retry>, progress: Progress) -> Result<ExitCode, Stop> {
    let Some(retry) = retry else { return one_stage(work, Stage::Fetch, progress).await };
    let mut run = Run::open(&work.job).await?;
    let again = match retry {
        Retry::Transient => Again::Transient,
        Retry::Expired => {
            let age =
                chrono::Duration::from_std(run.config.fetch.answers_last.duration()).unwrap_or(chrono::Duration::MAX);
            Again::Expired(Utc::now().checked_sub_signed(age).unwrap_or(chrono::DateTime::<Utc>::MIN_UTC))
        }
    };
    let count = run.retry(again).await?;
    if count == 0 {
        progress.say("nothing to ask for again");
        return Ok(ExitCode::SUCCESS);
    }
    progress.say(&format!("{count} pictures are asked for again"));
    let run = Arc::new(run);
    let _metrics = serve_metrics(work, &run).await?;
    let (_, failed) = run_stage(&run, Stage::Fetch, progress).await?;
    progress.say("`pinakes run` with the same configuration scores and publishes what came");
    Ok(conclude(failed))
}

/// Thresholds moved on a run that is scored; then publish, and the funnel on stdout.
pub(crate) async fn rescore(job: &Job, progress: Progress) -> Result<ExitCode, Stop> {
    let (run, moves) = Run::rescore(job).await?;
    progress.say(&format!(
        "{} rows that were dropped are kept now, {} that were kept are dropped, {} are dropped for another reason",
        moves.kept, moves.dropped, moves.otherwise
    ));
    let (_, failed) = run_stage(&run, Stage::Publish, progress).await?;
    if failed.0.is_empty() {
        let dataset = Dataset::open(&dataset_of(&run)).await?;
        print(&funnel::table(&Funnel::of(&dataset).await?))?;
    }
    Ok(conclude(failed))
}

/// Metrics for as long as what is given lives, if they are asked for.
async fn serve_metrics(work: &Watched, run: &Arc<Run>) -> Result<Option<Metrics>, Stop> {
    match work.metrics {
        Some(address) => Ok(Some(Metrics::serve(Arc::clone(run), address).await?)),
        None => Ok(None),
    }
}

/// The open tasks of a stage.
pub(crate) async fn tasks(job: &Job, stage: &str) -> Result<ExitCode, Stop> {
    let stage = parse(stage)?;
    let run = Run::open(job).await?;
    for task in run.open_tasks(stage).await? {
        print(&format!("{}\n", json(&task)?))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// One task; its report on stdout.
pub(crate) async fn task(work: &Watched, stage: &str, key: String) -> Result<ExitCode, Stop> {
    let stage = parse(stage)?;
    let run = Arc::new(Run::open(&work.job).await?);
    let _metrics = serve_metrics(work, &run).await?;
    // Too early is refused: a bucket read before all its rows are there would lose some for good.
    let tasks = run.tasks(stage).await?;
    run.watch_stage(stage, tasks.len() as u64).await?;
    let report = run.perform(&Task { stage, key }).await?;
    print(&format!("{}\n", json(&report)?))?;
    Ok(ExitCode::SUCCESS)
}

/// Where the run's dataset lies.
pub(super) fn dataset_of(run: &Run) -> String {
    format!("{}/{}", run.config.output.dir.trim_end_matches('/'), index::DATASET_FOLDER)
}

fn parse(stage: &str) -> Result<Stage, Stop> {
    stage.parse().map_err(|problem: String| Stop::yours(problem, "the stages run in that order"))
}

fn json(value: &impl serde::Serialize) -> Result<String, Stop> {
    serde_json::to_string(value).map_err(|error| Stop::ours(error.into()))
}

/// Tells of each task that failed. The others are done, and stay done.
fn conclude(failed: Failed) -> ExitCode {
    let count = failed.0.len();
    if count == 0 {
        return ExitCode::SUCCESS;
    }
    for (task, stop) in failed.0 {
        stop.context(format!("{} `{}`", task.stage, task.key)).report();
    }
    eprintln!("{count} tasks failed; the same command tries them again");
    ExitCode::from(SOME_FAILED)
}
