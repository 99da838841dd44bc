//! Listings: `*.paths[.gz]`, one archive a line, here or elsewhere.
//!
//! What a line names, in this order:
//! 1. a line that is an address is taken as it is;
//! 2. with `input.base`, every other line is taken from there;
//! 3. a remote listing whose path begins with the line's own first folder names from the root of
//!    its server or bucket, as Common Crawl's listings do
//!    (`/crawl-data/CC-MAIN-2024-22/warc.paths.gz` holds `crawl-data/CC-MAIN-2024-22/…`);
//! 4. else a line is taken from the listing's own folder.

use super::{Courier, Place, transfer};
use crate::Error;
use flate2::read::MultiGzDecoder;
use std::{fs::File, io::Read};

/// Largest listing read, as it lies there. Common Crawl's are below one MiB, unpacked 15 MiB.
const MAX_LISTING_BYTES: u64 = 64 * 1024 * 1024;

/// Largest listing read, unpacked.
const MAX_TEXT_BYTES: u64 = 256 * 1024 * 1024;

/// Longest line taken.
const MAX_LINE_BYTES: usize = 4096;

/// Whether it is a list of archives rather than one.
pub(super) fn is_listing(place: &Place) -> bool {
    place.file_name().ends_with(".paths") || place.file_name().ends_with(".paths.gz")
}

/// The archives that a listing names, each with its line.
pub(super) async fn read(
    courier: &Courier,
    listing: &Place,
    base: Option<&Place>,
) -> Result<Vec<(String, Place)>, Error> {
    let bytes = match listing {
        Place::File(path) => {
            let mut bytes = Vec::new();
            let mut file = File::open(path).map_err(|error| unreadable(listing, &error))?.take(MAX_LISTING_BYTES + 1);
            file.read_to_end(&mut bytes).map_err(|error| unreadable(listing, &error))?;
            bytes
        }
        _ => transfer::whole(courier, listing, MAX_LISTING_BYTES + 1).await?,
    };
    if bytes.len() as u64 > MAX_LISTING_BYTES {
        return Err(too_large(listing));
    }
    let text = unpacked(listing, &bytes)?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| Ok((line.to_owned(), named(listing, base, line)?))).collect()
}

/// By its first bytes, since a server may have unpacked it on the way.
fn unpacked(listing: &Place, bytes: &[u8]) -> Result<String, Error> {
    let mut text = String::new();
    let read = if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(bytes).take(MAX_TEXT_BYTES + 1).read_to_string(&mut text)
    } else {
        let mut bytes = bytes;
        bytes.read_to_string(&mut text)
    };
    read.map_err(|error| unreadable(listing, &error))?;
    if text.len() as u64 > MAX_TEXT_BYTES {
        return Err(too_large(listing));
    }
    Ok(text)
}

fn named(listing: &Place, base: Option<&Place>, line: &str) -> Result<Place, Error> {
    let refused = |problem: &str, hint| {
        let line: String = line.chars().take(80).collect();
        Err(Error::archive(&listing.to_string(), &format!("names `{line}`, {problem}"), hint))
    };
    if line.len() > MAX_LINE_BYTES {
        return refused("which is longer than a name may be", "a listing holds one path or address a line");
    }
    let is_address = line.contains("://");
    let place = match base {
        _ if is_address => Place::parse(line)?,
        Some(base) => base.join(line.trim_start_matches('/')),
        None if listing.first_segment().is_some_and(|first| line_begins_with(line, first)) => listing.root().join(line),
        None => listing.folder().join(line),
    };
    // What lies elsewhere has no say over which local files are read.
    if listing.is_remote() && (is_address && !place.is_remote() || line.split('/').any(|segment| segment == "..")) {
        return refused("which no remote listing may", "download the listing, look at it, and name the local copy");
    }
    if is_listing(&place) {
        return refused("a listing of its own", "name that listing in `input.archives` beside this one");
    }
    Ok(place)
}

fn line_begins_with(line: &str, folder: &str) -> bool {
    line.trim_start_matches('/').split_once('/').is_some_and(|(first, _)| first == folder)
}

fn unreadable(listing: &Place, error: &std::io::Error) -> Error {
    Error::archive(&listing.to_string(), &format!("cannot be read: {error}"), "name a listing that exists")
}

fn too_large(listing: &Place) -> Error {
    Error::archive(&listing.to_string(), "is larger than a listing may be", "a listing holds one archive a line")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_taken_from_root_folder_or_base() {
        let crawl = "https://data.example/crawl-data/CC-MAIN-2024-22/warc.paths.gz";
        for (listing, base, line, named_there) in [
            (
                crawl,
                "",
                "crawl-data/CC-MAIN-2024-22/a.warc.gz",
                "https://data.example/crawl-data/CC-MAIN-2024-22/a.warc.gz",
            ),
            (crawl, "", "segments/a.warc.gz", "https://data.example/crawl-data/CC-MAIN-2024-22/segments/a.warc.gz"),
            (
                crawl,
                "",
                "crawl-data-2/a.warc.gz",
                "https://data.example/crawl-data/CC-MAIN-2024-22/crawl-data-2/a.warc.gz",
            ),
            (
                crawl,
                "https://mirror.example/cc",
                "crawl-data/a.warc.gz",
                "https://mirror.example/cc/crawl-data/a.warc.gz",
            ),
            (crawl, "s3://mirror", "crawl-data/a.warc.gz", "s3://mirror/crawl-data/a.warc.gz"),
            (crawl, "https://mirror.example/", "s3://other/a.warc.gz", "s3://other/a.warc.gz"),
            ("https://data.example/warc.paths", "", "a.warc.gz", "https://data.example/a.warc.gz"),
            ("s3://bucket/crawl-data/warc.paths.gz", "", "crawl-data/a.warc.gz", "s3://bucket/crawl-data/a.warc.gz"),
            ("s3://bucket/crawl-data/warc.paths.gz", "", "a.warc.gz", "s3://bucket/crawl-data/a.warc.gz"),
            ("lists/warc.paths", "", "lists/a.warc.gz", "lists/lists/a.warc.gz"),
            ("lists/warc.paths", "", "https://h.example/a.warc.gz", "https://h.example/a.warc.gz"),
            (
                "lists/warc.paths",
                "https://data.example",
                "crawl-data/a.warc.gz",
                "https://data.example/crawl-data/a.warc.gz",
            ),
        ] {
            let base = (!base.is_empty()).then(|| Place::parse(base).unwrap());
            let found = named(&Place::parse(listing).unwrap(), base.as_ref(), line).unwrap();
            assert_eq!(found.to_string(), named_there);
        }
    }

    #[test]
    fn a_remote_listing_reaches_no_local_file() {
        let remote = Place::parse("https://data.example/warc.paths").unwrap();
        let base = Place::parse("crawl").unwrap();
        for (base, line) in [(None, "file:///etc/passwd"), (Some(&base), "../secret.warc.gz"), (None, "more.paths.gz")]
        {
            let error = named(&remote, base, line).unwrap_err();
            assert!(error.to_string().contains(line) && error.hint().is_some(), "{error}");
        }
        let long = "a".repeat(MAX_LINE_BYTES + 1);
        assert!(named(&remote, None, &long).unwrap_err().to_string().len() < 300);
    }
}
