//! Content-Signal: Cloudflare's words for search, input and training (contentsignals.org).
//!
//! No grammar is published beyond examples, so separators and case do not matter by either
//! reading. Strict also takes other labels and other words for no.

use crate::{
    Policy,
    policy::Reading,
    statement::Statement,
    usage::{self, Carrier, Effect, pairs, plain_noes},
};
use schema::Verdict;

/// The signal that speaks of what may be kept, from no more than an answer's time to all.
const USE: &str = "cs.use";
/// Longest label or value that is looked at.
const LONGEST: usize = 32;

/// What a header states: all its lines joined by `, `.
pub(crate) fn of_header(signals: &str, policy: &Policy) -> Vec<Statement> {
    let mut found = of_robots(signals, policy.reading());
    for statement in &mut found {
        statement.verdict = weighed(statement, policy);
    }
    found
}

/// What a robots.txt line states, a path before it taken off. What it says of copies kept must be
/// [`weighed`] yet: a file is read before it is known what for.
pub(crate) fn of_robots(signals: &str, reading: Reading) -> Vec<Statement> {
    let mut found: Vec<Statement> = Vec::new();
    for (key, value) in pairs(signals) {
        let said = value.and_then(|value| signal(key, value, signals, reading));
        found.extend(said.filter(|said| !found.contains(said)));
    }
    if reading == Reading::Strict {
        for label in plain_noes(Carrier::Signal, signals) {
            let signal = format!("cs.{}", label.name);
            let refuses = matches!(label.effect, Effect::Deny | Effect::Misnomer);
            if refuses && !found.iter().any(|said| said.signal == signal && said.denies()) {
                found.push(Statement::new(signal, label.category, Verdict::MalformedDeny, signals));
            }
        }
    }
    found
}

/// `use=reference` and `use=immediate` forbid to keep a copy. They concern only who keeps one.
pub(crate) fn weighed(statement: &Statement, policy: &Policy) -> Verdict {
    match statement.verdict {
        Verdict::Deny if statement.signal == USE && !policy.redistributes => Verdict::Info,
        verdict => verdict,
    }
}

fn signal(key: &str, value: &str, text: &str, reading: Reading) -> Option<Statement> {
    if key.len().max(value.len()) > LONGEST {
        return None;
    }
    let label = usage::label(Carrier::Signal, &key.to_ascii_lowercase());
    let label = label.filter(|label| label.effect != Effect::Misnomer)?;
    let verdict = match (label.name, value.to_ascii_lowercase().as_str()) {
        ("use", "immediate" | "reference") if reading == Reading::Strict => Verdict::Deny,
        ("use", "immediate" | "reference" | "full") => Verdict::Info,
        ("ai-train", "no") => Verdict::Deny,
        ("ai-train", "yes") => Verdict::Allow,
        (_, "yes" | "no") => Verdict::Info,
        _ => return None,
    };
    Some(Statement::new(format!("cs.{}", label.name), label.category, verdict, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Allow, Deny, Info, MalformedDeny};
    use schema::Mode;

    /// Signal and verdict of each statement.
    type Said = &'static [(&'static str, Verdict)];

    const NO: Said = &[("cs.ai-train", Deny)];
    const MEANT: Said = &[("cs.ai-train", MalformedDeny)];
    const MANAGED: Said = &[("cs.search", Info), ("cs.ai-train", Deny)];

    #[test]
    fn signals_are_read_in_all_their_forms() {
        let rows: &[(&str, Said, Said)] = &[
            ("search=yes, ai-train=no", MANAGED, MANAGED),
            ("search=yes,ai-train=no", MANAGED, MANAGED),
            ("search=yes; ai-train=no", MANAGED, MANAGED),
            ("search=yes ai-train=no", MANAGED, MANAGED),
            ("ai-train = no", NO, NO),
            ("ai-train: no", NO, NO),
            ("AI-Train=NO", NO, NO),
            ("ai-train=no, ai-train=no", NO, NO),
            ("ai-train=yes", &[("cs.ai-train", Allow)], &[("cs.ai-train", Allow)]),
            (
                "ai-train=yes, ai-train=no",
                &[("cs.ai-train", Allow), ("cs.ai-train", Deny)],
                &[("cs.ai-train", Allow), ("cs.ai-train", Deny)],
            ),
            ("ai-input=no", &[("cs.ai-input", Info)], &[("cs.ai-input", Info)]),
            ("search=no", &[("cs.search", Info)], &[("cs.search", Info)]),
            ("ai-train=n", MEANT, &[]),
            ("ai-train=false", MEANT, &[]),
            ("ai_train=no", MEANT, &[]),
            ("train-ai=n", &[("cs.train-ai", MalformedDeny)], &[]),
            ("ai=no", &[("cs.ai", MalformedDeny)], &[]),
            ("noai", &[("cs.ai", MalformedDeny)], &[]),
            ("use=reference", &[("cs.use", Deny)], &[("cs.use", Info)]),
            ("use=IMMEDIATE", &[("cs.use", Deny)], &[("cs.use", Info)]),
            ("use=full", &[("cs.use", Info)], &[("cs.use", Info)]),
            ("search=yes", &[("cs.search", Info)], &[("cs.search", Info)]),
            ("ai-train=maybe", &[], &[]),
            ("ai-train", &[], &[]),
            ("ai-train=y", &[], &[]),
            ("no", &[], &[]),
            ("", &[], &[]),
        ];
        for (text, strict, spec) in rows {
            let said =
                |reading| of_robots(text, reading).into_iter().map(|one| (one.signal, one.verdict)).collect::<Vec<_>>();
            let as_said =
                |rows: Said| rows.iter().map(|(signal, verdict)| ((*signal).into(), *verdict)).collect::<Vec<_>>();
            assert_eq!(said(Reading::Strict), as_said(strict), "strict: {text}");
            assert_eq!(said(Reading::Spec), as_said(spec), "spec: {text}");
        }
    }

    #[test]
    fn copies_concern_only_who_keeps_them() {
        for (mode, redistributes, expected) in
            [(Mode::Strict, true, Deny), (Mode::Strict, false, Info), (Mode::Spec, true, Info)]
        {
            let policy = Policy { redistributes, ..Policy::new(mode, "pinakes") };
            assert_eq!(of_header("use=reference", &policy)[0].verdict, expected);
        }
    }

    #[test]
    fn repetition_is_not_kept() {
        assert_eq!(of_robots(&"ai-train=no,".repeat(50_000), Reading::Strict).len(), 1);
    }
}
