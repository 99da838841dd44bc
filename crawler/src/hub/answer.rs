//! Asking for one file, along the way that the hub sends us.

use super::{Hub, Trouble, part::Part, refusal};
use crate::archives::{
    head::{Version, content_range, retry_after},
    with_causes,
};
use reqwest::{
    StatusCode,
    header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue, IF_RANGE, LOCATION, RANGE, TRANSFER_ENCODING},
};
use url::Url;

/// Most redirects followed: the hub's own way has two.
const MAX_REDIRECTS: usize = 5;

/// The hub's headers about a file that lies elsewhere (`file_download.py` of `huggingface_hub`).
const LINKED_TAG: &str = "x-linked-etag";
const LINKED_SIZE: &str = "x-linked-size";

/// The head of an answer with bytes behind it.
pub(super) struct Answer {
    pub(super) response: reqwest::Response,
    pub(super) version: Version,
    /// The first byte of a part; `None` where all comes.
    pub(super) start: Option<u64>,
    /// The SHA-256 that the hub states.
    pub(super) stated: Option<String>,
    /// Whether nothing but the end of the connection says that all has come.
    pub(super) ends_with_connection: bool,
}

impl Hub {
    /// Asks for what is missing of `part` until there is an answer with bytes.
    pub(super) async fn ask(&self, address: &Url, part: &Part) -> Result<Answer, Trouble> {
        let mut url = address.clone();
        let (mut stated, mut size) = (None, None);
        // What is here of a file that the hub says is another now is of no use.
        let mut going_on = part.at() > 0;
        for _ in 0..=MAX_REDIRECTS {
            let response = self.request(&url, going_on.then_some(part)).await?;
            let (status, headers) = (response.status(), response.headers());
            let asked_for_a_part = going_on;
            if self.is_own(&url) {
                stated = stated.or_else(|| digest(headers));
                size = size.or_else(|| text(headers, LINKED_SIZE)?.parse().ok());
                going_on &= stated.is_none() || part.stated() == stated.as_deref();
            }
            if status.is_redirection() {
                url = next(&url, status, headers)?;
                continue;
            }
            if asked_for_a_part && !going_on && status != StatusCode::OK {
                return Err(Trouble::Anew("the hub names another digest than before".into()));
            }
            self.judge(&url, status, headers, going_on)?;
            let range = (status == StatusCode::PARTIAL_CONTENT).then(|| content_range(headers));
            let mut version = Version::of(headers, range);
            version.bytes = version.bytes.or(size);
            let start = range.map(|(start, _)| start.unwrap_or(u64::MAX));
            let ends_with_connection = version.bytes.is_none()
                && response.version() < reqwest::Version::HTTP_2
                && !headers.contains_key(TRANSFER_ENCODING);
            return Ok(Answer { response, version, start, stated, ends_with_connection });
        }
        Err(refusal::in_circles(address, MAX_REDIRECTS).into())
    }

    async fn request(&self, url: &Url, part: Option<&Part>) -> Result<reqwest::Response, Trouble> {
        let mut request = self.client.get(url.clone()).header(ACCEPT_ENCODING, "identity");
        if let Some(token) = self.token.as_ref().filter(|_| self.is_own(url)) {
            request = request.header(AUTHORIZATION, token);
        }
        if let Some(part) = part {
            request = request.header(RANGE, format!("bytes={}-", part.at()));
            // If-Range compares strongly (RFC 9110 section 13.1.5); without a strong tag, what comes is compared here.
            let tag = part.version().and_then(|version| version.tag.as_deref());
            if let Some(tag) = tag.filter(|tag| !tag.starts_with("W/")).and_then(|tag| HeaderValue::from_str(tag).ok())
            {
                request = request.header(IF_RANGE, tag);
            }
        }
        let stall = self.patience.stall;
        match tokio::time::timeout(stall, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(Trouble::Again(with_causes(&error.without_url()))),
            Err(_) => Err(Trouble::Again(format!("no answer for {stall:?}"))),
        }
    }

    /// Whether `url` is of the hub itself: its scheme, host and port. Nobody else is shown the token or believed about
    /// digests.
    fn is_own(&self, url: &Url) -> bool {
        url.origin() == self.root.origin()
    }

    /// What the status means for this file.
    fn judge(&self, url: &Url, status: StatusCode, headers: &HeaderMap, going_on: bool) -> Result<(), Trouble> {
        match status.as_u16() {
            200 => Ok(()),
            206 if going_on => Ok(()),
            416 if going_on => Err(Trouble::Anew("what is here is longer than the file".into())),
            401 | 403 => Err(refusal::locked(url, status, headers, self.token.is_some()).into()),
            404 | 410 => Err(refusal::missing(url, status, headers).into()),
            408 | 429 | 500..=599 => {
                let problem = format!("`{}` answered {}", url.origin().ascii_serialization(), status.as_u16());
                Err(match retry_after(headers) {
                    Some(wait) => Trouble::After(problem, wait),
                    None => Trouble::Again(problem),
                })
            }
            _ => Err(refusal::unexpected(url, status).into()),
        }
    }
}

/// Where a redirect leads.
fn next(url: &Url, status: StatusCode, headers: &HeaderMap) -> Result<Url, Trouble> {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let next = location.and_then(|location| url.join(location).ok()).ok_or_else(|| refusal::unexpected(url, status))?;
    match (url.scheme(), next.scheme()) {
        ("http", "http" | "https") | ("https", "https") => Ok(next),
        // In the open, anybody on the way could put another file in its place.
        _ => Err(refusal::downgraded(url, &next).into()),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// The SHA-256 of a large file, as the hub states it; small files have git's digest there, which says less.
fn digest(headers: &HeaderMap) -> Option<String> {
    let tag = text(headers, LINKED_TAG)?;
    let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    (tag.len() == 64 && tag.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| tag.to_ascii_lowercase())
}
