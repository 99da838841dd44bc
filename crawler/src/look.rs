//! One URL looked at closely: all that its site, its response and its content say, and what we would do.
//!
//! For site owners and artists, as a linter: nothing is kept. What may not be asked for is not
//! asked for here either, so that the look ends where a run would end.

use crate::{
    Asked, Error, Sites, body, charset,
    door::{Door, Failure},
    extract::{Found, Mentions, images, texts},
    http, warc,
};
use chrono::{DateTime, Utc};
use consent::{
    Answer, PageRights, PageView, Permit, Picture, Policy, Purpose, Site, SiteAnswers, SiteFile, gate, judge_page,
    page_evidence, review_file, review_headers,
    signals_checked::{self, Side},
};
use schema::{DropReason, Evidence, Keep, Source};
use serde::Serialize;
use std::{collections::BTreeSet, io::Read};
use url::Url;

/// Longest page read.
const MAX_PAGE_BYTES: u64 = 16 * 1024 * 1024;
/// Most redirects followed.
const MAX_REDIRECTS: usize = 5;

/// What was found at a URL.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
    /// Where the look ended, after redirects.
    pub url: String,
    /// What lies there.
    pub kind: Kind,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why we would not use it, if we would not; for a page, any of its pictures.
    pub refused: Option<DropReason>,
    /// All that was said of it.
    pub evidence: Vec<Evidence>,
    /// Signals that were looked for, heard or silent.
    pub checked: BTreeSet<&'static str>,
    /// The pictures of a page. Their own hosts were not asked.
    pub images: Vec<Shown>,
}

/// What lies at a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// An HTML page.
    Page,
    /// A picture.
    Image,
    /// Something else, or nothing that may be asked for.
    Unknown,
}

/// A picture on a page.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// Its URL.
    pub url: String,
    /// The text we would pair it with.
    pub text: Option<String>,
    /// Why the page's side refuses it, if it does.
    pub refused: Option<DropReason>,
    /// What is said of this picture beside what is said of the page.
    pub evidence: Vec<Evidence>,
}

/// What a look needs.
#[derive(Clone, Copy, Debug)]
pub struct Looker<'a> {
    /// The rules of consent.
    pub policy: &'a Policy,
    /// The way out.
    pub door: &'a Door,
    /// What sites state.
    pub sites: &'a Sites,
    /// Largest picture read, in bytes and pixels.
    pub max_body_bytes: u64,
    /// See there.
    pub max_pixels: u64,
}

