//! The score stage's way between files and scorer: one fetched shard in, one scored shard out.

use super::Run;
use crate::{exit::Stop, library::Library};
use filter::{Outcome, Scorer, runtime::default_search};
use futures::{Stream, TryStreamExt};
use schema::{Bucket, DropReason, Fetched, LedgerRow, Scored, Tally, Work};
use shards::{ShardWriter, stream_pictures};
use std::{
    pin::Pin,
    sync::{Arc, PoisonError},
};

/// Scores the shard `key` (`<bucket>-<number>`), batch by batch.
pub(super) async fn run(run: &Run, key: &str) -> Result<Work, Stop> {
    let bucket = key.split('-').next().and_then(|text| text.parse().ok()).map_or(Bucket(0), Bucket);
    let shard = format!("score/{key}.parquet");
    let ledger = format!("score/{key}.ledger.parquet");
    let mut batches = Box::pin(stream_pictures(&run.store, &format!("fetch/{key}"), bucket).await?);
    let mut writer = ShardWriter::create(&run.store, &shard)?;
    let mut undecodable = Vec::new();
    let mut work = Work { outputs: vec![shard, ledger.clone()], ..Work::default() };
    let scorer = scorer(run)?;
    work.counts.model_similarity = scorer.default_similarity();
    if scorer.is_demo() {
        let note = "scored by `demo`, which is not CLIP: its similarities compare with nobody else's";
        work.counts.notes.push(note.to_owned());
    }
    loop {
        let rows = some(&mut batches, scorer.appetite()).await?;
        if rows.is_empty() {
            break;
        }
        let outcomes = score(run, &scorer, rows).await?;
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
    work.counts.notes.extend(scorer.notes());
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

/// The next rows, as many as are worth scoring together; none at the end.
async fn some(
    parts: &mut Pin<Box<impl Stream<Item = Result<Vec<Fetched>, shards::Error>>>>,
    count: usize,
) -> Result<Vec<Fetched>, Stop> {
    let mut rows = Vec::new();
    while rows.len() < count
        && let Some(part) = parts.try_next().await?
    {
        rows.extend(part);
    }
    Ok(rows)
}

/// Scores `rows` on a thread of their own, since inference takes as long as it needs: other shards go on meanwhile, and
/// fill its batches.
async fn score(run: &Run, scorer: &Arc<Scorer>, rows: Vec<Fetched>) -> Result<Vec<Outcome>, Stop> {
    let (scorer, keep, fetch, stamp) =
        (Arc::clone(scorer), run.config.keep.clone(), run.config.fetch.clone(), run.stamp());
    let outcomes = tokio::task::spawn_blocking(move || scorer.score(rows, &keep, &fetch, &stamp)).await;
    Ok(outcomes.map_err(|error| Stop::ours(anyhow::Error::from(error).context("scoring broke off")))??)
}

/// Opens the model, unless it is open.
pub(super) fn prepare(run: &Run) -> Result<(), Stop> {
    scorer(run).map(drop)
}

/// The model at work, opened on the first call.
fn scorer(run: &Run) -> Result<Arc<Scorer>, Stop> {
    let mut slot = run.scorer.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(scorer) = &*slot {
        return Ok(Arc::clone(scorer));
    }
    let mut score = run.config.score.clone();
    score.model = Library::of(&run.config.models)?.locate(&score.model)?;
    let scorer = Arc::new(Scorer::open(&score, &default_search())?);
    scorer.check(&run.config.keep)?;
    tracing::info!("scoring with {} by {:?} on {}", scorer.model_id(), scorer.backend(), scorer.places().join(", "));
    *slot = Some(Arc::clone(&scorer));
    Ok(scorer)
}
