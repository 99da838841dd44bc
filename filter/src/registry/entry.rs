//! One model of a registry: what it is, where its files lie, and whether it runs here.

use super::receipt::RECEIPT;
use crate::{
    Error,
    clean::Clean,
    model::{ImageSpec, MODEL_TOML, ModelSpec, TextSpec, Thresholds, TokenizerSpec, neighbour},
    preprocess::{Crop, Resize},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Component, Path},
};

/// Longest name: it is the name of a folder.
const MAX_NAME_CHARS: usize = 100;

/// A model, as a registry writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name here, and of its folder in the cache.
    pub name: String,
    /// Other names by which it is found.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it is.
    pub about: String,
    /// Name of its embedding space.
    pub family: String,
    /// Numbers in an embedding.
    pub dimension: usize,
    /// Licence of the weights.
    pub licence: String,
    /// How it comes to run here.
    pub runs: Runs,
    /// What stands in the way, where something does, and what to do about it.
    #[serde(default)]
    pub why: String,
    /// What `tools/export_clip.py` is to be told of its checkpoint, where that makes it run.
    #[serde(default)]
    pub export: String,
    /// Its repository on the hub.
    pub repository: String,
    /// The commit of that repository; a branch, where no commit is known.
    pub revision: String,
    /// The files that are needed of it.
    pub files: Vec<HubFile>,
    /// What is done with a picture, in words.
    pub preprocessing: String,
    /// What is done with a text, in words.
    pub tokens: String,
    /// Its image encoder, where it runs as pulled.
    pub image: Option<ImageEntry>,
    /// Its text encoder, where it runs as pulled.
    pub text: Option<TextEntry>,
    /// Its tokenizer's file, where it runs as pulled.
    pub tokenizer: Option<String>,
    /// What is done to a text before its tokenizer sees it.
    #[serde(default)]
    pub clean: Clean,
    /// Thresholds of similarity that somebody kept by; the first is the model's own.
    #[serde(default)]
    pub thresholds: Vec<KnownThreshold>,
}

/// How a model comes to run here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Runs {
    /// Its files run as the hub gives them.
    Pulled,
    /// The hub has no ONNX files of it that are known here: `tools/export_clip.py` makes them of its checkpoint.
    Exported,
    /// Not yet: something of it has no counterpart here.
    NotYet,
}

/// A file of a hub's repository.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HubFile {
    /// Its path in the repository, and in the model's folder.
    pub path: String,
    /// Its SHA-256, where it is known.
    pub sha256: Option<String>,
    /// Its length, where it is known.
    pub bytes: Option<u64>,
}

/// `image` of an entry: an [`ImageSpec`] without digests.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageEntry {
    pub file: String,
    pub data: Option<String>,
    pub input: String,
    pub output: String,
    pub size: u32,
    pub resize: Resize,
    pub crop: Crop,
    pub mean: [f32; 3],
    pub std: [f32; 3],
}

/// `text` of an entry: a [`TextSpec`] without digests.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextEntry {
    pub file: String,
    pub data: Option<String>,
    pub input: String,
    pub mask: Option<String>,
    pub output: String,
    pub context: usize,
    pub pad: u32,
    /// See [`TextSpec`].
    #[serde(default)]
    pub free_length: bool,
}

/// A threshold that somebody kept by.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KnownThreshold {
    /// Least cosine of picture and text.
    pub similarity: f32,
    /// Who kept what by it.
    pub source: String,
}

