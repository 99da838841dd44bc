//! Texts and the form they take.

use super::*;
use proptest::prelude::*;

#[test]
fn texts_take_their_comparable_form() {
    for (text, expected) in [
        ("No  AI\ttraining!", "no ai training\n"),
        ("don\u{2019}t", "don't"),
        ("KI\u{2013}Training", "ki training"),
        ("Text- und Data-Mining (TDM)", "text und data mining tdm"),
        ("A.I. training, k.i.", "ai training, ki"),
        ("U.S. photo. Next", "us photo\nnext"),
        ("i. S. d. § 44b Abs. 3 UrhG. Ende", "i s d § 44b abs. 3 urhg\nende"),
        ("Art. 4(3)", "art. 4 3"),
        ("L.122-5-3", "l122 5 3"),
        ("example.com", "example.com"),
        ("Why?", "why?\n"),
        ("**#no_ai**", "#no ai"),
        ("Entraînement d\u{2019}IA", "entrainement d'ia"),
        ("e\u{302}tre", "etre"),
        ("Zażółć Ærø Straße IĞDIR ığ", "zazolc aero strasse igdir ig"),
        ("Й ё ї", "и е і"),
        ("ma\u{AD}chine\u{200B} learn\u{FE0F}ing", "machine learning"),
        ("ＡＩ学習", "ai学習"),
        ("Ａ I 学 習 禁 止", "ai学習禁止"),
        ("AI 学習・転載 禁止。", "ai学習転載禁止\n"),
        ("Photo AI学習", "photo ai学習"),
        ("【AI学習】禁止", "ai学習禁止"),
        ("ｶﾞ か\u{3099}", "ガが"),
        ("\u{1112}\u{1161}\u{11A8}습", "학습"),
        ("AI 학습 금지", "ai학습금지"),
        ("ห้าม AI เรียนรู้", "ห้ามaiเรียนรู้"),
        ("vitamin a in", "vitamin a in"),
        ("أَ", "ا"),
        ("", ""),
        (" . ! ", ""),
    ] {
        assert_eq!(Normal::of(text).text(), expected, "{text}");
    }
}

#[test]
fn spans_lead_back_to_the_words_as_written() {
    let text = "Ｎｏ  A.I. „training“ ✓ 禁 止";
    let normal = Normal::of(text);
    for (words, expected) in [("no ai", "Ｎｏ  A.I"), ("training", "training"), ("禁止", "禁 止")] {
        let start = normal.text().find(words).unwrap();
        let span = normal.original(&(start..start + words.len()));
        assert!(text[span.clone()].starts_with(expected), "{words}: {}", &text[span]);
    }
}

#[test]
fn initials_before_a_capital_letter_may_end_a_sentence() {
    for (text, before) in
        [("Photo by N.C. Do not copy", "nc"), ("Photo by n.c. do not copy", ""), ("Photo by N.C.Do not copy", "")]
    {
        let normal = Normal::of(text);
        let start = normal.text().find("do not").unwrap();
        let near = normal.between_initials(&(0..normal.text().len()), &(start..start + 6));
        let left_out = &normal.text()[..near.start];
        assert!(left_out.ends_with(before) && left_out.is_empty() == before.is_empty(), "{text}: {left_out}");
    }
}

proptest! {
    #[test]
    fn every_text_has_a_form(text in any::<String>()) {
        let normal = Normal::of(&text);
        prop_assert_eq!(normal.origins.len(), normal.text.len() + 1);
        prop_assert!(normal.origins.is_sorted());
        prop_assert!(normal.origins.iter().all(|origin| text.is_char_boundary(*origin as usize)));
    }
}
