//! Stage two: the hosts of the pages are asked.
//!
//! A task takes one bucket of page hosts: every candidate on their pages, and every capture of
//! their robots.txt that lies in the archives. Each host's live robots.txt is read once; where it
//! cannot be reached, a capture stands in for it as a cached copy would (RFC 9309 section
//! 2.3.1.4); where both are there, either may refuse. Refused candidates travel on, because a
//! picture refused on one page is refused on all.

use crate::{Error, Sites};
use consent::{Answer, Judgement, Policy, Site, judge_page, signals_checked};
use futures::{StreamExt, stream};
use schema::{Admitted, ArchivedSiteFile, Bucket, Candidate, Config, DropReason, Mode, Source, Work};
use shards::{ShardWriter, Store, read_bucket};
use std::collections::BTreeMap;
use url::Url;

/// Runs the task of one bucket of page hosts.
pub async fn run(
    store: &Store,
    config: &Config,
    policy: &Policy,
    sites: &Sites,
    bucket: Bucket,
) -> Result<Work, Error> {
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut captures = Captures::default();
    for name in store.list("extract").await? {
        if name.ends_with(".candidates.parquet") {
            candidates.extend(read_bucket::<Candidate>(store, &name, bucket).await?);
        } else if name.ends_with(".sites.parquet") {
            for file in read_bucket::<ArchivedSiteFile>(store, &name, bucket).await? {
                captures.add(file);
            }
        }
    }

    let live = config.consent.mode != Mode::RecordOnly;
    let judged = stream::iter(by_origin(candidates))
        .map(|(page, rows)| {
            let archived = captures.of(&page);
            async move {
                let live = if live { Some(sites.of(&page).await) } else { None };
                let site = live.as_ref().map(|asked| &*asked.site);
                let requests = live.as_ref().map_or(0, |asked| asked.requests);
                (judge_rows(policy, archived.as_ref(), site, rows), requests)
            }
        })
        .buffered(config.fetch.max_connections)
        .collect::<Vec<_>>()
        .await;

    let mut work = Work::default();
    let mut rows = Vec::new();
    let requests = judged.iter().map(|(_, requests)| requests).sum();
    for admitted in judged.into_iter().flat_map(|(rows, _)| rows) {
        match admitted.refused {
            None => work.rows.keep(),
            Some(reason) => {
                work.rows.drop(reason);
                if let Some(signal) = first_refusal(&admitted.candidate) {
                    *work.counts.signals.entry(signal.to_owned()).or_default() += 1;
                }
            }
        }
        rows.push(admitted);
    }
    work.counts.requests.insert("robots.txt".into(), requests);
    let name = format!("admit/{bucket}.parquet");
    let buckets = config.output.buckets;
    ShardWriter::write_all(store, &name, rows, |row| Bucket::of(&row.candidate.image_host, buckets)).await?;
    work.outputs.push(name);
    Ok(work)
}

/// Captures of robots.txt by origin, the newest of each.
#[derive(Default)]
struct Captures(BTreeMap<String, ArchivedSiteFile>);

impl Captures {
    fn add(&mut self, file: ArchivedSiteFile) {
        let Ok(url) = Url::parse(&file.url) else { return };
        let origin = url.origin().ascii_serialization();
        let newer = self.0.get(&origin).is_none_or(|known| known.captured_at <= file.captured_at);
        if newer {
            self.0.insert(origin, file);
        }
    }

    fn of(&self, page: &Url) -> Option<Site> {
        let file = self.0.get(&page.origin().ascii_serialization())?;
        let answer = match file.status {
            200..=299 => Answer::Found { status: file.status, body: file.body.clone(), content_type: None },
            status => Answer::Status(status),
        };
        Some(Site::new(page, &answer, Source::Warc, file.captured_at))
    }
}

/// Candidates by the origin of their page, each origin with one of its page URLs.
fn by_origin(candidates: Vec<Candidate>) -> Vec<(Url, Vec<Candidate>)> {
    let mut groups: BTreeMap<String, (Url, Vec<Candidate>)> = BTreeMap::new();
    for candidate in candidates {
        // Extract wrote the URL after parsing it, so it parses again.
        let Ok(page) = Url::parse(&candidate.page_url) else { continue };
        groups.entry(page.origin().ascii_serialization()).or_insert_with(|| (page, Vec::new())).1.push(candidate);
    }
    groups.into_values().collect()
}

fn judge_rows(policy: &Policy, archived: Option<&Site>, live: Option<&Site>, rows: Vec<Candidate>) -> Vec<Admitted> {
    rows.into_iter().map(|row| judge_row(policy, archived, live, row)).collect()
}

fn judge_row(policy: &Policy, archived: Option<&Site>, live: Option<&Site>, mut candidate: Candidate) -> Admitted {
    let (Ok(page), Ok(image)) = (Url::parse(&candidate.page_url), Url::parse(&candidate.url)) else {
        return Admitted { candidate, refused: Some(DropReason::PageUnknown) };
    };
    let judge = |site: &Site| judge_page(policy, &page, &image, site, &candidate.evidence);
    let by_capture = archived.map(judge);
    let by_live = live.map(judge);
    let verdicts = match (by_capture, by_live) {
        // The site cannot be asked now: its last known word counts.
        (Some(capture), Some(live)) if live.refused == Some(DropReason::PageUnknown) => vec![capture],
        (capture, live) => capture.into_iter().chain(live).collect(),
    };
    let refused = verdicts.iter().filter_map(|verdict| verdict.refused).min();
    if !verdicts.is_empty() {
        candidate.checked.extend([signals_checked::PAGE_ROBOTS, signals_checked::LISTS].map(str::to_owned));
    }
    for Judgement { evidence, .. } in verdicts {
        for piece in evidence {
            if !candidate.evidence.contains(&piece) {
                candidate.evidence.push(piece);
            }
        }
    }
    Admitted { candidate, refused }
}

/// The signal that speaks first among those that refuse.
fn first_refusal(candidate: &Candidate) -> Option<&str> {
    candidate.evidence.iter().find(|piece| piece.denies()).map(|piece| piece.signal.as_str())
}