impl Entry {
    /// Bytes of all its files, where all are known.
    pub fn bytes(&self) -> Option<u64> {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Refuses a model that does not run as the hub gives it, with the way there.
    pub fn must_run(&self) -> Result<(), Error> {
        let (name, why) = (self.name.clone(), self.why.clone());
        let hint = match self.runs {
            Runs::Pulled => return Ok(()),
            Runs::Exported => format!(
                "take {} of `{}` from the hub, then `python tools/export_clip.py {} --family {} --licence \"{}\" --name {name} \
                 --out FOLDER`, then `pinakes models add FOLDER`",
                listed(&self.files),
                self.repository,
                self.export,
                self.family,
                self.licence,
            ),
            Runs::NotYet => "`pinakes models list` tells which models run".to_owned(),
        };
        Err(Error::NotRunning { name, why, hint })
    }

    /// The `model.toml` of this model, whose files have these digests.
    pub fn describe(&self, digests: &BTreeMap<String, String>) -> Result<ModelSpec, Error> {
        self.must_run()?;
        let digest = |file: &str| digests.get(file).cloned().unwrap_or_default();
        let beside = |file: &str, data: Option<&String>| data.map(|data| neighbour(file, data));
        let (Some(image), Some(text), Some(tokenizer)) = (&self.image, &self.text, &self.tokenizer) else {
            let problem = "is to run as pulled, and lacks image, text or tokenizer".to_owned();
            return Err(Error::NotRunning { name: self.name.clone(), why: problem, hint: "mend its registry".into() });
        };
        Ok(ModelSpec {
            name: self.name.clone(),
            family: self.family.clone(),
            dimension: self.dimension,
            licence: self.licence.clone(),
            sources: vec![format!("{} at {}", self.repository, self.revision)],
            image: ImageSpec {
                file: image.file.clone(),
                sha256: digest(&image.file),
                data: image.data.clone(),
                data_sha256: beside(&image.file, image.data.as_ref()).map(|data| digest(&data)),
                input: image.input.clone(),
                output: image.output.clone(),
                size: image.size,
                resize: image.resize,
                crop: image.crop,
                mean: image.mean,
                std: image.std,
            },
            text: TextSpec {
                file: text.file.clone(),
                sha256: digest(&text.file),
                data: text.data.clone(),
                data_sha256: beside(&text.file, text.data.as_ref()).map(|data| digest(&data)),
                input: text.input.clone(),
                mask: text.mask.clone(),
                output: text.output.clone(),
                context: text.context,
                pad: text.pad,
                free_length: text.free_length,
            },
            tokenizer: TokenizerSpec { file: tokenizer.clone(), sha256: digest(tokenizer), clean: self.clean },
            heads: Vec::new(),
            thresholds: Thresholds { similarity: self.thresholds.first().map(|known| known.similarity) },
        })
    }

    /// What types cannot say.
    pub(super) fn nonsense(&self) -> Option<String> {
        if !is_name(&self.name) || self.name == crate::model::DEMO {
            return Some("must be letters, digits, `-`, `_` and `.` (not first), and not `demo`".into());
        }
        if self.files.is_empty() || self.repository.is_empty() || self.revision.is_empty() {
            return Some("lacks repository, revision or files".into());
        }
        for file in &self.files {
            if !is_path_within(&file.path) || [MODEL_TOML, RECEIPT].contains(&file.path.as_str()) {
                return Some(format!("has a file `{}` that is no plain path within its repository", file.path));
            }
            if file.sha256.as_ref().is_some_and(|sha256| !is_sha256(sha256)) {
                return Some(format!("has a sha256 of `{}` that is none: 64 hexadecimal digits", file.path));
            }
        }
        if self.thresholds.iter().any(|known| !known.similarity.is_finite()) {
            return Some("has a threshold that is no number".into());
        }
        if self.runs == Runs::Exported && self.export.is_empty() {
            return Some("is to be exported, and does not say what `export` tools/export_clip.py is told".into());
        }
        if self.runs != Runs::Pulled {
            return self.why.is_empty().then(|| "does not run as pulled, and does not say `why`".to_owned());
        }
        let (Some(image), Some(text), Some(tokenizer)) = (&self.image, &self.text, &self.tokenizer) else {
            return Some("runs as pulled, and lacks image, text or tokenizer".into());
        };
        let data = [(&image.file, &image.data), (&text.file, &text.data)];
        let data = data.into_iter().filter_map(|(file, data)| Some(neighbour(file, data.as_ref()?)));
        let needed = [image.file.clone(), text.file.clone(), tokenizer.clone()];
        let missing = needed.into_iter().chain(data).find(|need| !self.files.iter().any(|file| file.path == *need));
        missing.map(|file| format!("needs `{file}`, which is not among its files"))
    }
}

/// Whether this can name a model, and so a folder of the cache.
pub(super) fn is_name(name: &str) -> bool {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    plain && !name.is_empty() && name.len() <= MAX_NAME_CHARS && !name.starts_with('.')
}

/// Whether a path written by somebody else stays within the folder it is put in.
pub(super) fn is_path_within(path: &str) -> bool {
    let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
    !path.is_empty() && !path.contains('\\') && Path::new(path).components().all(plain)
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn listed(files: &[HubFile]) -> String {
    files.iter().map(|file| format!("`{}`", file.path)).collect::<Vec<_>>().join(", ")
}
