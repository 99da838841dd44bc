//! Undoes the codings of a body: chunked transfer, gzip, deflate, brotli, zstd, one over another.
//!
//! Crawlers that store bodies decoded often leave the headers as they were (Common Crawl renames
//! them), so what does not decode at all is taken as it is. What breaks off keeps what came before.

use super::Problem;
use flate2::{
    bufread::GzDecoder,
    read::{DeflateDecoder, ZlibDecoder},
};
use std::{
    borrow::Cow,
    io::{self, Read},
};

/// Codings undone, one over another; two are common, three are known.
const MAX_CODINGS: usize = 6;
/// Largest zstd window, by its logarithm: that of the longest body read. RFC 9659 allows 8 MiB.
const MAX_ZSTD_WINDOW_LOG: u32 = 25;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// The body with all its codings undone, and whether one of them broke off.
pub(super) fn undo<'a>(
    headers: &[(String, String)],
    body: &'a [u8],
    max_bytes: usize,
) -> Result<(Cow<'a, [u8]>, bool), Problem> {
    let mut codings = named(headers, "Content-Encoding");
    codings.extend(named(headers, "Transfer-Encoding"));
    if codings.len() > MAX_CODINGS {
        return Err(Problem::TooManyCodings);
    }
    let mut body = Cow::Borrowed(body);
    let mut truncated = false;
    for coding in codings.into_iter().rev() {
        if let Some(decoded) = coding.undo(&body, max_bytes)? {
            truncated |= decoded.truncated;
            body = Cow::Owned(decoded.bytes);
        }
    }
    if body.len() > max_bytes { Err(Problem::TooLarge) } else { Ok((body, truncated)) }
}

#[derive(Clone, Copy)]
enum Coding {
    Chunked,
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings that all headers of a name list, in the order they were applied. Servers write much
/// here that is none ("utf-8", "none"); it changes nothing.
fn named(headers: &[(String, String)], name: &str) -> Vec<Coding> {
    let lists = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name)).flat_map(|(_, list)| list.split(','));
    lists
        .filter_map(|coding| match coding.trim().to_ascii_lowercase().as_str() {
            "chunked" => Some(Coding::Chunked),
            "gzip" | "x-gzip" => Some(Coding::Gzip),
            "deflate" => Some(Coding::Deflate),
            "br" => Some(Coding::Brotli),
            "zstd" => Some(Coding::Zstd),
            _ => None,
        })
        .collect()
}

struct Decoded {
    bytes: Vec<u8>,
    truncated: bool,
}

impl Coding {
    /// `None` where the body is not in this coding.
    fn undo(self, body: &[u8], max_bytes: usize) -> Result<Option<Decoded>, Problem> {
        match self {
            _ if body.is_empty() => Ok(None),
            Self::Chunked => Ok(unchunk(body).map(|(bytes, truncated)| Decoded { bytes, truncated })),
            Self::Gzip if body.starts_with(GZIP_MAGIC) => gunzip(body, max_bytes),
            Self::Zstd if body.starts_with(ZSTD_MAGIC) => match zstd(body) {
                Ok(mut decoder) => {
                    let mut bytes = Vec::new();
                    let truncated = read_bounded(&mut decoder, &mut bytes, max_bytes)?;
                    Ok(Some(Decoded { bytes, truncated }))
                }
                Err(_) => Ok(None),
            },
            Self::Gzip | Self::Zstd => Ok(None),
            // The standard means zlib; some servers send bare deflate.
            Self::Deflate => match read(ZlibDecoder::new(body), body, max_bytes)? {
                None => read(DeflateDecoder::new(body), body, max_bytes),
                decoded => Ok(decoded),
            },
            Self::Brotli => read(brotli::Decompressor::new(body, 4096), body, max_bytes),
        }
    }
}

fn zstd(body: &[u8]) -> io::Result<impl Read + '_> {
    let mut decoder = zstd::Decoder::with_buffer(body)?;
    decoder.window_log_max(MAX_ZSTD_WINDOW_LOG)?;
    Ok(decoder)
}

/// All members; garbage behind them is let be, as browsers do.
fn gunzip(body: &[u8], max_bytes: usize) -> Result<Option<Decoded>, Problem> {
    let mut decoded = Decoded { bytes: Vec::new(), truncated: false };
    let mut rest = body;
    while rest.starts_with(GZIP_MAGIC) && !decoded.truncated {
        let mut member = GzDecoder::new(rest);
        decoded.truncated = read_bounded(&mut member, &mut decoded.bytes, max_bytes)?;
        rest = member.into_inner();
    }
    Ok(Some(decoded))
}

fn read(mut decoder: impl Read, body: &[u8], max_bytes: usize) -> Result<Option<Decoded>, Problem> {
    let mut bytes = Vec::new();
    let truncated = read_bounded(&mut decoder, &mut bytes, max_bytes)?;
    // Brotli and bare deflate make something of anything, at first.
    let was_plain = truncated && (bytes.is_empty() || looks_plain(body));
    Ok((!was_plain).then_some(Decoded { bytes, truncated }))
}

