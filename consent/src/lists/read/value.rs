//! The value of an entry, brought to the form in which its type is compared, or refused.
//!
//! Whatever could never match is refused, since it would be an opt-out that goes unheard; so is
//! what would take out half the web.

use super::{ListKind, Problem};
use crate::{
    findings::clip,
    lists::{
        key::{MAX_HOST_BYTES, UrlKey},
        likeness::{MAX_REACH, USUAL_REACH},
        names::folded,
    },
};
use schema::Host;
use std::net::Ipv6Addr;
use url::Url;

const NAME_HINT: &str = "write a domain as `example.com` and anything with a path or port as a whole URL";
const URL_HINT: &str = "write it whole, as `https://example.com/picture.jpg`; for a domain use its name alone";
const PREFIX_HINT: &str =
    "write the beginning of URLs as `https://example.com/artist/`; `*` may stand at its end alone";

/// The type that an entry's first cell names.
pub(super) fn kind(text: &str) -> Result<ListKind, Problem> {
    let name = text.trim().to_ascii_lowercase().replace('_', "-");
    let hint = "use `domain`, `host`, `url`, `url-prefix`, `sha256`, `phash` or `name`";
    if name == "handle" {
        let hint = "write where the handle leads to, as a `url-prefix`: `https://www.deviantart.com/artist`";
        return Err(Problem::new("`handle` is no type of entry", hint));
    }
    let name = if name == "creator-name" { "name" } else { name.as_str() };
    let found = ListKind::ALL.into_iter().find(|(its, _)| *its == name);
    found
        .map(|(_, kind)| kind)
        .ok_or_else(|| Problem::new(format!("`{}` is no type of entry", shown(text.trim())), hint))
}

/// The value in the form in which entries of this kind are compared.
pub(super) fn key(kind: ListKind, value: &str) -> Result<String, Problem> {
    match kind {
        ListKind::Domain => domain(value),
        ListKind::Host => host(value),
        ListKind::Url => url(value),
        ListKind::UrlPrefix => prefix(value),
        ListKind::Sha256 => sha256(value),
        ListKind::Phash => phash(value),
        ListKind::Name => name(value),
    }
}

fn domain(value: &str) -> Result<String, Problem> {
    let below = value.strip_prefix("*.").or_else(|| value.strip_prefix('.'));
    let name = host(below.unwrap_or(value))?;
    if Host::from(name.as_str()).is_public_suffix() {
        let hint = "it would take out all domains that anybody registered below it; name those that asked";
        return Err(Problem::new(format!("`{}` is a public suffix", shown(value)), hint));
    }
    Ok(name)
}

/// A domain or host in the form in which URLs have it: lower case, punycode.
fn host(value: &str) -> Result<String, Problem> {
    let problem = || Problem::new(format!("`{}` is no domain", shown(value)), NAME_HINT);
    if let Ok(address) = value.trim_matches(['[', ']']).parse::<Ipv6Addr>() {
        return Ok(format!("[{address}]"));
    }
    if value.contains(|c: char| c.is_whitespace() || "/:@?#*,;\\%[]".contains(c)) {
        return Err(problem());
    }
    let url = Url::parse(&format!("http://{value}/")).map_err(|_| problem())?;
    let name = UrlKey::of(&url).ok_or_else(problem)?.host().to_owned();
    match url.host() {
        // `42` and `0x7f.1` are addresses to a browser; in a list they are slips.
        Some(url::Host::Ipv4(address)) if address.to_string() != value => Err(problem()),
        Some(url::Host::Ipv4(_)) => Ok(name),
        _ if !name.contains('.') && name != "localhost" && !Host::from(name.as_str()).is_public_suffix() => {
            Err(Problem::new(format!("`{}` is no domain: it has no dot", shown(value)), NAME_HINT))
        }
        _ if is_name(&name) => Ok(name),
        _ => Err(problem()),
    }
}

/// Labels of letters, digits, `-` and `_`, none of them empty, and not too long in all.
fn is_name(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    host.len() <= MAX_HOST_BYTES && host.split('.').all(is_label)
}

