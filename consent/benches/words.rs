//! How fast texts are searched for objections: ordinary captions, captions that speak of AI, and
//! text made to be slow.
//!
//! `cargo bench -p consent --bench words -- FILE` (one text a line; default:
//! `../../shared/data/photos/captions.jsonl`). Megabytes of text per second of one core.

use consent::{Policy, objects_in_words};
use schema::Mode;
use std::{hint::black_box, path::PathBuf, time::Instant};

fn main() {
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/photos/captions.jsonl");
    let file = PathBuf::from(given.unwrap_or_else(|| default.to_owned()));
    match std::fs::read_to_string(&file) {
        Ok(text) => time("texts of the file", &captions(&text), 300),
        Err(_) => eprintln!("skipped: `{}` cannot be read; name a file with one text a line", file.display()),
    }
    for (what, text) in [
        ("a caption that mentions AI", "AI conference in Berlin, main stage with speakers"),
        ("an objection", "Harbour at dusk, oil on canvas. No AI training."),
        ("a Japanese objection", "港の夕暮れ AI学習・無断転載禁止"),
    ] {
        time(what, &vec![text.to_owned(); 100], 300);
    }
    for (what, text) in [
        ("hostile: every anchor, no phrase", "ai learning train mining reserv may machine for "),
        ("hostile: gaps without end", "reserved article may not be used to "),
        ("hostile: guarded phrases", "we do not train ai on your data and no ai training on your data "),
    ] {
        time(what, &[text.repeat((64 << 10) / text.len())], 30);
    }
}

/// The captions of a JSON file with one list of strings a line, or the lines themselves.
fn captions(text: &str) -> Vec<String> {
    let of_line = |line: &str| match serde_json::from_str::<serde_json::Value>(line) {
        Ok(record) => record["captions"]
            .as_array()
            .cloned()
            .unwrap_or_default()
            .iter()
            .filter_map(|one| one.as_str().map(str::to_owned))
            .collect(),
        Err(_) => vec![line.to_owned()],
    };
    text.lines().flat_map(of_line).collect()
}

/// Best of many short rounds, so that the figure is that of a core of one's own.
fn time(what: &str, texts: &[String], rounds: usize) {
    let policy = Policy::new(Mode::Strict, "pinakes");
    let bytes: usize = texts.iter().map(String::len).sum();
    let mut objections = 0;
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let start = Instant::now();
        objections = black_box(texts).iter().filter(|text| objects_in_words(&policy, text)).count();
        best = best.min(start.elapsed().as_secs_f64());
    }
    let each = best / texts.len().max(1) as f64 * 1e9;
    println!(
        "{:8.1} MB/s {each:10.0} ns a text  {what} ({objections} of {} object)",
        bytes as f64 / 1e6 / best,
        texts.len()
    );
}
