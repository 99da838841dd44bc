//! The registry in the binary is sound, what a user's file says is checked, and names lead where they should.

use super::*;
use crate::{Model, clean::Clean, model::ModelSpec, preprocess::Resize};
use std::{collections::BTreeMap, fs};

fn cache() -> (tempfile::TempDir, Cache) {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().join("models"));
    (folder, cache)
}

#[test]
fn the_registry_in_the_binary_is_sound_and_says_what_runs() {
    let registry = Registry::built_in().unwrap();
    let names: Vec<&str> = registry.entries().iter().map(|entry| entry.name.as_str()).collect();
    for name in ["clip-vit-b-32", "clip-vit-b-16", "clip-vit-l-14", "clip-vit-l-14-336", "openclip-vit-h-14"] {
        assert!(names.contains(&name), "{name}");
    }
    for entry in registry.entries() {
        let digests: BTreeMap<String, String> =
            entry.files.iter().map(|file| (file.path.clone(), "0".repeat(64))).collect();
        match entry.describe(&digests) {
            Ok(spec) => {
                assert_eq!(entry.runs, Runs::Pulled, "{}", entry.name);
                // What is written is what is read back, and sound.
                let text = toml::to_string_pretty(&spec).unwrap();
                assert_eq!(ModelSpec::parse(text.as_bytes(), "model.toml").unwrap(), spec);
                assert_eq!(spec.files().len(), entry.files.len());
            }
            Err(error) => {
                assert_ne!(entry.runs, Runs::Pulled, "{error}");
                assert!(error.to_string().contains(&entry.why) && error.hint().is_some(), "{error}");
            }
        }
    }
    // The scales of LAION's thresholds, and no others: shared findings have their source.
    let b32 = registry.find("openai/clip-vit-base-patch32").unwrap();
    assert_eq!(b32.name, "clip-vit-b-32");
    assert_eq!(b32.thresholds.iter().map(|known| known.similarity).collect::<Vec<_>>(), [0.28, 0.30]);
    assert_eq!(b32.bytes(), Some(607_968_381));
    assert_eq!(registry.find("clip-vit-b-16").unwrap().bytes(), None);
    // Each family's pictures and texts are prepared as its own.
    for (name, resize, clean) in [
        ("clip-vit-b-32", Resize::BicubicShortSide, Clean::Clip),
        ("clip-vit-l-14-336", Resize::BicubicShortSide, Clean::Clip),
        ("siglip-base-16", Resize::BicubicSqueeze, Clean::Siglip),
    ] {
        let entry = registry.find(name).unwrap();
        assert_eq!((entry.image.as_ref().unwrap().resize, entry.clean), (resize, clean), "{name}");
    }
}

#[test]
fn a_registry_that_is_none_is_refused_by_name() {
    let entry = |from: &str, to: &str| {
        r#"
[[models]]
name = "mine"
about = "a model"
family = "mine"
dimension = 8
licence = "MIT"
runs = "pulled"
repository = "me/mine"
revision = "main"
preprocessing = "-"
tokens = "-"
tokenizer = "tokenizer.json"
files = [{ path = "a.onnx" }, { path = "b.onnx" }, { path = "tokenizer.json" }]
thresholds = [{ similarity = 0.1, source = "me" }]
image = { file = "a.onnx", input = "x", output = "y", size = 8, resize = "bicubic-short-side", crop = "center", mean = [0, 0, 0], std = [1, 1, 1] }
text = { file = "b.onnx", input = "x", output = "y", context = 8, pad = 0 }
"#
        .replacen(from, to, 1)
    };
    let read = |text: &str| Registry::built_in().unwrap().with(text, "mine.toml");
    assert!(read(&entry("", "")).unwrap().find("mine").is_some());
    let digest = "path = \"a.onnx\", sha256 = \"abc\"";
    for (from, to, says) in [
        ("name = \"mine\"", "name = \"../mine\"", "names `../mine`"),
        ("name = \"mine\"", "name = \".mine\"", "names `.mine`"),
        ("name = \"mine\"", "name = \"demo\"", "not `demo`"),
        ("path = \"b.onnx\"", "path = \"../b.onnx\"", "`../b.onnx` that is no plain path"),
        ("path = \"b.onnx\"", "path = \"/b.onnx\"", "`/b.onnx` that is no plain path"),
        ("path = \"b.onnx\"", "path = \"model.toml\"", "`model.toml` that is no plain path"),
        ("path = \"b.onnx\"", "path = \"c.onnx\"", "needs `b.onnx`"),
        ("path = \"a.onnx\"", digest, "64 hexadecimal digits"),
        ("similarity = 0.1", "similarity = nan", "no number"),
        ("runs = \"pulled\"", "runs = \"not-yet\"", "does not say `why`"),
        ("runs = \"pulled\"", "runs = \"exported\"", "`export`"),
        ("tokenizer = \"tokenizer.json\"", "", "lacks image, text or tokenizer"),
        ("revision = \"main\"", "revision = \"\"", "lacks repository, revision or files"),
        ("about", "abuot", "unknown field `abuot`"),
    ] {
        let error = read(&entry(from, to)).unwrap_err();
        assert!(error.to_string().contains(says) && error.to_string().contains("mine.toml"), "{to}: {error}");
        assert!(error.hint().is_some());
    }
    let twice = format!("{}{}", entry("", ""), entry("", ""));
    assert!(read(&twice).unwrap_err().to_string().contains("`mine` twice"));
    // A known name is another's now.
    let replaced = read(&entry("name = \"mine\"", "name = \"clip-vit-b-32\"")).unwrap();
    assert_eq!(replaced.find("clip-vit-b-32").unwrap().family, "mine");
    assert_eq!(replaced.entries().len(), Registry::built_in().unwrap().entries().len());
}

