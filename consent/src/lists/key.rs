//! The form in which hosts and URLs are compared.

use std::fmt::Write;
use url::Url;

/// The longest name of a host (RFC 1035 section 2.3.4, less the length bytes at both ends).
pub(super) const MAX_HOST_BYTES: usize = 253;

/// A URL as it is compared: without scheme, because whoever takes out a picture means it over
/// http and https alike, and without what is never sent (fragment, credentials).
///
/// The same address is written in several ways. `%7E` and `~` are the same by RFC 3986 section
/// 6.2.2, whatever is neither reserved nor unreserved stands for its escape, and `(`, `)`, `!`,
/// `'`, `*`, `,`, `:` and `@` are escaped by some writers of URLs and not by others
/// (`encodeURIComponent`, `encodeURI`, `rawurlencode`) without anybody meaning another file.
/// What separates (`/ ? & = + ; $ #`) stays as it is, and so does case in the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UrlKey {
    text: String,
    host: usize,
}

impl UrlKey {
    /// `None` for URLs without a host (`data:`, `mailto:`).
    pub(crate) fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?.trim_end_matches('.');
        let mut text = String::with_capacity(url.as_str().len());
        text.push_str(host);
        // Only special schemes have it in lower case already.
        text.make_ascii_lowercase();
        if let Some(port) = url.port() {
            let _ = write!(text, ":{port}");
        }
        push_normal(&mut text, url.path());
        if let Some(query) = url.query() {
            text.push('?');
            push_normal(&mut text, query);
        }
        Some(Self { text, host: host.len() })
    }

    pub(crate) fn host(&self) -> &str {
        self.text.get(..self.host).unwrap_or_default()
    }

    /// All of it, for prefixes.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Without a `?` that nothing follows, for whole URLs.
    pub(crate) fn whole(&self) -> &str {
        match self.text.strip_suffix('?') {
            Some(text) if !text.contains('?') => text,
            _ => &self.text,
        }
    }
}

fn push_normal(key: &mut String, text: &str) {
    if text.bytes().all(stands_for_itself) {
        key.push_str(text);
        return;
    }
    let mut bytes = text.as_bytes().iter();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'%' => match escaped(bytes.as_slice()) {
                Some(meant) => {
                    bytes.nth(1);
                    push_meant(key, meant);
                }
                None => key.push('%'),
            },
            byte if stands_for_itself(byte) => key.push(char::from(byte)),
            byte => push_escape(key, byte),
        }
    }
}

fn push_meant(key: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() || b"-._~!'()*,:@".contains(&byte) {
        key.push(char::from(byte));
    } else {
        push_escape(key, byte);
    }
}

fn push_escape(key: &mut String, byte: u8) {
    let _ = write!(key, "%{byte:02X}");
}

/// The byte that two digits behind a `%` stand for.
fn escaped(digits: &[u8]) -> Option<u8> {
    let digit = |place: usize| digits.get(place).and_then(|digit| char::from(*digit).to_digit(16));
    u8::try_from(digit(0)? << 4 | digit(1)?).ok()
}

/// Unreserved and reserved characters (RFC 3986 sections 2.2 and 2.3).
fn stands_for_itself(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_write_an_address_come_together() {
        for (url, key) in [
            ("https://A.example./x", "a.example/x"),
            ("http://a.example:80", "a.example/"),
            ("http://a.example:443/", "a.example:443/"),
            ("https://[2001:DB8::1]:8080/x", "[2001:db8::1]:8080/x"),
            ("https://u:p@a.example/x#top", "a.example/x"),
            ("https://a.example/%7euser/%e4%BA", "a.example/~user/%E4%BA"),
            ("https://a.example/photo%20%281%29.jpg", "a.example/photo%20(1).jpg"),
            ("https://a.example/photo (1).jpg", "a.example/photo%20(1).jpg"),
            ("https://a.example/a|b^c", "a.example/a%7Cb%5Ec"),
            ("https://a.example/a%7Cb%5ec", "a.example/a%7Cb%5Ec"),
            ("https://a.example/a%2Fb+c%2Bd%26", "a.example/a%2Fb+c%2Bd%26"),
            ("https://a.example/100%/%zz/%4", "a.example/100%/%zz/%4"),
            ("https://a.example/x/../y/./z", "a.example/y/z"),
            ("https://a.example/ü?q=ü|", "a.example/%C3%BC?q=%C3%BC%7C"),
        ] {
            assert_eq!(UrlKey::of(&Url::parse(url).unwrap()).unwrap().as_str(), key, "{url}");
        }
        assert_eq!(UrlKey::of(&Url::parse("data:,x").unwrap()), None);
    }

    #[test]
    fn an_empty_query_is_none() {
        for (url, whole) in [
            ("https://a.example/x?", "a.example/x"),
            ("https://a.example/x??", "a.example/x??"),
            ("https://a.example/x?a?", "a.example/x?a?"),
        ] {
            assert_eq!(UrlKey::of(&Url::parse(url).unwrap()).unwrap().whole(), whole, "{url}");
        }
    }
}
