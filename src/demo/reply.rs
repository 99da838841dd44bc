//! What goes back over the wire: ordinary answers, and those of servers in trouble.

use super::{
    bodies, pages,
    photos::Photo,
    sites::{Found, Odd, Robots},
};
use flate2::{Compression, write::GzEncoder};
use std::{fmt::Write as _, io, io::Write as _, time::Duration};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::sleep};

/// What happens to the connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    Open,
    Close,
}

/// Answers a request. `first` tells whether this path was never asked for before.
pub(crate) async fn send(stream: &mut TcpStream, found: Found, first: bool) -> io::Result<After> {
    match found {
        Found::Robots(robots) => send_robots(stream, robots).await,
        Found::File(text) => whole(stream, 200, &[("Content-Type", "text/plain")], text.as_bytes()).await,
        Found::Page(page) => whole(stream, 200, &pages::headers(page), &pages::body(page)).await,
        Found::Photo(photo, headers) => send_photo(stream, photo, headers).await,
        Found::Odd(odd, photo) => send_odd(stream, odd, photo, first).await,
        Found::Furniture => whole(stream, 200, &[("Content-Type", "image/png")], &bodies::noise(16, 16)).await,
        Found::Nothing => whole(stream, 404, &[HTML], b"<!DOCTYPE html>\n<title>Not found</title>\n").await,
    }
}

/// Answers what is no request and closes.
pub(crate) async fn bad_request(stream: &mut TcpStream) -> io::Result<()> {
    whole(stream, 400, &[("Connection", "close")], b"").await.map(|_| ())
}

const HTML: (&str, &str) = ("Content-Type", "text/html; charset=utf-8");
const JPEG: (&str, &str) = ("Content-Type", "image/jpeg");

async fn send_robots(stream: &mut TcpStream, robots: Robots) -> io::Result<After> {
    match robots {
        Robots::Says(text) => whole(stream, 200, &[("Content-Type", "text/plain")], text.as_bytes()).await,
        Robots::Status(status) => whole(stream, status, &[HTML], b"<title>No robots.txt</title>\n").await,
        Robots::MovedTo(url) => whole(stream, 301, &[("Location", url)], b"").await,
        Robots::Closed => Ok(After::Close),
    }
}

async fn send_photo(stream: &mut TcpStream, photo: &Photo, headers: &[(&str, &str)]) -> io::Result<After> {
    let headers = [&[("Content-Type", photo.mime())], headers].concat();
    whole(stream, 200, &headers, photo.bytes).await
}

async fn send_odd(stream: &mut TcpStream, odd: Odd, photo: Option<&Photo>, first: bool) -> io::Result<After> {
    let bytes = photo.map_or(&[][..], |photo| photo.bytes);
    match odd {
        Odd::Redirect(to) => whole(stream, 302, &[("Location", to)], b"").await,
        Odd::Status(402) => whole(stream, 402, &[HTML, ("Crawler-Price", "USD 0.05")], b"").await,
        Odd::Status(status) => whole(stream, status, &[HTML], b"<title>No</title>\n").await,
        Odd::BusyOnce if first => whole(stream, 503, &[HTML, ("Retry-After", "1")], b"").await,
        Odd::BusyOnce => whole(stream, 200, &[JPEG], bytes).await,
        Odd::Late(millis) => {
            sleep(Duration::from_millis(millis)).await;
            whole(stream, 200, &[JPEG], bytes).await
        }
        Odd::Trickle => trickle(stream, bytes).await,
        Odd::Endless => endless(stream).await,
        Odd::EndlessGzip => endless_gzip(stream).await,
        Odd::Bomb => whole(stream, 200, &[("Content-Type", "image/png")], &bodies::bomb()).await,
        Odd::Marked => whole(stream, 200, &[JPEG], &bodies::marked(bytes)).await,
        Odd::Cut => whole(stream, 200, &[JPEG], &bytes[..bytes.len() / 2]).await,
        Odd::ShortOfPromise => promise(stream, bytes.len(), &bytes[..bytes.len() / 2]).await,
        Odd::HugePromise => promise(stream, 9_000_000_000, bytes).await,
        Odd::Close => Ok(After::Close),
        Odd::HtmlAsJpeg => whole(stream, 200, &[JPEG], &bodies::html_in_disguise()).await,
        Odd::SoftMissing => whole(stream, 200, &[HTML], bodies::SOFT_MISSING.as_bytes()).await,
        Odd::Svg => whole(stream, 200, &[("Content-Type", "image/svg+xml")], bodies::SVG.as_bytes()).await,
        Odd::Noise(width, height) => {
            whole(stream, 200, &[("Content-Type", "image/png")], &bodies::noise(width, height)).await
        }
    }
}

/// A whole answer with its true length.
async fn whole(stream: &mut TcpStream, status: u16, headers: &[(&str, &str)], body: &[u8]) -> io::Result<After> {
    let length = body.len().to_string();
    let head = head(status, &[headers, &[("Content-Length", &length)]].concat());
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    Ok(After::Open)
}

/// Promises so many bytes, sends these, and closes.
async fn promise(stream: &mut TcpStream, length: usize, body: &[u8]) -> io::Result<After> {
    let head = head(200, &[JPEG, ("Content-Length", &length.to_string())]);
    stream.write_all(&[head.as_bytes(), body].concat()).await?;
    Ok(After::Close)
}

async fn trickle(stream: &mut TcpStream, body: &[u8]) -> io::Result<After> {
    stream.write_all(head(200, &[JPEG, ("Content-Length", &body.len().to_string())]).as_bytes()).await?;
    for byte in body {
        sleep(Duration::from_millis(100)).await;
        stream.write_all(&[*byte]).await?;
    }
    Ok(After::Close)
}

async fn endless(stream: &mut TcpStream) -> io::Result<After> {
    stream.write_all(head(200, &[JPEG, ("Transfer-Encoding", "chunked")]).as_bytes()).await?;
    let piece = bodies::endless_piece();
    loop {
        chunk(stream, &piece).await?;
    }
}

/// Zeros without end: a thousand times smaller on the wire than in memory.
async fn endless_gzip(stream: &mut TcpStream) -> io::Result<After> {
    let headers = [JPEG, ("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")];
    stream.write_all(head(200, &headers).as_bytes()).await?;
    let zeros = vec![0; 64 * bodies::PIECE];
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    loop {
        packer.write_all(&zeros)?;
        packer.flush()?;
        let piece = std::mem::take(packer.get_mut());
        chunk(stream, &piece).await?;
    }
}

/// One chunk (RFC 9112 section 7.1).
async fn chunk(stream: &mut TcpStream, piece: &[u8]) -> io::Result<()> {
    let size = format!("{:x}\r\n", piece.len());
    stream.write_all(&[size.as_bytes(), piece, b"\r\n"].concat()).await
}

fn head(status: u16, headers: &[(&str, &str)]) -> String {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    head
}

/// The words behind a status.
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        400 => "Bad Request",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        451 => "Unavailable For Legal Reasons",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