#[test]
fn names_lead_to_folders_or_to_the_way_there() {
    let registry = Registry::built_in().unwrap();
    let (_folder, cache) = cache();
    let told = |name: &str| registry.locate(name, &cache).unwrap_err();
    assert_eq!(registry.locate("demo", &cache).unwrap(), "demo");
    assert_eq!(told("openai/clip-vit-base-patch32"), Error::NotPulled { name: "clip-vit-b-32".into() });
    assert!(told("clip-vit-b-32").hint().unwrap().contains("`pinakes models pull clip-vit-b-32`"));
    assert_eq!(told("clip-vit-b32").hint().unwrap(), "did you mean `clip-vit-b-32`?");
    assert!(told("resnet").hint().unwrap().contains("pinakes models list"));
    assert_eq!(told("google/siglip-base-patch16-224"), Error::NotPulled { name: "siglip-base-16".into() });
    assert!(told("clip-vit-b-32-multilingual").hint().unwrap().contains("--text-tower clip-ViT-B-32-multilingual-v1"));
    assert!(told("openclip-vit-h-14").hint().unwrap().contains("tools/export_clip.py --open-clip ViT-H-14"));
    for hostile in ["..", "../models", "", ".pulling", "a/b"] {
        assert!(matches!(told(hostile), Error::UnknownModel { .. }), "{hostile}");
    }
    // A folder of the user's, whatever it is called.
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/demo");
    let demo = demo.to_str().unwrap();
    assert_eq!(registry.locate(demo, &cache).unwrap(), demo);
}

#[test]
fn a_model_that_is_added_is_found_verified_and_watched() {
    let registry = Registry::built_in().unwrap();
    let (folder, cache) = cache();
    let own = copy_of_demo(&folder.path().join("own"), "own");
    assert_eq!(cache.state("own"), State::Absent);
    assert_eq!(cache.add(&own, &registry).unwrap(), "own");
    assert_eq!((cache.names().unwrap(), cache.state("own")), (vec!["own".to_owned()], State::Verified));
    let place = registry.locate("own", &cache).unwrap();
    assert_eq!(Model::open(&place).unwrap().id, Model::open(own.to_str().unwrap()).unwrap().id);
    // Again, it is there already; what is behind the name changes by nobody's mistake.
    assert_eq!(cache.add(&own, &registry).unwrap(), "own");
    let toml = fs::read_to_string(own.join("model.toml")).unwrap();
    fs::write(own.join("model.toml"), toml.replace("0.3", "0.2")).unwrap();
    let error = cache.add(&own, &registry).unwrap_err();
    assert!(error.to_string().contains("another model of that name is there"), "{error}");

    let text = Path::new(&place).join("text_encoder.onnx");
    let mut bytes = fs::read(&text).unwrap();
    bytes[1000] ^= 1;
    fs::write(&text, bytes).unwrap();
    assert_eq!(cache.state("own"), State::Changed);
    let checked = cache.verify("own").unwrap();
    assert_eq!(checked.len(), 4);
    let wrong: Vec<_> = checked.iter().filter(|one| one.problem.is_some()).collect();
    assert_eq!(wrong.len(), 1);
    assert!(wrong[0].file == "text_encoder.onnx" && wrong[0].problem.as_ref().unwrap().contains("SHA-256"));
    fs::remove_file(&text).unwrap();
    assert!(
        cache
            .verify("own")
            .unwrap()
            .iter()
            .any(|one| one.problem.as_ref().is_some_and(|p| p.contains("cannot be read")))
    );
    assert_eq!(cache.verify("other").unwrap_err(), Error::NotPulled { name: "other".into() });
}