impl Looker<'_> {
    /// Looks at a page or picture on the live web.
    pub async fn look_at(&self, url: &Url) -> Result<Look, Failure> {
        let mut look = Look::at(url);
        let mut url = url.clone();
        for _ in 0..=MAX_REDIRECTS {
            url.set_fragment(None);
            url.as_str().clone_into(&mut look.url);
            let Asked { site, failure, .. } = self.sites.of(&url, Side::Image).await;
            if let Some(failure) = failure.filter(Failure::stayed_here) {
                return Err(failure);
            }
            look.checked.extend(site.checked(Side::Image));
            look.checked.insert(signals_checked::LISTS);
            let permit = match gate(self.policy, &url, &site, Purpose::Image { sticky: None }) {
                Ok(permit) => permit,
                Err(refusal) => return Ok(look.ended(refusal.reason, refusal.evidence)),
            };
            let response = self.door.send(&permit).await?;
            look.status = Some(response.status());
            let next = response.header("location").and_then(|to| url.join(&to).ok());
            if let (300..=399, Some(next)) = (response.status(), next) {
                look.evidence.extend(permit.evidence().iter().cloned());
                url = next;
                continue;
            }
            let answered = Answered { url: &url, permit: &permit, site: &site };
            return match response.media_type().as_str() {
                "text/html" | "application/xhtml+xml" => self.page(look, &answered, response).await,
                _ => self.image(look, &answered, response).await,
            };
        }
        Ok(look.ended(DropReason::TooManyRedirects, Vec::new()))
    }

    /// What a header says of a page's use does not keep anybody from reading the page itself.
    async fn page(
        &self,
        mut look: Look,
        answered: &Answered<'_>,
        response: crate::door::Response,
    ) -> Result<Look, Failure> {
        let headers = response.headers();
        let content_type = response.header("content-type");
        if response.status() != 200 {
            let reviewed = review_headers(self.policy, answered.permit, response.status(), &headers, Utc::now());
            return Ok(look.reviewed(reviewed.map_err(|refusal| (refusal.reason, refusal.evidence))));
        }
        let (bytes, _) = response.start_of_body(MAX_PAGE_BYTES).await?;
        let page = Received {
            url: answered.url,
            headers: &headers,
            content_type: content_type.as_deref(),
            bytes: &bytes,
            source: Source::Live,
            seen_at: Some(Utc::now()),
        };
        // As a page it is judged by its site as pages are; ai.txt was read beside that.
        page.read(&mut look, self.policy, answered.site);
        Ok(look)
    }

    async fn image(
        &self,
        mut look: Look,
        answered: &Answered<'_>,
        response: crate::door::Response,
    ) -> Result<Look, Failure> {
        let now = Utc::now();
        look.checked.insert(signals_checked::IMAGE_HEADER);
        let status = response.status();
        match review_headers(self.policy, answered.permit, status, &response.headers(), now) {
            Ok(evidence) => look.evidence.extend(evidence),
            Err(refusal) => return Ok(look.ended(refusal.reason, refusal.evidence)),
        }
        if status != 200 {
            let reason = if matches!(status, 404 | 410) { DropReason::Gone } else { DropReason::HttpError };
            return Ok(look.ended(reason, Vec::new()));
        }
        let bytes = match response.body(self.max_body_bytes).await {
            Err(Failure::BodyTooLarge) => return Ok(look.ended(DropReason::BodyTooLarge, Vec::new())),
            received => received?,
        };
        let facts = match body::facts(&bytes, self.max_pixels) {
            Ok(facts) => facts,
            Err(reason) => return Ok(look.ended(reason, Vec::new())),
        };
        look.kind = Kind::Image;
        look.checked.insert(signals_checked::IMAGE_FILE);
        let picture = Picture { bytes: &bytes, sha256: &facts.sha256, media_type: facts.mime };
        let reviewed = review_file(self.policy, answered.permit, answered.site, &picture, now);
        Ok(look
            .reviewed(reviewed.map(|reading| reading.evidence).map_err(|refusal| (refusal.reason, refusal.evidence))))
    }
}

struct Answered<'a> {
    url: &'a Url,
    permit: &'a Permit,
    site: &'a Site,
}

/// Looks at a page in an archive; its site's files are those that were captured beside it. `None`
/// where the archive does not hold the page.
pub fn look_in(archive: impl Read, name: &str, policy: &Policy, url: &Url) -> Result<Option<Look>, Error> {
    let failed = |source| Error::Read { name: name.to_owned(), source };
    let mut reader = warc::Reader::new(archive, warc::Limits::default()).map_err(failed)?;
    let mut answers = SiteAnswers::from(Answer::Unasked);
    let mut page = None;
    while let Some(item) = reader.next_item().map_err(failed)? {
        let warc::Item::Record(record) = item else { continue };
        let target = record.target().and_then(|target| Url::parse(&target).ok());
        let Some(target) = target.filter(|target| record.is("response") && target.origin() == url.origin()) else {
            continue;
        };
        let Ok(response) = http::Response::parse(record.block) else { continue };
        if let Some(file) = SiteFile::at(target.path()) {
            let answer = match response.status {
                status @ 200..=299 => Answer::Found { status, body: response.body.into_owned(), content_type: None },
                status => Answer::Status(status),
            };
            match file {
                SiteFile::Robots => answers.robots = answer,
                file => drop(answers.files.insert(file, answer)),
            }
        } else if target == *url && page.is_none() {
            page = Some((response.into_owned(), record.date()));
        }
    }
    let Some((response, seen_at)) = page else { return Ok(None) };
    let site = Site::new(url, answers, Source::Warc, seen_at);
    let mut look = Look { status: Some(response.status), ..Look::at(url) };
    look.checked.extend(site.checked(Side::Page));
    let page = Received {
        url,
        headers: &response.headers,
        content_type: response.header("Content-Type"),
        bytes: &response.body,
        source: Source::Warc,
        seen_at,
    };
    page.read(&mut look, policy, &site);
    Ok(Some(look))
}

