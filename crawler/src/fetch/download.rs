//! One picture: gate, request, redirects, headers, body.

use super::{Requests, Tools, plan::Wanted, queue::strains_patience};
use crate::{
    body,
    door::{Failure, Held, Response},
};
use chrono::Utc;
use consent::{
    Answer, FileReading, Permit, Picture, Purpose, Refusal, Site, gate, review_file, review_headers,
    signals_checked::{self, Side},
};
use schema::{Candidate, DropReason, Evidence, Fetched, Host, LedgerRow, Mode, Source};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use url::Url;

/// Longest wait that a server may ask for before it is given up.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// How one picture ended.
#[derive(Debug)]
pub(super) enum End {
    /// With what bounds the bodies in memory.
    Fetched(Box<Fetched>, Held),
    Lost(Box<LedgerRow>),
}

/// Asks for pictures.
#[derive(Clone, Copy)]
pub(super) struct Downloader<'a> {
    pub(super) tools: &'a Tools,
    pub(super) requests: &'a Requests,
    /// How often in a row the host has failed us.
    pub(super) failures: &'a AtomicU32,
}

/// How far a picture's requests have come.
struct Trail {
    start: Instant,
    /// Requests sent, over all tries.
    attempts: i32,
    /// Of the last of them: its URL, the status it was answered with, bytes of body.
    url: Option<Url>,
    status: Option<u16>,
    bytes: Option<usize>,
}

/// Why a try brought nothing.
struct Loss {
    reason: DropReason,
    evidence: Vec<Evidence>,
}

impl From<DropReason> for Loss {
    fn from(reason: DropReason) -> Self {
        Self { reason, evidence: Vec::new() }
    }
}

impl From<Refusal> for Loss {
    fn from(refusal: Refusal) -> Self {
        Self { reason: refusal.reason, evidence: refusal.evidence }
    }
}

