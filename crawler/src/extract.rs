//! Stage one: an archive becomes candidates.
//!
//! Each page's headers and markup are read for what they say about the use of its images; what
//! is found travels with every candidate of the page. Nothing is decided here.

use crate::{Error, archives::Archive, charset, http::Response, warc};
use chrono::{DateTime, Utc};
use consent::{PageRights, PageView, Policy, SiteFile, element_evidence, is_rsl, page_evidence, signals_checked};
use markup::AddressSource;
use schema::{
    ArchivedSiteFile, Bucket, Candidate, Config, Counts, DropReason, Evidence, Host, ImageSource, SampleId, Source,
    Tally, TextSource, Work,
};
use shards::{ShardWriter, Store};
use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader},
    sync::Arc,
};
use url::Url;

/// Longest image address taken, in bytes.
const MAX_URL_BYTES: usize = 4096;

/// Longest site file kept from an archive, as for a live one.
const MAX_SITE_FILE_BYTES: usize = 1024 * 1024;

/// Everything taken out of one archive.
#[derive(Debug, Default)]
pub struct Extracted {
    /// Image-text pairs in the order they stand in the archive.
    pub candidates: Vec<Candidate>,
    /// Captures of the files in which sites state their terms.
    pub sites: Vec<ArchivedSiteFile>,
    /// `img` elements seen, kept as candidates, dropped.
    pub images: Tally,
    /// Records seen, read, passed over.
    pub counts: Counts,
}

/// Runs the task of one archive: reads it and writes its two files.
pub async fn run(
    store: &Store,
    config: &Config,
    policy: Arc<Policy>,
    archive: Archive,
    now: DateTime<Utc>,
) -> Result<Work, Error> {
    let min_text_chars = config.keep.min_text_chars;
    let buckets = config.output.buckets;
    let key = archive.key.clone();
    let extracted = tokio::task::spawn_blocking(move || {
        let unreadable = |source| Error::Read { name: archive.name.clone(), source };
        let file = File::open(&archive.path).map_err(unreadable)?;
        read(BufReader::with_capacity(256 * 1024, file), &archive.name, &policy, min_text_chars, now)
    })
    .await??;

    let candidates = format!("extract/{key}.candidates.parquet");
    let sites = format!("extract/{key}.sites.parquet");
    ShardWriter::write_all(store, &sites, extracted.sites, |row| Bucket::of(&row.host, buckets)).await?;
    ShardWriter::write_all(store, &candidates, extracted.candidates, |row| Bucket::of(&row.page_host, buckets)).await?;
    Ok(Work { rows: extracted.images, counts: extracted.counts, outputs: vec![candidates, sites] })
}

/// Reads an archive. Damage in it is counted, and only a failing disk is an error.
pub fn read(
    archive: impl BufRead,
    name: &str,
    policy: &Policy,
    min_text_chars: usize,
    now: DateTime<Utc>,
) -> Result<Extracted, Error> {
    let failed = |source| Error::Read { name: name.to_owned(), source };
    let mut reader = warc::Reader::new(archive, warc::Limits::default()).map_err(failed)?;
    let mut reading = Reading { name, policy, min_text_chars, now, out: Extracted::default() };
    while let Some(item) = reader.next_item().map_err(failed)? {
        match item {
            warc::Item::Record(record) => match reading.record(&record) {
                Ok(()) => reading.out.counts.records.keep(),
                Err(reason) => reading.out.counts.records.drop(reason),
            },
            warc::Item::Oversized { offset, length } => {
                reading.out.counts.records.drop(DropReason::OversizedRecord);
                reading.note(format!("{name}: record of {length} bytes at {offset} passed over"));
            }
            warc::Item::Damaged(damage) => {
                reading.out.counts.records.drop(DropReason::DamagedRecord);
                reading.note(format!("{name}: damaged at byte {}: {}", damage.offset, damage.problem));
            }
        }
    }
    if reading.out.counts.records.seen() == 0 {
        reading.note(format!("{name}: holds no records"));
    }
    reading.out.counts.bytes_in = reader.position();
    Ok(reading.out)
}

/// Remarks kept per archive; the tally counts them all.
const MAX_NOTES: usize = 20;

struct Reading<'a> {
    name: &'a str,
    policy: &'a Policy,
    min_text_chars: usize,
    now: DateTime<Utc>,
    out: Extracted,
}

