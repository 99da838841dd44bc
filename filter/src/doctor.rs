//! What `pinakes doctor` asks: which runtime this machine gives, whether the model is whole, and where it runs.

use crate::{Backend, Error, Model, Scorer, runtime};
use schema::Score;
use std::path::PathBuf;

/// The runtime that scoring would use. Loads it, so a later call with another library is refused.
pub fn backend(onnxruntime: &str, search: &[PathBuf]) -> Result<Backend, Error> {
    Ok(runtime::load(onnxruntime, search)?.backend.clone())
}

/// Reads and verifies a model without running it; gives its id.
pub fn model(name: &str) -> Result<String, Error> {
    Ok(Model::open(name)?.id)
}

/// Opens the model that `score` names where scoring would open it; gives the places, and what to know of them.
pub fn device(score: &Score, search: &[PathBuf]) -> Result<(Vec<String>, Vec<String>), Error> {
    let scorer = Scorer::open(score, search)?;
    Ok((scorer.places(), scorer.notes()))
}
