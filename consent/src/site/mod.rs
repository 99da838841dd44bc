//! What a site states in its own files, read once and asked for every URL of its origin.

mod answer;
mod licenses;
mod robots_file;

pub use answer::{Answer, SiteAnswers, SiteFile};
pub use licenses::{MAX_LICENSES, license_urls};

use crate::{
    Policy, ai_txt::AiTxt, findings::Sight, policy::Reading, signals_checked, statement::Statement, tdm_file::TdmFile,
    trust_txt,
};
use chrono::{DateTime, Utc};
use licenses::Licenses;
use robots_file::RobotsFile;
use schema::{Evidence, Scope, Source, Verdict};
use std::time::Duration;
use url::{Origin, Url};

/// The files of one origin, ready to be asked.
#[derive(Debug)]
pub struct Site {
    base: Url,
    robots: RobotsFile,
    tdm: Option<TdmFile>,
    /// With the address each was found at.
    ai_txt: Vec<(Url, AiTxt)>,
    trust_txt: Vec<(Url, TrustTxt)>,
    licenses: Licenses,
    checked: Vec<SiteFile>,
    sight: Sight,
}

impl Site {
    /// Reads what came back for the files of the origin of `url`.
    ///
    /// An optional file that could not be had (401, 403, 5xx, no answer) says nothing, and was not
    /// checked; without an answer for robots.txt every URL is refused.
    pub fn new(url: &Url, answers: impl Into<SiteAnswers>, source: Source, seen_at: Option<DateTime<Utc>>) -> Self {
        let answers = answers.into();
        let base = answer::root(url);
        let sight = Sight { scope: Scope::Origin, source, seen_at };
        let robots = RobotsFile::read(SiteFile::Robots.url(&base), &answers.robots, sight);
        let mut site = Self {
            robots,
            tdm: None,
            ai_txt: Vec::new(),
            trust_txt: Vec::new(),
            licenses: Licenses::read(&answers.documents),
            checked: Vec::new(),
            sight,
            base,
        };
        for (file, answer) in &answers.files {
            site.read(*file, answer);
        }
        site
    }

    fn read(&mut self, file: SiteFile, answer: &Answer) {
        if answer.is_known() {
            self.checked.push(file);
        }
        let Answer::Found { status: 200..=299, body, content_type } = answer else { return };
        let url = file.url(&self.base);
        match file {
            SiteFile::Robots => {}
            SiteFile::TdmRep => self.tdm = Some(TdmFile::read(body)),
            SiteFile::AiTxt | SiteFile::AiTxtWellKnown => {
                self.ai_txt.push((url, AiTxt::read(body, content_type.as_deref())));
            }
            SiteFile::TrustTxt | SiteFile::TrustTxtWellKnown => self.trust_txt.push((url, TrustTxt::read(body))),
        }
    }

    /// Whether its robots.txt was asked for.
    pub fn was_asked(&self) -> bool {
        self.robots.was_asked()
    }

    /// Whether robots.txt shuts us out of everything, so that nothing else need be asked.
    pub fn is_closed(&self, policy: &Policy) -> bool {
        let shut = |one: &Evidence| matches!(one.signal.as_str(), "robots.unreachable" | "robots.status");
        self.robots.closes_all(policy)
            || self.robots.evidence(policy, &self.base).iter().any(|one| one.denies() && shut(one))
    }

    /// Scheme, host and port this site speaks for.
    pub fn origin(&self) -> Origin {
        self.base.origin()
    }

    /// The wait between two requests that robots.txt asks for: the largest said to us or to all.
    pub fn crawl_delay(&self, policy: &Policy) -> Option<Duration> {
        self.robots.crawl_delay(policy)
    }

