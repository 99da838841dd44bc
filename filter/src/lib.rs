//! From bytes to a decision: decode, encode, score, and the rules.
//!
//! [`Scorer`] is the front: rows of fetched pictures in, scored samples out. Everything under it
//! stands alone too: [`decode`](mod@decode) (bytes to pixels), [`preprocess`], [`mod@clean`] and
//! [`tokenize`] (what the encoders eat), [`model`] (which files, and whether they are the ones they claim to
//! be), [`registry`] (which models there are by name, and which of them are here), [`runtime`] (ONNX
//! Runtime or the embedded backend), [`heads`] and [`classical`] (scores of the embedding and of the
//! pixels), [`phash`](mod@phash) and [`rules`] (pure decisions).
//!
//! Nothing here prints or asks the network, and nothing touches a file, but for `model` and `runtime`,
//! which load what the configuration names, and `registry`, which keeps the cache of models.

pub mod classical;
pub mod clean;
pub mod decode;
pub mod doctor;
mod encode;
mod error;
pub mod heads;
pub mod model;
mod parallel;
pub mod phash;
pub mod preprocess;
pub mod registry;
mod resize;
pub mod rules;
pub mod runtime;
mod sample;
pub mod scorer;
mod store;
mod tags;
pub mod tokenize;

pub use error::Error;
pub use model::Model;
pub use runtime::Backend;
pub use scorer::{Outcome, Scorer, Stamp};
pub use store::stored_picture;
