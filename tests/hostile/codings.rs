//! Content codings: bombs, broken ones, nested ones, unknown ones.

use super::{
    behaviour::Behaviour,
    bombs::{brotli, deflate, gzip, large_window_brotli, squeezed_zeros, zstd},
    peer::Peer,
    pictures::photo_jpeg,
};
use std::io;

const JPEG: &str = "Content-Type: image/jpeg";

/// What the finite bombs unpack to: sixteen times what is allowed.
const BOMB: usize = 64 * 1024 * 1024;

/// A behaviour that serves these bytes under these codings, one header each.
fn coded(name: &'static str, end: &'static str, codings: &'static [&'static str], body: Vec<u8>) -> Behaviour {
    Behaviour::new(name, end, 1, move |peer| {
        let codings: Vec<String> = codings.iter().map(|coding| format!("Content-Encoding: {coding}")).collect();
        let lines: Vec<&str> = std::iter::once(JPEG).chain(codings.iter().map(String::as_str)).collect();
        peer.whole(200, &lines, &body)
    })
}

/// The start of a stream of zeros, and then the same piece of it for ever.
fn endless_zeros(peer: &mut Peer, coding: &str, [start, more]: &[Vec<u8>; 2]) -> io::Result<()> {
    peer.head(200, &[JPEG, &format!("Content-Encoding: {coding}")])?;
    peer.send(start)?;
    peer.forever(more)
}

pub(super) fn all() -> Vec<Behaviour> {
    let photo = photo_jpeg(0);
    let packed = gzip(&photo);
    let mut wrong_sum = packed.clone();
    let sum = wrong_sum.len() - 8;
    wrong_sum[sum] ^= 0xff;
    let mut bad_middle = packed.clone();
    let middle = bad_middle.len() / 2;
    bad_middle[middle..middle + 64].fill(0xaa);
    let garbled = photo.iter().map(|byte| byte ^ 0x5a).collect();
    let (zeros_gzip, zeros_deflate) = (squeezed_zeros(true), squeezed_zeros(false));
    vec![
        // The controls: codings in order are undone.
        coded("gzip-in-order", "kept", &["gzip"], packed.clone()),
        coded("deflate-in-order", "kept", &["deflate"], deflate(&photo)),
        coded("brotli-in-order", "kept", &["br"], brotli(&photo)),
        // Bombs.
        Behaviour::new("gzip-without-end", "body_too_large", 1, move |peer| endless_zeros(peer, "gzip", &zeros_gzip)),
        Behaviour::new("deflate-without-end", "body_too_large", 1, move |peer| {
            endless_zeros(peer, "deflate", &zeros_deflate)
        }),
        coded("gzip-bomb", "body_too_large", &["gzip"], gzip(&vec![0; BOMB])),
        coded("brotli-bomb", "body_too_large", &["br"], brotli(&vec![0; BOMB])),
        // Not offered, so not undone: what came is no picture.
        coded("zstd-bomb", "body_too_small", &["zstd"], zstd(&vec![0; BOMB])),
        coded("gzip-in-gzip-bomb", "not_an_image", &["gzip", "gzip"], gzip(&gzip(&vec![0; 100 * BOMB / 16]))),
        coded("gzip-gzip-in-one-line", "not_an_image", &["gzip, gzip"], gzip(&packed)),
        coded("brotli-in-gzip", "not_an_image", &["br", "gzip"], gzip(&brotli(&photo))),
        // A window of a gigabyte asked for in two bytes (RFC 7932 section 9.1 allows 16 MiB): what is not written to
        // takes no memory.
        coded("brotli-with-a-window-of-1-gib", "kept", &["br"], large_window_brotli(&photo)),
        // Damaged, and damaged again however often it is asked for.
        coded("gzip-cut-short", "not_an_image", &["gzip"], packed[..packed.len() / 2].to_vec()),
        coded("gzip-damaged", "not_an_image", &["gzip"], bad_middle),
        coded("gzip-with-a-wrong-sum", "not_an_image", &["gzip"], wrong_sum),
        coded("gzip-with-more-behind", "kept", &["gzip"], [packed.as_slice(), &[7; 9000]].concat()),
        coded("gzip-that-is-none", "not_an_image", &["gzip"], photo.clone()),
        coded("brotli-that-is-none", "not_an_image", &["br"], photo.clone()),
        coded("deflate-that-is-none", "not_an_image", &["deflate"], photo),
        coded("unknown-coding", "not_an_image", &["rot-13"], garbled),
    ]
}
