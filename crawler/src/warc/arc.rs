//! ARC, the format before WARC: a line `URL IP-address date media-type length` (version 2 has more
//! in the middle), then so many bytes. The first record, `filedesc:`, describes the file.

use std::borrow::Cow;

/// Longest line taken for one.
pub(super) const MAX_LINE_BYTES: usize = 8 * 1024;

/// The line that begins a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    url: &'a [u8],
    address: &'a [u8],
    date: &'a [u8],
    media_type: &'a [u8],
    /// Bytes of the block.
    pub(super) length: u64,
    /// Bytes of the line with its end.
    pub(super) bytes: usize,
}

impl<'a> Line<'a> {
    /// Reads the line at the start of a text; `None` where it is not one, all of it.
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let scheme = text.iter().take(12).position(|byte| !byte.is_ascii_alphanumeric())?;
        if scheme == 0 || text[scheme] != b':' {
            return None;
        }
        let end = memchr::memchr(b'\n', &text[..text.len().min(MAX_LINE_BYTES)])?;
        let line = text[..end].trim_ascii_end();
        // Addresses may hold spaces: the date with an IP address before it is the firm ground.
        let spaces: Vec<usize> = memchr::memchr_iter(b' ', line).collect();
        spaces.windows(3).rev().find_map(|three| {
            let &[before_address, before_date, after_date] = three else { return None };
            let (address, date) = (&line[before_address + 1..before_date], &line[before_date + 1..after_date]);
            let rest = &line[after_date + 1..];
            let space = memchr::memrchr(b' ', rest)?;
            let length = std::str::from_utf8(&rest[space + 1..]).ok()?.parse().ok()?;
            let media_type = rest.split(|byte| *byte == b' ').next()?;
            let line = Self { url: &line[..before_address], address, date, media_type, length, bytes: end + 1 };
            (is_date(date) && is_address(address)).then_some(line)
        })
    }

    /// What the line says, under the names that WARC has for it.
    pub(super) fn field(&self, name: &str) -> Option<Cow<'a, str>> {
        let is = |field: &str| name.eq_ignore_ascii_case(field);
        let value = match self.url {
            url if url.starts_with(b"filedesc:") && is("WARC-Type") => b"warcinfo",
            _ if is("WARC-Type") => b"response".as_slice(),
            url if is("WARC-Target-URI") => url,
            _ if is("WARC-IP-Address") => self.address,
            _ if is("WARC-Date") => self.date,
            url if is("Content-Type") && url.starts_with(b"http") => b"application/http; msgtype=response",
            _ if is("Content-Type") => self.media_type,
            _ if is("Content-Length") => return Some(self.length.to_string().into()),
            _ => return None,
        };
        Some(String::from_utf8_lossy(value))
    }
}

fn is_date(text: &[u8]) -> bool {
    (8..=17).contains(&text.len()) && text.iter().all(u8::is_ascii_digit)
}

fn is_address(text: &[u8]) -> bool {
    let allowed = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':');
    text.contains(&b'.') | text.contains(&b':') && text.iter().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_versions_are_read() {
        for (line, url, media_type, length) in [
            ("http://a.example/ 10.0.0.1 20080430204825 text/html 56\n", "http://a.example/", "text/html", 56),
            ("http://a.example/b c 1.2.3.4 20080430204825 no-type 0\r\n", "http://a.example/b c", "no-type", 0),
            ("http://a.example/ ::1 20080430204825 text/html 200 - - 0 x.arc 7\n", "http://a.example/", "text/html", 7),
            ("dns:a.example 1.2.3.4 20080430204825 text/dns 56\nx", "dns:a.example", "text/dns", 56),
        ] {
            let found = Line::parse(line.as_bytes()).unwrap();
            assert_eq!((found.url, found.media_type, found.length), (url.as_bytes(), media_type.as_bytes(), length));
            assert_eq!(line.as_bytes()[found.bytes - 1], b'\n');
        }
    }

    #[test]
    fn other_lines_are_not() {
        for text in [
            "http://a.example/ 10.0.0.1 20080430204825 text/html 56",
            "http://a.example/ 10.0.0.1 20080430204825 text/html many\n",
            "http://a.example/ 10.0.0.1 20080430204825 56\n",
            "http://a.example/ host 20080430204825 text/html 56\n",
            "Host: a.example\n",
            "WARC/1.0\r\n",
            "\n",
            "",
        ] {
            assert_eq!(Line::parse(text.as_bytes()), None, "{text}");
        }
    }
}
