//! JUMBF boxes (ISO/IEC 19566-5): a tree of superboxes, each with a description, around content.
//!
//! A length that lies is cut to the box around it, so that a truncated store still gives what is
//! left of it. Each byte is stepped over at most once a level, whatever the lengths say.

use std::ops::Range;

/// Deepest nesting walked. A manifest needs four levels.
const MAX_DEPTH: usize = 16;

/// Type of a superbox.
const SUPERBOX: [u8; 4] = *b"jumb";
/// Type of the box that describes the superbox it opens.
pub(super) const DESCRIPTION: [u8; 4] = *b"jumd";

/// What a superbox says of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Description<'a> {
    /// First four bytes of its type, if it is one of those registered by four characters.
    pub(super) kind: [u8; 4],
    /// Without the NUL that ends it; empty if it has none.
    pub(super) label: &'a [u8],
    /// Where the label ends among the bytes walked.
    pub(super) label_end: usize,
}

/// A box that holds no boxes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
}

/// What is called for each content box, with the superboxes it lies in, outermost first. It is
/// called for the description itself too, once it stands in the path: so a superbox begins.
pub(super) type Visit<'v, 'a> = &'v mut dyn FnMut(&[Description<'a>], Content<'a>);

/// Walks all boxes of `bytes` in order, which stand within the superboxes `within`.
pub(super) fn walk<'a>(bytes: &'a [u8], within: &[Description<'a>], visit: Visit<'_, 'a>) {
    boxes(bytes, 0..bytes.len(), &mut within.to_vec(), visit);
}

fn boxes<'a>(bytes: &'a [u8], range: Range<usize>, path: &mut Vec<Description<'a>>, visit: Visit<'_, 'a>) {
    let mut at = range.start;
    let mut described = false;
    while let Some((kind, data)) = header(bytes, at..range.end) {
        at = data.end;
        if kind == SUPERBOX && path.len() < MAX_DEPTH {
            path.push(Description::default());
            boxes(bytes, data, path, visit);
            path.pop();
            continue;
        }
        if kind == DESCRIPTION && !described {
            described = true;
            if let Some(last) = path.last_mut() {
                *last = description(bytes, data.clone());
            }
        }
        visit(path, Content { kind, data: &bytes[data] });
    }
}

/// Type and content of the box at the beginning of `range`, cut to its end. `None` at the end, and
/// where a length is too short for a box: what follows cannot be told apart then.
fn header(bytes: &[u8], range: Range<usize>) -> Option<([u8; 4], Range<usize>)> {
    let head = bytes[range.clone()].first_chunk::<8>()?;
    let [a, b, c, d, kind @ ..] = *head;
    let (header, length) = match u32::from_be_bytes([a, b, c, d]) {
        // To the end of what is around it.
        0 => (8, range.len()),
        1 => (16, extended_length(&bytes[range.clone()])?),
        length => (8, usize::try_from(length).ok()?),
    };
    if length < header || range.len() < header {
        return None;
    }
    Some((kind, range.start + header..range.start + length.min(range.len())))
}

/// `XLBox`: the length in 64 bits, for boxes of 4 GiB and more, but met on small ones.
fn extended_length(head: &[u8]) -> Option<usize> {
    let length = u64::from_be_bytes(*head.get(8..)?.first_chunk()?);
    Some(usize::try_from(length).unwrap_or(usize::MAX))
}

/// Type UUID, toggles, then, as the toggles say, a label that ends in NUL; an id (4 bytes), a
/// SHA-256 (32 bytes) and private boxes follow, which say nothing to us.
fn description(bytes: &[u8], data: Range<usize>) -> Description<'_> {
    /// What follows the four characters in registered types.
    const REGISTERED: &[u8] = b"\x00\x11\x00\x10\x80\x00\x00\xAA\x00\x38\x9B\x71";
    const HAS_LABEL: u8 = 0b10;
    let mut found = Description { label_end: data.start, ..Description::default() };
    let Some((id, [toggles, rest @ ..])) = bytes[data.clone()].split_first_chunk::<16>() else { return found };
    if let Some((kind, REGISTERED)) = id.split_first_chunk::<4>() {
        found.kind = *kind;
    }
    if toggles & HAS_LABEL != 0 {
        found.label = rest.split(|byte| *byte == 0).next().unwrap_or_default();
    }
    found.label_end = data.start + 17 + found.label.len();
    found
}