/// A page as it was received.
struct Received<'a> {
    url: &'a Url,
    headers: &'a [(String, String)],
    content_type: Option<&'a str>,
    bytes: &'a [u8],
    source: Source,
    seen_at: Option<DateTime<Utc>>,
}

impl Received<'_> {
    fn read(&self, look: &mut Look, policy: &Policy, site: &Site) {
        let text = charset::decode(self.bytes, self.content_type, self.url.host_str());
        let markup = markup::Page::parse(&text);
        let view = PageView {
            url: self.url,
            headers: self.headers,
            markup: &markup,
            source: self.source,
            seen_at: self.seen_at,
            now: self.seen_at.unwrap_or_default(),
        };
        let evidence = page_evidence(policy, &view);
        let (base, json_ld, keep) = (view.base(), view.json_ld(), Keep::default());
        let mentions = Mentions::of(&markup, &json_ld, &base, keep.max_url_bytes);
        let rights = PageRights::of_documents(&json_ld, base.clone());
        let on_page = OnPage { policy, view, rights, site, evidence: &evidence, keep: &keep };
        let images = images::of(&markup, &base, &mentions, keep.max_url_bytes);
        look.images = images.filter_map(|found| on_page.shown(&found)).collect();
        let judged = judge_page(policy, self.url, self.url, site, &evidence);
        look.kind = Kind::Page;
        look.refused = judged.refused;
        look.checked.extend([signals_checked::PAGE_HEADER, signals_checked::PAGE_META, signals_checked::LISTS]);
        look.evidence.extend(evidence);
        look.add(judged.evidence);
    }
}

/// What all pictures of a page share.
struct OnPage<'a> {
    policy: &'a Policy,
    view: PageView<'a>,
    rights: PageRights,
    site: &'a Site,
    evidence: &'a [Evidence],
    keep: &'a Keep,
}

impl OnPage<'_> {
    fn shown(&self, found: &Found<'_>) -> Option<Shown> {
        let url = found.url.as_ref().ok()?;
        let own = found.evidence(self.policy, &self.view, &self.rights);
        let all: Vec<Evidence> = self.evidence.iter().chain(&own).cloned().collect();
        let refused = judge_page(self.policy, self.view.url, url, self.site, &all).refused;
        let text = texts::choose(self.keep, found).ok().map(|chosen| chosen.text);
        Some(Shown { url: url.to_string(), text, refused, evidence: own })
    }
}

impl Look {
    fn at(url: &Url) -> Self {
        Self {
            url: url.to_string(),
            kind: Kind::Unknown,
            status: None,
            refused: None,
            evidence: Vec::new(),
            checked: BTreeSet::new(),
            images: Vec::new(),
        }
    }

    fn add(&mut self, evidence: Vec<Evidence>) {
        for one in evidence {
            if !self.evidence.contains(&one) {
                self.evidence.push(one);
            }
        }
    }

    fn ended(mut self, reason: DropReason, evidence: Vec<Evidence>) -> Self {
        self.refused = Some(reason);
        self.add(evidence);
        self
    }

    fn reviewed(mut self, reviewed: Result<Vec<Evidence>, (DropReason, Vec<Evidence>)>) -> Self {
        match reviewed {
            Ok(evidence) => {
                self.add(evidence);
                self
            }
            Err((reason, evidence)) => self.ended(reason, evidence),
        }
    }
}
