//! What somebody who set a signal would write to be heard by more crawlers, and more surely.

use schema::{Evidence, Verdict};
use std::sync::LazyLock;

const TABLE: &str = include_str!("../data/advice.tsv");

/// How to say no where nobody has said anything: the carriers that most crawlers read.
pub const WHERE_NOTHING_IS_SAID: &[&str] = &[
    "In robots.txt, under `User-agent: *`: `Content-Usage: train-ai=n` (IETF draft), and a group for each crawler you know: `User-agent: img2dataset`, `Disallow: /`.",
    "On each page: `<meta name=\"robots\" content=\"noai, noimageai\">`.",
    "With each picture: the response header `X-Robots-Tag: noai, noimageai`.",
    "At /.well-known/tdmrep.json: `[{\"location\": \"/\", \"tdm-reservation\": 1}]` (TDMRep, for European law).",
    "Inside each picture: XMP `plus:DataMining` = http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING (IPTC 2023.1).",
];

struct Row {
    signal: &'static str,
    verdict: &'static str,
    advice: &'static str,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| TABLE.lines().filter_map(row).collect());

fn row(line: &'static str) -> Option<Row> {
    let mut columns = line.split('\t');
    let (signal, verdict, advice) = (columns.next()?, columns.next()?, columns.next()?);
    (!signal.starts_with('#')).then_some(Row { signal, verdict, advice })
}

/// What its author would write instead or beside it; `None` where there is nothing to better.
pub fn advice(evidence: &Evidence) -> Option<&'static str> {
    let verdict = match evidence.verdict {
        Verdict::Deny | Verdict::Conditional => "deny",
        Verdict::MalformedDeny => "malformed-deny",
        Verdict::Allow => "allow",
        Verdict::Info => "info",
    };
    let fits = |row: &&Row| {
        let signal = match row.signal.strip_suffix('*') {
            Some(start) => evidence.signal.starts_with(start),
            None => evidence.signal == row.signal,
        };
        // What merely informs needs no better wording, unless a row names that very signal.
        let any = row.verdict == "*" && (evidence.denies() || !row.signal.ends_with('*'));
        signal && (any || row.verdict == verdict)
    };
    ROWS.iter().find(fits).map(|row| row.advice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Sight;
    use schema::{Category, Scope, Source};

    #[test]
    fn the_first_row_that_fits_is_told() {
        let sight = Sight { scope: Scope::Page, source: Source::Live, seen_at: None };
        for (signal, verdict, start) in [
            ("robots.own", Verdict::MalformedDeny, Some("Write the line")),
            ("robots.own", Verdict::Allow, None),
            ("aipref.train-ai", Verdict::Deny, Some("This is the present wording")),
            ("aipref.tdm", Verdict::Deny, Some("This label is from an earlier")),
            ("meta.noai", Verdict::MalformedDeny, Some("Name the element")),
            ("meta.noindex", Verdict::Deny, Some("If you mean training")),
            ("nl.alt", Verdict::Deny, Some("Few crawlers read words")),
            ("nl.weak", Verdict::Info, None),
            ("robots.html-200", Verdict::Info, Some("/robots.txt answers with a web page")),
            ("unheard.of", Verdict::Deny, None),
        ] {
            let found = advice(&sight.evidence(signal, Category::Train, verdict, "x"));
            assert_eq!(found.is_some(), start.is_some(), "{signal} {verdict:?}");
            assert!(found.unwrap_or_default().starts_with(start.unwrap_or_default()), "{signal}: {found:?}");
        }
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = TABLE.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(ROWS.len(), lines);
        assert!(TABLE.contains(&format!("# version: {}\n", crate::POLICY_VERSION)));
    }
}
