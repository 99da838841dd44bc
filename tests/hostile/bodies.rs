//! Bodies that do not end, do not come, or are not as long as they say.

use super::{
    behaviour::Behaviour,
    peer::Peer,
    pictures::{endless_jpeg, noise, photo_jpeg},
};
use image::ImageFormat;
use std::{io, time::Duration};

const JPEG: &str = "Content-Type: image/jpeg";
const CHUNKED: &str = "Transfer-Encoding: chunked";

/// More than any body may hold (18 digits).
const MORE_THAN_ALLOWED: &str = "Content-Length: 900000000000000000";

pub(super) fn all() -> Vec<Behaviour> {
    let mut all = endless();
    all.extend(slow());
    all.extend(cut());
    all.extend(lengths());
    all.extend(chunks());
    all
}

/// As many slow large bodies as may be read at a time, and one that is in order, a moment later.
pub(crate) fn crowd() -> Vec<Behaviour> {
    let slow = (0..16).map(|number| {
        Behaviour::new(format!("slow-and-large-{number}"), "timeout", 1, |peer| {
            peer.head(200, &[JPEG, "Content-Length: 3000000"])?;
            peer.send(endless_jpeg().repeat(20))?;
            peer.drip(&[0; 100])
        })
    });
    let large = noise(900, ImageFormat::Png);
    let large = Behaviour::new("large", "kept", 1, move |peer| {
        peer.head(200, &["Content-Type: image/png", &format!("Content-Length: {}", large.len())])?;
        let (start, rest) = large.split_at(1_000_000);
        peer.send(start)?;
        std::thread::sleep(Duration::from_millis(1500));
        peer.send(rest)
    });
    slow.chain([large]).collect()
}

fn endless() -> Vec<Behaviour> {
    vec![
        Behaviour::new("endless-chunks", "body_too_large", 1, |peer| {
            peer.head(200, &[JPEG, CHUNKED])?;
            loop {
                peer.chunk(&endless_jpeg())?;
            }
        }),
        Behaviour::new("endless-until-close", "body_too_large", 1, |peer| {
            peer.head(200, &[JPEG])?;
            peer.forever(&endless_jpeg())
        }),
        Behaviour::new("endless-with-length", "body_too_large", 1, |peer| {
            peer.head(200, &[JPEG, MORE_THAN_ALLOWED])?;
            peer.forever(&endless_jpeg())
        }),
        // Two to the power of 63: the largest chunk there is (RFC 9112 section 7.1).
        Behaviour::new("one-chunk-of-8-exabytes", "body_too_large", 1, |peer| {
            peer.head(200, &[JPEG, CHUNKED])?;
            peer.send("7fffffffffffffff\r\n")?;
            peer.forever(&endless_jpeg())
        }),
    ]
}

