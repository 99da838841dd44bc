//! What response headers say: X-Robots-Tag, `TDMRep`, Content-Usage, Content-Signal, links to
//! licences, prices. The same for pages and images.

mod carrier;
mod link;

pub(crate) use carrier::{Carrier, Standing};
pub use link::is_rsl;

use crate::{
    Policy, aipref, content_signal,
    findings::{Findings, Sight, clip},
    shortcut,
    statement::Statement,
    tdmrep,
};
use chrono::{DateTime, Utc};
use schema::{Category, Evidence, Scope, Source, Verdict};
use url::Url;

/// Longest URL shown in a place: what follows it must not be cut off.
pub(crate) const MAX_SHOWN_URL: usize = 1024;

/// Reads the response headers of `url`.
///
/// `scope` tells what the response is: a page, or an image URL. `now` decides whether an
/// `unavailable_after` has passed.
pub fn header_evidence(
    policy: &Policy,
    url: &Url,
    headers: &[(String, String)],
    scope: Scope,
    source: Source,
    seen_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Vec<Evidence> {
    let response = Response { policy, url, sight: Sight { scope, source, seen_at }, now };
    let mut findings = Findings::default();
    let mut heard = headers.iter().filter(|(name, _)| is_carrier(name) || !shortcut::is_taken()).peekable();
    if heard.peek().is_none() {
        return Vec::new();
    }
    for (name, value) in heard {
        response.add(&mut findings, &name.trim().to_ascii_lowercase(), value);
    }
    let reading = policy.reading();
    if let Some(value) = joined(headers, &["content-usage"]) {
        response.add_statements(&mut findings, "content-usage", &aipref::of_header(&value, reading));
    }
    if let Some(value) = joined(headers, &["content-signal", "content-signals"]) {
        response.add_statements(&mut findings, "content-signal", &content_signal::of_header(&value, policy));
    }
    findings.into_vec()
}

/// Whether a header of that name can say anything.
fn is_carrier(name: &str) -> bool {
    const NAMES: [&str; 11] = [
        "x-robots-tag",
        "robots-tag",
        "tdm-reservation",
        "tdm-policy",
        "crawler-price",
        "crawler-charged",
        "crawler-error",
        "link",
        "content-usage",
        "content-signal",
        "content-signals",
    ];
    let name = name.trim();
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The values of all headers of a name as one: RFC 9110 section 5.3.
fn joined(headers: &[(String, String)], names: &[&str]) -> Option<String> {
    let is_it = |name: &str| names.iter().any(|wanted| name.trim().eq_ignore_ascii_case(wanted));
    let values: Vec<&str> = headers.iter().filter(|(name, _)| is_it(name)).map(|(_, value)| value.as_str()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// An address in a link, in full.
pub(crate) fn absolute(base: &Url, address: &str) -> String {
    base.join(address.trim()).map_or_else(|_| address.trim().to_owned(), String::from)
}

struct Response<'a> {
    policy: &'a Policy,
    url: &'a Url,
    sight: Sight,
    now: DateTime<Utc>,
}

impl Response<'_> {
    /// Adds what one header says; `name` is in lower case.
    fn add(&self, findings: &mut Findings, name: &str, value: &str) {
        match name {
            // `Robots-Tag` is the name in Google's draft-illyes-repext; both take either form.
            "x-robots-tag" | "robots-tag" => {
                let place = self.place(name);
                let carrier = Carrier { family: "xrt", place: &place, named: None, standing: Standing::Defined };
                carrier.add_header(findings, self.policy, self.sight, value, self.now);
            }
            "tdm-reservation" => {
                let verdict = tdmrep::reservation(value, self.policy.reading()).unwrap_or(Verdict::Info);
                self.add_one(findings, "tdmrep.header", Category::Tdm, verdict, name, value);
            }
            "tdm-policy" => self.add_one(findings, "tdmrep.policy", Category::Tdm, Verdict::Info, name, value),
            // Cloudflare's pay per crawl: a price is an offer and no leave, whatever the status.
            "crawler-price" => {
                let verdict = if value.trim().is_empty() { Verdict::Info } else { Verdict::Deny };
                self.add_one(findings, "http.crawler-price", Category::Access, verdict, name, value);
            }
            "crawler-charged" => {
                self.add_one(findings, "http.crawler-charged", Category::Access, Verdict::Info, name, value);
            }
            "crawler-error" => {
                self.add_one(findings, "http.crawler-error", Category::Access, Verdict::Info, name, value);
            }
            "link" => self.add_links(findings, value),
            _ => {}
        }
    }

    /// RSL terms that nobody has read are a condition not met (RSL 1.0; RFC 8288 for the header).
    fn add_links(&self, findings: &mut Findings, value: &str) {
        for link in link::links(value).into_iter().filter(|link| self.is_about_us(link.anchor)) {
            let (signal, category, verdict) = if link.is("license") && is_rsl(link.media_type) {
                ("rsl.link-header", Category::Train, Verdict::Conditional)
            } else if link.is("license") {
                ("license.link", Category::Info, Verdict::Info)
            } else if link.is("c2pa-manifest") {
                ("c2pa.remote", Category::Info, Verdict::Info)
            } else {
                continue;
            };
            self.add_one(findings, signal, category, verdict, "link", &absolute(self.url, link.target));
        }
    }

    /// A link with another anchor speaks of another resource (RFC 8288 section 3.2).
    fn is_about_us(&self, anchor: Option<&str>) -> bool {
        let Some(mut about) = anchor.and_then(|anchor| self.url.join(anchor).ok()) else { return true };
        about.set_fragment(None);
        let mut ours = self.url.clone();
        ours.set_fragment(None);
        about == ours
    }

    fn add_one(
        &self,
        findings: &mut Findings,
        signal: &str,
        category: Category,
        verdict: Verdict,
        name: &str,
        raw: &str,
    ) {
        findings.add(self.sight.evidence(signal, category, verdict, &self.place(name)), raw, None);
    }

    fn add_statements(&self, findings: &mut Findings, name: &str, statements: &[Statement]) {
        for said in statements {
            let evidence = self.sight.of_statement(said, &self.place(name));
            findings.add(evidence, &said.raw, said.addressed_to.as_deref());
        }
    }

    fn place(&self, name: &str) -> String {
        format!("{} {name}", clip(self.url.as_str(), MAX_SHOWN_URL))
    }
}

#[cfg(test)]
mod tests;
