//! Licences by their addresses: Creative Commons, rightsstatements.org and others met on pages,
//! brought to short names such as `CC-BY-NC-4.0`.
//!
//! A licence is neither an opt-out nor an opt-in to training; it is recorded, so that subsets can
//! be cut and duties met.

use std::{collections::HashMap, sync::LazyLock};
use url::Url;

/// A licence or rights statement in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct License {
    /// `CC-BY-NC-4.0`, `CC-BY-3.0-DE`, `CC0-1.0`, `PDM-1.0`, `InC-1.0`, …: as in the SPDX licence
    /// list where that has it.
    pub id: String,
    /// Whether commercial use is excluded.
    pub non_commercial: bool,
    /// Whether changed copies are excluded.
    pub no_derivatives: bool,
    /// Whether changed copies must have the same licence.
    pub share_alike: bool,
}

const TABLE: &str = include_str!("../data/licenses.tsv");

/// Where Creative Commons licences up to 3.0 were ported to, by the name in their addresses.
/// From 4.0 on there is one for the whole world.
const JURISDICTIONS: &[&str] = &[
    "am", "ar", "at", "au", "az", "be", "bg", "br", "ca", "ch", "cl", "cn", "co", "cr", "cz", "de", "dk", "ec", "ee",
    "eg", "es", "fi", "fr", "ge", "gr", "gt", "hk", "hr", "hu", "ie", "igo", "il", "in", "it", "jp", "kr", "lu", "mk",
    "mt", "mx", "my", "nl", "no", "nz", "pe", "ph", "pl", "pr", "pt", "ro", "rs", "scotland", "se", "sg", "si", "th",
    "tw", "ua", "ug", "uk", "us", "ve", "vn", "za",
];

/// A row of the table.
struct Known {
    versions: Vec<&'static str>,
    id: &'static str,
    share_alike: bool,
}

static KNOWN: LazyLock<HashMap<&'static str, Known>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

fn row(line: &'static str) -> Option<(&'static str, Known)> {
    let mut cells = line.split('\t').filter(|_| !line.starts_with('#'));
    let (address, versions, id, more) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let versions = versions.split(',').filter(|version| *version != "-").collect();
    Some((address, Known { versions, id, share_alike: more == "sa" }))
}

impl License {
    /// The licence that lies at `url`, if it is one we know: the licence itself, its deed in any
    /// language, or its text.
    pub fn at(url: &str) -> Option<Self> {
        let url = parse(url.trim())?;
        let host = url.host_str()?.trim_end_matches('.');
        let host = host.strip_prefix("www.").unwrap_or(host);
        let path = url.path().replace("%2B", "+").replace("%2b", "+");
        let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        if host == "spdx.org" {
            return Self::of_spdx(&path);
        }
        let path: Vec<String> = path.into_iter().map(str::to_ascii_lowercase).collect();
        // The longest address known: `…/licenses/odbl/1-0` before `…/licenses/odbl`.
        (1..=path.len().min(4)).rev().find_map(|parts| Self::below(host, path.split_at(parts)))
    }

    /// The licence whose address is `host` and `path`, with what follows that.
    fn below(host: &str, (path, rest): (&[String], &[String])) -> Option<Self> {
        // A statement's page and data stand beside the statement itself.
        let is_statement = host == "rightsstatements.org";
        let room = |part: &String| {
            if is_statement && matches!(part.as_str(), "page" | "data") { "vocab" } else { part }.to_owned()
        };
        let path: Vec<String> = path.iter().map(room).collect();
        let known = KNOWN.get(format!("{host}/{}", path.join("/")).as_str())?;
        if known.versions.is_empty() {
            return Some(Self::new(known.id.to_owned(), known.share_alike));
        }
        let (version, rest) = rest.split_first()?;
        let version = known.versions.iter().find(|known| *known == version)?;
        let mut id = known.id.replace("{v}", version);
        let ported = id.starts_with("CC-") && *version != "4.0" && known.id.contains("{v}");
        if let Some(place) = rest.first().filter(|place| ported && JURISDICTIONS.contains(&place.as_str())) {
            id = format!("{id}-{}", place.to_ascii_uppercase());
        }
        Some(Self::new(id, known.share_alike))
    }

