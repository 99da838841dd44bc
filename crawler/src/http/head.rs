//! Status line and headers: by the standard first, and where that gives up, as archives have them.

use super::{Problem, Response};

/// Headers read by the standard's parser; heads with more are left to the lenient one.
const MAX_STRICT_HEADERS: usize = 128;

/// What stands before a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
}

/// The head of a response, and what follows it.
pub(super) fn read(block: &[u8]) -> Result<(Head, &[u8]), Problem> {
    let start = &block[..block.len().min(Response::MAX_HEAD_BYTES)];
    if let Some((head, length)) = strict(start) {
        return Ok((head, &block[length..]));
    }
    let (bytes, body) = split(block);
    let head = lenient(&bytes[..bytes.len().min(Response::MAX_HEAD_BYTES)]).ok_or(Problem::NotHttp)?;
    if bytes.len() > Response::MAX_HEAD_BYTES { Err(Problem::HeadTooLarge) } else { Ok((head, body)) }
}

fn strict(block: &[u8]) -> Option<(Head, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_STRICT_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(block).ok()? else { return None };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers = response.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect();
    Some((Head { status: response.code?, headers }, length))
}

/// Takes every line with a colon for a header, whatever stands before it.
fn lenient(head: &[u8]) -> Option<Head> {
    let mut lines = head.split(|byte| *byte == b'\n');
    let status_line = String::from_utf8_lossy(lines.next()?);
    let status = status_line.strip_prefix("HTTP/")?.split_ascii_whitespace().nth(1)?.parse().ok()?;
    let mut headers: Vec<(String, String)> = Vec::new();
    for line in lines {
        let text = String::from_utf8_lossy(line.trim_ascii());
        match (line.starts_with(b" ") || line.starts_with(b"\t"), headers.last_mut(), text.split_once(':')) {
            // Folded lines (RFC 9112 section 5.2).
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(&text);
            }
            (_, _, Some((name, value))) => headers.push((trimmed(name), trimmed(value))),
            _ => {}
        }
    }
    Some(Head { status, headers })
}

fn trimmed(text: &str) -> String {
    text.trim_ascii().to_owned()
}

/// Everything up to the first empty line, and what follows it.
pub(crate) fn split(block: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', block) {
        if block[start..end].trim_ascii().is_empty() {
            return block.split_at(end + 1);
        }
        start = end + 1;
    }
    (block, &[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::warc;

    #[test]
    fn odd_heads_are_read() {
        let response = Response::parse(b"HTTP/1.0 404 Not Found\nA: b\nnonsense\nX-Robots-Tag: noai\n\nx").unwrap();
        assert_eq!((response.status, response.header("x-robots-tag")), (404, Some("noai")));
        assert_eq!(&*response.body, b"x");
        for (block, status) in [
            (b"HTTP/1.1 200 OK".as_slice(), Ok(200)),
            (b"HTTP/2 204\r\n\r\n", Ok(204)),
            (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\n\r\n", Ok(302)),
            (b"HTTP/1.1 101 Switching\r\n\r\nbytes", Ok(101)),
            (b"GET / HTTP/1.1\r\n\r\n", Err(Problem::NotHttp)),
            (b"HTTP/1.1 many\r\n\r\n", Err(Problem::NotHttp)),
            (b"", Err(Problem::NotHttp)),
        ] {
            assert_eq!(Response::parse(block).map(|response| response.status), status);
        }
    }

    #[test]
    fn folded_lines_are_joined() {
        let response =
            Response::parse(b"HTTP/1.1 200 OK\r\nX-Robots-Tag: noai,\r\n\tnoimageai: x\r\nB: c\r\n\r\n").unwrap();
        assert_eq!(response.header("X-Robots-Tag"), Some("noai, noimageai: x"));
        assert_eq!(response.headers.len(), 2);
    }

    #[test]
    fn heads_are_bounded() {
        let header = "A: b\r\n".repeat(Response::MAX_HEAD_BYTES / 6 - 10);
        let fits = format!("HTTP/1.1 200 OK\r\n{header}\r\nbody");
        assert_eq!(&*Response::parse(fits.as_bytes()).unwrap().body, b"body");
        let long = format!("HTTP/1.1 200 OK\r\n{header}{header}\r\nbody");
        assert_eq!(Response::parse(long.as_bytes()), Err(Problem::HeadTooLarge));
        assert_eq!(Response::parse(&vec![b'x'; 100_000]), Err(Problem::NotHttp));
    }

    /// What both parsers accept they must read the same: all heads of all archives at hand.
    #[test]
    fn strict_and_lenient_agree() {
        let Some(folder) = crate::testing::data("strict_and_lenient_agree") else { return };
        let names = |folder: &str| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let folders = ["warc", "warc/edge", "bench"].map(|name| folder.join(name).to_string_lossy().into_owned());
        let (mut strict_ones, mut all) = (0, 0);
        for path in folders.iter().flat_map(|folder| names(folder)).filter(|path| path.is_file()) {
            let file = std::fs::File::open(&path).unwrap();
            let mut reader = warc::Reader::new(file, warc::Limits::default()).unwrap();
            while let Some(item) = reader.next_item().unwrap() {
                let warc::Item::Record(record) = item else { continue };
                let lenient = lenient(split(record.block).0);
                all += usize::from(lenient.is_some());
                if let Some((head, length)) = strict(record.block) {
                    assert_eq!(Some(head), lenient, "{} at {}", path.display(), record.offset);
                    assert_eq!(length, split(record.block).0.len());
                    strict_ones += 1;
                }
            }
        }
        assert!(strict_ones > 2000 && strict_ones * 100 > all * 90, "{strict_ones} of {all}");
    }
}
