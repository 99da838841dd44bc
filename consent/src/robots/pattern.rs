//! Path patterns of robots.txt: normal form and matching (RFC 9309 sections 2.2.2 and 2.2.3).

use url::Url;

/// Stands for `*` in a compiled pattern. No path in normal form holds it: there it is `%00`.
const ANY: char = '\0';

/// A path in the form in which paths and patterns are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NormalPath(String);

impl NormalPath {
    /// Path and query of `url`: what RFC 9309 section 2.2.2 compares.
    pub(crate) fn of(url: &Url) -> Self {
        let mut text = normal_form(url.path().as_bytes(), '*');
        if let Some(query) = url.query() {
            text.push('?');
            text.push_str(&normal_form(query.as_bytes(), '*'));
        }
        Self(text)
    }

    /// The root of an origin.
    pub(crate) fn root() -> Self {
        Self("/".into())
    }

    /// Whether this is robots.txt itself, which is always allowed (RFC 9309 section 2.2.2).
    pub(crate) fn is_robots_file(&self) -> bool {
        self.0 == "/robots.txt"
    }
}

/// The value of an `Allow` or `Disallow` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: Box<str>,
    /// Whether it ends in `$`.
    anchored: bool,
}

impl Pattern {
    /// Compiles a value as it stands in the file.
    pub(crate) fn new(value: &[u8]) -> Self {
        let (value, anchored) = match value.strip_suffix(b"$") {
            Some(value) => (value, true),
            None => (value, false),
        };
        Self { text: normal_form(value, ANY).into(), anchored }
    }

    /// How specific it is: octets, `*` and `$` included.
    pub(crate) fn octets(&self) -> usize {
        self.text.len() + usize::from(self.anchored)
    }

    /// Whether it covers every path of the origin.
    pub(crate) fn covers_all(&self) -> bool {
        let text = self.text.trim_end_matches(ANY);
        (text.is_empty() || text == "/") && (!self.anchored || self.text.ends_with(ANY))
    }

    /// Whether `path` matches. Linear in both: each piece between two `*` is taken at its first
    /// place (the leftmost leaves most room for the rest), and `str::find` is the two-way search.
    pub(crate) fn matches(&self, path: &NormalPath) -> bool {
        let Some((front, last)) = self.text.rsplit_once(ANY) else {
            return if self.anchored { path.0 == *self.text } else { path.0.starts_with(&*self.text) };
        };
        let mut rest = path.0.as_str();
        for (place, piece) in front.split(ANY).enumerate() {
            let found = if place == 0 { rest.starts_with(piece).then_some(0) } else { rest.find(piece) };
            let Some(start) = found else { return false };
            rest = &rest[start + piece.len()..];
        }
        if self.anchored { rest.ends_with(last) } else { rest.contains(last) }
    }
}

/// Octets outside ASCII, controls and characters no URL may hold become `%XX` in upper case;
/// encoded unreserved characters are decoded; reserved ones stay as they are, so that `%2F` is
/// not `/`. Three exceptions are decoded too: `%2A` and `%24`, because RFC 9309 section 2.2.3
/// has `/file-%2A.html` match a literal `*`, and `%27`, which URL parsers write for `'` in queries.
fn normal_form(octets: &[u8], star: char) -> String {
    let mut text = String::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((&octet, after)) = rest.split_first() {
        rest = after;
        match octet {
            b'%' => match encoded_octet(after) {
                Some(value) => {
                    rest = &after[2..];
                    push(&mut text, value, is_unreserved(value) || b"*$'".contains(&value));
                }
                // A stray one means itself.
                None => push(&mut text, b'%', false),
            },
            b'*' => text.push(star),
            _ => push(&mut text, octet, is_unreserved(octet) || is_reserved(octet)),
        }
    }
    text
}

fn push(text: &mut String, octet: u8, plain: bool) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    if plain {
        text.push(char::from(octet));
    } else {
        text.push('%');
        text.push(char::from(HEX[usize::from(octet >> 4)]));
        text.push(char::from(HEX[usize::from(octet & 15)]));
    }
}