/// Adds what can be decoded; tells whether it broke off.
fn read_bounded(decoder: &mut impl Read, bytes: &mut Vec<u8>, max_bytes: usize) -> Result<bool, Problem> {
    let left = (max_bytes + 1).saturating_sub(bytes.len()) as u64;
    let broken = decoder.take(left).read_to_end(bytes).is_err();
    if bytes.len() > max_bytes { Err(Problem::TooLarge) } else { Ok(broken) }
}

/// Whether there are only letters: no coding makes such bytes for long.
fn looks_plain(body: &[u8]) -> bool {
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | 0x1b);
    !body[..body.len().min(512)].iter().any(is_control)
}

/// Undoes chunked transfer coding (RFC 9112 section 7.1), trailers passed over; tells whether the
/// last chunk is missing. `None` where the body is not chunked at all.
pub(crate) fn unchunk(body: &[u8]) -> Option<(Vec<u8>, bool)> {
    let mut bytes = Vec::new();
    let mut rest = body;
    loop {
        let first = rest.len() == body.len();
        let Some((size, line)) = chunk_size(rest) else { return (!first).then_some((bytes, true)) };
        if size == 0 {
            return Some((bytes, false));
        }
        let data = &rest[line..];
        let taken = size.min(data.len());
        rest = &data[taken..];
        let end = if rest.starts_with(b"\r\n") { 2 } else { usize::from(rest.starts_with(b"\n")) };
        // A text that begins with a number in a line of its own, stored without its coding.
        if first && (taken == size && end == 0 && !rest.is_empty() || taken < size && body[line - 2..line] != *b"\r\n")
        {
            return None;
        }
        bytes.extend_from_slice(&data[..taken]);
        rest = &rest[end..];
    }
}

/// The size that a line states, and the length of the line.
fn chunk_size(text: &[u8]) -> Option<(usize, usize)> {
    let end = memchr::memchr(b'\n', &text[..text.len().min(1024)])?;
    let digits = text[..end].split(|byte| *byte == b';').next()?.trim_ascii();
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let size = usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    Some((size.filter(|_| all)?, end + 1))
}

#[cfg(test)]
mod tests {
    use super::{super::Response, *};
    use flate2::{
        Compression,
        write::{DeflateEncoder, GzEncoder, ZlibEncoder},
    };
    use std::io::Write;

    fn text() -> Vec<u8> {
        (0..20_000).flat_map(|number| format!("<p>paragraph {number}</p>\n").into_bytes()).collect()
    }

    macro_rules! encoded {
        ($encoder:ident, $bytes:expr) => {{
            let mut encoder = $encoder::new(Vec::new(), Compression::fast());
            encoder.write_all($bytes).unwrap();
            encoder.finish().unwrap()
        }};
    }

    fn brotli(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = brotli::CompressorReader::new(bytes, 4096, 5, 20);
        let mut coded = Vec::new();
        encoder.read_to_end(&mut coded).unwrap();
        coded
    }

