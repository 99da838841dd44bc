//! Stage one: an archive, or a list of URLs, becomes candidates.
//!
//! Each page's headers and markup are read for what they say about the use of its images; what
//! is found travels with every candidate of the page. Nothing is decided here.

pub(crate) mod images;
mod json_ld;
mod list;
mod mentions;
mod meta_images;
mod page;
mod rows;
pub(crate) mod texts;
mod words;

#[cfg(test)]
mod measure;

use crate::{
    Error,
    archives::Archive,
    charset,
    http::{Problem, Response},
    lists::Columns,
    warc::{self, DigestCheck},
    wat,
};
use chrono::{DateTime, Utc};
use consent::{Policy, SiteFile};
pub(crate) use images::Found;
pub(crate) use mentions::Mentions;

use page::{Capture, LookedAt, Reader};
use rows::{Files, Gatherer};
use schema::{
    ArchivedSiteFile, Candidate, CapturedImage, CapturedPage, Config, Counts, DropReason, Format, Host, Keep, Tally,
    Work,
};
use shards::Store;
use std::{io::Read, sync::Arc};
use url::Url;

/// Longest site file kept from an archive, as for a live one.
const MAX_SITE_FILE_BYTES: usize = 1024 * 1024;

/// Remarks kept per archive; the tally counts them all.
const MAX_NOTES: usize = 20;

/// Where what is found goes.
pub trait Sink {
    /// Takes a page that has candidates; its images come next.
    fn page(&mut self, page: CapturedPage);
    /// Takes an image of the last page.
    fn image(&mut self, image: CapturedImage);
    /// Takes a capture of a file in which a site states its terms.
    fn site_file(&mut self, file: ArchivedSiteFile);
}

/// Everything taken out of one archive, in the order it stands there.
#[derive(Debug, Default)]
pub struct Extracted {
    /// Pages with candidates.
    pub pages: Vec<CapturedPage>,
    /// Image-text pairs.
    pub candidates: Vec<Candidate>,
    /// Captures of site files.
    pub sites: Vec<ArchivedSiteFile>,
}

impl Sink for Extracted {
    fn page(&mut self, page: CapturedPage) {
        self.pages.push(page);
    }

    fn image(&mut self, image: CapturedImage) {
        if let Some(page) = self.pages.last() {
            self.candidates.push(image.on(page));
        }
    }

    fn site_file(&mut self, file: ArchivedSiteFile) {
        self.sites.push(file);
    }
}

/// What an archive is read by.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Whose words count as signals.
    pub policy: &'a Policy,
    /// Which texts make a pair.
    pub keep: &'a Keep,
    /// The time by which signals that expire are read.
    pub now: DateTime<Utc>,
    /// What kinds of records are read: pages, what a WAT tells of pages, or both.
    pub format: Format,
    /// Whether digests are checked.
    pub check_digests: bool,
}

/// What reading an archive came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Images seen, kept as candidates, dropped.
    pub images: Tally,
    /// Records seen, read, passed over.
    pub counts: Counts,
}

/// Runs the task of one archive: reads it and writes its three files.
pub async fn run(
    store: &Store,
    config: &Config,
    policy: Arc<Policy>,
    archive: Archive,
    now: DateTime<Utc>,
) -> Result<Work, Error> {
    let keep = config.keep.clone();
    let check_digests = config.input.check_digests;
    let columns = Columns::of(&config.input);
    let mut files = Files::create(store, &archive.key, config.output.buckets)?;
    let (loads, mut waiting) = tokio::sync::mpsc::channel(1);
    let reading = tokio::task::spawn_blocking(move || {
        let mut gatherer = Gatherer::new(loads);
        let rules = Rules { policy: &policy, keep: &keep, now, format: archive.format, check_digests };
        let account = match archive.format {
            Format::Urls => list::read(&archive, &columns, rules, &mut gatherer)?,
            _ => read(archive.open()?, &archive.name, rules, &mut gatherer)?,
        };
        gatherer.finish();
        Ok::<_, Error>(account)
    });
    while let Some(load) = waiting.recv().await {
        files.write(load).await?;
    }
    let account = reading.await??;
    Ok(Work { rows: account.images, counts: account.counts, outputs: files.close().await? })
}

/// Reads an archive. Damage in it is counted, and only a failing disk is an error.
pub fn read(archive: impl Read, name: &str, rules: Rules<'_>, sink: &mut impl Sink) -> Result<Account, Error> {
    let failed = |source| Error::reading(name, source);
    let mut reader = warc::Reader::new(archive, warc::Limits::default()).map_err(failed)?;
    let mut reading = Reading { name, rules, pages: Reader::new(rules), sink, account: Account::default() };
    while let Some(item) = reader.next_item().map_err(failed)? {
        match item {
            warc::Item::Record(record) => match reading.record(&record) {
                Ok(()) => reading.account.counts.records.keep(),
                Err(reason) => {
                    if matches!(reason, DropReason::DamagedRecord | DropReason::OversizedRecord) {
                        reading.note(format!(
                            "{name}: the record at {} is dropped: {}",
                            record.offset,
                            reason.explanation()
                        ));
                    }
                    reading.account.counts.records.drop(reason);
                }
            },
            warc::Item::Oversized { offset, length } => {
                reading.account.counts.records.drop(DropReason::OversizedRecord);
                reading.note(format!("{name}: record of {length} bytes at {offset} passed over"));
            }
            warc::Item::Damaged(damage) => {
                reading.account.counts.records.drop(DropReason::DamagedRecord);
                reading.note(format!("{name}: damaged at byte {}: {}", damage.offset, damage.problem));
            }
        }
    }
    if reading.account.counts.records.seen() == 0 {
        reading.note(format!("{name}: holds no records"));
    }
    reading.account.counts.bytes_in = reader.position();
    Ok(reading.account)
}

