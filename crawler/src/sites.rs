//! What each site states in its own files, read once per run and kept.

use crate::door::{Door, Failure, Response};
use chrono::Utc;
use consent::{Answer, Permit, Policy, Site, SiteFile};
use schema::{Host, Source};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OnceCell;
use url::{Origin, Url};

/// Longest robots.txt read: twice what RFC 9309 section 2.5 asks for.
const MAX_ROBOTS_BYTES: u64 = 1024 * 1024;

/// The sites met so far, each asked once.
#[derive(Debug)]
pub struct Sites {
    door: Arc<Door>,
    policy: Arc<Policy>,
    known: Mutex<HashMap<Origin, Arc<OnceCell<Known>>>>,
}

/// A site, and why it could not be asked if it could not.
type Known = (Arc<Site>, Option<Failure>);

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
        Self { door, policy, known: Mutex::default() }
    }

    /// The site of `url`. Asks it the first time; whoever comes meanwhile waits for that answer.
    pub async fn of(&self, url: &Url) -> Asked {
        let cell = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(url.origin()).or_default())
        };
        let mut requests = 0;
        let (site, failure) = cell.get_or_init(|| self.ask(url, &mut requests)).await.clone();
        Asked { site, failure, requests }
    }

    async fn ask(&self, url: &Url, requests: &mut u64) -> Known {
        let mut answer = self.robots(url, requests).await;
        if answer.as_ref().is_err_and(Failure::is_transient) {
            // One more try: a site whose file is lost to chance would be refused for the whole run.
            answer = self.robots(url, requests).await;
        }
        let (answer, failure) = match answer {
            Ok(answer) => (answer, None),
            Err(failure) => (Answer::Unreachable { why: failure.to_string() }, Some(failure)),
        };
        let site = Site::new(url, &answer, Source::Live, Some(Utc::now()));
        if let (Some(delay), Some(host)) = (site.crawl_delay(&self.policy), Host::of(url)) {
            self.door.slow_down(&host, delay);
        }
        (Arc::new(site), failure)
    }

    /// Reads robots.txt. Redirects are followed, across authorities too, and the result governs
    /// the authority that was asked (RFC 9309 section 2.3.1.2).
    async fn robots(&self, url: &Url, requests: &mut u64) -> Result<Answer, Failure> {
        let mut permit = Permit::for_site_file(url, SiteFile::Robots);
        loop {
            let sent = self.door.send(&permit).await;
            *requests += u64::from(!sent.as_ref().is_err_and(Failure::stayed_here));
            let response = match sent {
                // Where the file was moved to cannot be asked, which says nothing of the site itself.
                Err(failure) if permit.url().origin() != url.origin() => {
                    return Ok(Answer::Unreachable { why: failure.to_string() });
                }
                sent => sent?,
            };
            let status = response.status();
            if !(300..400).contains(&status) {
                return read(response).await;
            }
            let next = response.header("location").and_then(|to| permit.url().join(&to).ok());
            match next.and_then(|to| permit.redirect(&to)) {
                Some(next) => permit = next,
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
    let (body, _) = response.start_of_body(MAX_ROBOTS_BYTES).await?;
    Ok(Answer::Found { status, body, content_type })
}
