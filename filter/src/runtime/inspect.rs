//! Whether a file is an ONNX Runtime that can be loaded, found out without loading it.

use std::{fs::File, io::Read, path::Path};

/// Largest library read; those published have 15 to 30 MB, the providers lie in files of their own.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// The one function a library exports for others to start with.
const ENTRY: &[u8] = b"OrtGetApiBase";

/// First bytes of shared libraries: ELF, Mach-O (one machine, several), PE.
const MAGICS: &[&[u8]] = &[b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"MZ"];

/// Why `library` cannot be used, if that can be told from its bytes and name.
pub(super) fn problem(library: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    if let Err(error) = File::open(library).and_then(|file| file.take(MAX_BYTES).read_to_end(&mut bytes)) {
        return Some(error.to_string());
    }
    if !MAGICS.iter().any(|magic| bytes.starts_with(magic)) {
        return Some("it is no shared library".into());
    }
    if !bytes.windows(ENTRY.len()).any(|window| window == ENTRY) {
        return Some("it does not export `OrtGetApiBase`".into());
    }
    let version = version_of(library)?;
    let needed = [1, ort::MINOR_VERSION];
    (numbers(&version).as_slice() < &needed[..]).then(|| format!("it is version {version}"))
}

/// The version in a library's name: `libonnxruntime.so.1.31.1`, `libonnxruntime.1.31.1.dylib`.
pub(super) fn version_of(library: &Path) -> Option<String> {
    let name = library.file_name()?.to_str()?;
    let version = name.trim_matches(|letter: char| !letter.is_ascii_digit());
    version.contains('.').then(|| version.to_owned())
}

/// The numbers of a version, to be compared.
pub(super) fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|number| number.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_judged_by_bytes_and_name() {
        let folder = tempfile::tempdir().unwrap();
        let whole = b"\x7fELF....OrtGetApiBase\0";
        for (name, bytes, verdict) in [
            ("libonnxruntime.so", &b"no library"[..], Some("it is no shared library")),
            ("libonnxruntime.so", b"\x7fELF....", Some("it does not export `OrtGetApiBase`")),
            ("libonnxruntime.so.1.9.0", whole, Some("it is version 1.9.0")),
            ("libonnxruntime.so.1.23.2", whole, Some("it is version 1.23.2")),
            ("libonnxruntime.so.1.24.0", whole, None),
            ("libonnxruntime.so.2.0.0", whole, None),
            ("libonnxruntime.so", whole, None),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(problem(&path).as_deref(), verdict, "{name}");
        }
        assert!(problem(&folder.path().join("absent")).is_some());
    }
}
