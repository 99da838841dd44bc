//! Texts that are an address: of a page, a file, a mailbox.

/// Ends of hosts that are known without asking a list; what ends otherwise needs more of an address.
const COMMON_ENDS: [&str; 24] = [
    "com", "org", "net", "edu", "gov", "info", "biz", "de", "fr", "it", "es", "nl", "pl", "ru", "jp", "cn", "br", "uk",
    "ch", "at", "eu", "us", "ca", "au",
];

/// Whether the whole of `text` is an address.
pub(super) fn is_one(text: &str) -> bool {
    if text.contains(' ') {
        return false;
    }
    let start = text.as_bytes().get(..11).unwrap_or(text.as_bytes()).to_ascii_lowercase();
    if ["www.", "//", "mailto:", "data:image/", "javascript:"].iter().any(|known| start.starts_with(known.as_bytes())) {
        return true;
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        return !rest.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    }
    let host = text.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    is_host(host) && (text.contains('/') || has_common_end(host))
}

/// Labels of letters, digits and hyphens; the last of letters.
fn is_host(text: &str) -> bool {
    let Some((labels, end)) = text.rsplit_once('.') else { return false };
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    end.len() >= 2 && end.bytes().all(|byte| byte.is_ascii_alphabetic()) && labels.split('.').all(is_label)
}

fn has_common_end(host: &str) -> bool {
    let end = host.rsplit('.').next().unwrap_or_default();
    COMMON_ENDS.iter().any(|common| end.eq_ignore_ascii_case(common))
}
