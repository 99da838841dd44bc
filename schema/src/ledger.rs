//! The other half of a dataset: every candidate that did not become a sample, and why.

use crate::{Candidate, DropReason, Evidence, Host, RegisteredDomain, SampleId, sample::or_default};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One candidate that was refused, failed or filtered out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// Hash of URL and text.
    pub id: SampleId,
    /// Image URL.
    pub url: String,
    /// The text of the pair.
    pub text: String,
    /// Page URL; empty where a list of URLs named none, and so the page was not asked.
    pub page_url: String,
    /// Registrable domain of the image's host.
    pub image_domain: String,
    /// Registrable domain of the page's host.
    pub page_domain: String,
    /// Host of the image.
    pub image_host: String,
    /// Host of the page.
    pub page_host: String,
    /// Archive file the page lies in.
    pub archive: String,
    /// Byte offset of the page's record there; in a list of URLs the row's number, from 0.
    pub archive_offset: i64,
    /// Stage at which it ended.
    pub stage: String,
    /// `refused`, `failed` or `filtered`.
    pub kind: String,
    /// The reason, one of the closed list.
    pub reason: String,
    /// The signal that refused, the first of them.
    pub signal: Option<String>,
    /// Everything that was said.
    pub evidence: Vec<Evidence>,
    /// Signals that were looked for, heard or silent; what is not named was not.
    pub checked: Vec<String>,
    /// The URL asked for last, after redirects; nothing where nothing was asked.
    pub final_url: Option<String>,
    /// HTTP status of the last answer, where there was one.
    pub status: Option<i32>,
    /// Bytes of body received with it, content codings undone; nothing where no body was read.
    pub bytes: Option<i64>,
    /// Requests sent for this picture.
    pub attempts: i32,
    /// Seconds that it took, its host's pace and pauses included.
    pub seconds: Option<f32>,
    /// When it ended, on the live web.
    pub ended_at: Option<DateTime<Utc>>,
    /// Cosine of picture and text, where it got that far.
    pub similarity: Option<f32>,
    /// Aesthetic score, where it got that far.
    pub aesthetic: Option<f32>,
    /// Probability of unsafe content, where it got that far and a head for it exists.
    #[serde(default)]
    pub punsafe: Option<f32>,
    /// Scores of the model's other heads, where it got that far.
    #[serde(default, deserialize_with = "or_default")]
    pub scores: BTreeMap<String, f32>,
}

impl LedgerRow {
    /// The row for `candidate`, ended by `reason` before anything was fetched.
    pub fn of(candidate: &Candidate, reason: DropReason) -> Self {
        let kind = match reason.kind() {
            crate::Kind::Unusable => "unusable",
            crate::Kind::Refused => "refused",
            crate::Kind::Failed => "failed",
            crate::Kind::Filtered => "filtered",
        };
        Self {
            id: candidate.id,
            url: candidate.url.clone(),
            text: candidate.text.clone(),
            page_url: candidate.page_url.clone(),
            image_domain: RegisteredDomain::of(&candidate.image_host).to_string(),
            page_domain: Host::from(candidate.page_host.as_str()).registered_domain().to_string(),
            image_host: candidate.image_host.clone(),
            page_host: candidate.page_host.clone(),
            archive: candidate.archive.clone(),
            archive_offset: candidate.archive_offset,
            stage: reason.stage().name().to_owned(),
            kind: kind.to_owned(),
            reason: reason.name().to_owned(),
            signal: candidate.signal_of(reason).map(str::to_owned),
            evidence: candidate.evidence.clone(),
            checked: candidate.checked.clone(),
            final_url: None,
            status: None,
            bytes: None,
            attempts: 0,
            seconds: None,
            ended_at: None,
            similarity: None,
            aesthetic: None,
            punsafe: None,
            scores: BTreeMap::new(),
        }
    }
}
