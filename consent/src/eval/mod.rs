//! One case in, one answer out: what this crate would do with an image, from what was received.
//!
//! The form that `pinakes consent eval` reads and writes, one JSON object a line, and in which the
//! conformance suite is written. The verdict comes out of the same functions that a crawler calls
//! one after the other: the page judged, the image's site asked, its response reviewed, its bytes
//! read.

mod case;
mod heard;
mod origins;

pub use case::{Case, EvalError, ImageCase, PageCase, Received};
pub use heard::{Outcome, PageText, Verdict};

use crate::{
    OptOutList, PageView, Policy, Site,
    decision::decide,
    element_evidence, file_evidence, gate, judge_page, page_evidence, read_linked_terms, review, settle_tdm,
    signals_checked::{self, Side},
};
use chrono::{DateTime, Utc};
use heard::Heard;
use origins::Origins;
use schema::{Evidence, Source};
use url::Url;

/// Reads a line, evaluates it, and writes the answer as a line.
pub fn line(text: &str) -> Result<String, EvalError> {
    let case = Case::parse(text)?;
    let outcome = evaluate(&case)?;
    serde_json::to_string(&outcome).map_err(|problem| EvalError::new(&case.id, "answer", &problem.to_string()))
}

/// What we would do with the image of a case, or with what stands on its page if it names no image.
pub fn evaluate(case: &Case) -> Result<Outcome, EvalError> {
    let lists = OptOutList::parse("lists", &case.lists.join("\n"));
    let policy = Policy {
        mode: case.mode,
        agent: case.agent.clone(),
        lists: lists.map_err(|problem| EvalError::new(&case.id, "lists", &problem.to_string()))?,
        redistributes: case.redistributes,
    };
    let evaluation = Evaluation { case, policy, origins: Origins::of(case)?, now: case.now() };
    let image = case.image_url()?;
    let mut heard = Heard::default();
    if let (Some(page), Some(url)) = (&case.page, case.page_url()?) {
        evaluation.page(&mut heard, page, &url, image.as_ref());
    }
    if let (Some(part), Some(url)) = (&case.image, &image) {
        evaluation.image(&mut heard, part, url);
    }
    Ok(heard.outcome(case))
}

struct Evaluation<'a> {
    case: &'a Case,
    policy: Policy,
    origins: Origins,
    now: DateTime<Utc>,
}

impl Evaluation<'_> {
    /// The page's side: its response, its markup, the words around the image, its site's files.
    fn page(&self, heard: &mut Heard, page: &PageCase, url: &Url, image: Option<&Url>) {
        let markup = page.markup();
        let view = PageView {
            url,
            headers: &page.headers,
            markup: &markup,
            source: Source::Live,
            seen_at: None,
            now: self.now,
        };
        let mut evidence = page_evidence(&self.policy, &view);
        let rights = view.rights();
        for shown in self.shown(&view, image) {
            evidence.extend(element_evidence(&self.policy, &view, &rights, &shown));
        }
        read_linked_terms(&mut evidence, self.origins.documents(), url);
        let site = self.site(heard, url, Side::Page);
        // Without an image, what is said of the page itself counts.
        let judged = judge_page(&self.policy, url, image.unwrap_or(url), &site, &evidence);
        evidence.extend(judged.evidence);
        settle_tdm(&self.policy, &mut evidence);
        heard.checked(&[signals_checked::PAGE_HEADER, signals_checked::PAGE_META, signals_checked::LISTS]);
        heard.add(&self.policy, evidence, judged.decision);
        heard.withhold(judged.withholds_text);
    }

    /// The elements that show the image, and one made of the case's own words.
    fn shown(&self, page: &PageView<'_>, image: Option<&Url>) -> Vec<markup::Image> {
        let base = page.base();
        let is_it = |shown: &&markup::Image| {
            let chosen = shown.address.iter().map(|(address, _)| address);
            let mut addresses = chosen.chain(&shown.others).filter_map(|address| base.join(address).ok());
            image.is_none_or(|image| addresses.any(|address| address == *image))
        };
        let mut shown: Vec<markup::Image> = page.markup.images.iter().filter(is_it).cloned().collect();
        shown.extend(self.case.image.as_ref().and_then(ImageCase::element));
        shown
    }

    /// The image's side: the lists and its site's files, its response, its bytes.
    fn image(&self, heard: &mut Heard, image: &ImageCase, url: &Url) {
        let site = self.site(heard, url, Side::Image);
        let mut evidence = gate::asked(&self.policy, url, &site);
        heard.checked(&[signals_checked::LISTS]);
        if let (None, Some(element)) = (&self.case.page, image.element()) {
            evidence.extend(self.words_alone(url, &element));
        }
        if image.has_response() {
            let status = image.status.unwrap_or(200);
            evidence.extend(review::answered(&self.policy, url, status, &image.headers, self.now));
            read_linked_terms(&mut evidence, self.origins.documents(), url);
            heard.checked(&[signals_checked::IMAGE_HEADER]);
        }
        if let Some(bytes) = image.body.bytes() {
            evidence.extend(file_evidence(&self.policy, url, bytes, Source::Live, None).evidence);
            evidence.extend(site.media_evidence(&self.policy, url, image.media_type()));
            let listed = self.policy.lists.find_sha256(&schema::sha256_hex(bytes));
            evidence.extend(listed.map(|hit| hit.evidence(schema::Scope::ImageBytes)));
            heard.checked(&[signals_checked::IMAGE_FILE]);
        }
        settle_tdm(&self.policy, &mut evidence);
        let decision = decide(&evidence);
        heard.add(&self.policy, evidence, decision);
    }

    /// An image without its page still has words.
    fn words_alone(&self, url: &Url, element: &markup::Image) -> Vec<Evidence> {
        let markup = markup::Page::default();
        let view = PageView { url, headers: &[], markup: &markup, source: Source::Live, seen_at: None, now: self.now };
        element_evidence(&self.policy, &view, &view.rights(), element)
    }

    /// The files of the origin of `url`. What the case does not name was not asked for, which
    /// denies nothing here.
    fn site(&self, heard: &mut Heard, url: &Url, of: Side) -> Site {
        let site = Site::new(url, self.origins.site(url), Source::Live, None);
        heard.checked(&site.checked(of));
        site
    }
}
