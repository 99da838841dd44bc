//! The country that a domain's name ends with.

use std::borrow::Cow;

/// Country suffixes that are not the country's two letters of ISO 3166-1. IDNs as the root zone delegates them, most for the
/// country's own name in its own script.
const OTHERS: [(&str, &str); 68] = [
    ("uk", "GB"),
    ("tp", "TL"),
    ("xn--lgbbat1ad8j", "DZ"),
    ("xn--y9a3aq", "AM"),
    ("xn--mgbcpq6gpa1a", "BH"),
    ("xn--54b7fta0cc", "BD"),
    ("xn--90ais", "BY"),
    ("xn--90ae", "BG"),
    ("xn--fiqs8s", "CN"),
    ("xn--fiqz9s", "CN"),
    ("xn--wgbh1c", "EG"),
    ("xn--e1a4c", "EU"),
    ("xn--qxa6a", "EU"),
    ("xn--node", "GE"),
    ("xn--qxam", "GR"),
    ("xn--j6w193g", "HK"),
    ("xn--45brj9c", "IN"),
    ("xn--45br5cyl", "IN"),
    ("xn--2scrj9c", "IN"),
    ("xn--3hcrj9c", "IN"),
    ("xn--fpcrj9c3d", "IN"),
    ("xn--gecrj9c", "IN"),
    ("xn--h2breg3eve", "IN"),
    ("xn--h2brj9c", "IN"),
    ("xn--h2brj9c8c", "IN"),
    ("xn--mgbbh1a", "IN"),
    ("xn--mgbbh1a71e", "IN"),
    ("xn--mgbgu82a", "IN"),
    ("xn--rvc1e0am3e", "IN"),
    ("xn--s9brj9c", "IN"),
    ("xn--xkc2dl3a5ee0h", "IN"),
    ("xn--mgba3a4f16a", "IR"),
    ("xn--mgba3a4fra", "IR"),
    ("xn--mgbtx2b", "IQ"),
    ("xn--4dbrk0ce", "IL"),
    ("xn--mgbayh7gpa", "JO"),
    ("xn--80ao21a", "KZ"),
    ("xn--q7ce6a", "LA"),
    ("xn--mix082f", "MO"),
    ("xn--mix891f", "MO"),
    ("xn--mgbx4cd0ab", "MY"),
    ("xn--mgbah1a3hjkrd", "MR"),
    ("xn--l1acc", "MN"),
    ("xn--mgbc0a9azcg", "MA"),
    ("xn--d1alf", "MK"),
    ("xn--mgb9awbf", "OM"),
    ("xn--mgbai9azgqp6j", "PK"),
    ("xn--mgbai9a5eva00b", "PK"),
    ("xn--ygbi2ammx", "PS"),
    ("xn--wgbl6a", "QA"),
    ("xn--p1ai", "RU"),
    ("xn--mgberp4a5d4ar", "SA"),
    ("xn--mgberp4a5d4a87g", "SA"),
    ("xn--90a3ac", "RS"),
    ("xn--clchc0ea0b2g2a9gcd", "SG"),
    ("xn--yfro4i67o", "SG"),
    ("xn--3e0b707e", "KR"),
    ("xn--fzc2c9e2c", "LK"),
    ("xn--xkc2al3hye2a", "LK"),
    ("xn--mgbpl2fh", "SD"),
    ("xn--ogbpf8fl", "SY"),
    ("xn--kprw13d", "TW"),
    ("xn--kpry57d", "TW"),
    ("xn--o3cw4h", "TH"),
    ("xn--pgbs0dh", "TN"),
    ("xn--j1amh", "UA"),
    ("xn--mgbaam7a8h", "AE"),
    ("xn--mgb2ddes", "YE"),
];

/// The ISO 3166-1 code of the country whose suffix `domain` has. Two letters are a country's by ICANN's rule; `co.uk` ends with
/// `uk` as well. Who uses a suffix need not live there (`.io`, `.tv`), and a `.com` tells nothing.
pub(super) fn of_domain(domain: &str) -> Cow<'_, str> {
    let last = domain.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    if domain.starts_with('[') || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return "(address)".into();
    }
    if last == domain {
        return "(generic)".into();
    }
    if let Some((_, country)) = OTHERS.iter().find(|(suffix, _)| *suffix == last) {
        return (*country).into();
    }
    if last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return last.to_ascii_uppercase().into();
    }
    "(generic)".into()
}
