//! Bytes of a page as text: byte order mark, then header, then meta, then UTF-8 if it is valid, and
//! a guess at last (HTML standard, section 13.2.3.2).

mod prescan;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::borrow::Cow;

/// How far into a page its encoding may be declared. The standard wants it within 1024 bytes;
/// pages do not keep to that.
const PRESCAN_BYTES: usize = 4096;
/// How much of a page is looked at for a guess, which is two hundred times slower than all else here.
const GUESS_BYTES: usize = 64 * 1024;

/// The page's text. `content_type` is its header, `host` the page's, whose end speaks of its language.
pub(crate) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>, host: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, bytes.get(length..).unwrap_or_default());
    }
    let start = &bytes[..bytes.len().min(PRESCAN_BYTES)];
    let declared = content_type.and_then(|value| of_header(value, start)).or_else(|| prescan::declared(start));
    if let Some(encoding) = declared {
        return decode_as(encoding, bytes);
    }
    match simdutf8::compat::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        // Cut off within a character, as archives cut what is too long.
        Err(error) if error.error_len().is_none() => decode_as(UTF_8, bytes),
        Err(_) => decode_as(guess(bytes, host), bytes),
    }
}

/// Without copying where the bytes are what they stand for.
fn decode_as<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Cow<'a, str> {
    if encoding == UTF_8
        && let Ok(text) = simdutf8::basic::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    encoding.decode_without_bom_handling(bytes).0
}

/// The encoding a header names: the parameter `charset`, quoted or not. What begins as ASCII is not
/// in UTF-16, whatever is said of it.
fn of_header(content_type: &str, start: &[u8]) -> Option<&'static Encoding> {
    let parameters = content_type.split([';', ',']).filter_map(|parameter| parameter.split_once('='));
    let mut named = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    let label = named.next()?.1.trim_matches(|mark: char| mark.is_ascii_whitespace() || matches!(mark, '"' | '\''));
    let encoding = Encoding::for_label(label.as_bytes())?;
    let is_wide = [UTF_16LE, UTF_16BE].contains(&encoding);
    (!is_wide || start.contains(&0)).then_some(encoding)
}

fn guess(bytes: &[u8], host: Option<&str>) -> &'static Encoding {
    let start = &bytes[..bytes.len().min(GUESS_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(start, start.len() == bytes.len());
    let end = host.and_then(|host| host.trim_end_matches('.').rsplit('.').next());
    // What is no name's end is an address in numbers, of which the detector wants to know nothing.
    let end =
        end.filter(|end| end.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
    detector.guess(end.map(str::as_bytes), Utf8Detection::Deny)
}

#[cfg(test)]
mod tests;
