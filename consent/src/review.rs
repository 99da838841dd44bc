//! The image's response, judged by status and headers before its body is read.

use crate::{Permit, Policy, Refusal, findings::Sight, header_evidence, settle_tdm};
use chrono::{DateTime, Utc};
use schema::{Category, DropReason, Evidence, Scope, Source, Verdict};
use url::Url;

/// Judges an image response. `Ok` carries what was heard at the gate and now that does not refuse.
///
/// An access status refuses for good: no second try under another name. A status that is merely
/// an error (404, 500) is not judged here.
pub fn review_headers(
    policy: &Policy,
    permit: &Permit,
    status: u16,
    headers: &[(String, String)],
    now: DateTime<Utc>,
) -> Result<Vec<Evidence>, Refusal> {
    let url = permit.url();
    let mut evidence = permit.evidence().to_vec();
    evidence.extend(answered(policy, url, status, headers, now));
    // What the gate let through for the response to settle.
    settle_tdm(policy, &mut evidence);
    let refusing = evidence.iter().filter(|one| one.denies());
    let reason = refusing
        .map(|one| match one.signal.split('.').next() {
            Some("http") => DropReason::AccessRefused,
            _ if one.signal == "tdmrep.file" => DropReason::ImageSite,
            _ => DropReason::ImageHeader,
        })
        // An access status tells most, a file that the response did not lift least.
        .max_by_key(|reason| (*reason == DropReason::AccessRefused, *reason == DropReason::ImageHeader));
    match reason.filter(|_| policy.refuses()) {
        Some(reason) => Err(Refusal { reason, evidence }),
        None => Ok(evidence),
    }
}

/// What a response says by its status and headers.
pub(crate) fn answered(
    policy: &Policy,
    url: &Url,
    status: u16,
    headers: &[(String, String)],
    now: DateTime<Utc>,
) -> Vec<Evidence> {
    let mut evidence = access_evidence(url, status, now);
    evidence.extend(header_evidence(policy, url, headers, Scope::ImageUrl, Source::Live, Some(now), now));
    evidence
}

/// 401, 402, 403 and 451 refuse; 404 and 410 say that it is gone since the crawl, which is told but
/// judged by whoever finds nothing to keep.
fn access_evidence(url: &Url, status: u16, now: DateTime<Utc>) -> Vec<Evidence> {
    let (signal, verdict) = match status {
        401 | 402 | 403 | 451 => (format!("http.{status}"), Verdict::Deny),
        404 | 410 => ("http.gone".to_owned(), Verdict::Info),
        _ => return Vec::new(),
    };
    let sight = Sight { scope: Scope::ImageUrl, source: Source::Live, seen_at: Some(now) };
    let mut evidence = sight.evidence(&signal, Category::Access, verdict, url.as_str());
    evidence.raw = status.to_string();
    vec![evidence]
}
