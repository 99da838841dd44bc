//! The tasks of a stage, and how one is done: whatever calls it, however often.

use super::{Run, score};
use crate::exit::Stop;
use crawler::{
    admit,
    archives::{self, Archive},
    extract, fetch,
};
use index::RunInfo;
use schema::{Bucket, Stage, TaskReport, Work};
use serde::Serialize;
use std::{sync::Arc, time::Instant};

/// One unit of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Task {
    pub(crate) stage: Stage,
    pub(crate) key: String,
}

impl Run {
    /// All tasks of `stage`, done or not. The stages before it must be done.
    pub(crate) async fn tasks(&self, stage: Stage) -> Result<Vec<Task>, Stop> {
        for before in Stage::ALL.into_iter().filter(|before| *before < stage) {
            let open = Box::pin(self.open_tasks(before)).await?.len();
            if open > 0 {
                let hint = format!("do `pinakes {before} CONFIG` first, or all in one with `pinakes run CONFIG`");
                return Err(Stop::yours(format!("`{stage}` cannot begin: {open} tasks of `{before}` are open"), hint));
            }
        }
        let keys: Vec<String> = match stage {
            Stage::Extract => self.archives().await?.iter().map(|archive| archive.key.clone()).collect(),
            Stage::Admit | Stage::Fetch => {
                (0..self.config.output.buckets).map(|bucket| Bucket(bucket).to_string()).collect()
            }
            Stage::Score => self.shards().await?,
            Stage::Publish => vec![self.identity.id.clone()],
        };
        Ok(keys.into_iter().map(|key| Task { stage, key }).collect())
    }

    /// The tasks of `stage` that have no report yet.
    pub(crate) async fn open_tasks(&self, stage: Stage) -> Result<Vec<Task>, Stop> {
        let mut open = Vec::new();
        for task in self.tasks(stage).await? {
            if self.report(&task).await?.is_none() {
                open.push(task);
            }
        }
        Ok(open)
    }

    /// Refuses a folder with tasks that were done under other settings.
    pub(super) async fn check_settings(&self) -> Result<(), Stop> {
        for stage in Stage::ALL {
            let fingerprint = self.fingerprint(stage);
            if self.store.reports(stage).await?.iter().any(|report| report.fingerprint != fingerprint) {
                let dir = &self.config.output.dir;
                let message = format!("`{dir}` holds a run whose `{stage}` was done under other settings");
                return Err(Stop::yours(message, "choose another `output.dir`, or delete this folder to begin anew"));
            }
        }
        Ok(())
    }

    /// The report of a finished task.
    pub(crate) async fn report(&self, task: &Task) -> Result<Option<TaskReport>, Stop> {
        Ok(self.store.report(task.stage, &task.key).await?)
    }

    /// Does `task`, unless it is done already. The report is written last.
    pub(crate) async fn perform(&self, task: &Task) -> Result<TaskReport, Stop> {
        if let Some(report) = self.report(task).await? {
            return Ok(report);
        }
        let start = Instant::now();
        let work = self.work(task).await?;
        let report = TaskReport {
            stage: task.stage,
            key: task.key.clone(),
            fingerprint: self.fingerprint(task.stage),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rows: work.rows,
            counts: work.counts,
            outputs: work.outputs,
            seconds: start.elapsed().as_secs_f64(),
        };
        self.store.put_report(&report).await?;
        Ok(report)
    }

    async fn work(&self, task: &Task) -> Result<Work, Stop> {
        match task.stage {
            Stage::Extract => {
                let archive = self.archives().await?.iter().find(|archive| archive.key == task.key);
                let archive = archive.ok_or_else(|| unknown(task))?.clone();
                let policy = self.policy.clone();
                Ok(extract::run(&self.store, &self.config, policy, archive, self.identity.started_at).await?)
            }
            Stage::Admit => {
                let bucket = self.bucket(task)?;
                let web = self.web().await?;
                Ok(admit::run(&self.store, &self.config, &self.policy, &web.sites, bucket).await?)
            }
            Stage::Fetch => {
                let bucket = self.bucket(task)?;
                let web = self.web().await?;
                let tools = fetch::Tools {
                    store: self.store.clone(),
                    config: Arc::new(self.config.clone()),
                    policy: Arc::clone(&self.policy),
                    door: Arc::clone(&web.door),
                    sites: Arc::clone(&web.sites),
                    live: Arc::clone(&self.live),
                };
                Ok(fetch::run(&tools, bucket).await?)
            }
            Stage::Score => {
                if !self.shards().await?.contains(&task.key) {
                    return Err(unknown(task));
                }
                score::run(self, &task.key).await
            }
            Stage::Publish => self.publish(task).await,
        }
    }

    async fn publish(&self, task: &Task) -> Result<Work, Stop> {
        if task.key != self.identity.id {
            return Err(unknown(task));
        }
        let run = self.run_info();
        let published = index::publish(&self.store, &run).await?;
        Ok(Work { rows: published.rows, counts: published.counts, outputs: published.outputs })
    }

    /// This run and round, as publishing knows it.
    pub(super) fn run_info(&self) -> RunInfo {
        let command: Vec<String> = std::env::args().collect();
        RunInfo {
            id: self.identity.id.clone(),
            round: self.identity.round,
            command: command.join(" "),
            buckets: self.config.output.buckets,
            duplicates: self.config.keep.duplicates,
            at: chrono::Utc::now(),
        }
    }

    /// The archives of the run, spelled out once: listings may lie elsewhere, and all that fetch
    /// archives in this process share their manners.
    async fn archives(&self) -> Result<&[Archive], Stop> {
        let spell_out = async || Ok::<_, Stop>(archives::spell_out(&self.config).await?);
        self.archives.get_or_try_init(spell_out).await.map(Vec::as_slice)
    }

    fn bucket(&self, task: &Task) -> Result<Bucket, Stop> {
        let bucket = task.key.parse().ok().filter(|bucket| *bucket < self.config.output.buckets);
        bucket.map(Bucket).ok_or_else(|| unknown(task))
    }

    /// Keys of the fetched shards: what fetch's reports say they wrote.
    async fn shards(&self) -> Result<Vec<String>, Stop> {
        let mut keys = Vec::new();
        for report in self.store.reports(Stage::Fetch).await? {
            let names = report.outputs.iter().filter_map(|name| name.strip_prefix("fetch/")?.strip_suffix(".parquet"));
            keys.extend(names.filter(|name| !name.ends_with(".ledger")).map(str::to_owned));
        }
        keys.sort();
        Ok(keys)
    }
}

fn unknown(task: &Task) -> Stop {
    let Task { stage, key } = task;
    Stop::yours(
        format!("`{key}` is no task of `{stage}`"),
        format!("`pinakes tasks CONFIG {stage}` lists the open ones"),
    )
}
