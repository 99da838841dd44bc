//! Which text makes the pair: tables of sources and rules.

use super::*;
use crate::extract::{images, mentions::Mentions};
use consent::PageView;

const PAGE: &str = "https://p.example/dir/page";

/// The choice for the first image of a page.
fn chosen(html: &str, keep: &Keep) -> Result<(String, TextSource, Vec<TextFlag>), DropReason> {
    let chosen = first(html, |found| choose(keep, found));
    chosen.map(|chosen| (chosen.text, chosen.source, chosen.flags))
}

fn first<T>(html: &str, ask: impl Fn(&Found<'_>) -> T) -> T {
    let url = Url::parse(PAGE).unwrap();
    let markup = markup::Page::parse(html);
    let (source, now) = (schema::Source::Warc, chrono::DateTime::UNIX_EPOCH);
    let view = PageView { url: &url, headers: &[], markup: &markup, source, seen_at: None, now };
    let json_ld = view.json_ld();
    let mentions = Mentions::of(&markup, &json_ld, &url, 4096);
    let found = images::of(&markup, &url, &mentions, 4096).next().unwrap();
    ask(&found)
}

fn all_sources() -> Vec<TextSource> {
    use TextSource::{Alt, AriaLabel, Caption, JsonLd, Meta, Title};
    vec![Alt, Caption, Title, AriaLabel, Meta, JsonLd]
}

#[test]
fn every_source_is_asked_in_the_order_of_the_settings() {
    const ALL: &str = "<meta property=og:image content=a.jpg><meta property=og:image:alt content='of the meta'>
        <script type=application/ld+json>{\"@type\":\"ImageObject\",\"url\":\"a.jpg\",\"caption\":\"of the data\"}</script>
        <figure><img src=a.jpg alt='of the alt' title='of the title' aria-label='of the label'><figcaption>of the caption</figcaption></figure>";
    let mut sources = all_sources();
    for expected in ["of the alt", "of the caption", "of the title", "of the label", "of the meta", "of the data"] {
        let keep = Keep { text_sources: sources.clone(), ..Keep::default() };
        assert_eq!(chosen(ALL, &keep).unwrap(), (expected.to_owned(), sources[0], vec![]));
        sources.remove(0);
    }
    let keep = Keep { text_sources: vec![TextSource::JsonLd, TextSource::Alt], ..Keep::default() };
    assert_eq!(chosen(ALL, &keep).unwrap().0, "of the data");
    for text_sources in [vec![], vec![TextSource::Around]] {
        assert_eq!(chosen(ALL, &Keep { text_sources, ..Keep::default() }), Err(DropReason::NoText));
    }
}

#[test]
fn a_text_that_does_not_pass_hands_on_to_the_next() {
    use DropReason::{FlaggedText, LongText, NoText, ShortText};
    let keep = Keep { drop_texts: vec![TextFlag::Generic], max_text_chars: 20, ..Keep::default() };
    for (alt, title, expected) in [
        ("A cat on a sofa", "The title", Ok("A cat on a sofa")),
        ("Cat", "A cat on a sofa", Ok("A cat on a sofa")),
        ("Image 3", "A cat on a sofa", Ok("A cat on a sofa")),
        ("A text of more than twenty", "A cat on a sofa", Ok("A cat on a sofa")),
        // Nothing is left of it, so there is none.
        ("&#xF0C9;&#x200B;", "A cat on a sofa", Ok("A cat on a sofa")),
        ("&#xF0C9;&#x200B;", "", Err(NoText)),
        ("&#xF0C9;&#x200B;", "Cat", Err(ShortText)),
        ("Cat", "Image 3", Err(ShortText)),
        ("Image 3", "Cat", Err(FlaggedText)),
        ("A text of more than twenty", "Cat", Err(LongText)),
        ("", "", Err(NoText)),
        // Counted after cleaning, in characters.
        ("Cat&#x200B;s&nbsp;", "", Err(ShortText)),
        ("Größe", "", Ok("Größe")),
        ("猫が寝ている", "", Ok("猫が寝ている")),
    ] {
        let found = chosen(&format!("<img src=a.jpg alt='{alt}' title='{title}'>"), &keep);
        assert_eq!(found.map(|(text, ..)| text), expected.map(str::to_owned), "{alt} {title}");
    }
}

#[test]
fn texts_of_too_few_words_hand_on_too() {
    let keep = Keep { min_text_words: 3, ..Keep::default() };
    let page = |alt: &str, title: &str| chosen(&format!("<img src=a.jpg alt='{alt}' title='{title}'>"), &keep);
    assert_eq!(page("two&nbsp;  words", "Three words here").unwrap().0, "Three words here");
    assert_eq!(page("two words", "Internationalisation"), Err(DropReason::ShortText));
    assert!(page("just three words", "").is_ok());
}

#[test]
fn a_flag_is_told_where_it_does_not_drop() {
    let flagged = |keep: &Keep| chosen("<img src=a.jpg alt='IMG_1234.JPG'>", keep);
    let told = Ok(("IMG_1234.JPG".to_owned(), TextSource::Alt, vec![TextFlag::FileName, TextFlag::FewLetters]));
    assert_eq!(flagged(&Keep::default()), told.clone().map(|(text, source, flags)| (text, source, vec![flags[0]])));
    let drop_texts = vec![TextFlag::Generic, TextFlag::FileName];
    assert_eq!(flagged(&Keep { drop_texts, ..Keep::default() }), Err(DropReason::FlaggedText));
}

#[test]
fn texts_of_json_ld_are_tried_in_their_order() {
    let page = |texts: &str| {
        format!("<script type=application/ld+json>{{\"@type\":\"ImageObject\",\"url\":\"a.jpg\",{texts}}}</script>")
    };
    for (texts, expected) in [
        (
            r#""name":"The name","description":"The description","caption":"The caption","alternateName":"Another""#,
            "The caption",
        ),
        (r#""name":"The name","description":"The description","caption":"Cap""#, "The description"),
        (r#""name":"The name","description":" ","caption":"""#, "The name"),
        (r#""alternateName":["Abc","Another"]"#, "Another"),
    ] {
        assert_eq!(chosen(&page(texts), &Keep::default()).unwrap().0, expected, "{texts}");
    }
}

#[test]
fn languages_that_are_not_wanted_hand_on_too() {
    let detect = |text: &str| match text {
        "A cat on a sofa" => Some("en"),
        "Eine Katze" => Some("de"),
        _ => None,
    };
    let html = "<img src=a.jpg alt='A cat on a sofa' title='Eine Katze' aria-label=12345>";
    for (languages, expected) in [
        (&[][..], Ok(("A cat on a sofa", Some("en")))),
        (&["en"], Ok(("A cat on a sofa", Some("en")))),
        (&["fr", "DE"], Ok(("Eine Katze", Some("de")))),
        (&["unknown"], Ok(("12345", None))),
        (&["fr"], Err(DropReason::Language)),
    ] {
        let languages = languages.iter().map(|language: &&str| (*language).to_owned()).collect();
        let keep = Keep { languages, ..Keep::default() };
        let chosen = first(html, |found| choose_by(&keep, found, detect));
        let expected =
            expected.map(|(text, language): (&str, Option<&str>)| (text.to_owned(), language.map(str::to_owned)));
        assert_eq!(chosen.map(|chosen| (chosen.text, chosen.language)), expected, "{:?}", keep.languages);
    }
}
