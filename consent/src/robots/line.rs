//! Lines of a robots.txt and what each is (RFC 9309 section 2.2).

mod key;

use crate::{
    directive::{Meaning, meaning},
    policy::Reading,
};
use key::Key;
pub(crate) use key::Term;
use memchr::{memchr, memchr2};

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
    /// `Request-rate: 1/10s`
    RequestRate(&'a [u8]),
    /// A line about use rather than access.
    Term(Term, &'a [u8]),
    /// A line that decides nothing and is recorded as this signal.
    Remark(&'static str),
    /// Blank lines, comments and what else there is. RFC 9309 section 2.2.4 calls these "other
    /// records"; they mean nothing here and end nothing.
    Other,
}

/// A line with its number, as it is counted from 1 in editors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub(crate) number: u32,
    /// Where `text` begins in the file.
    pub(crate) start: usize,
    /// As written, without blanks around it.
    pub(crate) text: &'a [u8],
    pub(crate) record: Record<'a>,
    /// Whether it is a record only by a lenient reading.
    pub(crate) lenient: bool,
}

/// All lines of a file.
pub(super) fn lines(body: &[u8], reading: Reading) -> impl Iterator<Item = Line<'_>> {
    raw_lines(body).map(move |(number, start, text)| {
        let (record, lenient) = record(text, reading);
        Line { number, start, text, record, lenient }
    })
}

/// Number, start and text of all lines. They end in LF, CR or CRLF.
pub(super) fn raw_lines(body: &[u8]) -> impl Iterator<Item = (u32, usize, &[u8])> {
    let mut start = Some(0);
    let mut number = 0;
    std::iter::from_fn(move || {
        let from = start?;
        let rest = &body[from..];
        let end = memchr2(b'\n', b'\r', rest);
        start = end.map(|end| from + end + if rest[end..].starts_with(b"\r\n") { 2 } else { 1 });
        number += 1;
        let line = &rest[..end.unwrap_or(rest.len())];
        let text = trim(line);
        // Blanks were taken off at both ends; those in front move the start.
        let blanks = line.iter().take_while(|octet| is_blank(**octet)).count();
        Some((number, from + blanks, text))
    })
}

fn record(line: &[u8], reading: Reading) -> (Record<'_>, bool) {
    match memchr2(b':', b'#', line) {
        Some(colon) if line[colon] == b':' => {
            let value = &line[colon + 1..];
            let end = memchr(b'#', value).unwrap_or(value.len());
            named(trim(&line[..colon]), trim(&value[..end]), reading)
        }
        Some(comment) => unnamed(trim(&line[..comment]), reading),
        None => unnamed(line, reading),
    }
}

fn named<'a>(key: &[u8], value: &'a [u8], reading: Reading) -> (Record<'a>, bool) {
    if let Some(key) = Key::of(key) {
        return (key.with(value), false);
    }
    match Key::of_misspelt(key).filter(|_| reading == Reading::Strict) {
        Some(key) => (key.with(value), true),
        None => (Record::Other, false),
    }
}

/// `disallow /x`: the colon was forgotten. Badly written and positive is ignored, badly written
/// and negative counts. Google takes access lines so, when just two words stand there.
fn unnamed(content: &[u8], reading: Reading) -> (Record<'_>, bool) {
    if reading == Reading::Spec || content.is_empty() {
        return (Record::Other, false);
    }
    let end = content.iter().position(u8::is_ascii_whitespace).unwrap_or(content.len());
    let (key, value) = (&content[..end], trim(&content[end..]));
    let two_words = !value.is_empty() && !value.iter().any(u8::is_ascii_whitespace);
    match Key::of(key).or_else(|| Key::of_misspelt(key)) {
        Some(key @ (Key::Agent | Key::Disallow)) if two_words => (key.with(value), true),
        Some(Key::Term(term)) if term.may_miss_its_colon() && !value.is_empty() => (Record::Term(term, value), true),
        _ if is_bare_no(content) => (Record::Term(Term::AdHoc, content), true),
        _ => (Record::Other, false),
    }
}

/// `noai`, `noai, noimageai`: the words of a meta element alone on a line.
fn is_bare_no(content: &[u8]) -> bool {
    const LONGEST: usize = 100;
    let Some(text) = std::str::from_utf8(content).ok().filter(|text| text.len() <= LONGEST) else { return false };
    let mut words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter(|word| !word.is_empty());
    words.all(|word| matches!(meaning(word, None), Meaning::NoAi | Meaning::NoAiAdHoc))
}

/// Blanks and control octets around a value carry no meaning.
fn trim(text: &[u8]) -> &[u8] {
    let Some(start) = text.iter().position(|octet| !is_blank(*octet)) else { return &[] };
    let end = text.iter().rposition(|octet| !is_blank(*octet)).map_or(start, |last| last + 1);
    &text[start..end]
}

fn is_blank(octet: u8) -> bool {
    octet <= b' '
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_by_every_ending() {
        let body = b"a\n b\rc\r\n\r\nd";
        let found: Vec<_> = raw_lines(body).collect();
        let expected: [(u32, usize, &[u8]); 5] = [(1, 0, b"a"), (2, 3, b"b"), (3, 5, b"c"), (4, 8, b""), (5, 10, b"d")];
        assert_eq!(found, expected);
        assert!(found.iter().all(|(_, start, text)| body[*start..].starts_with(text)));
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
            ("Disallow /x # y", Disallow(b"/x"), Other),
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
            ("", Other, Other),
        ] {
            assert_eq!(record(text.as_bytes(), Reading::Strict).0, strict, "{text}");
            assert_eq!(record(text.as_bytes(), Reading::Spec), (spec, false), "{text}");
        }
    }

    #[test]
    fn lines_about_use_are_known_by_either_reading() {
        use Term::{AdHoc, License, NoIndex, NoTraining, Signal, Usage};
        let term = |term, value: &'static str| Record::Term(term, value.as_bytes());
        for (text, strict, by_the_letter) in [
            ("Content-Usage: a=n", term(Usage, "a=n"), true),
            ("content-usage a=n, b=n", term(Usage, "a=n, b=n"), false),
            ("Content Usage: a=n", term(Usage, "a=n"), false),
            ("content-signals: x", term(Signal, "x"), true),
            ("Content_Signal: x", term(Signal, "x"), false),
            ("license: l", term(License, "l"), true),
            ("License agreement", Record::Other, true),
            ("DisallowAITraining: /", term(NoTraining, "/"), true),
            ("Disallow AI Training: /", term(NoTraining, "/"), false),
            ("Noindex: /x", term(NoIndex, "/x"), true),
            ("noai", term(AdHoc, "noai"), false),
            ("NoAI, NoImageAI", term(AdHoc, "NoAI, NoImageAI"), false),
            ("noai please", Record::Other, true),
            ("Robots are welcome", Record::Other, true),
            ("Visit-time: 0100-0445", Record::Remark("robots.visit-time"), true),
        ] {
            let spec = if by_the_letter { strict } else { Record::Other };
            assert_eq!(record(text.as_bytes(), Reading::Strict), (strict, !by_the_letter), "{text}");
            assert_eq!(record(text.as_bytes(), Reading::Spec), (spec, false), "{text}");
        }
    }
}
