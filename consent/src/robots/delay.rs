//! How long to wait between two requests. Not in RFC 9309; politeness costs little.

use std::time::Duration;

/// `Crawl-delay: 1.5`
pub(super) fn seconds(value: &[u8]) -> Option<Duration> {
    wait(std::str::from_utf8(value).ok()?.trim().parse().ok()?)
}

/// Longer than can be counted is for ever; what is no time at all says nothing.
fn wait(seconds: f64) -> Option<Duration> {
    let is_time = seconds >= 0.0;
    is_time.then(|| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
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
    wait(time * unit / documents)
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
            ("1", None),
            ("/", None),
            ("-1/5", None),
            ("nan/1", None),
        ] {
            assert_eq!(seconds_of_rate(value.as_bytes()), wait.map(Duration::from_secs_f64), "{value}");
        }
        assert_eq!(seconds_of_rate(b"0/1"), Some(Duration::MAX));
        for value in ["1e999", "9e99", "infinity"] {
            assert_eq!(seconds(value.as_bytes()), Some(Duration::MAX), "{value}");
        }
    }
}
