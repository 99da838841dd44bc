//! From the octets received to the text that is read.

use std::borrow::Cow;

/// Most read of a file. RFC 9309 section 2.5 asks for at least 500 KiB.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

/// The text to read: cut at the limit, in UTF-8, without byte order mark and NUL octets.
pub(crate) fn readable(received: &[u8]) -> Cow<'_, [u8]> {
    let body = within_limit(received);
    // A mark of UTF-16 alone proves nothing: line ends and colons bring NUL octets with them.
    match body {
        [0xFF, 0xFE, rest @ ..] if rest.contains(&0) => from_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] if rest.contains(&0) => from_utf16(rest, u16::from_be_bytes),
        _ => without_nul(without_mark(body)),
    }
}

/// The first [`MAX_BYTES`], without the line that the cut goes through: half a path is another path.
fn within_limit(body: &[u8]) -> &[u8] {
    if body.len() <= MAX_BYTES {
        return body;
    }
    let end = memchr::memrchr2(b'\n', b'\r', &body[..MAX_BYTES]);
    &body[..end.unwrap_or(0)]
}

fn from_utf16(octets: &[u8], unit: fn([u8; 2]) -> u16) -> Cow<'_, [u8]> {
    let units = octets.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    Cow::Owned(text.into_bytes())
}

/// Skips a byte order mark, cut-off ones included, as Google's parser does.
fn without_mark(body: &[u8]) -> &[u8] {
    const MARKS: [&[u8]; 5] = [b"\xEF\xBB\xBF", b"\xEF\xBB", b"\xEF", b"\xFF\xFE", b"\xFE\xFF"];
    MARKS.iter().find_map(|mark| body.strip_prefix(*mark)).unwrap_or(body)
}

/// Without NUL octets, which also makes UTF-16 without a mark legible where it is ASCII.
fn without_nul(body: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(0, body).is_some() {
        Cow::Owned(body.iter().copied().filter(|octet| *octet != 0).collect())
    } else {
        Cow::Borrowed(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_encodings_are_taken_off() {
        for (received, expected) in [
            (b"\xEF\xBB\xBFa".as_slice(), "a"),
            (b"\xEF\xBBa", "a"),
            (b"\xFF\xFEa", "a"),
            (b"\xFF\xFEa\0\xE9\0\n\0", "a\u{E9}\n"),
            (b"\xFE\xFF\0a\0\xE9\0\n", "a\u{E9}\n"),
            (b"\xFF\xFEa\0b", "a"),
            (b"a\0b\0", "ab"),
            (b"", ""),
        ] {
            assert_eq!(readable(received), expected.as_bytes(), "{received:?}");
        }
    }

    #[test]
    fn the_cut_takes_the_whole_line() {
        let mut body = b"a\nb".to_vec();
        body.resize(MAX_BYTES + 1, b'c');
        assert_eq!(readable(&body), b"a".as_slice());
        assert_eq!(readable(&vec![b'x'; MAX_BYTES + 1]), b"".as_slice());
        assert_eq!(readable(&vec![b'x'; MAX_BYTES]).len(), MAX_BYTES);
    }
}
