//! What can go wrong with models and machines. What goes wrong with one picture is data, and is
//! found in [`crate::decode::DecodeError`].

use std::path::PathBuf;

/// A model that cannot be used, a runtime that cannot be loaded, or an inference that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The configured name is no model.
    #[error("`{0}` is no model: neither `demo` nor a folder with a `model.toml`")]
    NoModel(String),
    /// No model of that name is known.
    #[error("`{name}` is no model: neither `demo`, nor a folder with a `model.toml`, nor a name that is known")]
    UnknownModel {
        /// As it was named.
        name: String,
        /// The nearest name there is.
        nearest: Option<String>,
    },
    /// A model of the registry is not on this machine.
    #[error("model `{name}` is known, but is not on this machine")]
    NotPulled {
        /// Its name.
        name: String,
    },
    /// A model of the registry does not run as the hub gives it.
    #[error("model `{name}` does not run as the hub gives it: {why}")]
    NotRunning {
        /// Its name.
        name: String,
        /// What stands in the way.
        why: String,
        /// The way out.
        hint: String,
    },
    /// Neither model nor configuration say which similarity is worth keeping.
    #[error("model `{model}` has no threshold of similarity of its own, and `keep.min_similarity` is not set")]
    NoThreshold {
        /// The model.
        model: String,
    },
    /// A file of the model is missing, damaged or not what `model.toml` says.
    #[error("`{file}` {problem}")]
    File {
        /// The file, as found.
        file: String,
        /// What is wrong with it.
        problem: String,
        /// The way out.
        hint: String,
    },
    /// A head does not belong to the model's embeddings.
    #[error("head `{head}` {problem}")]
    Head {
        /// Its name in `model.toml`.
        head: String,
        /// Why it is refused.
        problem: String,
        /// The way out.
        hint: String,
    },
    /// ONNX Runtime's shared library was named, and cannot be used.
    #[error("`{library}` cannot be used as ONNX Runtime: {problem}")]
    Library {
        /// The library as named.
        library: PathBuf,
        /// What the loader says.
        problem: String,
    },
    /// The runtime of this process is another one already.
    #[error("this process already runs `{running}`, not `{wanted}`")]
    OtherLibrary {
        /// What runs.
        running: String,
        /// What was asked for.
        wanted: PathBuf,
    },
    /// A GPU was named, and cannot be used.
    #[error("cannot score on `{device}`: {problem}")]
    Device {
        /// As the settings name it.
        device: String,
        /// Why not.
        problem: String,
        /// The way out.
        hint: String,
    },
    /// The backend failed at its work.
    #[error("{backend} failed at {work}: {problem}")]
    Inference {
        /// Name of the backend.
        backend: String,
        /// What it was doing.
        work: String,
        /// What it says.
        problem: String,
    },
    /// A threshold asks for a score that no head of the model gives.
    #[error("`{key}` is set, but model `{model}` has no head for it")]
    NoHead {
        /// The key of the configuration.
        key: String,
        /// The model.
        model: String,
    },
}

impl Error {
    /// The way out, for the line after the error.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::NoModel(_) => Some("set `score.model` to `demo`, or to a folder that holds a `model.toml`".into()),
            Self::UnknownModel { nearest: Some(nearest), .. } => Some(format!("did you mean `{nearest}`?")),
            Self::UnknownModel { nearest: None, .. } => {
                Some("`pinakes models list` tells the names; or name a folder that holds a `model.toml`".into())
            }
            Self::NotPulled { name } => Some(format!("pull it first: `pinakes models pull {name}`")),
            Self::NotRunning { hint, .. } => Some(hint.clone()),
            Self::NoThreshold { .. } => Some(
                "set `keep.min_similarity`; -1.0 keeps every pair. Nobody published a threshold for this model, and \
                 those of others mean nothing on its scale"
                    .into(),
            ),
            Self::File { hint, .. } | Self::Head { hint, .. } | Self::Device { hint, .. } => Some(hint.clone()),
            Self::Library { .. } => Some(format!(
                "name a libonnxruntime 1.{} or later (`pip install onnxruntime` brings one), or leave \
                 `score.onnxruntime` and ORT_DYLIB_PATH empty for the embedded backend",
                ort::MINOR_VERSION
            )),
            Self::OtherLibrary { .. } => Some("one runtime a process: start another process for the other".into()),
            Self::Inference { .. } => None,
            Self::NoHead { key, .. } => Some(format!("remove `{key}`, or choose a model with such a head")),
        }
    }
}
