//! What sites answered in a case, by origin.

use super::{
    EvalError,
    case::{Case, Received, header},
};
use crate::{Answer, SiteAnswers, SiteFile};
use std::collections::BTreeMap;
use url::{Origin, Url};

/// Answers by origin, and all of them by URL: a licence document may lie anywhere.
#[derive(Debug, Default)]
pub(super) struct Origins {
    sites: Vec<(Origin, SiteAnswers)>,
    documents: BTreeMap<String, Answer>,
}

impl Origins {
    pub(super) fn of(case: &Case) -> Result<Self, EvalError> {
        let mut origins = Self::default();
        for (origin, files) in &case.origins {
            let url = Url::parse(origin)
                .map_err(|problem| EvalError::new(&case.id, &format!("origins.{origin}"), &problem.to_string()))?;
            let mut site = SiteAnswers { robots: Answer::Unasked, ..SiteAnswers::from(Answer::Unasked) };
            for (path, received) in files {
                let answer = answer(received);
                if let Ok(at) = url.join(path) {
                    origins.documents.insert(at.to_string(), answer.clone());
                }
                match SiteFile::at(path) {
                    Some(SiteFile::Robots) => site.robots = answer,
                    Some(file) => drop(site.files.insert(file, answer)),
                    None => {}
                }
            }
            origins.sites.push((url.origin(), site));
        }
        Ok(origins)
    }

    /// All that was received, by URL.
    pub(super) fn documents(&self) -> &BTreeMap<String, Answer> {
        &self.documents
    }

    /// What the origin of `url` answered.
    pub(super) fn site(&self, url: &Url) -> SiteAnswers {
        let known = self.sites.iter().find(|(origin, _)| *origin == url.origin());
        let mut site = known.map_or_else(|| SiteAnswers::from(Answer::Unasked), |(_, site)| site.clone());
        site.documents.clone_from(&self.documents);
        site
    }
}

fn answer(received: &Received) -> Answer {
    match (received.status, received.body.bytes()) {
        (0, _) => Answer::Unreachable { why: "no answer".into() },
        (status, Some(body)) => Answer::Found {
            status,
            body: body.to_vec(),
            content_type: header(&received.headers, "content-type").map(str::to_owned),
        },
        (status, None) => Answer::Status(status),
    }
}
