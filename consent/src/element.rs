//! Attributes that people set on images and what is around them: `data-noai`, `nopin`,
//! `data-nosnippet`. No standard knows the AI ones, so they count in strict reading alone.

use crate::{
    Policy,
    directive::{blank, is_no},
    page::at,
    policy::Reading,
    statement::Statement,
};
use markup::Mark;
use schema::{Category, Verdict};

/// What the attributes on an image and around it state, each once, where it stands nearest.
pub(crate) fn statements(policy: &Policy, marks: &[Mark]) -> Vec<Statement> {
    let mut said: Vec<Statement> = Vec::new();
    for mark in marks {
        let Some((signal, category, verdict)) = statement(policy, mark) else { continue };
        // A deep page repeats its marks without end.
        if !said.iter().any(|other| other.signal == signal && other.verdict == verdict) {
            let place = at(mark.at, &format!("{} {}", mark.element, mark.name));
            said.push(Statement::new(signal, category, verdict, &mark.value).at(place));
        }
    }
    said
}

fn statement(policy: &Policy, mark: &Mark) -> Option<(&'static str, Category, Verdict)> {
    let strict = policy.reading() == Reading::Strict;
    let value = mark.value.trim_matches(|c: char| blank(c) || matches!(c, '"' | '\''));
    let no = |verdict| if strict { verdict } else { Verdict::Info };
    let unless_off = |verdict| if is_off(value) { Verdict::Info } else { no(verdict) };
    let copying = if policy.redistributes { unless_off(Verdict::Deny) } else { Verdict::Info };
    Some(match mark.name.to_ascii_lowercase().as_str() {
        "data-noai" => ("element.data-noai", Category::Train, unless_off(Verdict::Deny)),
        "data-noimageai" => ("element.data-noimageai", Category::Train, unless_off(Verdict::Deny)),
        "data-nollm" => ("element.data-nollm", Category::Train, unless_off(Verdict::Deny)),
        "data-no-ai" => ("element.data-no-ai", Category::Train, unless_off(Verdict::Deny)),
        "data-no-ai-training" => ("element.data-no-ai-training", Category::Train, unless_off(Verdict::Deny)),
        // `data-ai` names all sorts of things; only a no is a statement.
        "data-ai" if is_no(value) || is_noai(value) => ("element.data-ai", Category::Train, no(Verdict::Deny)),
        "data-ai-training" | "data-ai-train" if is_no(value) || is_noai(value) => {
            ("element.data-ai-training", Category::Train, no(Verdict::MalformedDeny))
        }
        "class" if value.split(blank).any(is_noai) => ("element.class", Category::Train, Verdict::Info),
        "nopin" | "data-pin-nopin" | "data-pin-no-hover" => ("element.nopin", Category::CacheCopy, copying),
        // A boolean attribute: its value says nothing (Google, robots meta documentation).
        "data-nosnippet" => ("element.data-nosnippet", Category::CacheCopy, Verdict::Info),
        _ => return None,
    })
}

fn is_off(value: &str) -> bool {
    ["false", "0", "no"].iter().any(|off| value.eq_ignore_ascii_case(off))
}

fn is_noai(word: &str) -> bool {
    ["noai", "no-ai", "noimageai", "disallowed"].iter().any(|no| word.eq_ignore_ascii_case(no))
}

#[cfg(test)]
mod tests {
    use super::*;
    use markup::Place;
    use schema::Mode;

    fn mark(name: &str, value: &str) -> Mark {
        Mark { name: name.into(), value: value.into(), element: "div".into(), at: Place { line: 7, byte: 90 } }
    }

    #[test]
    fn attributes_mean_what_the_table_says() {
        use Verdict::{Deny, Info, MalformedDeny};
        for (name, value, strict, copied) in [
            ("data-noai", "", Some(Deny), Some(Deny)),
            ("data-noai", "true", Some(Deny), Some(Deny)),
            ("DATA-NOAI", "anything", Some(Deny), Some(Deny)),
            ("data-noai", " False ", Some(Info), Some(Info)),
            ("data-noai", "0", Some(Info), Some(Info)),
            ("data-nollm", "no", Some(Info), Some(Info)),
            ("data-nollm", "1", Some(Deny), Some(Deny)),
            ("data-no-ai", "off", Some(Deny), Some(Deny)),
            ("data-ai", "none", Some(Deny), Some(Deny)),
            ("data-ai", "\"none\"", Some(Deny), Some(Deny)),
            ("data-ai", "noai", Some(Deny), Some(Deny)),
            ("data-ai", "generated", None, None),
            ("data-ai", "", None, None),
            ("data-ai-training", "false", Some(MalformedDeny), Some(MalformedDeny)),
            ("data-ai-training", "true", None, None),
            ("class", "photo NoAI wide", Some(Info), Some(Info)),
            ("class", "piano-noai-x", None, None),
            ("nopin", "nopin", Some(Info), Some(Deny)),
            ("data-pin-nopin", "true", Some(Info), Some(Deny)),
            ("data-pin-nopin", "false", Some(Info), Some(Info)),
            ("data-pin-no-hover", "true", Some(Info), Some(Deny)),
            ("data-nosnippet", "false", Some(Info), Some(Info)),
            ("data-src", "noai", None, None),
        ] {
            let verdict = |mode, redistributes| {
                let policy = Policy { redistributes, ..Policy::new(mode, "pinakes") };
                statements(&policy, &[mark(name, value)]).first().map(|said| said.verdict)
            };
            assert_eq!(verdict(Mode::Strict, false), strict, "{name}={value}");
            assert_eq!(verdict(Mode::Strict, true), copied, "{name}={value}");
            assert_eq!(verdict(Mode::Spec, true), strict.map(|_| Info), "{name}={value}");
        }
    }

    #[test]
    fn a_mark_is_told_once_and_a_no_stands_beside_a_nearer_yes() {
        let mut marks = vec![mark("data-noai", "false")];
        marks.extend(std::iter::repeat_n(mark("data-noai", ""), 10_000));
        let said = statements(&Policy::new(Mode::Strict, "pinakes"), &marks);
        let verdicts: Vec<Verdict> = said.iter().map(|said| said.verdict).collect();
        assert_eq!(verdicts, [Verdict::Info, Verdict::Deny]);
        assert_eq!(said[1].place, "7 (byte 90) <div data-noai>");
    }
}
