//! Tables of examples for every flag, and a measure of all of them on real pages.

use super::*;
use TextFlag::{Capitals, FewLetters, FileName, Generic, Markup, Url as Address};
use proptest::prelude::*;

fn flagged(text: &str, image: &str) -> Vec<TextFlag> {
    let base = Url::parse("https://i.example/").unwrap();
    flags(text, base.join(image).ok().as_ref())
}

#[track_caller]
fn all_have(flag: TextFlag, texts: &[&str]) {
    for text in texts {
        assert_eq!(clean(text), *text);
        assert!(flagged(text, "x").contains(&flag), "{text}");
    }
}

#[track_caller]
fn none_has(flag: TextFlag, texts: &[&str]) {
    for text in texts {
        assert!(!flagged(text, "x").contains(&flag), "{text}");
    }
}

#[test]
fn descriptions_have_no_flags() {
    for text in [
        "A cat on a sofa",
        "NASA astronaut",
        "Angela Merkel, 2019 in Berlin",
        "猫がソファの上で寝ている",
        "กรุงเทพมหานครยามค่ำคืน",
        "दिल्ली में लाल किला",
        "Mother-in-law",
        "Spider-Man: No Way Home (2021)",
        "Jean-Luc's image of the Eiffel Tower",
        "Windows 10 desktop",
        "Rock & Roll Hall of Fame",
        "I <3 you",
        "50% off: sofas & chairs [sale]",
        "Figure 3: growth, in %",
        "St. Gallen",
        "Photo of a cat",
        "image of a sunset at the beach",
        "B-52 bomber",
        "COVID-19 vaccine",
        "Фото кота",
        "Ferrari 488 GTB",
        "J.R.R. Tolkien",
        "Node.js",
        "AT&T",
        "3 in 1",
    ] {
        assert_eq!(flagged(text, "a.jpg"), [], "{text}");
    }
    // A file that was named after a description leaves it one.
    assert_eq!(flagged("Spider-Man", "spider-man.jpg"), []);
    assert_eq!(flagged("A cat on a sofa", "a-cat-on-a-sofa.jpg"), []);
    assert_eq!(flagged("sunset", "sunset.jpg"), []);
}

#[test]
fn names_of_files() {
    all_have(
        FileName,
        &[
            "IMG_1234.JPG",
            "IMG_1234",
            "img 1234",
            "dsc00123",
            "DSCN0001",
            "DSC_0001-2",
            "P1010234.JPG",
            "PXL_20210101_123456789",
            "screenshot-2024-05-01",
            "Screenshot 2024-05-01 at 10.11.12",
            "Screen Shot 2020-01-02 at 3.04.05 PM",
            "photo_2020-01-01.png",
            "Bildschirmfoto 2020-01-02 um 10.11.12",
            "スクリーンショット 2021-01-02 10.11.12",
            "WhatsApp Image 2020-01-02 at 10.11.12",
            "IMG-20200102-WA0012",
            "image (1234)",
            "image001",
            "photo_2020-01-01 (2)",
            "DJI_0042",
            "sunset.jpeg",
            "my holiday.PNG",
            "a.webp?w=300&h=200",
            "猫.jpg",
            "4f3a2b1c9d8e7f60",
            "123e4567-e89b-12d3-a456-426614174000",
            "71x4kQ1rXdL._AC_SL1500_",
            "sunset_beach_2",
            "hero_image",
            "header-home-final-v",
            "Untitled-1234",
            "AdobeStock_123456789",
            "shutterstock_123456789",
            "20180102_101112",
            "IMG_1234-scaled",
            "IMG_1234-300x200",
        ],
    );
    none_has(
        FileName,
        &[
            "image 3",
            "photo 12",
            "Image",
            "covid19",
            "Boeing 747",
            "Formula 1",
            "The Beatles 1963",
            "iPhone 12 Pro Max",
            "@john_doe",
            "#no_filter",
            "Chapter 12",
            "Photo taken in 1923 in Paris",
            "Image 1923 Paris",
            "1080p60fps",
            "Wait...",
            "hello. jpg",
            ".jpg",
            "A4",
            "tic-tac-toe",
        ],
    );
    for (text, image, is_one) in [
        ("red-shoes", "/p/red-shoes.jpg?x=1", true),
        ("red-shoes", "/p/Red_Shoes-300x200.jpg", true),
        ("red-shoes", "/p/red-shoes-scaled.png", true),
        ("red-shoes", "/p/red-shoes@2x.png", true),
        ("red-shoes", "/p/red%20shoes.jpg", true),
        ("größe-2", "/p/gr%C3%B6%C3%9Fe-2.jpg", true),
        ("shoes2", "/p/shoes2.jpg", true),
        ("red-shoes", "/p/blue-shoes.jpg", false),
        ("red-shoes", "/", false),
        ("Red-Shoes", "/p/red-shoes.jpg", false),
        ("red shoes", "/p/red-shoes.jpg", false),
        ("shoes", "/p/shoes.jpg", false),
    ] {
        assert_eq!(flagged(text, image).contains(&FileName), is_one, "{text} {image}");
    }
    assert!(!flags("red-shoes", None).contains(&FileName));
}

