//! Texts written for this test, like the alt texts of the web, in many languages and in none.
use std::collections::BTreeSet;

const TEXTS: &str = include_str!("texts.tsv");

/// Of a hundred texts in a language at least so many are told, and
const RIGHT: usize = 95;
/// at most so many are told wrong.
const WRONG: usize = 2;
/// Of a hundred names, codes and the like at most so many get a language.
const NAMED: usize = 6;

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    TEXTS.lines().filter_map(|line| line.split_once('\t'))
}

#[test]
fn texts_in_a_language_are_told() {
    let (mut all, mut right, mut wrong) = (0, 0, Vec::new());
    for (language, text) in rows().filter(|(language, _)| *language != "-") {
        all += 1;
        match language::detect(text) {
            Some(told) if told == language => right += 1,
            Some(told) => wrong.push(format!("{language} told as {told}: {text}")),
            None => println!("{language} unknown: {text}"),
        }
    }
    println!("{right} right, {} wrong, of {all}\n{}", wrong.len(), wrong.join("\n"));
    assert!(all >= 200);
    assert!(right * 100 >= all * RIGHT, "{right} right of {all}");
    assert!(wrong.len() * 100 <= all * WRONG, "{} wrong of {all}: {wrong:#?}", wrong.len());
}

#[test]
fn names_and_codes_have_no_language() {
    let nothing: Vec<_> = rows().filter(|(language, _)| *language == "-").collect();
    let named: Vec<_> = nothing.iter().filter_map(|(_, text)| Some((language::detect(text)?, *text))).collect();
    println!("{} named of {}: {named:?}", named.len(), nothing.len());
    assert!(named.len() * 100 <= nothing.len() * NAMED, "{} named of {}: {named:?}", named.len(), nothing.len());
}

#[test]
fn sixty_languages_are_among_them() {
    let languages: BTreeSet<_> =
        rows().filter_map(|(language, text)| (language::detect(text)? == language).then_some(language)).collect();
    assert!(languages.len() >= 60, "{languages:?}");
}

#[test]
fn any_text_has_an_answer_or_none() {
    let long = "word ".repeat(100_000);
    for text in ["", " ", "\0", "\u{301}", "é", &long, "字", "の", "\u{fffd}", "ﷺ", "🇩🇪"] {
        let told = language::detect(text);
        let guess = language::detect_with_confidence(text);
        assert!(told.is_none() || told == guess.map(|guess| guess.language), "{text:?}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_it(text in "\\PC{0,300}") {
        if let Some(guess) = language::detect_with_confidence(&text) {
            proptest::prop_assert!(guess.percent <= 100 && (2..=3).contains(&guess.language.len()));
        }
        let _ = language::detect(&text);
    }
}
