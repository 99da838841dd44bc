//! Servers behind TLS: certificates that must not be believed, handshakes that lead nowhere, HTTP/2 that is none.

use super::{
    behaviour::{Behaviour, Line},
    pictures::photo_jpeg,
};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::default_provider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::sync::Arc;

const TRUSTED: &[u8] = include_bytes!("certificates/trusted.pem");
const SELF_SIGNED: &[u8] = include_bytes!("certificates/self-signed.pem");
const EXPIRED: &[u8] = include_bytes!("certificates/expired.pem");

/// The certificates that a machine trusts in these tests, as PEM. Each file holds its key, too, which is passed over.
pub(crate) fn trust() -> Vec<u8> {
    [TRUSTED, EXPIRED].concat()
}

pub(crate) fn trusted() -> ServerConfig {
    config(TRUSTED)
}

pub(crate) fn self_signed() -> ServerConfig {
    config(SELF_SIGNED)
}

pub(crate) fn expired() -> ServerConfig {
    config(EXPIRED)
}

pub(crate) fn speaking_http_2() -> ServerConfig {
    let mut config = config(TRUSTED);
    config.alpn_protocols = vec![b"h2".to_vec()];
    config
}

fn config(pem: &[u8]) -> ServerConfig {
    let certificate = CertificateDer::from_pem_slice(pem).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap();
    config.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
}

/// An HTTP/2 frame (RFC 9113 section 4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;

pub(super) fn all() -> Vec<Behaviour> {
    // robots.txt comes first, and where it cannot be asked for the answer is no. It is tried twice,
    // unless trying again cannot help.
    let tls = |name, end, requests, line, domain| {
        Behaviour::new(name, end, requests, |peer| peer.picture("image/jpeg", photo_jpeg(1))).behind(line, domain)
    };
    let settings = frame(SETTINGS, 0, 0, &[]);
    let headers = frame(HEADERS, 0, 1, &[0x88]);
    let flood = frame(CONTINUATION, 0, 1, &[0x88; 4096]);
    let (hello, stall) = (settings.clone(), settings.clone());
    let (endless, pings) = (settings.clone(), settings.clone());
    let raw = |row: Behaviour, tls| row.behind(Line::Raw { tls }, "tls.example");
    vec![
        // The control: with a certificate that is trusted, the picture comes.
        tls("tls-in-order", "kept", 1, Line::Tls, "tls.example"),
        tls("tls-self-signed", "image_unknown", 0, Line::SelfSigned, "tls.example").asked_for_files(0),
        tls("tls-for-another-name", "image_unknown", 0, Line::Tls, "hostile.example").asked_for_files(0),
        tls("tls-expired", "image_unknown", 0, Line::Expired, "tls.example").asked_for_files(0),
        // Whoever cuts a connection under TLS cannot say that it is over: an end without a length is none.
        Behaviour::new("tls-cut-body", "connection", 2, |peer| {
            peer.head(200, &["Content-Type: image/jpeg", "Connection: close"])?;
            peer.send(photo_jpeg(1))
        })
        .behind(Line::Tls, "tls.example"),
        raw(Behaviour::new("tls-stalls", "image_unknown", 0, super::peer::Peer::wait), false).asked_for_files(2),
        raw(Behaviour::new("tls-hangs-up", "image_unknown", 0, |_| Ok(())), false).asked_for_files(2),
        raw(
            Behaviour::new("tls-is-plain-http", "image_unknown", 0, |peer| {
                peer.whole(400, &[], b"The plain HTTP request was sent to HTTPS port")
            }),
            false,
        )
        .asked_for_files(2),
        // A record of the largest size, a byte at a time (RFC 8446 section 5.1).
        raw(
            Behaviour::new("tls-drips", "image_unknown", 0, |peer| {
                peer.send([22, 3, 3, 0x40, 0])?;
                peer.drip(&[2; 64])
            }),
            false,
        )
        .asked_for_files(2),
        raw(
            Behaviour::new("tls-endless-handshake", "image_unknown", 0, |peer| {
                let record = [&[22, 3, 3, 0x40, 0][..], &[0; 0x4000]].concat();
                peer.forever(&record)
            }),
            false,
        )
        .asked_for_files(2),
        raw(Behaviour::new("h2-garbage", "image_unknown", 0, |peer| peer.send([b'x'; 4096])), true).asked_for_files(2),
        raw(
            Behaviour::new("h2-stalls", "image_unknown", 0, move |peer| {
                peer.send(&stall)?;
                peer.wait()
            }),
            true,
        )
        .asked_for_files(2),
        raw(
            Behaviour::new("h2-goes-away", "image_unknown", 0, move |peer| {
                peer.send([hello.as_slice(), &frame(GOAWAY, 0, 0, &[0; 8])].concat())?;
                peer.wait()
            }),
            true,
        )
        .asked_for_files(2),
        raw(
            Behaviour::new("h2-settings-flood", "image_unknown", 0, move |peer| {
                peer.for_as_long_as_it_takes(&endless.repeat(512))
            }),
            true,
        )
        .asked_for_files(2),
        raw(
            Behaviour::new("h2-ping-flood", "image_unknown", 0, move |peer| {
                peer.send(&pings)?;
                peer.for_as_long_as_it_takes(&frame(PING, 0, 0, &[7; 8]).repeat(512))
            }),
            true,
        )
        .asked_for_files(2),
        // CONTINUATION without end (CVE-2024-27316 and its kin).
        raw(
            Behaviour::new("h2-endless-head", "image_unknown", 0, move |peer| {
                peer.send([settings.as_slice(), &headers].concat())?;
                peer.forever(&flood)
            }),
            true,
        )
        .asked_for_files(2),
    ]
}
