//! The pages of archives with their headers, read as plainly as will do.

use std::io::Read;
use std::path::{Path, PathBuf};
use url::Url;

/// A page that was captured.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) url: Url,
    pub(crate) headers: Fields,
    pub(crate) markup: markup::Page,
}

/// All archives that lie beside the project; where there are none, says what is skipped.
pub(crate) fn archives(test: &str) -> Vec<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let folder = std::env::var_os("PINAKES_TEST_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    let mut files = Vec::new();
    collect(&folder.join("bench"), &mut files);
    collect(&folder.join("warc"), &mut files);
    files.sort();
    if files.is_empty() {
        eprintln!("skipped: {test}: no archives in {} (set PINAKES_TEST_DATA)", folder.display());
    }
    files
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_file() {
        files.push(path.to_owned());
    }
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        collect(&entry.path(), files);
    }
}

/// The pages among the responses of a WARC file, taken as UTF-8.
pub(crate) fn pages(path: &Path) -> Vec<Captured> {
    let bytes = unpacked(std::fs::read(path).unwrap_or_default());
    let mut pages = Vec::new();
    let mut rest = &bytes[..];
    while let Some(start) = memchr::memmem::find(rest, b"WARC/") {
        rest = &rest[start..];
        let Some((record, body)) = split(rest) else { break };
        let length = value(&record, "content-length").and_then(|length| length.parse().ok());
        let block = &body[..body.len().min(length.unwrap_or(0))];
        if value(&record, "warc-type") == Some("response") {
            pages.extend(page(&record, block));
        }
        rest = &body[block.len()..];
    }
    pages
}

/// Of a clipped file, what can be read.
fn unpacked(bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut plain = Vec::new();
    let _ = flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain);
    plain
}

fn page(record: &[(String, String)], block: &[u8]) -> Option<Captured> {
    let (headers, body) = split(block)?;
    let types = ["text/html", "application/xhtml"];
    let is_page = value(&headers, "content-type").is_some_and(|text| types.iter().any(|one| text.starts_with(one)));
    let address = value(record, "warc-target-uri")?.trim_matches(['<', '>']);
    let url = Url::parse(address).ok().filter(|_| is_page)?;
    Some(Captured { url, headers, markup: markup::Page::parse(&String::from_utf8_lossy(body)) })
}

/// Names and values of a header.
type Fields = Vec<(String, String)>;

/// The fields of a header, and what follows it.
fn split(text: &[u8]) -> Option<(Fields, &[u8])> {
    let end = memchr::memmem::find(text, b"\r\n\r\n")?;
    let field = |line: &str| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned()));
    Some((String::from_utf8_lossy(&text[..end]).lines().filter_map(field).collect(), &text[end + 4..]))
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
