//! What the head of an answer says of a file: which version, which part, and when to come back.

use chrono::Utc;
use http::{
    HeaderMap,
    header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, LAST_MODIFIED, RETRY_AFTER},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What tells one version of a file from another.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Version {
    pub(crate) tag: Option<String>,
    modified: Option<String>,
    /// Its length, where the server says it.
    pub(crate) bytes: Option<u64>,
}

impl Version {
    pub(crate) fn of(headers: &HeaderMap, range: Option<(Option<u64>, Option<u64>)>) -> Self {
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let length = || text(CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let bytes = range.map_or_else(length, |(_, total)| total);
        Self { tag: text(ETAG), modified: text(LAST_MODIFIED), bytes }
    }

    /// By the entity tag, else by the date, else by the length alone; what cannot be compared at
    /// all is not the same.
    pub(crate) fn is(&self, other: &Self) -> bool {
        let same_length = self.bytes.zip(other.bytes).map(|(one, two)| one == two);
        let tags = self.tag.as_ref().zip(other.tag.as_ref());
        let dates = self.modified.as_ref().zip(other.modified.as_ref());
        same_length != Some(false) && tags.or(dates).map_or(same_length == Some(true), |(one, two)| one == two)
    }
}

/// First byte and total length out of `bytes 100-199/200`.
pub(crate) fn content_range(headers: &HeaderMap) -> (Option<u64>, Option<u64>) {
    let text = headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (range, total) = text.trim_start_matches("bytes").trim().split_once('/').unwrap_or_default();
    let start = range.split_once('-').and_then(|(start, _)| start.trim().parse().ok());
    (start, total.trim().parse().ok())
}

/// `Retry-After` in seconds or as a date (RFC 9110 section 10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(Utc::now().into()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| (HeaderName::from_static(name), value.parse().unwrap());
        lines.iter().map(pair).collect()
    }

    #[test]
    fn ranges_and_waits_are_read() {
        for (text, found) in [
            ("bytes 100-199/200", (Some(100), Some(200))),
            ("bytes 7-9/*", (Some(7), None)),
            ("bytes */200", (None, Some(200))),
            ("nonsense", (None, None)),
        ] {
            assert_eq!(content_range(&headers(&[("content-range", text)])), found, "{text}");
        }
        assert_eq!(retry_after(&headers(&[("retry-after", " 7 ")])), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers(&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")])), Some(Duration::ZERO));
        let soon = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(90));
        let wait = retry_after(&headers(&[("retry-after", &soon)])).unwrap();
        assert!(wait > Duration::from_secs(80) && wait <= Duration::from_secs(90), "{wait:?}");
        assert_eq!(retry_after(&headers(&[("retry-after", "soon")])), None);
    }

    #[test]
    fn versions_are_told_apart() {
        let version = |lines: &[(&'static str, &str)]| Version::of(&headers(lines), None);
        let (tag, other_tag) = (("etag", "\"a\""), ("etag", "\"b\""));
        let (date, other_date) = (("last-modified", "monday"), ("last-modified", "tuesday"));
        let (length, other_length) = (("content-length", "9"), ("content-length", "8"));
        for (one, two, same) in [
            (&[tag, date, length][..], &[tag, date, length][..], true),
            // Machines behind one name agree on the tag before they agree on the second.
            (&[tag, date, length], &[tag, other_date, length], true),
            (&[tag, date, length], &[other_tag, date, length], false),
            (&[tag, date, length], &[tag, date, other_length], false),
            (&[date, length], &[tag, date, length], true),
            (&[date, length], &[other_date, length], false),
            (&[length], &[length], true),
            (&[length], &[other_length], false),
            (&[tag], &[tag], true),
            (&[tag], &[date], false),
            (&[], &[], false),
        ] {
            assert_eq!(version(one).is(&version(two)), same, "{one:?} {two:?}");
        }
    }
}
