//! Sites whose own files are the trap: robots.txt and its kin.

use super::{
    behaviour::Behaviour,
    bombs::{gzip, squeezed_zeros},
    peer::Peer,
    pictures::photo_jpeg,
};
use std::io;

const TEXT: &str = "Content-Type: text/plain";

/// A site with a good photograph, and this robots.txt.
fn robots(
    name: &'static str,
    end: &'static str,
    requests: usize,
    act: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static,
) -> Behaviour {
    site(name, end, requests, "/robots.txt", act)
}

fn site(
    name: &'static str,
    end: &'static str,
    requests: usize,
    file: &str,
    act: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static,
) -> Behaviour {
    Behaviour::new(name, end, requests, |peer| peer.picture("image/jpeg", photo_jpeg(13))).serves(file, act)
}

pub(super) fn all() -> Vec<Behaviour> {
    let mut all = robots_files();
    all.extend(other_files());
    all
}

fn robots_files() -> Vec<Behaviour> {
    let zeros = squeezed_zeros(true);
    vec![
        // What cannot be known is refused; one more try where it may have been chance.
        robots("robots-hangs", "image_unknown", 0, Peer::wait).asked_for_files(2),
        robots("robots-drips", "image_unknown", 0, |peer| {
            peer.head(200, &[TEXT])?;
            peer.drip(&b"User-agent: *\nAllow: /\n".repeat(10))
        })
        .asked_for_files(2),
        robots("robots-hangs-up", "image_unknown", 0, |_| Ok(())).asked_for_files(2),
        robots("robots-500", "image_unknown", 0, |peer| peer.whole(500, &[], b"")).asked_for_files(1),
        robots("robots-503", "image_unknown", 0, |peer| peer.whole(503, &["Retry-After: 31536000"], b""))
            .asked_for_files(1),
        robots("robots-429", "image_robots", 0, |peer| peer.whole(429, &[], b"")).asked_for_files(1),
        robots("robots-is-no-http", "image_unknown", 0, |peer| peer.send("User-agent: *\nAllow: /\n"))
            .asked_for_files(1),
        robots("robots-of-broken-gzip", "image_unknown", 0, |peer| {
            peer.whole(200, &[TEXT, "Content-Encoding: gzip"], b"User-agent: *\nAllow: /\n")
        })
        .asked_for_files(1),
        // Longer than anybody need read (RFC 9309 section 2.5): what was read counts.
        robots("robots-without-end", "kept", 1, |peer| {
            peer.head(200, &[TEXT])?;
            peer.forever(&b"User-agent: *\nAllow: /\n".repeat(1000))
        }),
        robots("robots-without-end-says-no", "image_robots", 0, |peer| {
            peer.head(200, &[TEXT])?;
            peer.send("User-agent: *\nDisallow: /\n")?;
            peer.forever(&b"# and so on\n".repeat(1000))
        })
        .asked_for_files(1),
        robots("robots-of-one-line", "kept", 1, |peer| {
            peer.head(200, &[TEXT])?;
            peer.forever(&[b'x'; 64 * 1024])
        }),
        robots("robots-of-a-gzip-bomb", "kept", 1, move |peer| {
            peer.head(200, &[TEXT, "Content-Encoding: gzip"])?;
            peer.send(&zeros[0])?;
            peer.forever(&zeros[1])
        }),
        robots("robots-of-many-stars", "kept", 1, |peer| {
            let rule = format!("Disallow: /{}\n", "*a".repeat(400));
            peer.whole(200, &[TEXT], format!("User-agent: *\n{}", rule.repeat(500)))
        }),
        // Six requests, and then it is as if there were none (RFC 9309 section 2.3.1.2).
        robots("robots-redirects-to-itself", "kept", 1, |peer| peer.redirect("/robots.txt")).asked_for_files(11),
        robots("robots-redirects-inwards", "image_unknown", 0, |peer| peer.redirect("http://127.0.0.1/robots.txt"))
            .asked_for_files(1),
        // A wait that no run has time for. A moment is no wish.
        robots("crawl-delay-of-a-year", "image_unknown", 0, |peer| {
            peer.whole(200, &[TEXT], "User-agent: *\nCrawl-delay: 31536000\n")
        })
        .asked_for_files(1),
        robots("crawl-delay-to-the-end-of-time", "image_unknown", 0, |peer| {
            peer.whole(200, &[TEXT], "User-agent: *\nCrawl-delay: 10000000000000000000\n")
        })
        .asked_for_files(1),
        robots("crawl-delay-past-all-numbers", "image_unknown", 0, |peer| {
            peer.whole(200, &[TEXT], "User-agent: *\nCrawl-delay: 1e999\n")
        })
        .asked_for_files(1),
        robots("crawl-delay-of-garbage", "kept", 1, |peer| {
            peer.whole(200, &[TEXT], "User-agent: *\nCrawl-delay: NaN\nCrawl-delay: -7\n")
        }),
    ]
}

fn other_files() -> Vec<Behaviour> {
    let reserves = br#"[{"location":"/*","tdm-reservation":1}]"#;
    let tdm = "/.well-known/tdmrep.json";
    let json = "Content-Type: application/json";
    vec![
        // Read as far as allowed, and then it is no JSON.
        site("tdmrep-without-end", "kept", 1, tdm, move |peer| {
            peer.head(200, &[json])?;
            peer.send("[")?;
            peer.forever(&br#"{"location":"/elsewhere","tdm-reservation":0},"#.repeat(1000))
        }),
        site("tdmrep-of-brackets", "kept", 1, tdm, move |peer| peer.whole(200, &[json], b"[".repeat(500_000))),
        site("tdmrep-of-a-gzip-bomb", "kept", 1, tdm, move |peer| {
            peer.whole(200, &[json, "Content-Encoding: gzip"], gzip(&vec![b'['; 64 * 1024 * 1024]))
        }),
        site("tdmrep-says-no", "image_site", 0, tdm, move |peer| peer.whole(200, &[json], reserves)),
        site("tdmrep-hangs", "kept", 1, tdm, Peer::wait).asked_for_files(7),
        site("ai-txt-without-end", "kept", 1, "/ai.txt", |peer| {
            peer.head(200, &[TEXT])?;
            peer.forever(&b"User-Agent: somebody-else\nDisallow: /\n".repeat(1000))
        }),
        site("trust-txt-redirects-to-itself", "kept", 1, "/trust.txt", |peer| peer.redirect("/trust.txt"))
            .asked_for_files(12),
    ]
}
