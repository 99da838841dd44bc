//! Stage two: the hosts of the pages are asked.
//!
//! A task takes one bucket of page hosts: every candidate on their pages, and every capture of
//! their site files (robots.txt, tdmrep.json, trust.txt) that lies in the archives. Each host's live
//! files are read once; where robots.txt cannot be reached, a capture stands in for it as a cached
//! copy would (RFC 9309 section 2.3.1.4); where both are there, either may refuse. Refused candidates travel on, because a
//! picture refused on one page is refused on all. Where a list of URLs names no page, nobody is asked ([`alone`]).
//!
//! Since all pages of a host are in one task, it is seen here which texts stand with many pictures.

mod alone;
mod repeated;

use crate::{Error, Sites, door::Failure};
use chrono::Utc;
use consent::{
    Answer, Judgement, Policy, Site, SiteAnswers, SiteFile, judge_page, linked_terms, read_linked_terms,
    signals_checked::{self, Side},
    withholds_text,
};
use futures::{StreamExt, stream};
use repeated::RepeatedTexts;
use schema::{
    Admitted, ArchivedSiteFile, Bucket, Candidate, CapturedImage, CapturedPage, Category, Config, DropReason, Evidence,
    Kind, Mode, Scope, Source, Verdict, Work,
};
use shards::{ShardWriter, Store, read_bucket};
use std::collections::{BTreeMap, HashMap};
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
        if let Some(archive) = name.strip_suffix(".images.parquet") {
            candidates.extend(candidates_of(store, archive, bucket).await?);
        } else if name.ends_with(".sites.parquet") {
            for file in read_bucket::<ArchivedSiteFile>(store, &name, bucket).await? {
                captures.add(file);
            }
        }
    }

    let repeated = RepeatedTexts::of(&candidates, config.keep.repeated_from);
    let live = config.consent.mode != Mode::RecordOnly;
    let (alone, on_pages): (Vec<_>, Vec<_>) = candidates.into_iter().partition(alone::is_alone);
    let judged = stream::iter(by_origin(on_pages))
        .map(|(page, rows)| {
            let archived = captures.of(&page);
            async move {
                let mut rows = rows;
                let live = if live { Some(sites.of(&page, Side::Page).await) } else { None };
                let site = live.as_ref().map(|asked| &*asked.site);
                let mut requests = live.as_ref().map_or(0, |asked| asked.requests);
                let unwaited = match live.as_ref().and_then(|asked| asked.failure.as_ref()) {
                    Some(Failure::Unwaited(why)) => Some(why),
                    _ => None,
                };
                if unwaited.is_none() && site.is_some_and(|site| !site.is_closed(policy)) {
                    requests += read_terms(sites, &mut rows).await;
                }
                let mut judged = judge_rows(policy, archived.as_ref(), site, rows);
                if let Some(why) = unwaited {
                    refuse_unknown(&mut judged, &page, why);
                }
                (judged, requests)
            }
        })
        .buffered(config.fetch.max_connections)
        .collect::<Vec<_>>()
        .await;

    let mut work = Work::default();
    let mut rows = Vec::new();
    let requests = judged.iter().map(|(_, requests)| requests).sum();
    let alone = alone.into_iter().map(|row| alone::judge(policy, row));
    for mut admitted in judged.into_iter().flat_map(|(rows, _)| rows).chain(alone) {
        repeated.mark(&mut admitted, &config.keep.drop_texts);
        match admitted.refused {
            None => work.rows.keep(),
            Some(reason) => {
                work.rows.drop(reason);
                let signal = admitted.candidate.signal_of(reason).filter(|_| reason.kind() == Kind::Refused);
                if let Some(signal) = signal {
                    *work.counts.signals.entry(signal.to_owned()).or_default() += 1;
                }
            }
        }
        rows.push(admitted);
    }
    work.counts.requests.insert("site files".into(), requests);
    let name = format!("admit/{bucket}.parquet");
    let buckets = config.output.buckets;
    ShardWriter::write_all(store, &name, rows, |row| Bucket::of(&row.candidate.image_host, buckets)).await?;
    work.outputs.push(name);
    Ok(work)
}

/// The candidates of one archive on pages of this bucket: its images, each on its page.
async fn candidates_of(store: &Store, archive: &str, bucket: Bucket) -> Result<Vec<Candidate>, Error> {
    let images = format!("{archive}.images.parquet");
    let pages = read_bucket::<CapturedPage>(store, &format!("{archive}.pages.parquet"), bucket).await?;
    let pages: HashMap<i64, CapturedPage> = pages.into_iter().map(|page| (page.number, page)).collect();
    let mut candidates = Vec::new();
    for image in read_bucket::<CapturedImage>(store, &images, bucket).await? {
        let page = pages.get(&image.page).ok_or_else(|| shards::Error::Report {
            name: images.clone(),
            problem: format!("page {} of an image in it is missing", image.page),
        })?;
        candidates.push(image.on(page));
    }
    Ok(candidates)
}

/// Captures of site files by origin, the newest of each.
#[derive(Default)]
struct Captures(BTreeMap<(String, SiteFile), ArchivedSiteFile>);

