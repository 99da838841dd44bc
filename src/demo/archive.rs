//! The pages of the little web as an archive: WARC 1.1, each record a gzip member of its own, laid
//! out as Common Crawl does it. The same bytes every time.

use super::{
    pages,
    sites::{self, Page, host_and_path},
};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use std::{
    fmt::Write as _,
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

/// Writes the archive.
pub(crate) fn write(path: &Path) -> io::Result<()> {
    let mut archive = Archive { out: BufWriter::new(File::create(path)?), records: 0 };
    archive.information()?;
    for site in sites::sites() {
        if let Some(robots) = site.captured_robots {
            let url = format!("https://{}/robots.txt", site.host);
            archive.exchange(&url, 200, &[("Content-Type", "text/plain")], robots.as_bytes())?;
        }
    }
    for page in sites::pages() {
        archive.page(page)?;
    }
    archive.others()?;
    archive.out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

struct Archive<W: Write> {
    out: W,
    records: u32,
}

impl<W: Write> Archive<W> {
    /// The record that every archive begins with.
    fn information(&mut self) -> io::Result<()> {
        let fields = [("WARC-Filename", "PINAKES-DEMO-20261101-00000.warc.gz".to_owned())];
        let about = "software: pinakes demo\r\nformat: WARC File Format 1.1\r\nisPartOf: the little web\r\n\
                     description: pages of made-up sites that show real photographs\r\nrobots: obeyed\r\n";
        self.record("warcinfo", &fields, "application/warc-fields", about.as_bytes())
    }

    fn page(&mut self, page: &Page) -> io::Result<()> {
        self.exchange(page.url, 200, &pages::headers(page), &pages::body(page))?;
        let language = page.language;
        let about = format!("fetchTimeMs: 42\r\nlanguages: {language}\r\n");
        let fields = [("WARC-Target-URI", page.url.to_owned())];
        self.record("metadata", &fields, "application/warc-fields", about.as_bytes())
    }

    /// What archives hold besides pages: records that are no responses, responses that are no
    /// pages, and pages that were not there.
    fn others(&mut self) -> io::Result<()> {
        let feed = "{\"pictures\": [\"/2026/39-nagasaki-boats.jpg\"]}\n";
        let url = "https://harbour-photos.example/feed.json";
        self.exchange(url, 200, &[("Content-Type", "application/json")], feed.as_bytes())?;
        let missing = "<!DOCTYPE html>\n<title>Not found</title>\n<img src=\"/sad-gull.jpg\" alt=\"A sad seagull\">\n";
        let url = "https://harbour-photos.example/boats-of-1905";
        self.exchange(url, 404, &[("Content-Type", "text/html")], missing.as_bytes())?;
        let fields = [
            ("WARC-Target-URI", "https://harbour-photos.example/".to_owned()),
            ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest".to_owned()),
        ];
        self.record("revisit", &fields, "application/http; msgtype=response", b"HTTP/1.1 200 OK\r\n\r\n")
    }

    /// A request and its response.
    fn exchange(&mut self, url: &str, status: u16, headers: &[(&str, &str)], body: &[u8]) -> io::Result<()> {
        let (host, path) = host_and_path(url);
        let target = ("WARC-Target-URI", url.to_owned());
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: CCBot/2.0\r\n\r\n");
        self.record("request", std::slice::from_ref(&target), "application/http; msgtype=request", request.as_bytes())?;

        let mut response = format!("HTTP/1.1 {status} {}\r\n", super::reply::reason(status));
        for (name, value) in headers {
            let _ = write!(response, "{name}: {value}\r\n");
        }
        let _ = write!(response, "Content-Length: {}\r\n\r\n", body.len());
        let digest = ("WARC-Payload-Digest", format!("sha256:{}", hexadecimal(&Sha256::digest(body))));
        // An address of documentation (RFC 5737): there is no such server.
        let address = ("WARC-IP-Address", "192.0.2.7".to_owned());
        let block = [response.as_bytes(), body].concat();
        self.record("response", &[target, address, digest], "application/http; msgtype=response", &block)
    }

    /// One record: head, block, and the two empty lines behind it, packed together.
    fn record(&mut self, kind: &str, fields: &[(&str, String)], media_type: &str, block: &[u8]) -> io::Result<()> {
        let mut head = format!("WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Date: {}\r\n", date(self.records));
        let _ = write!(head, "WARC-Record-ID: <urn:uuid:{}>\r\n", identity(self.records, block));
        let _ = write!(head, "Content-Length: {}\r\nContent-Type: {media_type}\r\n", block.len());
        for (name, value) in fields {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        self.records += 1;
        let mut member = GzEncoder::new(&mut self.out, Compression::default());
        member.write_all(head.as_bytes())?;
        member.write_all(b"\r\n")?;
        member.write_all(block)?;
        member.write_all(b"\r\n\r\n")?;
        member.finish().map(|_| ())
    }
}

/// One second per record, from four o'clock in the morning on.
fn date(record: u32) -> String {
    format!("2026-11-01T{:02}:{:02}:{:02}Z", 4 + record / 3600, record / 60 % 60, record % 60)
}

/// An identity made of the record itself, in the form of a UUID of version 8 (RFC 9562).
fn identity(record: u32, block: &[u8]) -> String {
    let digest = Sha256::new().chain_update(record.to_be_bytes()).chain_update(block).finalize();
    let text = hexadecimal(&digest[..16]);
    format!("{}-{}-8{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..32])
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::sites::End;
    use consent::Policy;
    use schema::{Agent, DropReason, Mode};
    use std::collections::BTreeMap;

    fn written() -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.warc.gz");
        write(&path).unwrap();
        std::fs::read(path).unwrap()
    }

    #[test]
    fn it_is_the_same_every_time() {
        assert!(written() == written());
    }

    #[test]
    fn exactly_the_pairs_of_the_tables_are_found_in_it() {
        let policy = Policy::new(Mode::Strict, &Agent::default().name);
        let now = "2026-11-22T00:00:00Z".parse().unwrap();
        let keep = schema::Keep::default();
        let (format, check_digests) = (schema::Format::Auto, false);
        let rules = crawler::extract::Rules { policy: &policy, keep: &keep, now, format, check_digests };
        let mut found = crawler::extract::Extracted::default();
        let account = crawler::extract::read(&written()[..], "demo", rules, &mut found).unwrap();
        let mut expected: Vec<(String, String, String)> = sites::pages()
            .flat_map(|page| page.shows.iter().map(move |shown| (page.url, shown.image, shown.words())))
            .map(|(page, image, text)| (page.to_owned(), image.to_owned(), text.to_owned()))
            .collect();
        let mut seen: Vec<_> =
            found.candidates.iter().map(|row| (row.page_url.clone(), row.url.clone(), row.text.clone())).collect();
        expected.sort();
        seen.sort();
        assert_eq!(seen, expected);
        assert_eq!(found.sites.len(), 3);
        let records = account.counts.records.dropped();
        for reason in [DropReason::NotAResponse, DropReason::NotHtml, DropReason::NotOk] {
            assert!(records.contains_key(&reason), "{reason}");
        }
        assert!(!records.contains_key(&DropReason::DamagedRecord), "{:?}", account.counts.notes);
        for reason in [DropReason::NoText, DropReason::ShortText, DropReason::ForeignScheme, DropReason::RepeatedOnPage]
        {
            assert!(account.images.dropped().contains_key(&reason), "{reason}");
        }
        let languages: std::collections::BTreeSet<_> = found.candidates.iter().map(|row| &row.page_language).collect();
        assert!(languages.len() >= 6);
        assert!(found.candidates.iter().any(|row| row.license_url.is_some()));
    }

    #[test]
    fn the_ends_are_many_and_most_are_good() {
        let mut ends: BTreeMap<String, u32> = BTreeMap::new();
        for shown in sites::pages().flat_map(|page| page.shows) {
            let name = match shown.end {
                End::Dropped(reason) => reason.name().to_owned(),
                end => format!("{end:?}").to_lowercase(),
            };
            *ends.entry(name).or_default() += 1;
        }
        println!("{ends:#?}");
        let total: u32 = ends.values().sum();
        assert!((120..=240).contains(&total), "{total}");
        assert!(ends["kept"] >= 90);
    }
}
