//! Heads of responses that are none, or more than anybody would read.

use super::{
    behaviour::Behaviour,
    pictures::{photo_jpeg, poison},
};

/// What begins no HTTP response, and will not do so the next time either.
fn garbage(name: &'static str, start: impl AsRef<[u8]> + Send + Sync + 'static) -> Behaviour {
    Behaviour::new(name, "connection", 1, move |peer| {
        peer.send(start.as_ref())?;
        peer.send(photo_jpeg(0))
    })
}

/// A photograph under a good status line and these headers.
fn headed(name: &'static str, end: &'static str, headers: String) -> Behaviour {
    Behaviour::new(name, end, 1, move |peer| {
        let length = photo_jpeg(0).len();
        peer.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n"))?;
        peer.send(photo_jpeg(0))
    })
}

pub(super) fn all() -> Vec<Behaviour> {
    let numbered = |count: usize| (0..count).map(|number| format!("X-Header-{number}: x\r\n")).collect::<String>();
    let long = |length: usize| format!("X-Long: {}\r\n", "x".repeat(length));
    let cookies = (0..100).map(|number| format!("Set-Cookie: c{number}=v; Domain=hostile.example; Path=/\r\n"));
    let cookies: String = cookies.collect();
    let sticky_cookies = cookies.clone();
    vec![
        garbage("status-line-of-garbage", [0x80; 64]),
        garbage("status-of-letters", "HTTP/1.1 abc OK\r\n\r\n"),
        garbage("status-of-four-digits", "HTTP/1.1 2000 OK\r\n\r\n"),
        garbage("version-3", "HTTP/3.0 200 OK\r\n\r\n"),
        garbage("http-0.9", "<html>"),
        garbage("mail-server", "220 mail.hostile.example ESMTP\r\n"),
        garbage("http-2-unasked", [&[0, 0, 0, 4, 0, 0, 0, 0, 0][..]].concat()),
        garbage("tls-alert", [21, 3, 1, 0, 2, 2, 40]),
        garbage("zero-byte-in-a-header", "HTTP/1.1 200 OK\r\nX-Zero: a\0b\r\n\r\n"),
        garbage("header-without-colon", "HTTP/1.1 200 OK\r\nno colon here\r\n\r\n"),
        // Floods. 200 headers are within the bound, and harmless.
        headed("200-headers", "kept", numbered(200)),
        headed("10000-headers", "connection", numbered(10_000)),
        headed("header-of-4-mib", "connection", long(4 * 1024 * 1024)),
        Behaviour::new("endless-header-line", "connection", 1, |peer| {
            peer.send("HTTP/1.1 200 OK\r\nX-Long: ")?;
            peer.forever(&[b'x'; 64 * 1024])
        }),
        Behaviour::new("endless-headers", "connection", 1, |peer| {
            peer.send("HTTP/1.1 200 OK\r\n")?;
            peer.forever(&b"X-More: and more\r\n".repeat(1000))
        }),
        Behaviour::new("endless-status-line", "connection", 1, |peer| {
            peer.send("HTTP/1.1 200 ")?;
            peer.forever(&[b'O'; 64 * 1024])
        }),
        Behaviour::new("informational-flood", "timeout", 2, |peer| {
            peer.for_as_long_as_it_takes(&b"HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n".repeat(100))
        }),
        Behaviour::new("blank-lines-without-end", "connection", 1, |peer| peer.forever(&b"\r\n".repeat(1000))),
        // What a server asks us to keep and send back, we do not (the test looks at all requests).
        headed("set-cookie-flood", "kept", cookies),
        Behaviour::new("set-cookie-and-redirect", "kept", 2, move |peer| {
            peer.send(format!("HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n{sticky_cookies}"))?;
            peer.send("Location: /there\r\n\r\n")
        })
        .serves("/there", |peer| peer.picture("image/jpeg", photo_jpeg(2))),
        // A second answer that nobody asked for, on a connection that stays open: it must not be taken for
        // the answer to the next request, whoever that goes to.
        Behaviour::new("answers-twice", "kept", 1, |peer| {
            let answer = |body: &[u8]| {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length:";
                [format!("{head} {}\r\n\r\n", body.len()).as_bytes(), body].concat()
            };
            peer.stays_open = true;
            peer.send([answer(&photo_jpeg(3)), answer(&poison())].concat())
        }),
        Behaviour::new("garbage-behind-the-answer", "kept", 1, |peer| {
            peer.stays_open = true;
            let photo = photo_jpeg(4);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", photo.len());
            peer.send([head.as_bytes(), &photo, &[0xff; 512]].concat())
        }),
    ]
}
