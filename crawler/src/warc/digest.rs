//! Whether a block is still what its record's digests say: `sha1:` and the like before hex, base32
//! or base64, all of which archives have.

use super::Record;
use crate::http;
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD},
};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

/// What the digests of a record tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DigestCheck {
    /// There is none for these bytes.
    None,
    /// It is right.
    Right,
    /// It is wrong: the bytes are not those that were captured.
    Wrong,
    /// There is one that cannot be checked: of a kind that is not known here, or of a payload of which the
    /// record keeps a part.
    Unknown,
}

/// Checks the digest of the block, which all bytes are in; where it is absent or of a kind that is not
/// known here, that of the payload. Of a payload writers have many notions: one that is wrong over a block
/// that is right says nothing of the bytes.
pub(super) fn check(record: &Record<'_>) -> DigestCheck {
    let block = record.field("WARC-Block-Digest").map_or(DigestCheck::None, |digest| compare(&digest, &[record.block]));
    if matches!(block, DigestCheck::Right | DigestCheck::Wrong) {
        return block;
    }
    // A revisit names the payload of another record; a segment, that of all segments. And some writers
    // digest the whole payload and then keep a part of it.
    let elsewhere = record.is("revisit") || record.is("continuation") || record.field("WARC-Segment-Number").is_some();
    let digest = record.field("WARC-Payload-Digest").filter(|_| !elsewhere);
    match digest.map_or(DigestCheck::None, |digest| payload(record, &digest)) {
        DigestCheck::None => block,
        DigestCheck::Wrong if record.truncated().is_some() => DigestCheck::Unknown,
        payload => payload,
    }
}

/// Writers do not agree on whether the payload of a response is meant with its transfer coding or
/// without; either is right.
fn payload(record: &Record<'_>, digest: &str) -> DigestCheck {
    let http = record.field("Content-Type").is_some_and(|kind| kind.starts_with("application/http"));
    if !http {
        return compare(digest, &[record.block]);
    }
    let body = http::split_head(record.block).1;
    let unchunked = http::unchunk(body).map(|found| found.0);
    compare(digest, &[Some(body), unchunked.as_deref()].into_iter().flatten().collect::<Vec<_>>())
}

/// Compares a labelled digest with that of any of these.
fn compare(digest: &str, candidates: &[&[u8]]) -> DigestCheck {
    let Some((label, value)) = digest.trim().split_once(':') else { return DigestCheck::Unknown };
    let sum: fn(&[u8]) -> Vec<u8> = match label.trim().to_ascii_lowercase().as_str() {
        "sha1" | "sha-1" => |bytes| Sha1::digest(bytes).to_vec(),
        "sha256" | "sha-256" => |bytes| Sha256::digest(bytes).to_vec(),
        "sha512" | "sha-512" => |bytes| Sha512::digest(bytes).to_vec(),
        "md5" => |bytes| <Md5 as md5::Digest>::digest(bytes).to_vec(),
        _ => return DigestCheck::Unknown,
    };
    let right = candidates.iter().any(|bytes| is_written(value.trim(), &sum(bytes)));
    if right { DigestCheck::Right } else { DigestCheck::Wrong }
}

/// Whether a text is this digest, in any of the ways to write it.
fn is_written(text: &str, sum: &[u8]) -> bool {
    let hex: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
    let base32 = base32(sum);
    hex.eq_ignore_ascii_case(text)
        || base32.eq_ignore_ascii_case(text.trim_end_matches('='))
        || [BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD]
            .iter()
            .any(|base64| base64.encode(sum) == text)
}

/// RFC 4648 section 6, without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        bits = (bits << 8 | u32::from(*byte)) & 0xfff;
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(ALPHABET[(bits >> count & 31) as usize]));
        }
    }
    if count > 0 {
        text.push(char::from(ALPHABET[(bits << (5 - count) & 31) as usize]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(fields: &str, block: &[u8]) -> DigestCheck {
        let head = format!("WARC/1.0\r\n{fields}\r\n");
        check(&Record { offset: 0, head: head.as_bytes(), block })
    }

    #[test]
    fn digests_are_read_in_every_writing() {
        for digest in [
            "sha1:2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
            "sha1:2jmj7l5rSw0yVb_vlWAYkK_YBwk",
            "SHA1:DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
            "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ",
            "sha-1: 3i42h3s6nnfq2msvx7xzkyayscx5qbyj",
            "md5:d41d8cd98f00b204e9800998ecf8427e",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256:4OYMIQUY7QOBJGX36TEJS35ZEQT24QPEMSNZGTFESWMRW6CSXBKQ====",
        ] {
            assert_eq!(compare(digest, &[b""]), DigestCheck::Right, "{digest}");
            assert_eq!(compare(digest, &[b"x"]), DigestCheck::Wrong, "{digest}");
            assert_eq!(compare(digest, &[b"x", b""]), DigestCheck::Right, "{digest}");
        }
        assert_eq!(compare("crc32:00000000", &[b""]), DigestCheck::Unknown);
        assert_eq!(compare("3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", &[b""]), DigestCheck::Unknown);
    }

    #[test]
    fn what_a_digest_is_of_depends_on_the_record() {
        let empty = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ";
        let hello = "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N";
        let http = "Content-Type: application/http; msgtype=response\r\n";
        let of = |name: &str, digest: &str| format!("{name}: {digest}\r\n");
        let block = |digest| of("WARC-Block-Digest", digest);
        let payload = |digest| format!("{http}{}", of("WARC-Payload-Digest", digest));
        for (fields, bytes, expected) in [
            (String::new(), b"".as_slice(), DigestCheck::None),
            (block(hello), b"hello", DigestCheck::Right),
            (block(hello), b"hallo", DigestCheck::Wrong),
            (block("x:y"), b"hello", DigestCheck::Unknown),
            (payload(hello), b"HTTP/1.1 200\r\n\r\nhello", DigestCheck::Right),
            (payload(hello), b"HTTP/1.1 200\r\n\r\n5\r\nhello\r\n0\r\n\r\n", DigestCheck::Right),
            (payload(hello), b"HTTP/1.1 200\r\n\r\nhell", DigestCheck::Wrong),
            (
                format!("{}WARC-Truncated: length\r\n", payload(hello)),
                b"HTTP/1.1 200\r\n\r\nhell",
                DigestCheck::Unknown,
            ),
            (format!("{}WARC-Type: revisit\r\n", payload(hello)), b"HTTP/1.1 200\r\n\r\n", DigestCheck::None),
            (format!("{}{}", block(hello), payload(empty)), b"hello", DigestCheck::Right),
            (format!("{}{}", block(empty), payload(hello)), b"hello", DigestCheck::Wrong),
            (format!("{}{}", block("x:y"), payload(hello)), b"HTTP/1.1 200\r\n\r\nhello", DigestCheck::Right),
            (format!("{}{}", block("x:y"), payload("x:y")), b"hello", DigestCheck::Unknown),
        ] {
            assert_eq!(checked(&fields, bytes), expected, "{fields}");
        }
    }
}