fn encoded_octet(after_percent: &[u8]) -> Option<u8> {
    let digit = |place: usize| char::from(*after_percent.get(place)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// RFC 3986 section 2.3.
fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
}

/// RFC 3986 section 2.2.
fn is_reserved(octet: u8) -> bool {
    b":/?#[]@!$&'()*+,;=".contains(&octet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, path: &str) -> bool {
        let url = Url::parse("https://h.example").unwrap().join(path).unwrap();
        Pattern::new(pattern.as_bytes()).matches(&NormalPath::of(&url))
    }

    #[test]
    fn patterns_match_as_the_texts_say() {
        for (pattern, path, expected) in [
            ("/", "/", true),
            ("/fish", "/fish.html", true),
            ("/fish", "/Fish.asp", false),
            ("/fish*", "/fishheads/yummy.html", true),
            ("/fish/", "/fish", false),
            ("/fish/", "/fish/?id=anything", true),
            ("/*.php", "/index?f=filename.php/", true),
            ("/*.php$", "/filename.php?parameters", false),
            ("/*.php$", "/filename.php", true),
            ("/fish*.php", "/fishheads/catfish.php?parameters", true),
            ("/*.png$", "/a.png?x=1", false),
            ("/$", "/", true),
            ("/$", "/a", false),
            ("*", "/anything", true),
            ("*.gif$", "/a/b.gif", true),
            ("/a$b", "/a$b", true),
            ("/a*b*c$", "/aXbXcXc", true),
            ("/a*b*c$", "/acb", false),
            ("/ab*b$", "/ab", false),
            // RFC 9309 section 2.2.2, table 1, and section 2.2.3, table 3.
            ("/foo/bar?baz=quz", "/foo/bar?baz=quz", true),
            ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https://foo.bar", true),
            ("/foo/bar/\u{30C4}", "/foo/bar/%E3%83%84", true),
            ("/foo/bar/%E3%83%84", "/foo/bar/\u{30C4}", true),
            ("/foo/bar/%62%61%7A", "/foo/bar/baz", true),
            ("/path/file-with-a-%2A.html", "/path/file-with-a-*.html", true),
            ("/path/file-with-a-%2A.html", "/path/file-with-a-x.html", false),
            ("/path/foo-%24", "/path/foo-$", true),
            // Normal form.
            ("/a%3cd", "/a%3Cd", true),
            ("/a%2Fb", "/a/b", false),
            ("/a%2fb", "/a%2Fb", true),
            ("/a b", "/a%20b", true),
            ("/s?q='x'", "/s?q='x'", true),
            ("/100%", "/100%", true),
            ("/100%2", "/100%2", true),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} on {path}");
        }
    }

    #[test]
    fn patterns_that_cover_all_are_known() {
        for (pattern, expected) in
            [("/", true), ("*", true), ("/*", true), ("/*$", true), ("/$", false), ("/a", false), ("/*/", false)]
        {
            assert_eq!(Pattern::new(pattern.as_bytes()).covers_all(), expected, "{pattern}");
        }
    }

    #[test]
    fn runs_of_stars_take_linear_time() {
        let pattern = Pattern::new(format!("/{}b", "a*".repeat(50_000)).as_bytes());
        let path = NormalPath(format!("/{}", "a".repeat(200_000)));
        assert!(!pattern.matches(&path));
        let pattern = Pattern::new(format!("/*{}b", "a".repeat(100_000)).as_bytes());
        assert!(!pattern.matches(&path));
    }

    /// Tries every way: exponential, and too plain to be wrong.
    fn oracle(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => true,
            b"$" => path.is_empty(),
            [b'*', rest @ ..] => (0..=path.len()).any(|skip| oracle(rest, &path[skip..])),
            [octet, rest @ ..] => path.first() == Some(octet) && oracle(rest, &path[1..]),
        }
    }

    proptest! {
        #[test]
        fn matching_is_what_the_oracle_says(pattern in "/[ab/*]{0,7}\\$?", path in "/[ab/]{0,9}") {
            let found = Pattern::new(pattern.as_bytes()).matches(&NormalPath(path.clone()));
            prop_assert_eq!(found, oracle(pattern.as_bytes(), path.as_bytes()));
        }

        #[test]
        fn normal_form_is_reached_in_one_step(octets in proptest::collection::vec(any::<u8>(), 0..40)) {
            let once = normal_form(&octets, '*');
            prop_assert!(once.is_ascii());
            prop_assert_eq!(normal_form(once.as_bytes(), '*'), once);
        }
    }
}
