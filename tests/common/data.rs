//! Public material that lies beside the project, and is not always there.

use std::path::PathBuf;

/// The folder of shared data; where it is absent, says by name what is skipped.
pub(crate) fn test_data(test: &str) -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");
    let folder = std::env::var_os("PINAKES_TEST_DATA").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    if folder.is_dir() {
        return folder.canonicalize().ok();
    }
    eprintln!("skipped: {test}: no test data at {} (set PINAKES_TEST_DATA)", folder.display());
    None
}

/// One of the demo's photographs: all of them JPEGs of more than 5,000 bytes. The same number
/// gives the same one.
pub(crate) fn photo(number: usize) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/photos");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "jpg")).collect();
    files.sort();
    let body = std::fs::read(&files[number % files.len()]).unwrap();
    assert!(body.len() > 5000);
    body
}
