//! One session of an encoder at its place: rows in, embeddings out.

use super::{Names, Place, Row, Runtime, failure::Failure, single};
use crate::{Error, model::EncoderFile};
use ort::{
    memory::{AllocationDevice, Allocator, AllocatorType, MemoryInfo, MemoryType},
    session::{Session, SessionOutputs},
    value::{Outlet, PrimitiveTensorElementType, Tensor},
};
use std::{borrow::Cow, fmt::Debug};

/// What an encoder's rows are made of: f32 of pictures, i64 of texts.
pub(crate) trait Value: PrimitiveTensorElementType + Copy + Default + Debug + Send + Sync + 'static {
    /// The values of a row to try an encoder with, another for each `row`.
    fn example(length: usize, row: usize) -> Vec<Self>;
}

impl Value for f32 {
    /// What normalised pictures have: from -2 to 2.
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn example(length: usize, row: usize) -> Vec<Self> {
        (0..length).map(|at| ((at * 31 + row * 17) % 101) as Self / 25.0 - 2.0).collect()
    }
}

impl Value for i64 {
    /// Ids that every vocabulary has.
    fn example(length: usize, row: usize) -> Vec<Self> {
        (0..length).map(|at| if (at * (row + 1)).is_multiple_of(3) { 1 } else { 2 }).collect()
    }
}

/// All that a session is made of, kept where it may have to be made again in another place.
pub(crate) struct Blueprint {
    pub(crate) runtime: &'static Runtime,
    pub(crate) file: EncoderFile,
    pub(crate) names: Names,
    /// Numbers in an embedding.
    pub(crate) dimension: usize,
}

impl Blueprint {
    /// Makes a session at `place`, on so many processors.
    pub(super) fn build<T: Value>(&self, place: Place, threads: usize) -> Result<Tower<T>, Error> {
        let Self { runtime, file, names, dimension } = self;
        let wrong =
            |problem: String, hint: &str| Error::File { file: names.file.clone(), problem, hint: hint.to_owned() };
        let unfit = |error: ort::Error| {
            let hint = "export it anew (opset 17 suits every backend), or name an ONNX Runtime in `score.onnxruntime`";
            // ONNX Runtime ends some of its messages with a line break.
            let problem = error.to_string();
            let (backend, place) = (&runtime.backend.name, place.name());
            wrong(format!("cannot be run by {backend} on {place}: {}", problem.trim_end()), hint)
        };
        let is_embedded = runtime.backend.library.is_none();
        let onnx = if is_embedded {
            Cow::Owned(single::single_row(&file.onnx, names.length))
        } else {
            Cow::Borrowed(&file.onnx[..])
        };
        let mut builder = place.builder(runtime, threads, single::is_half(&file.onnx)).map_err(unfit)?;
        let session = match &file.outside {
            Some(outside) => builder.commit_from_file(&outside.onnx),
            None => builder.commit_from_memory(&onnx),
        };
        let session = session.map_err(unfit)?;
        for (key, name) in [("input", Some(&names.input)), ("mask", names.mask.as_ref())] {
            let Some(name) = name else { continue };
            one_of(session.inputs(), name).map_err(|has| {
                wrong(format!("has no input `{name}`, only {has}"), &format!("correct `{key}` in model.toml"))
            })?;
        }
        let is_known = |name: &str| name == names.input || Some(name) == names.mask.as_deref();
        if let Some(other) = session.inputs().iter().map(Outlet::name).find(|name| !is_known(name)) {
            let hint = "name it as `mask` in model.toml, if it tells a text's own ids from what fills it up";
            return Err(wrong(format!("has an input `{other}` too, which nobody would fill"), hint));
        }
        let output = one_of(session.outputs(), &names.output).map_err(|has| {
            wrong(format!("has no output `{}`, only {has}", names.output), "correct `output` in model.toml")
        })?;
        let length = output.dtype().tensor_shape().and_then(|shape| shape.last().copied()).unwrap_or(-1);
        if length >= 0 && usize::try_from(length) != Ok(*dimension) {
            let problem = format!("gives embeddings of {length} numbers, not of {dimension}");
            return Err(wrong(problem, "correct `dimension` in model.toml"));
        }
        let allocator = if is_embedded { None } else { Some(input_memory(&session, place).map_err(unfit)?) };
        let (input, mask, output) = (names.input.clone(), names.mask.clone(), names.output.clone());
        Ok(Tower { buffer: None, allocator, session, input, mask, output, dimension: *dimension })
    }
}

/// A session at work. Whoever owns it runs it: it takes one call at a time.
pub(super) struct Tower<T: Value> {
    /// The input of the last batch, taken again where the next has its shape. On a GPU it lies in pinned memory,
    /// which the GPU reads by itself.
    buffer: Option<Tensor<T>>,
    /// Where inputs lie; none on the embedded backend, which binds nothing.
    allocator: Option<Allocator>,
    session: Session,
    input: String,
    mask: Option<String>,
    output: String,
    dimension: usize,
}

