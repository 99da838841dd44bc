//! Models that are not what they say.

use crate::support::{model_toml, odd, shared};
use filter::{Error, Model};
use sha2::{Digest, Sha256};
use std::{fs, path::Path};

/// A folder with the demo model's tokenizer and encoders that are none: enough for all that is
/// checked before anything runs.
fn folder() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/demo");
    fs::copy(demo.join("tokenizer.json"), folder.path().join("tokenizer.json")).unwrap();
    fs::write(folder.path().join("image.onnx"), "image").unwrap();
    fs::write(folder.path().join("text.onnx"), "text").unwrap();
    let toml = model_toml(folder.path());
    (folder, toml)
}

fn open(folder: &Path, toml: &str) -> Result<Model, Error> {
    fs::write(folder.join("model.toml"), toml).unwrap();
    Model::open(folder.to_str().unwrap())
}

fn refusal(folder: &Path, toml: &str) -> String {
    let error = open(folder, toml).err().unwrap();
    assert!(error.hint().is_some(), "{error} shows no way out");
    error.to_string()
}

#[test]
fn a_whole_model_opens_and_its_id_follows_its_files() {
    let (folder, toml) = folder();
    let model = open(folder.path(), &toml).unwrap();
    assert!(model.id.starts_with("test@") && model.id.len() == 13, "{}", model.id);
    assert!(!model.is_demo && model.heads.is_empty());
    assert_eq!(open(folder.path(), &toml).unwrap().id, model.id);
    assert_ne!(open(folder.path(), &toml.replace("0.3", "0.2")).unwrap().id, model.id);
}

#[test]
fn the_demo_model_is_whole() {
    let model = Model::open("demo").unwrap();
    assert!(model.is_demo && model.id.starts_with("demo@"), "{}", model.id);
    assert_eq!(model.heads.len(), 1);
}

#[test]
fn names_that_are_no_model_are_refused() {
    assert_eq!(Model::open("no/such/folder").err().unwrap(), Error::NoModel("no/such/folder".into()));
}

#[test]
fn wrong_tables_are_refused_by_name() {
    let (folder, toml) = folder();
    for (from, to, says) in [
        ("size = 224", "size = 224\nzise = 1", "unknown field `zise`"),
        ("size = 224", "", "missing field `size`"),
        ("size = 224", "size = 0", "image.size 0"),
        ("size = 224", "size = 100000", "image.size 100000"),
        ("\"center\"", "\"corner\"", "unknown variant `corner`"),
        ("\"center\"", "\"none\"", "image.crop that does not go with"),
        ("bicubic-short-side", "bicubic-squeeze", "image.crop that does not go with"),
        ("bicubic-short-side", "nearest", "unknown variant `nearest`"),
        ("name = \"test\"", "name = \"a@b\"", "the name `a@b`"),
        ("dimension = 512", "dimension = 0", "dimension 0"),
        ("context = 77", "context = 1", "text.context 1"),
        ("0.26130258", "0.0", "image.std"),
        ("similarity = 0.3", "similarity = nan", "thresholds.similarity"),
    ] {
        let problem = refusal(folder.path(), &toml.replace(from, to));
        assert!(problem.contains(says) && problem.contains("model.toml"), "{to}: {problem}");
    }
}

#[test]
fn missing_and_changed_files_are_refused_by_name() {
    let (folder, toml) = folder();
    let problem = refusal(folder.path(), &toml.replace("text.onnx", "other.onnx"));
    assert!(problem.contains("other.onnx` cannot be read"), "{problem}");
    fs::write(folder.path().join("image.onnx"), "imagE").unwrap();
    let problem = refusal(folder.path(), &toml);
    assert!(problem.contains("image.onnx` has SHA-256") && problem.contains("model.toml says"), "{problem}");
}

#[test]
fn weights_beside_an_encoder_are_verified_too() {
    let (folder, toml) = folder();
    fs::write(folder.path().join("image.onnx.data"), "weights").unwrap();
    let digest = Sha256::digest("weights").iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    let with = |lines: &str| toml.replacen("[image]", &format!("[image]\n{lines}"), 1);
    let whole = with(&format!("data = \"image.onnx.data\"\ndata_sha256 = \"{digest}\""));
    let model = open(folder.path(), &whole).unwrap();
    let outside = model.image.outside.unwrap();
    assert_eq!((outside.onnx, outside.bytes), (folder.path().join("image.onnx"), 7));
    assert!(model.text.outside.is_none());
    for (lines, says) in [
        ("data = \"image.onnx.data\"", "one of image.data and image.data_sha256 alone"),
        ("data = \"image.onnx.data\"\ndata_sha256 = \"00\"", "image.onnx.data` has SHA-256"),
        ("data = \"other\"\ndata_sha256 = \"00\"", "other` cannot be read"),
        ("data = \"../image.onnx.data\"\ndata_sha256 = \"00\"", "must lie beside"),
    ] {
        let problem = refusal(folder.path(), &with(lines));
        assert!(problem.contains(says), "{lines}: {problem}");
    }
    fs::write(folder.path().join("image.onnx.data"), "weightS").unwrap();
    let problem = refusal(folder.path(), &whole);
    assert!(problem.contains("image.onnx.data` has SHA-256") && problem.contains("model.toml says"), "{problem}");
}

