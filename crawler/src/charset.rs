//! Bytes of a page as text: byte order mark, then header, then meta, then UTF-8 if it is valid,
//! and windows-1252 at last (the order of the HTML standard, section 13.2.3).

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use std::borrow::Cow;

/// How far into a page its encoding may be declared.
const PRESCAN_BYTES: usize = 4096;

/// The page's text.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    let declared = Encoding::for_bom(bytes)
        .map(|(encoding, _)| encoding)
        .or_else(|| content_type.and_then(|value| label_after(value.as_bytes(), b"charset=")))
        .or_else(|| label_after(&bytes[..bytes.len().min(PRESCAN_BYTES)], b"charset="))
        // A page that could be searched for ASCII is not in UTF-16, whatever it says.
        .map(|encoding| if encoding.is_ascii_compatible() { encoding } else { UTF_8 });
    let utf16 = Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let encoding =
        utf16.or(declared).unwrap_or_else(|| if std::str::from_utf8(bytes).is_ok() { UTF_8 } else { WINDOWS_1252 });
    encoding.decode(bytes).0
}

/// The encoding named after `key`, quoted or not.
fn label_after(text: &[u8], key: &[u8]) -> Option<&'static Encoding> {
    let start = text.windows(key.len()).position(|window| window.eq_ignore_ascii_case(key))? + key.len();
    let rest = &text[start..];
    let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
    let end = rest.iter().position(|byte| b" \t\r\n\"';>/".contains(byte)).unwrap_or(rest.len());
    Encoding::for_label(&rest[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_found_in_their_order() {
        let sjis = encoding_rs::SHIFT_JIS.encode("<meta charset=shift_jis>猫").0.into_owned();
        assert!(decode(&sjis, None).ends_with('猫'));
        let latin = b"caf\xe9";
        assert_eq!(decode(latin, Some("text/html; charset=\"ISO-8859-1\"")), "café");
        assert_eq!(decode(latin, None), "café");
        assert_eq!(decode("café".as_bytes(), None), "café");
        assert_eq!(decode(b"\xff\xfeh\x00i\x00", Some("text/html; charset=utf-8")), "hi");
        assert_eq!(decode(b"<meta charset=utf-16>hi", None), "<meta charset=utf-16>hi");
        assert_eq!(decode(b"", Some("text/html; charset=klingon")), "");
    }
}
