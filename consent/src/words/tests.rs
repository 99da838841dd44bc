//! The tables tested with their own examples, and two tables of texts thought of by hand.

use super::*;
use schema::Mode;

fn read(mode: Mode, redistributes: bool, text: &str) -> Vec<Statement> {
    let mut policy = Policy::new(mode, "pinakes");
    policy.redistributes = redistributes;
    statements(&policy, "nl.alt", text)
}

fn refuses(text: &str) -> bool {
    read(Mode::Strict, false, text).iter().any(Statement::denies)
}

#[test]
fn every_row_can_be_read() {
    assert_eq!(phrase_table::unreadable(), Vec::<String>::new());
}

#[test]
fn every_phrase_is_found_in_its_example() {
    let mut lost = Vec::new();
    for phrase in &phrase_table::Table::get().phrases {
        let text = phrase.example;
        let normal = Normal::of(text);
        let mut found = Vec::new();
        phrase.find(text, &normal, &mut found);
        let plain = found.iter().any(|one| !one.guarded);
        let refuses = phrase.strength != Strength::Strong || refuses(text);
        if !plain || !refuses || !prefilter::may_speak(text) {
            let speaks = |row: &Vec<_>| {
                found.iter().any(|one| guards::speaks(row, phrase, text, &normal, &one.span) == Some(true))
            };
            let guards: Vec<_> = guards::table().into_iter().filter(speaks).collect();
            let sifted = !prefilter::may_speak(text);
            lost.push(format!("{} {text}: {} found, guards {guards:?}, sifted {sifted}", phrase.language, found.len()));
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

#[test]
fn the_examples_of_guards_do_not_refuse() {
    let refused = guards::table().into_iter().map(|row| row[3]).filter(|text| refuses(text)).map(why);
    let refused: Vec<String> = refused.collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_guard_speaks_in_its_example() {
    let idle = guards::table().into_iter().filter(|row| {
        let (text, normal) = (row[3], Normal::of(row[3]));
        let speaks = |phrase: &'static phrases::Phrase| {
            let mut found = Vec::new();
            phrase.find(text, &normal, &mut found);
            found.iter().any(|one| guards::speaks(row, phrase, text, &normal, &one.span) == Some(true))
        };
        !phrase_table::Table::get().phrases.iter().any(speaks)
    });
    let idle: Vec<String> = idle.map(|row| row.join(" | ")).collect();
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

/// A text with the phrases met in it, for messages.
fn why(text: &str) -> String {
    let found = phrases::find(text, &Normal::of(text));
    let words = found.iter().filter(|one| !one.guarded).map(|one| format!("{} {}", one.phrase.language, one.words));
    format!("{text} <- {:?}", words.collect::<Vec<_>>())
}

/// The texts of a table: the second of two columns.
fn texts(table: &'static str) -> Vec<(&'static str, &'static str)> {
    table::rows(table).map(|row| (row[0], row[1])).collect()
}

#[test]
fn plain_objections_refuse_in_every_language() {
    let texts = texts(include_str!("tests/refusals.tsv"));
    let missed: Vec<&str> = texts.iter().map(|(_, text)| *text).filter(|text| !refuses(text)).collect();
    assert!(missed.is_empty(), "{} of {}:\n{}", missed.len(), texts.len(), missed.join("\n"));
}

#[test]
fn what_only_looks_like_an_objection_does_not_refuse() {
    let texts = texts(include_str!("tests/harmless.tsv"));
    let refused: Vec<String> = texts.iter().filter(|(_, text)| refuses(text)).map(|(_, text)| why(text)).collect();
    assert!(refused.is_empty(), "{} of {}:\n{}", refused.len(), texts.len(), refused.join("\n"));
}

#[test]
fn a_harmless_sentence_swallows_no_objection_beside_it() {
    for (_, harmless) in texts(include_str!("tests/harmless.tsv")) {
        for objection in ["Do not use these pictures to train AI.", "AI学習禁止。", "禁止用于AI训练。"] {
            let after = format!("{harmless}. {objection}");
            let before = format!("{objection} {harmless}");
            assert!(refuses(&after), "{after}");
            assert!(refuses(&before), "{before}");
        }
    }
}

#[test]
fn verdicts_follow_strength_mode_and_policy() {
    let says = |mode, redistributes, text: &str| {
        let said = read(mode, redistributes, text);
        said.into_iter().map(|one| (one.signal.into_owned(), one.category, one.verdict)).collect::<Vec<_>>()
    };
    let (alt, weak) = ("nl.alt".to_owned(), "nl.weak".to_owned());
    for (mode, redistributes, text, expected) in [
        (Mode::Strict, false, "No AI training", vec![(alt.clone(), Category::Train, Verdict::Deny)]),
        (Mode::RecordOnly, false, "No AI training", vec![(alt.clone(), Category::Train, Verdict::Deny)]),
        (Mode::Spec, false, "No AI training", vec![(alt.clone(), Category::Train, Verdict::Info)]),
        (Mode::Strict, false, "生成AIへの学習禁止", vec![(alt.clone(), Category::GenTrain, Verdict::Deny)]),
        (Mode::Strict, false, "TDM reserved", vec![(alt.clone(), Category::Tdm, Verdict::Deny)]),
        (Mode::Strict, false, "AI学習禁止ではない", vec![(alt.clone(), Category::Train, Verdict::Info)]),
        (Mode::Strict, false, "無断転載禁止", vec![(weak.clone(), Category::CacheCopy, Verdict::Info)]),
        (Mode::Strict, true, "無断転載禁止", vec![(alt.clone(), Category::CacheCopy, Verdict::Deny)]),
        (Mode::Spec, true, "無断転載禁止", vec![(weak.clone(), Category::CacheCopy, Verdict::Info)]),
        (Mode::Strict, true, "All rights reserved", vec![(weak.clone(), Category::Info, Verdict::Info)]),
        (Mode::Strict, false, "#NoAI", vec![(weak.clone(), Category::Train, Verdict::Info)]),
        (Mode::Strict, false, "AI不使用", vec![(MADE_WITHOUT_AI.to_owned(), Category::Info, Verdict::Info)]),
        (Mode::Strict, false, "a quiet harbour", vec![]),
    ] {
        assert_eq!(says(mode, redistributes, text), expected, "{mode:?} {text}");
    }
}

#[test]
fn statements_tell_where_and_in_which_words() {
    let said = read(Mode::Strict, false, "梟（フクロウ）　ＡＩ 学 習 禁 止");
    assert_eq!((said[0].place.as_str(), said[0].raw.as_str()), ("byte 24", "梟（フクロウ）　ＡＩ 学 習 禁 止"));
    let long = format!("{}No AI training.{}", "owl ".repeat(40_000), " owl".repeat(40_000));
    let said = read(Mode::Strict, false, &long);
    assert_eq!((said.len(), said[0].place.as_str()), (1, "byte 160000"));
    assert!(said[0].raw.contains("No AI training") && said[0].raw.len() < 200, "{}", said[0].raw);
}

#[test]
fn statements_are_bounded_and_refusals_come_first() {
    let many: String =
        (0..500).map(|number| format!("© {number}. AI学習禁止ではない。 no reposting {number}. ")).collect();
    let said = read(Mode::Strict, false, &format!("{many} No AI training."));
    assert!(said.len() <= MOST && said[0].denies(), "{} {:?}", said.len(), said[0]);
}

proptest::proptest! {
    #[test]
    fn any_text_is_read(text in proptest::prelude::any::<String>()) {
        read(Mode::Strict, true, &text);
    }

    #[test]
    fn words_around_an_objection_never_lift_it(before in "[a-z ,.]{0,80}", after in "[a-z ,.]{0,80}") {
        let (before, after) = (before.replace(['a', 'i'], "o"), after.replace(['a', 'i'], "o"));
        let text = format!("{before}. Do not use my art to train AI. {after}");
        proptest::prop_assert!(refuses(&text), "{}", text);
    }
}
