//! Models: a folder with a `model.toml` and the files it names, or the demo model in the binary.
//!
//! Every file is held against its digest before it is used, and every head against the embedding
//! space it was made for: an aesthetic head on another model's embeddings gives numbers that look
//! right and mean nothing.

mod demo;
mod files;
mod heads;
mod spec;

pub use files::{EncoderFile, Outside};
pub(crate) use files::{MODEL_TOML, measured};
pub(crate) use spec::neighbour;
pub use spec::{HeadKind, HeadSpec, ImageSpec, ModelSpec, TextSpec, Thresholds, TokenizerSpec};

use crate::{Error, heads::Head, preprocess::Preprocess, tokenize::TextTokenizer};
use files::Files;
use sha2::{Digest, Sha256};
use std::path::Path;

/// Name of the embedded model.
pub const DEMO: &str = "demo";

/// A model, read and verified, not yet running.
pub struct Model {
    /// What its `model.toml` says.
    pub spec: ModelSpec,
    /// Name and digest of all its files: `demo@1f2e3d4c`.
    pub id: String,
    /// Whether it is the embedded one.
    pub is_demo: bool,
    /// The image encoder, ONNX.
    pub image: EncoderFile,
    /// The text encoder, ONNX.
    pub text: EncoderFile,
    /// Its tokenizer.
    pub tokenizer: TextTokenizer,
    /// What scores its embeddings.
    pub heads: Vec<Head>,
}

impl Model {
    /// Opens the embedded model (`demo`) or the folder `name`.
    pub fn open(name: &str) -> Result<Self, Error> {
        if name == DEMO {
            return Self::load(&Files::Embedded(demo::FILES), true);
        }
        let folder = Path::new(name);
        if !folder.join(files::MODEL_TOML).is_file() {
            return Err(Error::NoModel(name.to_owned()));
        }
        Self::load(&Files::Folder(folder.to_owned()), false)
    }

    /// What the embedded model says of itself, and how many bytes it has, without opening it.
    pub fn demo() -> Result<(ModelSpec, u64), Error> {
        let files = Files::Embedded(demo::FILES);
        let toml = files.read(files::MODEL_TOML, files::MAX_TEXT_BYTES)?;
        let bytes = demo::FILES.iter().map(|(_, contents)| contents.len() as u64).sum();
        Ok((ModelSpec::parse(&toml, &files.place(files::MODEL_TOML))?, bytes))
    }

    fn load(files: &Files, is_demo: bool) -> Result<Self, Error> {
        let toml = files.read(files::MODEL_TOML, files::MAX_TEXT_BYTES)?;
        let spec = ModelSpec::parse(&toml, &files.place(files::MODEL_TOML))?;
        let mut digest = Sha256::new_with_prefix(&toml);
        // Weights outside are in it too: their digest stands in `toml`.
        for wanted in [&spec.image.sha256, &spec.text.sha256, &spec.tokenizer.sha256] {
            digest.update(wanted.as_bytes());
        }
        let (image, text) = (&spec.image, &spec.text);
        let data = image.data.as_deref().zip(image.data_sha256.as_deref());
        let image = files.read_encoder((&image.file, &image.sha256), data)?;
        let data = text.data.as_deref().zip(text.data_sha256.as_deref());
        let text = files.read_encoder((&text.file, &text.sha256), data)?;
        let tokenizer = files.read_verified(&spec.tokenizer.file, &spec.tokenizer.sha256)?;
        let tokenizer = TextTokenizer::from_bytes(&tokenizer, spec.tokenizer.clean, spec.text.context, spec.text.pad)?;
        let heads = heads::load(files, &spec, &mut digest)?;
        let id = format!("{}@{}", spec.name, &schema::hex(&digest.finalize())[..8]);
        Ok(Self { spec, id, is_demo, image, text, tokenizer, heads })
    }

    /// How its image encoder wants pictures.
    pub fn preprocess(&self) -> Preprocess {
        let ImageSpec { size, resize, mean, std, .. } = self.spec.image;
        Preprocess { size, resize, mean, std }
    }
}
