//! A capture while it is being read: its parts may stand in any order, and whether it is a page at
//! all is known only at the end.

use super::{Capture, Outcome, Passed, Problem, json::Cursor, links};
use chrono::{DateTime, Utc};
use markup::Page;
use std::borrow::Cow;

/// So many parts are told apart.
const PARTS: usize = 12;

/// For so many headers room is made at once.
const COMMON_HEADERS: usize = 16;

/// What has been read so far.
#[derive(Default)]
pub(super) struct Draft<'a> {
    archive: Option<Cow<'a, str>>,
    offset: Option<Cow<'a, str>>,
    kind: Option<Cow<'a, str>>,
    url: Option<Cow<'a, str>>,
    date: Option<Cow<'a, str>>,
    status: Option<Cow<'a, str>>,
    headers: Vec<(String, String)>,
    has_markup: bool,
    page: Page,
    /// Parts met. Of a part that stands there twice, a reader could take either.
    seen: Vec<&'static str>,
}

impl<'a> Draft<'a> {
    pub(super) fn read(block: &'a [u8]) -> Result<Self, Problem> {
        let mut draft = Self { seen: Vec::with_capacity(PARTS), ..Self::default() };
        let mut cursor = Cursor::new(block);
        let is_object = cursor.object(|cursor, key| match key {
            b"Container" => draft.container(cursor),
            b"Envelope" => draft.envelope(cursor),
            _ => cursor.skip(),
        })?;
        cursor.end()?;
        if is_object { Ok(draft) } else { Err(Problem::NotJson { at: 0 }) }
    }

    /// The page, or why it is none.
    pub(super) fn outcome(self) -> Outcome {
        let (Some("response"), Some(url)) = (self.kind.as_deref(), self.url.as_deref()) else {
            return Outcome::Passed(Passed::NotAResponse);
        };
        // Some writers put the address between angle brackets.
        let url = url.trim();
        let url = url.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(url).to_owned();
        let Some(status) = self.status.as_deref().and_then(|status| status.parse().ok()) else {
            return Outcome::Passed(Passed::NotAResponse);
        };
        if status != 200 {
            return Outcome::Passed(Passed::NotOk(status));
        }
        if !self.has_markup || !self.is_html() {
            return Outcome::Passed(Passed::NotHtml);
        }
        Outcome::Page(Box::new(Capture {
            url,
            captured_at: self.date.as_deref().and_then(moment),
            status,
            archive: self.archive.map(Cow::into_owned),
            offset: self.offset.and_then(|offset| offset.parse().ok()),
            headers: self.headers,
            markup: self.page,
        }))
    }

    /// By the header; where it says nothing, the writer has looked at the body.
    fn is_html(&self) -> bool {
        let header = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("Content-Type"));
        let media_type = header.and_then(|(_, value)| value.split(';').next()).unwrap_or_default().trim();
        ["", "text/html", "application/xhtml+xml"].iter().any(|html| media_type.eq_ignore_ascii_case(html))
    }

    fn container(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Problem> {
        self.once("Container")?;
        cursor.object(|cursor, key| match key {
            b"Filename" => text(cursor, &mut self.archive),
            b"Offset" => text(cursor, &mut self.offset),
            _ => cursor.skip(),
        })?;
        Ok(())
    }

    fn envelope(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Problem> {
        self.once("Envelope")?;
        cursor.object(|cursor, key| match key {
            b"WARC-Header-Metadata" => self.record(cursor),
            b"Payload-Metadata" => self.payload(cursor),
            _ => cursor.skip(),
        })?;
        Ok(())
    }

    fn record(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Problem> {
        self.once("WARC-Header-Metadata")?;
        cursor.object(|cursor, key| match key {
            b"WARC-Type" => text(cursor, &mut self.kind),
            b"WARC-Target-URI" => text(cursor, &mut self.url),
            b"WARC-Date" => text(cursor, &mut self.date),
            _ => cursor.skip(),
        })?;
        Ok(())
    }

    fn payload(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Problem> {
        self.once("Payload-Metadata")?;
        cursor.object(|cursor, key| match key {
            b"HTTP-Response-Metadata" => self.response(cursor),
            _ => cursor.skip(),
        })?;
        Ok(())
    }

    fn response(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Problem> {
        self.once("HTTP-Response-Metadata")?;
        cursor.object(|cursor, key| match key {
            b"Response-Message" => self.message(cursor),
            b"Headers" => self.headers(cursor),
            b"HTML-Metadata" => self.markup(cursor),
            _ => cursor.skip(),
        })?;
        Ok(())
    }

    fn message(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Problem> {
        self.once("Response-Message")?;
        cursor.object(|cursor, key| match key {
            b"Status" => text(cursor, &mut self.status),
            _ => cursor.skip(),
        })?;
        Ok(())
    }

    /// One value, or an array of those of several headers with one name.
    fn headers(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Problem> {
        self.once("Headers")?;
        self.headers.reserve(COMMON_HEADERS);
        cursor.entries(|cursor, key| {
            let name = cursor.read_key(key)?;
            cursor.each(|cursor, value| {
                self.headers.push((name.trim().to_owned(), cursor.read(value)?.trim().to_owned()));
                Ok(())
            })
        })?;
        Ok(())
    }

    fn markup(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Problem> {
        self.once("HTML-Metadata")?;
        // The links of the head come before those of the body, wherever they are told of.
        let mut body = Page::default();
        self.has_markup = cursor.object(|cursor, key| match key {
            b"Head" => self.head(cursor),
            b"Links" => {
                self.once("Links")?;
                links::body(cursor, &mut body)
            }
            _ => cursor.skip(),
        })?;
        self.page.images = body.images;
        self.page.licenses.append(&mut body.licenses);
        Ok(())
    }

    fn head(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Problem> {
        self.once("Head")?;
        cursor.object(|cursor, key| match key {
            b"Base" => {
                self.page.base = cursor.first()?.map(|base| links::collapsed(cursor, base)).transpose()?.flatten();
                Ok(())
            }
            b"Metas" => {
                self.once("Metas")?;
                links::metas(cursor, &mut self.page)
            }
            b"Link" => {
                self.once("Link")?;
                links::head(cursor, &mut self.page)
            }
            _ => cursor.skip(),
        })?;
        Ok(())
    }

    fn once(&mut self, part: &'static str) -> Result<(), Problem> {
        if self.seen.contains(&part) {
            return Err(Problem::Twice(part));
        }
        self.seen.push(part);
        Ok(())
    }
}

/// Of a value that may be repeated, the first.
fn text<'a>(cursor: &mut Cursor<'a>, into: &mut Option<Cow<'a, str>>) -> Result<(), Problem> {
    *into = cursor.first()?.map(|value| cursor.read(value)).transpose()?;
    Ok(())
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|date| date.with_timezone(&Utc))
}
