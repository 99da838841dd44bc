//! The keys of lines: as they are defined, and as they are misspelt.

use super::Record;

/// What stands before the colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Agent,
    Allow,
    Disallow,
    CrawlDelay,
    RequestRate,
    Term(Term),
    Remark(&'static str),
}

/// Lines that speak of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Term {
    /// `Content-Usage` (draft-ietf-aipref-attach)
    Usage,
    /// `Content-Signal` (contentsignals.org)
    Signal,
    /// `License` (RSL 1.0)
    License,
    /// `DisallowAITraining` (draft-canel-robots-ai-control)
    NoTraining,
    /// The same as people write it who never read the draft.
    NoTrainingAdHoc,
    /// `AllowAITraining`
    Training,
    /// `Noindex`, which Google dropped in 2019
    NoIndex,
    /// `tdm-reservation`, out of place
    TdmReservation,
    /// `noai`, `ai: no`, `X-Robots-Tag: noai`: a meta tag or a header, out of place
    AdHoc,
}

impl Term {
    /// Whether nothing else can be meant when its name begins a line. "License", "robots" and
    /// "AI" begin many a sentence.
    pub(super) fn may_miss_its_colon(self) -> bool {
        !matches!(self, Self::License | Self::Training | Self::AdHoc)
    }
}

const KEYS: [(&[u8], Key); 29] = [
    (b"disallow", Key::Disallow),
    (b"allow", Key::Allow),
    (b"user-agent", Key::Agent),
    (b"crawl-delay", Key::CrawlDelay),
    (b"request-rate", Key::RequestRate),
    (b"content-usage", Key::Term(Term::Usage)),
    (b"content-signal", Key::Term(Term::Signal)),
    (b"content-signals", Key::Term(Term::Signal)),
    (b"license", Key::Term(Term::License)),
    (b"disallowaitraining", Key::Term(Term::NoTraining)),
    (b"allowaitraining", Key::Term(Term::Training)),
    (b"disallow-ai-training", Key::Term(Term::NoTrainingAdHoc)),
    (b"disallow-ai", Key::Term(Term::NoTrainingAdHoc)),
    (b"noindex", Key::Term(Term::NoIndex)),
    (b"tdm-reservation", Key::Term(Term::TdmReservation)),
    (b"x-robots-tag", Key::Term(Term::AdHoc)),
    (b"robots", Key::Term(Term::AdHoc)),
    (b"noai", Key::Term(Term::AdHoc)),
    (b"noimageai", Key::Term(Term::AdHoc)),
    (b"no-ai-training", Key::Term(Term::AdHoc)),
    (b"noaitraining", Key::Term(Term::AdHoc)),
    (b"ai", Key::Term(Term::AdHoc)),
    (b"ai-training", Key::Term(Term::AdHoc)),
    (b"train-ai", Key::Term(Term::AdHoc)),
    (b"ai-train", Key::Term(Term::AdHoc)),
    (b"allow-ai", Key::Term(Term::AdHoc)),
    (b"allow-ai-training", Key::Term(Term::AdHoc)),
    (b"tdm-policy", Key::Remark("robots.tdm-policy")),
    (b"visit-time", Key::Remark("robots.visit-time")),
];

/// Misspellings that Google's parser knows, and `diasllow` beside them; then the lines about use
/// with their hyphens wrong or left out, and no permission among them: stricter is safe.
const MISSPELT: [(&[u8], Key); 14] = [
    (b"dissallow", Key::Disallow),
    (b"dissalow", Key::Disallow),
    (b"disalow", Key::Disallow),
    (b"diasllow", Key::Disallow),
    (b"disallaw", Key::Disallow),
    (b"useragent", Key::Agent),
    (b"contentusage", Key::Term(Term::Usage)),
    (b"contentsignal", Key::Term(Term::Signal)),
    (b"contentsignals", Key::Term(Term::Signal)),
    (b"disallowaitraining", Key::Term(Term::NoTraining)),
    (b"noaitraining", Key::Term(Term::AdHoc)),
    (b"noindex", Key::Term(Term::NoIndex)),
    (b"tdmreservation", Key::Term(Term::TdmReservation)),
    (b"xrobotstag", Key::Term(Term::AdHoc)),
];

impl Key {
    /// By its name; case does not matter (RFC 9309 section 2.2).
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        KEYS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, key)| *key)
    }

    /// By a name near to one that is known.
    pub(super) fn of_misspelt(name: &[u8]) -> Option<Self> {
        const LONGEST: usize = 30;
        if name.len() > LONGEST {
            return None;
        }
        let squeezed = || name.iter().filter(|octet| !b" -_".contains(octet)).map(u8::to_ascii_lowercase);
        MISSPELT.iter().find(|(known, _)| squeezed().eq(known.iter().copied())).map(|(_, key)| *key)
    }

    pub(super) fn with(self, value: &[u8]) -> Record<'_> {
        match self {
            Self::Agent => Record::Agent(value),
            Self::Allow => Record::Allow(value),
            Self::Disallow => Record::Disallow(value),
            Self::CrawlDelay => Record::CrawlDelay(value),
            Self::RequestRate => Record::RequestRate(value),
            Self::Term(term) => Record::Term(term, value),
            Self::Remark(signal) => Record::Remark(signal),
        }
    }
}
