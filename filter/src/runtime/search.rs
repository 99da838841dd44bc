//! Where ONNX Runtime's shared library lies when nobody says.

use super::inspect::{numbers, version_of};
use std::{
    cmp::Reverse,
    env::{
        consts::{DLL_PREFIX, DLL_SUFFIX},
        home_dir, var_os,
    },
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

/// The folders worth a look on this machine: of the active virtual environment, of the user, of
/// the system's Python, and our own cache. Folders that do not exist are left out.
pub fn default_search() -> Vec<PathBuf> {
    let mut roots = Vec::new();
    roots.extend(var_os("VIRTUAL_ENV").map(|root| PathBuf::from(root).join("lib")));
    roots.extend(home_dir().map(|home| home.join(".local/lib")));
    roots.extend(["/usr/local/lib", "/usr/lib"].map(PathBuf::from));
    let mut folders = Vec::new();
    for root in roots {
        for python in sorted_entries(&root, |name| name.starts_with("python3")) {
            folders.extend(["site-packages", "dist-packages"].map(|name| python.join(name)));
        }
    }
    folders.extend(home_dir().map(|home| home.join(".cache/pinakes/onnxruntime")));
    folders.retain(|folder| folder.is_dir());
    folders
}

/// The libraries in `folders`, in their order, of each the newest first: in the folder itself, or
/// where the Python package keeps it.
pub(super) fn libraries(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders {
        for place in [folder.clone(), folder.join("lib"), folder.join("onnxruntime/capi")] {
            let mut here = sorted_entries(&place, is_library);
            here.sort_by_key(|path| Reverse(version_of(path).map(|version| numbers(&version))));
            found.extend(here);
        }
    }
    found
}

/// `libonnxruntime.so`, with a version or without; not `libonnxruntime_providers_shared.so`.
fn is_library(name: &str) -> bool {
    let rest = name.strip_prefix(DLL_PREFIX).and_then(|rest| rest.strip_prefix("onnxruntime"));
    rest.is_some_and(|rest| rest.starts_with('.') && rest.contains(DLL_SUFFIX))
}

/// Entries of `folder` whose name is `wanted`, in order; none if it cannot be read.
fn sorted_entries(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.file_name().and_then(OsStr::to_str).is_some_and(&wanted));
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn libraries_are_found_where_pip_puts_them_newest_first() {
        let folder = tempfile::tempdir().unwrap();
        let capi = folder.path().join("onnxruntime/capi");
        fs::create_dir_all(&capi).unwrap();
        for name in
            ["libonnxruntime.so.1.9.0", "libonnxruntime.so.1.31.1", "libonnxruntime_providers_shared.so", "x.so"]
        {
            fs::write(capi.join(name), "").unwrap();
        }
        let found = libraries(&[folder.path().join("absent"), folder.path().to_owned()]);
        assert_eq!(found, [capi.join("libonnxruntime.so.1.31.1"), capi.join("libonnxruntime.so.1.9.0")]);
        assert_eq!(version_of(&found[0]).as_deref(), Some("1.31.1"));
        assert_eq!(version_of(Path::new("/x/libonnxruntime.so")), None);
    }
}
