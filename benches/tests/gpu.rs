//! The scripts of the GPU bench still hold together: their own tests, under the Python there is. What they need PyTorch
//! for skips by name where it has none.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::process::Command;

/// Set to a Python with the packages, for example one of a virtual environment.
const PYTHON: &str = "PINAKES_TEST_PYTHON";

#[test]
fn the_scripts_of_the_gpu_bench_pass_their_own_tests() {
    let python = std::env::var(PYTHON).unwrap_or_else(|_| "python3".into());
    // `bench.py` and the rest are written for what machines with a GPU have.
    let recent = "import sys; raise SystemExit(sys.version_info < (3, 10))";
    if !Command::new(&python).args(["-c", recent]).status().is_ok_and(|status| status.success()) {
        eprintln!("skipped: `{python}` is no Python 3.10 or later (name another in {PYTHON})");
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/gpu/tests.py");
    let output = Command::new(&python).args(["-B", "-W", "ignore", script]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // A file whose tests were not found would pass, too.
    assert!(said.contains("test_they_are_what_open_clip_publishes") && said.contains("\nOK"), "{said}");
    said.lines().filter(|line| line.contains("skipped")).for_each(|line| eprintln!("{line}"));
}
