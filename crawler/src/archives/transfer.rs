//! A transfer: one remote file from its first byte to its last, over as many connections as it
//! takes. What breaks off is taken up where it broke, of the same version or not at all.

use super::{
    Courier, Place,
    courier::{get, with_causes},
    head::{Version, content_range, retry_after},
    refusal,
    server::{Server, Turn},
};
use crate::Error;
use bytes::{Buf, Bytes};
use futures::{StreamExt, stream::BoxStream};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{IF_MATCH, RANGE, TRANSFER_ENCODING},
};
use object_store::client::HttpError;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use url::Url;

/// One remote file on its way here.
pub(super) struct Transfer {
    courier: Courier,
    place: Place,
    /// Where it is asked for.
    url: Url,
    server: Arc<Server>,
    /// Whether what breaks off begins anew: what is made up on the way has no second half.
    anew: bool,
    body: Option<Body>,
    /// The version whose bytes were given out so far.
    version: Option<Version>,
    /// Bytes given out so far.
    at: u64,
    /// Failures in a row, and bytes since the last.
    failures: u32,
    gained: u64,
}

struct Body {
    pieces: BoxStream<'static, Result<Bytes, HttpError>>,
    /// Bytes still to be passed over, of a server that begins anew when asked to go on.
    skip: u64,
    /// Time spent waiting for bytes, and bytes that came, since there was progress.
    waited: Duration,
    came: u64,
    _turn: Turn,
}

enum Trouble {
    /// This file will not come.
    End(Error),
    /// It may come if asked for again.
    Again(String),
    /// The same, and the server has said when.
    NotNow(String),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::End(error)
    }
}

impl Transfer {
    /// Of the file at `place`.
    pub(super) fn new(courier: Courier, place: Place) -> Result<Self, Error> {
        let url = courier.address(&place)?;
        Ok(Self::at(courier, place, url, false))
    }

    fn at(courier: Courier, place: Place, url: Url, anew: bool) -> Self {
        let server = courier.server(&url);
        Self { courier, place, url, server, anew, body: None, version: None, at: 0, failures: 0, gained: 0 }
    }

