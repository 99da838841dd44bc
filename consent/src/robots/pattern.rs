//! Path patterns of robots.txt and how they match (RFC 9309 sections 2.2.2 and 2.2.3).

use super::normal::{self, NormalPath, Star};
use memchr::{memchr, memchr_iter, memmem, memrchr};

/// A pattern of its own: the value of a line, or a place named in another file by the same rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    text: Box<[u8]>,
    anchored: bool,
}

impl Pattern {
    /// Compiles a value as it stands in the file.
    pub(crate) fn new(value: &[u8]) -> Self {
        let mut text = Vec::with_capacity(value.len());
        let anchored = compile(value, &mut text);
        Self { text: text.into(), anchored }
    }

    /// How specific it is: octets, `*` and `$` included.
    pub(crate) fn octets(&self) -> usize {
        self.glob().octets()
    }

    /// Whether `path` matches.
    pub(crate) fn matches(&self, path: &NormalPath) -> bool {
        self.glob().matches(path)
    }

    fn glob(&self) -> Glob<'_> {
        Glob { text: &self.text, anchored: self.anchored }
    }
}

/// Appends `value` in normal form, without a `$` at its end; returns whether there was one.
pub(super) fn compile(value: &[u8], text: &mut Vec<u8>) -> bool {
    let (value, anchored) = match value.strip_suffix(b"$") {
        Some(value) => (value, true),
        None => (value, false),
    };
    normal::append(text, value, Star::AnyRun);
    anchored
}

/// A pattern in normal form that lies elsewhere.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glob<'a> {
    pub(super) text: &'a [u8],
    /// Whether it ends in `$`.
    pub(super) anchored: bool,
}

impl<'a> Glob<'a> {
    pub(super) fn octets(self) -> usize {
        self.text.len() + usize::from(self.anchored)
    }

    /// What stands before the first `*`.
    pub(super) fn literal(self) -> &'a [u8] {
        &self.text[..memchr(b'*', self.text).unwrap_or(self.text.len())]
    }

    /// Whether it covers every path of the origin.
    pub(super) fn covers_all(self) -> bool {
        let stars = self.text.iter().rev().take_while(|octet| **octet == b'*').count();
        let text = &self.text[..self.text.len() - stars];
        matches!(text, b"" | b"/") && (!self.anchored || stars > 0)
    }

    /// Linear in both: each piece between two `*` is taken at its first place (the leftmost leaves
    /// most room for the rest), and no search looks back further than a piece of sixteen.
    pub(super) fn matches(self, path: &NormalPath) -> bool {
        let Some(last_star) = memrchr(b'*', self.text) else {
            return if self.anchored { path.text() == self.text } else { path.text().starts_with(self.text) };
        };
        let (front, last) = (&self.text[..last_star], &self.text[last_star + 1..]);
        let mut rest = path.text();
        for (place, piece) in front.split(|octet| *octet == b'*').enumerate() {
            let found = if place == 0 { rest.starts_with(piece).then_some(0) } else { find(rest, piece) };
            let Some(start) = found else { return false };
            rest = &rest[start + piece.len()..];
        }
        if self.anchored { rest.ends_with(last) } else { find(rest, last).is_some() }
    }
}

/// The first place of `piece`. Most pieces are short, and a search costs less than to prepare one.
fn find(text: &[u8], piece: &[u8]) -> Option<usize> {
    const SHORT: usize = 16;
    let first = match piece {
        [] => return Some(0),
        [first, ..] if piece.len() <= SHORT => *first,
        _ => return memmem::find(text, piece),
    };
    memchr_iter(first, text).find(|start| text[*start..].starts_with(piece))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    fn path(path: &str) -> NormalPath {
        NormalPath::of(&Url::parse("https://h.example").unwrap().join(path).unwrap())
    }

    fn matches(pattern: &str, at: &str) -> bool {
        Pattern::new(pattern.as_bytes()).matches(&path(at))
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
            ("/a**b", "/ab", true),
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
            assert_eq!(Pattern::new(pattern.as_bytes()).glob().covers_all(), expected, "{pattern}");
        }
    }

    #[test]
    fn runs_of_stars_take_linear_time() {
        let pattern = Pattern::new(format!("/{}b", "a*".repeat(50_000)).as_bytes());
        let path = path(&"a".repeat(200_000));
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
        fn matching_is_what_the_oracle_says(pattern in "/[ab/*]{0,7}\\$?", at in "/[ab/]{0,9}") {
            let url = Url::parse(&format!("https://h.example{at}")).unwrap();
            let found = Pattern::new(pattern.as_bytes()).matches(&NormalPath::of(&url));
            prop_assert_eq!(found, oracle(pattern.as_bytes(), url.path().as_bytes()));
        }
    }
}
