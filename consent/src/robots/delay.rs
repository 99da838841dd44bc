//! How long to wait between two requests. Not in RFC 9309; politeness costs little.

use std::time::Duration;

/// `Crawl-delay: 1.5`
pub(super) fn seconds(value: &[u8]) -> Option<Duration> {
    let seconds: f64 = std::str::from_utf8(value).ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// `1/10s`, `1/1m 0100-0445`: documents per seconds, minutes or hours.
pub(super) fn seconds_of_rate(value: &[u8]) -> Option<Duration> {
    let text = std::str::from_utf8(value).ok()?.split_ascii_whitespace().next()?;
    let (documents, time) = text.split_once('/')?;
    let unit = match time.as_bytes().last()? {
        b'm' | b'M' => 60.0,
        b'h' | b'H' => 3600.0,
        _ => 1.0,
    };
    let time: f64 = time.trim_end_matches(|c: char| c.is_ascii_alphabetic()).parse().ok()?;
    let documents: f64 = documents.parse().ok()?;
    Duration::try_from_secs_f64(time * unit / documents).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_waits() {
        for (value, wait) in [
            ("1/10s", Some(10.0)),
            ("1/5", Some(5.0)),
            ("2/1m", Some(30.0)),
            ("1/1h 0100-0445", Some(3600.0)),
            ("0/1", None),
            ("1", None),
            ("/", None),
            ("-1/5", None),
            ("nan/1", None),
        ] {
            assert_eq!(seconds_of_rate(value.as_bytes()), wait.map(Duration::from_secs_f64), "{value}");
        }
    }
}