impl Captures {
    fn add(&mut self, file: ArchivedSiteFile) {
        let Ok(url) = Url::parse(&file.url) else { return };
        let Some(kind) = SiteFile::at(url.path()) else { return };
        let key = (url.origin().ascii_serialization(), kind);
        let newer = self.0.get(&key).is_none_or(|known| known.captured_at <= file.captured_at);
        if newer {
            self.0.insert(key, file);
        }
    }

    /// The captured site of a page; `None` where nothing of it was captured.
    fn of(&self, page: &Url) -> Option<Site> {
        let origin = page.origin().ascii_serialization();
        let capture = |file: SiteFile| self.0.get(&(origin.clone(), file));
        let mut answers = SiteAnswers::from(Answer::Unasked);
        let mut captured_at = None;
        for (file, capture) in SiteFile::ALL.into_iter().filter_map(|file| Some((file, capture(file)?))) {
            captured_at = captured_at.max(capture.captured_at);
            match file {
                SiteFile::Robots => answers.robots = answer(capture),
                file => drop(answers.files.insert(file, answer(capture))),
            }
        }
        let found = answers.robots != Answer::Unasked || !answers.files.is_empty();
        found.then(|| Site::new(page, answers, Source::Warc, captured_at))
    }
}

fn answer(capture: &ArchivedSiteFile) -> Answer {
    match capture.status {
        200..=299 => Answer::Found { status: capture.status, body: capture.body.clone(), content_type: None },
        status => Answer::Status(status),
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

/// Reads the licence terms that pages link to, each once; returns how many requests that took.
async fn read_terms(sites: &Sites, rows: &mut [Candidate]) -> u64 {
    let mut requests = 0;
    for row in rows {
        let mut documents = BTreeMap::new();
        for terms in linked_terms(&row.evidence) {
            let answer = sites.document(&terms, &mut requests).await;
            documents.insert(terms.url().to_string(), answer);
        }
        if let (false, Ok(page)) = (documents.is_empty(), Url::parse(&row.page_url)) {
            read_linked_terms(&mut row.evidence, &documents, &page);
        }
    }
    requests
}

fn judge_rows(policy: &Policy, archived: Option<&Site>, live: Option<&Site>, rows: Vec<Candidate>) -> Vec<Admitted> {
    rows.into_iter().map(|row| judge_row(policy, archived, live, row)).collect()
}

/// What nobody has refused yet is refused: the page's host could not be asked for all that it may say.
fn refuse_unknown(rows: &mut [Admitted], page: &Url, why: &str) {
    for row in rows.iter_mut().filter(|row| row.refused.is_none()) {
        row.refused = Some(DropReason::PageUnknown);
        row.candidate.evidence.push(Evidence {
            signal: "robots.crawl-delay".into(),
            scope: Scope::Origin,
            category: Category::Access,
            verdict: Verdict::Deny,
            place: page.join("/robots.txt").map_or_else(|_| page.to_string(), String::from),
            raw: why.to_owned(),
            addressed_to: None,
            source: Source::Live,
            seen_at: Some(Utc::now()),
        });
    }
}

fn judge_row(policy: &Policy, archived: Option<&Site>, live: Option<&Site>, mut candidate: Candidate) -> Admitted {
    let (Ok(page), Ok(image)) = (Url::parse(&candidate.page_url), Url::parse(&candidate.url)) else {
        return Admitted { candidate, refused: Some(DropReason::PageUnknown) };
    };
    let judge = |site: &Site| judge_page(policy, &page, &image, site, &candidate.evidence);
    let by_capture = archived.map(judge);
    let by_live = live.map(judge);
    // A site that cannot be asked now is taken at its last known word, if that is known.
    let stands_in = archived.is_some_and(Site::was_asked);
    let verdicts = match (by_capture, by_live) {
        (Some(capture), Some(live)) if stands_in && live.refused == Some(DropReason::PageUnknown) => vec![capture],
        (capture, live) => capture.into_iter().chain(live).collect(),
    };
    let listed = listed_elsewhere(policy, &candidate);
    let reasons = verdicts.iter().filter_map(|verdict| verdict.refused);
    let binds = policy.mode != Mode::RecordOnly;
    let refused = reasons.chain(listed.as_ref().filter(|_| binds).map(|_| DropReason::ImageListed)).min();
    candidate.evidence.extend(listed);
    let checked = archived.into_iter().chain(live).flat_map(|site| site.checked(Side::Page));
    for name in checked.chain((!verdicts.is_empty()).then_some(signals_checked::LISTS)) {
        if !candidate.checked.iter().any(|known| known == name) {
            candidate.checked.push(name.to_owned());
        }
    }
    for Judgement { evidence, .. } in verdicts {
        for piece in evidence {
            if !candidate.evidence.contains(&piece) {
                candidate.evidence.push(piece);
            }
        }
    }
    if refused == Some(DropReason::TextWithheld) {
        // The piece that withholds comes first, for it names the row's signal.
        candidate.evidence.sort_by_key(|piece| !withholds_text(policy, piece));
    }
    Admitted { candidate, refused }
}

/// A list that names another address of the same picture: another size, another format.
fn listed_elsewhere(policy: &Policy, candidate: &Candidate) -> Option<Evidence> {
    let others = candidate.other_urls.iter().filter_map(|other| Url::parse(other).ok());
    others.filter_map(|other| policy.lists.find(&other)).map(|hit| hit.evidence(Scope::ImageUrl)).next()
}

#[cfg(test)]
mod tests;
