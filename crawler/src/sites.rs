//! What each site states in its own files, each file read once per run and kept with its age.

use crate::door::{Door, Failure, Response};
use chrono::{DateTime, Utc};
use consent::{Answer, Permit, Policy, Site, SiteAnswers, SiteFile, TermsUrl, license_urls, signals_checked::Side};
use schema::{Host, Source};
use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::OnceCell;
use url::{Origin, Url};

/// Longest file read: twice what RFC 9309 section 2.5 asks for.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Longest wait between two requests that we have time for, and longest wait before the next one. Whoever asks for
/// more is not asked again.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// Entries of a kind that are surely kept. Whatever was not asked for while as many others were is let
/// go, which keeps memory flat over millions of hosts and asks none of those at work a second time.
const MOST_KEPT: usize = 16_384;

/// The sites met so far, each asked once.
#[derive(Debug)]
pub struct Sites {
    door: Arc<Door>,
    policy: Arc<Policy>,
    known: Kept<(Origin, Side), Known>,
    /// Files by their URL: a host may serve pages and pictures, and licence terms serve many.
    files: Kept<String, Received>,
}

/// A site, and why it could not be asked if it could not.
type Known = (Arc<Site>, Option<Failure>);

/// What came back for one file.
#[derive(Clone, Debug)]
struct Received {
    answer: Result<Answer, Failure>,
    at: DateTime<Utc>,
}

/// What came of asking for a site.
#[derive(Clone, Debug)]
pub struct Asked {
    /// What it states.
    pub site: Arc<Site>,
    /// Why it could not be asked, if it could not.
    pub failure: Option<Failure>,
    /// Requests that were sent for it now; none where it was known.
    pub requests: u64,
}

impl Sites {
    /// Sites that are asked through `door`.
    pub fn new(door: Arc<Door>, policy: Arc<Policy>) -> Self {
        Self { door, policy, known: Kept::default(), files: Kept::default() }
    }

    /// The site of `url`, as far as its `role` needs it, the page's or the image's. Asks it the first time; whoever
    /// comes meanwhile waits for that answer.
    pub async fn of(&self, url: &Url, role: Side) -> Asked {
        let cell = self.known.cell((url.origin(), role));
        let mut requests = 0;
        let (site, failure) = cell.get_or_init(|| self.ask(url, role, &mut requests)).await.clone();
        Asked { site, failure, requests }
    }

    /// Terms at an address that a page or response names, as they were received.
    pub async fn document(&self, terms: &TermsUrl, requests: &mut u64) -> Answer {
        let received = self.received(&Permit::for_terms(terms), requests).await;
        received.answer.unwrap_or_else(|failure| unreachable(&failure))
    }

    async fn ask(&self, url: &Url, side: Side, requests: &mut u64) -> Known {
        let robots = self.received(&Permit::for_site_file(url, SiteFile::Robots), requests).await;
        let (answer, failure) = match robots.answer {
            Ok(answer) => (answer, None),
            Err(failure) => (unreachable(&failure), Some(failure)),
        };
        let alone = Site::new(url, &answer, Source::Live, Some(robots.at));
        if let (Some(delay), Some(host)) = (alone.crawl_delay(&self.policy), Host::of(url)) {
            self.door.slow_down(&host, delay.min(LONGEST_WAIT));
            if delay > LONGEST_WAIT {
                return Self::unvisited(url, side, alone, delay);
            }
        }
        // A site that is closed to us as a whole is not asked for more.
        if alone.is_closed(&self.policy) {
            return (Arc::new(alone), failure);
        }
        let mut answers = SiteAnswers::from(answer);
        for file in side.files() {
            self.add(&mut answers, url, *file, requests).await;
        }
        for terms in license_urls(&answers.robots, url, &self.policy) {
            let document = self.document(&terms, requests).await;
            answers.documents.insert(terms.url().to_string(), document);
        }
        (Arc::new(Site::new(url, answers, Source::Live, Some(robots.at))), failure)
    }

    /// What is known of a site that wants longer waits than we have time for: it is asked for nothing more, and what it
    /// would have said is a no. On its pages, which lie in an archive, what `robots` says is known and told, too.
    fn unvisited(url: &Url, side: Side, robots: Site, delay: Duration) -> Known {
        let why = format!("Crawl-delay: {} s is longer than this crawler can wait", delay.as_secs());
        let known = match side {
            Side::Page => robots,
            Side::Image => Site::new(url, Answer::Unreachable { why: why.clone() }, Source::Live, Some(Utc::now())),
        };
        (Arc::new(known), Some(Failure::Unwaited(why)))
    }

