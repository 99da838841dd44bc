//! A list of URLs: its rows become candidates, by the rules that hold for the images of pages.
//!
//! Nothing of a page was read. Where a row names one, admit asks its host as it asks every page's; where none is
//! named, there is nobody to ask, and the row says so: no page, and no signal of a page among those looked for.

use super::{Account, MAX_NOTES, Rules, Sink, images, texts};
use crate::{
    Error,
    archives::Archive,
    lists::{self, Columns, Item, Row},
};
use consent::listed_words_evidence;
use schema::{CapturedImage, CapturedPage, DropReason, Host, ImageSource, SampleId};

/// Reads a list. Damage in it is counted; a failing disk, and columns that are not there, are errors.
pub(super) fn read(
    archive: &Archive,
    columns: &Columns,
    rules: Rules<'_>,
    sink: &mut impl Sink,
) -> Result<Account, Error> {
    let name = &archive.name;
    let mut reading =
        Reading { name, rules, sink, account: Account::default(), row: 0, pages: 0, has_texts: false, last: None };
    let bytes = lists::read(archive, columns, |item| reading.take(item))?;
    let Reading { mut account, has_texts, last, .. } = reading;
    account.counts.notes.extend(last);
    account.counts.bytes_in = bytes;
    let problem = match (account.counts.records.seen(), account.counts.records.kept()) {
        (0, _) => Some("holds no rows"),
        (_, 0) => Some("holds no row that can be read (of JSON: an array of objects, or an object a line)"),
        _ if !has_texts => Some("has no text beside any of its URLs, and without one there is no pair"),
        _ => None,
    };
    account.counts.notes.extend(problem.map(|problem| format!("{name}: {problem}")));
    Ok(account)
}

struct Reading<'a, S> {
    name: &'a str,
    rules: Rules<'a>,
    sink: &'a mut S,
    account: Account,
    /// Number of the row at hand.
    row: u64,
    /// Candidates so far: each has a page of its own.
    pages: i64,
    has_texts: bool,
    /// The last remark for which there was no room: where a list breaks off is always told.
    last: Option<String>,
}

impl<S: Sink> Reading<'_, S> {
    fn take(&mut self, item: Item<'_>) {
        match item {
            Item::Row(row) => {
                self.account.counts.records.keep();
                match self.candidate(&row) {
                    Ok((page, image)) => {
                        self.account.images.keep();
                        self.account.counts.pages_unknown += u64::from(page.url.is_empty());
                        self.pages += 1;
                        self.sink.page(page);
                        self.sink.image(image);
                    }
                    Err(reason) => self.account.images.drop(reason),
                }
                self.row += 1;
            }
            Item::Lost { rows, reason, problem } => {
                self.account.counts.records.drop_many(reason, rows);
                self.account.images.drop_many(reason, rows);
                let note = format!("{}: row {} (the first is 0) {problem}", self.name, self.row);
                if self.account.counts.notes.len() < MAX_NOTES {
                    self.account.counts.notes.push(note);
                } else {
                    self.last = Some(note);
                }
                self.row += rows;
            }
        }
    }

    fn candidate(&mut self, row: &Row<'_>) -> Result<(CapturedPage, CapturedImage), DropReason> {
        let keep = self.rules.keep;
        let text = row.text.unwrap_or_default();
        self.has_texts |= !text.is_empty();
        let address = row.url.map(str::trim).filter(|url| !url.is_empty()).ok_or(DropReason::NoUrl)?;
        let url = images::absolute(address, keep.max_url_bytes)?;
        let host = Host::of(&url).ok_or(DropReason::BadUrl)?;
        // A page that is named and cannot be asked is not one that is unknown.
        let (page_url, page_host) = match row.page.map(str::trim).filter(|page| !page.is_empty()) {
            None => (String::new(), String::new()),
            Some(page) => {
                let page = images::absolute(page, keep.max_url_bytes)?;
                let host = Host::of(&page).ok_or(DropReason::BadUrl)?;
                (page.into(), host.to_string())
            }
        };
        let chosen = texts::of_list(keep, text, &url)?;
        let place = format!("{}:row {}", self.name, self.row);
        let image = CapturedImage {
            page: self.pages,
            page_host: page_host.clone(),
            id: SampleId::of(url.as_str(), &chosen.text),
            url: url.into(),
            host: host.to_string(),
            source: ImageSource::List,
            other_urls: Vec::new(),
            text: chosen.text,
            text_source: chosen.source,
            text_flags: chosen.flags,
            language: chosen.language,
            alt: None,
            title: None,
            caption: None,
            license_url: None,
            evidence: listed_words_evidence(self.rules.policy, text, &place),
        };
        let page = CapturedPage {
            number: self.pages,
            url: page_url,
            host: page_host,
            archive: self.name.to_owned(),
            archive_offset: i64::try_from(self.row).unwrap_or(i64::MAX),
            captured_at: None,
            language: None,
            license_url: None,
            evidence: Vec::new(),
            checked: Vec::new(),
        };
        Ok((page, image))
    }
}
