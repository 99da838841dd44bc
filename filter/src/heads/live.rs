//! The heads of a model at work on one picture after the other.

use super::{Column, Head, Work};
use crate::{
    Error, classical,
    decode::Pixels,
    runtime::{OnnxHead, Runtime},
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Every head of a model, ready to run.
///
/// A graph's session takes one call at a time, so its callers wait for each other.
pub(crate) struct LiveHeads(Vec<(Head, Option<Mutex<OnnxHead>>)>);

/// What the heads make of one picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct HeadScores {
    pub(crate) aesthetic: Option<f32>,
    pub(crate) punsafe: Option<f32>,
    pub(crate) others: BTreeMap<String, f32>,
}

impl LiveHeads {
    /// Opens what needs a runtime, and tries it once.
    pub(crate) fn open(heads: Vec<Head>, runtime: &'static Runtime, dimension: usize) -> Result<Self, Error> {
        let open = |head: Head| {
            let onnx = match &head.work {
                Work::Onnx { .. } => Some(Mutex::new(OnnxHead::open(runtime, &head, dimension)?)),
                _ => None,
            };
            Ok((head, onnx))
        };
        heads.into_iter().map(open).collect::<Result<_, Error>>().map(Self)
    }

    /// Whether a head fills this column.
    pub(crate) fn fill(&self, column: Column) -> bool {
        self.0.iter().any(|(head, _)| head.column == column)
    }

    /// Whether a head gives the score `name`.
    pub(crate) fn give(&self, name: &str) -> bool {
        let others = self.0.iter().filter(|(head, _)| head.column == Column::Scores);
        others.flat_map(|(head, _)| &head.outputs).any(|output| output == name)
    }

    /// All scores of a picture: of its embedding, and of the square that the encoder saw.
    pub(crate) fn score(&self, embedding: &[f32], square: &Pixels) -> Result<HeadScores, Error> {
        let mut scores = HeadScores::default();
        for (head, onnx) in &self.0 {
            let found = match (&head.work, onnx) {
                (Work::Classical, _) => vec![classical::measure(square).score()],
                (Work::Linear(linear), _) => vec![linear.score(embedding)],
                (Work::Network(network), _) => network.scores(embedding),
                (Work::Prompts(pair), _) => vec![pair.score(embedding)],
                (Work::Onnx { .. }, Some(onnx)) => {
                    onnx.lock().unwrap_or_else(PoisonError::into_inner).score(embedding)?
                }
                // Opened with the others.
                (Work::Onnx { .. }, None) => Vec::new(),
            };
            match head.column {
                Column::Aesthetic => scores.aesthetic = found.first().copied(),
                Column::Punsafe => scores.punsafe = found.first().copied(),
                Column::Scores => scores.others.extend(head.outputs.iter().cloned().zip(found)),
            }
        }
        Ok(scores)
    }
}
