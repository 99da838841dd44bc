//! Addresses that the standard (url.spec.whatwg.org) writes as they stand.

/// Such an address without its scheme, told without parsing it, which takes longer. Most addresses in long lists are; of what is
/// not, nothing is said: the text may be an address all the same, written so or otherwise, or none.
pub(crate) fn plain(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let (host, path) = rest.split_once('/')?;
    (is_plain_host(host) && is_plain_path(path)).then_some(rest)
}

/// Labels of small letters and digits, with single hyphens between them: two may be those of `xn--`.
fn is_plain_host(host: &str) -> bool {
    let mut before = b'.';
    for byte in host.bytes() {
        let is_plain = match byte {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'.' | b'-' => !matches!(before, b'.' | b'-'),
            _ => false,
        };
        if !is_plain {
            return false;
        }
        before = byte;
    }
    // A host that ends in a number is an address of four, however it is written.
    let last = host.rsplit('.').next().unwrap_or_default();
    before != b'-' && last.starts_with(|letter: char| letter.is_ascii_lowercase())
}

/// Path and query of letters that are not escaped.
fn is_plain_path(path: &str) -> bool {
    let mut before = b'/';
    path.bytes().all(|byte| {
        let is_plain = match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => true,
            // A part that begins so may be `.` or `..`, which are left out.
            b'.' => before != b'/',
            // No `%`: `%2e` is a dot. No `'`: it is escaped behind a `?`.
            _ => b"/-_~!$&()*+,;=:@?".contains(&byte),
        };
        before = byte;
        is_plain
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn usual_addresses_are_plain() {
        for text in [
            "https://a.example/",
            "http://www.site-7.co.uk/p/1234567.jpg?w=100&h=200",
            "https://cdn1.a.example//x/@2x/PICTURE_(1)~.webp",
            "https://7.a.example/:80/;v=1,2?a?b",
            "https://localhost/x",
        ] {
            assert!(plain(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_written_otherwise_or_is_none_is_not_plain() {
        for text in [
            "",
            "https://a.example",
            "HTTPS://a.example/",
            "ftp://a.example/x",
            "https:///x",
            "https://A.example/x",
            "https://a.example:443/x",
            "https://user@a.example/x",
            "https://a..example/x",
            "https://.a.example/x",
            "https://a.example./x",
            "https://-a.example/x",
            "https://a-/x",
            "https://xn--bcher-kva.example/x",
            "https://127.1/x",
            "https://a.0x7f/x",
            "https://bücher.example/x",
            "https://a.example/../x",
            "https://a.example/./x",
            "https://a.example/x/..",
            "https://a.example/%2e%2e/x",
            "https://a.example/a b",
            "https://a.example/a\\b",
            "https://a.example/x?'",
            "https://a.example/x#y",
            "https://a.example/\u{e4}",
        ] {
            assert!(plain(text).is_none(), "{text}");
        }
    }

    /// Addresses put together of parts that parsers stumble over, by chance that is the same each time.
    #[test]
    fn plain_addresses_are_what_a_parser_makes_of_them() {
        const HOST: [&str; 14] = ["a", "b", "com", "7", "255", "0x7f", "xn--", "-", "--", ".", ".", ".", "..", "A"];
        const PATH: [&str; 32] = [
            "a", "b", "Z", "7", ".", "..", "/", "//", "/.", "/..", "/./", "?", "?", "&", "=", "%2e", "%", "+", ":",
            ":80", "@", ";", ",", "~", "!", "$", "(", ")", "*", "_", "'", "#",
        ];
        let mut chance = 1_u64;
        let mut part = |of: &[&'static str]| {
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            of[usize::try_from(chance >> 33).unwrap() % of.len()]
        };
        let mut found = 0;
        for _ in 0..100_000 {
            let host: String = (0..5).map(|_| part(&HOST)).collect();
            let path: String = (0..5).map(|_| part(&PATH)).collect();
            let text = format!("https://{host}/{path}");
            if plain(&text).is_some() {
                found += 1;
                assert_eq!(Url::parse(&text).map(String::from).as_deref(), Ok(text.as_str()), "{text}");
            }
        }
        assert!(found > 500, "{found}");
    }
}
