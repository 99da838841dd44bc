//! Tells the language of texts, one a line: tag, likeliest tag, its percent and the text, separated
//! by tabs; "-" is unknown. With `whichlang` as its argument, asks that, which answers in three letters.
use std::io::{BufRead, BufWriter, Write};

fn main() -> std::io::Result<()> {
    let detector = std::env::args().nth(1).unwrap_or_default();
    let mut out = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let text = line?;
        if detector == "whichlang" {
            writeln!(out, "{}", whichlang::detect_language(&text).three_letter_code())?;
            continue;
        }
        let tag = language::detect(&text).unwrap_or("-");
        let guess = language::detect_with_confidence(&text);
        let (likeliest, percent) = guess.map_or(("-", 0), |guess| (guess.language, guess.percent));
        writeln!(out, "{tag}\t{likeliest}\t{percent}\t{text}")?;
    }
    out.flush()
}
