//! The pages of archives, read as plainly as will do.

use std::io::Read;
use std::path::{Path, PathBuf};

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

/// Bodies of the responses of a WARC file that are pages, taken as UTF-8.
pub(crate) fn pages(path: &Path) -> Vec<String> {
    let bytes = unpacked(std::fs::read(path).unwrap_or_default());
    let mut pages = Vec::new();
    let mut rest = &bytes[..];
    while let Some(start) = memchr::memmem::find(rest, b"WARC/") {
        rest = &rest[start..];
        let Some((header, body)) = split(rest) else { break };
        let length = header.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let block = &body[..body.len().min(length.unwrap_or(0))];
        if header.contains("warc-type: response") {
            pages.extend(page(block));
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

fn page(block: &[u8]) -> Option<String> {
    let (header, body) = split(block)?;
    let types = ["content-type: text/html", "content-type: application/xhtml"];
    types.iter().any(|start| header.contains(start)).then(|| String::from_utf8_lossy(body).into_owned())
}

/// A header, lower case, and what follows it.
fn split(text: &[u8]) -> Option<(String, &[u8])> {
    let end = memchr::memmem::find(text, b"\r\n\r\n")?;
    Some((String::from_utf8_lossy(&text[..end]).to_ascii_lowercase(), &text[end + 4..]))
}