impl Downloader<'_> {
    /// Asks for one picture, again after a transient failure.
    pub(super) async fn one(self, wanted: Wanted) -> End {
        let Wanted { mut candidate, sticky } = wanted;
        let mut trail = Trail { start: Instant::now(), attempts: 0, url: None, status: None, bytes: None };
        let mut try_number = 0;
        let loss = loop {
            match self.attempt(&candidate, sticky.as_ref(), &mut trail).await {
                Ok((arrival, held)) => {
                    self.failures.store(0, Ordering::Relaxed);
                    return End::Fetched(Box::new(arrival.into_row(candidate, &trail)), held);
                }
                Err(Try::Lost(loss)) => {
                    self.failures.fetch_add(u32::from(strains_patience(loss.reason)), Ordering::Relaxed);
                    break loss;
                }
                Err(Try::Again(loss, wait)) => {
                    let is_last = try_number >= self.tools.config.fetch.retries;
                    // A host in trouble is troubled by each try; an error with one picture is told once.
                    let strains = loss.reason != DropReason::HttpError || is_last;
                    let failures = self.failures.fetch_add(u32::from(strains), Ordering::Relaxed) + u32::from(strains);
                    let is_patient = failures < self.tools.config.fetch.host_patience;
                    let is_dismissed = wait.is_some_and(|wait| wait > LONGEST_WAIT);
                    // A redirect may have led to somebody else, whose wish is not our host's.
                    let by_host = trail
                        .url
                        .as_ref()
                        .and_then(Host::of)
                        .is_some_and(|host| host.to_string() == candidate.image_host);
                    if is_dismissed && by_host {
                        // Nor is the host asked for anything else: it would be well before the time it named.
                        self.failures.fetch_max(self.tools.config.fetch.host_patience, Ordering::Relaxed);
                    }
                    if is_last || !is_patient || is_dismissed {
                        break loss;
                    }
                    try_number += 1;
                    // 0.5 s, 1 s, 2 s …, or as long as the server asks for.
                    let backoff = Duration::from_millis(250) * 2_u32.pow(try_number.min(6));
                    tokio::time::sleep(wait.unwrap_or(backoff)).await;
                }
            }
        };
        // The piece that refused comes first, for it names the row's signal. Where nothing is
        // fetched at all, that is what the page said, if it said anything.
        if self.tools.policy.mode == Mode::RecordOnly {
            candidate.evidence.extend(loss.evidence);
        } else {
            candidate.evidence.splice(0..0, loss.evidence);
        }
        let mut row = LedgerRow::of(&candidate, loss.reason);
        trail.enter(&mut row);
        End::Lost(Box::new(row))
    }

    /// One way through all redirects to a body.
    async fn attempt(
        &self,
        candidate: &Candidate,
        sticky: Option<&Evidence>,
        trail: &mut Trail,
    ) -> Result<(Arrival, Held), Try> {
        let fetch = &self.tools.config.fetch;
        let mut url = bare(Url::parse(&candidate.url).map_err(|_| Loss::from(DropReason::Connection))?);
        let mut visited = HashSet::new();
        let mut purpose = Purpose::Image { sticky };
        let mut heard = Vec::new();
        loop {
            if !visited.insert(url.clone()) || visited.len() > 1 + fetch.max_redirects as usize {
                return Err(Loss::from(DropReason::TooManyRedirects).into());
            }
            let (permit, site) = self.permit(&url, purpose).await.map_err(Loss::from)?;
            let sent = self.tools.door.send(&permit).await;
            if !sent.as_ref().is_err_and(Failure::stayed_here) {
                trail.begin(&url);
                self.requests.images.fetch_add(1, Ordering::Relaxed);
            }
            let response = sent.map_err(|failure| Try::of(&failure))?;
            let status = response.status();
            trail.status = Some(status);
            let reviewed = review_headers(&self.tools.policy, &permit, status, &response.headers(), Utc::now());
            heard.extend(reviewed.map_err(Loss::from)?);
            match status {
                200 => {}
                300..=399 if status != 304 => {
                    let to = response.header("location").and_then(|to| url.join(&to).ok());
                    let to = to.filter(|to| matches!(to.scheme(), "http" | "https"));
                    url = bare(to.ok_or_else(|| Loss::from(DropReason::HttpError))?);
                    purpose = Purpose::Redirect { sticky };
                    continue;
                }
                404 | 410 => return Err(Loss::from(DropReason::Gone).into()),
                429 | 503 => {
                    let wait = self.respect_wait(&url, &response);
                    return Err(Try::Again(DropReason::Throttled.into(), wait));
                }
                500..=599 => return Err(Try::Again(DropReason::HttpError.into(), None)),
                _ => return Err(Loss::from(DropReason::HttpError).into()),
            }
            if !body::may_be_image(&response.media_type()) {
                return Err(Loss::from(DropReason::NotAnImage).into());
            }
            let received = response.body_held(fetch.max_body_bytes).await;
            let (bytes, held) = received.map_err(|failure| Try::of(&failure))?;
            trail.bytes = Some(bytes.len());
            if (bytes.len() as u64) < self.tools.config.keep.min_body_bytes {
                return Err(Loss::from(DropReason::BodyTooSmall).into());
            }
            let facts = body::facts(&bytes, fetch.max_pixels).map_err(Loss::from)?;
            let picture = Picture { bytes: &bytes, sha256: &facts.sha256, media_type: facts.mime };
            let mut inside =
                review_file(&self.tools.policy, &permit, &site, &picture, Utc::now()).map_err(Loss::from)?;
            heard.append(&mut inside.evidence);
            let checked = site.checked(Side::Image);
            return Ok((Arrival { url, facts, bytes, heard, inside, checked }, held));
        }
    }

    async fn permit(&self, url: &Url, purpose: Purpose<'_>) -> Result<(Permit, Arc<Site>), Refusal> {
        let refused_already = matches!(purpose, Purpose::Image { sticky: Some(_) });
        let listed = self.tools.policy.lists.find(url).is_some();
        let nothing_is_fetched = self.tools.policy.mode == Mode::RecordOnly;
        // What is refused anyway need not trouble the site for its files. An empty robots.txt says
        // nothing, so no evidence of it is left.
        if refused_already || listed || nothing_is_fetched {
            let silent = Site::new(url, Answer::Status(200), Source::Live, None);
            gate(&self.tools.policy, url, &silent, purpose)?;
        }
        let asked = self.tools.sites.of(url, Side::Image).await;
        self.requests.site_files.fetch_add(asked.requests, Ordering::Relaxed);
        let permit = gate(&self.tools.policy, url, &asked.site, purpose).map_err(|mut refusal| {
            // That nobody could be asked has a plainer name where there is nobody.
            let nobody = matches!(asked.failure, Some(Failure::PrivateAddress | Failure::NoAddress(_)));
            if let (DropReason::ImageUnknown, true, Some(failure)) = (refusal.reason, nobody, &asked.failure) {
                refusal.reason = failure.reason();
            }
            refusal
        })?;
        Ok((permit, asked.site))
    }

    /// How long the server wants us to wait; its host is left alone for so long.
    fn respect_wait(&self, url: &Url, response: &Response) -> Option<Duration> {
        let wait = response.retry_after()?;
        // Whoever answered is left alone, be it our host or one that it sent us to.
        if let Some(host) = Host::of(url) {
            self.tools.door.pause(&host, wait.min(LONGEST_WAIT));
        }
        Some(wait)
    }
}