    /// The next bytes; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let trouble = match self.piece().await {
                Ok(piece) if piece.as_ref().is_some_and(Bytes::is_empty) => continue,
                Ok(piece) => return Ok(piece),
                Err(trouble) => trouble,
            };
            self.body = None;
            self.failed(trouble).await?;
        }
    }

    async fn collect(mut self, limit: u64) -> Result<Vec<u8>, Error> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            if self.at == piece.len() as u64 {
                // The first, or the first of a new beginning.
                bytes.clear();
            }
            let room = limit - bytes.len();
            bytes.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.len() >= room {
                break;
            }
        }
        Ok(bytes)
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Trouble> {
        if self.body.is_none() {
            self.body = Some(self.ask().await?);
        }
        let Some(body) = &mut self.body else { return Ok(None) };
        let stall = self.courier.patience().stall;
        let asked = Instant::now();
        let piece = tokio::time::timeout(stall.saturating_sub(body.waited), body.pieces.next()).await;
        body.waited += asked.elapsed();
        if self.server.has_banned_us() {
            return Err(refusal::banned(&self.place, &self.server).into());
        }
        match piece {
            Ok(Some(Ok(piece))) => self.take(piece).map(Some),
            Ok(Some(Err(error))) => Err(Trouble::Again(with_causes(&error))),
            Ok(None) if self.is_whole() => Ok(None),
            Ok(None) => Err(Trouble::Again("the transfer ended too soon".into())),
            Err(_) => Err(Trouble::Again(format!("no bytes for {stall:?}"))),
        }
    }

    /// Takes what came, less what is passed over.
    fn take(&mut self, mut piece: Bytes) -> Result<Bytes, Trouble> {
        let least_progress = self.courier.patience().least_progress;
        if let Some(body) = &mut self.body {
            body.came += piece.len() as u64;
            if body.came >= least_progress {
                (body.came, body.waited) = (0, Duration::ZERO);
            }
            let skipped = usize::try_from(body.skip).map_or(piece.len(), |skip| skip.min(piece.len()));
            piece.advance(skipped);
            body.skip -= skipped as u64;
        }
        self.at += piece.len() as u64;
        self.gained += piece.len() as u64;
        if self.gained >= least_progress && !self.anew {
            (self.gained, self.failures) = (0, 0);
        }
        match self.version.as_ref().and_then(|version| version.bytes) {
            Some(bytes) if self.at > bytes => Err(refusal::too_long(&self.place, bytes).into()),
            _ => Ok(piece),
        }
    }

    /// Whether all has come, as far as the server said how much that is.
    fn is_whole(&self) -> bool {
        let bytes = self.version.as_ref().and_then(|version| version.bytes);
        bytes.is_none_or(|bytes| bytes == self.at) && self.body.as_ref().is_none_or(|body| body.skip == 0)
    }

    /// Counts a failure and waits, or gives up.
    async fn failed(&mut self, trouble: Trouble) -> Result<(), Error> {
        let (problem, wait) = match trouble {
            Trouble::End(error) => return Err(error),
            Trouble::NotNow(problem) => (problem, false),
            Trouble::Again(problem) => (problem, true),
        };
        let patience = self.courier.patience();
        self.failures += 1;
        self.gained = 0;
        if self.anew {
            self.at = 0;
        }
        if self.failures >= patience.tries {
            return Err(refusal::gave_up(&self.place, self.at, self.failures, &problem));
        }
        tracing::info!(archive = %self.place, at = self.at, problem, "asking again");
        if wait {
            tokio::time::sleep(patience.wait(self.failures)).await;
        }
        Ok(())
    }

    /// Asks for what is still missing.
    async fn ask(&mut self) -> Result<Body, Trouble> {
        let banned = || refusal::banned(&self.place, &self.server);
        let turn = self.server.turn().await.map_err(|_| banned())?;
        let mut request = get(&self.url)?;
        self.conditions(request.headers_mut());
        self.courier.sign(&self.place, &mut request).await?;
        let client = self.courier.client()?;
        let stall = self.courier.patience().stall;
        let answer = match tokio::time::timeout(stall, client.execute(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return Err(Trouble::Again(with_causes(&error))),
            Err(_) => return Err(Trouble::Again(format!("no answer for {stall:?}"))),
        };
        self.judge(answer.status(), answer.headers())?;
        self.server.answered();
        let skip = self.place_in(answer.status(), answer.headers())?;
        let pieces = answer.into_body().bytes_stream();
        Ok(Body { pieces, skip, waited: Duration::ZERO, came: 0, _turn: turn })
    }

    /// Only what is missing, and only of the same version. If-Match compares strongly, so a weak
    /// tag would never match (RFC 9110 section 13.1.1).
    fn conditions(&self, headers: &mut HeaderMap) {
        if self.at == 0 {
            return;
        }
        if let Ok(range) = HeaderValue::from_str(&format!("bytes={}-", self.at)) {
            headers.insert(RANGE, range);
        }
        let tag = self.version.as_ref().and_then(|version| version.tag.as_deref());
        if let Some(tag) = tag.filter(|tag| !tag.starts_with("W/")).and_then(|tag| HeaderValue::from_str(tag).ok()) {
            headers.insert(IF_MATCH, tag);
        }
    }

    /// What the status means for this file and for all others of its server.
    fn judge(&self, status: StatusCode, headers: &HeaderMap) -> Result<(), Trouble> {
        let (place, server) = (&self.place, &*self.server);
        let going_on = self.at > 0;
        match status.as_u16() {
            200 => Ok(()),
            206 if going_on => Ok(()),
            403 => {
                server.ban();
                Err(refusal::banned(place, server).into())
            }
            401 => Err(refusal::locked(place, server).into()),
            404 | 410 => Err(refusal::missing(place, server, status).into()),
            412 | 416 if going_on => Err(refusal::changed(place, self.at).into()),
            408 | 429 | 500..=599 => {
                let wait = retry_after(headers);
                server.refused(wait);
                match wait {
                    Some(wait) if wait > self.courier.patience().longest_retry_after => {
                        Err(refusal::sent_away(place, server, wait).into())
                    }
                    _ => Err(Trouble::NotNow(format!("`{}` answered {}", server.name, status.as_u16()))),
                }
            }
            _ => Err(refusal::unexpected(place, server, status).into()),
        }
    }

    /// Sees to it that what comes fits behind what came, and tells how much of it is to be passed
    /// over: a server that knows no ranges sends all from the beginning.
    fn place_in(&mut self, status: StatusCode, headers: &HeaderMap) -> Result<u64, Trouble> {
        let range = if status == StatusCode::PARTIAL_CONTENT { Some(content_range(headers)) } else { None };
        let version = Version::of(headers, range);
        if version.bytes.is_none() && range.is_none() && !headers.contains_key(TRANSFER_ENCODING) {
            // It ends where the connection does: a cut would look like the end.
            return Err(refusal::of_no_length(&self.place, &self.server).into());
        }
        if self.at == 0 {
            self.version = Some(version);
            return Ok(0);
        }
        if !self.version.as_ref().is_some_and(|before| before.is(&version)) {
            return Err(refusal::changed(&self.place, self.at).into());
        }
        match range {
            None => Ok(self.at),
            Some((Some(start), _)) if start == self.at => Ok(0),
            Some(_) => Err(Trouble::Again(format!("another part than the one from byte {} was sent", self.at))),
        }
    }
}

/// All of a file that is not large; of a larger one its first `limit` bytes.
pub(super) async fn whole(courier: &Courier, place: &Place, limit: u64) -> Result<Vec<u8>, Error> {
    Transfer::new(courier.clone(), place.clone())?.collect(limit).await
}

/// The same of an answer about `place` that is made up for each who asks.
pub(super) async fn answer(courier: &Courier, place: &Place, url: Url, limit: u64) -> Result<Vec<u8>, Error> {
    Transfer::at(courier.clone(), place.clone(), url, true).collect(limit).await
}
