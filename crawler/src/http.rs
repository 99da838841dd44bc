//! HTTP responses as archives keep them: status, headers, and the body with its codings undone.

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::{self, Read};

/// Longest body after its codings are undone.
const MAX_BODY_BYTES: u64 = 64 * 1024 * 1024;

/// A response read from a record's block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Headers in order, names as written, values lossily decoded.
    pub headers: Vec<(String, String)>,
    /// The body as sent, transfer coding and content coding undone as far as they could be.
    pub body: Vec<u8>,
}

impl Response {
    /// Reads the block of a `response` record. `None` where there is no status line.
    pub fn parse(block: &[u8]) -> Option<Self> {
        let (head, body) = split_head(block);
        let mut lines = head.split(|byte| *byte == b'\n').map(|line| String::from_utf8_lossy(line.trim_ascii()));
        let status_line = lines.next()?;
        let status = status_line.strip_prefix("HTTP/")?.split_ascii_whitespace().nth(1)?.parse().ok()?;
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':').map(|(name, value)| (name.trim().into(), value.trim().into())))
            .collect();
        let mut response = Self { status, headers, body: Vec::new() };
        response.body = response.decode(body);
        Some(response)
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

    /// Undoes transfer and content codings. Crawlers that store decoded bodies often leave the
    /// headers as they were (Common Crawl renames them), so what does not decode is taken as it is.
    fn decode(&self, body: &[u8]) -> Vec<u8> {
        let names = |name| self.header(name).unwrap_or_default().to_ascii_lowercase();
        let chunked = names("Transfer-Encoding").contains("chunked");
        let plain = if chunked { unchunk(body).unwrap_or_else(|| body.to_vec()) } else { body.to_vec() };
        match names("Content-Encoding").as_str() {
            "gzip" | "x-gzip" if plain.starts_with(&[0x1f, 0x8b]) => {
                read_bounded(MultiGzDecoder::new(&plain[..])).unwrap_or(plain)
            }
            "deflate" => read_bounded(ZlibDecoder::new(&plain[..]))
                .or_else(|_| read_bounded(DeflateDecoder::new(&plain[..])))
                .unwrap_or(plain),
            "br" => read_bounded(brotli::Decompressor::new(&plain[..], 4096)).unwrap_or(plain),
            _ => plain,
        }
    }
}

/// Everything up to the first empty line, and what follows it.
fn split_head(block: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    while let Some(length) = block[start..].iter().position(|byte| *byte == b'\n') {
        let line = &block[start..start + length];
        start += length + 1;
        if line.trim_ascii().is_empty() {
            return (&block[..start], &block[start..]);
        }
    }
    (block, &[])
}

/// Undoes chunked transfer coding (RFC 9112 section 7.1); `None` where it is not chunked at all.
/// A body that breaks off keeps the chunks it has.
fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    let mut first = true;
    loop {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { return (!first).then_some(body) };
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|line| line.split(';').next());
        let size = size.and_then(|digits| usize::from_str_radix(digits.trim(), 16).ok());
        let Some(size) = size else { return (!first).then_some(body) };
        first = false;
        rest = &rest[end + 1..];
        if size == 0 {
            return Some(body);
        }
        let taken = size.min(rest.len());
        body.extend_from_slice(&rest[..taken]);
        rest = &rest[taken..];
        rest = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        if rest.is_empty() {
            return Some(body);
        }
    }
}

/// Decodes up to the limit. A stream that breaks off keeps what came before, if anything did.
fn read_bounded(decoder: impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    match decoder.take(MAX_BODY_BYTES).read_to_end(&mut body) {
        Err(error) if body.is_empty() => Err(error),
        _ => Ok(body),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn body(head: &str, body: &[u8]) -> Vec<u8> {
        let block = [head.as_bytes(), b"\r\n\r\n", body].concat();
        Response::parse(&block).unwrap().body
    }

    #[test]
    fn codings_are_undone() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(b"hello").unwrap();
        let gzip = gzip.finish().unwrap();
        let mut chunked = format!("{:x}\r\n", gzip.len()).into_bytes();
        chunked.extend_from_slice(&gzip);
        chunked.extend_from_slice(b"\r\n0\r\n\r\n");
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip";
        assert_eq!(body(head, &chunked), b"hello");
        assert_eq!(body(head, b"already plain"), b"already plain");
        assert_eq!(body("HTTP/1.1 200\r\nTransfer-Encoding: chunked", b"5;x=y\r\nhello\r\n3\r\nyo"), b"helloyo");
    }

    #[test]
    fn odd_heads_are_read() {
        let response = Response::parse(b"HTTP/1.0 404 Not Found\nA: b\nnonsense\nX-Robots-Tag: noai\n\nx").unwrap();
        assert_eq!((response.status, response.header("x-robots-tag")), (404, Some("noai")));
        assert_eq!(response.body, b"x");
        assert_eq!(Response::parse(b"GET / HTTP/1.1\r\n\r\n"), None);
        assert_eq!(Response::parse(b""), None);
        assert_eq!(Response::parse(b"HTTP/1.1 200 OK").map(|found| found.status), Some(200));
    }
}