    fn chunked(bytes: &[u8]) -> Vec<u8> {
        let chunks =
            bytes.chunks(1000).map(|chunk| [format!("{:x};a=b\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat());
        let mut all = chunks.collect::<Vec<_>>().concat();
        all.extend_from_slice(b"0\r\nTrailer: x\r\n\r\n");
        all
    }

    fn codings() -> Vec<(&'static str, Vec<u8>)> {
        let text = text();
        vec![
            ("gzip", encoded!(GzEncoder, &text)),
            ("X-GZip", [encoded!(GzEncoder, &text[..1000]), encoded!(GzEncoder, &text[1000..])].concat()),
            ("deflate", encoded!(ZlibEncoder, &text)),
            ("deflate", encoded!(DeflateEncoder, &text)),
            ("br", brotli(&text)),
            ("zstd", zstd::encode_all(&text[..], 3).unwrap()),
            ("gzip, br", brotli(&encoded!(GzEncoder, &text))),
            ("br,utf-8 , zstd", zstd::encode_all(&brotli(&text)[..], 3).unwrap()),
        ]
    }

    fn block(head: &str, body: &[u8]) -> Vec<u8> {
        [format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes(), body].concat()
    }

    #[test]
    fn codings_are_undone_from_the_last_to_the_first() {
        for (name, coded) in codings() {
            let plain = block(&format!("Content-Encoding: {name}"), &coded);
            let both = block(&format!("transfer-encoding: Chunked\r\ncontent-encoding: {name}"), &chunked(&coded));
            let listed = block(&format!("Transfer-Encoding: {name}, chunked"), &chunked(&coded));
            for block in [plain, both, listed] {
                let response = Response::parse(&block).unwrap();
                assert!(*response.body == text() && !response.truncated, "{name}");
            }
        }
        let two_headers =
            block("Content-Encoding: gzip\r\nContent-Encoding: br", &brotli(&encoded!(GzEncoder, &text())));
        assert!(*Response::parse(&two_headers).unwrap().body == text());
    }

    #[test]
    fn nothing_is_copied_where_nothing_is_coded() {
        for head in ["A: b", "Content-Encoding: identity", "X-Crawl-Content-Encoding: gzip", "Content-Encoding: gzip"] {
            let block = block(head, b"<html>already plain</html>");
            let response = Response::parse(&block).unwrap();
            assert!(matches!(response.body, Cow::Borrowed(_)) && !response.truncated, "{head}");
        }
    }

    #[test]
    fn bodies_stored_decoded_are_taken_as_they_are() {
        let texts =
            [text(), b"12\nhello and more than that".to_vec(), b"2024\nof that year".to_vec(), b"x".to_vec(), vec![]];
        for text in &texts {
            for name in ["gzip", "deflate", "br", "zstd", "br, gzip", "gzip, br"] {
                for transfer in ["chunked", "identity"] {
                    let block = block(&format!("Content-Encoding: {name}\r\nTransfer-Encoding: {transfer}"), text);
                    let response = Response::parse(&block).unwrap();
                    assert_eq!((&*response.body, response.truncated), (&text[..], false), "{name}, {transfer}");
                }
            }
        }
    }

    #[test]
    fn what_breaks_off_keeps_what_came_before() {
        for (name, coded) in codings() {
            let cut = block(&format!("Content-Encoding: {name}"), &coded[..coded.len() * 3 / 4]);
            let response = Response::parse(&cut).unwrap();
            assert!(response.truncated, "{name}");
            assert!(text().starts_with(&response.body), "{name}");
            assert!(response.body.len() > 1000 || name.contains(','), "{name}: {}", response.body.len());
        }
        for (name, magic) in [("gzip", GZIP_MAGIC), ("zstd", ZSTD_MAGIC)] {
            let nothing = block(&format!("Content-Encoding: {name}"), &[magic, b"\x08\0\0"].concat());
            let response = Response::parse(&nothing).unwrap();
            assert!(response.truncated && response.body.is_empty(), "{name}");
        }
        let whole = chunked(&text());
        let cut = block("Transfer-Encoding: chunked", &whole[..5000]);
        let response = Response::parse(&cut).unwrap();
        assert!(response.truncated && response.body.len() > 4900 && text().starts_with(&response.body));
        let garbage = block("Content-Encoding: gzip", &[&encoded!(GzEncoder, &text())[..], b"\0\0garbage"].concat());
        let response = Response::parse(&garbage).unwrap();
        assert!(*response.body == text() && !response.truncated);
    }

    #[test]
    fn bombs_are_told_from_bodies() {
        let zeros = vec![0; 1_000_000];
        let codings = [
            ("gzip", encoded!(GzEncoder, &zeros)),
            ("gzip", encoded!(GzEncoder, &zeros[..600_000]).repeat(2)),
            ("deflate", encoded!(ZlibEncoder, &zeros)),
            ("deflate", encoded!(DeflateEncoder, &zeros)),
            ("br", brotli(&zeros)),
            ("zstd", zstd::encode_all(&zeros[..], 3).unwrap()),
            ("gzip, gzip", encoded!(GzEncoder, &encoded!(GzEncoder, &zeros))),
        ];
        for (name, coded) in codings {
            let block = block(&format!("Content-Encoding: {name}"), &coded);
            assert!(block.len() < 20_000, "{name}");
            assert_eq!(Response::parse_within(&block, 999_999), Err(Problem::TooLarge), "{name}");
            assert!(Response::parse_within(&block, 1_200_000).is_ok(), "{name}");
        }
        let many = block(&format!("Content-Encoding: {}", ["gzip"; 7].join(",")), b"x");
        assert_eq!(Response::parse(&many), Err(Problem::TooManyCodings));
        assert_eq!(Response::parse_within(&block("A: b", b"12345"), 4), Err(Problem::TooLarge));
    }

    #[test]
    fn chunks_are_joined() {
        for (coded, bytes, truncated) in [
            ("5;x=y\r\nhello\r\n3\r\nyo", "helloyo", true),
            ("5\r\nhello\r\n0\r\n\r\n", "hello", false),
            ("5\nhello\n0\n\n", "hello", false),
            ("0005\r\nhello\r\n0000\r\nA: b\r\n\r\n", "hello", false),
            ("5\r\nhello\r\n", "hello", true),
            ("5\r\nhello", "hello", true),
            ("5\r\nhello\r\nffffffffffffffffff\r\nx", "hello", true),
            ("5\r\nhello\r\n-1\r\nx", "hello", true),
            ("0\r\n\r\n", "", false),
        ] {
            let found = unchunk(coded.as_bytes()).unwrap();
            assert_eq!((std::str::from_utf8(&found.0).unwrap(), found.1), (bytes, truncated), "{coded}");
        }
        for not in ["", "hello", "+5\r\nhello", "5 hello", "5\r\nhello, more", ";\r\n"] {
            assert_eq!(unchunk(not.as_bytes()), None, "{not}");
        }
    }
}
