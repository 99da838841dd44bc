//! The score stage's way between files and scorer: one fetched shard in, one scored shard out.

use super::Run;
use crate::{exit::Stop, library::Library};
use filter::{Outcome, Scorer, runtime::default_search};
use futures::TryStreamExt;
use schema::{Bucket, Counts, DropReason, Fetched, LedgerRow, Scored, Tally, Work};
use shards::{ShardWriter, stream_pictures};
use std::sync::PoisonError;

/// Scores the shard `key` (`<bucket>-<number>`), batch by batch.
pub(super) async fn run(run: &Run, key: &str) -> Result<Work, Stop> {
    let bucket = key.split('-').next().and_then(|text| text.parse().ok()).map_or(Bucket(0), Bucket);
    let scored = format!("score/{key}.parquet");
    let ledger = format!("score/{key}.ledger.parquet");
    let mut batches = Box::pin(stream_pictures(&run.store, &format!("fetch/{key}"), bucket).await?);
    let mut writer = ShardWriter::create(&run.store, &scored)?;
    let mut undecodable = Vec::new();
    let mut work = Work { outputs: vec![scored, ledger.clone()], ..Work::default() };
    while let Some(batch) = batches.try_next().await? {
        // Inference takes the thread for as long as it needs; other tasks go on elsewhere.
        let outcomes = tokio::task::block_in_place(|| score(run, batch, &mut work.counts))?;
        let mut kept = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            match outcome {
                Outcome::Scored(mut row) => {
                    // Known only now: somebody asked for this picture to be left out, wherever it lies.
                    if run.policy.lists.find_phash(row.sample.phash.cast_unsigned()).is_some() {
                        row.dropped = Some(DropReason::PictureListed);
                    }
                    kept.push(count(&mut work.rows, *row));
                }
                Outcome::Undecodable(row, _) => {
                    work.rows.drop(DropReason::Undecodable);
                    undecodable.push(undecodable_row(&row));
                }
            }
        }
        writer.write(bucket, &kept).await?;
    }
    writer.close().await?;
    ShardWriter::write_all(&run.store, &ledger, undecodable, |_| bucket).await?;
    Ok(work)
}

fn undecodable_row(row: &Fetched) -> LedgerRow {
    let mut lost = LedgerRow::of(&row.candidate, DropReason::Undecodable);
    lost.final_url = Some(row.final_url.clone());
    lost.bytes = i64::try_from(row.bytes).ok();
    lost.attempts = row.attempts;
    lost.seconds = Some(row.seconds);
    lost.ended_at = Some(row.fetched_at);
    lost
}

fn count(rows: &mut Tally, row: Scored) -> Scored {
    match row.dropped {
        None => rows.keep(),
        Some(reason) => rows.drop(reason),
    }
    row
}

/// Opens the model, unless it is open.
pub(super) fn prepare(run: &Run) -> Result<(), Stop> {
    let mut slot = run.scorer.lock().unwrap_or_else(PoisonError::into_inner);
    with_scorer(run, &mut slot).map(drop)
}

fn score(run: &Run, batch: Vec<Fetched>, counts: &mut Counts) -> Result<Vec<Outcome>, Stop> {
    let mut slot = run.scorer.lock().unwrap_or_else(PoisonError::into_inner);
    let scorer = with_scorer(run, &mut slot)?;
    counts.model_similarity = scorer.default_similarity();
    if scorer.is_demo() {
        let note = "scored by `demo`, which is not CLIP: its similarities compare with nobody else's".to_owned();
        if !counts.notes.contains(&note) {
            counts.notes.push(note);
        }
    }
    Ok(scorer.score(batch, &run.config.keep, &run.config.fetch, &run.stamp())?)
}

fn with_scorer<'a>(run: &Run, slot: &'a mut Option<Scorer>) -> Result<&'a mut Scorer, Stop> {
    if slot.is_none() {
        let mut score = run.config.score.clone();
        score.model = Library::of(&run.config.models)?.locate(&score.model)?;
        let scorer = Scorer::open(&score, &default_search())?;
        scorer.check(&run.config.keep)?;
        tracing::info!("scoring with {} on {:?}", scorer.model_id(), scorer.backend());
        *slot = Some(scorer);
    }
    slot.as_mut().ok_or_else(|| Stop::ours(anyhow::anyhow!("no scorer")))
}
