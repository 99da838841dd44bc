//! Where test data lies, and reading the little of it that has its own format.

use std::{fs, path::PathBuf};

/// A picture of `tests/odd`.
pub(crate) fn odd(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/odd").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file or folder of the shared data, which lies beside the project; says so and gives `None`
/// where it is absent.
pub(crate) fn shared(test: &str, name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PINAKES_TEST_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"), PathBuf::from);
    let path = folder.join(name);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {test}: `{}` is absent (set PINAKES_TEST_DATA)", path.display());
    None
}

/// The numbers of a `.npy` file of little-endian f32 or f64, whatever its shape (NEP 1).
pub(crate) fn npy(path: &std::path::Path) -> Vec<f32> {
    let bytes = fs::read(path).unwrap();
    assert_eq!(&bytes[..7], b"\x93NUMPY\x01", "version 1");
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[10..start]).into_owned();
    assert!(header.contains("'fortran_order': False"), "{header}");
    let numbers = &bytes[start..];
    if header.contains("'<f4'") {
        return numbers.as_chunks().0.iter().map(|number| f32::from_le_bytes(*number)).collect();
    }
    assert!(header.contains("'<f8'"), "{header}");
    #[expect(clippy::cast_possible_truncation, reason = "embeddings")]
    numbers.as_chunks().0.iter().map(|number| f64::from_le_bytes(*number) as f32).collect()
}