    /// Asks for one of the site's other files, and where it is not there for the place it may lie
    /// in instead.
    async fn add(&self, answers: &mut SiteAnswers, url: &Url, file: SiteFile, requests: &mut u64) {
        let mut next = Some(file);
        while let Some(file) = next {
            let received = self.received(&Permit::for_site_file(url, file), requests).await;
            let answer = received.answer.unwrap_or_else(|failure| unreachable(&failure));
            next = file.fallback().filter(|_| matches!(answer.status(), 404 | 410));
            answers.files.insert(file, answer);
        }
    }

    /// What came back for the file of `permit`, now or earlier in this run.
    async fn received(&self, permit: &Permit, requests: &mut u64) -> Received {
        let cell = self.files.cell(permit.url().to_string());
        let received = cell.get_or_init(|| async {
            let mut answer = self.follow(permit, requests).await;
            if answer.as_ref().is_err_and(Failure::is_transient) {
                // One more try: a site whose file is lost to chance would be refused for the whole run.
                answer = self.follow(permit, requests).await;
            }
            Received { answer, at: Utc::now() }
        });
        received.await.clone()
    }

    /// Reads a file. Redirects are followed, across authorities too, and the result governs the
    /// authority that was asked (RFC 9309 section 2.3.1.2).
    async fn follow(&self, permit: &Permit, requests: &mut u64) -> Result<Answer, Failure> {
        let asked = permit.url().origin();
        let mut hop: Option<Permit> = None;
        loop {
            let permit = hop.as_ref().unwrap_or(permit);
            let sent = self.door.send(permit).await;
            *requests += u64::from(!sent.as_ref().is_err_and(Failure::stayed_here));
            let response = match sent {
                // Where the file was moved to cannot be asked, which says nothing of the site itself.
                Err(failure) if permit.url().origin() != asked => return Ok(unreachable(&failure)),
                sent => sent?,
            };
            let status = response.status();
            if let (429 | 503, Some(wait), Some(host)) = (status, response.retry_after(), Host::of(permit.url())) {
                self.door.pause(&host, wait.min(LONGEST_WAIT));
            }
            if !(300..400).contains(&status) {
                return read(response).await;
            }
            let next = response.header("location").and_then(|to| permit.url().join(&to).ok());
            match next.and_then(|to| permit.redirect(&to)) {
                Some(next) => hop = Some(next),
                None => return Ok(Answer::Status(status)),
            }
        }
    }
}

async fn read(response: Response) -> Result<Answer, Failure> {
    let status = response.status();
    if !(200..300).contains(&status) {
        return Ok(Answer::Status(status));
    }
    let content_type = response.header("content-type");
    let (body, _) = response.start_of_body(MAX_FILE_BYTES + 1).await?;
    Ok(Answer::Found { status, body, content_type })
}

fn unreachable(failure: &Failure) -> Answer {
    Answer::Unreachable { why: failure.to_string() }
}

/// Values that are worked out once each, whoever comes first. Two generations of them: what is asked
/// for lives on in the younger one, and when that is full the elder is let go.
#[derive(Debug)]
struct Kept<K, V>(Mutex<[HashMap<K, Arc<OnceCell<V>>>; 2]>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    fn cell(&self, key: K) -> Arc<OnceCell<V>> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [young, old] = &mut *generations;
        if let Some(cell) = young.get(&key) {
            return Arc::clone(cell);
        }
        let cell = old.remove(&key).unwrap_or_default();
        if young.len() >= MOST_KEPT {
            *old = std::mem::take(young);
        }
        young.insert(key, Arc::clone(&cell));
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes_in_bounded_memory() {
        let kept: Kept<usize, ()> = Kept::default();
        let (first, asked) = (kept.cell(0), kept.cell(1));
        for key in 2..5 * MOST_KEPT {
            kept.cell(key);
            assert!(Arc::ptr_eq(&kept.cell(1), &asked), "{key}");
        }
        assert!(!Arc::ptr_eq(&kept.cell(0), &first));
        assert!(kept.0.lock().unwrap().iter().map(HashMap::len).sum::<usize>() <= 2 * MOST_KEPT);
    }
}
