//! Texts a second, and how often right, of this crate and whichlang on `tests/texts.tsv`.
use std::hint::black_box;
use std::time::{Duration, Instant};

const TEXTS: &str = include_str!("../tests/texts.tsv");
const TIME: Duration = Duration::from_secs(3);

type Detector = fn(&str) -> Option<&'static str>;

fn main() {
    let rows: Vec<(&str, &str)> = TEXTS.lines().filter_map(|line| line.split_once('\t')).collect();
    let letters: usize = rows.iter().map(|(_, text)| text.chars().count()).sum();
    println!("{} texts of {:.0} characters on average", rows.len(), letters as f64 / rows.len() as f64);
    let detectors: [(&str, Detector); 2] = [("language", language::detect), ("whichlang", by_whichlang)];
    for (name, detect) in detectors {
        let speed = fastest(&rows, detect);
        println!("{name:10} {speed:>9.0} texts/s  {}", account(&rows, detect));
    }
}

/// Texts a second in the fastest of many passes: one is short enough to be left alone by others.
fn fastest(rows: &[(&str, &str)], detect: Detector) -> f64 {
    let mut best = Duration::MAX;
    let begin = Instant::now();
    while begin.elapsed() < TIME {
        let pass = Instant::now();
        for (_, text) in rows {
            black_box(detect(black_box(text)));
        }
        best = best.min(pass.elapsed());
    }
    rows.len() as f64 / best.as_secs_f64()
}

/// Of texts in a language: right, wrong, unknown. Of the others: how many got an answer.
fn account(rows: &[(&str, &str)], detect: Detector) -> String {
    let (mut right, mut wrong, mut unknown, mut named, mut others) = (0, 0, 0, 0, 0);
    for &(language, text) in rows {
        match detect(text) {
            _ if language == "-" => {
                others += 1;
                named += usize::from(detect(text).is_some());
            }
            Some(tag) if tag == language => right += 1,
            Some(_) => wrong += 1,
            None => unknown += 1,
        }
    }
    format!("right {right}, wrong {wrong}, unknown {unknown}; answered {named} of {others} that have no language")
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of all detectors")]
fn by_whichlang(text: &str) -> Option<&'static str> {
    Some(two_letters(whichlang::detect_language(text).three_letter_code()))
}

/// The two-letter tag of a three-letter code.
fn two_letters(code: &str) -> &'static str {
    const CODES: &str = "ara ar cmn zh deu de eng en fra fr hin hi ita it jpn ja kor ko nld nl por pt rus ru spa es \
        swe sv tur tr vie vi";
    let mut codes = CODES.split_ascii_whitespace();
    while let (Some(three), Some(two)) = (codes.next(), codes.next()) {
        if three == code {
            return two;
        }
    }
    "??"
}
