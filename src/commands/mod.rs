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
mod sql;
mod subset;

use crate::{
    cli::{Cli, Command, Consent, Optout},
    exit::Stop,
    progress::Progress,
};
use index::{dedup::Settings, subset::Wanted};
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
        Command::Subset { dataset, condition, layout, out, limit, without_duplicates } => {
            let wanted = Wanted { condition: condition.as_deref(), limit, without_duplicates };
            subset::run(&dataset, wanted, &layout, &out, progress).await
        }
        Command::Dedup { dataset, max_distance, min_cosine, embedding_cosine, dry_run, output } => {
            let settings = Settings { max_distance, min_cosine, embedding_cosine };
            dedup::run(&dataset, settings, dry_run, output.format).await
        }
        Command::Audit { dataset, by, output } => audit::run(&dataset, by.as_deref(), output.format).await,
        Command::Optout { action: Optout::Check { dataset, list, output } } => {
            optout::check(&dataset, &list, output.format).await
        }
        Command::Sql { dataset, query, output } => sql::run(&dataset, &query, output.format).await,
        Command::Models { action } => models::run(&action, progress).await,
        Command::Doctor { config, onnxruntime } => doctor::run(config.as_deref(), onnxruntime.as_deref()).await,
    }
}
