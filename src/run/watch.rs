//! What can be seen of a run from outside while it goes on: progress and metrics read the same.

use super::Run;
use crate::exit::Stop;
use schema::{Stage, Tally};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Stages as far as this process has come with them.
#[derive(Debug, Default)]
pub(crate) struct Watch(Mutex<BTreeMap<Stage, View>>);

/// One stage.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// Tasks, and how many of them are done.
    pub(crate) tasks: u64,
    pub(crate) done: u64,
    /// Rows that came to an end, those of earlier processes among them.
    pub(crate) rows: Tally,
    /// The same without the tasks that this process is doing or has done.
    before: Tally,
    /// Rows that there will be in the end, where that is known.
    pub(crate) expected: Option<u64>,
}

impl Watch {
    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<Stage, View>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Run {
    /// A stage begins.
    pub(crate) async fn watch_stage(&self, stage: Stage, tasks: u64) -> Result<(), Stop> {
        let mut view = View { tasks, ..View::default() };
        for report in self.store.reports(stage).await? {
            view.done += 1;
            view.before += &report.rows;
        }
        view.rows = view.before.clone();
        if let Some(before) = Stage::ALL.into_iter().rfind(|before| *before < stage && stage < Stage::Publish) {
            let reports = self.store.reports(before).await?;
            view.expected = Some(reports.iter().map(|report| report.rows.kept()).sum());
        }
        self.watch.with(|stages| stages.insert(stage, view));
        Ok(())
    }

    /// A task of a stage that was open is done.
    pub(super) fn watch_task(&self, stage: Stage, rows: &Tally) {
        self.watch.with(|stages| {
            let view = stages.entry(stage).or_default();
            view.done += 1;
            view.rows += rows;
        });
    }

    /// The stages that have begun.
    pub(crate) fn stages(&self) -> BTreeMap<Stage, View> {
        let mut stages = self.watch.with(|stages| stages.clone());
        // Fetch counts as it goes, not task by task.
        if let Some(view) = stages.get_mut(&Stage::Fetch) {
            view.rows = view.before.clone();
            view.rows += &self.live.rows();
        }
        stages
    }

    /// Requests sent so far by this process.
    pub(crate) fn requests(&self) -> u64 {
        self.web.get().map_or(0, |web| web.door.sent())
    }
}
