//! Makes WARC archives: gzip per record or plain.

use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// Records in the making.
#[derive(Clone, Debug)]
pub(crate) struct Forge {
    records: Vec<Vec<u8>>,
}

impl Forge {
    /// Begins as archives do, with a `warcinfo`.
    pub(crate) fn new() -> Self {
        let mut forge = Self { records: Vec::new() };
        forge.record("warcinfo", "", "application/warc-fields", b"software: forge\r\n");
        forge
    }

    /// A capture as crawlers write it: the request, and the response.
    pub(crate) fn capture(&mut self, url: &str, status: u16, headers: &[(&str, &str)], body: &[u8]) {
        self.record("request", url, "application/http; msgtype=request", b"GET / HTTP/1.1\r\n\r\n");
        let mut block = format!("HTTP/1.1 {status} \r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            block += &format!("{name}: {value}\r\n");
        }
        let block = [format!("{block}\r\n").as_bytes(), body].concat();
        self.record("response", url, "application/http; msgtype=response", &block);
    }

    fn record(&mut self, kind: &str, url: &str, media_type: &str, block: &[u8]) {
        let number = self.records.len();
        let target = if url.is_empty() { String::new() } else { format!("WARC-Target-URI: {url}\r\n") };
        let head = format!(
            "WARC/1.0\r\nWARC-Type: {kind}\r\n{target}WARC-Date: 2024-01-02T03:04:05Z\r\n\
             WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n\
             Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
            block.len()
        );
        self.records.push([head.as_bytes(), block, b"\r\n\r\n"].concat());
    }

    /// The archive, not compressed.
    pub(crate) fn plain(&self) -> Vec<u8> {
        self.records.concat()
    }

    /// The archive with a gzip member a record.
    pub(crate) fn gzip(&self) -> Vec<u8> {
        self.members().concat()
    }

    /// The gzip members one by one.
    pub(crate) fn members(&self) -> Vec<Vec<u8>> {
        let compress = |record: &Vec<u8>| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(record).unwrap();
            encoder.finish().unwrap()
        };
        self.records.iter().map(compress).collect()
    }
}