#[test]
fn what_cannot_be_kept_under_its_name_is_refused() {
    let registry = Registry::built_in().unwrap();
    let (folder, cache) = cache();
    for (name, says) in [
        ("demo", "nothing can be kept"),
        ("a b", "nothing can be kept"),
        ("clip-vit-b-32", "known for embeddings of `openai/clip-vit-base-patch32`, and its own are of `demo`"),
    ] {
        let own = copy_of_demo(&folder.path().join("own"), name);
        let error = cache.add(&own, &registry).unwrap_err();
        assert!(error.to_string().contains(says) && error.hint().is_some(), "{name}: {error}");
    }
    assert_eq!(cache.names().unwrap(), Vec::<String>::new());
    // One file is not what `model.toml` says.
    let own = copy_of_demo(&folder.path().join("own"), "own");
    fs::write(own.join("tokenizer.json"), "{}").unwrap();
    assert!(cache.add(&own, &registry).unwrap_err().to_string().contains("tokenizer.json"));
    // A file outside its folder would not come along.
    let own = copy_of_demo(&folder.path().join("own"), "own");
    fs::rename(own.join("tokenizer.json"), folder.path().join("tokenizer.json")).unwrap();
    let toml = fs::read_to_string(own.join("model.toml")).unwrap();
    fs::write(own.join("model.toml"), toml.replace("\"tokenizer.json\"", "\"../tokenizer.json\"")).unwrap();
    assert!(cache.add(&own, &registry).unwrap_err().to_string().contains("no plain path"));
    assert_eq!(cache.names().unwrap(), Vec::<String>::new());
}

#[test]
fn files_are_accepted_one_by_one_and_never_with_a_wrong_digest() {
    let (_folder, cache) = cache();
    let lock = cache.lock("own").unwrap().unwrap();
    assert!(cache.lock("own").unwrap().is_none(), "two make one model ready at once");
    assert!(cache.lock("other").unwrap().is_some());
    let stage = cache.stage(&lock).unwrap();
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let file = |sha256: Option<&str>, bytes| HubFile { path: "onnx/a".into(), sha256: sha256.map(Into::into), bytes };
    let other = "0".repeat(64);
    for (file, stated, says) in [
        (file(Some(&other), None), None, "the registry says 000"),
        (file(None, Some(4)), None, "has 3 bytes, and the registry says 4"),
        (file(None, None), Some(other.as_str()), "its hub says 000"),
    ] {
        fs::write(stage.part("onnx/a").unwrap(), "abc").unwrap();
        let error = stage.accept(&file, stated, "hub").unwrap_err();
        assert!(error.to_string().contains(says) && error.to_string().contains("removed"), "{error}");
        assert!(!stage.part("onnx/a").unwrap().exists());
    }
    fs::write(stage.part("onnx/a").unwrap(), "abc").unwrap();
    // Where the registry knows the digest, nobody else is asked for it.
    let known = file(Some(&abc.to_uppercase()), Some(3));
    assert_eq!(stage.accept(&known, Some(&other), "hub").unwrap(), abc);
    // Whoever goes on after an interruption finds it, unless it is from elsewhere, or changed.
    assert_eq!(stage.accepted(&file(None, None), "hub").as_deref(), Some(abc));
    assert_eq!(stage.accepted(&file(None, None), "mirror"), None);
    assert_eq!(stage.accepted(&file(Some(&other), None), "hub"), None);
    drop(lock);
    assert!(cache.lock("own").unwrap().is_some());
}

/// The demo model as one of the user's.
fn copy_of_demo(folder: &Path, name: &str) -> std::path::PathBuf {
    fs::create_dir_all(folder).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/demo");
    for file in ["image_encoder.onnx", "text_encoder.onnx", "tokenizer.json"] {
        fs::copy(demo.join(file), folder.join(file)).unwrap();
    }
    let toml = fs::read_to_string(demo.join("model.toml")).unwrap();
    fs::write(folder.join("model.toml"), toml.replace("name = \"demo\"", &format!("name = \"{name}\""))).unwrap();
    folder.to_owned()
}
