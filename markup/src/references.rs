//! Character references (`&amp;`, `&#169;`) and the two other things that a text means otherwise
//! than it is written: carriage returns and NULs (HTML standard, sections 13.2.3.5 and 13.2.5.72).

use memchr::memchr3;
use std::borrow::Cow;
use std::sync::LazyLock;

/// The longest name that needs no semicolon.
const MAX_BARE_NAME: usize = 6;
const MAX_NAME: usize = 31;

/// What the numbers 0x80 to 0x9F stand for: windows-1252, not the control characters of Unicode.
const WINDOWS_1252: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}', '\u{2C6}', '\u{2030}',
    '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}', '\u{90}', '\u{2018}', '\u{2019}', '\u{201C}',
    '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}', '\u{2DC}', '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}',
    '\u{17E}', '\u{178}',
];

/// Names, those that need a semicolon with it, in byte order; and what they stand for.
static NAMED: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let lines = include_str!("../data/references.tsv").lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t')).map(|(name, points)| (name, characters(points))).collect()
});

fn characters(points: &str) -> String {
    points.split(' ').filter_map(|point| char::from_u32(u32::from_str_radix(point, 16).ok()?)).collect()
}

/// Where a text stands, which decides what some of its characters mean.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    /// Between tags.
    Text,
    /// In an attribute's value. `?a=1&copy=2` is no copyright sign there.
    Attribute,
    /// In a script: no references.
    Script,
}

/// What a text means in which character references were left, as in the strings of JSON-LD.
pub fn unescaped(text: &str) -> Cow<'_, str> {
    decoded(text, Site::Attribute)
}

/// What a text means in which character references were left that somebody took for text between tags: a name needs no semicolon there,
/// whatever follows it (`&copy2020`). Nothing else of it changes.
pub fn dereferenced(text: &str) -> String {
    let mut meaning = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        meaning.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[decode(rest, Site::Text, &mut meaning)..];
    }
    meaning + rest
}

/// What `source` means.
pub(crate) fn decoded(source: &str, site: Site) -> Cow<'_, str> {
    let Some(first) = next(source) else { return Cow::Borrowed(source) };
    let mut text = String::with_capacity(source.len());
    let (mut rest, mut special) = (source, Some(first));
    while let Some(at) = special {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[decode(rest, site, &mut text)..];
        special = next(rest);
    }
    text.push_str(rest);
    Cow::Owned(text)
}

fn next(source: &str) -> Option<usize> {
    memchr3(b'&', b'\r', b'\0', source.as_bytes())
}

/// Appends what `source` begins with; says how many bytes that was.
fn decode(source: &str, site: Site, text: &mut String) -> usize {
    match source.as_bytes()[0] {
        b'\r' => {
            text.push('\n');
            return if source.as_bytes().get(1) == Some(&b'\n') { 2 } else { 1 };
        }
        b'\0' => {
            if site != Site::Text {
                text.push(char::REPLACEMENT_CHARACTER);
            }
            return 1;
        }
        _ if site == Site::Script => {}
        _ => {
            let found =
                if source.as_bytes().get(1) == Some(&b'#') { numeric(source, text) } else { named(source, site, text) };
            if let Some(length) = found {
                return length;
            }
        }
    }
    text.push('&');
    1
}

fn numeric(source: &str, text: &mut String) -> Option<usize> {
    let (radix, digits) = match source.as_bytes().get(2)? {
        b'x' | b'X' => (16, &source[3..]),
        _ => (10, &source[2..]),
    };
    let count = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    let digit = |number: u32, byte: u8| {
        number.saturating_mul(radix).saturating_add(char::from(byte).to_digit(radix).unwrap_or(0))
    };
    text.push(character(digits[..count].bytes().fold(0, digit)));
    let length = source.len() - digits.len() + count;
    Some(length + usize::from(source.as_bytes().get(length) == Some(&b';')))
}

fn character(number: u32) -> char {
    match number {
        0 => char::REPLACEMENT_CHARACTER,
        0x80..=0x9F => WINDOWS_1252[number as usize - 0x80],
        _ => char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

fn named(source: &str, site: Site, text: &mut String) -> Option<usize> {
    let name = &source[1..];
    // Most are this one.
    if name.starts_with("amp;") {
        text.push('&');
        return Some(5);
    }
    let run = name.bytes().take(MAX_NAME + 1).take_while(u8::is_ascii_alphanumeric).count();
    if name.as_bytes().get(run) == Some(&b';')
        && let Some(meaning) = lookup(&name[..=run])
    {
        text.push_str(meaning);
        return Some(run + 2);
    }
    // In an attribute no letter, digit or `=` may follow, so that there only the whole run can be a name.
    let shortest = if site == Site::Attribute { run.max(2) } else { 2 };
    if site == Site::Attribute && name.as_bytes().get(run) == Some(&b'=') {
        return None;
    }
    let (length, meaning) =
        (shortest..=run.min(MAX_BARE_NAME)).rev().find_map(|length| Some((length, lookup(&name[..length])?)))?;
    text.push_str(meaning);
    Some(length + 1)
}

fn lookup(name: &str) -> Option<&'static str> {
    let found = NAMED.binary_search_by_key(&name, |(known, _)| known).ok()?;
    Some(&NAMED[found].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole_and_sorted() {
        assert_eq!(NAMED.len(), 2231);
        assert!(NAMED.is_sorted_by(|a, b| a.0 < b.0));
        assert!(NAMED.iter().all(|(name, text)| name.len() <= MAX_NAME + 1 && !text.is_empty()));
        assert!(NAMED.iter().all(|(name, _)| name.ends_with(';') || name.len() <= MAX_BARE_NAME));
    }

    #[test]
    fn references_are_decoded() {
        for (source, text, attribute) in [
            ("a &amp; b", "a & b", "a & b"),
            ("a&ampb", "a&b", "a&ampb"),
            ("?a=1&copy=2&amp=3", "?a=1©=2&=3", "?a=1&copy=2&amp=3"),
            ("&copy;&copy &notit; &notin;", "©© ¬it; ∉", "©© &notit; ∉"),
            ("&NotEqualTilde;&nope;&;& &", "≂̸&nope;&;& &", "≂̸&nope;&;& &"),
            ("&#169;&#xA9;&#XA9 &#169a", "©©© ©a", "©©© ©a"),
            (
                "&#0;&#x80;&#xD800;&#x110000;&#99999999999;",
                "\u{fffd}€\u{fffd}\u{fffd}\u{fffd}",
                "\u{fffd}€\u{fffd}\u{fffd}\u{fffd}",
            ),
            ("&#;&#x;&#xg&#", "&#;&#x;&#xg&#", "&#;&#x;&#xg&#"),
            ("a\r\nb\rc\0d&#13;", "a\nb\ncd\r", "a\nb\nc\u{fffd}d\r"),
            ("é&eacute;é", "ééé", "ééé"),
        ] {
            assert_eq!(decoded(source, Site::Text), text, "{source}");
            assert_eq!(decoded(source, Site::Attribute), attribute, "{source}");
        }
        assert_eq!(decoded("a &amp;\0\r\n", Site::Script), "a &amp;\u{fffd}\n");
        assert_eq!(dereferenced("&copy2020 &amp;amp; a\r\n\0 &"), "©2020 &amp; a\r\n\0 &");
    }
}
