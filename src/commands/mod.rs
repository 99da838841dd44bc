//! One file a verb.

mod audit;
mod consent;
mod dedup;
mod demo;
mod doctor;
mod explain;
mod funnel;
mod models;
mod optout;
mod run;
mod search;
mod sql;
mod subset;
mod upkeep;

use crate::{
    cli::{Cli, Command, Consent},
    exit::Stop,
    progress::Progress,
};
use schema::Stage;
use std::process::ExitCode;

/// Does what the command line says.
pub(crate) async fn run(cli: Cli) -> Result<ExitCode, Stop> {
    let progress = Progress::new(cli.quiet);
    match cli.command {
        Command::Demo { dir } => demo::run(&dir, progress).await,
        Command::Run(work) => run::all(&work, progress).await,
        Command::Extract(work) => run::one_stage(&work, Stage::Extract, progress).await,
        Command::Admit(work) => run::one_stage(&work, Stage::Admit, progress).await,
        Command::Fetch { work, retry } => run::fetch(&work, retry, progress).await,
        Command::Score(work) => run::one_stage(&work, Stage::Score, progress).await,
        Command::Publish(work) => run::one_stage(&work, Stage::Publish, progress).await,
        Command::Rescore(job) => run::rescore(&job, progress).await,
        Command::Tasks { job, stage } => run::tasks(&job, &stage).await,
        Command::Task { work, stage, key } => run::task(&work, &stage, key).await,
        Command::Consent { action: Consent::Eval { file } } => consent::eval(file.as_deref()),
        Command::Consent { action: Consent::Explain(what) } => explain::run(&what).await,
        Command::Subset(what) => subset::run(&what, progress).await,
        Command::Dedup(what) => dedup::run(&what).await,
        Command::Audit(what) => audit::run(&what).await,
        Command::Optout { action } => optout::run(&action).await,
        Command::Search(what) => search::run(&what, progress).await,
        Command::Index(what) => search::build_index(&what, progress).await,
        Command::Sql(what) => sql::run(&what).await,
        Command::Compact(what) => upkeep::compact(&what).await,
        Command::Vacuum(what) => upkeep::vacuum(&what).await,
        Command::Versions(what) => upkeep::versions(&what).await,
        Command::Models { action } => models::run(&action, progress).await,
        Command::Doctor { config, onnxruntime } => doctor::run(config.as_deref(), onnxruntime.as_deref()).await,
    }
}