    /// `spdx.org/licenses/CC-BY-4.0.html`: the id stands in the address.
    fn of_spdx(path: &[&str]) -> Option<Self> {
        let [folder, id] = path else { return None };
        let id = [".html", ".json"].iter().find_map(|ending| id.strip_suffix(ending)).unwrap_or(id);
        let is_id = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-+".contains(&byte));
        let known = KNOWN.values().any(|known| known.share_alike && known.id == id);
        (*folder == "licenses" && is_id && (1..=64).contains(&id.len())).then(|| Self::new(id.to_owned(), known))
    }

    /// Creative Commons and rightsstatements.org say in the name what is excluded.
    fn new(id: String, share_alike: bool) -> Self {
        let has = |element: &str| id.split('-').any(|part| part == element);
        Self { non_commercial: has("NC"), no_derivatives: has("ND"), share_alike: share_alike || has("SA"), id }
    }
}

/// Web addresses, also those that begin with `//` or, as people write them into files, with the host.
fn parse(text: &str) -> Option<Url> {
    let url = match Url::parse(text) {
        Err(url::ParseError::RelativeUrlWithoutBase) => {
            Url::parse(&format!("https://{}", text.strip_prefix("//").unwrap_or(text))).ok()?
        }
        parsed => parsed.ok()?,
    };
    matches!(url.scheme(), "http" | "https").then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_names() {
        for (url, id) in [
            ("https://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC-4.0"),
            ("http://creativecommons.org/licenses/by/2.0", "CC-BY-2.0"),
            ("HTTP://WWW.CreativeCommons.org:80/Licenses/BY-SA/3.0/de/", "CC-BY-SA-3.0-DE"),
            ("https://creativecommons.org./licenses/by/3.0/igo/legalcode", "CC-BY-3.0-IGO"),
            ("https://creativecommons.org/licenses/by-nc/2.5/scotland/", "CC-BY-NC-2.5-SCOTLAND"),
            ("https://creativecommons.org/licenses/by-nc-nd/2.5/ca/deed.fr", "CC-BY-NC-ND-2.5-CA"),
            ("https://creativecommons.org/licenses/by/4.0/deed.de", "CC-BY-4.0"),
            ("https://creativecommons.org/licenses/by/4.0/us/", "CC-BY-4.0"),
            ("https://creativecommons.org/licenses/by/3.0/deed.en_US", "CC-BY-3.0"),
            ("https://creativecommons.org/licenses/by/3.0/xx/", "CC-BY-3.0"),
            ("//creativecommons.org/licenses/by-nd-nc/1.0/legalcode", "CC-BY-NC-ND-1.0"),
            ("https://creativecommons.org/licenses/by-nd-nc/2.0/jp/", "CC-BY-NC-ND-2.0-JP"),
            ("https://creativecommons.org/licenses/by-sa/2.1/jp/", "CC-BY-SA-2.1-JP"),
            ("https://creativecommons.org/licenses/sampling+/1.0/", "CC-SAMPLING+-1.0"),
            ("https://creativecommons.org/licenses/nc-sampling%2B/1.0/tw/", "CC-NC-SAMPLING+-1.0-TW"),
            ("https://creativecommons.org/licenses/devnations/2.0/", "CC-DEVNATIONS-2.0"),
            ("https://creativecommons.org/licenses/publicdomain/", "CC-PDDC"),
            ("https://creativecommons.org/publicdomain/certification/1.0/us/", "CC-PDDC"),
            ("https://creativecommons.org/publicdomain/zero/1.0/deed.en", "CC0-1.0"),
            ("https://creativecommons.org/publicdomain/mark/1.0/?ref=x#y", "PDM-1.0"),
            ("http://creativecommons.org/licenses/GPL/2.0/", "GPL-2.0"),
            (" https://creativecommons.org//licenses//by/4.0/ ", "CC-BY-4.0"),
            ("creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
            ("http://rightsstatements.org/vocab/InC/1.0/", "InC-1.0"),
            ("https://rightsstatements.org/page/NoC-OKLR/1.0/?language=de", "NoC-OKLR-1.0"),
            ("https://rightsstatements.org/data/InC-OW-EU/1.0/", "InC-OW-EU-1.0"),
            ("https://unsplash.com/license", "Unsplash"),
            ("https://www.pexels.com/license/", "Pexels"),
            ("https://www.gnu.org/licenses/fdl-1.3.html#section1", "GFDL-1.3"),
            ("https://opendatacommons.org/licenses/odbl/1-0/", "ODbL-1.0"),
            ("https://opendatacommons.org/licenses/odbl/summary/", "ODbL-1.0"),
            ("https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", "OGL-UK-3.0"),
            ("https://opensource.org/licenses/MIT", "MIT"),
            ("https://spdx.org/licenses/CC-BY-NC-SA-3.0-IGO.html", "CC-BY-NC-SA-3.0-IGO"),
            ("https://spdx.org/licenses/GFDL-1.3", "GFDL-1.3"),
        ] {
            assert_eq!(License::at(url).map(|license| license.id).as_deref(), Some(id), "{url}");
        }
    }

    #[test]
    fn what_is_excluded_is_told() {
        for (url, flags) in [
            ("https://creativecommons.org/licenses/by/4.0/", (false, false, false)),
            ("https://creativecommons.org/licenses/by-nc-sa/3.0/de/", (true, false, true)),
            ("https://creativecommons.org/licenses/by-nd-nc/1.0/", (true, true, false)),
            ("https://creativecommons.org/licenses/nd/1.0/", (false, true, false)),
            ("https://creativecommons.org/publicdomain/zero/1.0/", (false, false, false)),
            ("http://rightsstatements.org/vocab/NoC-NC/1.0/", (true, false, false)),
            ("http://rightsstatements.org/vocab/InC-EDU/1.0/", (false, false, false)),
            ("https://www.gnu.org/copyleft/fdl.html", (false, false, true)),
            ("https://spdx.org/licenses/CC-BY-ND-4.0.html", (false, true, false)),
            ("https://spdx.org/licenses/ODbL-1.0.html", (false, false, true)),
        ] {
            let license = License::at(url).unwrap();
            assert_eq!((license.non_commercial, license.no_derivatives, license.share_alike), flags, "{url}");
        }
    }

    #[test]
    fn other_addresses_have_no_name() {
        for url in [
            "",
            "/",
            "https://creativecommons.org/",
            "https://creativecommons.org/licenses/",
            "https://creativecommons.org/licenses/by/",
            "https://creativecommons.org/licenses/by/9.0/",
            "https://creativecommons.org/licenses/devnations/4.0/",
            "https://creativecommons.org/licenses/example/4.0/",
            "https://creativecommons.org/publicdomain/zero/2.0/",
            "https://creativecommons.org.evil.example/licenses/by/4.0/",
            "https://creativecommons.org@evil.example/licenses/by/4.0/",
            "https://evil.example/creativecommons.org/licenses/by/4.0/",
            "https://example.com/?u=https://creativecommons.org/licenses/by/4.0/",
            "https://search.creativecommons.org/licenses/by/4.0/",
            "ftp://creativecommons.org/licenses/by/4.0/",
            "/licenses/by/4.0/",
            "CC BY 4.0",
            "javascript:void(0)",
            "http://rightsstatements.org/vocab/collection-ic/1.0/",
            "https://unsplash.com/photos/license",
            "https://spdx.org/licenses/",
            "https://spdx.org/licenses/<x>",
        ] {
            assert_eq!(License::at(url), None, "{url}");
        }
    }

    #[test]
    fn the_table_is_whole() {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(KNOWN.len(), rows, "a row is short, or an address stands twice");
        for (address, known) in KNOWN.iter() {
            assert_eq!(known.id.contains("{v}"), !known.versions.is_empty() && known.id != "CC-PDDC", "{address}");
            assert_eq!(*address, address.to_ascii_lowercase());
        }
        assert!(JURISDICTIONS.is_sorted());
    }
}
