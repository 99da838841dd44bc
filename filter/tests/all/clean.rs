//! Texts as CLIP's first tokenizer and SigLIP's see them, and that a model says which.

use crate::support::{model_toml, shared};
use filter::{Model, clean::Clean, tokenize::TextTokenizer};
use std::fs;

/// How many of the captions that were read as windows-1251 or Mac Roman are mended otherwise than by ftfy.
const MOST_SELDOM: usize = 14;

#[test]
fn captions_are_mended_as_by_ftfy() {
    let (mut usual, mut seldom, mut apart) = (0, 0, 0);
    for line in include_str!("../golden/mended.tsv").lines().filter(|line| !line.starts_with('#')) {
        let [kind, text, wanted] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let [text, wanted] = [text, wanted].map(|json| serde_json::from_str::<String>(json).unwrap());
        let cleaned = Clean::Clip.apply(&text);
        if kind == "usual" {
            usual += 1;
            assert_eq!(cleaned, wanted, "{text:?}");
        } else {
            seldom += 1;
            apart += usize::from(cleaned != wanted);
        }
    }
    println!("{usual} as by ftfy; of {seldom} in other charsets {apart} are not");
    assert!(usual > 300 && seldom > 40, "the golden file is whole");
    assert!(apart <= MOST_SELDOM, "{apart} of {seldom}");
}

#[test]
fn a_model_says_how_its_texts_are_cleaned() {
    let folder = tempfile::tempdir().unwrap();
    let demo = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/demo");
    fs::copy(demo.join("tokenizer.json"), folder.path().join("tokenizer.json")).unwrap();
    for file in ["image.onnx", "text.onnx"] {
        fs::write(folder.path().join(file), file).unwrap();
    }
    let toml = model_toml(folder.path());
    let ids = |clean: &str| {
        let table = format!("[tokenizer]\n{clean}");
        fs::write(folder.path().join("model.toml"), toml.replace("[tokenizer]", &table)).unwrap();
        let model = Model::open(folder.path().to_str().unwrap())?;
        Ok::<_, filter::Error>(model.tokenizer.encode("It\u{2019}s dÃ©jÃ\u{a0} vu &amp; more").unwrap())
    };
    let plain = ids("").unwrap();
    let demo = Model::open("demo").unwrap();
    assert_eq!(plain, demo.tokenizer.encode("It\u{2019}s dÃ©jÃ\u{a0} vu &amp; more").unwrap());
    assert_eq!(ids("clean = \"none\"").unwrap(), plain);
    let mended = ids("clean = \"clip\"").unwrap();
    assert_eq!(mended, demo.tokenizer.encode("it's déjà vu & more").unwrap());
    assert_ne!(mended, plain);
    let error = ids("clean = \"soap\"").unwrap_err();
    assert!(error.to_string().contains("unknown variant `soap`"), "{error}");
}

#[test]
fn a_sigma_at_a_words_end_is_clips_own() {
    let Some(path) = shared("a_sigma_at_a_words_end_is_clips_own", "clip/tokenizer.json") else { return };
    let tokenizer = |clean| TextTokenizer::from_bytes(&fs::read(&path).unwrap(), clean, 77, 49407).unwrap();
    let [plain, clip] = [Clean::None, Clean::Clip].map(|clean| tokenizer(clean).encode("ΟΔΟΣ").unwrap());
    assert_eq!(clip, tokenizer(Clean::None).encode("οδος").unwrap());
    assert_ne!(plain, clip);
}
