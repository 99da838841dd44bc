//! Lines of a robots.txt and what each is (RFC 9309 section 2.2).

use crate::policy::Reading;

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    /// `User-agent: value`
    Agent(&'a [u8]),
    /// `Allow: value`
    Allow(&'a [u8]),
    /// `Disallow: value`
    Disallow(&'a [u8]),
    /// `Crawl-delay: value`
    CrawlDelay(&'a [u8]),
    /// Blank lines, comments and all other records. They mean nothing here and end nothing.
    Other,
}

/// A line with its number, as it is counted from 1 in editors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) number: u32,
    /// As written, without blanks around it.
    pub(crate) text: &'a [u8],
    pub(crate) record: Record<'a>,
    /// Whether it is a record only by a lenient reading.
    pub(crate) lenient: bool,
}

/// All lines of a file. Lines end in LF, CR or CRLF.
pub(crate) fn lines(body: &[u8], reading: Reading) -> impl Iterator<Item = Line<'_>> {
    let mut rest = Some(without_mark(body));
    let mut number = 0;
    std::iter::from_fn(move || {
        let body = rest?;
        let end = body.iter().position(|octet| matches!(octet, b'\n' | b'\r'));
        rest = end.map(|end| {
            let ending = if body[end..].starts_with(b"\r\n") { 2 } else { 1 };
            &body[end + ending..]
        });
        number += 1;
        let text = trim(&body[..end.unwrap_or(body.len())]);
        let (record, lenient) = record(text, reading);
        Some(Line { number, text, record, lenient })
    })
}

/// Skips a byte order mark, cut-off ones included, as Google's parser does.
fn without_mark(body: &[u8]) -> &[u8] {
    const MARKS: [&[u8]; 5] = [b"\xEF\xBB\xBF", b"\xEF\xBB", b"\xEF", b"\xFF\xFE", b"\xFE\xFF"];
    MARKS.iter().find_map(|mark| body.strip_prefix(*mark)).unwrap_or(body)
}

fn record(line: &[u8], reading: Reading) -> (Record<'_>, bool) {
    let content = line.split(|octet| *octet == b'#').next().unwrap_or_default();
    if let Some(colon) = content.iter().position(|octet| *octet == b':') {
        return named(trim(&content[..colon]), trim(&content[colon + 1..]), reading);
    }
    // "disallow /x": the colon was forgotten. Google takes it when just two words stand there.
    let mut words = content.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    match (reading, words.next(), words.next(), words.next()) {
        (Reading::Strict, Some(key), Some(value), None) => match named(key, value, reading).0 {
            // Badly written and positive: ignored. Badly written and negative counts.
            Record::Allow(_) | Record::CrawlDelay(_) | Record::Other => (Record::Other, false),
            record => (record, true),
        },
        _ => (Record::Other, false),
    }
}

fn named<'a>(key: &[u8], value: &'a [u8], reading: Reading) -> (Record<'a>, bool) {
    // Misspellings that Google's parser knows, and `diasllow` beside them. Only those of
    // `Disallow` and of the line it hangs on: being stricter is safe.
    const DISALLOW: [&[u8]; 5] = [b"dissallow", b"dissalow", b"disalow", b"diasllow", b"disallaw"];
    const AGENT: [&[u8]; 2] = [b"useragent", b"user agent"];
    let is = |name: &[u8]| key.eq_ignore_ascii_case(name);
    if is(b"user-agent") {
        (Record::Agent(value), false)
    } else if is(b"disallow") {
        (Record::Disallow(value), false)
    } else if is(b"allow") {
        (Record::Allow(value), false)
    } else if is(b"crawl-delay") {
        (Record::CrawlDelay(value), false)
    } else if reading == Reading::Strict && DISALLOW.into_iter().any(is) {
        (Record::Disallow(value), true)
    } else if reading == Reading::Strict && AGENT.into_iter().any(is) {
        (Record::Agent(value), true)
    } else {
        (Record::Other, false)
    }
}

/// Blanks and control octets around a value carry no meaning.
fn trim(text: &[u8]) -> &[u8] {
    let is_blank = |octet: &u8| *octet <= b' ';
    let start = text.iter().position(|octet| !is_blank(octet)).unwrap_or(text.len());
    let end = text.iter().rposition(|octet| !is_blank(octet)).map_or(start, |last| last + 1);
    &text[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_every_ending() {
        let found: Vec<_> = lines(b"a\nb\rc\r\n\r\nd", Reading::Spec).map(|line| (line.number, line.text)).collect();
        assert_eq!(found, [(1, b"a".as_slice()), (2, b"b"), (3, b"c"), (4, b""), (5, b"d")]);
    }

    #[test]
    fn records_are_known_by_either_reading() {
        use Record::{Agent, Allow, CrawlDelay, Disallow, Other};
        for (text, strict, spec) in [
            ("User-agent: a # b", Agent(b"a"), Agent(b"a")),
            ("USER-AGENT\t:\ta", Agent(b"a"), Agent(b"a")),
            ("disallow:", Disallow(b""), Disallow(b"")),
            ("Disallow: /a:b", Disallow(b"/a:b"), Disallow(b"/a:b")),
            ("Disallow /x", Disallow(b"/x"), Other),
            ("Disallow /x /y", Other, Other),
            ("Allow /x", Other, Other),
            ("dissallow: /x", Disallow(b"/x"), Other),
            ("Disallaw /x", Disallow(b"/x"), Other),
            ("useragent: a", Agent(b"a"), Other),
            ("User agent: a", Agent(b"a"), Other),
            ("allow: /", Allow(b"/"), Allow(b"/")),
            ("Crawl-Delay: 1.5", CrawlDelay(b"1.5"), CrawlDelay(b"1.5")),
            ("# Disallow: /", Other, Other),
            ("Sitemap: https://h/x", Other, Other),
            ("Disallowed: /", Other, Other),
            (":", Other, Other),
        ] {
            assert_eq!(record(text.as_bytes(), Reading::Strict).0, strict, "{text}");
            assert_eq!(record(text.as_bytes(), Reading::Spec), (spec, false), "{text}");
        }
    }
}
