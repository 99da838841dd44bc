//! Heads: what makes scores of a picture's embedding (the classical one, of its pixels).
//!
//! LAION's are read from the files they were published as; anybody else's come as safetensors or ONNX. All of them are
//! data from strangers: sizes are bounded, nothing in them is run, and what is odd is refused with its name.

mod checkpoint;
mod linear;
mod live;
mod network;
mod npy;
mod pickle;
mod prompts;
mod weights;
mod zip;

pub use linear::LinearHead;
pub(crate) use live::{HeadScores, LiveHeads};
pub use network::{Activation, Network};
pub use prompts::PromptPair;
pub(crate) use prompts::softmax;

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Largest head file read. The published ones have 3 KB to 3.7 MB.
pub const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// A head, read and found to fit its model.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Its name in `model.toml`.
    pub name: String,
    /// Where its scores go.
    pub column: Column,
    /// Names of its scores: one each.
    pub outputs: Vec<String>,
    /// How they come about.
    pub work: Work,
}

/// Where the scores of a head go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// Into the column `aesthetic`.
    Aesthetic,
    /// Into the column `punsafe`.
    Punsafe,
    /// Into the map `scores`, under their names.
    Scores,
}

/// How a head scores.
#[derive(Clone, Debug, PartialEq)]
pub enum Work {
    /// Measured on the pixels, see [`crate::classical`].
    Classical,
    /// One vector and a bias.
    Linear(LinearHead),
    /// Layers of them.
    Network(Network),
    /// Two texts, and which of them the picture is more like.
    Prompts(PromptPair),
    /// Whatever the graph says.
    Onnx {
        /// The graph with its weights.
        onnx: Cow<'static, [u8]>,
        /// Its file, for errors.
        file: String,
        /// Name of its input, f32 [1, dimension].
        input: String,
        /// Name of its output: one f32 for each of the head's scores.
        output: String,
    },
}

impl Work {
    /// How long the embeddings are that it scores, where that is known before it runs.
    pub(crate) fn dimension(&self) -> Option<usize> {
        match self {
            Self::Classical | Self::Onnx { .. } => None,
            Self::Linear(head) => Some(head.dimension()),
            Self::Network(head) => Some(head.dimension()),
            Self::Prompts(head) => Some(head.dimension()),
        }
    }

    /// How many scores it gives, where that is known before it runs.
    pub(crate) fn count(&self) -> Option<usize> {
        match self {
            Self::Classical | Self::Linear(_) | Self::Prompts(_) => Some(1),
            Self::Network(head) => Some(head.outputs()),
            Self::Onnx { .. } => None,
        }
    }
}