impl Trail {
    /// A request has been sent; what was known of the one before counts no more.
    fn begin(&mut self, url: &Url) {
        self.attempts += 1;
        self.url = Some(url.clone());
        self.status = None;
        self.bytes = None;
    }

    fn enter(self, row: &mut LedgerRow) {
        row.final_url = self.url.map(String::from);
        row.status = self.status.map(i32::from);
        row.bytes = self.bytes.and_then(|bytes| i64::try_from(bytes).ok());
        row.attempts = self.attempts;
        row.seconds = Some(self.start.elapsed().as_secs_f32());
        row.ended_at = Some(Utc::now());
    }
}

/// The address as it is asked for: neither a fragment nor credentials are sent, so they make no other address.
fn bare(mut url: Url) -> Url {
    url.set_fragment(None);
    // These fail only for URLs that cannot hold credentials.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// A picture that has come.
struct Arrival {
    url: Url,
    facts: body::Facts,
    bytes: Vec<u8>,
    heard: Vec<Evidence>,
    /// What is written inside it, its evidence taken out.
    inside: FileReading,
    /// Files of its site that were read.
    checked: Vec<&'static str>,
}

impl Arrival {
    fn into_row(self, mut candidate: Candidate, trail: &Trail) -> Fetched {
        candidate.evidence.extend(self.heard);
        let response = [signals_checked::IMAGE_HEADER, signals_checked::IMAGE_FILE];
        candidate.checked.extend(self.checked.into_iter().chain(response).map(str::to_owned));
        // What the picture says of its licence is nearer to it than what the page says.
        candidate.license_url = self.inside.license_url.or(candidate.license_url);
        Fetched {
            candidate,
            final_url: self.url.into(),
            attempts: trail.attempts,
            seconds: trail.start.elapsed().as_secs_f32(),
            fetched_at: Utc::now(),
            mime: self.facts.mime.to_owned(),
            width: self.facts.width,
            height: self.facts.height,
            sha256: self.facts.sha256,
            ai_generated: self.inside.generated,
            offset: 0,
            bytes: self.bytes.len() as u64,
            body: self.bytes.into(),
        }
    }
}

/// A try that brought nothing.
enum Try {
    /// For good.
    Lost(Loss),
    /// For now; after so long it may be tried again.
    Again(Loss, Option<Duration>),
}

impl Try {
    fn of(failure: &Failure) -> Self {
        let loss = Loss::from(failure.reason());
        if failure.is_transient() { Self::Again(loss, None) } else { Self::Lost(loss) }
    }
}

impl From<Loss> for Try {
    fn from(loss: Loss) -> Self {
        Self::Lost(loss)
    }
}