#[cfg(test)]
mod tests {
    use super::{super::build::*, *};

    /// Path of labels and type of each content box.
    fn walked(bytes: &[u8]) -> Vec<String> {
        let mut seen = Vec::new();
        walk(bytes, &[], &mut |path, content| {
            let labels: Vec<_> = path.iter().map(|one| String::from_utf8_lossy(one.label)).collect();
            seen.push(format!("{} {}", labels.join("/"), String::from_utf8_lossy(&content.kind)));
        });
        seen
    }

    #[test]
    fn boxes_are_walked_in_order() {
        let store =
            superbox(b"c2pa", "c2pa", &[superbox(b"c2ma", "m", &[boxed(b"cbor", b"\xa0")]), boxed(b"free", b"")]);
        assert_eq!(walked(&store), ["c2pa jumd", "c2pa/m jumd", "c2pa/m cbor", "c2pa free"]);
    }

    #[test]
    fn lengths_of_every_form_are_read() {
        let content = boxed(b"json", b"{}");
        let extended = |length: u64, data: &[u8]| [&b"\x00\x00\x00\x01free"[..], &length.to_be_bytes(), data].concat();
        for (about, bytes, expected) in [
            ("64 bits", [extended(18, b"ab"), content.clone()].concat(), &[" free", " json"][..]),
            ("64 bits, too short", [extended(15, b""), content.clone()].concat(), &[]),
            ("64 bits, lying", [extended(u64::MAX, b"ab"), content.clone()].concat(), &[" free"]),
            ("0: to the end", [&b"\0\0\0\0free"[..], &content].concat(), &[" free"]),
            ("shorter than its header", [&b"\0\0\0\x07free"[..], &content].concat(), &[]),
            ("longer than the rest", [&content[..], b"\xff\xff\xff\xffcbor\xa0"].concat(), &[" json", " cbor"]),
            ("not whole", [&content[..], b"\0\0\0\x08cb"].concat(), &[" json"]),
            ("64 bits, not whole", b"\0\0\0\x01free\0\0".to_vec(), &[]),
        ] {
            assert_eq!(walked(&bytes), expected, "{about}");
        }
    }

    #[test]
    fn descriptions_are_read() {
        let described = |data: &[u8]| {
            let found = description(data, 0..data.len());
            (found.kind, String::from_utf8_lossy(found.label).into_owned(), found.label_end)
        };
        let id = uuid(b"cbor");
        let with = |rest: &[u8]| [&id[..], rest].concat();
        assert_eq!(described(&with(b"\x03label\0")), (*b"cbor", "label".into(), 22));
        assert_eq!(described(&with(b"\x0fl\0\0\0\0\x01\x02")), (*b"cbor", "l".into(), 18));
        assert_eq!(described(&with(b"\x03no end")), (*b"cbor", "no end".into(), 23));
        assert_eq!(described(&with(b"\x01ab\0")), (*b"cbor", String::new(), 17));
        assert_eq!(described(b"cborOTHER UUID...\x03l\0").0, [0; 4]);
        assert_eq!(described(b"cbor"), ([0; 4], String::new(), 0));
    }

    #[test]
    fn nesting_is_bounded() {
        let mut store = superbox(b"cbor", "innermost", &[]);
        for _ in 0..2 * MAX_DEPTH {
            store = superbox(b"c2pa", "a", &[store]);
        }
        let seen = walked(&store);
        assert_eq!(seen.len(), MAX_DEPTH + 1, "{seen:?}");
        let open: Vec<u8> = b"\0\0\0\0jumb".repeat(100_000);
        assert_eq!(walked(&open).len(), 1);
    }
}