#[test]
fn heads_are_refused_on_embeddings_they_were_not_made_for() {
    let (folder, toml) = folder();
    fs::write(folder.path().join("head.pth"), odd("dot.png")).unwrap();
    let head = |kind: &str, family: &str| {
        format!("{toml}\n[[heads]]\nname = \"beauty\"\nkind = \"{kind}\"\nfile = \"head.pth\"\n{family}")
    };
    for (kind, family, says) in [
        ("laion-aesthetic-v1", "", "does not say which embeddings"),
        ("laion-aesthetic-v1", "family = \"openai/clip-vit-large-patch14\"", "was made for embeddings of"),
        ("laion-aesthetic-v2", "family = \"openai/clip-vit-base-patch32\"", "was made for embeddings of"),
        ("laion-aesthetic-v1", "family = \"openai/clip-vit-base-patch32\"", "is no zip archive"),
        ("laion-nsfw", "family = \"openai/clip-vit-base-patch16\"", "was made for embeddings of"),
        ("laion-nsfw", "family = \"openai/clip-vit-base-patch32\"", "is no zip archive"),
        ("laion-violence", "family = \"openai/clip-vit-base-patch16\"", "was made for embeddings of"),
        ("laion-violence", "family = \"openai/clip-vit-base-patch32\"", "is no array"),
        ("linear", "", "does not say which embeddings"),
        ("linear", "family = \"other\"", "was made for embeddings of `other`, not of"),
        ("linear", "family = \"openai/clip-vit-base-patch32\"", "is no safetensors file"),
        ("mlp", "family = \"other\"", "was made for embeddings of `other`, not of"),
        ("onnx", "family = \"other\"", "was made for embeddings of `other`, not of"),
        ("onnx", "family = \"openai/clip-vit-base-patch32\"", "whose `input` is not named"),
        ("linear", "activation = \"relu\"", "has a `activation`, which its kind does not know"),
        ("laion-nsfw", "sigmoid = true", "has a `sigmoid`, which its kind does not know"),
        ("sorcery", "", "unknown variant"),
    ] {
        let problem = refusal(folder.path(), &head(kind, family));
        assert!(problem.contains(says), "{kind} {family}: {problem}");
    }
    let own = toml.replace("openai/clip-vit-base-patch32", "demo");
    let labelled =
        format!("{own}\n[[heads]]\nname = \"b\"\nkind = \"laion-aesthetic-v1\"\nfile = \"h\"\nfamily = \"demo\"");
    assert!(refusal(folder.path(), &labelled).contains("its scores would mean nothing"));
    let twice = format!("{toml}{}", "\n[[heads]]\nname = \"c\"\nkind = \"classical\"\n".repeat(2));
    assert!(refusal(folder.path(), &twice).contains("is a head for `aesthetic` beside another"));
}

#[test]
fn a_published_head_opens_on_its_own_space_only() {
    let Some(laion) = shared("a_published_head_opens_on_its_own_space_only", "laion/v1") else { return };
    let (folder, toml) = folder();
    let head = "\n[[heads]]\nname = \"v1\"\nkind = \"laion-aesthetic-v1\"\nfile = \"head.pth\"\nfamily = \"openai/clip-vit-base-patch32\"";
    fs::copy(laion.join("sa_0_4_vit_b_32_linear.pth"), folder.path().join("head.pth")).unwrap();
    assert!(open(folder.path(), &format!("{toml}{head}")).unwrap().heads.len() == 1);
    fs::remove_file(folder.path().join("head.pth")).unwrap();
    fs::copy(laion.join("sa_0_4_vit_l_14_linear.pth"), folder.path().join("head.pth")).unwrap();
    let problem = refusal(folder.path(), &format!("{toml}{head}"));
    assert!(problem.contains("scores embeddings of 768 numbers, the model's have 512"), "{problem}");
}
