//! What a page's meta elements say: robots, `TDMRep`, preferences, and what people invented.

mod ad_hoc;
mod glance;
mod kind;

use crate::{
    PageView, Policy, aipref, content_signal,
    directive::Item,
    findings::{Findings, Sight},
    header::{Carrier, Standing},
    page::place,
    policy::Reading,
    shortcut,
    statement::Statement,
    tdmrep,
};
use ad_hoc::Response;
use kind::Kind;
use markup::{Meta, MetaAttribute};
use schema::{Category, Evidence, Scope, Verdict};

/// Reads all meta elements of a page, but for those that hold prose.
pub(crate) fn meta_evidence(policy: &Policy, page: &PageView<'_>) -> Vec<Evidence> {
    let sight = Sight { scope: Scope::Page, source: page.source, seen_at: page.seen_at };
    let mut reader = Reader { policy, page, sight, findings: Findings::default() };
    for meta in &page.markup.metas {
        if glance::may_speak(meta, policy) || !shortcut::is_taken() {
            reader.add(meta);
        }
    }
    reader.findings.into_vec()
}

struct Reader<'a> {
    policy: &'a Policy,
    page: &'a PageView<'a>,
    sight: Sight,
    findings: Findings,
}

impl Reader<'_> {
    fn add(&mut self, meta: &Meta) {
        let name = meta.name.trim_matches(crate::directive::blank).to_ascii_lowercase();
        let reading = self.policy.reading();
        match Kind::of(&name, meta, self.policy) {
            Kind::Robots { named, standing } => self.add_robots(meta, named, standing),
            Kind::RobotsTag => self.add_robots_tag(meta),
            Kind::Word => self.add_word(meta, &name),
            Kind::Tdm => {
                let verdict = tdmrep::reservation(&meta.content, reading).unwrap_or(Verdict::Info);
                self.add_one(meta, "tdmrep.meta", Category::Tdm, tdm_standing(&name, meta).weigh(verdict, reading));
            }
            Kind::TdmPolicy => self.add_one(meta, "tdmrep.policy", Category::Tdm, Verdict::Info),
            Kind::Usage => self.add_statements(meta, aipref::of_header(&meta.content, reading)),
            Kind::Signal => self.add_statements(meta, content_signal::of_header(&meta.content, self.policy)),
            Kind::AdHoc(signal) => {
                let verdict = ad_hoc_verdict(signal, &meta.content, reading);
                self.add_one(meta, &format!("meta.{signal}"), Category::Train, verdict);
            }
            Kind::NoPin => {
                // An objection to copying: it concerns a dataset that holds the pictures.
                let refuses = self.policy.redistributes && reading == Reading::Strict;
                let verdict = if refuses { Verdict::Deny } else { Verdict::Info };
                self.add_one(meta, "meta.nopin", Category::CacheCopy, verdict);
            }
            Kind::Nothing => {}
        }
    }

    fn add_robots(&mut self, meta: &Meta, named: Option<&str>, standing: Standing) {
        let place = self.place(meta);
        let carrier = Carrier { family: "meta", place: &place, named, standing };
        carrier.add_items(&mut self.findings, self.policy, self.sight, &meta.content, self.page.now);
    }

    /// `<meta http-equiv="X-Robots-Tag">`: no specification knows it, and it is common.
    fn add_robots_tag(&mut self, meta: &Meta) {
        let place = self.place(meta);
        let carrier = Carrier { family: "meta", place: &place, named: None, standing: Standing::Customary };
        carrier.add_header(&mut self.findings, self.policy, self.sight, &meta.content, self.page.now);
    }

    /// `<meta name="noai" content="true">`: the name is the directive.
    fn add_word(&mut self, meta: &Meta, name: &str) {
        let place = self.place(meta);
        let carrier = Carrier { family: "meta", place: &place, named: None, standing: Standing::Mistaken };
        let item = Item { scope: None, name, value: Some(meta.content.trim()) };
        carrier.add(&mut self.findings, self.policy, self.sight, &item, &meta.content, self.page.now);
    }

    /// Headers written as metas: a no is plainly meant, a yes is none.
    fn add_statements(&mut self, meta: &Meta, statements: Vec<Statement>) {
        let place = self.place(meta);
        for mut said in statements {
            said.verdict = match Standing::Mistaken.weigh(said.verdict, self.policy.reading()) {
                Verdict::Allow => Verdict::Info,
                verdict => verdict,
            };
            let evidence = self.sight.of_statement(&said, &place);
            self.findings.add(evidence, &said.raw, said.addressed_to.as_deref());
        }
    }

    fn add_one(&mut self, meta: &Meta, signal: &str, category: Category, verdict: Verdict) {
        let evidence = self.sight.evidence(signal, category, verdict, &self.place(meta));
        self.findings.add(evidence, &meta.content, None);
    }

    fn place(&self, meta: &Meta) -> String {
        let attribute = match meta.attribute {
            MetaAttribute::Name => "name",
            MetaAttribute::Property => "property",
            MetaAttribute::HttpEquiv => "http-equiv",
        };
        place(self.page.url, meta.at, &format!("meta {attribute}=\"{}\"", meta.name))
    }
}

/// `tdm-reservation` is a name. As property, or with the colon of EPUB, it is a mistake.
fn tdm_standing(name: &str, meta: &Meta) -> Standing {
    match meta.attribute {
        MetaAttribute::Name if name == "tdm-reservation" => Standing::Defined,
        _ => Standing::Mistaken,
    }
}

fn ad_hoc_verdict(signal: &str, content: &str, reading: Reading) -> Verdict {
    match (reading, ad_hoc::response(content)) {
        (Reading::Spec, _) | (_, Response::Neither) => Verdict::Info,
        // A proposal defines its values, at least.
        (Reading::Strict, Response::No) if signal == "ai-consent" => Verdict::Deny,
        (Reading::Strict, Response::No) => Verdict::MalformedDeny,
        (Reading::Strict, Response::Yes) => Verdict::Allow,
    }
}

#[cfg(test)]
mod tests;
