//! Thresholds moved without scoring again: every scored row kept its scores, so the rules are asked once more. No model is
//! opened and no picture decoded.
//!
//! Killed half-way it is done by the same command again: what has been moved is listed in `rescored/<round>` before a shard is
//! written anew, and the settings beside the output change last.

use super::Run;
use crate::{cli::Job, exit::Stop};
use filter::rules::{self, Facts};
use schema::{Bucket, Candidate, Config, DropReason, Keep, Kind, LedgerRow, Scored, Stage, Tally, TaskReport};
use shards::{ShardWriter, read_all};
use std::collections::BTreeSet;

/// The settings that a rescoring that was killed was moving to.
const RESCORING: &str = "rescoring.toml";

/// What a rescoring came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moves {
    /// Rows that the rules dropped and now keep.
    pub(crate) kept: u64,
    /// Rows that the rules kept and now drop.
    pub(crate) dropped: u64,
    /// Rows that they drop for another reason.
    pub(crate) otherwise: u64,
}

impl Run {
    /// Opens the folder of a run under new thresholds, and moves every scored row to where they want it.
    pub(crate) async fn rescore(job: &Job) -> Result<(Self, Moves), Stop> {
        let mut run = Self::unchecked(Self::config_of(job)?).await?;
        let before = run.settings_before().await?;
        check_movable(&before[0], &run.config)?;
        run.check_done(&before).await?;
        run.check_publish().await?;
        let reports = run.store.reports(Stage::Score).await?;
        run.check_scores(&reports).await?;
        run.store.put(RESCORING, run.config.to_toml()).await?;
        run.begin_round().await?;
        let mut moves = Moves::default();
        for report in reports {
            run.rescore_shard(report, &mut moves).await?;
        }
        run.store.put("config.toml", run.config.to_toml()).await?;
        run.store.delete(RESCORING).await?;
        Ok((run, moves))
    }

    /// The settings that the run was scored under, and those that a killed rescoring was moving to.
    async fn settings_before(&self) -> Result<Vec<Config>, Stop> {
        let mut found = Vec::new();
        for name in ["config.toml", RESCORING] {
            let Some(text) = self.store.get(name).await? else { continue };
            let text = String::from_utf8_lossy(&text);
            found.push(Config::parse(&text, &[]).map_err(|error| Stop::from(error).context(format!("`{name}`")))?);
        }
        if found.is_empty() {
            let message = format!("`{}` holds no run that was scored", self.config.output.dir);
            return Err(Stop::yours(message, "do `pinakes run CONFIG` first"));
        }
        Ok(found)
    }

    /// Refuses a run that is not scored to its end, or was under other settings than these but for what can be moved.
    async fn check_done(&self, before: &[Config]) -> Result<(), Stop> {
        let mut known = BTreeSet::new();
        for config in before.iter().chain([&self.config]) {
            let mut settled = self.config.clone();
            settled.keep = moved(&settled.keep, &config.keep);
            known.extend(Stage::ALL.map(|stage| Self::fingerprint_of(&settled, &self.lists_digest, stage)));
        }
        for stage in Stage::ALL {
            if self.store.reports(stage).await?.iter().any(|report| !known.contains(&report.fingerprint)) {
                let dir = &self.config.output.dir;
                let message = format!("`{dir}` holds a run whose `{stage}` was done under other settings");
                let hint = "rescoring moves thresholds of `[keep]` alone; take all else as `config.toml` in that folder has it";
                return Err(Stop::yours(message, hint));
            }
        }
        let open = self.open_tasks(Stage::Score).await?.len();
        if open > 0 {
            let hint = "do `pinakes run` first, with the thresholds that it began with";
            return Err(Stop::yours(format!("nothing to rescore yet: {open} tasks of `score` are open"), hint));
        }
        Ok(())
    }