fn slow() -> Vec<Behaviour> {
    vec![
        Behaviour::new("no-answer", "timeout", 2, Peer::wait),
        Behaviour::new("dripping-head", "timeout", 2, |peer| {
            peer.drip(b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nX-Patience: is a virtue\r\n")
        }),
        Behaviour::new("dripping-body", "timeout", 2, |peer| {
            peer.head(200, &[JPEG, "Content-Length: 20000"])?;
            peer.drip(&photo_jpeg(0)[..200])
        }),
        Behaviour::new("dripping-chunks", "timeout", 2, |peer| {
            peer.head(200, &[JPEG, CHUNKED])?;
            peer.drip(&b"1\r\nx\r\n".repeat(40))
        }),
        Behaviour::new("stalls-in-the-body", "timeout", 2, |peer| {
            peer.head(200, &[JPEG, "Content-Length: 20000"])?;
            peer.send(&photo_jpeg(0)[..1000])?;
            peer.wait()
        }),
        Behaviour::new("stalls-before-the-body", "timeout", 2, |peer| {
            peer.head(200, &[JPEG, "Content-Length: 20000"])?;
            peer.wait()
        }),
    ]
}

fn cut() -> Vec<Behaviour> {
    vec![
        Behaviour::new("hangs-up", "connection", 2, |_| Ok(())),
        Behaviour::new("resets", "connection", 2, Peer::reset),
        Behaviour::new("hangs-up-in-the-head", "connection", 2, |peer| peer.send("HTTP/1.1 200 OK\r\nContent-Ty")),
        Behaviour::new("hangs-up-in-the-body", "connection", 2, |peer| {
            peer.head(200, &[JPEG, "Content-Length: 20000"])?;
            peer.send(&photo_jpeg(0)[..9000])
        }),
        Behaviour::new("resets-in-the-body", "connection", 2, |peer| {
            peer.head(200, &[JPEG, "Content-Length: 20000"])?;
            peer.send(&photo_jpeg(0)[..9000])?;
            peer.reset()
        }),
    ]
}

/// A photograph under a head with these lines.
fn photo_under(peer: &mut Peer, lines: &[&str]) -> io::Result<()> {
    peer.head(200, lines)?;
    peer.send(photo_jpeg(0))
}

fn lengths() -> Vec<Behaviour> {
    let length = photo_jpeg(0).len();
    let longer = format!("Content-Length: {}", length + 1);
    let exact = format!("Content-Length: {length}");
    let (one, other) = (exact.clone(), longer.clone());
    vec![
        Behaviour::new("length-a-byte-too-long", "connection", 2, move |peer| photo_under(peer, &[JPEG, &longer])),
        // What comes after the length is no part of the body; half a photograph is none.
        Behaviour::new("length-too-short", "undecodable", 1, |peer| photo_under(peer, &[JPEG, "Content-Length: 9000"])),
        Behaviour::new("two-lengths", "connection", 1, move |peer| photo_under(peer, &[JPEG, &one, &other])),
        Behaviour::new("length-of-minus-one", "connection", 1, |peer| photo_under(peer, &[JPEG, "Content-Length: -1"])),
        Behaviour::new("length-in-words", "connection", 1, |peer| photo_under(peer, &[JPEG, "Content-Length: many"])),
        Behaviour::new("length-of-21-digits", "connection", 1, |peer| {
            photo_under(peer, &[JPEG, "Content-Length: 999999999999999999999"])
        }),
        // Chunks outweigh a length, and then the body is what they say (RFC 9112 section 6.3).
        Behaviour::new("length-and-chunks", "body_too_small", 1, move |peer| {
            peer.head(200, &[JPEG, &exact, CHUNKED])?;
            peer.send("5\r\nshort\r\n0\r\n\r\n")?;
            peer.send(photo_jpeg(0))
        }),
        Behaviour::new("no-body", "body_too_small", 1, |peer| peer.whole(200, &[JPEG], b"")),
        Behaviour::new("no-chunks", "body_too_small", 1, |peer| {
            peer.head(200, &[JPEG, CHUNKED])?;
            peer.send("0\r\n\r\n")
        }),
    ]
}

fn chunks() -> Vec<Behaviour> {
    let chunked = |name, requests, body: Vec<u8>| {
        Behaviour::new(name, "connection", requests, move |peer| {
            peer.head(200, &[JPEG, CHUNKED])?;
            peer.send(&body)
        })
    };
    let endless = |name, start: &'static str, piece: &'static str| {
        Behaviour::new(name, "connection", 2, move |peer| {
            peer.head(200, &[JPEG, CHUNKED])?;
            peer.chunk(&photo_jpeg(0))?;
            peer.send(start)?;
            peer.forever(piece.repeat(5000).as_bytes())
        })
    };
    vec![
        chunked("chunks-of-garbage", 2, b"What is a chunk?\r\n".repeat(100)),
        chunked("chunk-of-2-to-the-64", 2, [b"10000000000000000\r\n", photo_jpeg(0).as_slice()].concat()),
        chunked("chunk-of-minus-one", 2, [b"-1\r\n", photo_jpeg(0).as_slice()].concat()),
        chunked("chunks-without-end", 2, [b"1388\r\n", &photo_jpeg(0)[..5000], b"\r\n"].concat()),
        chunked("chunk-longer-than-told", 2, [b"64\r\n", &photo_jpeg(0)[..5000], b"\r\n0\r\n\r\n"].concat()),
        // No digit too many, and never a size: only the deadline ends it.
        Behaviour::new("endless-chunk-size", "timeout", 2, |peer| {
            peer.head(200, &[JPEG, CHUNKED])?;
            peer.for_as_long_as_it_takes(&[b'0'; 8 * 1024])
        }),
        endless("endless-chunk-extension", "1;", "extension"),
        endless("endless-trailers", "0\r\n", "X-Trailer: and another\r\n"),
        endless("endless-trailer-line", "0\r\nX-Trailer: ", "and so on"),
    ]
}
