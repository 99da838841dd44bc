//! One case from end to end: page judged, image gated, response reviewed.

use chrono::{DateTime, Utc};
use consent::{Answer, OptOutList, PageView, Policy, Purpose, Site, gate, judge_page, page_evidence, review_headers};
use markup::{Meta, MetaAttribute, Place};
use schema::{DropReason, Evidence, Mode, Source};
use url::Url;

pub(crate) const AGENT: &str = "pinakes";

/// What the web says in one case.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) page: &'static str,
    pub(crate) image: &'static str,
    pub(crate) page_headers: Vec<(String, String)>,
    pub(crate) metas: Vec<Meta>,
    pub(crate) page_robots: Answer,
    pub(crate) image_robots: Answer,
    pub(crate) status: u16,
    pub(crate) image_headers: Vec<(String, String)>,
    pub(crate) lists: OptOutList,
    pub(crate) sticky: Option<Evidence>,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            page: "https://www.page.example/p",
            image: "https://img.image.example/public/a.jpg",
            page_headers: Vec::new(),
            metas: Vec::new(),
            page_robots: Answer::Status(404),
            image_robots: Answer::Status(404),
            status: 200,
            image_headers: Vec::new(),
            lists: OptOutList::empty(),
            sticky: None,
        }
    }
}

impl Case {
    /// What becomes of the image in `mode`: `None` if nobody objects.
    pub(crate) fn end(&self, mode: Mode) -> Option<DropReason> {
        let policy = Policy { mode, agent: AGENT.into(), lists: self.lists.clone(), redistributes: false };
        let (page, image) = (url(self.page), url(self.image));
        let markup = markup::Page { metas: self.metas.clone(), ..markup::Page::default() };
        let view = PageView {
            url: &page,
            headers: &self.page_headers,
            markup: &markup,
            source: Source::Warc,
            seen_at: None,
            now: now(),
        };
        let evidence = page_evidence(&policy, &view);
        let page_site = Site::new(&page, &self.page_robots, Source::Live, None);
        if let Some(reason) = judge_page(&policy, &page, &image, &page_site, &evidence).refused {
            return Some(reason);
        }
        let image_site = Site::new(&image, &self.image_robots, Source::Live, None);
        let permit = match gate(&policy, &image, &image_site, Purpose::Image { sticky: self.sticky.as_ref() }) {
            Ok(permit) => permit,
            Err(refusal) => return Some(refusal.reason),
        };
        review_headers(&policy, &permit, self.status, &self.image_headers, now()).err().map(|refusal| refusal.reason)
    }

    /// Checks both columns.
    pub(crate) fn ends(&self, what: &str, strict: Option<DropReason>, spec: Option<DropReason>) {
        assert_eq!(self.end(Mode::Strict), strict, "strict: {what}");
        assert_eq!(self.end(Mode::Spec), spec, "spec: {what}");
    }
}

pub(crate) fn now() -> DateTime<Utc> {
    "2026-11-22T00:00:00Z".parse().expect("a date")
}

pub(crate) fn url(text: &str) -> Url {
    Url::parse(text).expect("a URL")
}

pub(crate) fn robots(text: &str) -> Answer {
    Answer::Found { status: 200, body: text.as_bytes().to_vec(), content_type: Some("text/plain".into()) }
}

pub(crate) fn headers(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

pub(crate) fn meta(name: &str, content: &str) -> Meta {
    Meta { attribute: MetaAttribute::Name, name: name.into(), content: content.into(), at: Place { line: 3, byte: 40 } }
}