impl Reading<'_> {
    fn note(&mut self, note: String) {
        if self.out.counts.notes.len() < MAX_NOTES {
            self.out.counts.notes.push(note);
        }
    }

    fn record(&mut self, record: &warc::Record) -> Result<(), DropReason> {
        if !record.is("response") {
            return Err(DropReason::NotAResponse);
        }
        let url = record.target().and_then(|target| Url::parse(target).ok()).ok_or(DropReason::NotAResponse)?;
        let host = Host::of(&url).ok_or(DropReason::NotAResponse)?;
        let response = Response::parse(&record.block).ok_or(DropReason::DamagedRecord)?;
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
        self.page(record, &host, &url, &response);
        Ok(())
    }

    fn site_file(&mut self, record: &warc::Record, host: &Host, url: &Url, response: Response) {
        let mut body = response.body;
        body.truncate(MAX_SITE_FILE_BYTES);
        self.out.sites.push(ArchivedSiteFile {
            host: host.to_string(),
            url: url.to_string(),
            status: response.status,
            captured_at: record.date(),
            body,
        });
    }

    fn page(&mut self, record: &warc::Record, host: &Host, url: &Url, response: &Response) {
        let text = charset::decode(&response.body, response.header("Content-Type"));
        let page = markup::Page::parse(&text);
        let view = PageView {
            url,
            headers: &response.headers,
            markup: &page,
            source: Source::Warc,
            seen_at: record.date(),
            now: self.now,
        };
        let evidence = page_evidence(self.policy, &view);
        let base = view.base();
        let license = page.licenses.iter().find(|link| !is_rsl(link.media_type.as_deref()));
        let license_url = license.and_then(|link| base.join(&link.href).ok()).map(String::from);
        let context = PageContext { record, host, view, base, rights: view.rights(), license_url, evidence };
        let mut on_page = HashSet::new();
        for image in &page.images {
            match self.candidate(&context, image) {
                Ok(candidate) if !on_page.insert(candidate.id) => self.out.images.drop(DropReason::RepeatedOnPage),
                Ok(candidate) => {
                    self.out.images.keep();
                    self.out.candidates.push(candidate);
                }
                Err(reason) => self.out.images.drop(reason),
            }
        }
    }

    fn candidate(&self, page: &PageContext<'_>, image: &markup::Image) -> Result<Candidate, DropReason> {
        let (address, source) = image.address.as_ref().ok_or(DropReason::NoUrl)?;
        let url = resolve(&page.base, address)?;
        let image_host = Host::of(&url).ok_or(DropReason::BadUrl)?;
        let texts =
            [(&image.alt, TextSource::Alt), (&image.caption, TextSource::Caption), (&image.title, TextSource::Title)];
        let found = texts.into_iter().find_map(|(text, source)| text.clone().map(|text| (text, source)));
        let (text, text_source) = found.ok_or(DropReason::NoText)?;
        if text.chars().count() < self.min_text_chars {
            return Err(DropReason::ShortText);
        }
        let mut evidence = page.evidence.clone();
        evidence.extend(element_evidence(self.policy, &page.view, &page.rights, image));
        let checked = [signals_checked::PAGE_HEADER, signals_checked::PAGE_META];
        Ok(Candidate {
            id: SampleId::of(url.as_str(), &text),
            url: url.into(),
            text,
            text_source,
            alt: image.alt.clone(),
            title: image.title.clone(),
            caption: image.caption.clone(),
            image_source: image_source(*source),
            page_url: page.view.url.to_string(),
            page_host: page.host.to_string(),
            image_host: image_host.to_string(),
            archive: self.name.to_owned(),
            archive_offset: i64::try_from(page.record.offset).unwrap_or(i64::MAX),
            captured_at: page.record.date(),
            page_language: page.view.markup.language.clone(),
            license_url: page.license_url.clone(),
            evidence,
            checked: checked.map(str::to_owned).into(),
        })
    }
}

fn image_source(source: AddressSource) -> ImageSource {
    match source {
        AddressSource::Src => ImageSource::Src,
        AddressSource::Srcset => ImageSource::Srcset,
        AddressSource::Picture => ImageSource::Picture,
        AddressSource::Lazy => ImageSource::Lazy,
    }
}

/// What all candidates of a page share.
struct PageContext<'a> {
    record: &'a warc::Record,
    host: &'a Host,
    view: PageView<'a>,
    base: Url,
    rights: PageRights,
    license_url: Option<String>,
    evidence: Vec<Evidence>,
}

/// An image address as an absolute URL without fragment.
fn resolve(base: &Url, address: &str) -> Result<Url, DropReason> {
    let mut url = base.join(address).map_err(|_| DropReason::BadUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(DropReason::ForeignScheme);
    }
    if url.as_str().len() > MAX_URL_BYTES {
        return Err(DropReason::BadUrl);
    }
    url.set_fragment(None);
    Ok(url)
}

/// By the header, and where it says nothing, by the look of the body.
fn is_html(response: &Response) -> bool {
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
