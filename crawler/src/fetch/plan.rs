//! What a fetch task will ask for, worked out before anything is asked: the same rows always make
//! the same plan.

use schema::{Admitted, Candidate, DropReason, Evidence, Kind};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
};

/// One picture to ask for.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) candidate: Candidate,
    /// The no of another page that shows the same URL, if one said no.
    pub(super) sticky: Option<Evidence>,
}

/// What to ask of one host, in order.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) host: String,
    pub(super) wanted: VecDeque<Wanted>,
}

/// The plan of a task.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// What to ask for, the longest queue first: it takes longest, since a host is never hurried.
    pub(super) queues: Vec<Queue>,
    /// What need not be asked for.
    pub(super) dropped: Vec<(Candidate, DropReason)>,
}

impl Plan {
    /// Plans for `rows`, those refused on their page among them. What `is_done` already counts towards its host's
    /// budget, whatever that is by now, and is neither asked for nor dropped.
    pub(super) fn of(rows: Vec<Admitted>, host_budget: u64, is_done: impl Fn(&str) -> bool) -> Self {
        let mut refusals: HashMap<String, Evidence> = HashMap::new();
        // A row that we do not want ourselves is nobody's refusal, whatever was said of it.
        let is_refusal = |row: &&Admitted| row.refused.is_some_and(|reason| reason.kind() == Kind::Refused);
        for row in rows.iter().filter(is_refusal) {
            let Some(denial) = row.candidate.evidence.iter().find(|piece| piece.denies()) else { continue };
            // The picture is refused, in whatever size and format another page shows it.
            for url in std::iter::once(&row.candidate.url).chain(&row.candidate.other_urls) {
                refusals.entry(url.clone()).or_insert_with(|| denial.clone());
            }
        }
        let mut admitted: Vec<Candidate> =
            rows.into_iter().filter(|row| row.refused.is_none()).map(|row| row.candidate).collect();
        // Whatever order archives are listed in, the same one of several rows is kept.
        admitted.sort_by(|a, b| {
            let key =
                |row: &Candidate| (row.image_host.clone(), row.url.clone(), row.archive.clone(), row.archive_offset);
            key(a).cmp(&key(b)).then_with(|| a.text.cmp(&b.text))
        });

        let mut plan = Self::default();
        let mut seen = HashSet::new();
        let mut asked: HashMap<String, u64> = HashMap::new();
        let mut queues: BTreeMap<String, VecDeque<Wanted>> = BTreeMap::new();
        for candidate in admitted {
            if !seen.insert(candidate.url.clone()) {
                plan.dropped.push((candidate, DropReason::Duplicate));
                continue;
            }
            let asked = asked.entry(candidate.image_host.clone()).or_default();
            let is_done = is_done(&candidate.url);
            if !is_done && *asked >= host_budget {
                plan.dropped.push((candidate, DropReason::HostBudget));
                continue;
            }
            *asked += 1;
            if !is_done {
                let sticky = refusals.get(&candidate.url).cloned();
                queues.entry(candidate.image_host.clone()).or_default().push_back(Wanted { candidate, sticky });
            }
        }
        plan.queues = queues.into_iter().map(|(host, wanted)| Queue { host, wanted }).collect();
        plan.queues.sort_by_key(|queue| Reverse(queue.wanted.len()));
        plan
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use schema::{Category, ImageSource, SampleId, Scope, Source, TextSource, Verdict};

    pub(in crate::fetch) fn row(url: &str, page: &str, refused: bool) -> Admitted {
        let host = url.split('/').nth(2).unwrap().to_owned();
        let denial = Evidence {
            signal: "meta.noai".into(),
            scope: Scope::Page,
            category: Category::Train,
            verdict: Verdict::Deny,
            place: page.into(),
            raw: "noai".into(),
            addressed_to: None,
            source: Source::Warc,
            seen_at: None,
        };
        let candidate = Candidate {
            id: SampleId::of(url, page),
            url: url.into(),
            text: page.into(),
            text_source: TextSource::Alt,
            text_flags: Vec::new(),
            language: None,
            alt: None,
            title: None,
            caption: None,
            image_source: ImageSource::Src,
            other_urls: Vec::new(),
            page_url: page.into(),
            page_host: "p.example".into(),
            image_host: host,
            archive: "a".into(),
            archive_offset: 0,
            captured_at: None,
            page_language: None,
            license_url: None,
            evidence: if refused { vec![denial] } else { Vec::new() },
            checked: Vec::new(),
        };
        Admitted { candidate, refused: refused.then_some(DropReason::PageMarkup) }
    }

    #[test]
    fn a_refusal_sticks_to_the_url_and_order_does_not_matter() {
        let rows =
            || vec![row("http://i.example/a", "http://p/1", false), row("http://i.example/a", "http://p/2", true)];
        let mut reversed = rows();
        reversed.reverse();
        for rows in [rows(), reversed] {
            let plan = Plan::of(rows, 10, |_| false);
            assert_eq!(plan.queues.len(), 1);
            assert_eq!(
                plan.queues[0].wanted[0].sticky.as_ref().map(|denial| denial.place.as_str()),
                Some("http://p/2")
            );
        }
    }

    #[test]
    fn a_refusal_sticks_to_every_size_of_the_picture() {
        let mut refused = row("http://i.example/large", "http://p/2", true);
        refused.candidate.other_urls = vec!["http://i.example/small".into()];
        let rows =
            ["large", "small", "other"].map(|name| row(&format!("http://i.example/{name}"), "http://p/1", false));
        let plan = Plan::of(rows.into_iter().chain([refused]).collect(), 10, |_| false);
        let sticky =
            plan.queues[0].wanted.iter().map(|wanted| (wanted.candidate.url.as_str(), wanted.sticky.is_some()));
        let expected =
            [("http://i.example/large", true), ("http://i.example/other", false), ("http://i.example/small", true)];
        assert_eq!(sticky.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_text_we_do_not_want_refuses_no_picture() {
        let mut unwanted = row("http://i.example/a", "http://p/2", true);
        unwanted.refused = Some(DropReason::RepeatedText);
        let plan = Plan::of(vec![row("http://i.example/a", "http://p/1", false), unwanted], 10, |_| false);
        assert_eq!(plan.queues[0].wanted.len(), 1);
        assert_eq!(plan.queues[0].wanted[0].sticky, None);
        assert_eq!(plan.dropped, []);
    }

    #[test]
    fn each_url_once_each_host_within_its_budget_long_queues_first() {
        let mut rows: Vec<_> = (0..5).map(|n| row(&format!("http://b.example/{n}"), "http://p/1", false)).collect();
        rows.push(row("http://a.example/0", "http://p/1", false));
        rows.push(row("http://a.example/0", "http://p/2", false));
        let of = |is_done: fn(&str) -> bool| Plan::of(rows.clone(), 3, is_done);
        let urls = |plan: &Plan| {
            let wanted = plan.queues.iter().flat_map(|queue| &queue.wanted);
            wanted.map(|wanted| wanted.candidate.url.clone()).collect::<Vec<_>>()
        };
        let reasons = |plan: &Plan| plan.dropped.iter().map(|(_, reason)| *reason).collect::<Vec<_>>();
        let plan = of(|_| false);
        let expected = ["http://b.example/0", "http://b.example/1", "http://b.example/2", "http://a.example/0"];
        assert_eq!(urls(&plan), expected);
        assert_eq!(reasons(&plan), [DropReason::Duplicate, DropReason::HostBudget, DropReason::HostBudget]);

        // What an earlier attempt has done stays done, and counts.
        let plan = of(|url| url != "http://b.example/1");
        assert_eq!((urls(&plan), plan.queues.len()), (vec!["http://b.example/1".to_owned()], 1));
        assert_eq!(reasons(&plan), [DropReason::Duplicate]);
        let plan = of(|url| url == "http://b.example/0");
        assert_eq!(urls(&plan), ["http://b.example/1", "http://b.example/2", "http://a.example/0"]);
        assert_eq!(reasons(&plan).len(), 3);
    }
}
