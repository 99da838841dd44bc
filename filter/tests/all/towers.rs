//! Text encoders of other families, each a graph made by hand: what fills a text up has no say behind a mask, and has one where the
//! encoder wants all of its context. Runs on the embedded backend, or where `ORT_DYLIB_PATH` says.

use crate::{
    graph::{Kind, Size, floats, longs, model, node, value},
    support::digest,
};
use filter::{Error, Scorer};
use schema::Score;
use std::{fs, path::Path};

const DIMENSION: usize = 128;
/// `<pad>`, the end, what is unknown, and three words.
const WORDS: usize = 6;

/// The row of a word's embedding.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn embedding(id: usize) -> Vec<f32> {
    (0..DIMENSION).map(|at| ((at * 7 + id * 31) % 23) as f32 - 11.0).collect()
}

/// A tokenizer of six pieces, as SigLIP's has more of: a text begins with a space, and ends with `</s>`.
fn tokenizer() -> String {
    let pieces = ["<pad>", "</s>", "<unk>", "▁a", "▁cat", "▁dog"].map(|piece| format!("[\"{piece}\", -1.0]")).join(",");
    format!(
        r#"{{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null, "decoder": null,
        "pre_tokenizer": {{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}},
        "post_processor": {{"type": "TemplateProcessing", "single": [{{"Sequence": {{"id": "A", "type_id": 0}}}},
            {{"SpecialToken": {{"id": "</s>", "type_id": 0}}}}], "pair": [{{"Sequence": {{"id": "A", "type_id": 0}}}},
            {{"Sequence": {{"id": "B", "type_id": 0}}}}],
            "special_tokens": {{"</s>": {{"id": "</s>", "ids": [1], "tokens": ["</s>"]}}}}}},
        "model": {{"type": "Unigram", "unk_id": 2, "vocab": [{pieces}], "byte_fallback": false}}}}"#
    )
}

/// The sum of a text's words; with a mask, the mean of those that it shows.
fn tower(masked: bool) -> Vec<u8> {
    let table: Vec<f32> = (0..WORDS).flat_map(embedding).collect();
    let constants =
        [floats("table", &[WORDS, DIMENSION], &table), longs("last", &[1], &[2]), longs("words", &[1], &[1])];
    let shape = || [Size::Named("batch"), Size::Named("ids")];
    let output = value("text_embeds", Kind::Float, &[Size::Named("batch"), Size::Is(DIMENSION)]);
    let ids = value("input_ids", Kind::Long, &shape());
    let gather = node("Gather", &["table", "input_ids"], "rows", &[]);
    if !masked {
        let sum = node("ReduceSum", &["rows", "words"], "text_embeds", &[("keepdims", 0)]);
        return model(&[gather, sum], &constants, &[ids], &[output]);
    }
    let nodes = [
        gather,
        node("Cast", &["attention_mask"], "own", &[("to", 1)]),
        node("Unsqueeze", &["own", "last"], "own3", &[]),
        node("Mul", &["rows", "own3"], "shown", &[]),
        node("ReduceSum", &["shown", "words"], "sum", &[("keepdims", 0)]),
        node("ReduceSum", &["own", "words"], "count", &[("keepdims", 1)]),
        node("Div", &["sum", "count"], "text_embeds", &[]),
    ];
    model(&nodes, &constants, &[ids, value("attention_mask", Kind::Long, &shape())], &[output])
}

/// A model with the demo's pictures and this tower's texts.
fn open(text: &[u8], keys: &str) -> Result<Scorer, Error> {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/demo");
    fs::copy(demo.join("image_encoder.onnx"), folder.path().join("image.onnx")).unwrap();
    fs::write(folder.path().join("text.onnx"), text).unwrap();
    fs::write(folder.path().join("tokenizer.json"), tokenizer()).unwrap();
    let digest = |file: &str| digest(&folder.path().join(file));
    let toml = format!(
        r#"
name = "tower"
family = "tower"
dimension = {DIMENSION}
licence = "none"
sources = []
[image]
file = "image.onnx"
sha256 = "{}"
input = "pixel_values"
output = "image_embeds"
size = 224
resize = "bicubic-squeeze"
crop = "none"
mean = [0.5, 0.5, 0.5]
std = [0.5, 0.5, 0.5]
[text]
file = "text.onnx"
sha256 = "{}"
input = "input_ids"
output = "text_embeds"
context = 8
pad = 1
{keys}
[tokenizer]
file = "tokenizer.json"
sha256 = "{}"
clean = "siglip"
[thresholds]
"#,
        digest("image.onnx"),
        digest("text.onnx"),
        digest("tokenizer.json")
    );
    fs::write(folder.path().join("model.toml"), toml).unwrap();
    Scorer::open(&Score { model: folder.path().to_str().unwrap().to_owned(), ..Score::default() }, &[])
}

/// The sum of words' embeddings, at length one.
fn sum_of(ids: &[usize]) -> Vec<f32> {
    let mut sum = vec![0.0; DIMENSION];
    for id in ids {
        sum.iter_mut().zip(embedding(*id)).for_each(|(sum, value)| *sum += value);
    }
    let norm = sum.iter().map(|value| value * value).sum::<f32>().sqrt();
    sum.iter().map(|value| value / norm).collect()
}

fn assert_near(found: &[f32], wanted: &[f32], what: &str) {
    let worst = found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(found.len() == wanted.len() && worst < 1e-5, "{what}: off by {worst}");
}

#[test]
fn behind_a_mask_what_fills_a_text_up_has_no_say() {
    for free in [true, false] {
        let scorer = open(&tower(true), &format!("mask = \"attention_mask\"\nfree_length = {free}")).unwrap();
        for (text, ids) in
            [("A cat!", &[3, 4, 1][..]), ("dog", &[5, 1]), ("a cat a dog a cat a dog", &[3, 4, 3, 5, 3, 4, 3, 1])]
        {
            assert_near(&scorer.encode_text(text).unwrap(), &sum_of(ids), &format!("{text}, free {free}"));
        }
    }
}

#[test]
fn an_encoder_that_wants_all_of_its_context_gets_it() {
    let scorer = open(&tower(false), "").unwrap();
    assert_near(&scorer.encode_text("A cat!").unwrap(), &sum_of(&[3, 4, 1, 1, 1, 1, 1, 1]), "filled up");
}

#[test]
fn an_encoder_that_has_another_input_than_model_toml_says_is_refused() {
    for (tower, keys, says, hint) in [
        (tower(true), "", "has an input `attention_mask` too", "`mask`"),
        (tower(true), "mask = \"mask\"", "has no input `mask`", "correct `mask`"),
        (tower(false), "mask = \"attention_mask\"", "has no input `attention_mask`", "correct `mask`"),
        (tower(true), "mask = \"input_ids\"", "text.mask that is its text.input", "every key"),
    ] {
        let error = open(&tower, keys).err().unwrap();
        assert!(
            error.to_string().contains(says) && error.hint().unwrap().contains(hint),
            "{error}: {:?}",
            error.hint()
        );
    }
}
