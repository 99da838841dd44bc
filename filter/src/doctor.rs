//! What `pinakes doctor` asks: which runtime this machine gives, and whether the model is whole.

use crate::{Backend, Error, Model, runtime};
use std::path::PathBuf;

/// The runtime that scoring would use. Loads it, so a later call with another library is refused.
pub fn backend(onnxruntime: &str, search: &[PathBuf]) -> Result<Backend, Error> {
    Ok(runtime::load(onnxruntime, search)?.backend.clone())
}

/// Reads and verifies a model without running it; gives its id.
pub fn model(name: &str) -> Result<String, Error> {
    Ok(Model::open(name)?.id)
}
