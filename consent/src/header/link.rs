//! The Link header (RFC 8288 section 3): targets in angle brackets, each with its parameters.
//! Read leniently, in one pass; what is broken is skipped up to the next link.

/// One link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link<'a> {
    /// As written, not resolved.
    pub(crate) target: &'a str,
    /// Relation types, parted by blanks.
    pub(crate) rel: &'a str,
    pub(crate) media_type: Option<&'a str>,
    /// What the link is about, if not the resource that was asked for.
    pub(crate) anchor: Option<&'a str>,
}

impl Link<'_> {
    /// Whether it is of that relation type; they compare without case (section 2.1.1).
    pub(crate) fn is(&self, relation: &str) -> bool {
        self.rel.split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case(relation))
    }
}

/// Whether a link's `type` is that of RSL documents; parameters and case do not matter.
pub fn is_rsl(media_type: Option<&str>) -> bool {
    let essence = media_type.and_then(|media_type| media_type.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/rsl+xml")
}

/// All links of a header's value.
pub(crate) fn links(value: &str) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { break };
        let mut link = Link { target: target.trim(), rel: "", media_type: None, anchor: None };
        rest = parameters(after, &mut link);
        links.push(link);
    }
    links
}

/// Reads `; name=value` up to the comma that ends the link; returns what follows.
fn parameters<'a>(mut text: &'a str, link: &mut Link<'a>) -> &'a str {
    loop {
        let end = text.find([';', ',', '=']).unwrap_or(text.len());
        let name = text[..end].trim();
        let (value, rest) = match text[end..].chars().next() {
            Some('=') => value(&text[end + 1..]),
            _ => ("", &text[end..]),
        };
        set(link, name, value);
        match rest.chars().next() {
            Some(';') => text = &rest[1..],
            Some(_) => return &rest[1..],
            None => return rest,
        }
    }
}

/// A value and what follows it, from the mark that ends it.
fn value(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    if let Some(inside) = text.strip_prefix('"') {
        let end = end_of_quote(inside);
        let after = inside.get(end + 1..).unwrap_or_default();
        let next = after.find([';', ',']).unwrap_or(after.len());
        return (&inside[..end], &after[next..]);
    }
    let end = text.find([';', ',']).unwrap_or(text.len());
    (text[..end].trim_end(), &text[end..])
}

/// A backslash takes the next octet's meaning away (RFC 9110 section 5.6.4). No quoted text we
/// compare has reason to hold one, so it stays as written.
fn end_of_quote(inside: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in inside.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return at,
            _ => escaped = byte == b'\\' && !escaped,
        }
    }
    inside.len()
}

/// Of a parameter that stands twice the first counts (sections 3.3, 3.4.1).
fn set<'a>(link: &mut Link<'a>, name: &str, value: &'a str) {
    if name.eq_ignore_ascii_case("rel") && link.rel.is_empty() {
        link.rel = value;
    } else if name.eq_ignore_ascii_case("type") {
        link.media_type = link.media_type.or(Some(value));
    } else if name.eq_ignore_ascii_case("anchor") {
        link.anchor = link.anchor.or(Some(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> Vec<String> {
        let show = |link: Link<'_>| {
            let media_type = link.media_type.map(|media_type| format!(" type {media_type}")).unwrap_or_default();
            let anchor = link.anchor.map(|anchor| format!(" of {anchor}")).unwrap_or_default();
            format!("{} is {}{media_type}{anchor}", link.target, link.rel)
        };
        links(value).into_iter().map(show).collect()
    }

    #[test]
    fn links_are_read() {
        let rsl = "type=\"application/rsl+xml\"";
        for (value, expected) in [
            (format!("</l.xml>; rel=\"license\"; {rsl}"), &["/l.xml is license type application/rsl+xml"][..]),
            (format!("<l>;{rsl};REL=license"), &["l is license type application/rsl+xml"]),
            ("<a>; rel=next, <b>; rel=\"license nofollow\"".into(), &["a is next", "b is license nofollow"]),
            ("< a > ; rel = \"license\" ; title=\"x, <no>; rel=next\"".into(), &["a is license"]),
            ("<a>; title=\"\\\", <no>\"; rel=license".into(), &["a is license"]),
            ("<a,b;c>; rel=license; rel=next; anchor=\"#x\"".into(), &["a,b;c is license of #x"]),
            ("<a>; rel=license <b>; rel=next".into(), &["a is license <b>"]),
            ("<a>".into(), &["a is "]),
            ("<a>; rel".into(), &["a is "]),
            ("<a>; rel=\"license".into(), &["a is license"]),
            ("a; rel=license".into(), &[]),
            ("<a; rel=license".into(), &[]),
            ("é<ü>; é=\"ü\"é; rel=ö,é<x>".into(), &["ü is ö", "x is "]),
            (String::new(), &[]),
        ] {
            assert_eq!(shown(&value), expected, "{value}");
        }
    }

    #[test]
    fn the_media_type_is_compared_without_case_and_parameters() {
        for (media_type, expected) in [
            (Some("application/rsl+xml"), true),
            (Some(" Application/RSL+XML ; charset=utf-8"), true),
            (Some("application/xml"), false),
            (Some(""), false),
            (None, false),
        ] {
            assert_eq!(is_rsl(media_type), expected, "{media_type:?}");
        }
    }

    #[test]
    fn hostile_headers_take_one_pass() {
        for value in ["<".repeat(500_000), "<a>".repeat(200_000), "<a>;=\"\\".repeat(100_000), ";=,".repeat(300_000)] {
            assert!(links(&value).len() <= 200_000);
        }
    }
}
