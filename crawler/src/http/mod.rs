//! HTTP responses as archives keep them: status, headers, and the body with its codings undone.

mod coding;
mod head;

pub(crate) use coding::unchunk;
pub(crate) use head::split as split_head;

use std::borrow::Cow;

/// A response read from a record's block. The body is borrowed where no coding had to be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// Status code.
    pub status: u16,
    /// Headers in order, names as written, values lossily decoded.
    pub headers: Vec<(String, String)>,
    /// The body, transfer codings and content codings undone as far as they could be.
    pub body: Cow<'a, [u8]>,
    /// Whether a coding broke off or was damaged, so that the body is only what came before.
    pub truncated: bool,
}

/// Why a block is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It does not begin with a status line.
    #[error("no HTTP response")]
    NotHttp,
    /// Its head is longer than [`Response::MAX_HEAD_BYTES`].
    #[error("an HTTP head without end")]
    HeadTooLarge,
    /// Its body outgrows the bound when its codings are undone: a bomb, or nothing we want.
    #[error("a body that is larger than we read")]
    TooLarge,
    /// More codings lie over one another than anybody has reason for.
    #[error("more content codings than we undo")]
    TooManyCodings,
}

impl<'a> Response<'a> {
    /// Longest head read.
    pub const MAX_HEAD_BYTES: usize = 64 * 1024;
    /// Longest body after its codings are undone.
    pub const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

    /// Reads the block of a `response` record.
    pub fn parse(block: &'a [u8]) -> Result<Self, Problem> {
        Self::parse_within(block, Self::MAX_BODY_BYTES)
    }

    /// The same with another bound on the body.
    pub fn parse_within(block: &'a [u8], max_body_bytes: usize) -> Result<Self, Problem> {
        let (mut head, mut body) = head::read(block)?;
        // Interim responses come before the one that counts (RFC 9110 section 15.2).
        while matches!(head.status, 100..=199) && body.starts_with(b"HTTP/") {
            (head, body) = head::read(body)?;
        }
        let head::Head { status, headers } = head;
        let (body, truncated) = coding::undo(&headers, body, max_body_bytes)?;
        Ok(Self { status, headers, body, truncated })
    }

    /// The same with a body of its own, to be kept beyond the record.
    pub fn into_owned(self) -> Response<'static> {
        let Self { status, headers, body, truncated } = self;
        Response { status, headers, body: body.into_owned().into(), truncated }
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The media type, lower case, without parameters.
    pub fn media_type(&self) -> String {
        let value = self.header("Content-Type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }
}
