//! A response whose head has come and whose body has not been read yet.

use super::{Failure, pace::Turn};
use futures::StreamExt;
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

/// A body of more bytes waits for its place among the large ones.
pub(super) const LARGE: usize = 1024 * 1024;

/// The head of a response, and the right to read its body. Dropping it closes the connection
/// without reading on.
#[derive(Debug)]
pub struct Response {
    inner: reqwest::Response,
    waits: Waits,
    _turn: Turn,
    connection: OwnedSemaphorePermit,
    large_bodies: Arc<Semaphore>,
}

/// A place among the connections and the large bodies that stay taken while a body is in memory, until dropped.
#[derive(Debug, Default)]
#[expect(dead_code, reason = "held, not looked at")]
pub struct Held {
    connection: Option<OwnedSemaphorePermit>,
    large: Option<OwnedSemaphorePermit>,
}

/// How long is waited for a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waits {
    /// For the next piece of it.
    pub(super) timeout: Duration,
    /// For all of it.
    pub(super) deadline: Instant,
}

impl Response {
    pub(super) fn new(
        inner: reqwest::Response,
        waits: Waits,
        turn: Turn,
        connection: OwnedSemaphorePermit,
        large_bodies: Arc<Semaphore>,
    ) -> Self {
        Self { inner, waits, _turn: turn, connection, large_bodies }
    }

    /// Status code.
    pub fn status(&self) -> u16 {
        self.inner.status().as_u16()
    }

    /// All headers in order, values lossily decoded.
    pub fn headers(&self) -> Vec<(String, String)> {
        let headers = self.inner.headers().iter();
        headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect()
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<String> {
        self.inner.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }

    /// The media type the server claims, lower case, without parameters.
    pub fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// How long the server wants to be left in peace: `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3).
    pub fn retry_after(&self) -> Option<Duration> {
        let text = self.header("retry-after")?;
        if let Ok(seconds) = text.trim().parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = httpdate::parse_http_date(&text).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    }

    /// The whole body, content codings undone, if it is at most `max_bytes` long.
    pub async fn body(self, max_bytes: u64) -> Result<Vec<u8>, Failure> {
        self.body_held(max_bytes).await.map(|(body, _)| body)
    }

    /// The same, with what bounds how many bodies are in memory: keep it as long as the body.
    pub async fn body_held(self, max_bytes: u64) -> Result<(Vec<u8>, Held), Failure> {
        if self.inner.content_length().is_some_and(|length| length > max_bytes) {
            return Err(Failure::BodyTooLarge);
        }
        let (body, whole, held) = self.read(max_bytes).await?;
        if whole { Ok((body, held)) } else { Err(Failure::BodyTooLarge) }
    }

    /// At most the first `max_bytes` of the body, and whether that is all of it.
    pub async fn start_of_body(self, max_bytes: u64) -> Result<(Vec<u8>, bool), Failure> {
        self.read(max_bytes).await.map(|(body, whole, _)| (body, whole))
    }

    async fn read(self, max_bytes: u64) -> Result<(Vec<u8>, bool, Held), Failure> {
        let limit = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        let promised = self.inner.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
        let mut body = Vec::with_capacity(promised.min(limit).min(LARGE));
        let mut pieces = self.inner.bytes_stream();
        let mut held = Held { connection: Some(self.connection), large: None };
        let Waits { timeout, mut deadline } = self.waits;
        loop {
            let piece = timeout_at(deadline.min(Instant::now() + timeout), pieces.next())
                .await
                .map_err(|_| Failure::Timeout)?;
            let Some(piece) = piece else { return Ok((body, true, held)) };
            let piece = piece.map_err(|error| Failure::of(&error))?;
            if held.large.is_none() && body.len() + piece.len() > LARGE {
                let start = Instant::now();
                let place = Arc::clone(&self.large_bodies).acquire_owned().await;
                held.large = Some(place.map_err(|_| Failure::Closed)?);
                // That others are slow is not this host's fault. They have deadlines of their own. For the same
                // reason the client's own timeout is of no use: it goes on while nobody reads.
                deadline += start.elapsed();
            }
            let room = limit - body.len();
            body.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.len() > room {
                return Ok((body, false, held));
            }
        }
    }
}
