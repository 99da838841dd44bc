//! The whole path against PyTorch and transformers, on a model that `tools/export_clip.py` wrote
//! (`PINAKES_TEST_MODEL`): its `parity.json` holds what these gave for the same pictures and captions.
//!
//! Runs on ONNX Runtime where `ORT_DYLIB_PATH` names it, else on the embedded backend.

use filter::{
    Model, Scorer,
    decode::{decode, decode_for},
    preprocess::Preprocess,
};
use schema::Score;
use serde::Deserialize;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

/// Least cosine of a picture's embedding where its pixels differ a little from Pillow's: of the whole
/// picture, and as a run decodes it, JPEGs at a half where that is enough.
const LEAST_COSINE_WHOLE: f64 = 0.9999;
const LEAST_COSINE_SCALED: f64 = 0.999;
const MAX_PIXELS: u64 = 89_478_484;

#[derive(Deserialize)]
struct Parity {
    reference: String,
    precision: String,
    least_cosine: f64,
    pictures: Vec<Picture>,
    captions: Vec<Caption>,
}

#[derive(Deserialize)]
struct Picture {
    file: String,
    square: String,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Caption {
    text: String,
    ids: Vec<i64>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Tokens {
    text: String,
    ids: Vec<i64>,
}

/// The exported model's folder and its parity file; says so and gives `None` where there is none.
fn exported(test: &str) -> Option<(PathBuf, Parity)> {
    let Some(folder) = std::env::var_os("PINAKES_TEST_MODEL").map(PathBuf::from) else {
        eprintln!("skipped: {test}: no exported model (set PINAKES_TEST_MODEL to a folder of tools/export_clip.py)");
        return None;
    };
    let parity = fs::read(folder.join("parity.json")).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    Some((folder, serde_json::from_slice(&parity).unwrap()))
}

fn scorer(folder: &Path) -> Scorer {
    let score = Score { model: folder.to_str().unwrap().to_owned(), ..Score::default() };
    Scorer::open(&score, &[]).unwrap()
}

fn cosine(one: &[f32], two: &[f32]) -> f64 {
    assert_eq!(one.len(), two.len());
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>();
    dot(one, two) / (dot(one, one) * dot(two, two)).sqrt()
}

#[test]
fn captions_come_out_as_from_pytorch() {
    let Some((folder, parity)) = exported("captions_come_out_as_from_pytorch") else { return };
    let scorer = scorer(&folder);
    let model = Model::open(folder.to_str().unwrap()).unwrap();
    let mut least = 1.0_f64;
    for caption in &parity.captions {
        assert_eq!(model.tokenizer.encode(&caption.text).unwrap(), caption.ids, "{:?}", caption.text);
        let cosine = cosine(&scorer.encode_text(&caption.text).unwrap(), &caption.embedding);
        assert!(cosine > parity.least_cosine, "{:?}: {cosine}", caption.text);
        least = least.min(cosine);
    }
    // So that no model is let through which says the same of everything.
    let apart = cosine(&parity.captions[0].embedding, &parity.captions[2].embedding);
    assert!(apart < parity.least_cosine, "different captions have cosine {apart}");
    let (backend, count) = (&scorer.backend().name, parity.captions.len());
    println!("{backend}, {}: {count} captions, least cosine {least:.7} to {}", parity.precision, parity.reference);
}

#[test]
fn pictures_come_out_as_from_pytorch() {
    let Some((folder, parity)) = exported("pictures_come_out_as_from_pytorch") else { return };
    let scorer = scorer(&folder);
    let preprocess = Model::open(folder.to_str().unwrap()).unwrap().preprocess();
    for picture in &parity.pictures {
        let body = fs::read(folder.join(&picture.file)).unwrap();
        let whole = scorer.encode_pixels(&decode(&body, MAX_PIXELS).unwrap()).unwrap();
        let whole = cosine(&whole, &picture.embedding);
        // As a run decodes it: no more pixels than the encoder uses.
        let scale = |width: u32, height: u32| f64::from(preprocess.size) / f64::from(width.min(height));
        let scaled = decode_for(&body, MAX_PIXELS, scale).unwrap();
        let scaled = cosine(&scorer.encode_pixels(&scaled.pixels).unwrap(), &picture.embedding);
        let backend = &scorer.backend().name;
        println!("{backend}, {}: {} cosine {whole:.7}, as in a run {scaled:.7}", parity.precision, picture.file);
        assert!(whole > parity.least_cosine.min(LEAST_COSINE_WHOLE), "{}: {whole}", picture.file);
        assert!(scaled > LEAST_COSINE_SCALED, "{}: {scaled}", picture.file);
    }
    let apart = cosine(&parity.pictures[0].embedding, &parity.pictures[1].embedding);
    assert!(apart < LEAST_COSINE_SCALED, "different pictures have cosine {apart}");
}

#[test]
fn squares_come_out_as_from_pillow() {
    let Some((folder, parity)) = exported("squares_come_out_as_from_pillow") else { return };
    let preprocess: Preprocess = Model::open(folder.to_str().unwrap()).unwrap().preprocess();
    for picture in &parity.pictures {
        let wanted = fs::read(folder.join(&picture.square)).unwrap();
        let pixels = decode(&fs::read(folder.join(&picture.file)).unwrap(), MAX_PIXELS).unwrap();
        let square = preprocess.square(&pixels).rgb;
        assert_eq!(square.len(), wanted.len());
        let differences = square.iter().zip(&wanted).map(|(a, b)| a.abs_diff(*b));
        let (worst, off) = differences.fold((0, 0), |(worst, off), by| (by.max(worst), off + usize::from(by > 0)));
        println!("{}: {off} of {} values are off, by {worst} at most", picture.file, wanted.len());
        assert!(worst <= 1, "{}: off by {worst}", picture.file);
        assert!(off * 100 < wanted.len(), "{}: {off} of {} values are off by one", picture.file, wanted.len());
    }
}

#[test]
fn tokens_are_those_of_the_models_makers() {
    let Some((folder, _)) = exported("tokens_are_those_of_the_models_makers") else { return };
    let Ok(lines) = fs::File::open(folder.join("parity/tokens.jsonl")) else {
        eprintln!("skipped: tokens_are_those_of_the_models_makers: exported without --tokens");
        return;
    };
    let model = Model::open(folder.to_str().unwrap()).unwrap();
    let mut count = 0;
    for line in BufReader::new(lines).lines() {
        let Tokens { text, mut ids } = serde_json::from_str(&line.unwrap()).unwrap();
        ids.resize(model.tokenizer.context(), model.spec.text.pad.into());
        assert_eq!(model.tokenizer.encode(&text).unwrap(), ids, "{text:?}");
        count += 1;
    }
    assert!(count > 0, "tokens.jsonl is empty");
    println!("{count} captions have the same ids");
}
