//! One head as an ONNX graph: an embedding in, one or more scores out.

use super::{Place, Runtime, single::single_row, tower::one_of};
use crate::{
    Error,
    heads::{Head, Work},
};
use ort::{session::Session, value::Tensor};
use std::borrow::Cow;

/// A head at work.
pub(crate) struct OnnxHead {
    session: Session,
    input: String,
    output: String,
    count: usize,
    backend: &'static str,
}

impl OnnxHead {
    /// Makes a session of `head`, and runs it once, so that what does not fit is told before scoring begins.
    pub(crate) fn open(runtime: &'static Runtime, head: &Head, dimension: usize) -> Result<Self, Error> {
        let Work::Onnx { onnx, file, input, output } = &head.work else {
            return Err(refused(head, "is no graph".into(), "name its file"));
        };
        let backend = runtime.backend.name.as_str();
        let wrong = |problem: String| Error::File {
            file: file.clone(),
            problem,
            hint: format!(
                "correct head `{}` in model.toml, or export it anew (opset 17 suits every backend)",
                head.name
            ),
        };
        let is_tract = runtime.backend.library.is_none();
        let onnx = if is_tract { Cow::Owned(single_row(onnx, dimension)) } else { Cow::Borrowed(&onnx[..]) };
        // A head is small: bringing one embedding to a GPU takes longer than the work.
        let builder = Place::Cpu.builder(runtime, 1, false);
        let session = builder.and_then(|mut builder| builder.commit_from_memory(&onnx));
        let session = session.map_err(|error| wrong(format!("cannot be run by {backend}: {error}")))?;
        one_of(session.inputs(), input).map_err(|has| wrong(format!("has no input `{input}`, only {has}")))?;
        one_of(session.outputs(), output).map_err(|has| wrong(format!("has no output `{output}`, only {has}")))?;
        let (input, output) = (input.clone(), output.clone());
        let mut opened = Self { session, input, output, count: head.outputs.len(), backend };
        // Of length one, as all that it will see.
        let mut trial = vec![0.0; dimension];
        trial[0] = 1.0;
        opened.run(&trial).map_err(|problem| {
            let hint =
                "one score each for the names in its `outputs`, or one alone; and the embeddings of its `family`";
            refused(head, format!("cannot score an embedding of {dimension} numbers: {problem}"), hint)
        })?;
        Ok(opened)
    }

    /// The scores of an embedding.
    pub(crate) fn score(&mut self, embedding: &[f32]) -> Result<Vec<f32>, Error> {
        let failed = |problem: String| Error::Inference {
            backend: self.backend.to_owned(),
            work: "a head's inference".into(),
            problem,
        };
        self.run(embedding).map_err(failed)
    }

    fn run(&mut self, embedding: &[f32]) -> Result<Vec<f32>, String> {
        let said = |error: ort::Error| error.to_string();
        let tensor = Tensor::from_array(([1, embedding.len()], embedding.to_vec())).map_err(said)?;
        let outputs = self.session.run(ort::inputs![self.input.as_str() => tensor]).map_err(said)?;
        let output = outputs.get(&self.output).ok_or("its output is missing")?;
        let (shape, numbers) = output.try_extract_tensor::<f32>().map_err(said)?;
        if numbers.len() != self.count {
            return Err(format!("{shape:?} came out where {} scores were due", self.count));
        }
        Ok(numbers.to_vec())
    }
}

fn refused(head: &Head, problem: String, hint: &str) -> Error {
    Error::Head { head: head.name.clone(), problem, hint: hint.to_owned() }
}
