//! Heads that anybody makes, and tags: the whole way, on a copy of the demo model with the embedded backend.

use crate::graph::{Kind, Size, floats, model as model_file, node, value};
use crate::scorer::{keep_all, row, stamp};
use crate::support::odd;
use filter::{Error, Outcome, Scorer};
use safetensors::{Dtype, serialize, tensor::TensorView};
use schema::{Fetch, Keep, Score, Scored, TagRule};
use std::{collections::BTreeMap, fs, path::Path};

const DIMENSION: usize = 128;

/// The demo model with these heads, in a folder of its own.
fn model(heads: &str, files: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/demo");
    for name in ["image_encoder.onnx", "text_encoder.onnx", "tokenizer.json"] {
        fs::copy(demo.join(name), folder.path().join(name)).unwrap();
    }
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let toml = fs::read_to_string(demo.join("model.toml")).unwrap();
    fs::write(folder.path().join("model.toml"), format!("{toml}\n{heads}")).unwrap();
    folder
}

fn open(folder: &tempfile::TempDir, tags: Vec<TagRule>) -> Result<Scorer, Error> {
    let model = folder.path().to_str().unwrap().to_owned();
    Scorer::open(&Score { model, tags, ..Score::default() }, &[])
}

fn scored(scorer: &Scorer, keep: &Keep) -> Scored {
    let rows = vec![row("https://img.host.example/1.jpg", "four colours", odd("exif-6.jpg"))];
    match scorer.score(rows, keep, &Fetch::default(), &stamp()).unwrap().remove(0) {
        Outcome::Scored(row) => *row,
        Outcome::Undecodable(_, problem) => panic!("{problem}"),
    }
}

/// A safetensors file of float32.
fn safetensors(tensors: &[(&str, &[usize], Vec<f32>)]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(_, _, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect()).collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        ((*name).to_owned(), TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap())
    });
    serialize(views, None).unwrap()
}

/// The first and the second number of an embedding as two scores.
fn picks() -> Vec<f32> {
    let mut weights = vec![0.0; 2 * DIMENSION];
    weights[0] = 1.0;
    weights[DIMENSION + 1] = 1.0;
    weights
}

/// `scores = embedding x picks`, as a graph.
fn onnx_picks() -> Vec<u8> {
    // Turned, since MatMul takes input x output.
    let weights = picks();
    let turned: Vec<f32> = (0..DIMENSION).flat_map(|row| [weights[row], weights[DIMENSION + row]]).collect();
    model_file(
        &[node("MatMul", &["embedding", "weights"], "scores", &[])],
        &[floats("weights", &[DIMENSION, 2], &turned)],
        &[value("embedding", Kind::Float, &[Size::Is(1), Size::Is(DIMENSION)])],
        &[value("scores", Kind::Float, &[Size::Is(1), Size::Is(2)])],
    )
}

#[test]
fn heads_of_every_kind_score_into_their_columns() {
    let heads = r#"
[[heads]]
name = "odd"
kind = "linear"
family = "demo"
file = "linear.safetensors"
sigmoid = true
column = "punsafe"
[[heads]]
name = "pair"
kind = "mlp"
family = "demo"
file = "mlp.safetensors"
activation = "none"
outputs = ["first", "second"]
[[heads]]
name = "graph"
kind = "onnx"
family = "demo"
file = "picks.onnx"
input = "embedding"
output = "scores"
outputs = ["first by graph", "second by graph"]
"#;
    let linear = safetensors(&[("weight", &[1, DIMENSION], picks()[..DIMENSION].to_vec()), ("bias", &[1], vec![0.5])]);
    // Twice, and a half of it: what it was.
    let mlp = safetensors(&[
        ("net.0.weight", &[2, DIMENSION], picks().iter().map(|weight| 2.0 * weight).collect()),
        ("net.0.bias", &[2], vec![0.0; 2]),
        ("net.2.weight", &[2, 2], vec![0.5, 0.0, 0.0, 0.5]),
    ]);
    let files = [("linear.safetensors", linear), ("mlp.safetensors", mlp), ("picks.onnx", onnx_picks())];
    let scorer = open(&model(heads, &files), vec![]).unwrap();
    let Scored { sample, dropped } = scored(&scorer, &keep_all());
    assert_eq!(dropped, None);
    let halves = sample.embedding.unwrap();
    let number = |place: usize| half::f16::from_le_bytes([halves[2 * place], halves[2 * place + 1]]).to_f32();
    let near = |score: f32, expected: f32| assert!((score - expected).abs() < 1e-3, "{score} for {expected}");
    near(sample.punsafe.unwrap(), 1.0 / (1.0 + (-0.5 - number(0)).exp()));
    for (name, place) in [("first", 0), ("second", 1), ("first by graph", 0), ("second by graph", 1)] {
        near(sample.scores[name], number(place));
    }
    assert_eq!(sample.scores.len(), 4);
    assert!(sample.aesthetic.is_some(), "the demo's own head is still there");

    // Rules take them, and none that there is not.
    let bound = |name: &str| BTreeMap::from([(name.to_owned(), -1.0)]);
    scorer.check(&Keep { max_unsafe: Some(0.5), max_scores: bound("first"), ..keep_all() }).unwrap();
    let error = scorer.check(&Keep { min_scores: bound("third"), ..keep_all() }).unwrap_err();
    assert!(error.to_string().starts_with("`keep.min_scores.third` is set, but model `demo@"), "{error}");
    let strict = Keep { max_scores: bound("first"), ..keep_all() };
    assert_eq!(scored(&scorer, &strict).dropped, Some(schema::DropReason::HighScore));
    let strict = Keep { max_unsafe: Some(0.0), ..keep_all() };
    assert_eq!(scored(&scorer, &strict).dropped, Some(schema::DropReason::Unsafe));
}