fn url(value: &str) -> Result<String, Problem> {
    if value.contains('*') {
        let problem = format!("`{}` has a `*`", shown(value));
        let hint = "all URLs that begin so are a `url-prefix`; a `*` that is part of the address is written `%2A`";
        return Err(Problem::new(problem, hint));
    }
    Ok(address(value)?.whole().to_owned())
}

/// Where a prefix ends within something that is read as one, it could never match as meant.
fn prefix(value: &str) -> Result<String, Problem> {
    let problem = |what: &str| Problem::new(format!("`{}` {what}", shown(value)), PREFIX_HINT);
    let prefix = value.strip_suffix('*').unwrap_or(value);
    let key = address(prefix)?;
    let (_, rest) = prefix.split_once("://").unwrap_or_default();
    if prefix.contains('*') {
        return Err(problem("has a `*` that does not stand at its end"));
    }
    if prefix.len() < value.len() && !rest.contains(['/', '?']) {
        return Err(problem("ends within the name of a host"));
    }
    if rest.contains('#') {
        return Err(problem("has a `#`, and what follows that is never sent"));
    }
    if matches!(rest.as_bytes(), [.., b'%'] | [.., b'%', _]) {
        return Err(problem("ends within a percent-escape"));
    }
    let last = rest.rsplit('/').next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".");
    if rest.contains('/') && matches!(last.as_str(), "." | "..") {
        return Err(problem("ends within a `.` or `..`"));
    }
    Ok(key.as_str().to_owned())
}

fn address(value: &str) -> Result<UrlKey, Problem> {
    let problem = || Problem::new(format!("`{}` is no URL", shown(value)), URL_HINT);
    let url = Url::parse(value).map_err(|_| problem())?;
    let has_host = match url.host() {
        Some(url::Host::Domain(name)) => is_name(name.trim_end_matches('.')),
        Some(_) => true,
        None => false,
    };
    let usable = matches!(url.scheme(), "http" | "https") && has_host;
    UrlKey::of(&url).filter(|_| usable).ok_or_else(problem)
}

/// Whether this is written as a SHA-256 is.
pub(super) fn is_sha256(value: &str) -> bool {
    value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn sha256(value: &str) -> Result<String, Problem> {
    if is_sha256(value) {
        return Ok(value.to_ascii_lowercase());
    }
    let hint = "write the 64 hexadecimal digits that `sha256sum` prints";
    Err(Problem::new(format!("`{}` is no SHA-256", shown(value)), hint))
}

fn phash(value: &str) -> Result<String, Problem> {
    let read = match value.split_once('/') {
        Some((digits, reach)) => hash(digits).zip(reach.parse().ok().filter(|reach| *reach <= MAX_REACH)),
        None => hash(value).zip(Some(USUAL_REACH)),
    };
    let hint = "write 16 hexadecimal digits, as Python's `imagehash.phash` prints them; `/8` behind them lets 8 bits \
                differ in place of 4, and at most 10 may";
    read.map(|(hash, reach)| phash_key(hash, reach))
        .ok_or_else(|| Problem::new(format!("`{}` is no perceptual hash", shown(value)), hint))
}

fn hash(digits: &str) -> Option<u64> {
    let digits = digits.trim();
    let is_hash = digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(digits, 16).ok().filter(|_| is_hash)
}

/// A perceptual hash and its reach as a key.
pub(in crate::lists) fn phash_key(hash: u64, reach: u32) -> String {
    format!("{hash:016x}/{reach}")
}

/// What a key of [`phash_key`] holds.
pub(in crate::lists) fn phash_of(key: &str) -> Option<(u64, u32)> {
    let (digits, reach) = key.split_once('/')?;
    Some((hash(digits)?, reach.parse().ok()?))
}

fn name(value: &str) -> Result<String, Problem> {
    let folded = folded(value);
    let letters = folded.chars().filter(|character| character.is_alphanumeric()).count();
    if letters >= 2 && folded.len() <= 1024 {
        return Ok(folded);
    }
    Err(Problem::new(
        format!("`{}` is no name", shown(value)),
        "write the name as it stands in captions: `Ada Example`",
    ))
}

/// As much of a value as a message needs.
fn shown(value: &str) -> String {
    clip(value, 200)
}