    /// Refuses thresholds of scores that the rows do not have.
    async fn check_scores(&self, reports: &[TaskReport]) -> Result<(), Stop> {
        let keep = &self.config.keep;
        for report in reports {
            let rows: Vec<Scored> = read_all(&self.store, &scored_name(&report.key)).await?;
            let Some(Scored { sample, .. }) = rows.first() else { continue };
            let named = keep.min_scores.keys().map(|name| ("min_scores", name));
            let named = named.chain(keep.max_scores.keys().map(|name| ("max_scores", name)));
            let mut missing: Vec<String> = named
                .filter(|(_, name)| !sample.scores.contains_key(*name))
                .map(|(key, name)| format!("keep.{key}.{name}"))
                .collect();
            if keep.min_aesthetic.is_some() && sample.aesthetic.is_none() {
                missing.push("keep.min_aesthetic".into());
            }
            if keep.max_unsafe.is_some() && sample.punsafe.is_none() {
                missing.push("keep.max_unsafe".into());
            }
            return match missing.first() {
                None => Ok(()),
                Some(key) => {
                    let message = format!("`{key}` is set, but model `{}` gave no such score", sample.model);
                    Err(Stop::yours(
                        message,
                        "take it out, or score with a model that has such a head, in another folder",
                    ))
                }
            };
        }
        Ok(())
    }

    /// Holds the rows of one shard against the rules.
    async fn rescore_shard(&self, report: TaskReport, moves: &mut Moves) -> Result<(), Stop> {
        let key = &report.key;
        let keep = &self.config.keep;
        let name = scored_name(key);
        let mut rows: Vec<Scored> = read_all(&self.store, &name).await?;
        let model = report.counts.model_similarity;
        if model.is_none() && keep.min_similarity.is_none() && !rows.is_empty() {
            let message = "`keep.min_similarity` is left out, and what this run's model asks for was not noted";
            return Err(Stop::yours(
                message,
                "write it out: the model's own stands in its model.toml under `[thresholds]`",
            ));
        }
        let list = format!("rescored/{}/{key}.parquet", self.identity.round);
        let mut changed: Vec<LedgerRow> =
            if self.store.exists(&list).await? { read_all(&self.store, &list).await? } else { Vec::new() };
        let listed = changed.len();
        let mut tally = Tally::default();
        tally.drop_many(
            DropReason::Undecodable,
            report.rows.dropped().get(&DropReason::Undecodable).copied().unwrap_or(0),
        );
        for row in &mut rows {
            // Who refused is not asked again.
            if row.dropped.is_none_or(|reason| reason.kind() == Kind::Filtered) {
                let now = rules::decide(keep, model.unwrap_or(f32::INFINITY), &Facts::of(&row.sample));
                if now != row.dropped {
                    moves.count(row.dropped, now);
                    changed.push(moved_row(row, now));
                    row.dropped = now;
                }
            }
            match row.dropped {
                None => tally.keep(),
                Some(reason) => tally.drop(reason),
            }
        }
        let bucket = key.split('-').next().and_then(|text| text.parse().ok()).map_or(Bucket(0), Bucket);
        // The list first: a shard written anew no longer tells what it was.
        if changed.len() > listed {
            ShardWriter::write_all(&self.store, &list, changed, |_| bucket).await?;
            ShardWriter::write_all(&self.store, &name, rows, |_| bucket).await?;
        }
        let report = TaskReport {
            fingerprint: self.fingerprint(Stage::Score),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rows: tally,
            ..report
        };
        Ok(self.store.put_report(&report).await?)
    }
}

impl Moves {
    fn count(&mut self, before: Option<DropReason>, now: Option<DropReason>) {
        match (before, now) {
            (Some(_), None) => self.kept += 1,
            (None, Some(_)) => self.dropped += 1,
            _ => self.otherwise += 1,
        }
    }
}

fn scored_name(key: &str) -> String {
    format!("score/{key}.parquet")
}

/// `keep` with the thresholds of `other`: what needs no more than scores, sizes and digests.
fn moved(keep: &Keep, other: &Keep) -> Keep {
    Keep {
        min_side: other.min_side,
        max_aspect: other.max_aspect,
        min_similarity: other.min_similarity,
        min_similarity_by_language: other.min_similarity_by_language.clone(),
        min_aesthetic: other.min_aesthetic,
        max_unsafe: other.max_unsafe,
        min_scores: other.min_scores.clone(),
        max_scores: other.max_scores.clone(),
        duplicates: other.duplicates,
        ..keep.clone()
    }
}

