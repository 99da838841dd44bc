//! Statuses: who may be asked again, who may not, and bodies where none belongs.

use super::{behaviour::Behaviour, pictures::photo_jpeg};

/// Answers with this status and these headers, and a photograph all the same.
fn status(name: &'static str, end: &'static str, requests: usize, status: u16, lines: &'static [&str]) -> Behaviour {
    Behaviour::new(name, end, requests, move |peer| {
        let lines: Vec<&str> = std::iter::once("Content-Type: image/jpeg").chain(lines.iter().copied()).collect();
        peer.whole(status, &lines, photo_jpeg(0))
    })
}

/// Answers with this status and these headers the first time, and with a photograph afterwards.
fn at_first(name: &'static str, first: u16, lines: &'static [&str]) -> Behaviour {
    Behaviour::new(name, "kept", 2, move |peer| match peer.earlier {
        0 => peer.whole(first, lines, b""),
        _ => peer.picture("image/jpeg", photo_jpeg(5)),
    })
}

pub(super) fn all() -> Vec<Behaviour> {
    vec![
        // Refusals and ends: never asked again.
        status("401", "access_refused", 1, 401, &["WWW-Authenticate: Basic"]),
        status("402", "access_refused", 1, 402, &[]),
        status("403", "access_refused", 1, 403, &[]),
        status("404", "gone", 1, 404, &[]),
        status("407", "http_error", 1, 407, &["Proxy-Authenticate: Basic"]),
        status("410", "gone", 1, 410, &[]),
        status("451", "access_refused", 1, 451, &[]),
        status("999", "http_error", 1, 999, &[]),
        status("600", "http_error", 1, 600, &[]),
        // Statuses with a body that does not belong there, or is a part of one.
        status("101", "http_error", 1, 101, &["Upgrade: websocket", "Connection: upgrade"]),
        status("204", "http_error", 1, 204, &[]),
        status("205", "http_error", 1, 205, &[]),
        status("206", "http_error", 1, 206, &["Content-Range: bytes 0-99/100000"]),
        status("304", "http_error", 1, 304, &[]),
        // Trouble that may pass: asked for once more, and no further.
        status("500", "http_error", 2, 500, &[]),
        status("503", "throttled", 2, 503, &[]),
        status("429", "throttled", 2, 429, &[]),
        at_first("503-then-well", 503, &[]),
        at_first("500-then-well", 500, &[]),
        at_first("429-for-a-second-then-well", 429, &["Retry-After: 1"]),
        // Wishes that cannot be granted. What is no time is no wish.
        status("retry-after-a-year", "throttled", 1, 503, &["Retry-After: 31536000"]),
        // Nor is anything else asked of who wants to be left in peace for so long.
        status("other-picture-within-the-year", "host_let_alone", 0, 200, &[])
            .shown_as("http://retry-after-a-year.hostile.example/picture/2"),
        status("retry-after-doomsday", "throttled", 1, 429, &["Retry-After: 18446744073709551615"]),
        status("retry-at-the-end-of-time", "throttled", 1, 429, &["Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"]),
        status("retry-in-the-past", "throttled", 2, 429, &["Retry-After: Thu, 01 Jan 1970 00:00:00 GMT"]),
        status("retry-after-minus-one", "throttled", 2, 429, &["Retry-After: -1"]),
        status("retry-after-garbage", "throttled", 2, 429, &["Retry-After: soon, maybe"]),
        status("retry-after-nothing", "throttled", 2, 429, &["Retry-After: "]),
    ]
}
