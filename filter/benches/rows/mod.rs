//! Fetched pictures out of a folder of photographs with `captions.jsonl`: what the benches score.

use schema::{Candidate, Fetched};
use serde::Deserialize;
use std::{error::Error, fs, path::Path};

/// Whatever goes wrong in a bench ends it.
pub(crate) type Anything<T> = Result<T, Box<dyn Error>>;

/// A line of `captions.jsonl`.
#[derive(Deserialize)]
struct Captioned {
    file: String,
    captions: Vec<String>,
}

/// One row a photograph, with its first caption.
pub(crate) fn rows(folder: &Path) -> Anything<Vec<Fetched>> {
    let captions = fs::read_to_string(folder.join("captions.jsonl"))?;
    captions
        .lines()
        .map(|line| {
            let Captioned { file, captions } = serde_json::from_str(line)?;
            let text = captions.into_iter().next().ok_or("no caption")?;
            row(&file, &text, fs::read(folder.join(&file))?)
        })
        .collect()
}

fn row(file: &str, text: &str, body: Vec<u8>) -> Anything<Fetched> {
    let url = format!("https://photographs.example/{file}");
    let candidate = Candidate {
        language: Some("en".into()),
        page_url: "https://page.example/".into(),
        page_host: "page.example".into(),
        image_host: "photographs.example".into(),
        archive: "bench".into(),
        ..Candidate::bare(&url, text)
    };
    Ok(Fetched {
        candidate,
        final_url: url,
        attempts: 1,
        seconds: 0.1,
        fetched_at: "2026-11-29T00:00:00Z".parse()?,
        mime: "image/jpeg".into(),
        width: 0,
        height: 0,
        sha256: schema::sha256_hex(&body),
        ai_generated: None,
        offset: 0,
        bytes: body.len() as u64,
        body: body.into(),
    })
}