#[test]
fn texts_that_fit_any_picture() {
    all_have(
        Generic,
        &[
            "image",
            "Image",
            "IMAGE",
            "image 3",
            "image3",
            "Image #3",
            "image-3",
            "image (3)",
            "Image 1 of 5",
            "image 1/5",
            "Photo No. 7",
            "[image]",
            "image:",
            "“Image”",
            "Logo",
            "logo.",
            "no image available",
            "No Image Available!",
            "featured image",
            "Featured-Image",
            "featured_image",
            "click to enlarge",
            "Click to enlarge...",
            "Bild",
            "Bild 3",
            "Bild 1 von 5",
            "Kein Bild vorhanden",
            "Cliquez pour agrandir",
            "sin imagen",
            "画像",
            "画像3",
            "画像なし",
            "图片1",
            "圖片",
            "이미지 3",
            "Изображение отсутствует",
            "ФОТО 2",
            "εικόνα",
            "ΛΟΓΌΤΥΠΟ",
            "RESİM 2",
            "صورة",
            "תמונה 2",
            "รูปภาพ",
            "चित्र",
            "undefined",
            "null",
            "Zum Vergrößern klicken",
        ],
    );
    none_has(
        Generic,
        &[
            "image of a cat",
            "3 images",
            "logo design",
            "Bild von Ada",
            "photographer",
            "imagen de un gato",
            "猫の画像",
            "of",
            "",
            "3",
            "von 5",
            "iPhone 3",
        ],
    );
}

#[test]
fn every_row_of_the_table_is_found() {
    let table = include_str!("../../../data/generic-texts.tsv");
    let rows = table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split_once('\t').unwrap());
    let mut languages = std::collections::BTreeSet::new();
    for (language, text) in rows {
        languages.insert(language);
        assert_eq!(clean(text), text);
        for text in [text.to_owned(), text.to_uppercase(), format!("{text} 3"), format!("{text}.")] {
            assert!(generic::is_one(&text), "{text}");
        }
    }
    assert!(languages.len() >= 25, "{}", languages.len());
}

#[test]
fn addresses() {
    all_have(
        Address,
        &[
            "http://a.example/x",
            "HTTPS://a.example",
            "www.example.com",
            "//a.example/b.jpg",
            "example.com",
            "sub.example.co.uk",
            "a.example/b/c",
            "example.com?x=1",
            "mailto:ada@a.example",
            "ada@example.com",
            "data:image/png;base64,AAAA",
            "https://a.example/b.jpg",
            "javascript:void(0)",
        ],
    );
    none_has(
        Address,
        &[
            "Visit www.example.com today",
            "Node.js",
            "photo.jpg",
            "and/or",
            "St.Gallen",
            "J.R.R",
            "://",
            "Mr. Smith",
            "a.b",
            "..com",
            "猫.com/x",
            "1.5",
        ],
    );
}

#[test]
fn few_letters() {
    all_have(
        FewLetters,
        &["12345", "2019-05-01", "...", "€ 19.99", "10 x 15", "👍👍", "***", "1234 ab", "+49 (0)30 123456"],
    );
    none_has(FewLetters, &["a1", "abc 123", "猫", "กขค", "2019 Berlin", "हिन्दी", "Ⅻ abc"]);
}

#[test]
fn capitals() {
    all_have(Capitals, &["BREAKING NEWS", "ВНИМАНИЕ!", "ÜBERGRÖẞEN", "ΑΘΗΝΑ ΕΛΛΑΣ", "SALE 2019 TODAY", "ABCDEFGH 猫"]);
    none_has(
        Capitals,
        &[
            "NASA",
            "SALE NOW",
            "Breaking News",
            "BREAKING nEWS",
            "猫がソファの上で寝ている",
            "مرحبا بالعالم",
            "123456789",
            "დედამიწა თბილისი",
        ],
    );
}

#[test]
fn markup_and_code() {
    all_have(
        Markup,
        &[
            "<img src=x>",
            "a <b>cat</b>",
            "</p> tail>",
            "<!-- x -->",
            "Tom &amp; Jerry",
            "a&nbsp;b",
            "it&#39;s",
            "&#x27;x",
            "{{ title }}",
            "{% x %}",
            "${name}",
            "#{name}",
            "%s photos",
            "Photo %1$s",
            "by %s",
            "[caption id=1]",
            "[/caption]",
            "[vc_row]",
            "[gallery]",
            "[object Object]",
            "[[File:x]]",
            "function(){}",
            "function () {",
            "<?php echo",
            "<%= x %>",
            "a alt=\"b\"",
        ],
    );
    none_has(
        Markup,
        &[
            "I <3 you",
            "a < b",
            "a<b",
            "R&D; more",
            "AT&T",
            "A & B; C",
            "100%",
            "100% silk",
            "50%sale",
            "[1]",
            "[sic]",
            "{a}",
            "f(x)",
            "functional (a)",
            "1 = 1",
            "$5 {each}",
            "x <",
            "&",
            "%",
            "<",
            "[",
            "&;",
            "&#;",
        ],
    );
}

proptest! {
    #[test]
    fn any_text_can_be_flagged(text in "\\PC{0,60}", image in "\\PC{0,20}") {
        flagged(&clean(&text), &image);
    }

    #[test]
    fn text_like_names_can_be_flagged(text in "([a-zA-Z]{1,4}|[0-9]{1,4}|[-_ .()<>&;%\\[{/:@x]){0,12}") {
        flagged(&clean(&text), &text);
    }
}