#[test]
fn heads_that_do_not_fit_are_refused_with_a_way_out() {
    let head = |kind: &str, rest: &str| {
        format!("[[heads]]\nname = \"mine\"\nkind = \"{kind}\"\nfamily = \"demo\"\nfile = \"file\"\n{rest}")
    };
    let graph = "input = \"embedding\"\noutput = \"scores\"\n";
    let two = safetensors(&[("weight", &[2, DIMENSION], picks())]);
    let short = safetensors(&[("weight", &[1, 64], vec![0.0; 64])]);
    let deep = safetensors(&[("0.weight", &[1, DIMENSION], vec![0.0; DIMENSION]), ("1.weight", &[1, 1], vec![0.0])]);
    for (toml, file, says) in [
        (head("linear", ""), two.clone(), "gives 2 scores, and 1 are named"),
        (head("linear", "outputs = [\"a\", \"b\"]\ncolumn = \"punsafe\""), two.clone(), "its column holds one"),
        (head("linear", "outputs = [\"a\", \"a\"]"), two.clone(), "is a beside another"),
        (head("linear", "column = \"aesthetic\""), short.clone(), "scores embeddings of 64 numbers"),
        (head("mlp", ""), short, "scores embeddings of 64 numbers"),
        (head("linear", ""), deep, "holds 2 layers: its kind is `mlp`"),
        (head("onnx", graph), onnx_picks(), "came out where 1 scores were due"),
        (head("onnx", graph).replace("\"scores\"", "\"score\""), onnx_picks(), "has no output `score`, only `scores`"),
        (head("onnx", graph).replace("\"embedding\"", "\"x\""), onnx_picks(), "has no input `x`, only `embedding`"),
        (head("onnx", graph), b"no graph".to_vec(), "cannot be run by tract"),
    ] {
        let error = open(&model(&toml, &[("file", file)]), vec![]).err().unwrap();
        assert!(error.to_string().contains(says) && error.hint().is_some(), "{says}: {error}");
    }
    let folder = model(&head("linear", ""), &[]);
    let large = fs::File::create(folder.path().join("file")).unwrap();
    large.set_len(filter::heads::MAX_FILE_BYTES + 1).unwrap();
    let error = open(&folder, vec![]).err().unwrap();
    assert!(error.to_string().contains("is larger than 67108864 bytes"), "{error}");
}

#[test]
fn tags_are_given_by_their_prompts() {
    let rule = |name: &str, prompt: &str, threshold: Option<f32>, group: Option<&str>| TagRule {
        name: name.into(),
        prompts: vec![prompt.into()],
        threshold,
        group: group.map(str::to_owned),
    };
    let folder = model("", &[]);
    let plain = open(&folder, vec![]).unwrap();
    let embedding = |scorer: &Scorer, text: &str| scorer.encode_text(text).unwrap();
    let picture = scored(&plain, &keep_all()).sample;
    assert!(picture.tags.is_empty());
    let halves = picture.embedding.unwrap();
    let picture: Vec<f32> =
        halves.as_chunks().0.iter().map(|bytes| half::f16::from_le_bytes(*bytes).to_f32()).collect();
    let cosine = |text: &[f32]| text.iter().zip(&picture).map(|(a, b)| a * b).sum::<f32>();
    let (dog, sea) = (cosine(&embedding(&plain, "a dog")), cosine(&embedding(&plain, "the sea")));
    assert!((dog - sea).abs() > 1e-2, "{dog} {sea}");
    let likelier = if dog > sea { "dog" } else { "sea" };
    let tags = vec![
        rule("under", "a dog", Some(dog + 1e-2), None),
        rule("over", "a dog", Some(dog - 1e-2), None),
        rule("dog", "a dog", None, Some("what")),
        rule("sea", "the sea", None, Some("what")),
    ];
    let tagging = open(&folder, tags).unwrap();
    assert_eq!(scored(&tagging, &keep_all()).sample.tags, ["over", likelier]);
}