/// Refuses by name what would need texts or pictures anew.
fn check_movable(before: &Config, now: &Config) -> Result<(), Stop> {
    let refused = |key: &str, why: &str| {
        let hint = "leave it as `config.toml` in the run's folder has it, begin a run in another folder, or cut a `pinakes subset`";
        Err(Stop::yours(format!("`keep.{key}` cannot be moved: {why}"), hint))
    };
    let (old, new) = (&before.keep, &now.keep);
    let texts = "texts are chosen where pages are read";
    for (key, same, why) in [
        ("min_text_chars", old.min_text_chars == new.min_text_chars, texts),
        ("min_text_words", old.min_text_words == new.min_text_words, texts),
        ("max_text_chars", old.max_text_chars == new.max_text_chars, texts),
        ("text_sources", old.text_sources == new.text_sources, texts),
        ("drop_texts", old.drop_texts == new.drop_texts, texts),
        ("repeated_from", old.repeated_from == new.repeated_from, texts),
        ("languages", old.languages == new.languages, texts),
        ("max_url_bytes", old.max_url_bytes == new.max_url_bytes, "addresses are chosen where pages are read"),
        ("min_body_bytes", old.min_body_bytes == new.min_body_bytes, "smaller bodies were not kept"),
    ] {
        if !same {
            return refused(key, why);
        }
    }
    if before.fetch.store != schema::Store::None {
        let unstored = "pictures that it dropped are not stored, and would have to be fetched again";
        if new.min_side < old.min_side {
            return refused("min_side", unstored);
        }
        if new.max_aspect > old.max_aspect {
            return refused("max_aspect", unstored);
        }
    }
    Ok(())
}

/// As much of a row as tells it from others, and what the rules now say of it.
fn moved_row(row: &Scored, now: Option<DropReason>) -> LedgerRow {
    let sample = &row.sample;
    let reason = now.or(row.dropped).unwrap_or(DropReason::LowSimilarity);
    let candidate = Candidate {
        id: sample.id,
        page_url: sample.page_url.clone(),
        page_host: sample.page_host.clone(),
        image_host: sample.image_host.clone(),
        archive: sample.archive.clone(),
        archive_offset: sample.archive_offset,
        ..Candidate::bare(&sample.url, &sample.text)
    };
    LedgerRow::of(&candidate, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_keep_is_moved_or_refused() {
        let base = Config::default();
        let changed = |setting: &str| Config::parse("", &[setting.to_owned()]).unwrap();
        for setting in [
            "keep.min_side=1",
            "keep.max_aspect=9.0",
            "keep.min_similarity=0.5",
            "keep.min_similarity_by_language.en=0.5",
            "keep.min_aesthetic=5.0",
            "keep.max_unsafe=0.5",
            "keep.min_scores.a=0.5",
            "keep.max_scores.a=0.5",
            "keep.duplicates=\"none\"",
        ] {
            let other = changed(setting);
            assert_ne!(other.keep, base.keep, "{setting}");
            check_movable(&base, &other).unwrap();
            assert_eq!(moved(&base.keep, &other.keep), other.keep, "{setting}");
        }
        for setting in [
            "keep.min_text_chars=7",
            "keep.min_text_words=2",
            "keep.max_text_chars=7",
            "keep.max_url_bytes=7",
            "keep.text_sources=[\"alt\"]",
            "keep.drop_texts=[\"generic\"]",
            "keep.repeated_from=2",
            "keep.min_body_bytes=7",
            "keep.languages=[\"en\"]",
        ] {
            let other = changed(setting);
            assert!(check_movable(&base, &other).is_err(), "{setting}");
            assert_eq!(moved(&base.keep, &other.keep), base.keep, "{setting}");
        }
    }
}
