//! Where a session runs, and what ONNX Runtime is told for it.

use super::{Runtime, libraries};
use crate::Error;
use ort::{
    ep::{self, ArenaExtendStrategy, ExecutionProvider, ExecutionProviderDispatch},
    session::{
        Session,
        builder::{GraphOptimizationLevel, SessionBuilder},
    },
};
use schema::{Device, Gpu, Provider};

/// GPUs looked for in one machine.
const MAX_GPUS: u16 = 64;

/// Pictures in one call on a processor: enough that reading the weights is shared, and few enough that two cores both
/// have some (ViT-B/32, see `benches/encode.rs`).
const BATCH_ON_CPU: usize = 8;

/// The same on a GPU, whose thousands of lanes want work.
const BATCH_ON_GPU: usize = 256;

/// One place where a session runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Cpu,
    Gpu(Provider, u16),
}

impl Place {
    /// Rows in one call, where the settings name no number.
    pub(crate) fn batch(self) -> usize {
        match self {
            Self::Cpu => BATCH_ON_CPU,
            Self::Gpu(..) => BATCH_ON_GPU,
        }
    }

    /// As the settings write it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Cpu => Device::Cpu.to_string(),
            Self::Gpu(provider, number) => Gpu { provider, number: Some(number) }.to_string(),
        }
    }

    /// The settings that lead to `places` again.
    pub(crate) fn device(places: &[Self]) -> Device {
        let gpu = |place: &Self| match place {
            Self::Cpu => None,
            Self::Gpu(provider, number) => Some(Gpu { provider: *provider, number: Some(*number) }),
        };
        places.iter().map(gpu).collect::<Option<_>>().map_or(Device::Cpu, Device::Gpus)
    }

    /// What runs a graph here, the first that can run a node before the others. `is_half`: the graph is in half precision.
    fn providers(self, is_half: bool) -> Vec<ExecutionProviderDispatch> {
        let cuda = |number: u16| {
            // Single precision means single precision: whoever wants more speed exports in half precision.
            let cuda = ep::CUDA::default().with_device_id(number.into()).with_tf32(false);
            // Batches have one size, so that memory does not grow in steps of twice.
            cuda.with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested).build().error_on_failure()
        };
        match self {
            Self::Cpu => vec![ep::CPU::default().build()],
            Self::Gpu(Provider::Cuda, number) => vec![cuda(number)],
            Self::Gpu(Provider::TensorRt, number) => {
                let mut tensorrt = ep::TensorRT::default().with_device_id(number.into()).with_fp16(is_half);
                // Building an engine takes minutes: once a machine, not once a run.
                if let Some(cache) = libraries::engines() {
                    tensorrt = tensorrt.with_engine_cache(true).with_engine_cache_path(cache.display());
                }
                vec![tensorrt.build().error_on_failure(), cuda(number)]
            }
        }
    }

    /// A builder of sessions here, for graphs that use `threads` processors.
    pub(super) fn builder(self, runtime: &Runtime, threads: usize, is_half: bool) -> ort::Result<SessionBuilder> {
        let mut builder =
            Session::builder(&runtime.environment)?.with_optimization_level(GraphOptimizationLevel::Level3)?;
        // The embedded backend runs on the caller's thread and has no such settings.
        if runtime.backend.library.is_some() {
            builder = builder
                .with_execution_providers(self.providers(is_half))?
                .with_intra_threads(threads)?
                .with_intra_op_spinning(false)?;
        }
        Ok(builder)
    }
}

/// Does `open` on every place that `device` names, and gives what came of each. Of `auto` a GPU that cannot be
/// used is told of in `notes`, and the processor takes its place; whoever names a GPU wants that one.
pub(super) fn on_each<T>(
    device: &Device,
    runtime: &Runtime,
    notes: &mut Vec<String>,
    mut open: impl FnMut(Place) -> Result<T, Error>,
) -> Result<Vec<(Place, T)>, Error> {
    check(device, runtime)?;
    match device {
        Device::Cpu => Ok(vec![(Place::Cpu, open(Place::Cpu)?)]),
        Device::Auto => {
            if knows(runtime, Provider::Cuda) {
                match all(Provider::Cuda, notes, &mut open) {
                    Ok(found) => return Ok(found),
                    Err(error) => notes.push(format!("scored on the processor, since no GPU could be used: {error}")),
                }
            }
            Ok(vec![(Place::Cpu, open(Place::Cpu)?)])
        }
        Device::Gpus(gpus) => {
            let mut opened = Vec::new();
            for gpu in gpus {
                let found = match gpu.number {
                    None => all(gpu.provider, notes, &mut open),
                    Some(number) => {
                        let place = Place::Gpu(gpu.provider, number);
                        open(place).map(|it| vec![(place, it)])
                    }
                };
                let hint = "see `nvidia-smi`, and that CUDA 13 and cuDNN 9 can be loaded";
                opened.extend(found.map_err(|error| refused(*gpu, error.to_string(), hint))?);
            }
            Ok(opened)
        }
    }
}

/// Refuses GPUs whose provider the runtime does not have, without asking whether the GPUs are there.
pub(super) fn check(device: &Device, runtime: &Runtime) -> Result<(), Error> {
    let Device::Gpus(gpus) = device else { return Ok(()) };
    let strange = gpus.iter().find(|gpu| !knows(runtime, gpu.provider));
    let hint = "name the library of `onnxruntime-gpu` in `score.onnxruntime` or ORT_DYLIB_PATH";
    strange.map_or(Ok(()), |gpu| Err(refused(*gpu, format!("{} does not know this provider", describe(runtime)), hint)))
}

fn knows(runtime: &Runtime, provider: Provider) -> bool {
    let is_available = || match provider {
        Provider::Cuda => ep::CUDA::is_available(),
        Provider::TensorRt => ep::TensorRT::is_available(),
    };
    runtime.backend.library.is_some() && is_available().unwrap_or(false)
}

fn refused(gpu: Gpu, problem: String, hint: &str) -> Error {
    let hint = format!("{hint}; `score.device = \"auto\"` takes the processor where there is no GPU");
    Error::Device { device: gpu.to_string(), problem, hint }
}

/// Every GPU of the machine. ONNX Runtime does not count them: the first that is none ends the count.
fn all<T>(
    provider: Provider,
    notes: &mut Vec<String>,
    open: &mut impl FnMut(Place) -> Result<T, Error>,
) -> Result<Vec<(Place, T)>, Error> {
    let first = Place::Gpu(provider, 0);
    let mut opened = vec![(first, open(first)?)];
    for number in 1..MAX_GPUS {
        let place = Place::Gpu(provider, number);
        match open(place) {
            Ok(it) => opened.push((place, it)),
            Err(error) => {
                // CUDA's `cudaErrorInvalidDevice`: there is no such GPU. All else is one that is there and does not work.
                if !error.to_string().contains("invalid device ordinal") {
                    notes.push(format!("scored without {}: {error}", place.name()));
                }
                break;
            }
        }
    }
    Ok(opened)
}

fn describe(runtime: &Runtime) -> String {
    match &runtime.backend.library {
        Some(library) => format!("`{}`", library.display()),
        None => format!("the built-in backend, {},", runtime.backend.name),
    }
}
