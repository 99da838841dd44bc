//! Creative Commons addresses, brought to short names: `CC-BY-NC-4.0`.
//!
//! A licence of that kind is neither an opt-out nor an opt-in to training; it is recorded, so that
//! subsets can be cut and duties met. The jurisdiction of a ported licence (`/3.0/de/`) is not
//! part of the name, since the duties are the family's; the address keeps it.

/// The licences of <https://creativecommons.org/licenses/list.en>, current and retired.
const CODES: &[&str] = &[
    "by",
    "by-sa",
    "by-nc",
    "by-nd",
    "by-nc-sa",
    "by-nc-nd",
    "by-nd-nc",
    "sa",
    "nc",
    "nd",
    "nc-sa",
    "nd-nc",
    "sampling",
    "sampling+",
    "nc-sampling+",
    "devnations",
];

const VERSIONS: &[&str] = &["1.0", "2.0", "2.1", "2.5", "3.0", "4.0"];

/// The short name of the licence that `url` stands for; `None` if it is no Creative Commons licence.
pub fn normalise(url: &str) -> Option<String> {
    let url = url.trim().to_ascii_lowercase();
    let rest = ["https://", "http://", "//"].iter().find_map(|scheme| url.strip_prefix(scheme))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    let path = rest.strip_prefix("creativecommons.org/")?;
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let (family, code, version) = (parts.next()?, parts.next()?, parts.next()?);
    match (family, code, version) {
        ("publicdomain", "zero", "1.0") => Some("CC0-1.0".into()),
        ("publicdomain", "mark", "1.0") => Some("PDM-1.0".into()),
        ("licenses", code, version) if CODES.contains(&code) && VERSIONS.contains(&version) => {
            // Version 1.0 wrote it the other way round.
            let code = if code == "by-nd-nc" { "by-nc-nd" } else { code };
            Some(format!("CC-{}-{version}", code.to_ascii_uppercase()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn addresses_become_names() {
        for (url, name) in [
            ("https://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC-4.0"),
            ("http://creativecommons.org/licenses/by/2.0", "CC-BY-2.0"),
            ("HTTP://WWW.CreativeCommons.org/Licenses/BY-SA/3.0/de/", "CC-BY-SA-3.0"),
            ("https://creativecommons.org/licenses/by-nc-nd/2.5/ca/deed.fr", "CC-BY-NC-ND-2.5"),
            ("//creativecommons.org/licenses/by-nd-nc/1.0/legalcode", "CC-BY-NC-ND-1.0"),
            ("https://creativecommons.org/licenses/sampling+/1.0/", "CC-SAMPLING+-1.0"),
            ("https://creativecommons.org/publicdomain/zero/1.0/deed.en", "CC0-1.0"),
            ("https://creativecommons.org/publicdomain/mark/1.0/?ref=x#y", "PDM-1.0"),
            (" https://creativecommons.org/licenses/by/4.0/ ", "CC-BY-4.0"),
        ] {
            assert_eq!(normalise(url).as_deref(), Some(name), "{url}");
        }
    }

    #[test]
    fn other_addresses_have_no_name() {
        for url in [
            "",
            "https://creativecommons.org/",
            "https://creativecommons.org/licenses/by/",
            "https://creativecommons.org/licenses/by/9.0/",
            "https://creativecommons.org/licenses/mit/4.0/",
            "https://creativecommons.org/publicdomain/zero/2.0/",
            "https://creativecommons.org.evil.example/licenses/by/4.0/",
            "https://example.com/https://creativecommons.org/licenses/by/4.0/",
            "ftp://creativecommons.org/licenses/by/4.0/",
            "creativecommons.org/licenses/by/4.0/",
            "https://rightsstatements.org/vocab/InC/1.0/",
        ] {
            assert_eq!(normalise(url), None, "{url}");
        }
    }
}
