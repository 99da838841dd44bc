//! The funnel of a dataset, stage by stage, and the proof that it adds up: no row is lost on the
//! way from extract to samples and ledger, and none comes out of nothing.

use crate::{Dataset, Error, dedup, run::Record};
use schema::{Counts, Stage, Tally};
use serde::Serialize;

/// The accounts of all runs that went into a dataset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Funnel {
    /// The runs, in the order of their publishing.
    pub runs: Vec<Record>,
    /// Rows in the samples now.
    pub samples: u64,
    /// Rows in the ledger now.
    pub ledger: u64,
    /// Rows that takedowns removed since.
    pub removed: u64,
    /// Samples that are marked as near-duplicates of others in the dataset.
    pub near_duplicates: u64,
}

/// One stage, over all runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FunnelStage {
    /// The stage.
    pub stage: Stage,
    /// Rows in, rows on, rows dropped by reason.
    pub rows: Tally,
    /// What else was counted.
    pub counts: Counts,
}

impl Funnel {
    /// Reads the accounts that lie in `dataset`.
    pub async fn of(dataset: &Dataset) -> Result<Self, Error> {
        let mut history = dataset.history().await?;
        let ledger = match dataset.ledger() {
            Some(ledger) => {
                history.extend(ledger.history().await?);
                ledger.rows()?
            }
            None => 0,
        };
        let removed = history.iter().filter_map(|commit| commit.counts.get("removed")).sum();
        let near_duplicates = dedup::marked(dataset).await?;
        Ok(Self { runs: dataset.runs().await?, samples: dataset.samples().rows()?, ledger, removed, near_duplicates })
    }

    /// The five stages, summed over the runs.
    pub fn stages(&self) -> Vec<FunnelStage> {
        let mut stages = Vec::new();
        for stage in Stage::ALL {
            let mut sum = FunnelStage { stage, rows: Tally::default(), counts: Counts::default() };
            for total in self.runs.iter().filter_map(|run| run.stage(stage)) {
                sum.rows += &total.rows;
                sum.counts.add(&total.counts);
            }
            stages.push(sum);
        }
        stages
    }

    /// Whether it adds up; where not, between which two stages.
    pub fn check(&self) -> Result<(), String> {
        for run in &self.runs {
            check_run(run)?;
        }
        let extracted: u64 = self.runs.iter().filter_map(|run| run.stage(Stage::Extract)).map(|t| t.rows.kept()).sum();
        let held = self.samples + self.ledger + self.removed;
        if held != extracted {
            let Self { samples, ledger, removed, .. } = self;
            return Err(format!(
                "extract kept {extracted} rows, the dataset holds {held}: \
                 {samples} samples, {ledger} in the ledger, {removed} taken out"
            ));
        }
        Ok(())
    }
}

fn check_run(run: &Record) -> Result<(), String> {
    let id = &run.run.id;
    for total in &run.stages {
        if !total.rows.adds_up() {
            return Err(format!("run `{id}`: {} saw more or fewer rows than it kept and dropped", total.stage));
        }
    }
    for pair in Stage::ALL.windows(2) {
        let kept = run.stage(pair[0]).map_or(0, |total| total.rows.kept());
        let seen = run.stage(pair[1]).map_or(0, |total| total.rows.seen());
        if kept != seen {
            return Err(format!("run `{id}`: {} kept {kept} rows, {} saw {seen}", pair[0], pair[1]));
        }
    }
    let published = run.stage(Stage::Publish).map_or(0, |total| total.rows.kept());
    if published != run.samples {
        return Err(format!("run `{id}`: publish kept {published} rows, {} became samples", run.samples));
    }
    Ok(())
}
