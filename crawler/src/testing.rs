//! For tests alone: where other people's material lies.

use std::path::PathBuf;

/// The folder of test data, or a word on why a test was skipped.
pub(crate) fn data(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("PINAKES_TEST_DATA")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data")), PathBuf::from);
    let found = folder.is_dir().then_some(folder);
    if found.is_none() {
        eprintln!("skipped: {test}: no test data beside the project (see README)");
    }
    found
}
