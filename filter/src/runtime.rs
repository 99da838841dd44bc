//! The inference runtime: ONNX Runtime's shared library where one is found, else the embedded
//! pure-Rust backend (tract). One a process, chosen once.
//!
//! Order: the path from the configuration, `ORT_DYLIB_PATH`, the folders searched (those where
//! `pip install onnxruntime` puts it), the embedded backend. A path that somebody named and that
//! cannot be loaded is an error, never a reason to take another.

mod encoder;
mod failure;
mod head;
mod inspect;
mod lane;
mod libraries;
mod place;
mod search;
mod single;
mod tower;

pub(crate) use encoder::{Encoder, Names, Pending, Row};
pub(crate) use head::OnnxHead;
pub(crate) use place::Place;
pub use search::default_search;
pub(crate) use tower::Blueprint;

use crate::Error;
use ort::{
    environment::{Environment, EnvironmentBuilder},
    logging::LogLevel,
};
use schema::{Device, Score};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// Which runtime is at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// `onnxruntime` or `tract`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The shared library, if it is one.
    pub library: Option<PathBuf>,
}

/// The runtime of this process.
pub(crate) struct Runtime {
    pub(crate) backend: Backend,
    /// Sessions hold it too, but only this keeps it between one scorer and the next.
    pub(crate) environment: Environment,
}

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// Whether a library was handed to `ort` already. A second one must not be: after a failure `ort`
/// 2.0.0-rc.14 takes its empty slot for a loaded library (`OnceLock::get_or_try_init` completes its
/// `Once` on an error too), so what may fail is found out before, by [`inspect::problem`].
static TRIED: Mutex<bool> = Mutex::new(false);

/// The runtime of this process, loaded on the first call. `library` is `score.onnxruntime`, empty
/// for none; `search` are folders to look through, see [`default_search`].
pub(crate) fn load(library: &str, search: &[PathBuf]) -> Result<&'static Runtime, Error> {
    let named = named_library(library);
    let mut tried = TRIED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = RUNTIME.get() {
        // A library that does not exist is another one too, even where none is loaded.
        let is_running = |wanted: &Path| wanted.canonicalize().is_ok_and(|path| Some(path) == runtime.backend.library);
        return match named {
            Some(wanted) if !is_running(&wanted) => {
                Err(Error::OtherLibrary { running: runtime.backend.name.clone(), wanted })
            }
            _ => Ok(runtime),
        };
    }
    let loaded = match &named {
        Some(path) => onnxruntime(path, &mut tried)?,
        None => found(search, &mut tried).map_or_else(tract, Ok)?,
    };
    Ok(RUNTIME.get_or_init(|| loaded))
}

/// Refuses a `score.device` that this machine's runtime does not know, before there is anything to score.
pub fn check(score: &Score, search: &[PathBuf]) -> Result<(), Error> {
    match score.device {
        Device::Auto | Device::Cpu => Ok(()),
        Device::Gpus(_) => place::check(&score.device, load(&score.onnxruntime, search)?),
    }
}

/// The first library in the folders searched that can be loaded.
fn found(search: &[PathBuf], tried: &mut bool) -> Option<Runtime> {
    for library in search::libraries(search) {
        match onnxruntime(&library, tried) {
            Ok(runtime) => return Some(runtime),
            Err(error) => tracing::warn!("{error}"),
        }
    }
    None
}

/// The library that somebody named: in the configuration, or in the environment variable that
/// `ort` itself and its users know.
fn named_library(library: &str) -> Option<PathBuf> {
    if library.is_empty() {
        std::env::var_os("ORT_DYLIB_PATH").filter(|path| !path.is_empty()).map(PathBuf::from)
    } else {
        Some(PathBuf::from(library))
    }
}

/// Loads a shared library that passes inspection.
fn onnxruntime(path: &Path, tried: &mut bool) -> Result<Runtime, Error> {
    let refused = |problem: String| Error::Library { library: path.to_owned(), problem };
    // Made absolute, because `ort` looks for relative paths beside the executable first.
    let library = path.canonicalize().map_err(|error| refused(error.to_string()))?;
    if let Some(problem) = inspect::problem(&library) {
        return Err(refused(problem));
    }
    if std::mem::replace(tried, true) {
        return Err(refused("this process tried another library, which failed".into()));
    }
    libraries::preload_cuda(&library);
    let builder = ort::init_from(&library).map_err(|error| refused(error.to_string()))?;
    let environment = build(builder).map_err(|error| refused(error.to_string()))?;
    environment.set_log_level(LogLevel::Warning);
    let version = inspect::version_of(&library).unwrap_or_else(|| ort::info().to_owned());
    let backend = Backend { name: "onnxruntime".into(), version, library: Some(library) };
    Ok(Runtime { backend, environment })
}

/// The embedded backend.
fn tract() -> Result<Runtime, Error> {
    let failed = |problem: String| Error::Inference { backend: "tract".into(), work: "starting".into(), problem };
    // False if an interface stands already: a library that loaded, and then failed to start.
    if !ort::set_api(ort_tract::api()) {
        return Err(failed("ONNX Runtime is loaded already and did not start".into()));
    }
    let environment = build(ort::init()).map_err(|error| failed(error.to_string()))?;
    let version = ort::info().split("version=").nth(1).unwrap_or_default().to_owned();
    Ok(Runtime { backend: Backend { name: "tract".into(), version, library: None }, environment })
}

/// An environment that tells nobody about its runs, and logs through `tracing`, not to stderr.
fn build(builder: EnvironmentBuilder) -> ort::Result<Environment> {
    let logger = |level: LogLevel, _: &str, _: &str, place: &str, message: &str| match level {
        LogLevel::Error | LogLevel::Fatal => tracing::error!(place, "{message}"),
        LogLevel::Warning => tracing::warn!(place, "{message}"),
        LogLevel::Info | LogLevel::Verbose => tracing::trace!(place, "{message}"),
    };
    builder.with_name("pinakes").with_telemetry(false).with_logger(Arc::new(logger)).build()
}
