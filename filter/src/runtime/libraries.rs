//! What ONNX Runtime's providers for GPUs want beside it: CUDA's own libraries, and a folder for TensorRT's engines.

use ort::{
    ep::cuda::{CUDA_DYLIBS, CUDNN_DYLIBS},
    util::preload_dylib,
};
use std::{
    env::{home_dir, var_os},
    fs,
    path::{Path, PathBuf},
};

/// Lies beside ONNX Runtime where it was built with CUDA.
const CUDA_PROVIDER: &str = "libonnxruntime_providers_cuda.so";

/// Loads CUDA's libraries out of the Python packages beside `library`, if it came as one: the loader does not look there by
/// itself. What is not there is left to it (`LD_LIBRARY_PATH`, the system's folders).
pub(super) fn preload_cuda(library: &Path) {
    if !library.with_file_name(CUDA_PROVIDER).is_file() {
        return;
    }
    for found in beside(library) {
        if let Err(error) = preload_dylib(&found) {
            tracing::debug!("`{}` was not loaded beforehand: {error}", found.display());
        }
    }
}

/// CUDA's libraries in `site-packages/nvidia/<package>/lib` for an ONNX Runtime in `site-packages/onnxruntime/capi`,
/// each behind those that it wants itself.
fn beside(library: &Path) -> Vec<PathBuf> {
    let packages = library.ancestors().nth(3).map(|packages| packages.join("nvidia"));
    let Some(entries) = packages.and_then(|packages| fs::read_dir(packages).ok()) else { return Vec::new() };
    let folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path().join("lib")).collect();
    let names = CUDA_DYLIBS.iter().chain(CUDNN_DYLIBS);
    names.filter_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())).collect()
}

/// Where TensorRT's engines are kept from one run to the next.
pub(super) fn engines() -> Option<PathBuf> {
    let cache = var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let engines = cache.or_else(|| Some(home_dir()?.join(".cache")))?.join("pinakes/tensorrt");
    fs::create_dir_all(&engines).ok().map(|()| engines)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn the_libraries_of_python_packages_are_found_in_the_order_they_want_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let capi = folder.path().join("onnxruntime/capi");
        let (cuda, cudnn) = (folder.path().join("nvidia/cu13/lib"), folder.path().join("nvidia/cudnn/lib"));
        for folder in [&capi, &cuda, &cudnn] {
            fs::create_dir_all(folder).unwrap();
        }
        let wanted = [
            cuda.join("libcudart.so.13"),
            cuda.join("libcublasLt.so.13"),
            cuda.join("libcublas.so.13"),
            cudnn.join("libcudnn.so.9"),
        ];
        for path in wanted.iter().rev().chain([&cuda.join("libother.so.1")]) {
            fs::write(path, "").unwrap();
        }
        assert_eq!(beside(&capi.join("libonnxruntime.so.1.32.0")), wanted);
        assert_eq!(beside(Path::new("/libonnxruntime.so")), [""; 0].map(PathBuf::from));
        // Files that are no libraries are told of, and nothing else happens.
        fs::write(capi.join(CUDA_PROVIDER), "").unwrap();
        preload_cuda(&capi.join("libonnxruntime.so.1.32.0"));
    }
}
