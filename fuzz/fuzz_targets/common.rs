//! What the targets share.
#![allow(dead_code, reason = "each target uses some of it")]

use chrono::{DateTime, Utc};
use consent::{Policy, decision::decide, file_evidence};
use schema::{Evidence, Mode, Source};
use url::Url;

/// A URL that is one.
pub fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

/// A day to judge dates by.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).expect("a day")
}

/// The rules in a mode.
pub fn policy(mode: Mode) -> Policy {
    Policy::new(mode, "pinakes")
}

/// What the letter refuses, strict refuses; and evidence stays within its bounds.
pub fn strict_is_stricter(read: impl Fn(&Policy) -> Vec<Evidence>) {
    let strict = read(&policy(Mode::Strict));
    let spec = read(&policy(Mode::Spec));
    assert!(decide(&strict).refuses() || !decide(&spec).refuses(), "strict {strict:?}\nspec {spec:?}");
    assert!(strict.iter().chain(&spec).all(|one| one.raw.len() <= Evidence::MAX_RAW_BYTES));
}

/// Reads a picture file.
pub fn file(bytes: &[u8]) {
    let url = url("https://h.example/a");
    strict_is_stricter(|policy| file_evidence(policy, &url, bytes, Source::Live, None).evidence);
}

/// A PNG with one chunk of this type.
pub fn png(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap_or(0).to_be_bytes();
    [b"\x89PNG\r\n\x1a\n".as_slice(), &length, kind, content, &[0; 4]].concat()
}
