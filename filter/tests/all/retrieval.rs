//! Whether pictures find their captions: the 80 photographs of the shared data, by two models that differ in nothing
//! but their `model.toml`.

use crate::support::{model_toml, shared};
use filter::{Scorer, decode::decode};
use schema::Score;
use std::{fs, path::Path};

/// How many of 80 pictures and captions find each other first: R@1 of models/demo/CARD.md, first captions.
const DEMO: Found = Found { captions: 29, pictures: 34 };
/// R@1 of the other encoder by its own card: 0.37 and 0.42, among a hundred that it had not seen.
const OTHER: Found = Found { captions: 30, pictures: 34 };

/// Own captions that are nearest to their picture, and own pictures that are nearest to their caption.
#[derive(Debug)]
struct Found {
    captions: usize,
    pictures: usize,
}

#[test]
fn photographs_find_their_captions_as_often_as_the_demo_models_card_says() {
    let Some(folder) = shared("photographs_find_their_captions_as_often_as_the_demo_models_card_says", "photos") else {
        return;
    };
    assert_found("demo", &folder, &DEMO);
}

#[test]
fn another_model_is_another_model_toml_and_no_more() {
    let test = "another_model_is_another_model_toml_and_no_more";
    let Some(folder) = shared(test, "photos") else { return };
    let (Some(encoders), Some(clip)) = (shared(test, "demo-encoder"), shared(test, "clip")) else { return };
    let model = tempfile::tempdir().unwrap();
    for (from, to) in [
        (encoders.join("image_encoder.onnx"), "image.onnx"),
        (encoders.join("text_encoder.onnx"), "text.onnx"),
        (clip.join("tokenizer.json"), "tokenizer.json"),
    ] {
        fs::copy(from, model.path().join(to)).unwrap();
    }
    fs::write(model.path().join("model.toml"), model_toml(model.path())).unwrap();
    assert_found(model.path().to_str().unwrap(), &folder, &OTHER);
}

fn assert_found(model: &str, folder: &Path, least: &Found) {
    let scorer = Scorer::open(&Score { model: model.to_owned(), ..Score::default() }, &[]).unwrap();
    let captions = fs::read_to_string(folder.join("captions.jsonl")).unwrap();
    let (mut pictures, mut texts) = (Vec::new(), Vec::new());
    for line in captions.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let body = fs::read(folder.join(line["file"].as_str().unwrap())).unwrap();
        pictures.push(scorer.encode_pixels(&decode(&body, 89_478_484).unwrap()).unwrap());
        texts.push(scorer.encode_text(line["captions"][0].as_str().unwrap()).unwrap());
    }
    assert_eq!(pictures.len(), 80);
    let found = Found { captions: found(&pictures, &texts), pictures: found(&texts, &pictures) };
    println!("{}, {}: {found:?} of 80", scorer.model_id(), scorer.backend().name);
    assert!(found.captions >= least.captions && found.pictures >= least.pictures, "{found:?}, {least:?} at least");
}

/// How many of `asking` have nothing of `asked` nearer than their own.
fn found(asking: &[Vec<f32>], asked: &[Vec<f32>]) -> usize {
    let cosine = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let nearest = |(index, one): &(usize, &Vec<f32>)| {
        let own = cosine(one, &asked[*index]);
        asked.iter().all(|other| cosine(one, other) <= own)
    };
    asking.iter().enumerate().filter(nearest).count()
}