impl<T: Value> Tower<T> {
    /// Embeds `rows`, all of one shape, in one call of `size` rows, those that are missing filled up with zeros.
    /// L2-normalised, in order.
    pub(super) fn run(&mut self, rows: &[&Row<T>], size: usize) -> Result<Vec<Vec<f32>>, Failure> {
        let of_row = rows.first().map_or(&[][..], |row| &row.shape);
        let shape = [&[size.max(rows.len())], of_row].concat();
        let numbers = match &self.allocator {
            Some(_) => self.bound(&shape, rows),
            None => self.plain(&shape, rows),
        };
        let numbers = numbers.map_err(|error| Failure::of(&error))?;
        if numbers.len() != shape[0] * self.dimension {
            let (found, wanted) = (numbers.len(), self.dimension);
            return Err(Failure::Graph(format!("{found} numbers came out for {} rows of {wanted}", shape[0])));
        }
        Ok(numbers.chunks_exact(self.dimension).take(rows.len()).map(normalised).collect())
    }

    /// With input and output bound to memory that the runtime need not copy once more.
    fn bound(&mut self, shape: &[usize], rows: &[&Row<T>]) -> ort::Result<Vec<f32>> {
        let is_same = |tensor: &Tensor<T>| {
            let known = tensor.shape();
            known.len() == shape.len() && known.iter().zip(shape).all(|(a, b)| usize::try_from(*a) == Ok(*b))
        };
        let (session, allocator) = (&mut self.session, self.allocator.as_ref());
        let mut input = match (self.buffer.take().filter(is_same), allocator) {
            (Some(tensor), _) => tensor,
            (None, Some(allocator)) => Tensor::new(allocator, shape.to_vec())?,
            (None, None) => Tensor::from_array((shape.to_vec(), vec![T::default(); shape.iter().product()]))?,
        };
        fill(input.try_extract_tensor_mut::<T>()?.1, rows);
        let mut binding = session.create_binding()?;
        binding.bind_input(&self.input, &input)?;
        if let Some(name) = &self.mask {
            binding.bind_input(name, &mask(shape, rows)?)?;
        }
        let memory = MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::CPUOutput)?;
        binding.bind_output_to_device(&self.output, &memory)?;
        let numbers = taken(&session.run_binding(&binding)?, &self.output);
        drop(binding);
        self.buffer = Some(input);
        numbers
    }

    fn plain(&mut self, shape: &[usize], rows: &[&Row<T>]) -> ort::Result<Vec<f32>> {
        let mut values = vec![T::default(); shape.iter().product()];
        fill(&mut values, rows);
        let input = Tensor::from_array((shape.to_vec(), values))?;
        let mut inputs = ort::inputs![self.input.as_str() => input];
        if let Some(name) = &self.mask {
            inputs.push((name.as_str().into(), mask(shape, rows)?.into()));
        }
        taken(&self.session.run(inputs)?, &self.output)
    }
}

/// 1 for what is a row's own, 0 for what fills it up; rows that are missing count as their own, since a mean over
/// nothing is no number.
fn mask<T>(shape: &[usize], rows: &[&Row<T>]) -> ort::Result<Tensor<i64>> {
    let length = shape.iter().skip(1).product();
    let owns = rows.iter().map(|row| row.own).chain(std::iter::repeat(length)).take(shape[0]);
    let values: Vec<i64> = owns.flat_map(|own| (0..length).map(move |at| i64::from(at < own))).collect();
    Tensor::from_array((shape.to_vec(), values))
}

/// Rows one after the other, and zeros behind them.
fn fill<T: Value>(values: &mut [T], rows: &[&Row<T>]) {
    let mut rest = values;
    for row in rows {
        let (here, behind) = rest.split_at_mut(row.values.len());
        here.copy_from_slice(&row.values);
        rest = behind;
    }
    rest.fill(T::default());
}

fn taken(outputs: &SessionOutputs<'_>, name: &str) -> ort::Result<Vec<f32>> {
    let output = outputs.get(name).ok_or_else(|| ort::Error::new(format!("no output `{name}`")))?;
    Ok(output.try_extract_tensor::<f32>()?.1.to_vec())
}

/// Where inputs lie: for a GPU in memory that it reads by itself, if it gives any.
fn input_memory(session: &Session, place: Place) -> ort::Result<Allocator> {
    let info = |device, number, kind| MemoryInfo::new(device, number, AllocatorType::Device, kind);
    if let Place::Gpu(_, number) = place {
        let pinned = info(AllocationDevice::CUDA_PINNED, number.into(), MemoryType::CPUInput);
        match pinned.and_then(|pinned| Allocator::new(session, pinned)) {
            Ok(allocator) => return Ok(allocator),
            Err(error) => tracing::debug!("inputs of {} lie in common memory: {error}", place.name()),
        }
    }
    Allocator::new(session, info(AllocationDevice::CPU, 0, MemoryType::Default)?)
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
