//! One encoder: an ONNX graph with one input and one output of embeddings.
//!
//! Rows go through one by one, on as many sessions as there are cores. On a processor a batch gains
//! nothing (measured on the demo encoder, ONNX Runtime: 53, 57 and 46 pictures a second in batches
//! of 1, 4 and 16), and it makes the last bits of a row depend on the rows beside it, so that a
//! run that was stopped and taken up again would write another table.

use super::{Runtime, single::single_row};
use crate::{Error, model::EncoderFile, parallel};
use ort::{
    ep,
    session::{
        Session,
        builder::{GraphOptimizationLevel, SessionBuilder},
    },
    value::{Outlet, PrimitiveTensorElementType, Tensor},
};
use std::{borrow::Cow, fmt::Debug};

/// Most bytes of encoders held at once: with a large one, fewer sessions share the cores.
const MAX_SESSIONS_BYTES: u64 = 512 * 1024 * 1024;

/// What an encoder is called in its model's `model.toml`.
pub(crate) struct Names<'a> {
    /// The file, for errors.
    pub(crate) file: &'a str,
    pub(crate) input: &'a str,
    pub(crate) output: &'a str,
    /// What its input's second dimension is fixed at where it is free and the backend wants it fixed.
    pub(crate) length: usize,
}

/// One row of an encoder's input: its shape without the batch, and its values.
pub(crate) struct Row<'a, T> {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: &'a [T],
}

/// An encoder at work. Whoever owns it runs it: a session takes one call at a time.
pub struct Encoder {
    sessions: Vec<Session>,
    graph: Graph,
}

/// What the sessions have in common.
struct Graph {
    input: String,
    output: String,
    dimension: usize,
    backend: &'static str,
}

impl Encoder {
    /// Makes a session of an ONNX file.
    pub(crate) fn open(
        runtime: &'static Runtime,
        file: &EncoderFile,
        names: &Names<'_>,
        dimension: usize,
    ) -> Result<Self, Error> {
        let wrong =
            |problem: String, hint: &str| Error::File { file: names.file.into(), problem, hint: hint.to_owned() };
        let unfit = |error: String| {
            let hint = "export it anew (opset 17 suits every backend), or name an ONNX Runtime in `score.onnxruntime`";
            wrong(format!("cannot be run by {}: {error}", runtime.backend.name), hint)
        };
        let is_tract = runtime.backend.library.is_none();
        let onnx =
            if is_tract { Cow::Owned(single_row(&file.onnx, names.length)) } else { Cow::Borrowed(&file.onnx[..]) };
        let fitting = usize::try_from(MAX_SESSIONS_BYTES / file.bytes().max(1)).unwrap_or(usize::MAX);
        let count = fitting.clamp(1, parallel::cores());
        let threads = parallel::cores() / count;
        let sessions: ort::Result<Vec<_>> = (0..count)
            .map(|_| {
                let mut builder = builder(runtime, threads)?;
                match &file.outside {
                    Some(outside) => builder.commit_from_file(&outside.onnx),
                    None => builder.commit_from_memory(&onnx),
                }
            })
            .collect();
        let sessions = sessions.map_err(|error| unfit(error.to_string()))?;
        let input = one_of(sessions[0].inputs(), names.input);
        let output = one_of(sessions[0].outputs(), names.output);
        input.map_err(|has| {
            wrong(format!("has no input `{}`, only {has}", names.input), "correct `input` in model.toml")
        })?;
        let output = output.map_err(|has| {
            wrong(format!("has no output `{}`, only {has}", names.output), "correct `output` in model.toml")
        })?;
        let length = output.dtype().tensor_shape().and_then(|shape| shape.last().copied()).unwrap_or(-1);
        if length >= 0 && usize::try_from(length) != Ok(dimension) {
            let problem = format!("gives embeddings of {length} numbers, not of {dimension}");
            return Err(wrong(problem, "correct `dimension` in model.toml"));
        }
        let (input, output) = (names.input.to_owned(), names.output.to_owned());
        Ok(Self { sessions, graph: Graph { input, output, dimension, backend: &runtime.backend.name } })
    }

    /// Embeds `rows`; L2-normalised, in order.
    pub(crate) fn encode<T>(&mut self, rows: &[Row<'_, T>]) -> Result<Vec<Vec<f32>>, Error>
    where
        T: PrimitiveTensorElementType + Clone + Debug + Send + Sync + 'static,
    {
        let graph = &self.graph;
        parallel::map_on(&mut self.sessions, rows, |session, row| graph.run(session, row)).into_iter().collect()
    }
}

impl Graph {
    /// Embeds one row.
    fn run<T>(&self, session: &mut Session, row: &Row<'_, T>) -> Result<Vec<f32>, Error>
    where
        T: PrimitiveTensorElementType + Clone + Debug + 'static,
    {
        let failed =
            |problem: String| Error::Inference { backend: self.backend.to_owned(), work: "inference".into(), problem };
        let shape = [&[1], &row.shape[..]].concat();
        let tensor = Tensor::from_array((shape, row.values.to_vec())).map_err(|error| failed(error.to_string()))?;
        let inputs = ort::inputs![self.input.as_str() => tensor];
        let outputs = session.run(inputs).map_err(|error| failed(error.to_string()))?;
        let output = outputs.get(&self.output).ok_or_else(|| failed(format!("no output `{}`", self.output)))?;
        let (shape, numbers) = output.try_extract_tensor::<f32>().map_err(|error| failed(error.to_string()))?;
        if numbers.len() != self.dimension {
            return Err(failed(format!("{shape:?} came out where {} numbers were due", self.dimension)));
        }
        Ok(normalised(numbers))
    }
}

pub(super) fn builder(runtime: &Runtime, threads: usize) -> ort::Result<SessionBuilder> {
    let mut builder =
        Session::builder(&runtime.environment)?.with_optimization_level(GraphOptimizationLevel::Level3)?;
    // The embedded backend runs on the caller's thread and has no such settings.
    if runtime.backend.library.is_some() {
        builder = builder
            .with_execution_providers([ep::CPU::default().build()])?
            .with_intra_threads(threads)?
            .with_intra_op_spinning(false)?;
    }
    Ok(builder)
}

/// The outlet called `name`, or the names there are.
pub(super) fn one_of<'a>(outlets: &'a [Outlet], name: &str) -> Result<&'a Outlet, String> {
    let found = outlets.iter().find(|outlet| outlet.name() == name);
    found.ok_or_else(|| outlets.iter().map(|outlet| format!("`{}`", outlet.name())).collect::<Vec<_>>().join(", "))
}

/// `numbers` at length one; the norm in double precision. Nothing stays nothing.
#[expect(clippy::cast_possible_truncation, reason = "back to the precision it came in")]
fn normalised(numbers: &[f32]) -> Vec<f32> {
    let norm = numbers.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
    let norm = if norm == 0.0 { 1.0 } else { norm };
    numbers.iter().map(|number| (f64::from(*number) / norm) as f32).collect()
}