struct Reading<'a, S> {
    name: &'a str,
    rules: Rules<'a>,
    pages: Reader<'a>,
    sink: &'a mut S,
    account: Account,
}

impl<S: Sink> Reading<'_, S> {
    fn note(&mut self, note: String) {
        if self.account.counts.notes.len() < MAX_NOTES {
            self.account.counts.notes.push(note);
        }
    }

    fn record(&mut self, record: &warc::Record<'_>) -> Result<(), DropReason> {
        if self.rules.check_digests && record.check_digest() == DigestCheck::Wrong {
            self.note(format!("{}: the record at {} is not what its digest says", self.name, record.offset));
            return Err(DropReason::WrongDigest);
        }
        if self.rules.format != Format::Warc && record.is("metadata") && is_json(record) {
            return self.wat(record);
        }
        if self.rules.format == Format::Wat || !record.is("response") {
            return Err(DropReason::NotAResponse);
        }
        let url = record.target().and_then(|target| Url::parse(&target).ok()).ok_or(DropReason::NotAResponse)?;
        let host = Host::of(&url).ok_or(DropReason::NotAResponse)?;
        let response = Response::parse(record.block).map_err(|problem| match problem {
            Problem::TooLarge => DropReason::OversizedRecord,
            _ => DropReason::DamagedRecord,
        })?;
        if SiteFile::at(url.path()).is_some() {
            self.site_file(record, &host, &url, response);
            return Ok(());
        }
        if response.status != 200 {
            return Err(DropReason::NotOk);
        }
        if !is_html(&response) {
            return Err(DropReason::NotHtml);
        }
        let text = charset::decode(&response.body, response.header("Content-Type"), Some(host.as_str()));
        let markup = markup::Page::parse(&text);
        let capture = Capture {
            url: &url,
            host: &host,
            headers: &response.headers,
            markup: &markup,
            looked_at: LookedAt::Whole,
            captured_at: record.date(),
            archive: self.name,
            offset: record.offset,
        };
        self.pages.read(&capture, &mut self.account.images, self.sink);
        Ok(())
    }

    /// A page as a WAT archive tells of it.
    fn wat(&mut self, record: &warc::Record<'_>) -> Result<(), DropReason> {
        let found = match wat::read(record.block).map_err(|problem| match problem {
            wat::Problem::TooLong { .. } => DropReason::OversizedRecord,
            _ => DropReason::DamagedRecord,
        })? {
            wat::Outcome::Page(found) => found,
            wat::Outcome::Passed(wat::Passed::NotAResponse) => return Err(DropReason::NotAResponse),
            wat::Outcome::Passed(wat::Passed::NotOk(_)) => return Err(DropReason::NotOk),
            wat::Outcome::Passed(wat::Passed::NotHtml) => return Err(DropReason::NotHtml),
        };
        let url = Url::parse(&found.url).map_err(|_| DropReason::NotAResponse)?;
        let host = Host::of(&url).ok_or(DropReason::NotAResponse)?;
        // The page lies in the WARC that the WAT was made from; without its name, all there is is the WAT.
        let (archive, offset) = match (&found.archive, found.offset) {
            (Some(archive), Some(offset)) => (archive.as_str(), offset),
            _ => (self.name, record.offset),
        };
        let capture = Capture {
            url: &url,
            host: &host,
            headers: &found.headers,
            markup: &found.markup,
            looked_at: LookedAt::Metadata,
            captured_at: found.captured_at,
            archive,
            offset,
        };
        self.pages.read(&capture, &mut self.account.images, self.sink);
        Ok(())
    }

    fn site_file(&mut self, record: &warc::Record<'_>, host: &Host, url: &Url, response: Response<'_>) {
        let mut body = response.body.into_owned();
        body.truncate(MAX_SITE_FILE_BYTES);
        self.sink.site_file(ArchivedSiteFile {
            host: host.to_string(),
            url: url.to_string(),
            status: response.status,
            captured_at: record.date(),
            body,
        });
    }
}

fn is_json(record: &warc::Record<'_>) -> bool {
    record.field("Content-Type").is_some_and(|kind| kind.trim_ascii_start().starts_with("application/json"))
}

/// By the header, and where it says nothing, by the look of the body.
fn is_html(response: &Response<'_>) -> bool {
    match response.media_type().as_str() {
        "text/html" | "application/xhtml+xml" => true,
        "" => {
            let start = response.body.trim_ascii_start();
            let start = start[..start.len().min(14)].to_ascii_lowercase();
            start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
        }
        _ => false,
    }
}