    /// Which of the site's files were read, or are known not to be there: names of
    /// [`signals_checked`] for a page's site or an image's.
    pub fn checked(&self, side: signals_checked::Side) -> Vec<&'static str> {
        let robots = self.was_asked().then_some(SiteFile::Robots);
        robots.iter().chain(&self.checked).map(|file| side.site_file(*file)).collect()
    }

    /// What the files say of a page.
    pub fn page_evidence(&self, policy: &Policy, page: &Url) -> Vec<Evidence> {
        let mut found = self.robots.evidence(policy, page);
        found.extend(self.license_evidence(policy, page));
        found.extend(self.tdm_evidence(policy, page));
        found.extend(self.trust_evidence(policy));
        found
    }

    /// What the files say of an image.
    pub fn image_evidence(&self, policy: &Policy, image: &Url) -> Vec<Evidence> {
        let mut found = self.page_evidence(policy, image);
        found.extend(self.media_evidence(policy, image, None));
        found
    }

    /// What the file for media, ai.txt, says of an image; `mime` is its media type where known.
    pub(crate) fn media_evidence(&self, policy: &Policy, image: &Url, mime: Option<&str>) -> Vec<Evidence> {
        let mut found = Vec::new();
        for (url, file) in &self.ai_txt {
            let said = file.statements(image, mime, policy);
            found.extend(self.placed(&said, url));
        }
        found
    }

    /// What robots.txt, and the licences it names, say of `url` to those who collect for the same
    /// purpose (rule R-AI).
    pub(crate) fn purpose_evidence(&self, policy: &Policy, url: &Url) -> Vec<Evidence> {
        let mut found = self.robots.purpose_evidence(policy, url);
        found.extend(self.license_evidence(policy, url));
        found
    }

    /// The site's no to a dataset or training crawler for all it has: meant for its other hosts too.
    pub(crate) fn whole_domain_evidence(&self, policy: &Policy) -> Vec<Evidence> {
        self.robots.whole_domain_evidence(policy)
    }

    /// The licences hold for the origin whose robots.txt names them, wherever they lie.
    fn license_evidence(&self, policy: &Policy, url: &Url) -> Vec<Evidence> {
        let is_robots_file = url.path() == SiteFile::Robots.path();
        let rules = self.robots.licenses(policy);
        if rules.is_empty() || url.origin() != self.base.origin() || is_robots_file {
            return Vec::new();
        }
        self.licenses.evidence(&rules, &self.base, url, self.sight)
    }

    fn tdm_evidence(&self, policy: &Policy, url: &Url) -> Vec<Evidence> {
        let Some(file) = &self.tdm else { return Vec::new() };
        self.placed(&file.statements(url, policy.reading()), &SiteFile::TdmRep.url(&self.base))
    }

    /// trust.txt speaks for the domain, not only for the host it lies on.
    fn trust_evidence(&self, policy: &Policy) -> Vec<Evidence> {
        let mut found = Vec::new();
        for (url, file) in &self.trust_txt {
            found.extend(self.placed(file.statements(policy.reading()), url));
        }
        for evidence in &mut found {
            evidence.scope = Scope::Domain;
        }
        found
    }

    fn placed(&self, said: &[Statement], url: &Url) -> Vec<Evidence> {
        said.iter().map(|statement| self.sight.of_statement(statement, url.as_str())).collect()
    }
}

/// What a trust.txt states by either reading: the same for every URL.
#[derive(Debug)]
struct TrustTxt {
    strict: Vec<Statement>,
    spec: Vec<Statement>,
}

impl TrustTxt {
    fn read(body: &[u8]) -> Self {
        Self { strict: trust_txt::statements(body, Reading::Strict), spec: trust_txt::statements(body, Reading::Spec) }
    }

    fn statements(&self, reading: Reading) -> &[Statement] {
        if reading == Reading::Strict { &self.strict } else { &self.spec }
    }
}

/// By the letter of `TDMRep`, what is nearer to the content stands: file, then header, then HTML.
/// Strict lets a no at any level stand.
pub(crate) fn settle_tdm(policy: &Policy, evidence: &mut [Evidence]) {
    const LEVELS: [&str; 3] = ["tdmrep.meta", "tdmrep.header", "tdmrep.file"];
    if policy.reading() == Reading::Strict {
        return;
    }
    let states = |evidence: &[Evidence], level: &str| {
        evidence.iter().any(|one| one.signal == level && one.verdict != Verdict::Info)
    };
    let Some(highest) = LEVELS.iter().position(|level| states(evidence, level)) else { return };
    for one in evidence.iter_mut().filter(|one| LEVELS[highest + 1..].contains(&one.signal.as_str())) {
        one.verdict = Verdict::Info;
    }
}

#[cfg(test)]
mod tests;
