//! The form in which paths and patterns are compared (RFC 9309 sections 2.2.2 and 2.2.3).
//!
//! Octets outside ASCII, controls and characters no URL may hold become `%XX` in upper case;
//! encoded unreserved characters are decoded; reserved ones stay as they are, so that `%2F` is
//! not `/`. `%24` is decoded too, because RFC 9309 section 2.2.3 has `/foo-%24` match `/foo-$`,
//! and `%27`, which URL parsers write for `'` in queries. A star that means itself is `%2A`.

use url::Url;

/// A path in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NormalPath {
    text: Vec<u8>,
    pairs: Pairs,
}

impl NormalPath {
    /// Path and query of `url`: what RFC 9309 section 2.2.2 compares.
    pub(crate) fn of(url: &Url) -> Self {
        let query = url.query();
        let mut text = Vec::with_capacity(url.path().len() + query.map_or(0, str::len) + 16);
        append(&mut text, url.path().as_bytes(), Star::Itself);
        if let Some(query) = query {
            text.push(b'?');
            append(&mut text, query.as_bytes(), Star::Itself);
        }
        Self { pairs: Pairs::of(&text), text }
    }

    /// The root of an origin.
    pub(crate) fn root() -> Self {
        Self { text: b"/".to_vec(), pairs: Pairs::default() }
    }

    /// Whether this is robots.txt itself, which is always allowed (RFC 9309 section 2.2.2).
    pub(crate) fn is_robots_file(&self) -> bool {
        self.text == b"/robots.txt"
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn pairs(&self) -> Pairs {
        self.pairs
    }
}

/// Which pairs of neighbouring octets a text holds, thrown into 64 boxes. A pattern with a pair
/// that a path does not hold cannot match it: two words compared instead of a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pairs(u64);

impl Pairs {
    fn of(text: &[u8]) -> Self {
        Self(text.windows(2).fold(0, |seen, pair| seen | box_of(pair)))
    }

    /// The pairs of a pattern: none across a `*`.
    pub(super) fn of_pattern(text: &[u8]) -> Self {
        Self(text.windows(2).filter(|pair| !pair.contains(&b'*')).fold(0, |seen, pair| seen | box_of(pair)))
    }

    pub(super) fn holds_all_of(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

fn box_of(pair: &[u8]) -> u64 {
    1 << (pair[0].wrapping_mul(37).wrapping_add(pair[1]) & 63)
}

/// What `*` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Star {
    Itself,
    AnyRun,
}

/// Appends `octets` in normal form.
pub(super) fn append(text: &mut Vec<u8>, octets: &[u8], star: Star) {
    if octets.iter().all(|octet| IS_PLAIN[usize::from(*octet)] && (*octet != b'*' || star == Star::AnyRun)) {
        text.extend_from_slice(octets);
        return;
    }
    let mut rest = octets;
    while let Some((&octet, after)) = rest.split_first() {
        rest = after;
        match (octet, encoded_octet(octet, after)) {
            (_, Some(value)) => {
                rest = &after[2..];
                push(text, value, is_unreserved(value) || b"$'".contains(&value));
            }
            (b'*', None) => push(text, octet, star == Star::AnyRun),
            // A stray `%` means itself: it is not plain.
            (_, None) => push(text, octet, IS_PLAIN[usize::from(octet)]),
        }
    }
}

fn push(text: &mut Vec<u8>, octet: u8, plain: bool) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if plain {
        text.push(octet);
    } else {
        text.extend([b'%', HEX[usize::from(octet >> 4)], HEX[usize::from(octet & 15)]]);
    }
}

fn encoded_octet(octet: u8, after: &[u8]) -> Option<u8> {
    let digit = |place: usize| char::from(*after.get(place)?).to_digit(16);
    if octet == b'%' { u8::try_from(digit(0)? * 16 + digit(1)?).ok() } else { None }
}

/// Octets that stay as they are: RFC 3986 sections 2.2 (reserved) and 2.3 (unreserved).
const IS_PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0_u8;
    loop {
        table[octet as usize] = is_unreserved(octet) || is_reserved(octet);
        if octet == u8::MAX {
            break table;
        }
        octet += 1;
    }
};

const fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~')
}

const fn is_reserved(octet: u8) -> bool {
    matches!(octet, b':' | b'/' | b'?' | b'#' | b'[' | b']' | b'@')
        || matches!(octet, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normal_form(octets: &[u8], star: Star) -> Vec<u8> {
        let mut text = Vec::new();
        append(&mut text, octets, star);
        text
    }

    #[test]
    fn octets_take_one_form() {
        for (given, path, pattern) in [
            ("/a%3cd", "/a%3Cd", "/a%3Cd"),
            ("/%62%61%7A", "/baz", "/baz"),
            ("/a%2fb", "/a%2Fb", "/a%2Fb"),
            ("/a*b", "/a%2Ab", "/a*b"),
            ("/a%2ab", "/a%2Ab", "/a%2Ab"),
            ("/%24%27", "/$'", "/$'"),
            ("/ツ", "/%E3%83%84", "/%E3%83%84"),
            ("/100%", "/100%25", "/100%25"),
            ("/100%2", "/100%252", "/100%252"),
            ("/a b\"", "/a%20b%22", "/a%20b%22"),
        ] {
            assert_eq!(normal_form(given.as_bytes(), Star::Itself), path.as_bytes(), "{given}");
            assert_eq!(normal_form(given.as_bytes(), Star::AnyRun), pattern.as_bytes(), "{given}");
        }
    }

    #[test]
    fn pairs_rule_out_only_what_cannot_match() {
        let path = NormalPath { text: b"/ab/cd".to_vec(), pairs: Pairs::of(b"/ab/cd") };
        assert!(path.pairs().holds_all_of(Pairs::of_pattern(b"/a*cd")));
        assert!(path.pairs().holds_all_of(Pairs::of_pattern(b"*")));
        assert!(!path.pairs().holds_all_of(Pairs::of_pattern(b"/x*cd")));
    }

    proptest! {
        #[test]
        fn normal_form_is_reached_in_one_step(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
            for star in [Star::Itself, Star::AnyRun] {
                let once = normal_form(&octets, star);
                prop_assert!(once.is_ascii());
                prop_assert_eq!(normal_form(&once, star), once);
            }
        }
    }
}
