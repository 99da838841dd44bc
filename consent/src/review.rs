//! The image's response, judged by status and headers before its body is read.

use crate::{Permit, Policy, Refusal, decision::decide, findings::Findings, findings::Sight, header_evidence};
use chrono::{DateTime, Utc};
use schema::{Category, DropReason, Evidence, Scope, Source, Verdict};

/// Judges an image response. `Ok` carries what was heard that does not refuse.
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
    let mut evidence = access_evidence(permit, status, headers, now);
    let mut reason = decide(&evidence).refuses().then_some(DropReason::AccessRefused);
    let said = header_evidence(policy, url, headers, Scope::ImageUrl, Source::Live, Some(now), now);
    if decide(&said).refuses() {
        reason = reason.or(Some(DropReason::ImageHeader));
    }
    evidence.extend(said);
    match reason.filter(|_| policy.refuses()) {
        Some(reason) => Err(Refusal { reason, evidence }),
        None => Ok(evidence),
    }
}

/// 401, 402, 403, 451, and a price (Cloudflare's pay per crawl), which is an offer and no leave.
fn access_evidence(permit: &Permit, status: u16, headers: &[(String, String)], now: DateTime<Utc>) -> Vec<Evidence> {
    let url = permit.url().as_str();
    let sight = Sight { scope: Scope::ImageUrl, source: Source::Live, seen_at: Some(now) };
    let mut findings = Findings::default();
    let verdict = match status {
        401 | 403 | 451 => Some(Verdict::Deny),
        402 => Some(Verdict::Conditional),
        _ => None,
    };
    if let Some(verdict) = verdict {
        let evidence = sight.evidence(&format!("http.{status}"), Category::Access, verdict, url);
        findings.add(evidence, &status.to_string(), None);
    }
    for (name, value) in headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("crawler-price")) {
        let place = format!("{url} {name}");
        let evidence = sight.evidence("http.crawler-price", Category::Access, Verdict::Conditional, &place);
        findings.add(evidence, value, None);
    }
    findings.into_vec()
}
