//! What a page's meta elements say: robots, `TDMRep`, and what people invented.

use crate::{
    Meta, MetaAttribute, PageView, Policy,
    directive::{Addressee, Meaning, is_no, items, meaning},
    findings::{Findings, Sight},
    header::{Carrier, Standing},
    policy::Reading,
    tdmrep,
};
use schema::{Category, Evidence, Scope, Verdict};

/// Reads all meta elements of a page.
pub(crate) fn meta_evidence(policy: &Policy, page: &PageView<'_>) -> Vec<Evidence> {
    let sight = Sight { scope: Scope::Page, source: page.source, seen_at: page.seen_at };
    let mut findings = Findings::default();
    for meta in page.metas {
        let name = meta.name.trim().to_ascii_lowercase();
        match kind_of(&name, meta, policy) {
            Kind::Robots { named, standing } => {
                let place = place(page, meta);
                let carrier = Carrier { family: "meta", place: &place, named, standing };
                carrier.add_items(&mut findings, policy, sight, &meta.content, page.now);
            }
            Kind::Tdm => {
                let verdict = tdm_verdict(meta, policy.reading());
                let evidence = sight.evidence("tdmrep.meta", Category::Tdm, verdict, &place(page, meta));
                findings.add(evidence, &meta.content, None);
            }
            Kind::TdmPolicy => {
                let evidence = sight.evidence("tdmrep.policy", Category::Tdm, Verdict::Info, &place(page, meta));
                findings.add(evidence, &meta.content, None);
            }
            Kind::AdHoc(signal, verdict) => {
                let verdict = if policy.reading() == Reading::Strict { verdict } else { Verdict::Info };
                let evidence = sight.evidence(signal, Category::Train, verdict, &place(page, meta));
                findings.add(evidence, &meta.content, None);
            }
            Kind::Nothing => {}
        }
    }
    findings.into_vec()
}

enum Kind<'a> {
    /// A list of robots directives.
    Robots {
        named: Option<&'a str>,
        standing: Standing,
    },
    Tdm,
    TdmPolicy,
    /// A statement of its own making: signal, and verdict in strict mode.
    AdHoc(&'static str, Verdict),
    Nothing,
}

fn kind_of<'a>(name: &'a str, meta: &Meta, policy: &Policy) -> Kind<'a> {
    let standing = match meta.attribute {
        MetaAttribute::Name => Standing::Defined,
        MetaAttribute::Property | MetaAttribute::HttpEquiv => Standing::Mistaken,
    };
    match name {
        "" => Kind::Nothing,
        "x-robots-tag" | "robots-tag" => Kind::Robots { named: None, standing: Standing::Customary },
        "tdm-reservation" => Kind::Tdm,
        "tdm-policy" => Kind::TdmPolicy,
        // WHATWG html issue 9334 proposes all, search-only and none.
        "ai-consent" => ad_hoc("meta.ai-consent", &meta.content, Verdict::Deny, &["none", "search-only"]),
        "okforai" => ad_hoc("meta.okforai", &meta.content, Verdict::MalformedDeny, &[]),
        "aitraining" | "ai-training" => ad_hoc("meta.ai-training", &meta.content, Verdict::MalformedDeny, &["noai"]),
        _ if Addressee::of(Some(name), policy) != Addressee::Other => Kind::Robots { named: Some(name), standing },
        _ if meta.attribute == MetaAttribute::Name && is_list_for_a_bot(name, &meta.content, policy.reading()) => {
            Kind::Robots { named: Some(name), standing }
        }
        _ => Kind::Nothing,
    }
}

/// Whether an element with a name we do not know (`googlebot`, `somebot`) holds robots directives:
/// every word must be one. Prose that happens to hold `none` or `noai` is no directive.
fn is_list_for_a_bot(name: &str, content: &str, reading: Reading) -> bool {
    const PROSE: [&str; 5] = ["description", "keywords", "news_keywords", "title", "author"];
    let items = items(content, reading);
    let mut known = items.iter().filter(|item| meaning(item.name, item.value) != Meaning::Unknown);
    let is_bot = name.ends_with("bot") || name.starts_with("googlebot");
    !PROSE.contains(&name) && known.next().is_some() && (is_bot || known.count() + 1 == items.len())
}

fn ad_hoc<'a>(signal: &'static str, content: &str, no: Verdict, more_noes: &[&str]) -> Kind<'a> {
    let content = content.trim();
    let is_one_of = |words: &[&str]| words.iter().any(|word| content.eq_ignore_ascii_case(word));
    let verdict = if is_no(content) || is_one_of(more_noes) {
        no
    } else if is_one_of(&["all", "true", "yes", "1", "allow", "allowed"]) {
        Verdict::Allow
    } else {
        Verdict::Info
    };
    Kind::AdHoc(signal, verdict)
}

fn tdm_verdict(meta: &Meta, reading: Reading) -> Verdict {
    let found = tdmrep::reservation(&meta.content, reading).unwrap_or(Verdict::Info);
    match (found, meta.attribute, reading) {
        (_, MetaAttribute::Name, _) => found,
        (Verdict::Deny | Verdict::MalformedDeny, _, Reading::Strict) => Verdict::MalformedDeny,
        _ => Verdict::Info,
    }
}

fn place(page: &PageView<'_>, meta: &Meta) -> String {
    let attribute = match meta.attribute {
        MetaAttribute::Name => "name",
        MetaAttribute::Property => "property",
        MetaAttribute::HttpEquiv => "http-equiv",
    };
    let line = meta.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line} <meta {attribute}=\"{}\">", page.url, meta.name)
}
